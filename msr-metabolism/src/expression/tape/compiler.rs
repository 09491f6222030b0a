//! From nodes to instructions: which are held, in what order they come, and which slot each result takes.

use std::collections::HashMap;

use super::schedule::{Dependent, schedule};
use super::{Instruction, Operation, Run, Tape};
use crate::expression::graph::{Graph, Node, NodeId};

/// A node as the instruction that computes it, with nodes still in place of slots.
struct Lowered {
    node: NodeId,
    operation: Operation,
    operands: Vec<NodeId>,
    constant: Option<f64>,
}

pub(super) struct Compiler<'a> {
    graph: &'a Graph,
    /// Slot of each input.
    input_slots: HashMap<u32, u32>,
    /// Whether each node depends on an input that changes within a window.
    varies: Vec<bool>,
    /// Number of nodes, among those wanted, that have it as operand.
    uses: Vec<u32>,
    is_output: Vec<bool>,
    done: Vec<bool>,
    held: Vec<Lowered>,
    body: Vec<Lowered>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(graph: &'a Graph, inputs: &[usize], varying: usize) -> Self {
        let slot = |position: usize| u32::try_from(position).expect("fewer than 2^32 slots");
        let input_slots: HashMap<u32, u32> =
            inputs.iter().enumerate().map(|(position, &input)| (slot(input), slot(position))).collect();
        let mut varies = vec![false; graph.nodes().len()];
        for index in 0..varies.len() {
            let id = graph.id(index);
            varies[index] = match graph.node(id) {
                Node::Input(input) => input_slots.get(&input).is_some_and(|&slot| (slot as usize) < varying),
                _ => graph.operands(id).into_iter().flatten().any(|operand| varies[operand.index()]),
            };
        }
        let count = varies.len();
        Self {
            graph,
            input_slots,
            varies,
            uses: vec![0; count],
            is_output: vec![false; count],
            done: vec![false; count],
            held: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(super) fn compile(mut self, values: &[NodeId], slopes: &[NodeId]) -> Tape {
        self.count_uses(values.iter().chain(slopes));
        for &node in values {
            self.emit(node);
        }
        let of_values = self.body.len();
        for &node in slopes {
            self.emit(node);
        }
        let of_slopes = self.body.split_off(of_values);
        self.held = schedule(std::mem::take(&mut self.held));
        self.body = schedule(std::mem::take(&mut self.body));
        self.body.extend(schedule(of_slopes));
        self.allocate(values, slopes, of_values)
    }

    fn count_uses<'n>(&mut self, outputs: impl Iterator<Item = &'n NodeId>) {
        let mut wanted = vec![false; self.uses.len()];
        for output in outputs {
            wanted[output.index()] = true;
            self.is_output[output.index()] = true;
        }
        for index in (0..wanted.len()).rev() {
            if wanted[index] {
                for operand in self.graph.operands(self.graph.id(index)).into_iter().flatten() {
                    wanted[operand.index()] = true;
                    self.uses[operand.index()] += 1;
                }
            }
        }
    }

    /// Appends what computes `node`, operands first. Constants get here only where an instruction needs them in a slot.
    fn emit(&mut self, node: NodeId) {
        let mut pending = vec![(node, false)];
        while let Some((node, operands_done)) = pending.pop() {
            if self.done[node.index()] || matches!(self.graph.node(node), Node::Input(_)) {
                continue;
            }
            let lowered = self.lower(node);
            if operands_done {
                self.done[node.index()] = true;
                if self.varies[node.index()] { self.body.push(lowered) } else { self.held.push(lowered) }
            } else {
                pending.push((node, true));
                pending.extend(lowered.operands.iter().rev().map(|&operand| (operand, false)));
            }
        }
    }

    fn lower(&self, node: NodeId) -> Lowered {
        let constant = |id: NodeId| self.graph.constant_value(id);
        let make = |operation, operands: &[NodeId], constant| Lowered {
            node,
            operation,
            operands: operands.to_vec(),
            constant,
        };
        match self.graph.node(node) {
            Node::Constant(bits) => make(Operation::Load, &[], Some(f64::from_bits(bits))),
            Node::Input(_) => unreachable!("inputs have their slots"),
            Node::Add(a, b) => match (constant(a), self.product(a), self.product(b)) {
                (Some(c), _, _) => make(Operation::AddConstant, &[b], Some(c)),
                (None, _, Some((p, q))) => self.sum_with_product(node, a, p, q, 1.0),
                (None, Some((p, q)), None) => self.sum_with_product(node, b, p, q, 1.0),
                (None, None, None) => make(Operation::Add, &[a, b], None),
            },
            Node::Subtract(a, b) => match (constant(a), self.product(b)) {
                (Some(c), _) => make(Operation::SubtractFrom, &[b], Some(c)),
                (None, Some((p, q))) => self.sum_with_product(node, a, p, q, -1.0),
                (None, None) => make(Operation::Subtract, &[a, b], None),
            },
            Node::Multiply(a, b) => match constant(a) {
                Some(c) => make(Operation::Scale, &[b], Some(c)),
                None => make(Operation::Multiply, &[a, b], None),
            },
            Node::Power(a, b) => match constant(b) {
                Some(c) => make(Operation::PowerConstant, &[a], Some(c)),
                None => make(Operation::Power, &[a, b], None),
            },
            Node::Reciprocal(a) => make(Operation::Reciprocal, &[a], None),
            Node::Sqrt(a) => make(Operation::Sqrt, &[a], None),
            Node::Exp(a) => make(Operation::Exp, &[a], None),
            Node::Ln(a) => make(Operation::Ln, &[a], None),
            Node::Min(a, b) => make(Operation::Min, &[a, b], None),
            Node::Max(a, b) => make(Operation::Max, &[a, b], None),
            Node::AtMost(a, b) => make(Operation::AtMost, &[a, b], None),
        }
    }

    /// The factors of a product that nothing else uses, and that can therefore be part of the sum it stands in.
    fn product(&self, node: NodeId) -> Option<(NodeId, NodeId)> {
        let index = node.index();
        match self.graph.node(node) {
            Node::Multiply(p, q) if self.varies[index] && self.uses[index] == 1 && !self.is_output[index] => {
                Some((p, q))
            }
            _ => None,
        }
    }

    /// `a + sign*p*q`.
    fn sum_with_product(&self, node: NodeId, a: NodeId, p: NodeId, q: NodeId, sign: f64) -> Lowered {
        match self.graph.constant_value(p) {
            Some(c) => {
                Lowered { node, operation: Operation::AddScaled, operands: vec![a, q], constant: Some(sign * c) }
            }
            None => {
                let operation = if sign > 0.0 { Operation::AddProduct } else { Operation::SubtractProduct };
                Lowered { node, operation, operands: vec![a, p, q], constant: None }
            }
        }
    }

    /// Gives every result a slot. Results that nothing reads any more leave theirs to later ones; held results and
    /// outputs keep theirs. Slopes get slots that no value ever used, so that they outlive later runs of the values.
    fn allocate(self, values: &[NodeId], slopes: &[NodeId], end_of_values: usize) -> Tape {
        const NEVER: usize = usize::MAX;
        let mut last_use = vec![0usize; self.done.len()];
        for (position, lowered) in self.body.iter().enumerate() {
            for operand in &lowered.operands {
                last_use[operand.index()] = position;
            }
        }
        for lowered in &self.held {
            last_use[lowered.node.index()] = NEVER;
        }
        for output in values.iter().chain(slopes) {
            last_use[output.index()] = NEVER;
        }
        let mut slots = SlotTable {
            of_node: vec![None; self.done.len()],
            free: Vec::new(),
            count: u32::try_from(self.input_slots.len()).expect("fewer than 2^32 slots"),
        };
        for index in 0..self.done.len() {
            if let Node::Input(input) = self.graph.node(self.graph.id(index)) {
                slots.of_node[index] = self.input_slots.get(&input).copied();
            }
        }
        let mut tape = Tape {
            instructions: Vec::new(),
            constants: Vec::new(),
            slots: 0,
            held: runs(&self.held, 0),
            values: runs(&self.body[..end_of_values], self.held.len()),
            slopes: runs(&self.body[end_of_values..], self.held.len() + end_of_values),
            value_slots: Vec::new(),
            slope_slots: Vec::new(),
        };
        for lowered in &self.held {
            let target = slots.fresh(lowered.node);
            slots.push(&mut tape, lowered, target);
        }
        for (position, lowered) in self.body.iter().enumerate() {
            // An instruction reads all its operands before it writes, so it may write to the slot of one that ends.
            let mut operands = lowered.operands.clone();
            operands.sort_unstable();
            operands.dedup();
            let operand_slots = slots.operands(lowered);
            for operand in operands {
                let is_input = matches!(self.graph.node(operand), Node::Input(_));
                if last_use[operand.index()] == position && !is_input {
                    slots.release(operand);
                }
            }
            let keeps = last_use[lowered.node.index()] == NEVER;
            let target = if keeps { slots.fresh(lowered.node) } else { slots.reused(lowered.node) };
            slots.push_with(&mut tape, lowered, target, operand_slots);
        }
        tape.value_slots = values.iter().map(|&node| slots.of(node)).collect();
        tape.slope_slots = slopes.iter().map(|&node| slots.of(node)).collect();
        tape.slots = slots.count as usize;
        tape
    }
}

