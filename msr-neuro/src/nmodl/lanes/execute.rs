//! Runs a program chunk by chunk.

use pulp::{Arch, Simd, WithSimd};

use super::exponential::{exponential, multiply_add};
use super::fused::Fused;
use super::program::{Operand, Operation, Program, Shared, Sink};
use super::registers::{CHUNK, Lane, Operands, Register, Registers, one, three, two};
use crate::nernst::logarithm;
use crate::nmodl::model::{Binary, Math, Unary};
use crate::nmodl::run::{plain_binary, plain_math, plain_unary};

/// Instances of the last chunks of a block, which are not full: so many that vector instructions suffice.
const HALF: usize = 64;
const PART: usize = 32;
const GRAIN: usize = 8;
/// From so many instances on, a larger chunk takes less time than smaller ones.
const WORTH_A_CHUNK: usize = 90;
const WORTH_A_HALF: usize = 45;
const WORTH_A_PART: usize = 13;

/// Fields around the instances, one value a node each.
pub trait Surroundings {
    /// A field.
    fn field(&self, field: u32) -> &[f64];
    /// A field to write.
    fn field_mut(&mut self, field: u32) -> &mut [f64];
}

/// Memory of a run, kept between runs.
#[derive(Default)]
pub struct Scratch {
    registers: Registers,
    shared: Vec<f64>,
    /// Columns of a block and more, for who runs a program several times.
    pub work: Vec<f64>,
}

impl Program {
    /// Runs for all instances of a block: `nodes` and columns of one value an instance; `given` are the shared values
    /// that [`super::Source::Shared`] numbers. Each instance's result depends on its own values only.
    pub fn run<S: Surroundings>(
        &self,
        given: &[f64],
        nodes: &[u32],
        columns: &mut [f64],
        surroundings: &mut S,
        scratch: &mut Scratch,
    ) {
        if self.operations.is_empty() {
            return;
        }
        scratch.shared.clear();
        for value in &self.shared {
            let at = |index: u16| scratch.shared[index as usize];
            let value = match *value {
                Shared::Number(value) => value,
                Shared::Given(index) => given[index as usize],
                Shared::Unary(operator, inner) => plain_unary(operator, at(inner)),
                Shared::Binary(operator, left, right) => plain_binary(operator, at(left), at(right)),
                Shared::Math(Math::Exp, inner, _) => at(inner).exp(),
                Shared::Math(function, first, second) => plain_math(function, at(first), at(second)),
                Shared::Select(condition, then, otherwise) => at(if at(condition) != 0.0 { then } else { otherwise }),
            };
            scratch.shared.push(value);
        }
        scratch.registers.reserve(self.registers);
        Arch::new().dispatch(Run {
            operations: &self.operations,
            nodes,
            columns,
            surroundings,
            registers: &mut scratch.registers,
            shared: &scratch.shared,
        });
    }
}

/// A run, to be compiled for the vector instructions of the machine.
struct Run<'a, S> {
    operations: &'a [Operation],
    nodes: &'a [u32],
    columns: &'a mut [f64],
    surroundings: &'a mut S,
    registers: &'a mut Registers,
    shared: &'a [f64],
}

impl<S: Surroundings> WithSimd for Run<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, _simd: V) {
        // All vector instructions that are asked for come with a fused product and sum.
        if V::IS_SCALAR { self.chunks::<false>() } else { self.chunks::<true>() }
    }
}

impl<S: Surroundings> Run<'_, S> {
    #[inline(always)]
    fn chunks<const FUSED: bool>(mut self) {
        let count = self.nodes.len();
        let mut first = 0;
        while first < count {
            let left = count - first;
            let length = if left >= WORTH_A_CHUNK {
                self.chunk::<FUSED, CHUNK>(first, left)
            } else if left >= WORTH_A_HALF {
                self.chunk::<FUSED, HALF>(first, left)
            } else if left >= WORTH_A_PART {
                self.chunk::<FUSED, PART>(first, left)
            } else {
                self.chunk::<FUSED, GRAIN>(first, left)
            };
            first += length;
        }
    }

    /// Works on so many instances as there are left, and says on how many.
    #[inline(always)]
    fn chunk<const FUSED: bool, const LANES: usize>(&mut self, first: usize, left: usize) -> usize {
        let length = left.min(LANES);
        let nodes = &self.nodes[first..first + length];
        let mut chunk = Chunk {
            nodes,
            start: contiguous(nodes),
            count: self.nodes.len(),
            first,
            columns: &mut *self.columns,
            surroundings: &mut *self.surroundings,
            registers: &mut *self.registers,
            shared: self.shared,
        };
        for operation in self.operations {
            chunk.operate::<FUSED, LANES>(operation);
        }
        length
    }
}

