//! Why a solver could not reach the end of its time.

/// Events expected in one call from which they are not drawn one by one: years of computing.
pub(super) const MOST_EVENTS: f64 = 1e15;

/// Molecules that can be counted: integers up to here (2^53) are exact as floating-point numbers.
pub const MOST_MOLECULES: u64 = 1 << 53;

/// A species in a tetrahedron of which a solver could not follow the amount. Both are counted in the solver's order; 0 where
/// it has one alone.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("species {species} in tetrahedron {tet}: {cause}")]
pub struct Failure {
    /// The species.
    pub species: usize,
    /// The tetrahedron.
    pub tet: usize,
    /// What went wrong.
    pub cause: Cause,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Cause {
    /// The rate equations have no solution that far, or none that can be represented.
    #[error(
        "its rate equations cannot be followed beyond {after_s:e} s of a step of reactions; does a reaction make more of it the \
         more there is, as 2 A -> 3 A does? Add what consumes it, or correct the rate"
    )]
    Runaway {
        /// Time reached, in s.
        after_s: f64,
    },
    /// More events than could ever be drawn.
    #[error(
        "it takes part in {events:e} reactions or jumps within {dt_s:e} s, too many to draw one by one; correct the rates, or set \
         steps.solver to \"tau_leaping\" or \"deterministic\""
    )]
    Events {
        /// Events expected.
        events: f64,
        /// In this time, in s.
        dt_s: f64,
    },
    /// A number of molecules beyond 2^53.
    #[error(
        "its molecules become more than can be counted; correct the rates, or set steps.solver to \"deterministic\""
    )]
    Uncountable,
    /// The steps of the splitting of reactions and diffusion became too short.
    #[error(
        "reactions and diffusion disagree even in a step of {step_s:e} s; does an amount grow without bound? Correct the rates, or \
         take a finer mesh"
    )]
    Splitting {
        /// The last step, in s.
        step_s: f64,
    },
    /// The steps of the consistent flux became too short.
    #[error(
        "the consistent flux is not solved to the tolerance even in a step of {step_um2:e} um2; set steps.flux to \"two_point\", or \
         remove slivers from the mesh"
    )]
    Flux {
        /// The last step times the diffusion coefficient, in um2.
        step_um2: f64,
    },
    /// An amount that is no number, or beyond all bounds.
    #[error("its amount became {molecules:e} molecules; correct the rates or what is added to it")]
    Amount {
        /// The amount.
        molecules: f64,
    },
}

/// The largest of values that are not negative, and where it stands; a value that is not a number is larger than all others.
pub(crate) fn largest(values: impl Iterator<Item = f64>) -> (usize, f64) {
    let mut found = (0, 0.0);
    for (place, value) in values.enumerate() {
        if value.is_nan() {
            return (place, value);
        }
        if value > found.1 {
            found = (place, value);
        }
    }
    found
}
