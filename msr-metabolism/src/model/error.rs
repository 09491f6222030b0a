//! What can be wrong with a model.

use msr_coupling::query::nearest;

use crate::expression::ExpressionError;

/// A mistake in the text of a model or in the values given to it.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A table that cannot be read.
    #[error("{table}: {source}")]
    Table {
        /// Which table.
        table: String,
        /// Row and reason.
        source: csv::Error,
    },
    /// A value of a constant that is no number.
    #[error(
        "constants: {group}.{name} has the value '{value}', which is neither a number nor numbers separated by ';'"
    )]
    BadConstant {
        /// Group.
        group: String,
        /// Name.
        name: String,
        /// What was found.
        value: String,
    },
    /// A name that is declared twice.
    #[error("'{name}' is declared twice; give one of the two another name")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A line of an equation file that is no equation.
    #[error(
        "{file}, line {line}: expected 'let NAME = formula', 'flux NAME = formula' or 'd STATE/dt = formula', found '{text}'"
    )]
    NoEquation {
        /// Equation file.
        file: String,
        /// Line from 1.
        line: usize,
        /// What was found.
        text: String,
    },
    /// A formula that cannot be read.
    #[error("{file}, line {line}, formula of '{name}': {source}")]
    Formula {
        /// Equation file.
        file: String,
        /// Line from 1 where the equation starts.
        line: usize,
        /// What the formula is of.
        name: String,
        /// The mistake.
        source: ExpressionError,
    },
    /// A name in a formula that nothing declares.
    #[error("formula of '{name}': unknown name '{unknown}'{}", nearest(unknown, available))]
    UnknownName {
        /// What the formula is of.
        name: String,
        /// The name in it.
        unknown: String,
        /// What is declared.
        available: Vec<String>,
    },
    /// A list used as a number.
    #[error("formula of '{name}': {constant} is a list of values by layer and cannot stand in a formula")]
    ListInFormula {
        /// What the formula is of.
        name: String,
        /// The constant.
        constant: String,
    },
    /// Formulas that need one another.
    #[error("'{name}' is defined through itself; break the loop by making one of its quantities a state")]
    Loop {
        /// One of the quantities.
        name: String,
    },
    /// A balance of something that is no state.
    #[error("balance of unknown state '{name}'{}", nearest(name, available))]
    UnknownState {
        /// The name.
        name: String,
        /// What is declared.
        available: Vec<String>,
    },
    /// No balance at all.
    #[error("the model has no balance: write at least one 'd STATE/dt = formula'")]
    NoBalance,
    /// A group of constants that does not exist.
    #[error("unknown group of constants '{group}'{}; available: {}", nearest(group, available), available.join(", "))]
    UnknownGroup {
        /// The group.
        group: String,
        /// What exists.
        available: Vec<String>,
    },
    /// A constant that does not exist.
    #[error("the group {group} has no constant '{name}'{}; its constants: {}", nearest(name, available), available.join(", "))]
    UnknownConstant {
        /// The group.
        group: String,
        /// The name.
        name: String,
        /// What exists in the group.
        available: Vec<String>,
    },
    /// A list given for a number, or the other way round.
    #[error("constant {group}.{name} must be {expected}")]
    WrongShape {
        /// The group.
        group: String,
        /// The name.
        name: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A unit that is not understood.
    #[error("unit of '{name}': {source}")]
    Unit {
        /// The state or parameter.
        name: String,
        /// What is wrong.
        source: msr_coupling::unit::UnitError,
    },
    /// A value that is NaN or infinite.
    #[error("{what} has the value {value}; give a finite number")]
    NotFinite {
        /// What was given.
        what: String,
        /// The value.
        value: f64,
    },
}
