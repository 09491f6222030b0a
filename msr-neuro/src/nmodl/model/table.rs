//! TABLE: routines of one argument that can be looked up between equally spaced arguments instead of being run.
//!
//! A table is made when its routine is first called, with the values of the instance that calls, and again when one of the
//! variables after DEPEND has another value, as in NEURON. Each cell has tables of its own, so that which cell comes first
//! does not matter.

use serde::{Deserialize, Serialize};

use super::resolve::{Found, Resolver, Scope};
use super::{Expr, Model, Place, Slot};
use crate::nmodl::diagnostics::Span;
use crate::nmodl::syntax::tree::{Expression, Name};

/// The table of a routine.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Variables that the routine sets; none where its own value is tabulated.
    pub slots: Vec<u32>,
    /// Variables with whose values it must be made anew.
    pub depends: Vec<u32>,
    /// First and last argument, and number of intervals.
    pub bounds: [Expr; 3],
}

/// A table that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// Values of the variables that it depends on.
    pub depends: Vec<f64>,
    /// Its rows.
    pub rows: Rows,
}

/// The tables of all mechanisms in one cell: by mechanism, one for each routine that has one and was called.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tables(Vec<(String, Vec<Option<Made>>)>);

impl Tables {
    /// Those of a mechanism, to be given back with [`Tables::give_back`].
    pub fn take(&mut self, model: &Model) -> Vec<Option<Made>> {
        let known = self.0.iter_mut().find(|(name, _)| *name == model.name);
        known.map_or_else(|| vec![None; model.tables.len()], |(_, tables)| std::mem::take(tables))
    }

    /// Keeps those of a mechanism.
    pub fn give_back(&mut self, model: &Model, tables: Vec<Option<Made>>) {
        match self.0.iter_mut().find(|(name, _)| *name == model.name) {
            Some((_, known)) => *known = tables,
            None => self.0.push((model.name.clone(), tables)),
        }
    }
}

/// Values at equally spaced arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub fn table(&mut self, span: Span, [names, depends]: [&[Name]; 2], bounds: &[Expression; 3], scope: &mut Scope) {
        let Some(&routine) = self.calls.last() else {
            self.error(span, "TABLE stands outside of a routine", "move it into a FUNCTION or PROCEDURE");
            return;
        };
        let mut lists = [Vec::new(), Vec::new()];
        for (list, names) in lists.iter_mut().zip([names, depends]) {
            for name in names {
                match self.find(&name.text, scope) {
                    Some(Found::Place(Place { slot: Slot::Variable(slot), size, .. })) => {
                        list.extend(slot..slot + size)
                    }
                    // Constants do not change.
                    Some(Found::Number(_)) if std::ptr::eq(names, depends) => {}
                    Some(_) => {
                        self.error(name.span, format!("'{}' is no variable", name.text), "declare it in ASSIGNED");
                    }
                    None => self.unknown(name.span, &name.text),
                }
            }
        }
        let [slots, depends] = lists;
        let bounds = [0, 1, 2].map(|index| self.expression(&bounds[index], scope));
        // With no argument, or more than one, there is nothing to look up.
        if self.file.functions[routine].arguments.len() == 1 {
            self.tables[routine] = Some(Table { slots, depends, bounds });
        }
    }
}
