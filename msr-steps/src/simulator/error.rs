//! Why a simulator could not be built.

use msr_coupling::query::nearest;

use super::UnknownWord;
use crate::model::{EquationError, ModelError};

/// A mistake in model or settings.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StepsError {
    /// The model makes no sense.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A reaction makes no sense.
    #[error("steps.Volsys.reactions.{reaction}: {source}")]
    Reaction {
        /// Its name in the file.
        reaction: String,
        /// What is wrong.
        source: ModelError,
    },
    /// The mesh has no such compartment.
    #[error(
        "steps.compname: the mesh has no physical volume '{found}'{}; available: {}",
        nearest(found, available),
        available.join(", ")
    )]
    UnknownCompartment {
        /// What was asked.
        found: String,
        /// What the mesh has.
        available: Vec<String>,
    },
    /// A tetrahedron in two of the model's compartments.
    #[error("tetrahedron {tet} is in both '{}' and '{}'; compartments of a model must not overlap", compartments[0], compartments[1])]
    Overlap {
        /// The tetrahedron.
        tet: usize,
        /// Names of the two compartments.
        compartments: [String; 2],
    },
    /// A compartment without tetrahedra.
    #[error("steps.compname: the physical volume '{compartment}' has no tetrahedra; mesh it, or name another")]
    EmptyCompartment {
        /// Its name.
        compartment: String,
    },
    /// A text that is no equation.
    #[error("steps.Volsys.reactions.{reaction}: {source}")]
    Equation {
        /// Name of the reaction.
        reaction: String,
        /// What is wrong.
        source: EquationError,
    },
    /// A word that a setting cannot be.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// The consistent flux with molecules.
    #[error(
        "steps.flux \"consistent\" is no probability of a jump; set steps.solver to \"deterministic\", or steps.flux to \"two_point\""
    )]
    StochasticFlux,
    /// A diffusion boundary that conducts better than what it bounds, with the consistent flux.
    #[error(
        "the diffusion boundary of '{species}' between '{}' and '{}' has {found_m2_s:e} m2/s; with steps.flux \"consistent\", a \
         resistance between the two, it can have at most {most_m2_s:e}, the harmonic mean of its sides. Lower it, or set \
         steps.flux to \"two_point\"",
        compartments[0], compartments[1]
    )]
    Membrane {
        /// The species.
        species: String,
        /// Names of the compartments on its two sides.
        compartments: [String; 2],
        /// Its diffusion coefficient.
        found_m2_s: f64,
        /// The largest that it can have.
        most_m2_s: f64,
    },
    /// No number of molecules.
    #[error("deterministic_from must be at least 1, found {molecules}")]
    DeterministicFrom {
        /// The value found.
        molecules: f64,
    },
    /// `conc_factor` is no factor.
    #[error("steps.conc_factor must be positive and finite, found {conc_factor}")]
    ConcFactor {
        /// The value found.
        conc_factor: f64,
    },
    /// The tolerance is none.
    #[error("the tolerance must lie between 1e-15 and 0.1, found {tolerance}")]
    Tolerance {
        /// The value found.
        tolerance: f64,
    },
    /// A step without length.
    #[error("steps.ndts must be at least 1 and run.dt positive, found {ndts} and {base_dt_ms} ms")]
    Step {
        /// Steps found.
        ndts: u64,
        /// Base step found.
        base_dt_ms: f64,
    },
    /// More molecules than can be counted.
    #[error(
        "species '{species}': {molecules:e} molecules in tetrahedron {tet} are more than can be counted; take a finer mesh or \
         set steps.solver to \"deterministic\""
    )]
    TooManyMolecules {
        /// The species.
        species: String,
        /// The tetrahedron.
        tet: usize,
        /// How many there would be.
        molecules: f64,
    },
    /// A charge that does not fit.
    #[error("species '{species}': ncharges {charges} is no charge of an ion")]
    Charge {
        /// The species.
        species: String,
        /// The value found.
        charges: i64,
    },
}
