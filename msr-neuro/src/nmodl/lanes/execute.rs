//! Runs a program chunk by chunk.

use pulp::{Arch, Simd, WithSimd};

use super::exponential::{exponential, multiply_add};
use super::fused::{Fused, Sign};
use super::program::{Operand, Operation, Program, Shared, Sink, Term};
use super::progress::Progress;
use super::registers::{Operands, Registers, Value, one, three, two};
use crate::nernst::logarithm;
use crate::nmodl::model::{Binary, Math, Unary};
use crate::nmodl::run::{plain_binary, plain_math, plain_unary};

/// Instances that are worked on together, and so many of the last chunks of a block, which are not full, that vector
/// instructions suffice. Where a program has so many registers that they leave the first cache, chunks that are smaller are
/// slower all the same.
const CHUNK: usize = 128;
const HALF: usize = 64;
const PART: usize = 32;
const GRAIN: usize = 8;
/// From so many instances on, a larger chunk takes less time than smaller ones.
const WORTH_A_CHUNK: usize = 90;
const WORTH_A_HALF: usize = 45;
const WORTH_A_PART: usize = 13;
/// A sum is made in so many vectors at once, which are registers of the processor.
const VECTORS: usize = 4;

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
    registers: Files,
    shared: Vec<f64>,
    /// Instances that did not come to an end in the last run.
    pub unfinished: Vec<u32>,
    /// Values that who runs programs keeps meanwhile.
    pub kept: Vec<f64>,
}

/// Registers for chunks of each size.
#[derive(Default)]
struct Files {
    chunk: Registers<CHUNK>,
    half: Registers<HALF>,
    part: Registers<PART>,
    grain: Registers<GRAIN>,
}

impl Program {
    /// Runs for all instances of a block: `nodes` and columns of one value an instance; `given` are the shared values
    /// that [`super::Source::Shared`] numbers. Each instance's result depends on its own values only. Where a program is
    /// repeated, [`Scratch::unfinished`] lists the instances that have not come to an end: they keep their values.
    pub fn run<S: Surroundings>(
        &self,
        given: &[f64],
        nodes: &[u32],
        columns: &mut [f64],
        surroundings: &mut S,
        scratch: &mut Scratch,
    ) {
        scratch.unfinished.clear();
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
        let run = Run {
            program: self,
            nodes,
            columns,
            surroundings,
            registers: &mut scratch.registers,
            shared: &scratch.shared,
            unfinished: &mut scratch.unfinished,
        };
        Arch::new().dispatch(run);
    }
}

/// A run, to be compiled for the vector instructions of the machine.
struct Run<'a, S> {
    program: &'a Program,
    nodes: &'a [u32],
    columns: &'a mut [f64],
    surroundings: &'a mut S,
    registers: &'a mut Files,
    shared: &'a [f64],
    unfinished: &'a mut Vec<u32>,
}

impl<S: Surroundings> WithSimd for Run<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<V: Simd>(self, simd: V) {
        // All vector instructions that are asked for come with a fused product and sum.
        if V::IS_SCALAR { self.chunks::<false, V>(simd) } else { self.chunks::<true, V>(simd) }
    }
}

impl<S: Surroundings> Run<'_, S> {
    #[inline(always)]
    fn chunks<const FUSED: bool, V: Simd>(mut self, simd: V) {
        let count = self.nodes.len();
        let mut first = 0;
        while first < count {
            let left = count - first;
            first += match left {
                WORTH_A_CHUNK.. => self.chunk::<FUSED, V, CHUNK>(simd, first, left, |files| &mut files.chunk),
                WORTH_A_HALF.. => self.chunk::<FUSED, V, HALF>(simd, first, left, |files| &mut files.half),
                WORTH_A_PART.. => self.chunk::<FUSED, V, PART>(simd, first, left, |files| &mut files.part),
                _ => self.chunk::<FUSED, V, GRAIN>(simd, first, left, |files| &mut files.grain),
            };
        }
    }

    /// Works on so many instances as there are left, and says on how many.
    #[inline(always)]
    fn chunk<const FUSED: bool, V: Simd, const LANES: usize>(
        &mut self,
        simd: V,
        first: usize,
        left: usize,
        registers: impl Fn(&mut Files) -> &mut Registers<LANES>,
    ) -> usize {
        let length = left.min(LANES);
        let nodes = &self.nodes[first..first + length];
        let registers = registers(self.registers);
        registers.reserve(self.program.registers);
        let mut chunk = Chunk {
            nodes,
            start: contiguous(nodes),
            count: self.nodes.len(),
            first,
            columns: &mut *self.columns,
            surroundings: &mut *self.surroundings,
            registers,
            shared: self.shared,
            terms: &self.program.terms,
        };
        // One loop for all lists: all operations are compiled once.
        let mut operations = &self.program.operations;
        let mut progress = Progress::<LANES>::new(length);
        loop {
            for operation in operations {
                chunk.operate::<FUSED, V>(simd, operation);
            }
            let Some(repeated) = &self.program.repeated else { break };
            if progress.ends(repeated, &mut chunk) {
                progress.store(repeated, &mut chunk, self.unfinished);
                break;
            }
            operations = &progress.pass(repeated).operations;
        }
        length
    }
}

