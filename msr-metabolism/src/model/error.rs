//! What can be wrong with a model.

use std::path::PathBuf;

use msr_coupling::query::nearest;

use super::place::Place;
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
    /// A mistake in a line.
    #[error("{place}: {source}")]
    At {
        /// The line.
        place: Place,
        /// The mistake.
        source: Box<ModelError>,
    },
    /// A line that is no statement.
    #[error(
        "expected one of 'let NAME = formula', 'flux NAME = formula', 'd STATE/dt = formula' (with 'replace' before it, or += \
         or *= in it, to change what there is), 'state NAME = VALUE UNIT in COMPARTMENT', 'parameter NAME = VALUE UNIT', \
         'constant Group.NAME = VALUE UNIT', 'set NAME = VALUE', 'limit STATE = Group.NAME', 'base NAME', found '{text}'"
    )]
    NoStatement {
        /// What was found.
        text: String,
    },
    /// A model to begin with that is not bundled.
    #[error("there is no bundled model '{name}' to begin with{}; available: {}", nearest(name, available), available.join(", "))]
    UnknownBase {
        /// The name.
        name: String,
        /// The bundled models.
        available: Vec<&'static str>,
    },
    /// A `base` after other statements.
    #[error("'base' must be the first statement of a model, and stand there once")]
    BaseNotFirst,
    /// A change of something that is not there.
    #[error("there is no '{name}' to change{}", nearest(name, available))]
    NothingToChange {
        /// The name.
        name: String,
        /// What is there.
        available: Vec<String>,
    },
    /// A file or folder that cannot be read.
    #[error("cannot read the model {}: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A folder without equations.
    #[error("{} holds no equations: put at least one file NAME.eqn there", path.display())]
    NoEquationFile {
        /// The folder.
        path: PathBuf,
    },
    /// A formula that cannot be read.
    #[error("formula of '{name}': {source}")]
    Formula {
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
    /// A list used as a limit.
    #[error("{constant} is a list of values by layer; give a constant with one number")]
    ListForNumber {
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

impl ModelError {
    /// The mistake with the line in which it is.
    pub(super) fn at(self, place: &Place) -> Self {
        match self {
            Self::At { .. } => self,
            _ => Self::At { place: place.clone(), source: Box::new(self) },
        }
    }
}
