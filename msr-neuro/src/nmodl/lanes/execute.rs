//! Runs a program chunk by chunk.

use pulp::{Arch, Simd, WithSimd};

use super::exponential::{exponential, multiply_add};
use super::fused::Fused;
use super::program::{Operand, Operation, Program, Shared, Sink};
use super::registers::{CHUNK, Lane, Operands, Register, Registers, one, three, two};
use crate::nmodl::model::{Binary, Math, Unary};
use crate::nmodl::run::{plain_binary, plain_math, plain_unary};

/// Instances of the last chunks of a block, which are not full: so many that vector instructions suffice.
const PART: usize = 32;
const GRAIN: usize = 8;
/// From so many instances on, a larger chunk takes less time than smaller ones.
const WORTH_A_CHUNK: usize = 90;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nmodl::lanes::graph::{Graph, Id, Node};
    use crate::nmodl::lanes::program::Source;
    use crate::nmodl::run::Domain;

    struct Fields(Vec<Vec<f64>>);

    impl Surroundings for Fields {
        fn field(&self, field: u32) -> &[f64] {
            &self.0[field as usize]
        }
        fn field_mut(&mut self, field: u32) -> &mut [f64] {
            &mut self.0[field as usize]
        }
    }

    /// Slots: 0 the step (shared), 1 the voltage (a field), 2 to 4 columns.
    fn source(slot: u32) -> Source {
        match slot {
            0 => Source::Shared(0),
            1 => Source::Field(0),
            _ => Source::Column(slot - 2),
        }
    }

    fn value(graph: &Graph, id: Id, slots: &[f64]) -> f64 {
        let of = |id: Id| value(graph, id, slots);
        match graph.nodes[id as usize] {
            Node::Number(bits) => f64::from_bits(bits),
            Node::Slot(slot) => slots[slot as usize],
            Node::Unary(operator, inner) => plain_unary(operator, of(inner)),
            Node::Binary(operator, left, right) => plain_binary(operator, of(left), of(right)),
            Node::Math(function, first, second) => plain_math(function, of(first), of(second)),
            Node::Select(condition, then, otherwise) => of(if of(condition) != 0.0 { then } else { otherwise }),
        }
    }

    /// A gate with opening and closing rates as channels write them, and each form that is fused or made cheaper.
    fn outputs(graph: &mut Graph) -> Vec<Id> {
        use Binary::{Add, Divide, Less, Multiply, Subtract};
        let [dt, v, x, slope, k] = [0, 1, 2, 3, 4].map(|slot| graph.slot(slot));
        let [one, shift, tenth, speed, tiny] = [1.0, -38.0, 0.1, 2.3, 1e-7].map(|number| graph.number(number));
        let below = graph.binary(Subtract, v, shift);
        let above = graph.binary(Subtract, shift, v);
        let mut rates = Vec::new();
        for (distance, factor) in [(below, 0.182), (above, 0.124)] {
            let negative = graph.unary(Unary::Minus, distance);
            let exponent = graph.binary(Divide, negative, slope);
            let exp = graph.math(Math::Exp, &[exponent]);
            let bottom = graph.binary(Subtract, one, exp);
            let factor = graph.number(factor);
            let top = graph.binary(Multiply, factor, distance);
            rates.push(graph.binary(Divide, top, bottom));
        }
        let sum = graph.binary(Add, rates[0], rates[1]);
        let steady = graph.binary(Divide, rates[0], sum);
        let tau = graph.binary(Divide, one, sum);
        let tau = graph.binary(Divide, tau, speed);
        let minus_one = graph.number(-1.0);
        let rate = graph.binary(Divide, minus_one, tau);
        let exponent = graph.binary(Multiply, dt, rate);
        let kept = graph.math(Math::Exp, &[exponent]);
        let part = graph.binary(Subtract, one, kept);
        let distance = graph.binary(Subtract, steady, x);
        let change = graph.binary(Multiply, part, distance);
        let relaxed = graph.binary(Add, x, change);
        let cube = [x, x, k].into_iter().fold(x, |product, factor| graph.binary(Multiply, product, factor));
        let current = graph.binary(Multiply, cube, below);
        let more = graph.binary(Add, current, k);
        let less = graph.binary(Subtract, current, tenth);
        let rest = graph.binary(Subtract, k, current);
        let product = graph.binary(Multiply, more, less);
        let quotient = graph.binary(Divide, rest, speed);
        let negative = graph.unary(Unary::Minus, below);
        let scaled = graph.binary(Multiply, negative, tenth);
        let logistic = graph.math(Math::Exp, &[scaled]);
        let logistic = graph.binary(Add, one, logistic);
        let logistic = graph.binary(Divide, k, logistic);
        let size = graph.math(Math::Abs, &[below]);
        let near = graph.binary(Less, size, tiny);
        let nudged = graph.binary(Add, v, tenth);
        let chosen = graph.select(near, nudged, v);
        let log = graph.math(Math::Log, &[slope]);
        let root = graph.math(Math::Sqrt, &[slope]);
        let wave = graph.math(Math::Atan2, &[v, slope]);
        vec![relaxed, tau, product, quotient, logistic, chosen, log, root, wave, dt]
    }

    #[test]
    fn chunks_of_any_size_give_what_one_instance_gives() {
        let mut graph = Graph::default();
        let wanted = outputs(&mut graph);
        let first = 3;
        let sinks: Vec<(Id, Sink)> =
            wanted.iter().zip(first..).map(|(&id, column)| (id, Sink::Column(column))).collect();
        let program = Program::new(&graph, &sinks, source);
        let mut scratch = Scratch::default();
        for count in [1, 7, 8, 9, 13, 33, 89, 90, 128, 151, 300] {
            for stride in [1, 2] {
                let nodes: Vec<u32> = (0..count as u32).map(|k| 3 + stride * k).collect();
                // Voltages from -90 mV by steps that miss the singular points.
                let v: Vec<f64> = (0..3 + 2 * count).map(|node| -90.0 + 0.3137 * node as f64).collect();
                let mut columns = vec![0.0; count * (first as usize + wanted.len())];
                for index in 0..count {
                    columns[index] = 0.05 + 0.9 * index as f64 / count as f64;
                    columns[count + index] = 6.0 + 0.01 * index as f64;
                    columns[2 * count + index] = 1e-3 * (1.0 + index as f64);
                }
                let before = columns.clone();
                program.run(&[0.025], &nodes, &mut columns, &mut Fields(vec![v.clone()]), &mut scratch);
                for (index, &node) in nodes.iter().enumerate() {
                    let column = |column: usize| before[column * count + index];
                    let slots = [0.025, v[node as usize], column(0), column(1), column(2)];
                    for (number, &id) in wanted.iter().enumerate() {
                        let found = columns[(first as usize + number) * count + index];
                        let expected = value(&graph, id, &slots);
                        let close = (found - expected).abs() <= 1e-12 * expected.abs();
                        assert!(close, "output {number}, instance {index} of {count}: {found} {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn several_instances_at_one_node_are_summed() {
        let mut graph = Graph::default();
        let x = graph.slot(2);
        let program = Program::new(&graph, &[(x, Sink::AddTo(1))], source);
        let mut fields = Fields(vec![vec![0.0; 3], vec![0.5; 3]]);
        let mut columns = vec![1.0, 2.0, 4.0];
        program.run(&[0.025], &[2, 0, 2], &mut columns, &mut fields, &mut Scratch::default());
        assert_eq!(fields.0[1], [2.5, 0.5, 5.5]);
    }

    #[test]
    fn the_opposite_exponential_is_a_reciprocal() {
        let mut graph = Graph::default();
        let v = graph.slot(1);
        let ten = graph.number(10.0);
        let mut outputs = Vec::new();
        for number in [38.0, -38.0] {
            let shift = graph.number(number);
            let distance = if number > 0.0 {
                graph.binary(Binary::Add, v, shift)
            } else {
                graph.binary(Binary::Subtract, shift, v)
            };
            let exponent = graph.binary(Binary::Divide, distance, ten);
            outputs.push((graph.math(Math::Exp, &[exponent]), Sink::Column(outputs.len() as u32)));
        }
        let program = Program::new(&graph, &outputs, source);
        let is_exp = |operation: &&Operation| matches!(operation, Operation::Math(Math::Exp, ..));
        assert_eq!(program.operations.iter().filter(is_exp).count(), 1);
    }
}
