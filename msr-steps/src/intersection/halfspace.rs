//! A tetrahedron as the intersection of four half-spaces.

use crate::mesh::{cross, difference, dot, length};

/// Inward unit normals and one point of each face.
#[derive(Debug, Clone)]
pub(super) struct HalfSpaces {
    normals: [[f64; 3]; 4],
    points_um: [[f64; 3]; 4],
}

impl HalfSpaces {
    pub(super) fn of(corners_um: &[[f64; 3]; 4]) -> Self {
        let mut normals = [[0.0; 3]; 4];
        let mut points_um = [[0.0; 3]; 4];
        for face in 0..4 {
            let [a, b, c] = [1, 2, 3].map(|offset| corners_um[(face + offset) % 4]);
            let normal = cross(difference(b, a), difference(c, a));
            let inward = dot(normal, difference(corners_um[face], a)).signum();
            normals[face] = normal.map(|x| inward * x / length(normal));
            points_um[face] = a;
        }
        Self { normals, points_um }
    }

    /// The part `[from, to]` of the segment (0 at its first point, 1 at its second) that lies inside, or `None`. Points up
    /// to `tolerance_um` outside a face count as in it where the segment runs along the face.
    pub(super) fn clip(&self, segment: [[f64; 3]; 2], tolerance_um: f64) -> Option<[f64; 2]> {
        let [mut from, mut to] = [0.0f64, 1.0f64];
        for (normal, point) in self.normals.iter().zip(&self.points_um) {
            // Distances from the face, positive inside.
            let [start, end] = segment.map(|x| dot(*normal, difference(x, *point)));
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
