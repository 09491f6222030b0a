//! Axis-parallel boxes.

use std::fmt;

/// The smallest axis-parallel box around some points, in um.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Lower corner.
    pub lower_um: [f64; 3],
    /// Upper corner.
    pub upper_um: [f64; 3],
}

impl Bounds {
    /// The box around `points`; `None` where there are none.
    pub fn of(points: impl IntoIterator<Item = [f64; 3]>) -> Option<Self> {
        let mut points = points.into_iter();
        let first = points.next()?;
        Some(points.fold(Self { lower_um: first, upper_um: first }, |bounds, point| Self {
            lower_um: std::array::from_fn(|axis| bounds.lower_um[axis].min(point[axis])),
            upper_um: std::array::from_fn(|axis| bounds.upper_um[axis].max(point[axis])),
        }))
    }

    /// Lengths of the edges.
    pub fn extent_um(&self) -> [f64; 3] {
        std::array::from_fn(|axis| self.upper_um[axis] - self.lower_um[axis])
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.lower_um;
        let [d, e, g] = self.upper_um;
        write!(f, "[{a:.3}, {b:.3}, {c:.3}] to [{d:.3}, {e:.3}, {g:.3}] um")
    }
}
