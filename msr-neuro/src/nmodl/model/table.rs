//! TABLE: routines of one argument that can be looked up between equally spaced arguments instead of being run.

use std::sync::OnceLock;

use super::resolve::{Found, Resolver, Scope};
use super::{Expr, Place, Slot};
use crate::nmodl::diagnostics::Span;
use crate::nmodl::syntax::tree::{Expression, Name};

/// The table of a routine.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Variables that the routine sets; none where its own value is tabulated.
    pub slots: Vec<u32>,
    /// First and last argument, and number of intervals.
    pub bounds: [Expr; 3],
    /// The rows, made when the routine is first called.
    pub rows: OnceLock<Rows>,
}

/// Values at equally spaced arguments.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// First argument.
    pub first: f64,
    /// Intervals for an argument that is larger by 1.
    pub per_argument: f64,
    /// Number of intervals.
    pub intervals: usize,
    /// Row by row.
    pub values: Vec<f64>,
}

impl Rows {
    /// Rows below an argument and above it, and how far from one to the other it is; beyond the ends the last rows hold.
    pub fn between(&self, argument: f64) -> (usize, usize, f64) {
        let place = self.per_argument * (argument - self.first);
        if place <= 0.0 {
            (0, 0, 0.0)
        } else if place >= self.intervals as f64 {
            (self.intervals, self.intervals, 0.0)
        } else {
            let below = place as usize;
            // NaN stays NaN.
            (below, below + 1, place - below as f64)
        }
    }
}

impl Resolver<'_> {
    /// TABLE in a FUNCTION or PROCEDURE.
    pub fn table(&mut self, span: Span, names: &[Name], bounds: &[Expression; 3], scope: &mut Scope) {
        let Some(&routine) = self.calls.last() else {
            self.error(span, "TABLE stands outside of a routine", "move it into a FUNCTION or PROCEDURE");
            return;
        };
        let mut slots = Vec::new();
        for name in names {
            match self.find(&name.text, scope) {
                Some(Found::Place(Place { slot: Slot::Variable(slot), size, .. })) => slots.extend(slot..slot + size),
                Some(_) => self.error(name.span, format!("'{}' is no variable", name.text), "declare it in ASSIGNED"),
                None => self.unknown(name.span, &name.text),
            }
        }
        let bounds = [0, 1, 2].map(|index| self.expression(&bounds[index], scope));
        // With no argument, or more than one, there is nothing to look up.
        if self.file.functions[routine].arguments.len() == 1 {
            self.tables[routine] = Some(Table { slots, bounds, rows: OnceLock::new() });
        }
    }
}
