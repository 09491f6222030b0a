//! A tetrahedron as the intersection of four half-spaces.

use crate::mesh::{cross, difference, dot, length};

/// Inward unit normals n of each face, and its n . x.
#[derive(Debug, Clone)]
pub(super) struct HalfSpaces {
    normals: [[f64; 3]; 4],
    offsets_um: [f64; 4],
}

impl HalfSpaces {
    pub(super) fn of(corners_um: &[[f64; 3]; 4]) -> Self {
        let mut normals = [[0.0; 3]; 4];
        let mut offsets_um = [0.0; 4];
        for face in 0..4 {
            let [a, b, c] = [1, 2, 3].map(|offset| corners_um[(face + offset) % 4]);
            let normal = cross(difference(b, a), difference(c, a));
            let inward = dot(normal, difference(corners_um[face], a)).signum();
            normals[face] = normal.map(|x| inward * x / length(normal));
            offsets_um[face] = dot(normals[face], a);
        }
        Self { normals, offsets_um }
    }

    /// Whether no face parts the tetrahedron from the box, given by its centre and half extents.
    pub(super) fn may_touch(&self, [centre, half]: &[[f64; 3]; 2]) -> bool {
        self.normals.iter().zip(&self.offsets_um).all(|(normal, offset)| {
            let reach: f64 = (0..3).map(|axis| normal[axis].abs() * half[axis]).sum();
            dot(*normal, *centre) - offset >= -reach
        })
    }

    /// The part `[from, to]` of the segment (0 at its first point, 1 at its second) that lies inside, or `None`. Points up
    /// to `tolerance_um` outside a face count as in it where the segment runs along the face.
    pub(super) fn clip(&self, segment: [[f64; 3]; 2], tolerance_um: f64) -> Option<[f64; 2]> {
        let [mut from, mut to] = [0.0f64, 1.0f64];
        for (normal, offset) in self.normals.iter().zip(&self.offsets_um) {
            // Distances from the face, positive inside.
            let [start, end] = segment.map(|x| dot(*normal, x) - offset);
            if start >= -tolerance_um && end >= -tolerance_um {
                continue;
            }
            if start <= tolerance_um && end <= tolerance_um {
                return None;
            }
            let crossing = start / (start - end);
            if start < end {
                from = from.max(crossing);
            } else {
                to = to.min(crossing);
            }
            if from > to {
                return None;
            }
        }
        Some([from, to])
    }
}
