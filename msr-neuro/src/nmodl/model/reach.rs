//! Which variables an expression depends on.

use super::{Expr, Place, Routine, Slot, Stmt};

/// Whether an expression reads a variable, itself or in the routines that it calls.
pub(super) fn reads(expression: &Expr, slot: Slot, routines: &[Option<Routine>]) -> bool {
    let place = |place: &Place| {
        let offset = |first: u32, wanted: u32| (first..first + place.size).contains(&wanted);
        let same = match (place.slot, slot) {
            (Slot::Variable(first), Slot::Variable(wanted)) | (Slot::Local(first), Slot::Local(wanted)) => {
                offset(first, wanted)
            }
            _ => false,
        };
        same || place.index.as_ref().is_some_and(|index| reads(index, slot, routines))
    };
    match expression {
        Expr::Number(_) => false,
        Expr::Place(found) => place(found),
        Expr::Unary(_, inner) => reads(inner, slot, routines),
        Expr::Binary(_, left, right) => reads(left, slot, routines) || reads(right, slot, routines),
        Expr::Math(_, list) | Expr::Native(_, list) => list.iter().any(|argument| reads(argument, slot, routines)),
        Expr::Call(index, list) => {
            list.iter().any(|argument| reads(argument, slot, routines))
                || matches!(slot, Slot::Variable(_))
                    && routines[*index].as_ref().is_some_and(|routine| block_reads(&routine.body, slot, routines))
        }
    }
}

fn block_reads(block: &[Stmt], slot: Slot, routines: &[Option<Routine>]) -> bool {
    let reads = |expression: &Expr| reads(expression, slot, routines);
    block.iter().any(|statement| match statement {
        Stmt::Assign(_, value) | Stmt::Evaluate(value) => reads(value),
        Stmt::If(condition, then, otherwise) => {
            reads(condition) || block_reads(then, slot, routines) || block_reads(otherwise, slot, routines)
        }
        Stmt::While(condition, body) => reads(condition) || block_reads(body, slot, routines),
        Stmt::Count(_, first, last, step, body) => {
            reads(first) || reads(last) || reads(step) || block_reads(body, slot, routines)
        }
        _ => false,
    })
}
