//! The model: tables of states, parameters and constants, and the equations, read from text and compiled.

mod assembly;
mod compiled;
mod constants;
mod definition;
mod equation;
mod error;
mod gradients;
mod standard;

pub use compiled::{JacobianEntry, Model};
pub use constants::{Constant, ConstantValue, Constants};
pub use definition::{Definition, Parameter, State};
pub use equation::{Equation, EquationKind};
pub use error::ModelError;