/// Instances that are worked on together.
pub(super) struct Chunk<'a, S, const LANES: usize> {
    pub nodes: &'a [u32],
    /// First of the nodes, where they follow one another.
    start: Option<usize>,
    /// Instances of the block.
    pub count: usize,
    pub first: usize,
    pub columns: &'a mut [f64],
    pub surroundings: &'a mut S,
    pub registers: &'a mut Registers<LANES>,
    shared: &'a [f64],
    terms: &'a [Term],
}

impl<S: Surroundings, const LANES: usize> Chunk<'_, S, LANES> {
    /// Where the next result is written, and what it is made of.
    #[inline(always)]
    pub fn open(&mut self) -> (&mut [f64; LANES], Operands<'_, LANES>) {
        let (result, registers) = self.registers.open();
        let operands = Operands {
            registers,
            shared: self.shared,
            columns: self.columns,
            first: self.first,
            count: self.count,
            is_full: self.nodes.len() == LANES,
        };
        (result, operands)
    }

    #[inline(always)]
    fn operate<const FUSED: bool, V: Simd>(&mut self, simd: V, operation: &Operation) {
        match *operation {
            Operation::Rest(..) if self.nodes.len() == LANES => {}
            Operation::Column(to, column) | Operation::Rest(to, column) => {
                let start = column as usize * self.count + self.first;
                let values = &self.columns[start..start + self.nodes.len()];
                load(self.registers.open().0, values);
                self.registers.close(to);
            }
            Operation::Field(to, field) => {
                let field = self.surroundings.field(field);
                let (result, _) = self.registers.open();
                match self.start {
                    Some(start) => load(result, &field[start..start + self.nodes.len()]),
                    None => {
                        for (value, node) in result.iter_mut().zip(self.nodes) {
                            *value = field[*node as usize];
                        }
                    }
                }
                self.registers.close(to);
            }
            Operation::Unary(Unary::Minus, to, from) => self.one(to, from, |value| -value),
            Operation::Unary(Unary::Not, to, from) => self.one(to, from, |value| truth(value == 0.0)),
            Operation::Binary(operator, to, left, right) => self.binary(operator, to, left, right),
            Operation::Math(function, to, first, second) => self.math::<FUSED>(function, to, first, second),
            Operation::Select(to, condition, then, otherwise) => {
                let choose =
                    |condition: f64, then: f64, otherwise: f64| if condition != 0.0 { then } else { otherwise };
                self.three(to, [condition, then, otherwise], choose);
            }
            Operation::Fused(fused, to, operands) => self.fused::<FUSED>(fused, to, operands),
            Operation::Sum(to, start, first, count) => {
                let terms = &self.terms[first as usize..first as usize + count as usize];
                let (result, operands) = self.open();
                sum(simd, result, operands, start, terms);
                self.registers.close(to);
            }
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
        match function {
            Math::Exp => self.one(to, first, exponential::<FUSED>),
            Math::Abs => self.one(to, first, f64::abs),
            Math::Log => self.logarithms(to, first),
            Math::Sqrt => self.one(to, first, f64::sqrt),
            _ => {
                let length = self.nodes.len();
                let (result, operands) = self.open();
                let (first, second) = (operands.copied(first), operands.copied(second));
                for ((value, first), second) in result[..length].iter_mut().zip(&first).zip(&second) {
                    *value = plain_math(function, *first, *second);
                }
                self.registers.close(to);
            }
        }
    }

    #[inline(always)]
    fn logarithms(&mut self, to: u16, from: Operand) {
        let length = self.nodes.len();
        let (result, operands) = self.open();
        let values = operands.copied(from);
        one(result, &values, logarithm);
        let is_usual = |value: &f64| (f64::MIN_POSITIVE..f64::INFINITY).contains(value);
        if !values[..length].iter().fold(true, |are_usual, value| are_usual & is_usual(value)) {
            for (result, value) in result[..length].iter_mut().zip(&values).filter(|(_, value)| !is_usual(value)) {
                *result = value.ln();
            }
        }
        self.registers.close(to);
    }

    #[inline(always)]
    fn one(&mut self, to: u16, from: Operand, f: impl Fn(f64) -> f64) {
        let (result, operands) = self.open();
        match operands.get(from) {
            Value::Many(values) => one(result, values, f),
            Value::One(value) => one(result, value, f),
        }
        self.registers.close(to);
    }

    #[inline(always)]
    fn two(&mut self, to: u16, left: Operand, right: Operand, f: impl Fn(f64, f64) -> f64) {
        let (result, operands) = self.open();
        two(result, operands.get(left), operands.get(right), f);
        self.registers.close(to);
    }

    #[inline(always)]
    fn fused<const FUSED: bool>(&mut self, fused: Fused, to: u16, operands: [Operand; 3]) {
        let add = multiply_add::<FUSED>;
        match fused {
            Fused::ProductPlus => self.three(to, operands, add),
            Fused::ProductMinus => self.three(to, operands, |a, b, c| add(a, b, -c)),
            Fused::MinusProduct => self.three(to, operands, |a, b, c| add(-a, b, c)),
            Fused::ProductTimes => self.three(to, operands, |a, b, c| a * b * c),
            Fused::SumTimes => self.three(to, operands, |a, b, c| (a + b) * c),
            Fused::DifferenceTimes => self.three(to, operands, |a, b, c| (a - b) * c),
            Fused::OverSum => self.three(to, operands, |a, b, c| c / (a + b)),
            Fused::OverDifference => self.three(to, operands, |a, b, c| c / (a - b)),
            Fused::Relax => self.three(to, operands, relaxed::<FUSED>),
            Fused::AtLeast => self.two(to, operands[0], operands[1], |a, b| if a < b { b } else { a }),
        }
    }

    #[inline(always)]
    fn three(&mut self, to: u16, three_of: [Operand; 3], f: impl Fn(f64, f64, f64) -> f64) {
        let (result, operands) = self.open();
        let [a, b, c] = three_of;
        three(result, [operands.get(a), operands.get(b), operands.get(c)], f);
        self.registers.close(to);
    }

    #[inline(always)]
    pub fn store(&mut self, sink: Sink, from: Operand) {
        let length = self.nodes.len();
        let constant;
        let values: &[f64] = match from {
            Operand::Register(from) | Operand::Column(from, _) => &self.registers.all()[from as usize].0[..length],
            Operand::Shared(from) => {
                constant = [self.shared[from as usize]; LANES];
                &constant[..length]
            }
        };
        match sink {
            Sink::Column(column) => {
                let start = column as usize * self.count + self.first;
                let column = &mut self.columns[start..start + length];
                match (<&mut [f64; LANES]>::try_from(&mut *column), <&[f64; LANES]>::try_from(values)) {
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

/// Adds terms to a value one by one. So many instances at once that their sums stay in registers of the processor.
#[inline(always)]
fn sum<V: Simd, const LANES: usize>(
    simd: V,
    to: &mut [f64; LANES],
    operands: Operands<'_, LANES>,
    start: Operand,
    terms: &[Term],
) {
    let (vectors, _) = V::as_mut_simd_f64s(to);
    let (parts, rest) = vectors.as_chunks_mut::<VECTORS>();
    let mut first = 0;
    for part in parts {
        *part = sums(simd, operands, start, terms, first);
        first += VECTORS;
    }
    for vector in rest {
        [*vector] = sums(simd, operands, start, terms, first);
        first += 1;
    }
}

/// The sums in vectors from a first one on.
#[inline(always)]
fn sums<V: Simd, const LANES: usize, const COUNT: usize>(
    simd: V,
    operands: Operands<'_, LANES>,
    start: Operand,
    terms: &[Term],
    first: usize,
) -> [V::f64s; COUNT] {
    let of = |operand: Operand| match operands.get(operand) {
        Value::Many(values) => {
            let (vectors, _) = V::as_simd_f64s(values);
            *vectors[first..].first_chunk::<COUNT>().expect("a chunk is made of whole vectors")
        }
        Value::One(value) => [simd.splat_f64s(value); COUNT],
    };
    let size = simd.not_f64s(simd.splat_f64s(-0.0));
    let mut sums = of(start);
    for term in terms {
        let (a, b) = (of(term.a), of(term.b));
        match term.sign {
            Sign::Plus => each(&mut sums, a, b, |a, b, sum| simd.mul_add_e_f64s(a, b, sum)),
            Sign::Minus => each(&mut sums, a, b, |a, b, sum| simd.negate_mul_add_e_f64s(a, b, sum)),
            Sign::Size => each(&mut sums, a, b, |a, b, sum| simd.mul_add_e_f64s(simd.and_f64s(size, a), b, sum)),
            Sign::Distance => {
                each(&mut sums, a, b, |a, b, sum| simd.add_f64s(simd.and_f64s(size, simd.sub_f64s(a, b)), sum))
            }
        }
    }
    sums
}

/// What sums become by a function of a term's factors and what they were.
#[inline(always)]
fn each<T: Copy, const COUNT: usize>(sums: &mut [T; COUNT], a: [T; COUNT], b: [T; COUNT], f: impl Fn(T, T, T) -> T) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        *sum = f(a, b, *sum);
    }
}

/// Takes values over; whole chunks at once.
#[inline(always)]
fn load<const LANES: usize>(to: &mut [f64; LANES], values: &[f64]) {
    match <&[f64; LANES]>::try_from(values) {
        Ok(values) => *to = *values,
        _ => to[..values.len()].copy_from_slice(values),
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