struct Chunk<'a, S> {
    nodes: &'a [u32],
    /// First of the nodes, where they follow one another.
    start: Option<usize>,
    /// Instances of the block.
    count: usize,
    first: usize,
    columns: &'a mut [f64],
    surroundings: &'a mut S,
    registers: &'a mut Registers,
    shared: &'a [f64],
}

impl<S: Surroundings> Chunk<'_, S> {
    #[inline(always)]
    fn operate<const FUSED: bool, const LANES: usize>(&mut self, operation: &Operation) {
        match *operation {
            Operation::Column(to, column) => {
                let start = column as usize * self.count + self.first;
                let values = &self.columns[start..start + self.nodes.len()];
                load::<LANES>(self.registers.open().0, values);
                self.registers.close(to);
            }
            Operation::Field(to, field) => {
                let field = self.surroundings.field(field);
                let (result, _) = self.registers.open();
                match self.start {
                    Some(start) => load::<LANES>(result, &field[start..start + self.nodes.len()]),
                    None => {
                        for (value, node) in result.0.iter_mut().zip(self.nodes) {
                            *value = field[*node as usize];
                        }
                    }
                }
                self.registers.close(to);
            }
            Operation::Unary(Unary::Minus, to, from) => self.one::<LANES>(to, from, |value| -value),
            Operation::Unary(Unary::Not, to, from) => self.one::<LANES>(to, from, |value| truth(value == 0.0)),
            Operation::Binary(operator, to, left, right) => self.binary::<LANES>(operator, to, left, right),
            Operation::Math(function, to, first, second) => self.math::<FUSED, LANES>(function, to, first, second),
            Operation::Select(to, condition, then, otherwise) => {
                self.select::<LANES>(to, condition, then, otherwise);
            }
            Operation::Fused(fused, to, operands) => self.fused::<FUSED, LANES>(fused, to, operands),
            Operation::Store(sink, from) => self.store(sink, from),
        }
    }

    #[inline(always)]
    fn binary<const LANES: usize>(&mut self, operator: Binary, to: u16, left: Operand, right: Operand) {
        match operator {
            Binary::Add => self.two::<LANES>(to, left, right, |a, b| a + b),
            Binary::Subtract => self.two::<LANES>(to, left, right, |a, b| a - b),
            Binary::Multiply => self.two::<LANES>(to, left, right, |a, b| a * b),
            Binary::Divide => self.two::<LANES>(to, left, right, |a, b| a / b),
            Binary::Power => self.two::<LANES>(to, left, right, f64::powf),
            Binary::Less => self.two::<LANES>(to, left, right, |a, b| truth(a < b)),
            Binary::LessEqual => self.two::<LANES>(to, left, right, |a, b| truth(a <= b)),
            Binary::Greater => self.two::<LANES>(to, left, right, |a, b| truth(a > b)),
            Binary::GreaterEqual => self.two::<LANES>(to, left, right, |a, b| truth(a >= b)),
            Binary::Equal => self.two::<LANES>(to, left, right, |a, b| truth(a == b)),
            Binary::NotEqual => self.two::<LANES>(to, left, right, |a, b| truth(a != b)),
            Binary::And => self.two::<LANES>(to, left, right, |a, b| truth((a != 0.0) & (b != 0.0))),
            Binary::Or => self.two::<LANES>(to, left, right, |a, b| truth((a != 0.0) | (b != 0.0))),
        }
    }

    #[inline(always)]
    fn math<const FUSED: bool, const LANES: usize>(
        &mut self,
        function: Math,
        to: u16,
        first: Operand,
        second: Operand,
    ) {
        match (function, first) {
            (Math::Exp, Operand::Register(from)) => self.one::<LANES>(to, from, exponential::<FUSED>),
            (Math::Abs, Operand::Register(from)) => self.one::<LANES>(to, from, f64::abs),
            (Math::Log, Operand::Register(from)) => self.logarithms::<LANES>(to, from),
            (Math::Sqrt, Operand::Register(from)) => self.one::<LANES>(to, from, f64::sqrt),
            _ => {
                let length = self.nodes.len();
                let (first, second) = (self.any(first), self.any(second));
                let (result, _) = self.registers.open();
                for ((value, first), second) in result.0[..length].iter_mut().zip(&first).zip(&second) {
                    *value = plain_math(function, *first, *second);
                }
                self.registers.close(to);
            }
        }
    }

    #[inline(always)]
    fn logarithms<const LANES: usize>(&mut self, to: u16, from: u16) {
        let length = self.nodes.len();
        let (result, registers) = self.registers.open();
        let values = registers.get(from);
        one::<LANES>(result, values, logarithm);
        let is_usual = |value: &f64| (f64::MIN_POSITIVE..f64::INFINITY).contains(value);
        if !values.0[..length].iter().fold(true, |are_usual, value| are_usual & is_usual(value)) {
            for (result, value) in result.0[..length].iter_mut().zip(&values.0).filter(|(_, value)| !is_usual(value)) {
                *result = value.ln();
            }
        }
        self.registers.close(to);
    }

    /// The values of an operand of any kind.
    fn any(&self, operand: Operand) -> [f64; CHUNK] {
        match operand {
            Operand::Register(register) => self.registers.get(register).0,
            Operand::Shared(shared) => [self.shared[shared as usize]; CHUNK],
        }
    }

    #[inline(always)]
    fn one<const LANES: usize>(&mut self, to: u16, from: u16, f: impl Fn(f64) -> f64) {
        let (result, registers) = self.registers.open();
        one::<LANES>(result, registers.get(from), f);
        self.registers.close(to);
    }

    #[inline(always)]
    fn two<const LANES: usize>(&mut self, to: u16, left: Operand, right: Operand, f: impl Fn(f64, f64) -> f64) {
        let shared = self.shared;
        let (result, registers) = self.registers.open();
        match (left, right) {
            (Operand::Register(a), Operand::Register(b)) => {
                two::<LANES>(result, registers.get(a), registers.get(b), f);
            }
            (Operand::Register(a), Operand::Shared(b)) => two::<LANES>(result, registers.get(a), shared[b as usize], f),
            (Operand::Shared(a), Operand::Register(b)) => two::<LANES>(result, shared[a as usize], registers.get(b), f),
            (Operand::Shared(a), Operand::Shared(b)) => {
                two::<LANES>(result, shared[a as usize], shared[b as usize], f);
            }
        }
        self.registers.close(to);
    }

    #[inline(always)]
    fn fused<const FUSED: bool, const LANES: usize>(&mut self, fused: Fused, to: u16, operands: [Operand; 3]) {
        let add = multiply_add::<FUSED>;
        match fused {
            Fused::ProductPlus => self.three::<LANES>(to, operands, add),
            Fused::ProductMinus => self.three::<LANES>(to, operands, |a, b, c| add(a, b, -c)),
            Fused::MinusProduct => self.three::<LANES>(to, operands, |a, b, c| add(-a, b, c)),
            Fused::ProductTimes => self.three::<LANES>(to, operands, |a, b, c| a * b * c),
            Fused::SumTimes => self.three::<LANES>(to, operands, |a, b, c| (a + b) * c),
            Fused::DifferenceTimes => self.three::<LANES>(to, operands, |a, b, c| (a - b) * c),
            Fused::OverSum => self.three::<LANES>(to, operands, |a, b, c| c / (a + b)),
            Fused::OverDifference => self.three::<LANES>(to, operands, |a, b, c| c / (a - b)),
            Fused::Relax => self.three::<LANES>(to, operands, relaxed::<FUSED>),
        }
    }

    #[inline(always)]
    fn three<const LANES: usize>(&mut self, to: u16, [a, b, c]: [Operand; 3], f: impl Fn(f64, f64, f64) -> f64) {
        let shared = self.shared;
        let (result, registers) = self.registers.open();
        match a {
            Operand::Register(a) => third::<LANES>(result, registers, shared, registers.get(a), b, c, f),
            Operand::Shared(a) => third::<LANES>(result, registers, shared, shared[a as usize], b, c, f),
        }
        self.registers.close(to);
    }

    #[inline(always)]
    fn select<const LANES: usize>(&mut self, to: u16, condition: Operand, then: Operand, otherwise: Operand) {
        let condition = match condition {
            Operand::Register(condition) => condition,
            Operand::Shared(condition) => {
                let chosen = if self.shared[condition as usize] != 0.0 { then } else { otherwise };
                let values = self.any(chosen);
                self.registers.open().0.0 = values;
                return self.registers.close(to);
            }
        };
        let shared = self.shared;
        let (result, registers) = self.registers.open();
        let choose = |condition: f64, then: f64, otherwise: f64| if condition != 0.0 { then } else { otherwise };
        third::<LANES>(result, registers, shared, registers.get(condition), then, otherwise, choose);
        self.registers.close(to);
    }

    #[inline(always)]
    fn store(&mut self, sink: Sink, from: Operand) {
        let length = self.nodes.len();
        let constant;
        let values: &[f64] = match from {
            Operand::Register(from) => &self.registers.get(from).0[..length],
            Operand::Shared(from) => {
                constant = [self.shared[from as usize]; CHUNK];
                &constant[..length]
            }
        };
        match sink {
            Sink::Column(column) => {
                let start = column as usize * self.count + self.first;
                let column = &mut self.columns[start..start + length];
                match (<&mut [f64; CHUNK]>::try_from(&mut *column), <&[f64; CHUNK]>::try_from(values)) {
                    (Ok(column), Ok(values)) => *column = *values,
                    _ => column.copy_from_slice(values),
                }
            }
            Sink::Field(field) => {
                let field = self.surroundings.field_mut(field);
                for (node, value) in self.nodes.iter().zip(values) {
                    field[*node as usize] = *value;
                }
            }
            Sink::AddTo(field) => {
                let field = self.surroundings.field_mut(field);
                match self.start {
                    Some(start) => {
                        for (field, value) in field[start..start + length].iter_mut().zip(values) {
                            *field += value;
                        }
                    }
                    None => {
                        for (node, value) in self.nodes.iter().zip(values) {
                            field[*node as usize] += *value;
                        }
                    }
                }
            }
        }
    }
}

