//! From a graph to operations on chunks of instances.

use std::collections::BTreeSet;

use super::fused::{self, Fused, Sign};
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
    /// A value that goes from one repetition of a program to the next.
    Carried(u32),
    /// The same in the second repetition.
    CarriedOn(u32),
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

/// An operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Register(u16),
    Shared(u16),
    /// A column, where a chunk is full; else a register.
    Column(u16, u16),
}

/// An operation on a chunk; the first number is the register that it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    /// A column that is an operand itself: needed where a chunk is not full.
    Rest(u16, u32),
    Column(u16, u32),
    Field(u16, u32),
    Unary(Unary, u16, Operand),
    Binary(Binary, u16, Operand, Operand),
    Math(Math, u16, Operand, Operand),
    Select(u16, Operand, Operand, Operand),
    Fused(Fused, u16, [Operand; 3]),
    /// A value and so many of [`Program::terms`] from a first one on.
    Sum(u16, Operand, u32, u16),
    Store(Sink, Operand),
}

/// A term of a sum: a product, or as [`Sign`] says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Term {
    pub sign: Sign,
    pub a: Operand,
    pub b: Operand,
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
    pub(super) terms: Vec<Term>,
    pub(super) registers: usize,
    /// What is done again and again after the operations.
    pub(super) repeated: Option<Repeated>,
}

/// Operations that are run until no instance of a chunk changes any more.
#[derive(Debug, Clone)]
pub(super) struct Repeated {
    /// Register of each value that goes on to the next repetition, and where it goes in the end.
    pub carried: Vec<(u16, Option<Sink>)>,
    /// What the operations before have made: the first repetition.
    pub first: Outcome,
    /// The second.
    pub second: Pass,
    /// All others.
    pub usual: Pass,
    /// By how much an instance may change.
    pub limit: f64,
    /// Repetitions.
    pub most: u32,
}

/// The operations of a repetition.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    pub operations: Vec<Operation>,
    pub outcome: Outcome,
}

/// What a repetition leads to.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    /// Next value of each value that goes on.
    pub next: Vec<Operand>,
    /// By how much an instance has changed.
    pub change: Operand,
}

/// What is to be repeated, of nodes of a graph.
pub struct Repetition {
    /// Of each value that is carried: where it goes in the end.
    pub carried: Vec<Option<Sink>>,
    /// The next values after the first repetition, and by how much an instance has changed.
    pub first: (Vec<Id>, Id),
    /// The same after the second, made of [`Source::CarriedOn`] and of anything that the first makes.
    pub second: (Vec<Id>, Id),
    /// The same after the others, made of [`Source::Carried`].
    pub usual: (Vec<Id>, Id),
    /// By how much it may: it goes no further then.
    pub limit: f64,
    /// Repetitions.
    pub most: u32,
}

/// What a node is wanted for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wanted {
    First,
    Second,
    Usual,
}

impl Program {
    /// The program for the outputs of a graph, which has less than 65 535 nodes.
    pub fn new(graph: &Graph, outputs: &[(Id, Sink)], source: impl Fn(u32) -> Source) -> Self {
        let (graph, outputs) = &simplify(graph, outputs, &source);
        let mut builder = Builder::new(graph, outputs.iter().map(|&(id, _)| id), &source);
        // What is stored must not be read again as it was: all is computed before.
        for (id, _) in outputs {
            builder.make(*id, &source);
        }
        for (id, sink) in outputs {
            let operand = builder.stored(*id);
            builder.program.operations.push(Operation::Store(*sink, operand));
        }
        builder.program
    }

    /// The program that repeats what a graph says until nothing changes: [`Source::Carried`] are the values that change. What
    /// depends on none of them, and the first repetition, is done once; the second may use what the first made.
    pub fn repeated(graph: &Graph, repetition: &Repetition, source: impl Fn(u32) -> Source) -> Self {
        let passes = [
            (&repetition.first, Wanted::First),
            (&repetition.second, Wanted::Second),
            (&repetition.usual, Wanted::Usual),
        ];
        let mut wanted: Vec<(Id, Wanted)> = Vec::new();
        for ((next, change), pass) in passes {
            wanted.extend(next.iter().chain([change]).map(|&id| (id, pass)));
        }
        let (graph, wanted) = &simplify(graph, &wanted, &source);
        let mut builder = Builder::new(graph, wanted.iter().map(|&(id, _)| id), &source);
        let registers: Vec<u16> = repetition.carried.iter().map(|_| builder.register()).collect();
        builder.keep_what_stays(wanted, &registers, &source);
        let [first, second, usual] = passes.map(|(_, pass)| {
            let of_pass = wanted.iter().filter(|(_, what)| *what == pass).map(|&(id, _)| id);
            builder.pass(&of_pass.collect::<Vec<_>>(), &source)
        });
        builder.program.operations = first.operations;
        let carried = registers.into_iter().zip(repetition.carried.iter().copied()).collect();
        let Repetition { limit, most, .. } = *repetition;
        builder.program.repeated = Some(Repeated { carried, first: first.outcome, second, usual, limit, most });
        builder.program
    }
}

