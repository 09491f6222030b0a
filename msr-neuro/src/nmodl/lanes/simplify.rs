//! Cheaper forms of the same values: they may differ from what was written in the last bits.
//!
//! Divisions by numbers become products, reciprocals of reciprocals vanish, signs go where they cost nothing, factors that
//! all instances share are multiplied once, and `exp(-x)` is a reciprocal where `exp(x)` is at hand.

use super::graph::{Graph, Id, Node};
use super::program::Source;
use crate::nmodl::model::{Binary, Math, Unary};
use crate::nmodl::run::Domain;

/// The graph in cheaper form, and its outputs.
pub(super) fn simplify<T: Copy>(
    graph: &Graph,
    outputs: &[(Id, T)],
    source: &impl Fn(u32) -> Source,
) -> (Graph, Vec<(Id, T)>) {
    let mut is_needed = vec![false; graph.nodes.len()];
    for &(id, _) in outputs {
        is_needed[id as usize] = true;
    }
    // Operands come before what uses them.
    for id in (0..graph.nodes.len()).rev().filter(|&id| is_needed[id]).collect::<Vec<_>>() {
        mark(graph, id as Id, &mut is_needed);
    }
    let mut result = Simpler { graph: Graph::default() };
    let mut id_of: Vec<Id> = Vec::with_capacity(graph.nodes.len());
    for (node, is_needed) in graph.nodes.iter().zip(is_needed) {
        let new = |id: Id| id_of[id as usize];
        id_of.push(match *node {
            _ if !is_needed => Id::MAX,
            Node::Number(_) | Node::Slot(_) => result.graph.add(*node),
            Node::Unary(Unary::Minus, inner) => result.minus(new(inner), source),
            Node::Unary(operator, inner) => result.graph.unary(operator, new(inner)),
            Node::Binary(operator, left, right) => result.binary(operator, new(left), new(right), source),
            Node::Math(Math::Exp, inner, _) => result.exp(new(inner)),
            Node::Math(function, first, second) => result.graph.math(function, &[new(first), new(second)]),
            Node::Select(condition, then, otherwise) => result.graph.select(new(condition), new(then), new(otherwise)),
        });
    }
    (result.graph, outputs.iter().map(|&(id, what)| (id_of[id as usize], what)).collect())
}

fn mark(graph: &Graph, id: Id, is_needed: &mut [bool]) {
    let mut stack = vec![id];
    while let Some(id) = stack.pop() {
        let mut need = |operand: Id| {
            if !std::mem::replace(&mut is_needed[operand as usize], true) {
                stack.push(operand);
            }
        };
        match graph.nodes[id as usize] {
            Node::Number(_) | Node::Slot(_) => {}
            Node::Unary(_, inner) => need(inner),
            Node::Binary(_, left, right) | Node::Math(_, left, right) => [left, right].into_iter().for_each(need),
            Node::Select(condition, then, otherwise) => [condition, then, otherwise].into_iter().for_each(need),
        }
    }
}

struct Simpler {
    graph: Graph,
}

impl Simpler {
    fn node(&self, id: Id) -> Node {
        self.graph.nodes[id as usize]
    }

    /// A product with a number: the other factor and the number.
    fn scaled(&self, id: Id) -> Option<(Id, f64)> {
        let Node::Binary(Binary::Multiply, left, right) = self.node(id) else { return None };
        match (self.graph.value(left), self.graph.value(right)) {
            (Some(number), None) => Some((right, number)),
            (None, Some(number)) => Some((left, number)),
            _ => None,
        }
    }

    /// A number over something: the number and the something.
    fn reciprocal(&self, id: Id) -> Option<(f64, Id)> {
        let (inner, scale) = self.scaled(id).unwrap_or((id, 1.0));
        match self.node(inner) {
            Node::Binary(Binary::Divide, top, bottom) => self.graph.value(top).map(|top| (top * scale, bottom)),
            _ => None,
        }
    }

    fn minus(&mut self, id: Id, source: &impl Fn(u32) -> Source) -> Id {
        match (self.node(id), self.scaled(id)) {
            (Node::Binary(Binary::Subtract, left, right), _) => self.binary(Binary::Subtract, right, left, source),
            (Node::Binary(Binary::Divide, top, bottom), _) => match (self.node(bottom), self.scaled(top)) {
                (Node::Unary(Unary::Minus, bottom), _) => self.graph.binary(Binary::Divide, top, bottom),
                (_, Some(_)) => {
                    let top = self.minus(top, source);
                    self.graph.binary(Binary::Divide, top, bottom)
                }
                _ => self.graph.unary(Unary::Minus, id),
            },
            (_, Some((factor, number))) => {
                let number = self.graph.number(-number);
                self.graph.binary(Binary::Multiply, factor, number)
            }
            _ => self.graph.unary(Unary::Minus, id),
        }
    }

