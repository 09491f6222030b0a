//! Equations: algebraic quantities, fluxes (mM/s) and balances.

use super::error::ModelError;
use super::place::Place;
use crate::expression::Expression;

/// What an equation defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EquationKind {
    /// A quantity that follows from the states at once.
    Algebraic,
    /// The rate of a reaction or transport.
    Flux,
    /// The time derivative of a state, 1/s times its unit.
    Balance,
}

/// An equation.
#[derive(Debug, Clone, PartialEq)]
pub struct Equation {
    /// What it defines.
    pub kind: EquationKind,
    /// The quantity, the flux, or the state (by its symbol) whose balance it is.
    pub name: String,
    /// One line that explains it; empty for most balances.
    pub description: String,
    /// The formula.
    pub formula: Expression,
    /// The formula as text.
    pub text: String,
    /// The line that says it, or changed it last.
    pub place: Place,
}

impl Equation {
    /// Reads the formula of an equation.
    pub(super) fn new(
        kind: EquationKind,
        name: &str,
        description: &str,
        text: String,
        place: Place,
    ) -> Result<Self, ModelError> {
        let formula = Expression::parse(&text)
            .map_err(|source| ModelError::Formula { name: name.to_owned(), source }.at(&place))?;
        Ok(Self { kind, name: name.to_owned(), description: description.to_owned(), formula, text, place })
    }
}