/// The operation that makes a node.
enum Shape {
    Node,
    Fused(Fused, [Id; 3]),
    Sum(Id, Vec<fused::Term>),
}

pub(super) struct Builder<'g> {
    pub(super) graph: &'g Graph,
    /// Whether a node is used once and not shared.
    is_single: Vec<bool>,
    /// How often a node is still needed.
    uses: Vec<u32>,
    shared_of: Vec<Option<u16>>,
    /// Number of the shared value 1.
    one: u16,
    register_of: Vec<Option<u16>>,
    free: Vec<u16>,
    /// Columns that are operands themselves.
    column_of: Vec<Option<u16>>,
    program: Program,
}

impl<'g> Builder<'g> {
    fn new(graph: &'g Graph, outputs: impl Iterator<Item = Id>, source: &impl Fn(u32) -> Source) -> Self {
        let mut builder = Builder {
            graph,
            is_single: Vec::new(),
            uses: vec![0; graph.nodes.len()],
            shared_of: vec![None; graph.nodes.len()],
            one: 0,
            register_of: vec![None; graph.nodes.len()],
            free: Vec::new(),
            column_of: vec![None; graph.nodes.len()],
            program: Program::default(),
        };
        for id in outputs {
            builder.count(id);
        }
        builder.program.shared.push(Shared::Number(1.0));
        for id in 0..graph.nodes.len() as Id {
            if builder.uses[id as usize] > 0 {
                builder.share(id, source);
            }
        }
        builder.is_single =
            builder.uses.iter().zip(&builder.shared_of).map(|(uses, shared)| *uses == 1 && shared.is_none()).collect();
        builder
    }

    /// The operations of a repetition that are not there yet: they make next values and, as the last of these nodes, the change.
    fn pass(&mut self, wanted: &[Id], source: &impl Fn(u32) -> Source) -> Pass {
        for &id in wanted {
            self.make(id, source);
        }
        let operations = std::mem::take(&mut self.program.operations);
        let mut next: Vec<Operand> = wanted.iter().map(|&id| self.operand(id)).collect();
        let change = next.pop().unwrap_or(Operand::Shared(self.one));
        Pass { operations, outcome: Outcome { next, change } }
    }

    /// Makes all that depends on nothing that is carried, and keeps what repetitions need of it.
    fn keep_what_stays(&mut self, wanted: &[(Id, Wanted)], carried: &[u16], source: &impl Fn(u32) -> Source) {
        let graph = self.graph;
        let mut changes = vec![false; graph.nodes.len()];
        let mut stays = BTreeSet::new();
        for (id, node) in graph.nodes.iter().enumerate().filter(|&(id, _)| self.uses[id] > 0) {
            let (operands, count) = self.operands(id as Id);
            changes[id] = match *node {
                Node::Slot(slot) => match source(slot) {
                    Source::Carried(index) | Source::CarriedOn(index) => {
                        self.register_of[id] = Some(carried[index as usize]);
                        true
                    }
                    _ => false,
                },
                _ => operands[..count].iter().any(|operand| changes[*operand as usize]),
            };
            if changes[id] {
                stays.extend(operands[..count].iter().copied().filter(|operand| !changes[*operand as usize]));
            }
        }
        stays.extend(wanted.iter().map(|&(id, _)| id).filter(|&id| !changes[id as usize]));
        for id in (0..graph.nodes.len()).filter(|&id| changes[id] && self.register_of[id].is_some()) {
            // One use more than there is: it stays.
            self.uses[id] += 1;
        }
        for &id in stays.iter().filter(|&&id| self.shared_of[id as usize].is_none()) {
            self.is_single[id as usize] = false;
            self.uses[id as usize] += 1;
        }
        for id in stays {
            self.make(id, source);
        }
    }

