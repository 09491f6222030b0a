//! How to solve.

use std::str::FromStr;

use msr_coupling::query::nearest;
use serde::{Deserialize, Serialize};

use super::StepsError;
use crate::constants::Constants;
use crate::model::{Model, Reaction, Species};

/// Which solver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solver {
    /// Mean amounts: [`ChebyshevPropagator`](crate::diffusion::ChebyshevPropagator) and
    /// [`RateEquations`](crate::diffusion::RateEquations). The default: at real counts (10^8 ions in a tetrahedron) the
    /// fluctuations are invisible.
    #[default]
    Deterministic,
    /// Single molecules: [`OperatorSplitting`](crate::diffusion::OperatorSplitting).
    OperatorSplitting,
    /// Single molecules, leaping over many events: [`TauLeaping`](crate::diffusion::TauLeaping).
    TauLeaping,
    /// Single molecules, event by event: [`SpatialSsa`](crate::diffusion::SpatialSsa).
    ExactSsa,
}

const SOLVERS: [(&str, Solver); 5] = [
    ("deterministic", Solver::Deterministic),
    ("operator_splitting", Solver::OperatorSplitting),
    ("tau_leaping", Solver::TauLeaping),
    ("exact_ssa", Solver::ExactSsa),
    ("stochastic", Solver::OperatorSplitting),
];

/// How much flows over a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flux {
    /// The difference of the two tetrahedra over the distance of their barycentres, as STEPS has it.
    #[default]
    TwoPoint,
    /// One that is right on irregular meshes, too: [`MixedFlux`](crate::diffusion::MixedFlux). For the deterministic solver.
    Consistent,
}

const FLUXES: [(&str, Flux); 2] = [("two_point", Flux::TwoPoint), ("consistent", Flux::Consistent)];

/// What becomes of molecules that a current takes out of a tetrahedron that does not have them. No amount is ever negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortage {
    /// The tetrahedron is emptied; what was missing is reported by [`StepsSimulator::shortfalls`](super::StepsSimulator::shortfalls).
    #[default]
    Report,
    /// The tetrahedron is emptied, and owes what was missing: it is taken from what later currents bring.
    Carry,
    /// The setter fails, and nothing changes.
    Abort,
}

const SHORTAGES: [(&str, Shortage); 3] =
    [("report", Shortage::Report), ("carry", Shortage::Carry), ("abort", Shortage::Abort)];

/// Text that is none of the words that a setting can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("steps.{setting}: unknown {setting} '{found}'{}; available: {}", nearest(found, available), available.join(", "))]
pub struct UnknownWord {
    /// Name of the setting.
    pub setting: &'static str,
    /// The text.
    pub found: String,
    /// What it can be.
    pub available: Vec<&'static str>,
}

fn word<T: Copy>(setting: &'static str, words: &[(&'static str, T)], text: &str) -> Result<T, UnknownWord> {
    words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value).ok_or_else(|| UnknownWord {
        setting,
        found: text.to_owned(),
        available: words.iter().map(|(word, _)| *word).collect(),
    })
}

impl FromStr for Solver {
    type Err = UnknownWord;

    /// The solver of this name; `stochastic` is operator splitting, the method of STEPS.
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        word("solver", &SOLVERS, text)
    }
}

impl FromStr for Flux {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        word("flux", &FLUXES, text)
    }
}

impl FromStr for Shortage {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        word("shortage", &SHORTAGES, text)
    }
}

/// Settings of a [`StepsSimulator`](super::StepsSimulator).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Which solver.
    pub solver: Solver,
    /// How much flows over a face.
    pub flux: Flux,
    /// What becomes of molecules that are not there.
    pub shortage: Shortage,
    /// Factor between true concentrations and those of the queries.
    pub conc_factor: f64,
    /// Whether the amounts inside are scaled by `conc_factor`, too, as in the original: with 1e-9, one molecule in a billion is
    /// simulated. For comparison with its results: what comes out is mostly shot noise.
    pub scaled_counts: bool,
    /// Physical constants.
    pub constants: Constants,
    /// Error of diffusion in one step of the deterministic solver, relative to the deviation from the mean.
    pub tolerance: f64,
    /// Error of one step of the splitting of diffusion and reactions in the deterministic solver, relative to the largest
    /// concentration of each species.
    pub reaction_tolerance: f64,
    /// Molecules of each reactant in a tetrahedron from which tau-leaping takes reactions as deterministic.
    pub deterministic_from: f64,
}

/// Default of [`Settings::tolerance`]: a thousand steps stay within 1e-7.
const TOLERANCE: f64 = 1e-10;

/// Default of [`Settings::reaction_tolerance`].
const REACTION_TOLERANCE: f64 = 1e-5;

/// Default of [`Settings::deterministic_from`]: fluctuations of 3e-4.
const DETERMINISTIC_FROM: f64 = 1e7;

