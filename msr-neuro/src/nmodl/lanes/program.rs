//! From a graph to operations on chunks of instances.

use super::fused::Fused;
use super::graph::{Graph, Id, Node};
use super::simplify::simplify;
use crate::nmodl::model::{Binary, Math, Unary};

/// Where the value of a slot comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The same for all instances: its number among the shared values.
    Shared(u32),
    /// A column of the block.
    Column(u32),
    /// A field of the surroundings, one value a node.
    Field(u32),
}

/// Where a value goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    /// Into a column of the block.
    Column(u32),
    /// Replaces a field of the surroundings.
    Field(u32),
    /// Is added to a field.
    AddTo(u32),
}

/// An operand: a register or a shared value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Register(u16),
    Shared(u16),
}

/// An operation on a chunk; the first number is the register that it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Column(u16, u32),
    Field(u16, u32),
    Unary(Unary, u16, u16),
    Binary(Binary, u16, Operand, Operand),
    Math(Math, u16, Operand, Operand),
    Select(u16, Operand, Operand, Operand),
    Fused(Fused, u16, [Operand; 3]),
    Store(Sink, Operand),
}

/// A value that all instances share, computed before the chunks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shared {
    Number(f64),
    Given(u32),
    Unary(Unary, u16),
    Binary(Binary, u16, u16),
    Math(Math, u16, u16),
    Select(u16, u16, u16),
}

/// Operations that give the outputs of a graph.
#[derive(Debug, Clone, Default)]
pub struct Program {
    pub(super) shared: Vec<Shared>,
    pub(super) operations: Vec<Operation>,
    pub(super) registers: usize,
}

impl Program {
    /// The program for the outputs of a graph, which has less than 65 535 nodes.
    pub fn new(graph: &Graph, outputs: &[(Id, Sink)], source: impl Fn(u32) -> Source) -> Self {
        let (graph, outputs) = &simplify(graph, outputs, &source);
        let mut builder = Builder {
            graph,
            is_single: Vec::new(),
            uses: vec![0; graph.nodes.len()],
            shared_of: vec![None; graph.nodes.len()],
            register_of: vec![None; graph.nodes.len()],
            free: Vec::new(),
            program: Self::default(),
        };
        for (id, _) in outputs {
            builder.count(*id);
        }
        for id in 0..graph.nodes.len() as Id {
            if builder.uses[id as usize] > 0 {
                builder.share(id, &source);
            }
        }
        builder.is_single =
            builder.uses.iter().zip(&builder.shared_of).map(|(uses, shared)| *uses == 1 && shared.is_none()).collect();
        // What is stored must not be read again as it was: all is computed before.
        for (id, _) in outputs {
            builder.make(*id, &source);
        }
        for (id, sink) in outputs {
            let operand = builder.operand(*id);
            builder.program.operations.push(Operation::Store(*sink, operand));
        }
        builder.program
    }
}

pub(super) struct Builder<'g> {
    pub(super) graph: &'g Graph,
    /// Whether a node is used once and not shared.
    is_single: Vec<bool>,
    /// How often a node is still needed.
    uses: Vec<u32>,
    shared_of: Vec<Option<u16>>,
    register_of: Vec<Option<u16>>,
    free: Vec<u16>,
    program: Program,
}

