//! Physical constants, in one place.

use serde::{Deserialize, Serialize};

/// The constants that turn concentrations and currents into numbers of molecules.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Constants {
    /// Avogadro constant, in 1/mol.
    pub avogadro_per_mol: f64,
    /// Elementary charge, in C.
    pub elementary_charge_c: f64,
}

impl Constants {
    /// Exact values of the revised SI (CODATA 2018).
    pub const SI_2019: Self = Self { avogadro_per_mol: 6.022_140_76e23, elementary_charge_c: 1.602_176_634e-19 };

    /// CODATA 2006, as STEPS has them; 1.7e-7 away. For comparison with its results.
    pub const CODATA_2006: Self = Self { avogadro_per_mol: 6.022_141_79e23, elementary_charge_c: 1.602_176_487e-19 };

    /// Molecules in one um3 at 1 mol/L.
    pub fn molecules_per_um3_at_1_molar(&self) -> f64 {
        LITRES_PER_UM3 * self.avogadro_per_mol
    }
}

impl Default for Constants {
    fn default() -> Self {
        Self::SI_2019
    }
}

/// Litres in a cubic micrometre.
const LITRES_PER_UM3: f64 = 1e-15;

/// Molar in a millimolar.
pub(crate) const MOLAR_PER_MILLIMOLAR: f64 = 1e-3;

/// um2/s in a m2/s.
pub(crate) const UM2_PER_M2: f64 = 1e12;

/// Amperes in a milliampere.
pub(crate) const AMPERES_PER_MILLIAMPERE: f64 = 1e-3;

/// Seconds in a millisecond.
pub(crate) const SECONDS_PER_MILLISECOND: f64 = 1e-3;