impl Default for Settings {
    fn default() -> Self {
        Self {
            solver: Solver::default(),
            flux: Flux::default(),
            shortage: Shortage::default(),
            conc_factor: 1.0,
            scaled_counts: false,
            constants: Constants::default(),
            tolerance: TOLERANCE,
            reaction_tolerance: REACTION_TOLERANCE,
            deterministic_from: DETERMINISTIC_FROM,
        }
    }
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), StepsError> {
        if !(self.conc_factor.is_finite() && self.conc_factor > 0.0) {
            return Err(StepsError::ConcFactor { conc_factor: self.conc_factor });
        }
        for tolerance in [self.tolerance, self.reaction_tolerance] {
            if !(1e-15..=0.1).contains(&tolerance) {
                return Err(StepsError::Tolerance { tolerance });
            }
        }
        if self.flux == Flux::Consistent && self.solver != Solver::Deterministic {
            return Err(StepsError::StochasticFlux);
        }
        if self.deterministic_from.is_nan() || self.deterministic_from < 1.0 {
            return Err(StepsError::DeterministicFrom { molecules: self.deterministic_from });
        }
        Ok(())
    }
}

impl Model {
    /// The model of a `steps` section: its species and reactions in its compartment.
    ///
    /// # Errors
    /// [`StepsError::Model`], [`StepsError::Charge`] and [`StepsError::Equation`].
    pub fn from_config(section: &msr_config::multiscale::Steps) -> Result<Self, StepsError> {
        let mut builder = Self::builder(section.compartment.clone());
        let volume_system = &section.volume_system;
        let mut known = Vec::new();
        for species in &volume_system.species {
            let charge = |_| StepsError::Charge { species: species.name.clone(), charges: species.charges };
            let read = Species {
                clamped: species.clamped,
                ..Species::new(species.name.clone())
                    .with_concentration_mm(species.concentration_mm)
                    .with_diffusion_m2_s(species.diffusion_m2_per_s)
                    .with_charge_number(i32::try_from(species.charges).map_err(charge)?)
            };
            known.push(read.clone());
            builder = builder.species(read);
        }
        for compartment in &volume_system.compartments {
            builder = builder.compartment(compartment.name.clone());
            for within in &compartment.species {
                // One that is not known is told by the builder.
                let usual = known.iter().find(|species| species.name == within.name);
                let usual = usual.cloned().unwrap_or_else(|| Species::new(within.name.clone()));
                let here = Species {
                    initial_concentration_mm: within.concentration_mm.unwrap_or(usual.initial_concentration_mm),
                    diffusion_coefficient_m2_s: within.diffusion_m2_per_s.unwrap_or(usual.diffusion_coefficient_m2_s),
                    clamped: within.clamped.unwrap_or(usual.clamped),
                    ..usual
                };
                builder = builder.species_within(compartment.name.clone(), here);
            }
        }
        for boundary in &volume_system.boundaries {
            let between = boundary.between.each_ref().map(String::as_str);
            builder = builder.diffusion_boundary(between, boundary.species.clone(), boundary.diffusion_m2_per_s);
        }
        // A reversible one is two.
        let mut names = Vec::new();
        for reaction in &volume_system.reactions {
            names.extend(vec![&reaction.name; 1 + usize::from(reaction.reverse_rate.is_some())]);
            let wrong = |source| StepsError::Equation { reaction: reaction.name.clone(), source };
            builder = match reaction.reverse_rate {
                Some(reverse) => {
                    builder.reactions(Reaction::reversible(&reaction.equation, reaction.rate, reverse).map_err(wrong)?)
                }
                None => builder.reaction(Reaction::irreversible(&reaction.equation, reaction.rate).map_err(wrong)?),
            };
        }
        builder.build().map_err(|source| match source.reaction().and_then(|position| names.get(position)) {
            Some(reaction) => StepsError::Reaction { reaction: (*reaction).clone(), source },
            None => source.into(),
        })
    }
}

impl Settings {
    /// The settings of a `steps` section, with this solver.
    ///
    /// # Errors
    /// [`UnknownWord`] for a word that a setting cannot be.
    pub fn from_config(section: &msr_config::multiscale::Steps, solver: Solver) -> Result<Self, UnknownWord> {
        Ok(Self {
            solver,
            flux: section.flux.as_deref().map_or(Ok(Flux::default()), str::parse)?,
            shortage: section.shortage.as_deref().map_or(Ok(Shortage::default()), str::parse)?,
            conc_factor: section.conc_factor,
            scaled_counts: section.scaled_counts,
            tolerance: section.tolerance.unwrap_or(TOLERANCE),
            reaction_tolerance: section.reaction_tolerance.unwrap_or(REACTION_TOLERANCE),
            deterministic_from: section.deterministic_from.unwrap_or(DETERMINISTIC_FROM),
            ..Self::default()
        })
    }
}
