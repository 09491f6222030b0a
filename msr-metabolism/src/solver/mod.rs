//! Stiff integration of several cells at once: Rosenbrock methods over a sparse factorisation of fixed pattern.

#[cfg(feature = "diffsol")]
mod diffsol_bdf;
mod factorisation;
mod integrator;
mod method;
mod options;
mod progress;

pub use factorisation::{FactorisationPlan, elimination_order};
pub use integrator::{Cell, CellFailure, Integrator, RESTART_STEP_S, StepFailure, Work};
pub use method::Method;
pub use options::{OptionsError, SolverOptions};
