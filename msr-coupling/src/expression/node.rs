//! Compiled operations.

use sprs::CsMat;

use super::measure::Measure;
use crate::operator::multiply;

/// One operation, its operands, and the memory of its result.
#[derive(Debug)]
pub(super) struct Node {
    operation: Operation,
    operands: Vec<Node>,
    /// Space of the result; `None` for a single number.
    space: Option<String>,
    len: usize,
    measure: Measure,
    /// Empty for `vals`, which are not copied.
    result: Vec<f64>,
}

#[derive(Debug)]
pub(super) enum Operation {
    Constant(f64),
    Values,
    Unary(fn(f64) -> f64),
    Arithmetic(Arithmetic),
    Binary(fn(f64, f64) -> f64),
    /// `condition, if_true, if_false`.
    Select,
    Reduction(Reduction),
    Apply(CsMat<f64>),
}

/// The operations that are done to every value of nearly every expression: each has its own loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Arithmetic {
    pub(super) fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
        }
    }
}

/// All elements to one number.
#[derive(Debug)]
pub(super) struct Reduction {
    reduce: fn(&mut [f64]) -> f64,
    /// Positions of the elements that count.
    counted: Vec<usize>,
    /// Their values.
    gathered: Vec<f64>,
}

impl Reduction {
    /// A reduction of those of `len` elements that count.
    pub(super) fn new(reduce: fn(&mut [f64]) -> f64, len: usize, counts: impl Fn(usize) -> bool) -> Self {
        let counted: Vec<usize> = (0..len).filter(|&element| counts(element)).collect();
        Self { reduce, gathered: Vec::with_capacity(counted.len()), counted }
    }

    fn of(&mut self, values: &[f64]) -> f64 {
        self.gathered.clear();
        self.gathered.extend(self.counted.iter().map(|&element| values[element]));
        (self.reduce)(&mut self.gathered)
    }
}

/// What an operand is.
#[derive(Clone, Copy)]
enum Operand<'a> {
    Number(f64),
    Elements(&'a [f64]),
}

impl Operand<'_> {
    fn element(&self, position: usize) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Elements(elements) => elements[position],
        }
    }
}

/// Applies a function element by element.
fn each(function: impl Fn(f64, f64) -> f64, left: Operand<'_>, right: Operand<'_>, result: &mut [f64]) {
    match (left, right) {
        (Operand::Elements(left), Operand::Elements(right)) => {
            for ((result, &left), &right) in result.iter_mut().zip(left).zip(right) {
                *result = function(left, right);
            }
        }
        (Operand::Elements(left), Operand::Number(right)) => {
            for (result, &left) in result.iter_mut().zip(left) {
                *result = function(left, right);
            }
        }
        (Operand::Number(left), Operand::Elements(right)) => {
            for (result, &right) in result.iter_mut().zip(right) {
                *result = function(left, right);
            }
        }
        (Operand::Number(left), Operand::Number(right)) => result.fill(function(left, right)),
    }
}

impl Node {
    /// A node whose result lies in `space` (its name and length), or is a single number. What is known of its unit is
    /// told by [`Node::measured`].
    pub(super) fn new(operation: Operation, operands: Vec<Node>, space: Option<(String, usize)>) -> Self {
        let (space, len) = space.map_or((None, 1), |(space, len)| (Some(space), len));
        let result = match operation {
            Operation::Constant(value) => vec![value],
            Operation::Values => Vec::new(),
            _ => vec![0.0; len],
        };
        let measure = match operation {
            Operation::Constant(value) => Measure::of_number(value),
            _ => Measure::Unknown,
        };
        Self { operation, operands, space, len, measure, result }
    }

    /// The same with what is known of its unit; what was folded into a number is a number.
    pub(super) fn measured(self, measure: Measure) -> Self {
        if self.constant().is_some() { self } else { Self { measure, ..self } }
    }

    pub(super) fn measure(&self) -> &Measure {
        &self.measure
    }

    pub(super) fn space(&self) -> Option<&str> {
        self.space.as_deref()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The value of a node that depends on no values, folded when compiled.
    pub(super) fn constant(&self) -> Option<f64> {
        match self.operation {
            Operation::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Adds the numbers in it, from left to right.
    pub(super) fn collect_numbers(&self, numbers: &mut Vec<f64>) {
        numbers.extend(self.constant());
        self.operands.iter().for_each(|operand| operand.collect_numbers(numbers));
    }

    /// The result of the last evaluation with these `vals`.
    pub(super) fn values<'a>(&'a self, vals: &'a [f64]) -> &'a [f64] {
        match self.operation {
            Operation::Values => vals,
            _ => &self.result,
        }
    }

    fn operand<'a>(&'a self, vals: &'a [f64]) -> Operand<'a> {
        match self.space {
            Some(_) => Operand::Elements(self.values(vals)),
            None => Operand::Number(self.result[0]),
        }
    }

    pub(super) fn evaluate(&mut self, vals: &[f64]) {
        for operand in &mut self.operands {
            operand.evaluate(vals);
        }
        let operand = |position: usize| self.operands[position].operand(vals);
        match &mut self.operation {
            Operation::Constant(_) | Operation::Values => {}
            Operation::Unary(function) => {
                for (result, &x) in self.result.iter_mut().zip(self.operands[0].values(vals)) {
                    *result = function(x);
                }
            }
            Operation::Arithmetic(arithmetic) => {
                let (left, right, result) = (operand(0), operand(1), &mut self.result);
                match arithmetic {
                    Arithmetic::Add => each(|a, b| a + b, left, right, result),
                    Arithmetic::Subtract => each(|a, b| a - b, left, right, result),
                    Arithmetic::Multiply => each(|a, b| a * b, left, right, result),
                    Arithmetic::Divide => each(|a, b| a / b, left, right, result),
                }
            }
            Operation::Binary(function) => each(*function, operand(0), operand(1), &mut self.result),
            Operation::Select => {
                let (condition, yes, no) = (operand(0), operand(1), operand(2));
                for (i, result) in self.result.iter_mut().enumerate() {
                    *result = if condition.element(i) != 0.0 { yes.element(i) } else { no.element(i) };
                }
            }
            Operation::Reduction(reduction) => self.result[0] = reduction.of(self.operands[0].values(vals)),
            Operation::Apply(matrix) => multiply(matrix, self.operands[0].values(vals), &mut self.result),
        }
    }
}