    fn binary(&mut self, operator: Binary, left: Id, right: Id, source: &impl Fn(u32) -> Source) -> Id {
        use Binary::{Add, Divide, Multiply, Subtract};
        match (operator, self.node(left), self.node(right)) {
            (Add, Node::Unary(Unary::Minus, inner), _) => self.graph.binary(Subtract, right, inner),
            (Add, _, Node::Unary(Unary::Minus, inner)) => self.graph.binary(Subtract, left, inner),
            (Subtract, _, Node::Unary(Unary::Minus, inner)) => self.graph.binary(Add, left, inner),
            (Subtract, _, Node::Number(bits)) => {
                let number = self.graph.number(-f64::from_bits(bits));
                self.graph.binary(Add, left, number)
            }
            (Multiply, ..) => self.product(left, right, source),
            (Divide, ..) => self.quotient(left, right, source),
            _ => self.graph.binary(operator, left, right),
        }
    }

    fn product(&mut self, left: Id, right: Id, source: &impl Fn(u32) -> Source) -> Id {
        use Binary::Multiply;
        let is_shared = |node: Node| matches!(node, Node::Slot(slot) if matches!(source(slot), Source::Shared(_)));
        for (one, other) in [(left, right), (right, left)] {
            if let Some(number) = self.graph.value(one) {
                if let Some((factor, inner)) = self.scaled(other) {
                    let number = self.graph.number(number * inner);
                    return self.graph.binary(Multiply, factor, number);
                }
                // The opposite sign, where it is the shorter or the usual form.
                let opposite = match self.node(other) {
                    Node::Unary(Unary::Minus, inner) => Some(inner),
                    Node::Binary(Binary::Subtract, from, inner) => self.graph.value(from).map(|from| {
                        let shift = self.graph.number(-from);
                        self.graph.binary(Binary::Add, inner, shift)
                    }),
                    _ => None,
                };
                if let Some(opposite) = opposite {
                    let number = self.graph.number(-number);
                    return self.product(opposite, number, source);
                }
            }
            if is_shared(self.node(one))
                && let Some((factor, number)) = self.scaled(other)
            {
                let number = self.graph.number(number);
                let shared = self.graph.binary(Multiply, one, number);
                return self.graph.binary(Multiply, shared, factor);
            }
        }
        self.graph.binary(Multiply, left, right)
    }

    fn quotient(&mut self, left: Id, right: Id, source: &impl Fn(u32) -> Source) -> Id {
        let is_usable = |number: f64| number.is_normal();
        match (self.graph.value(left), self.graph.value(right)) {
            (None, Some(number)) if is_usable(1.0 / number) => {
                let number = self.graph.number(1.0 / number);
                self.product(left, number, source)
            }
            (Some(number), None) => match self.reciprocal(right) {
                Some((top, bottom)) if is_usable(number / top) => {
                    let number = self.graph.number(number / top);
                    self.product(bottom, number, source)
                }
                _ => self.graph.binary(Binary::Divide, left, right),
            },
            _ => self.graph.binary(Binary::Divide, left, right),
        }
    }

    /// A node that is there and has the opposite value.
    fn opposite(&self, id: Id) -> Option<Id> {
        let find = |operator, left, right| self.graph.find(Node::Binary(operator, left, right));
        let flipped = |id| match self.node(id) {
            Node::Binary(Binary::Subtract, left, right) => find(Binary::Subtract, right, left),
            Node::Unary(Unary::Minus, inner) => Some(inner),
            _ => self.graph.find(Node::Unary(Unary::Minus, id)),
        };
        let in_order = |left: Id, right: Id| find(Binary::Multiply, left.min(right), left.max(right));
        match (self.node(id), self.scaled(id)) {
            (_, Some((factor, number))) => {
                let same = self.graph.find(Node::Number(number.to_bits()))?;
                let other = self.graph.find(Node::Number((-number).to_bits()));
                other
                    .and_then(|number| in_order(factor, number))
                    .or_else(|| flipped(factor).and_then(|factor| in_order(factor, same)))
            }
            (Node::Binary(Binary::Divide, top, bottom), _) => {
                flipped(top).and_then(|top| find(Binary::Divide, top, bottom))
            }
            _ => flipped(id),
        }
    }

    fn exp(&mut self, inner: Id) -> Id {
        let other = self.opposite(inner).and_then(|other| self.graph.find(Node::Math(Math::Exp, other, other)));
        match other {
            Some(other) => {
                let one = self.graph.number(1.0);
                self.graph.binary(Binary::Divide, one, other)
            }
            None => self.graph.math(Math::Exp, &[inner]),
        }
    }
}
