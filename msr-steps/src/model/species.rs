//! Species of molecules.

use serde::{Deserialize, Serialize};

/// A species of molecules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Species {
    /// Its name (`KK`).
    pub name: String,
    /// Concentration at the start, in mM, the same everywhere in the compartment.
    pub initial_concentration_mm: f64,
    /// Diffusion coefficient, in m2/s; 0 for a species that stays in place.
    pub diffusion_coefficient_m2_s: f64,
    /// Charge of one molecule in elementary charges, with sign; 0 for a neutral one, which carries no current.
    pub charge_number: i32,
    /// Whether its amounts are held: only setters change them. It reacts, and over a diffusion boundary it is a source
    /// or a sink.
    pub clamped: bool,
}

impl Species {
    /// A neutral species that stays in place, of which there is nothing yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            initial_concentration_mm: 0.0,
            diffusion_coefficient_m2_s: 0.0,
            charge_number: 0,
            clamped: false,
        }
    }

    /// With this concentration at the start, in mM.
    #[must_use]
    pub fn with_concentration_mm(self, initial_concentration_mm: f64) -> Self {
        Self { initial_concentration_mm, ..self }
    }

    /// With this diffusion coefficient, in m2/s.
    #[must_use]
    pub fn with_diffusion_m2_s(self, diffusion_coefficient_m2_s: f64) -> Self {
        Self { diffusion_coefficient_m2_s, ..self }
    }

    /// With this charge, in elementary charges.
    #[must_use]
    pub fn with_charge_number(self, charge_number: i32) -> Self {
        Self { charge_number, ..self }
    }

    /// Held at the amounts that setters give it.
    #[must_use]
    pub fn clamped(self) -> Self {
        Self { clamped: true, ..self }
    }
}
