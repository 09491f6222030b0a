//! Rate constants with their units.

use serde::{Deserialize, Serialize};

/// A rate constant of a volume reaction, whose unit says which order the reaction must have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RateConstant {
    /// In M^(1-n)/s for order n.
    pub(super) value: f64,
    /// The order that the unit is for; `None` for a plain number.
    pub(super) order: Option<u32>,
}

/// Molar in a micromolar.
const MOLAR_PER_MICROMOLAR: f64 = 1e-6;

impl RateConstant {
    /// Of order 0, in M/s.
    pub fn molar_per_s(value: f64) -> Self {
        Self { value, order: Some(0) }
    }

    /// Of order 1, in 1/s.
    pub fn per_s(value: f64) -> Self {
        Self { value, order: Some(1) }
    }

    /// Of order 2, in 1/(M s).
    pub fn per_molar_s(value: f64) -> Self {
        Self { value, order: Some(2) }
    }

    /// Of order 2, in 1/(uM s).
    pub fn per_micromolar_s(value: f64) -> Self {
        Self::per_molar_s(value / MOLAR_PER_MICROMOLAR)
    }

    /// Of order 3, in 1/(M2 s).
    pub fn per_molar2_s(value: f64) -> Self {
        Self { value, order: Some(3) }
    }

    /// Of any order n, in M^(1-n)/s.
    pub fn of_order(order: u32, value: f64) -> Self {
        Self { value, order: Some(order) }
    }
}

/// A plain number is in M^(1-n)/s, whatever the order n is.
impl From<f64> for RateConstant {
    fn from(value: f64) -> Self {
        Self { value, order: None }
    }
}
