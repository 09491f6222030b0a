//! Compiled operations.

use sprs::CsMat;

use crate::operator::multiply;

/// One operation, its operands, and the memory of its result.
#[derive(Debug)]
pub(super) struct Node {
    operation: Operation,
    operands: Vec<Node>,
    /// Space of the result; `None` for a single number.
    space: Option<String>,
    result: Vec<f64>,
}

#[derive(Debug)]
pub(super) enum Operation {
    Constant(f64),
    Values,
    Unary(fn(f64) -> f64),
    Binary(fn(f64, f64) -> f64),
    /// `condition, if_true, if_false`.
    Select,
    Reduction(fn(&[f64]) -> f64),
    Apply(CsMat<f64>),
}

impl Node {
    /// A node whose result lies in `space` (its name and length), or is a single number.
    pub(super) fn new(operation: Operation, operands: Vec<Node>, space: Option<(String, usize)>) -> Self {
        let (space, len) = space.map_or((None, 1), |(space, len)| (Some(space), len));
        let mut result = vec![0.0; len];
        if let Operation::Constant(value) = operation {
            result[0] = value;
        }
        Self { operation, operands, space, result }
    }

    pub(super) fn space(&self) -> Option<&str> {
        self.space.as_deref()
    }

    pub(super) fn len(&self) -> usize {
        self.result.len()
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.result
    }

    /// The value of a node that depends on no values, folded when compiled.
    pub(super) fn constant(&self) -> Option<f64> {
        match self.operation {
            Operation::Constant(value) => Some(value),
            _ => None,
        }
    }

    pub(super) fn evaluate(&mut self, vals: &[f64]) {
        for operand in &mut self.operands {
            operand.evaluate(vals);
        }
        let element = |operand: &Node, i: usize| operand.result[if operand.space.is_some() { i } else { 0 }];
        match &self.operation {
            Operation::Constant(_) => {}
            Operation::Values => self.result.copy_from_slice(vals),
            Operation::Unary(function) => {
                for (result, &x) in self.result.iter_mut().zip(&self.operands[0].result) {
                    *result = function(x);
                }
            }
            Operation::Binary(function) => {
                let (left, right) = (&self.operands[0], &self.operands[1]);
                for (i, result) in self.result.iter_mut().enumerate() {
                    *result = function(element(left, i), element(right, i));
                }
            }
            Operation::Select => {
                let [condition, yes, no] = self.operands.as_slice() else { unreachable!("select has three operands") };
                for (i, result) in self.result.iter_mut().enumerate() {
                    *result = if element(condition, i) != 0.0 { element(yes, i) } else { element(no, i) };
                }
            }
            Operation::Reduction(reduce) => self.result[0] = reduce(&self.operands[0].result),
            Operation::Apply(matrix) => multiply(matrix, &self.operands[0].result, &mut self.result),
        }
    }
}