    fn register(&mut self) -> u16 {
        self.free.pop().unwrap_or_else(|| {
            self.program.registers += 1;
            self.program.registers as u16 - 1
        })
    }

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

    /// The operation that makes a node, alone or with some of its operands.
    fn shape(&self, id: Id) -> Shape {
        if let Some((first, terms)) = self.sum(id) {
            return Shape::Sum(first, terms);
        }
        self.fused(id).map_or(Shape::Node, |(fused, operands)| Shape::Fused(fused, operands))
    }

    /// What must be made before a node.
    fn needs(&self, id: Id, shape: &Shape) -> Vec<Id> {
        match shape {
            Shape::Sum(first, terms) => {
                let factors = terms.iter().flat_map(|&(_, a, b)| std::iter::once(a).chain(b));
                std::iter::once(*first).chain(factors).collect()
            }
            Shape::Fused(_, operands) => operands.to_vec(),
            Shape::Node => {
                let (operands, count) = self.operands(id);
                operands[..count].to_vec()
            }
        }
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
            let shape = self.shape(id);
            let needs = self.needs(id, &shape);
            let missing = needs.iter().rev().find(|operand| !self.is_made(**operand));
            if let Some(missing) = missing {
                stack.push(*missing);
                continue;
            }
            stack.pop();
            self.emit(id, &shape, &needs, source);
        }
    }

    fn emit(&mut self, id: Id, shape: &Shape, needs: &[Id], source: &impl Fn(u32) -> Source) {
        let values: Vec<Operand> = needs.iter().map(|&operand| self.operand(operand)).collect();
        for operand in needs {
            self.done(*operand);
        }
        if let Shape::Fused(Fused::Relax | Fused::AtLeast, operands) = shape {
            // It stands there twice.
            self.done(operands[0]);
        }
        // The result may lie where an operand did.
        let register = self.register();
        self.register_of[id as usize] = Some(register);
        let operation = match (shape, self.graph.nodes[id as usize]) {
            (Shape::Sum(_, terms), _) => {
                let first = self.program.terms.len() as u32;
                let mut factors = values[1..].iter().copied();
                for &(sign, _, second) in terms {
                    let one = Operand::Shared(self.one);
                    let a = factors.next().unwrap_or(one);
                    let b = second.and_then(|_| factors.next()).unwrap_or(one);
                    self.program.terms.push(Term { sign, a, b });
                }
                Operation::Sum(register, values[0], first, terms.len() as u16)
            }
            (Shape::Fused(fused, _), _) => Operation::Fused(*fused, register, [values[0], values[1], values[2]]),
            (Shape::Node, Node::Slot(slot)) => match source(slot) {
                Source::Column(column) => match u16::try_from(column) {
                    Ok(number) => {
                        self.column_of[id as usize] = Some(number);
                        Operation::Rest(register, column)
                    }
                    Err(_) => Operation::Column(register, column),
                },
                Source::Field(field) => Operation::Field(register, field),
                Source::Shared(_) | Source::Carried(_) | Source::CarriedOn(_) => unreachable!("they are made already"),
            },
            (Shape::Node, Node::Number(_)) => unreachable!("numbers are shared"),
            (Shape::Node, Node::Unary(operator, _)) => Operation::Unary(operator, register, values[0]),
            (Shape::Node, Node::Binary(operator, ..)) => Operation::Binary(operator, register, values[0], values[1]),
            (Shape::Node, Node::Math(function, ..)) => {
                Operation::Math(function, register, values[0], values[values.len() - 1])
            }
            (Shape::Node, Node::Select(..)) => Operation::Select(register, values[0], values[1], values[2]),
        };
        self.program.operations.push(operation);
    }

    /// An operand that is stored: no column, which may have been stored to already.
    fn stored(&mut self, id: Id) -> Operand {
        match self.operand(id) {
            Operand::Column(register, column) => {
                let place = Operation::Rest(register, u32::from(column));
                let load = self.program.operations.iter_mut().find(|operation| **operation == place);
                if let Some(load) = load {
                    *load = Operation::Column(register, u32::from(column));
                }
                Operand::Register(register)
            }
            operand => operand,
        }
    }

    fn operand(&self, id: Id) -> Operand {
        match (self.shared_of[id as usize], self.register_of[id as usize], self.column_of[id as usize]) {
            (Some(shared), ..) => Operand::Shared(shared),
            (None, Some(register), Some(column)) => Operand::Column(register, column),
            (None, Some(register), None) => Operand::Register(register),
            (None, None, _) => unreachable!("operands are made before they are used"),
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
