//! Runs a program chunk by chunk.

use pulp::{Arch, Simd, WithSimd};

use super::exponential::exponential;
use super::program::{Operand, Operation, Program, Shared, Sink};
use crate::nmodl::model::{Binary, Math, Unary};
use crate::nmodl::run::{plain_binary, plain_math, plain_unary};

/// Instances that are worked on together: their registers stay in the first cache.
pub(super) const CHUNK: usize = 64;
/// Instances of a chunk that is not full are rounded up to this, so that vector instructions suffice.
const GRAIN: usize = 8;

/// One value for each instance of a chunk.
type Register = [f64; CHUNK];

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
    registers: Vec<Register>,
    shared: Vec<f64>,
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
        if scratch.registers.len() < self.registers {
            scratch.registers.resize(self.registers, [0.0; CHUNK]);
        }
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
    registers: &'a mut [Register],
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
    fn chunks<const FUSED: bool>(self) {
        let count = self.nodes.len();
        let mut first = 0;
        while first < count {
            let length = CHUNK.min(count - first);
            let mut chunk = Chunk {
                nodes: &self.nodes[first..first + length],
                start: contiguous(&self.nodes[first..first + length]),
                count,
                first,
                lanes: length.next_multiple_of(GRAIN),
                columns: &mut *self.columns,
                surroundings: &mut *self.surroundings,
                registers: &mut *self.registers,
                shared: self.shared,
            };
            for operation in self.operations {
                chunk.operate::<FUSED>(operation);
            }
            first += length;
        }
    }
}

struct Chunk<'a, S> {
    nodes: &'a [u32],
    /// First of the nodes, where they follow one another.
    start: Option<usize>,
    /// Instances of the block.
    count: usize,
    first: usize,
    lanes: usize,
    columns: &'a mut [f64],
    surroundings: &'a mut S,
    registers: &'a mut [Register],
    shared: &'a [f64],
}

