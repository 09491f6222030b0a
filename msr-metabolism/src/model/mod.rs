//! The model: states, parameters, constants and equations, read from text and compiled.
//!
//! # The language of models
//! One statement a line. A line that starts with a space continues the one before; `#` starts a comment, to the end of its
//! line; the lines of comment right above a statement describe what it declares.
//!
//! | statement | meaning |
//! |---|---|
//! | `state NAME = VALUE UNIT in COMPARTMENT` | a state and its value at the start; unit and compartment may be absent |
//! | `parameter NAME = VALUE UNIT` | an input that coupling may change |
//! | `constant Group.NAME = VALUE UNIT` | a constant; `1;2;3` is a list by cortical layer |
//! | `let NAME = formula` | an algebraic quantity |
//! | `flux NAME = formula` | the rate of a reaction or transport |
//! | `d STATE/dt = formula` | the balance of a state, 1/s times its unit; states without one hold their value |
//! | `replace let NAME = formula`, `replace flux ...`, `replace d ...` | another formula for what there is |
//! | `flux NAME *= formula`, `d STATE/dt += formula`, `let ...` | multiply what there is, or add to it |
//! | `set NAME = VALUE` | another value of a state, a parameter or a constant |
//! | `limit STATE = Group.NAME` | the state cannot be greater than this constant |
//! | `base NAME` | first of a file: begin with a bundled model |
//!
//! Formulas have numbers, names, `+ - * / ^`, parentheses, `sqrt`, `exp`, `ln`, `min` and `max`.

mod amendment;
mod assembly;
mod bundled;
mod compiled;
mod constants;
mod definition;
mod equation;
mod error;
mod files;
mod gradients;
mod place;
mod standard;
mod statement;

pub use bundled::{Correction, Corrections, Variant};
pub use compiled::{JacobianEntry, Model};
pub use constants::{Constant, ConstantValue, Constants};
pub use definition::{Definition, Parameter, State};
pub use equation::{Equation, EquationKind};
pub use error::ModelError;
pub use place::Place;
