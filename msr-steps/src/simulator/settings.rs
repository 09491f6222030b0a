//! How to solve.

use std::str::FromStr;

use msr_coupling::query::nearest;
use serde::{Deserialize, Serialize};

use super::StepsError;
use crate::constants::Constants;
use crate::model::{Model, Species};

/// Which solver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Mean concentrations: [`ChebyshevPropagator`](crate::diffusion::ChebyshevPropagator). The default: at real counts (10^8
    /// ions in a tetrahedron) the fluctuations are invisible.
    #[default]
    Deterministic,
    /// Single molecules: [`OperatorSplitting`](crate::diffusion::OperatorSplitting).
    Stochastic,
}

/// Text that names no solver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("steps.solver: unknown solver '{found}'{}; available: {}", nearest(found, SOLVERS), SOLVERS.join(", "))]
pub struct UnknownSolver {
    /// The text.
    pub found: String,
}

const SOLVERS: &[&str] = &["deterministic", "stochastic"];

impl FromStr for Solver {
    type Err = UnknownSolver;

    fn from_str(text: &str) -> Result<Self, UnknownSolver> {
        match text {
            "deterministic" => Ok(Self::Deterministic),
            "stochastic" => Ok(Self::Stochastic),
            _ => Err(UnknownSolver { found: text.to_owned() }),
        }
    }
}

/// Settings of a [`StepsSimulator`](super::StepsSimulator).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Which solver.
    pub solver: Solver,
    /// Factor between true concentrations and those of the queries.
    pub conc_factor: f64,
    /// Physical constants.
    pub constants: Constants,
    /// Error of one step of the deterministic solver, relative to the deviation from the mean.
    pub tolerance: f64,
}

/// Default of [`Settings::tolerance`]: a thousand steps stay within 1e-7.
const TOLERANCE: f64 = 1e-10;

impl Default for Settings {
    fn default() -> Self {
        Self { solver: Solver::default(), conc_factor: 1.0, constants: Constants::default(), tolerance: TOLERANCE }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), StepsError> {
        if !(self.conc_factor.is_finite() && self.conc_factor > 0.0) {
            return Err(StepsError::ConcFactor { conc_factor: self.conc_factor });
        }
        if !(1e-15..=0.1).contains(&self.tolerance) {
            return Err(StepsError::Tolerance { tolerance: self.tolerance });
        }
        Ok(())
    }
}

impl Model {
    /// The model of a `steps` section: its species in its compartment, without reactions.
    ///
    /// # Errors
    /// [`StepsError::Model`] and [`StepsError::Charge`].
    pub fn from_config(section: &msr_config::multiscale::Steps) -> Result<Self, StepsError> {
        let species = section
            .volume_system
            .species
            .iter()
            .map(|species| {
                let charge = |_| StepsError::Charge { species: species.name.clone(), charges: species.charges };
                Ok(Species {
                    name: species.name.clone(),
                    initial_concentration_mm: species.concentration_mm,
                    diffusion_coefficient_m2_s: species.diffusion_m2_per_s,
                    charge_number: i32::try_from(species.charges).map_err(charge)?,
                })
            })
            .collect::<Result<Vec<_>, StepsError>>()?;
        Ok(Self::new(section.compartment.clone(), species, Vec::new())?)
    }
}
