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
    /// `a`, or `b` where it is less; a value that is no number stays.
    AtLeast,
}

/// A fused operation with its operands.
type Found = (Fused, [Id; 3]);

/// What becomes of a term of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
    /// Its absolute value is added.
    Size,
    /// The absolute value of the difference of the two is added.
    Distance,
}

/// A term of a sum, and its factors (one where it is no product), or the two whose distance it is.
pub(super) type Term = (Sign, Id, Option<Id>);

/// So many terms after the first make a sum of several terms one operation.
const FEWEST_TERMS: usize = 2;

impl Builder<'_> {
    /// The first value and the terms of a sum, whose partial sums nothing else uses. They are added one by one, as they were
    /// written.
    pub(super) fn sum(&self, id: Id) -> Option<(Id, Vec<Term>)> {
        let mut terms = Vec::new();
        let mut first = id;
        while let Some((subtracts, left, right)) = self.sides(first).filter(|_| first == id || self.is_single(first)) {
            // What goes on is the longer side of a sum, and never what is subtracted.
            let is_longer = |id: Id| self.is_single(id) && self.sides(id).is_some();
            let is_product = |id: Id| self.product(id).is_some();
            let swaps = !subtracts && !is_longer(left) && (is_longer(right) || is_product(left) && !is_product(right));
            let (rest, term) = if swaps { (right, left) } else { (left, right) };
            let sign = if subtracts { Sign::Minus } else { Sign::Plus };
            terms.push(match (self.product(term), self.graph.nodes[term as usize]) {
                (Some((a, b)), _) => (sign, a, Some(b)),
                (None, Node::Math(Math::Abs, inner, _)) if !subtracts && self.is_single(term) => {
                    match self.graph.nodes[inner as usize] {
                        Node::Binary(Binary::Subtract, a, b) if self.is_single(inner) => (Sign::Distance, a, Some(b)),
                        _ => (Sign::Size, inner, None),
                    }
                }
                _ => (sign, term, None),
            });
            first = rest;
        }
        terms.reverse();
        (terms.len() >= FEWEST_TERMS).then_some((first, terms))
    }

    /// The sides of a sum or difference, and whether the second is subtracted.
    fn sides(&self, id: Id) -> Option<(bool, Id, Id)> {
        match self.graph.nodes[id as usize] {
            _ if self.is_shared(id) => None,
            Node::Binary(Binary::Add, left, right)
                if self.relax(left, right).is_none() && self.relax(right, left).is_none() =>
            {
                Some((false, left, right))
            }
            Node::Binary(Binary::Subtract, left, right) => Some((true, left, right)),
            _ => None,
        }
    }

    /// The factors of a product that nothing else uses.
    fn product(&self, id: Id) -> Option<(Id, Id)> {
        match self.graph.nodes[id as usize] {
            Node::Binary(Binary::Multiply, a, b) if self.is_single(id) => Some((a, b)),
            _ => None,
        }
    }

    /// The operation that a node and some of its operands, which nothing else uses, make together.
    pub(super) fn fused(&self, id: Id) -> Option<Found> {
        use Binary::{Add, Divide, Multiply, Subtract};
        let (operator, left, right) = match self.graph.nodes[id as usize] {
            Node::Binary(operator, left, right) => (operator, left, right),
            Node::Select(is_below, floor, value) => return self.at_least(is_below, floor, value),
            _ => return None,
        };
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

    /// `x < f ? f : x`
    fn at_least(&self, is_below: Id, floor: Id, value: Id) -> Option<Found> {
        let is_found = self.is_single(is_below)
            && self.graph.nodes[is_below as usize] == Node::Binary(Binary::Less, value, floor)
            && !self.is_shared(value);
        is_found.then_some((Fused::AtLeast, [value, floor, floor]))
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
