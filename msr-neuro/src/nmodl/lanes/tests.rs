//! Programs on chunks of all sizes against one instance of the graph as it was written.

use super::execute::{Scratch, Surroundings};
use super::graph::{Graph, Id, Node};
use super::program::{Operation, Program, Sink, Source};
use crate::nmodl::model::{Binary, Math, Unary};
use crate::nmodl::run::{Domain, plain_binary, plain_math, plain_unary};

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
    let far = [(x, k), (k, slope)].map(|(a, b)| graph.binary(Subtract, a, b));
    let far = far.map(|distance| graph.math(Math::Abs, &[distance]));
    let distances = far.into_iter().fold(tenth, |sum, distance| graph.binary(Add, sum, distance));
    let drained = graph.binary(Subtract, x, tenth);
    let is_below = graph.binary(Less, drained, tiny);
    let filled = graph.select(is_below, tiny, drained);
    vec![relaxed, tau, product, quotient, logistic, chosen, log, root, wave, distances, filled, dt]
}

#[test]
fn chunks_of_any_size_give_what_one_instance_gives() {
    let mut graph = Graph::default();
    let wanted = outputs(&mut graph);
    let first = 3;
    let sinks: Vec<(Id, Sink)> = wanted.iter().zip(first..).map(|(&id, column)| (id, Sink::Column(column))).collect();
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
        let distance =
            if number > 0.0 { graph.binary(Binary::Add, v, shift) } else { graph.binary(Binary::Subtract, shift, v) };
        let exponent = graph.binary(Binary::Divide, distance, ten);
        outputs.push((graph.math(Math::Exp, &[exponent]), Sink::Column(outputs.len() as u32)));
    }
    let program = Program::new(&graph, &outputs, source);
    let is_exp = |operation: &&Operation| matches!(operation, Operation::Math(Math::Exp, ..));
    assert_eq!(program.operations.iter().filter(is_exp).count(), 1);
}
