//! Expressions as nodes that exist once.

use std::collections::HashMap;

use crate::nmodl::model::{Binary, Math, Native, Unary};
use crate::nmodl::run::{Domain, Stop, plain_binary, plain_math, plain_unary};

/// A node: its number in [`Graph::nodes`].
pub type Id = u32;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    /// A number, by its bits.
    Number(u64),
    /// The value of a slot before the routine.
    Slot(u32),
    /// One operand.
    Unary(Unary, Id),
    /// Two operands.
    Binary(Binary, Id, Id),
    /// A function of one or two values.
    Math(Math, Id, Id),
    /// Condition, then, else.
    Select(Id, Id, Id),
}

/// All nodes of a routine; operands come before what uses them.
#[derive(Debug, Default, Clone)]
pub struct Graph {
    /// The nodes.
    pub nodes: Vec<Node>,
    known: HashMap<Node, Id>,
}

/// A multiplication chain is used for whole powers up to this.
const LARGEST_CHAIN: f64 = 8.0;

impl Graph {
    /// The node, which is made where it does not exist.
    pub fn add(&mut self, node: Node) -> Id {
        if let Some(id) = self.known.get(&node) {
            return *id;
        }
        let id = self.nodes.len() as Id;
        self.nodes.push(node);
        self.known.insert(node, id);
        id
    }

    /// The node, where it exists.
    pub fn find(&self, node: Node) -> Option<Id> {
        self.known.get(&node).copied()
    }

    /// The value of a slot before the routine.
    pub fn slot(&mut self, slot: u32) -> Id {
        self.add(Node::Slot(slot))
    }

    /// The number of a node.
    pub fn value(&self, id: Id) -> Option<f64> {
        match self.nodes[id as usize] {
            Node::Number(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// `x^n` as products, by squaring.
    fn chain(&mut self, base: Id, power: u32) -> Id {
        match power {
            0 => self.number(1.0),
            1 => base,
            _ => {
                let half = self.chain(base, power / 2);
                let square = self.binary(Binary::Multiply, half, half);
                if power % 2 == 1 { self.binary(Binary::Multiply, square, base) } else { square }
            }
        }
    }
}

impl Domain for Graph {
    type Value = Id;

    fn number(&mut self, value: f64) -> Id {
        self.add(Node::Number(value.to_bits()))
    }

    fn unary(&mut self, operator: Unary, value: Id) -> Id {
        match (self.value(value), operator, self.nodes[value as usize]) {
            (Some(value), ..) => self.number(plain_unary(operator, value)),
            (None, Unary::Minus, Node::Unary(Unary::Minus, inner)) => inner,
            _ => self.add(Node::Unary(operator, value)),
        }
    }

    fn binary(&mut self, operator: Binary, left: Id, right: Id) -> Id {
        use Binary::{Add, Divide, Multiply, Power, Subtract};
        match (operator, self.value(left), self.value(right)) {
            (_, Some(left), Some(right)) => self.number(plain_binary(operator, left, right)),
            // Only what changes no bit of a finite value; products for whole powers change the last ones.
            (Add, Some(0.0), None) | (Multiply, Some(1.0), None) => right,
            (Add | Subtract, None, Some(0.0)) | (Multiply | Divide | Power, None, Some(1.0)) => left,
            (Multiply | Divide, None, Some(-1.0)) => self.unary(Unary::Minus, left),
            (Multiply, Some(-1.0), None) => self.unary(Unary::Minus, right),
            (Subtract, None, None) if left == right => self.number(0.0),
            (Subtract, Some(0.0), None) => self.unary(Unary::Minus, right),
            (Power, None, Some(power)) if power.fract() == 0.0 && (2.0..=LARGEST_CHAIN).contains(&power) => {
                self.chain(left, power as u32)
            }
            (Add | Multiply, ..) if left > right => self.add(Node::Binary(operator, right, left)),
            _ => self.add(Node::Binary(operator, left, right)),
        }
    }

    fn math(&mut self, function: Math, values: &[Id]) -> Id {
        let first = values[0];
        let second = values.get(1).copied().unwrap_or(first);
        match (self.value(first), self.value(second)) {
            (Some(first), Some(second)) => self.number(plain_math(function, first, second)),
            _ => self.add(Node::Math(function, first, second)),
        }
    }

    fn select(&mut self, condition: Id, then: Id, otherwise: Id) -> Id {
        match self.value(condition) {
            _ if then == otherwise => then,
            Some(value) => {
                if value != 0.0 {
                    then
                } else {
                    otherwise
                }
            }
            None => self.add(Node::Select(condition, then, otherwise)),
        }
    }

    fn known(&self, value: Id) -> Option<f64> {
        self.value(value)
    }

    fn native(&mut self, _native: Native, _values: &[Id]) -> Result<Id, Stop> {
        Err(Stop::Outside)
    }

    fn watch(&mut self, _watch: usize, _flag: Id, _excess: Id) -> Result<(), Stop> {
        Err(Stop::Outside)
    }
}
