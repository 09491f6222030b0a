//! A tetrahedron as the intersection of four half-spaces.

use crate::mesh::{cross, difference, dot, length};

/// Inward unit normals n of each face, and its n . x. Axis by axis, so that all faces are treated at once.
#[derive(Debug, Clone)]
pub(super) struct HalfSpaces {
    normals: [[f64; 4]; 3],
    offsets_um: [f64; 4],
}

impl HalfSpaces {
    pub(super) fn of(corners_um: &[[f64; 3]; 4]) -> Self {
        let mut normals = [[0.0; 4]; 3];
        let mut offsets_um = [0.0; 4];
        for face in 0..4 {
            let [a, b, c] = [1, 2, 3].map(|offset| corners_um[(face + offset) % 4]);
            let normal = cross(difference(b, a), difference(c, a));
            let inward = dot(normal, difference(corners_um[face], a)).signum();
            let unit = normal.map(|x| inward * x / length(normal));
            (0..3).for_each(|axis| normals[axis][face] = unit[axis]);
            offsets_um[face] = dot(unit, a);
        }
        Self { normals, offsets_um }
    }

    /// Distance of a point from each face, positive inside.
    #[inline]
    fn distances_um(&self, point: [f64; 3]) -> [f64; 4] {
        let [x, y, z] = &self.normals;
        std::array::from_fn(|face| x[face] * point[0] + y[face] * point[1] + z[face] * point[2] - self.offsets_um[face])
    }

    /// Whether no face parts the tetrahedron from the box, given by its centre and half extents.
    pub(super) fn may_touch(&self, [centre, half]: &[[f64; 3]; 2]) -> bool {
        let distances_um = self.distances_um(*centre);
        (0..4).all(|face| {
            let reach: f64 = (0..3).map(|axis| self.normals[axis][face].abs() * half[axis]).sum();
            distances_um[face] >= -reach
        })
    }

    /// The part `[from, to]` of the segment (0 at its first point, 1 at its second) that lies inside, or `None`. Points up
    /// to `tolerance_um` outside a face count as in it where the segment runs along the face.
    #[inline]
    pub(super) fn clip(&self, segment: [[f64; 3]; 2], tolerance_um: f64) -> Option<[f64; 2]> {
        let [starts, ends] = segment.map(|point| self.distances_um(point));
        // Most candidates end here, without a branch for each face.
        let mut outside = false;
        for face in 0..4 {
            let [start, end] = [starts[face], ends[face]];
            outside |=
                (start <= tolerance_um) & (end <= tolerance_um) & ((start < -tolerance_um) | (end < -tolerance_um));
        }
        if outside {
            return None;
        }
        let [mut from, mut to] = [0.0f64, 1.0f64];
        for (&start, &end) in starts.iter().zip(&ends) {
            if start >= -tolerance_um && end >= -tolerance_um {
                continue;
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
