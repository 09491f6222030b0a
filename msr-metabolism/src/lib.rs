//! Energy metabolism of neuron-astrocyte-capillary units: 181 states, 159 fluxes, a stiff solver.
//!
//! A [`Model`] is read from text (tables and equations, see [`model`]) and compiled once: the right-hand side and its
//! analytic sparse Jacobian come from the same graph of expressions. [`MetabolismSimulator`] advances one unit for each
//! neuron and implements [`msr_coupling::Simulator`].

pub mod expression;
pub mod model;
pub mod solver;

pub use model::Model;
pub use solver::SolverOptions;
fn nearest<S: AsRef<str>>(_found: &str, _available: &[S]) -> String { String::new() } // TEMPORARY
