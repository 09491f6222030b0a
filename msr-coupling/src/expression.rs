//! Transform expressions: the Python expressions of users' files, such as
//! `abs(tetXbfFlowsMat.dot(vals)) * 5e-10`, parsed by a Python grammar, checked when loaded, evaluated without
//! allocation. Nothing outside the list of names and functions can be reached.

mod call;
mod compile;
mod error;
mod function;
mod matrix;
mod measure;
mod node;

use serde_json::Value;

pub use error::{ExpressionError, ExpressionProblem};

use crate::space_graph::SpaceGraph;
use crate::unit::Unit;
use measure::Measure;
use node::Node;

/// What an expression is evaluated in.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Space of `vals`.
    pub space: &'a str,
    /// Number of values.
    pub len: usize,
    /// Unit of `vals`.
    pub unit: &'a Unit,
    /// Which of the values count in a sum, mean or other reduction; `None` for all. Elements that nothing reaches, or that
    /// are excluded, do not.
    pub counted: Option<&'a [bool]>,
    /// Source of the original's matrices.
    pub spaces: &'a SpaceGraph,
    /// What `config` means: the whole configuration document.
    pub config: &'a Value,
}

/// A compiled expression: a tree of operations, each with its own memory.
#[derive(Debug)]
pub struct Expression {
    text: String,
    root: Node,
}

impl Expression {
    /// Parses and checks an expression.
    ///
    /// # Errors
    /// [`ExpressionError`] with the place in the text.
    pub fn compile(text: &str, scope: Scope<'_>) -> Result<Self, ExpressionError> {
        let root = compile::compile(text, scope)?;
        Ok(Self { text: text.to_owned(), root })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Space of the result: that of `vals`, or of a matrix' rows; `None` where the result is a single number.
    pub fn space(&self) -> Option<&str> {
        self.root.space()
    }

    /// Unit of the result, where no number in the expression could have changed it: of `abs(vals)` that of `vals`, of
    /// `vals * 1e-8` none that is known.
    pub fn unit(&self) -> Option<&Unit> {
        match self.root.measure() {
            Measure::Known(unit) => Some(unit),
            _ => None,
        }
    }

    /// The numbers in it, in their order: those that were written and those of the configuration, folded where they could be.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        let mut numbers = Vec::new();
        self.root.collect_numbers(&mut numbers);
        numbers
    }

    /// Evaluates it. A single number stands for itself in every element.
    pub fn evaluate<'a>(&'a mut self, vals: &'a [f64]) -> &'a [f64] {
        self.root.evaluate(vals);
        self.root.values(vals)
    }
}

#[cfg(test)]
mod tests;
