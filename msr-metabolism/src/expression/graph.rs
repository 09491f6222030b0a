//! All formulas of a model as one graph: equal subexpressions are one node, constants are folded.

use std::collections::HashMap;

use super::elementary;
use super::syntax::{Expression, Function, Operator};

/// A node of a [`Graph`]. Operands always have smaller ids than the node itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

impl NodeId {
    /// Position in the graph.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a node computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Node {
    /// A number, by its bits.
    Constant(u64),
    /// Value that comes from outside, by position.
    Input(u32),
    /// Sum; a constant operand stands left.
    Add(NodeId, NodeId),
    /// Difference.
    Subtract(NodeId, NodeId),
    /// Product; a constant operand stands left.
    Multiply(NodeId, NodeId),
    /// 1 divided by the operand.
    Reciprocal(NodeId),
    /// Square root.
    Sqrt(NodeId),
    /// Exponential.
    Exp(NodeId),
    /// Natural logarithm.
    Ln(NodeId),
    /// First operand to the power of the second.
    Power(NodeId, NodeId),
    /// The smaller.
    Min(NodeId, NodeId),
    /// The larger.
    Max(NodeId, NodeId),
    /// 1 where the first operand is at most the second, else 0.
    AtMost(NodeId, NodeId),
}

/// Exponents up to here that are multiples of 1/4 are written as products and roots.
const LARGEST_UNROLLED_EXPONENT: f64 = 16.0;

/// A graph of expressions.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    known: HashMap<Node, NodeId>,
}

impl Graph {
    /// All nodes, operands before results.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Id of the node at a position.
    ///
    /// # Panics
    /// Where there is no such position.
    pub fn id(&self, index: usize) -> NodeId {
        assert!(index < self.nodes.len(), "the graph has {} nodes", self.nodes.len());
        NodeId(index as u32)
    }

