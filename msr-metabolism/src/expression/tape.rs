//! A list of instructions over slots that computes chosen nodes of a graph, for several cells at once.
//!
//! Each slot holds one value for each of `L` lanes; a lane is a cell. What depends only on held inputs is computed by
//! [`Tape::run_held`], once for each change of these; [`Tape::run_values`] computes the values (the right-hand side),
//! [`Tape::run_slopes`] what is wanted in addition (the Jacobian), from what `run_values` left. Lanes never mix, and no
//! operation is contracted or reordered, so that a lane's bits do not depend on `L` or on its neighbours.

use std::ops::Range;

use super::graph::{Graph, NodeId};

mod compiler;
mod schedule;

use compiler::Compiler;

/// One value for each lane.
pub type Lanes<const L: usize> = [f64; L];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    // Operands are slots.
    Add,
    Subtract,
    Multiply,
    Power,
    Min,
    Max,
    AtMost,
    Reciprocal,
    Sqrt,
    Exp,
    Ln,
    /// `a + b*c`.
    AddProduct,
    /// `a - b*c`.
    SubtractProduct,
    // The last operand is a constant.
    /// `a + constant`.
    AddConstant,
    /// `constant - a`.
    SubtractFrom,
    /// `constant * a`.
    Scale,
    /// `a ^ constant`.
    PowerConstant,
    /// `a + constant*b`.
    AddScaled,
    /// The constant itself.
    Load,
}

/// The slot of a result, and its operands: slots, or last the position of a constant.
#[derive(Debug, Clone, Copy)]
struct Instruction {
    target: u32,
    operands: [u32; 3],
}

/// Instructions with the same operation, one after the other: what is to be done is looked up once for all of them.
#[derive(Debug, Clone)]
struct Run {
    operation: Operation,
    instructions: Range<usize>,
}

/// A compiled set of expressions.
#[derive(Debug, Clone)]
pub struct Tape {
    instructions: Vec<Instruction>,
    constants: Vec<f64>,
    slots: usize,
    held: Vec<Run>,
    values: Vec<Run>,
    slopes: Vec<Run>,
    value_slots: Vec<u32>,
    slope_slots: Vec<u32>,
}

impl Tape {
    /// Compiles `values` and `slopes`. Slot `i` is that of input `inputs[i]`; the first `varying` of these are states
    /// that change within a window, the others are held.
    pub fn compile(graph: &Graph, inputs: &[usize], varying: usize, values: &[NodeId], slopes: &[NodeId]) -> Self {
        Compiler::new(graph, inputs, varying).compile(values, slopes)
    }

    /// Number of slots that a run needs.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Number of instructions: of held quantities, of values, of slopes.
    pub fn lengths(&self) -> [usize; 3] {
        [&self.held, &self.values, &self.slopes].map(|runs| runs.iter().map(|run| run.instructions.len()).sum())
    }

    /// Slot of each value.
    pub fn value_slots(&self) -> &[u32] {
        &self.value_slots
    }

    /// Slot of each slope.
    pub fn slope_slots(&self) -> &[u32] {
        &self.slope_slots
    }

    /// Computes what depends on held inputs only.
    #[inline(always)]
    pub fn run_held<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.run(&self.held, slots);
    }

    /// Computes the values from the inputs, after `run_held`.
    #[inline(always)]
    pub fn run_values<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.run(&self.values, slots);
    }

    /// Computes the slopes, after `run_values` at the same inputs.
    #[inline(always)]
    pub fn run_slopes<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.run(&self.slopes, slots);
    }

    #[inline(always)]
    fn run<const L: usize>(&self, runs: &[Run], slots: &mut [Lanes<L>]) {
        assert_eq!(slots.len(), self.slots, "the workspace belongs to another tape");
        for run in runs {
            let instructions = &self.instructions[run.instructions.clone()];
            let mut step = Step { instructions, constants: &self.constants, slots };
            match run.operation {
                Operation::Add => step.both(|a, b| a + b),
                Operation::Subtract => step.both(|a, b| a - b),
                Operation::Multiply => step.both(|a, b| a * b),
                Operation::Power => step.both(f64::powf),
                Operation::Min => step.both(f64::min),
                Operation::Max => step.both(f64::max),
                Operation::AtMost => step.both(|a, b| if a <= b { 1.0 } else { 0.0 }),
                Operation::Reciprocal => step.each(|a| 1.0 / a),
                Operation::Sqrt => step.each(f64::sqrt),
                Operation::Exp => step.each(f64::exp),
                Operation::Ln => step.each(f64::ln),
                Operation::AddProduct => step.three(|a, b, c| a + b * c),
                Operation::SubtractProduct => step.three(|a, b, c| a - b * c),
                Operation::AddConstant => step.each_with(|a, constant| a + constant),
                Operation::SubtractFrom => step.each_with(|a, constant| constant - a),
                Operation::Scale => step.each_with(|a, constant| constant * a),
                Operation::PowerConstant => step.each_with(f64::powf),
                Operation::AddScaled => step.both_with(|a, b, constant| a + constant * b),
                Operation::Load => step.load(),
            }
        }
    }
}

/// One run on its slots.
struct Step<'a, const L: usize> {
    instructions: &'a [Instruction],
    constants: &'a [f64],
    slots: &'a mut [Lanes<L>],
}