/// Neighbours with the same operation, joined. The first instruction has the position `start`.
fn runs(sequence: &[Lowered], start: usize) -> Vec<Run> {
    let mut position = start;
    sequence
        .chunk_by(|a, b| a.operation == b.operation)
        .map(|same| {
            let first = position;
            position += same.len();
            Run { operation: same[0].operation, instructions: first..position }
        })
        .collect()
}

impl Dependent for Lowered {
    type Kind = Operation;

    fn node(&self) -> NodeId {
        self.node
    }

    fn operands(&self) -> &[NodeId] {
        &self.operands
    }

    fn kind(&self) -> Operation {
        self.operation
    }
}

struct SlotTable {
    of_node: Vec<Option<u32>>,
    free: Vec<u32>,
    count: u32,
}

impl SlotTable {
    fn of(&self, node: NodeId) -> u32 {
        self.of_node[node.index()].expect("operands come before results")
    }

    fn fresh(&mut self, node: NodeId) -> u32 {
        let slot = self.count;
        self.count += 1;
        self.of_node[node.index()] = Some(slot);
        slot
    }

    fn reused(&mut self, node: NodeId) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.of_node[node.index()] = Some(slot);
                slot
            }
            None => self.fresh(node),
        }
    }

    fn release(&mut self, node: NodeId) {
        self.free.push(self.of(node));
    }

    fn operands(&self, lowered: &Lowered) -> Vec<u32> {
        lowered.operands.iter().map(|&operand| self.of(operand)).collect()
    }

    fn push(&mut self, tape: &mut Tape, lowered: &Lowered, target: u32) {
        let operands = self.operands(lowered);
        self.push_with(tape, lowered, target, operands);
    }

    fn push_with(&mut self, tape: &mut Tape, lowered: &Lowered, target: u32, mut operands: Vec<u32>) {
        if let Some(constant) = lowered.constant {
            operands.push(u32::try_from(tape.constants.len()).expect("fewer than 2^32 constants"));
            tape.constants.push(constant);
        }
        operands.resize(3, 0);
        tape.instructions.push(Instruction { target, operands: [operands[0], operands[1], operands[2]] });
    }
}