    /// The node with this id.
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes[id.index()]
    }

    /// The number that a node is, if it is a constant.
    pub fn constant_value(&self, id: NodeId) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// The operands of a node.
    pub fn operands(&self, id: NodeId) -> [Option<NodeId>; 2] {
        match self.node(id) {
            Node::Constant(_) | Node::Input(_) => [None, None],
            Node::Reciprocal(a) | Node::Sqrt(a) | Node::Exp(a) | Node::Ln(a) => [Some(a), None],
            Node::Add(a, b)
            | Node::Subtract(a, b)
            | Node::Multiply(a, b)
            | Node::Power(a, b)
            | Node::Min(a, b)
            | Node::Max(a, b)
            | Node::AtMost(a, b) => [Some(a), Some(b)],
        }
    }

    fn intern(&mut self, node: Node) -> NodeId {
        *self.known.entry(node).or_insert_with(|| {
            self.nodes.push(node);
            NodeId(u32::try_from(self.nodes.len() - 1).expect("fewer than 2^32 nodes"))
        })
    }

    /// A number.
    pub fn constant(&mut self, value: f64) -> NodeId {
        // One node for both zeros.
        self.intern(Node::Constant(if value == 0.0 { 0 } else { value.to_bits() }))
    }

    /// The value that comes from outside at `position`.
    pub fn input(&mut self, position: usize) -> NodeId {
        self.intern(Node::Input(u32::try_from(position).expect("fewer than 2^32 inputs")))
    }

    /// Adds a formula; `resolve` gives the node of each name.
    pub fn build(&mut self, expression: &Expression, resolve: &mut impl FnMut(&str) -> NodeId) -> NodeId {
        match expression {
            Expression::Number(value) => self.constant(*value),
            Expression::Name(name) => resolve(name),
            Expression::Negative(inner) => {
                let inner = self.build(inner, resolve);
                self.scale(-1.0, inner)
            }
            Expression::Binary(operator, left, right) => {
                let (a, b) = (self.build(left, resolve), self.build(right, resolve));
                match operator {
                    Operator::Add => self.add(a, b),
                    Operator::Subtract => self.subtract(a, b),
                    Operator::Multiply => self.multiply(a, b),
                    Operator::Divide => {
                        let inverse = self.reciprocal(b);
                        self.multiply(a, inverse)
                    }
                    Operator::Power => self.power(a, b),
                }
            }
            Expression::Call(function, arguments) => {
                let a = self.build(&arguments[0], resolve);
                match function {
                    Function::Sqrt => self.sqrt(a),
                    Function::Exp => self.exp(a),
                    Function::Ln => self.ln(a),
                    Function::Min | Function::Max => {
                        let b = self.build(&arguments[1], resolve);
                        if *function == Function::Min { self.min(a, b) } else { self.max(a, b) }
                    }
                }
            }
        }
    }

    /// `a + b`.
    pub fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.constant_value(a), self.constant_value(b)) {
            (Some(x), Some(y)) => self.constant(x + y),
            (Some(0.0), None) => b,
            (None, Some(0.0)) => a,
            (None, Some(_)) => self.add(b, a),
            (Some(x), None) => match self.node(b) {
                Node::Add(c, rest) if self.constant_value(c).is_some() => {
                    let sum = self.constant(x + self.constant_value(c).unwrap_or_default());
                    self.add(sum, rest)
                }
                _ => self.intern(Node::Add(a, b)),
            },
            (None, None) => {
                if let Some(negated) = self.negated(b) {
                    self.subtract(a, negated)
                } else if let Some(negated) = self.negated(a) {
                    self.subtract(b, negated)
                } else {
                    self.intern(Node::Add(a.min(b), a.max(b)))
                }
            }
        }
    }

    /// `x` where the node is `-1*x`.
    fn negated(&self, id: NodeId) -> Option<NodeId> {
        match self.node(id) {
            Node::Multiply(c, x) if self.constant_value(c) == Some(-1.0) => Some(x),
            _ => None,
        }
    }

    /// `a - b`.
    pub fn subtract(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.constant_value(a), self.constant_value(b)) {
            (Some(x), Some(y)) => self.constant(x - y),
            (None, Some(y)) => {
                let negative = self.constant(-y);
                self.add(negative, a)
            }
            (Some(0.0), None) => self.scale(-1.0, b),
            _ if a == b => self.constant(0.0),
            _ => match self.negated(b) {
                Some(x) => self.add(a, x),
                None => self.intern(Node::Subtract(a, b)),
            },
        }
    }

    /// `factor * a`.
    pub fn scale(&mut self, factor: f64, a: NodeId) -> NodeId {
        let factor = self.constant(factor);
        self.multiply(factor, a)
    }

    /// `a * b`. Constant factors move outwards, so that those of a chain of products become one.
    pub fn multiply(&mut self, a: NodeId, b: NodeId) -> NodeId {
        match (self.constant_value(a), self.constant_value(b)) {
            (Some(x), Some(y)) => self.constant(x * y),
            (None, Some(_)) => self.multiply(b, a),
            (Some(0.0), None) => a,
            (Some(1.0), None) => b,
            (Some(x), None) => match self.node(b) {
                Node::Multiply(c, rest) if self.constant_value(c).is_some() => {
                    let product = self.constant(x * self.constant_value(c).unwrap_or_default());
                    self.multiply(product, rest)
                }
                Node::Subtract(p, q) if x == -1.0 => self.subtract(q, p),
                _ => self.intern(Node::Multiply(a, b)),
            },
            (None, None) => {
                let (factor_a, a) = self.split_factor(a);
                let (factor_b, b) = self.split_factor(b);
                let product = self.intern(Node::Multiply(a.min(b), a.max(b)));
                self.scale(factor_a * factor_b, product)
            }
        }
    }

    /// A node as constant factor times the rest.
    pub fn split_factor(&self, id: NodeId) -> (f64, NodeId) {
        match self.node(id) {
            Node::Multiply(c, rest) => self.constant_value(c).map_or((1.0, id), |factor| (factor, rest)),
            _ => (1.0, id),
        }
    }

    /// `1 / a`.
    pub fn reciprocal(&mut self, a: NodeId) -> NodeId {
        if let Some(x) = self.constant_value(a) {
            return self.constant(1.0 / x);
        }
        if let Node::Reciprocal(x) = self.node(a) {
            return x;
        }
        let (factor, rest) = self.split_factor(a);
        let inverse = self.intern(Node::Reciprocal(rest));
        self.scale(1.0 / factor, inverse)
    }

    /// Square root of `a`.
    pub fn sqrt(&mut self, a: NodeId) -> NodeId {
        self.unary(a, f64::sqrt, Node::Sqrt)
    }

    /// Exponential of `a`.
    pub fn exp(&mut self, a: NodeId) -> NodeId {
        self.unary(a, elementary::exp, Node::Exp)
    }

    /// Natural logarithm of `a`.
    pub fn ln(&mut self, a: NodeId) -> NodeId {
        self.unary(a, elementary::ln, Node::Ln)
    }

    /// The smaller of `a` and `b`.
    pub fn min(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(a, b, f64::min, Node::Min)
    }

    /// The larger of `a` and `b`.
    pub fn max(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(a, b, f64::max, Node::Max)
    }

    /// 1 where `a <= b`, else 0.
    pub fn at_most(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(a, b, |x, y| if x <= y { 1.0 } else { 0.0 }, Node::AtMost)
    }

    fn unary(&mut self, a: NodeId, fold: fn(f64) -> f64, node: fn(NodeId) -> Node) -> NodeId {
        match self.constant_value(a) {
            Some(x) => self.constant(fold(x)),
            None => self.intern(node(a)),
        }
    }

    fn binary(&mut self, a: NodeId, b: NodeId, fold: fn(f64, f64) -> f64, node: fn(NodeId, NodeId) -> Node) -> NodeId {
        match (self.constant_value(a), self.constant_value(b)) {
            (Some(x), Some(y)) => self.constant(fold(x, y)),
            _ => self.intern(node(a, b)),
        }
    }

    /// `a ^ b`. Small exponents that are multiples of 1/4 become products and roots.
    pub fn power(&mut self, a: NodeId, b: NodeId) -> NodeId {
        let Some(exponent) = self.constant_value(b) else { return self.binary(a, b, f64::powf, Node::Power) };
        if let Some(base) = self.constant_value(a) {
            return self.constant(base.powf(exponent));
        }
        if exponent < 0.0 {
            let positive = self.constant(-exponent);
            let power = self.power(a, positive);
            return self.reciprocal(power);
        }
        let quarters = 4.0 * exponent;
        if quarters.fract() != 0.0 || exponent > LARGEST_UNROLLED_EXPONENT {
            return self.intern(Node::Power(a, b));
        }
        let quarters = quarters as u32;
        let mut product = self.constant(1.0);
        let mut square = a;
        let mut whole = quarters / 4;
        while whole > 0 {
            if whole % 2 == 1 {
                product = self.multiply(product, square);
            }
            whole /= 2;
            if whole > 0 {
                square = self.multiply(square, square);
            }
        }
        if quarters % 4 >= 2 {
            let root = self.sqrt(a);
            product = self.multiply(product, root);
        }
        if quarters % 2 == 1 {
            let root = self.sqrt(a);
            let fourth_root = self.sqrt(root);
            product = self.multiply(product, fourth_root);
        }
        product
    }

    /// Values of all nodes for these inputs: the plain meaning of the graph, which the tape must reproduce.
    pub fn evaluate(&self, inputs: &[f64]) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let at = |id: &NodeId| values[id.index()];
            let value = match node {
                Node::Constant(bits) => f64::from_bits(*bits),
                Node::Input(position) => inputs[*position as usize],
                Node::Add(a, b) => at(a) + at(b),
                Node::Subtract(a, b) => at(a) - at(b),
                Node::Multiply(a, b) => at(a) * at(b),
                Node::Reciprocal(a) => 1.0 / at(a),
                Node::Sqrt(a) => at(a).sqrt(),
                Node::Exp(a) => elementary::exp(at(a)),
                Node::Ln(a) => elementary::ln(at(a)),
                Node::Power(a, b) => at(a).powf(at(b)),
                Node::Min(a, b) => at(a).min(at(b)),
                Node::Max(a, b) => at(a).max(at(b)),
                Node::AtMost(a, b) => f64::from(u8::from(at(a) <= at(b))),
            };
            values.push(value);
        }
        values
    }
}