impl<const L: usize> Step<'_, L> {
    #[inline(always)]
    fn each(&mut self, f: impl Fn(f64) -> f64) {
        for &Instruction { target, operands: [a, ..] } in self.instructions {
            let mut lanes = self.slots[a as usize];
            for lane in &mut lanes {
                *lane = f(*lane);
            }
            self.slots[target as usize] = lanes;
        }
    }

    #[inline(always)]
    fn each_with(&mut self, f: impl Fn(f64, f64) -> f64) {
        for &Instruction { target, operands: [a, constant, _] } in self.instructions {
            let constant = self.constants[constant as usize];
            let mut lanes = self.slots[a as usize];
            for lane in &mut lanes {
                *lane = f(*lane, constant);
            }
            self.slots[target as usize] = lanes;
        }
    }

    #[inline(always)]
    fn both(&mut self, f: impl Fn(f64, f64) -> f64) {
        for &Instruction { target, operands: [a, b, _] } in self.instructions {
            let mut lanes = self.slots[a as usize];
            let b = &self.slots[b as usize];
            for (lane, b) in lanes.iter_mut().zip(b) {
                *lane = f(*lane, *b);
            }
            self.slots[target as usize] = lanes;
        }
    }

    #[inline(always)]
    fn both_with(&mut self, f: impl Fn(f64, f64, f64) -> f64) {
        for &Instruction { target, operands: [a, b, constant] } in self.instructions {
            let constant = self.constants[constant as usize];
            let mut lanes = self.slots[a as usize];
            let b = &self.slots[b as usize];
            for (lane, b) in lanes.iter_mut().zip(b) {
                *lane = f(*lane, *b, constant);
            }
            self.slots[target as usize] = lanes;
        }
    }

    #[inline(always)]
    fn three(&mut self, f: impl Fn(f64, f64, f64) -> f64) {
        for &Instruction { target, operands: [a, b, c] } in self.instructions {
            let mut lanes = self.slots[a as usize];
            let (b, c) = (&self.slots[b as usize], &self.slots[c as usize]);
            for ((lane, b), c) in lanes.iter_mut().zip(b).zip(c) {
                *lane = f(*lane, *b, *c);
            }
            self.slots[target as usize] = lanes;
        }
    }

    #[inline(always)]
    fn load(&mut self) {
        for &Instruction { target, operands: [constant, ..] } in self.instructions {
            self.slots[target as usize] = [self.constants[constant as usize]; L];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::{Expression, Node};

    /// Every operation, held and varying operands, results that share slots: the tape gives the bits of the graph, in
    /// each lane those of its own inputs, and again after the values were computed elsewhere in between.
    #[test]
    fn a_tape_means_what_its_graph_means() {
        let formulas = [
            "a*b + c*a - 2*b*c + a^2.3 + 3*a",
            "sqrt(a + 1)/(b + exp(-a*c)) - ln(b)*(c - 7)",
            "min(a, 3) + max(b, a*c) + (c/(1 + c))^a - (1 - a)*(a*b + c)",
            "c^0.25 + c*5",
            "a",
            "4",
        ];
        let mut graph = Graph::default();
        let nodes: Vec<NodeId> = formulas
            .iter()
            .map(|text| {
                let formula = Expression::parse(text).unwrap();
                let position = |name: &str| ["a", "b", "c"].iter().position(|known| *known == name).unwrap();
                let inputs: Vec<NodeId> = (0..3).map(|input| graph.input(input)).collect();
                graph.build(&formula, &mut |name| inputs[position(name)])
            })
            .collect();
        let (values, slopes) = nodes.split_at(3);
        // Input 2 is held.
        let tape = Tape::compile(&graph, &[1, 0, 2], 2, values, slopes);
        let lanes = [[0.7, 1.9, 0.3], [2.5, 0.1, 4.0]];
        let mut slots = vec![[0.0; 2]; tape.slots()];
        let load = |slots: &mut [Lanes<2>], shift: f64| {
            for (slot, input) in [1, 0].into_iter().enumerate() {
                slots[slot] = std::array::from_fn(|lane| lanes[lane][input] + shift);
            }
        };
        load(&mut slots, 0.0);
        slots[2] = std::array::from_fn(|lane| lanes[lane][2]);
        tape.run_held(&mut slots);
        tape.run_values(&mut slots);
        tape.run_slopes(&mut slots);
        let found: Vec<Lanes<2>> = tape.value_slots().iter().map(|&slot| slots[slot as usize]).collect();
        load(&mut slots, 0.5);
        tape.run_values(&mut slots);
        let kept: Vec<Lanes<2>> = tape.slope_slots().iter().map(|&slot| slots[slot as usize]).collect();
        for (lane, inputs) in lanes.iter().enumerate() {
            let expected = graph.evaluate(inputs);
            for (node, found) in values.iter().zip(&found) {
                assert_eq!(found[lane].to_bits(), expected[node.index()].to_bits());
            }
            // The last but one is an input, which has moved on.
            for (node, kept) in
                slopes.iter().zip(&kept).filter(|(node, _)| !matches!(graph.node(**node), Node::Input(_)))
            {
                assert_eq!(kept[lane].to_bits(), expected[node.index()].to_bits());
            }
        }
    }
}
