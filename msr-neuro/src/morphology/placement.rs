//! Where a cell stands in the circuit.

/// Rotation and translation from the coordinates of the morphology file to those of the circuit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placement {
    rotation: [[f64; 3]; 3],
    position_um: [f64; 3],
}

impl Default for Placement {
    fn default() -> Self {
        Self { rotation: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], position_um: [0.0; 3] }
    }
}

impl Placement {
    /// No rotation.
    pub fn at(position_um: [f64; 3]) -> Self {
        Self { position_um, ..Self::default() }
    }

    /// From SONATA's `orientation_w,x,y,z`; the quaternion is normalised, `None` where its norm is 0 or not finite.
    pub fn from_quaternion(position_um: [f64; 3], [w, x, y, z]: [f64; 4]) -> Option<Self> {
        let norm = (w * w + x * x + y * y + z * z).sqrt();
        if !norm.is_finite() || norm == 0.0 {
            return None;
        }
        let (w, x, y, z) = (w / norm, x / norm, y / norm, z / norm);
        let rotation = [
            [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
            [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
            [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
        ];
        Some(Self { rotation, position_um })
    }

    /// From SONATA's `rotation_angle_xaxis`, `_yaxis`, `_zaxis` (rad): extrinsic rotations about x, then y, then z.
    pub fn from_angles(position_um: [f64; 3], [x, y, z]: [f64; 3]) -> Self {
        let ((sx, cx), (sy, cy), (sz, cz)) = (x.sin_cos(), y.sin_cos(), z.sin_cos());
        let rotation = [
            [cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz],
            [cy * sz, sx * sy * sz + cx * cz, cx * sy * sz - sx * cz],
            [-sy, sx * cy, cx * cy],
        ];
        Self { rotation, position_um }
    }

    /// A point of the morphology in the circuit, both in um.
    pub fn global(&self, local: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|row| {
            self.position_um[row] + (0..3).map(|column| self.rotation[row][column] * local[column]).sum::<f64>()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    fn close(a: [f64; 3], b: [f64; 3]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn a_quarter_turn_about_z_takes_x_to_y() {
        let half = FRAC_PI_2 / 2.0;
        // Twice the unit quaternion: SONATA files need not be normalised.
        let turned =
            Placement::from_quaternion([1.0, 2.0, 3.0], [2.0 * half.cos(), 0.0, 0.0, 2.0 * half.sin()]).unwrap();
        assert!(close(turned.global([1.0, 0.0, 0.0]), [1.0, 3.0, 3.0]));
        let angles = Placement::from_angles([1.0, 2.0, 3.0], [0.0, 0.0, FRAC_PI_2]);
        assert!(close(angles.global([1.0, 0.0, 0.0]), [1.0, 3.0, 3.0]));
    }

    #[test]
    fn extrinsic_order_is_x_then_y() {
        // x turns z to -y and y to z; then y turns z to x.
        let placed = Placement::from_angles([0.0; 3], [FRAC_PI_2, FRAC_PI_2, 0.0]);
        assert!(close(placed.global([0.0, 1.0, 0.0]), [1.0, 0.0, 0.0]));
    }

    #[test]
    fn the_zero_quaternion_is_refused() {
        assert_eq!(Placement::from_quaternion([0.0; 3], [0.0; 4]), None);
    }
}
