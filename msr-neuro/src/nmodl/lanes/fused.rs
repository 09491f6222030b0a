//! Several nodes of a graph as one operation: what lies between them is never written.

use super::graph::{Id, Node};
use super::program::Builder;
use crate::nmodl::model::{Binary, Math};

/// A function of three values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fused {
    /// `a b + c`
    ProductPlus,
    /// `a b - c`
    ProductMinus,
    /// `c - a b`
    MinusProduct,
    /// `a b c`
    ProductTimes,
    /// `(a + b) c`
    SumTimes,
    /// `(a - b) c`
    DifferenceTimes,
    /// `c / (a + b)`
    OverSum,
    /// `c / (a - b)`
    OverDifference,
    /// `a + (1 - exp(b)) (c - a)`: exact for a linear equation, by [`Walker`](crate::nmodl::run::Walker)'s `cnexp`.
    Relax,
}

/// A fused operation with its operands.
type Found = (Fused, [Id; 3]);

impl Builder<'_> {
    /// The operation that a node and some of its operands, which nothing else uses, make together.
    pub(super) fn fused(&self, id: Id) -> Option<Found> {
        use Binary::{Add, Divide, Multiply, Subtract};
        let Node::Binary(operator, left, right) = self.graph.nodes[id as usize] else { return None };
        if operator == Add
            && let Some(found) = self.relax(left, right).or_else(|| self.relax(right, left))
        {
            return Some(found);
        }
        let inner = |id: Id| match self.graph.nodes[id as usize] {
            Node::Binary(operator, a, b) if self.is_single(id) => Some((operator, a, b)),
            _ => None,
        };
        let found = match (operator, inner(left), inner(right)) {
            (Add, Some((Multiply, a, b)), _) => (Fused::ProductPlus, [a, b, right]),
            (Add, _, Some((Multiply, a, b))) => (Fused::ProductPlus, [a, b, left]),
            (Subtract, Some((Multiply, a, b)), _) => (Fused::ProductMinus, [a, b, right]),
            (Subtract, _, Some((Multiply, a, b))) => (Fused::MinusProduct, [a, b, left]),
            (Multiply, Some((Add, a, b)), _) => (Fused::SumTimes, [a, b, right]),
            (Multiply, _, Some((Add, a, b))) => (Fused::SumTimes, [a, b, left]),
            (Multiply, Some((Subtract, a, b)), _) => (Fused::DifferenceTimes, [a, b, right]),
            (Multiply, _, Some((Subtract, a, b))) => (Fused::DifferenceTimes, [a, b, left]),
            (Multiply, Some((Multiply, a, b)), _) => (Fused::ProductTimes, [a, b, right]),
            (Multiply, _, Some((Multiply, a, b))) => (Fused::ProductTimes, [a, b, left]),
            (Divide, _, Some((Add, a, b))) => (Fused::OverSum, [a, b, left]),
            (Divide, _, Some((Subtract, a, b))) => (Fused::OverDifference, [a, b, left]),
            _ => return None,
        };
        // The first two may change places but in a difference: a shared value is never first there.
        let (fused, [a, b, c]) = found;
        let swaps = !matches!(fused, Fused::DifferenceTimes | Fused::OverDifference);
        Some(if swaps && self.is_shared(a) { (fused, [b, a, c]) } else { found })
    }

    /// `x + (1 - exp(e)) (s - x)`
    fn relax(&self, x: Id, change: Id) -> Option<Found> {
        let single = |id: Id| self.is_single(id).then(|| self.graph.nodes[id as usize]);
        let Some(Node::Binary(Binary::Multiply, left, right)) = single(change) else { return None };
        for (part, distance) in [(left, right), (right, left)] {
            if let Some(Node::Binary(Binary::Subtract, one, kept)) = single(part)
                && self.graph.value(one) == Some(1.0)
                && let Some(Node::Math(Math::Exp, exponent, _)) = single(kept)
                && let Some(Node::Binary(Binary::Subtract, steady, from)) = single(distance)
                && from == x
                && !self.is_shared(x)
            {
                return Some((Fused::Relax, [x, exponent, steady]));
            }
        }
        None
    }
}
