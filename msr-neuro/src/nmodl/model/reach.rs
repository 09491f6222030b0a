//! Which variables an expression depends on.

use std::ops::Range;

use super::{Expr, Place, Routine, Slot, Stmt};

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