/// The last two of three operands by their kinds.
#[inline(always)]
fn third<const LANES: usize>(
    to: &mut Register,
    registers: Operands<'_>,
    shared: &[f64],
    a: impl Lane,
    b: Operand,
    c: Operand,
    f: impl Fn(f64, f64, f64) -> f64,
) {
    match (b, c) {
        (Operand::Register(b), Operand::Register(c)) => {
            three::<LANES>(to, a, registers.get(b), registers.get(c), f);
        }
        (Operand::Register(b), Operand::Shared(c)) => three::<LANES>(to, a, registers.get(b), shared[c as usize], f),
        (Operand::Shared(b), Operand::Register(c)) => three::<LANES>(to, a, shared[b as usize], registers.get(c), f),
        (Operand::Shared(b), Operand::Shared(c)) => three::<LANES>(to, a, shared[b as usize], shared[c as usize], f),
    }
}

/// Takes values over; whole chunks at once.
#[inline(always)]
fn load<const LANES: usize>(to: &mut Register, values: &[f64]) {
    match (<&mut [f64; LANES]>::try_from(&mut to.0[..LANES]), <&[f64; LANES]>::try_from(values)) {
        (Ok(to), Ok(values)) => *to = *values,
        _ => to.0[..values.len()].copy_from_slice(values),
    }
}

/// [`Fused::Relax`].
#[inline(always)]
fn relaxed<const FUSED: bool>(x: f64, exponent: f64, steady: f64) -> f64 {
    multiply_add::<FUSED>(1.0 - exponential::<FUSED>(exponent), steady - x, x)
}

#[inline(always)]
fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// First of nodes that follow one another. Point processes may stand in any order, and several at one node.
fn contiguous(nodes: &[u32]) -> Option<usize> {
    let first = nodes[0];
    // All of them are looked at, which is faster than to stop.
    let are_next = nodes.iter().zip(first..).fold(true, |are_next, (node, next)| are_next & (*node == next));
    are_next.then_some(first as usize)
}
