//! From nodes to instructions: which are held, in what order they come, and which slot each result takes.

use std::collections::HashMap;

use super::{Layout, Tape};
use crate::expression::graph::{Graph, Node, NodeId};
use crate::expression::program::{Operation, Program};
use crate::expression::schedule::{Action, join_sums, schedule};

/// In the actions, a value is the position of its node in the graph; those beyond are copies of slopes.
pub(super) struct Compiler<'a> {
    graph: &'a Graph,
    layout: Layout<'a>,
    /// Slot of each input.
    input_slots: HashMap<u32, u32>,
    /// Whether each node depends on an input that changes within a window.
    varies: Vec<bool>,
    /// Number of nodes, among those wanted, that have it as operand.
    uses: Vec<u32>,
    is_output: Vec<bool>,
    done: Vec<bool>,
    held: Vec<Action>,
    body: Vec<Action>,
    /// Slots that some values must take.
    prescribed: HashMap<usize, u32>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(graph: &'a Graph, layout: Layout<'a>) -> Self {
        let slot = |position: usize| u32::try_from(position).expect("fewer than 2^32 slots");
        let input_slots: HashMap<u32, u32> =
            layout.inputs.iter().enumerate().map(|(position, &input)| (slot(input), slot(position))).collect();
        let mut varies = vec![false; graph.nodes().len()];
        for index in 0..varies.len() {
            let id = graph.id(index);
            varies[index] = match graph.node(id) {
                Node::Input(input) => input_slots.get(&input).is_some_and(|&slot| (slot as usize) < layout.varying),
                _ => graph.operands(id).into_iter().flatten().any(|operand| varies[operand.index()]),
            };
        }
        let count = varies.len();
        Self {
            graph,
            layout,
            input_slots,
            varies,
            uses: vec![0; count],
            is_output: vec![false; count],
            done: vec![false; count],
            held: Vec::new(),
            body: Vec::new(),
            prescribed: HashMap::new(),
        }
    }

    pub(super) fn compile(mut self, values: &[NodeId], slopes: &[(NodeId, u32)]) -> Tape {
        self.count_uses(values.iter().chain(slopes.iter().map(|(node, _)| node)));
        for &node in values {
            self.emit(node);
        }
        let before: Vec<bool> = self.done.clone();
        for &(node, _) in slopes {
            self.emit(node);
        }
        self.place_slopes(slopes, &before);
        let is_wanted = |index: usize| self.is_output.get(index) != Some(&false);
        let body = join_sums(std::mem::take(&mut self.body), is_wanted);
        let (of_values, of_slopes) = body.into_iter().partition(|action| before.get(action.result) == Some(&true));
        let [held, of_values, of_slopes] = [std::mem::take(&mut self.held), of_values, of_slopes].map(schedule);
        self.allocate(values, [&held, &of_values, &of_slopes])
    }

    /// A slope is computed in the slot that it is wanted in, or copied there: where it is known before (as an input, as
    /// a held result, as part of the values), or wanted in several.
    fn place_slopes(&mut self, slopes: &[(NodeId, u32)], before: &[bool]) {
        for (number, &(node, slot)) in slopes.iter().enumerate() {
            let index = node.index();
            let is_new = self.varies[index] && !before[index] && !matches!(self.graph.node(node), Node::Input(_));
            if is_new && !self.prescribed.contains_key(&index) {
                self.prescribed.insert(index, slot);
            } else {
                let result = self.graph.nodes().len() + number;
                self.prescribed.insert(result, slot);
                let (operation, constants) = (Operation::Copy, Vec::new());
                self.body.push(Action { operation, result, operands: vec![index], constants });
            }
        }
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
        let mut pending = vec![(node.index(), false)];
        while let Some((index, operands_done)) = pending.pop() {
            if self.done[index] || matches!(self.graph.nodes()[index], Node::Input(_)) {
                continue;
            }
            let action = self.lower(self.graph.id(index));
            if operands_done {
                self.done[index] = true;
                if self.varies[index] { self.body.push(action) } else { self.held.push(action) }
            } else {
                pending.push((index, true));
                pending.extend(action.operands.iter().rev().map(|&operand| (operand, false)));
            }
        }
    }

    fn lower(&self, node: NodeId) -> Action {
        let constant = |id: NodeId| self.graph.constant_value(id);
        let make = |operation, operands: &[NodeId], constants: &[f64]| Action {
            operation,
            result: node.index(),
            operands: operands.iter().map(|operand| operand.index()).collect(),
            constants: constants.to_vec(),
        };
        match self.graph.node(node) {
            Node::Constant(bits) => make(Operation::Load, &[], &[f64::from_bits(bits)]),
            Node::Input(_) => unreachable!("inputs have their slots"),
            Node::Add(a, b) => match (constant(a), self.product(a), self.product(b)) {
                (Some(c), _, Some(Product::Scaled(factor, x))) => make(Operation::Affine, &[x], &[c, factor]),
                (Some(c), _, Some(Product::Of(p, q))) => make(Operation::AddProductTo, &[p, q], &[c]),
                (Some(c), _, None) => make(Operation::AddConstant, &[b], &[c]),
                (None, _, Some(Product::Scaled(factor, x))) => make(Operation::AddScaled, &[a, x], &[factor]),
                (None, _, Some(Product::Of(p, q))) => make(Operation::AddProduct, &[a, p, q], &[]),
                (None, Some(Product::Scaled(factor, x)), None) => make(Operation::AddScaled, &[b, x], &[factor]),
                (None, Some(Product::Of(p, q)), None) => make(Operation::AddProduct, &[b, p, q], &[]),
                (None, None, None) => make(Operation::Add, &[a, b], &[]),
            },
            Node::Subtract(a, b) => match (constant(a), self.product(b)) {
                (Some(c), Some(Product::Scaled(factor, x))) => make(Operation::Affine, &[x], &[c, -factor]),
                (Some(c), Some(Product::Of(p, q))) => make(Operation::SubtractProductFrom, &[p, q], &[c]),
                (Some(c), None) => make(Operation::SubtractFrom, &[b], &[c]),
                (None, Some(Product::Scaled(factor, x))) => make(Operation::AddScaled, &[a, x], &[-factor]),
                (None, Some(Product::Of(p, q))) => make(Operation::SubtractProduct, &[a, p, q], &[]),
                (None, None) => make(Operation::Subtract, &[a, b], &[]),
            },
            Node::Multiply(a, b) => match (constant(a), self.product(b)) {
                (Some(c), Some(Product::Of(p, q))) => make(Operation::ScaleProduct, &[p, q], &[c]),
                (Some(c), _) => make(Operation::Scale, &[b], &[c]),
                (None, _) => make(Operation::Multiply, &[a, b], &[]),
            },
            Node::Power(a, b) => match constant(b) {
                Some(c) => make(Operation::PowerConstant, &[a], &[c]),
                None => make(Operation::Power, &[a, b], &[]),
            },
            Node::Reciprocal(a) => make(Operation::Reciprocal, &[a], &[]),
            Node::Sqrt(a) => make(Operation::Sqrt, &[a], &[]),
            Node::Exp(a) => make(Operation::Exp, &[a], &[]),
            Node::Ln(a) => make(Operation::Ln, &[a], &[]),
            Node::Min(a, b) => make(Operation::Min, &[a, b], &[]),
            Node::Max(a, b) => make(Operation::Max, &[a, b], &[]),
            Node::AtMost(a, b) => make(Operation::AtMost, &[a, b], &[]),
        }
    }

    /// The factors of a product that nothing else uses, and that can therefore be part of the instruction it stands in.
    fn product(&self, node: NodeId) -> Option<Product> {
        let index = node.index();
        match self.graph.node(node) {
            Node::Multiply(p, q) if self.varies[index] && self.uses[index] == 1 && !self.is_output[index] => {
                Some(self.graph.constant_value(p).map_or(Product::Of(p, q), |factor| Product::Scaled(factor, q)))
            }
            _ => None,
        }
    }

    /// Gives every result a slot. Results that nothing reads any more leave theirs to later ones; held results and values
    /// keep theirs, slopes have those that are prescribed.
    fn allocate(self, values: &[NodeId], parts: [&[Action]; 3]) -> Tape {
        const NEVER: usize = usize::MAX;
        let nodes = self.graph.nodes().len();
        let body = || parts[1].iter().chain(parts[2]);
        let mut last_use = vec![0usize; nodes];
        for (position, action) in body().enumerate() {
            for &operand in &action.operands {
                last_use[operand] = position;
            }
        }
        let kept = parts[0].iter().map(|action| action.result).chain(values.iter().map(|node| node.index()));
        kept.for_each(|index| last_use[index] = NEVER);
        let mut slots = Slots {
            of: self.prescribed,
            free: Vec::new(),
            count: u32::try_from(self.layout.inputs.len() + self.layout.reserved).expect("fewer than 2^32 slots"),
        };
        let is_fixed: Vec<bool> = (0..nodes)
            .map(|index| matches!(self.graph.nodes()[index], Node::Input(_)) || slots.of.contains_key(&index))
            .collect();
        for (index, node) in self.graph.nodes().iter().enumerate() {
            if let Node::Input(input) = node {
                slots.of.extend(self.input_slots.get(input).map(|&slot| (index, slot)));
            }
        }
        for action in parts[0] {
            slots.fresh(action.result);
        }
        // What a slot is taken for must be known before the programs, whose length of workspace is fixed.
        let mut targets: Vec<(u32, Vec<u32>)> = Vec::new();
        for action in parts[0] {
            targets.push((slots.of[&action.result], slots.operands(action)));
        }
        for (position, action) in body().enumerate() {
            // An instruction reads all its operands before it writes, so it may write to the slot of one that ends.
            let operands = slots.operands(action);
            let mut ending = action.operands.clone();
            ending.sort_unstable();
            ending.dedup();
            ending.retain(|&operand| last_use[operand] == position && !is_fixed[operand]);
            ending.iter().for_each(|&operand| slots.release(operand));
            let target = match slots.of.get(&action.result) {
                Some(&prescribed) => prescribed,
                None if last_use[action.result] == NEVER => slots.fresh(action.result),
                None => slots.reused(action.result),
            };
            targets.push((target, operands));
        }
        let mut targets = targets.into_iter();
        let total = slots.count as usize;
        let [held, of_values, of_slopes] = parts.map(|actions| {
            let mut program = Program::new(total);
            for (action, (target, operands)) in actions.iter().zip(&mut targets) {
                program.push(action.operation, target, &operands, &action.constants);
            }
            program
        });
        let value_slots = values.iter().map(|node| slots.of[&node.index()]).collect();
        Tape { slots: total, held, values: of_values, slopes: of_slopes, value_slots }
    }
}

/// A product within another instruction.
enum Product {
    Scaled(f64, NodeId),
    Of(NodeId, NodeId),
}

struct Slots {
    of: HashMap<usize, u32>,
    free: Vec<u32>,
    count: u32,
}

impl Slots {
    fn fresh(&mut self, value: usize) -> u32 {
        self.count += 1;
        self.of.insert(value, self.count - 1);
        self.count - 1
    }

    fn reused(&mut self, value: usize) -> u32 {
        match self.free.pop() {
            Some(slot) => {
                self.of.insert(value, slot);
                slot
            }
            None => self.fresh(value),
        }
    }

    fn release(&mut self, value: usize) {
        self.free.push(self.of[&value]);
    }

    fn operands(&self, action: &Action) -> Vec<u32> {
        action.operands.iter().map(|operand| self.of[operand]).collect()
    }
}