impl Builder<'_> {
    fn operands(&self, id: Id) -> ([Id; 3], usize) {
        match self.graph.nodes[id as usize] {
            Node::Number(_) | Node::Slot(_) => ([0; 3], 0),
            Node::Unary(_, inner) => ([inner, 0, 0], 1),
            Node::Binary(_, left, right) => ([left, right, 0], 2),
            Node::Math(_, first, second) => ([first, second, 0], if first == second { 1 } else { 2 }),
            Node::Select(condition, then, otherwise) => ([condition, then, otherwise], 3),
        }
    }

    /// Whether a node is used in one place only, and differs between instances.
    pub(super) fn is_single(&self, id: Id) -> bool {
        self.is_single[id as usize]
    }

    /// Whether all instances have one value of a node.
    pub(super) fn is_shared(&self, id: Id) -> bool {
        self.shared_of[id as usize].is_some()
    }

    /// What must be made before a node.
    fn needs(&self, id: Id) -> ([Id; 3], usize) {
        self.fused(id).map_or_else(|| self.operands(id), |(_, operands)| (operands, 3))
    }

    /// Counts the uses of a node and of what it needs.
    fn count(&mut self, id: Id) {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            self.uses[id as usize] += 1;
            if self.uses[id as usize] == 1 {
                let (operands, count) = self.operands(id);
                stack.extend_from_slice(&operands[..count]);
            }
        }
    }

    /// Makes a shared value of a node that depends on shared values only. Operands come before.
    fn share(&mut self, id: Id, source: &impl Fn(u32) -> Source) {
        let (operands, count) = self.operands(id);
        let shared = |index: usize| self.shared_of[operands[index] as usize];
        if (0..count).any(|index| shared(index).is_none()) {
            return;
        }
        let at = |index: usize| shared(index).unwrap_or(0);
        let value = match self.graph.nodes[id as usize] {
            Node::Number(bits) => Shared::Number(f64::from_bits(bits)),
            Node::Slot(slot) => match source(slot) {
                Source::Shared(index) => Shared::Given(index),
                _ => return,
            },
            Node::Unary(operator, _) => Shared::Unary(operator, at(0)),
            Node::Binary(operator, ..) => Shared::Binary(operator, at(0), at(1)),
            Node::Math(function, ..) => Shared::Math(function, at(0), at(count - 1)),
            Node::Select(..) => Shared::Select(at(0), at(1), at(2)),
        };
        self.shared_of[id as usize] = Some(self.program.shared.len() as u16);
        self.program.shared.push(value);
    }

    fn is_made(&self, id: Id) -> bool {
        self.shared_of[id as usize].is_some() || self.register_of[id as usize].is_some()
    }

    /// Emits the operations of a node, operands first.
    fn make(&mut self, id: Id, source: &impl Fn(u32) -> Source) {
        let mut stack = vec![id];
        while let Some(&id) = stack.last() {
            if self.is_made(id) {
                stack.pop();
                continue;
            }
            let (operands, count) = self.needs(id);
            let missing = operands[..count].iter().rev().find(|operand| !self.is_made(**operand));
            if let Some(missing) = missing {
                stack.push(*missing);
                continue;
            }
            stack.pop();
            self.emit(id, source);
        }
    }

    fn emit(&mut self, id: Id, source: &impl Fn(u32) -> Source) {
        let fused = self.fused(id).map(|(fused, _)| fused);
        let (operands, count) = self.needs(id);
        let values: Vec<Operand> = operands[..count].iter().map(|operand| self.operand(*operand)).collect();
        for operand in &operands[..count] {
            self.done(*operand);
        }
        if fused == Some(Fused::Relax) {
            // It stands there twice.
            self.done(operands[0]);
        }
        // The result may lie where an operand did.
        let register = self.free.pop().unwrap_or_else(|| {
            self.program.registers += 1;
            self.program.registers as u16 - 1
        });
        self.register_of[id as usize] = Some(register);
        let in_register = |operand: Operand| match operand {
            Operand::Register(register) => register,
            // One operand that is shared makes the node shared.
            Operand::Shared(_) => unreachable!("operations on shared values are shared"),
        };
        if let Some(fused) = fused {
            self.program.operations.push(Operation::Fused(fused, register, [values[0], values[1], values[2]]));
            return;
        }
        let operation = match self.graph.nodes[id as usize] {
            Node::Slot(slot) => match source(slot) {
                Source::Column(column) => Operation::Column(register, column),
                Source::Field(field) => Operation::Field(register, field),
                Source::Shared(_) => unreachable!("shared values have no register"),
            },
            Node::Number(_) => unreachable!("numbers are shared"),
            Node::Unary(operator, _) => Operation::Unary(operator, register, in_register(values[0])),
            Node::Binary(operator, ..) => Operation::Binary(operator, register, values[0], values[1]),
            Node::Math(function, ..) => Operation::Math(function, register, values[0], values[count - 1]),
            Node::Select(..) => Operation::Select(register, values[0], values[1], values[2]),
        };
        self.program.operations.push(operation);
    }

    fn operand(&self, id: Id) -> Operand {
        match (self.shared_of[id as usize], self.register_of[id as usize]) {
            (Some(shared), _) => Operand::Shared(shared),
            (None, Some(register)) => Operand::Register(register),
            (None, None) => unreachable!("operands are made before they are used"),
        }
    }

    /// One use less; a register that nobody needs is free.
    fn done(&mut self, id: Id) {
        self.uses[id as usize] -= 1;
        if self.uses[id as usize] == 0
            && let Some(register) = self.register_of[id as usize]
        {
            self.free.push(register);
        }
    }
}