impl<S: Surroundings> Chunk<'_, S> {
    #[inline(always)]
    fn operate<const FUSED: bool>(&mut self, operation: &Operation) {
        match *operation {
            Operation::Column(to, column) => {
                let start = column as usize * self.count + self.first;
                let length = self.nodes.len();
                self.registers[to as usize][..length].copy_from_slice(&self.columns[start..start + length]);
            }
            Operation::Field(to, field) => {
                let field = self.surroundings.field(field);
                let to = &mut self.registers[to as usize];
                match self.start {
                    Some(start) => {
                        to[..self.nodes.len()].copy_from_slice(&field[start..start + self.nodes.len()]);
                    }
                    None => {
                        for (to, node) in to.iter_mut().zip(self.nodes) {
                            *to = field[*node as usize];
                        }
                    }
                }
            }
            Operation::Unary(Unary::Minus, to, from) => self.one(to, from, |value| -value),
            Operation::Unary(Unary::Not, to, from) => self.one(to, from, |value| truth(value == 0.0)),
            Operation::Binary(operator, to, left, right) => self.binary(operator, to, left, right),
            Operation::Math(function, to, first, second) => self.math::<FUSED>(function, to, first, second),
            Operation::Select(to, condition, then, otherwise) => self.select(to, condition, then, otherwise),
            Operation::Store(sink, from) => self.store(sink, from),
        }
    }

    #[inline(always)]
    fn binary(&mut self, operator: Binary, to: u16, left: Operand, right: Operand) {
        match operator {
            Binary::Add => self.two(to, left, right, |a, b| a + b),
            Binary::Subtract => self.two(to, left, right, |a, b| a - b),
            Binary::Multiply => self.two(to, left, right, |a, b| a * b),
            Binary::Divide => self.two(to, left, right, |a, b| a / b),
            Binary::Power => self.two(to, left, right, f64::powf),
            Binary::Less => self.two(to, left, right, |a, b| truth(a < b)),
            Binary::LessEqual => self.two(to, left, right, |a, b| truth(a <= b)),
            Binary::Greater => self.two(to, left, right, |a, b| truth(a > b)),
            Binary::GreaterEqual => self.two(to, left, right, |a, b| truth(a >= b)),
            Binary::Equal => self.two(to, left, right, |a, b| truth(a == b)),
            Binary::NotEqual => self.two(to, left, right, |a, b| truth(a != b)),
            Binary::And => self.two(to, left, right, |a, b| truth((a != 0.0) & (b != 0.0))),
            Binary::Or => self.two(to, left, right, |a, b| truth((a != 0.0) | (b != 0.0))),
        }
    }

    #[inline(always)]
    fn math<const FUSED: bool>(&mut self, function: Math, to: u16, first: Operand, second: Operand) {
        match (function, first) {
            (Math::Exp, Operand::Register(from)) => self.one(to, from, exponential::<FUSED>),
            (Math::Abs, Operand::Register(from)) => self.one(to, from, f64::abs),
            (Math::Sqrt, Operand::Register(from)) => self.one(to, from, f64::sqrt),
            (_, Operand::Register(from)) if second == first => {
                let length = self.nodes.len();
                let [to, from] = disjoint(self.registers, [to, from]);
                for (to, from) in to[..length].iter_mut().zip(&from[..length]) {
                    *to = plain_math(function, *from, *from);
                }
            }
            _ => self.two(to, first, second, |a, b| plain_math(function, a, b)),
        }
    }

    #[inline(always)]
    fn one(&mut self, to: u16, from: u16, f: impl Fn(f64) -> f64) {
        let lanes = self.lanes;
        let [to, from] = disjoint(self.registers, [to, from]);
        for (to, from) in to[..lanes].iter_mut().zip(&from[..lanes]) {
            *to = f(*from);
        }
    }

    #[inline(always)]
    fn two(&mut self, to: u16, left: Operand, right: Operand, f: impl Fn(f64, f64) -> f64) {
        let lanes = self.lanes;
        match (left, right) {
            (Operand::Register(left), Operand::Register(right)) if left != right => {
                let [to, left, right] = disjoint(self.registers, [to, left, right]);
                for ((to, left), right) in to[..lanes].iter_mut().zip(&left[..lanes]).zip(&right[..lanes]) {
                    *to = f(*left, *right);
                }
            }
            (Operand::Register(both), Operand::Register(_)) => self.one(to, both, |value| f(value, value)),
            (Operand::Register(left), Operand::Shared(right)) => {
                let right = self.shared[right as usize];
                self.one(to, left, |left| f(left, right));
            }
            (Operand::Shared(left), Operand::Register(right)) => {
                let left = self.shared[left as usize];
                self.one(to, right, |right| f(left, right));
            }
            (Operand::Shared(left), Operand::Shared(right)) => {
                let value = f(self.shared[left as usize], self.shared[right as usize]);
                self.registers[to as usize][..lanes].fill(value);
            }
        }
    }

    #[inline(always)]
    fn select(&mut self, to: u16, condition: Operand, then: Operand, otherwise: Operand) {
        let lanes = self.lanes;
        let condition = match condition {
            Operand::Register(condition) => condition,
            Operand::Shared(condition) => {
                let chosen = if self.shared[condition as usize] != 0.0 { then } else { otherwise };
                return match chosen {
                    Operand::Register(from) => self.one(to, from, |value| value),
                    Operand::Shared(from) => self.registers[to as usize][..lanes].fill(self.shared[from as usize]),
                };
            }
        };
        // Both sides first into the result and then chosen: three registers at once at most.
        self.copy(to, otherwise);
        match then {
            Operand::Register(then) if then != condition => {
                let [to, then, condition] = disjoint(self.registers, [to, then, condition]);
                for ((to, then), condition) in to[..lanes].iter_mut().zip(&then[..lanes]).zip(&condition[..lanes]) {
                    *to = if *condition != 0.0 { *then } else { *to };
                }
            }
            Operand::Register(_) => {
                let [to, condition] = disjoint(self.registers, [to, condition]);
                for (to, condition) in to[..lanes].iter_mut().zip(&condition[..lanes]) {
                    *to = if *condition != 0.0 { *condition } else { *to };
                }
            }
            Operand::Shared(then) => {
                let then = self.shared[then as usize];
                let [to, condition] = disjoint(self.registers, [to, condition]);
                for (to, condition) in to[..lanes].iter_mut().zip(&condition[..lanes]) {
                    *to = if *condition != 0.0 { then } else { *to };
                }
            }
        }
    }

    #[inline(always)]
    fn copy(&mut self, to: u16, from: Operand) {
        let lanes = self.lanes;
        match from {
            Operand::Register(from) => self.one(to, from, |value| value),
            Operand::Shared(from) => self.registers[to as usize][..lanes].fill(self.shared[from as usize]),
        }
    }

    #[inline(always)]
    fn store(&mut self, sink: Sink, from: Operand) {
        let length = self.nodes.len();
        let constant;
        let values: &[f64] = match from {
            Operand::Register(from) => &self.registers[from as usize][..length],
            Operand::Shared(from) => {
                constant = [self.shared[from as usize]; CHUNK];
                &constant[..length]
            }
        };
        match sink {
            Sink::Column(column) => {
                let start = column as usize * self.count + self.first;
                self.columns[start..start + length].copy_from_slice(values);
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

#[inline(always)]
fn truth(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// First of nodes that follow one another. Point processes may stand in any order, and several at one node.
fn contiguous(nodes: &[u32]) -> Option<usize> {
    let is_next = |pair: &[u32]| pair[0] + 1 == pair[1];
    nodes.windows(2).all(is_next).then_some(nodes[0] as usize)
}

/// Registers, of which a program never names one twice in an operation.
#[inline(always)]
fn disjoint<const N: usize>(registers: &mut [Register], wanted: [u16; N]) -> [&mut Register; N] {
    registers.get_disjoint_mut(wanted.map(usize::from)).expect("registers of an operation differ")
}
