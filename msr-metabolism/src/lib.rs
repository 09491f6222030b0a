//! Energy metabolism of neuron-astrocyte-capillary units: 181 states, 159 fluxes, a stiff solver.
//!
//! A [`Model`] is read from text (tables and equations, see [`model`]) and compiled once: the right-hand side and its
//! analytic sparse Jacobian come from the same graph of expressions. [`MetabolismSimulator`] advances one unit for each
//! neuron and implements [`msr_coupling::Simulator`].

pub mod expression;
mod index;
pub mod model;
mod simulator;
pub mod solver;

pub use index::index_lines;
pub use model::{Corrections, Model, Variant};
pub use simulator::{MetabolismSimulator, ModelChoice, NAME, NeuronSite, Settings, SettingsError};
pub use solver::SolverOptions;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
