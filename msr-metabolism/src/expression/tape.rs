//! The programs of a model: what depends only on held inputs, the values (right-hand side), the slopes (Jacobian).

use super::graph::{Graph, NodeId};
use super::lanes::Lanes;
use super::program::Program;

mod compiler;

use compiler::Compiler;

/// A compiled set of expressions over a workspace of slots, each with one value for each of `L` lanes.
///
/// [`Tape::run_held`] computes what depends only on held inputs, once for each change of these; [`Tape::run_values`]
/// computes the values, [`Tape::run_slopes`] what is wanted in addition, from what `run_values` left.
#[derive(Debug, Clone)]
pub struct Tape {
    slots: usize,
    held: Program,
    values: Program,
    slopes: Program,
    value_slots: Vec<u32>,
}

/// Slots that a tape does not choose itself.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// Slot `i` is that of input `inputs[i]`.
    pub inputs: &'a [usize],
    /// The first of the inputs are states that change within a window, the others are held.
    pub varying: usize,
    /// Slots after those of the inputs that are left to others, and to the slopes.
    pub reserved: usize,
}

impl Tape {
    /// Compiles `values` and `slopes`; these with the slots that they are wanted in, among the reserved.
    pub fn compile(graph: &Graph, layout: Layout<'_>, values: &[NodeId], slopes: &[(NodeId, u32)]) -> Self {
        Compiler::new(graph, layout).compile(values, slopes)
    }

    /// Number of slots that a run needs.
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// Number of instructions: of held quantities, of values, of slopes.
    pub fn lengths(&self) -> [usize; 3] {
        [&self.held, &self.values, &self.slopes].map(Program::len)
    }

    /// Slot of each value.
    pub fn value_slots(&self) -> &[u32] {
        &self.value_slots
    }

    /// Computes what depends on held inputs only.
    #[inline(always)]
    pub fn run_held<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.held.run(slots);
    }

    /// Computes the values from the inputs, after `run_held`.
    #[inline(always)]
    pub fn run_values<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.values.run(slots);
    }

    /// Computes the slopes, directly after `run_values` at the same inputs.
    #[inline(always)]
    pub fn run_slopes<const L: usize>(&self, slots: &mut [Lanes<L>]) {
        self.slopes.run(slots);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

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
        // A node that is wanted twice, and one that is also a value.
        let slopes = [slopes, &[nodes[3], nodes[0]]].concat();
        let slope_slots = [5, 7, 4, 6, 3];
        let wanted: Vec<(NodeId, u32)> = slopes.iter().copied().zip(slope_slots).collect();
        // Input 2 is held.
        let layout = Layout { inputs: &[1, 0, 2], varying: 2, reserved: 5 };
        let tape = Tape::compile(&graph, layout, values, &wanted);
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
        let kept: Vec<Lanes<2>> = slope_slots.iter().map(|&slot| slots[slot as usize]).collect();
        for (lane, inputs) in lanes.iter().enumerate() {
            let expected = graph.evaluate(inputs);
            for (node, found) in values.iter().zip(&found) {
                assert_eq!(found[lane].to_bits(), expected[node.index()].to_bits());
            }
            for (node, kept) in slopes.iter().zip(&kept) {
                assert_eq!(kept[lane].to_bits(), expected[node.index()].to_bits());
            }
        }
    }
}
