//! Which variables an expression depends on, and which statements assign.

use std::ops::Range;

use super::{Expr, Model, Place, Routine, Slot, Stmt};

impl Model {
    /// Whether a statement assigns to a variable.
    pub fn assigns(&self, name: &str) -> bool {
        let Some(variable) = self.variable(name) else { return false };
        let wanted = Place { slot: Slot::Variable(variable.slot), size: variable.size, index: None };
        let events = self.receive.iter().flat_map(|receive| receive.initial.iter().chain([&receive.event]));
        let systems = self.systems.iter().map(|system| &system.routine);
        let mut routines = [&self.initial, &self.breakpoint, &self.advance].into_iter().chain(&self.routines);
        routines.any(|routine| block_assigns(&routine.body, &wanted))
            || systems.chain(events).any(|routine| block_assigns(&routine.body, &wanted))
            || self.tables.iter().flatten().any(|table| table.slots.contains(&variable.slot))
    }
}

fn block_assigns(block: &[Stmt], wanted: &Place) -> bool {
    block.iter().any(|statement| match statement {
        Stmt::Assign(place, _) | Stmt::Relax(place, _) => may_be(place, wanted),
        Stmt::If(_, then, otherwise) => block_assigns(then, wanted) || block_assigns(otherwise, wanted),
        Stmt::While(_, body) => block_assigns(body, wanted),
        Stmt::Count(place, _, _, _, body) => may_be(place, wanted) || block_assigns(body, wanted),
        _ => false,
    })
}

/// Slots that a place may be: one, or all of an array where the element is not known.
fn slots(place: &Place) -> Range<u32> {
    let (Slot::Variable(first) | Slot::Local(first)) = place.slot;
    match place.index.as_deref() {
        Some(Expr::Number(index)) if (0.0..f64::from(place.size)).contains(index) => {
            first + *index as u32..first + *index as u32 + 1
        }
        _ => first..first + place.size,
    }
}

/// Whether two places may be the same.
fn may_be(a: &Place, b: &Place) -> bool {
    let (first, second) = (slots(a), slots(b));
    matches!((a.slot, b.slot), (Slot::Variable(_), Slot::Variable(_)) | (Slot::Local(_), Slot::Local(_)))
        && first.start < second.end
        && second.start < first.end
}

/// Whether an expression reads a place, itself or in the routines that it calls.
pub(super) fn reads(expression: &Expr, wanted: &Place, routines: &[Option<Routine>]) -> bool {
    let any = |list: &[Expr]| list.iter().any(|argument| reads(argument, wanted, routines));
    match expression {
        Expr::Number(_) => false,
        Expr::Place(place) => {
            may_be(place, wanted) || place.index.as_ref().is_some_and(|index| reads(index, wanted, routines))
        }
        Expr::Unary(_, inner) => reads(inner, wanted, routines),
        Expr::Binary(_, left, right) => reads(left, wanted, routines) || reads(right, wanted, routines),
        Expr::Math(_, list) | Expr::Native(_, list) => any(list),
        Expr::Call(index, list) => {
            any(list)
                || matches!(wanted.slot, Slot::Variable(_))
                    && routines[*index].as_ref().is_some_and(|routine| block_reads(&routine.body, wanted, routines))
        }
    }
}

fn block_reads(block: &[Stmt], wanted: &Place, routines: &[Option<Routine>]) -> bool {
    let reads = |expression: &Expr| reads(expression, wanted, routines);
    block.iter().any(|statement| match statement {
        Stmt::Assign(_, value) | Stmt::Evaluate(value) => reads(value),
        Stmt::If(condition, then, otherwise) => {
            reads(condition) || block_reads(then, wanted, routines) || block_reads(otherwise, wanted, routines)
        }
        Stmt::While(condition, body) => reads(condition) || block_reads(body, wanted, routines),
        Stmt::Count(_, first, last, step, body) => {
            reads(first) || reads(last) || reads(step) || block_reads(body, wanted, routines)
        }
        _ => false,
    })
}
