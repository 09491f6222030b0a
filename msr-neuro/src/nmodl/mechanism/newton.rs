//! The end of a step that solves one nonlinear KINETIC scheme, for many instances at once: code for one iteration of Newton's
//! method, which is repeated until the states have converged. Each instance stops where it would alone. Statements before and
//! after the SOLVE are code of their own.

use std::collections::BTreeSet;

use super::build::{Builder, slots_used};
use super::fields::Around;
use super::{DensityMechanism, Entry};
use crate::ions::Membrane;
use crate::mechanisms::Columns;
use crate::nmodl::lanes::{Graph, Id, Node, Program, Repetition, Scratch, Sink, Source, Surroundings};
use crate::nmodl::model::{Form, Method, Stmt};
use crate::nmodl::run::{CONVERGED, MOST_ITERATIONS, Stop, Walker, assigns};

/// Code for what is before the scheme, for one iteration, and for what follows when the states have converged.
pub(super) struct Newton {
    before: Option<Program>,
    iteration: Program,
    afterwards: Option<Program>,
    /// What those before and afterwards change.
    changed: Vec<Sink>,
}

/// Statements as a graph, and the slots that they change.
struct Statements {
    graph: Graph,
    changed: Vec<(u32, Id)>,
}

/// All of them as graphs.
pub(super) struct Iteration {
    before: Option<Statements>,
    graph: Graph,
    /// Of each state its next value.
    next: Vec<(u32, Id)>,
    change: Id,
    /// The same in the first iteration, from the states before the step, and in the second, which has its matrix.
    first: (Vec<Id>, Id),
    second: (Vec<Id>, Id),
    afterwards: Option<Statements>,
}

impl Iteration {
    /// Slots whose values it needs.
    pub fn slots(&self, model_slots: u32) -> BTreeSet<u32> {
        let states = self.next.iter().map(|&(slot, _)| slot);
        let others = [&self.first, &self.second].into_iter().flat_map(|(next, change)| next.iter().chain([change]));
        let outputs = self.next.iter().map(|&(_, id)| id).chain([self.change]).chain(others.copied());
        let mut slots: BTreeSet<u32> = slots_used(&self.graph, outputs).into_iter().chain(states).collect();
        for Statements { graph, changed } in self.before.iter().chain(&self.afterwards) {
            slots.extend(slots_used(graph, changed.iter().map(|&(_, id)| id)));
        }
        slots.retain(|&slot| slot < model_slots);
        slots
    }

    /// Slots that it changes.
    pub fn changes(&self, slot: u32) -> bool {
        let others = self.before.iter().chain(&self.afterwards).flat_map(|statements| &statements.changed);
        self.next.iter().chain(others).any(|&(changed, _)| changed == slot)
    }
}

impl Builder<'_> {
    /// The block at the end of a step, where that is one KINETIC scheme and statements before and after it. Slots behind those
    /// of the model are the states before the step; behind them come the states that the second iteration begins with.
    pub fn iteration(&self) -> Option<Iteration> {
        let routine = &self.model.advance;
        let is_scheme = |statement: &Stmt| matches!(statement, Stmt::Solve(_, Method::Implicit));
        let at = routine.body.iter().position(is_scheme)?;
        let (before, rest) = routine.body.split_at(at);
        let [Stmt::Solve(system, Method::Implicit), after @ ..] = rest else { return None };
        // A frame of one value has no variables that both parts could share.
        if before.iter().chain(after).any(solves) || !(before.is_empty() && after.is_empty()) && routine.frame > 1 {
            return None;
        }
        let scheme = &self.model.systems[*system];
        if scheme.form != Form::Kinetic {
            return None;
        }
        let states = scheme.states.clone();
        let mut graph = Graph::default();
        let values = self.before(Entry::Advance, &mut graph);
        let old: Vec<Id> = (0..states.len() as u32).map(|state| graph.slot(self.model.slots + state)).collect();
        let mut walker = Walker::new(self.model, graph, values.clone());
        walker.start_from(&old);
        let states_of = |variables: &[Id]| states.iter().map(|&slot| variables[slot as usize]).collect();
        for (&slot, &old) in states.iter().zip(&old) {
            walker.variables[slot as usize] = old;
        }
        let change = walker.iterate(*system).ok()?;
        let first = (states_of(&walker.variables), change);
        walker.variables.clone_from(&values);
        for (&slot, number) in states.iter().zip(self.model.slots + states.len() as u32..) {
            walker.variables[slot as usize] = walker.domain.slot(number);
        }
        let change = walker.iterate_with_same_matrix(*system, change).ok()?;
        let second = (states_of(&walker.variables), change);
        walker.variables.clone_from(&values);
        let change = walker.iterate(*system).ok()?;
        let (graph, found) = (walker.domain, walker.variables);
        let next: Vec<(u32, Id)> = states.iter().map(|&slot| (slot, found[slot as usize])).collect();
        // What an iteration makes of other variables must not come back in the next, nor a state become another.
        let used = slots_used(&graph, next.iter().map(|&(_, id)| id).chain([change]));
        let comes_back = (0..self.model.slots).any(|slot| {
            values[slot as usize] != found[slot as usize] && !states.contains(&slot) && used.contains(&slot)
        });
        let becomes_another = next.iter().any(
            |&(slot, id)| matches!(graph.nodes[id as usize], Node::Slot(other) if other != slot && states.contains(&other)),
        );
        if comes_back || becomes_another || graph.nodes.len() > self.most_nodes {
            return None;
        }
        let before = if before.is_empty() { None } else { Some(self.statements(None, before)?) };
        let assigning = assigns(&scheme.routine.body).then_some(*system);
        let afterwards = match assigning {
            None if after.is_empty() => None,
            _ => Some(self.statements(assigning, after)?),
        };
        // What one instance makes of a shared value is there for the next.
        let mut changed = before.iter().chain(&afterwards).flat_map(|statements| &statements.changed);
        if changed.any(|(slot, _)| self.shared.contains(slot)) {
            return None;
        }
        Some(Iteration { before, graph, next, change, first, second, afterwards })
    }

    /// What a scheme assigns, and statements after it.
    fn statements(&self, assigning: Option<usize>, block: &[Stmt]) -> Option<Statements> {
        let mut graph = Graph::default();
        let before = self.before(Entry::Advance, &mut graph);
        let mut walker = Walker::new(self.model, graph, before.clone());
        if let Some(system) = assigning {
            walker.collect(system).ok()?;
        }
        walker.statements(block).ok()?;
        let (graph, after) = (walker.domain, walker.variables);
        let changed = (0..self.model.slots).filter(|&slot| before[slot as usize] != after[slot as usize]);
        let changed = changed.map(|slot| (slot, after[slot as usize])).collect();
        (graph.nodes.len() <= self.most_nodes).then_some(Statements { graph, changed })
    }

    /// The code of an iteration.
    pub fn newton(&self, iteration: Iteration) -> Newton {
        let Iteration { before, graph, next, change, first, second, afterwards } = iteration;
        let place = |slot: u32| self.source(slot).unwrap_or(Source::Shared(0));
        let carried_of = |slot: u32| next.iter().position(|&(state, _)| state == slot);
        let source = |slot: u32| match (slot.checked_sub(self.model.slots), carried_of(slot)) {
            (Some(state), _) => match next.get(state as usize) {
                Some(&(slot, _)) => place(slot),
                None => Source::CarriedOn(state - next.len() as u32),
            },
            (None, Some(state)) => Source::Carried(state as u32),
            (None, None) => place(slot),
        };
        let repetition = Repetition {
            carried: next.iter().map(|&(slot, _)| self.sink(slot)).collect(),
            first,
            second,
            usual: (next.iter().map(|&(_, id)| id).collect(), change),
            limit: CONVERGED,
            most: MOST_ITERATIONS,
        };
        let statements = || before.iter().chain(&afterwards);
        let slots: BTreeSet<u32> = statements().flat_map(|all| all.changed.iter().map(|&(slot, _)| slot)).collect();
        let changed = slots.into_iter().filter_map(|slot| self.sink(slot)).collect();
        let code = |statements: Statements| {
            let sinks = statements.changed.iter().filter_map(|&(slot, id)| Some((id, self.sink(slot)?)));
            Program::new(&statements.graph, &sinks.collect::<Vec<_>>(), place)
        };
        Newton {
            before: before.map(code),
            iteration: Program::repeated(&graph, &repetition, source),
            afterwards: afterwards.map(code),
            changed,
        }
    }
}

/// Whether a statement solves a block or returns.
fn solves(statement: &Stmt) -> bool {
    match statement {
        Stmt::Solve(..) | Stmt::Return => true,
        Stmt::If(_, then, otherwise) => then.iter().chain(otherwise).any(solves),
        Stmt::While(_, body) | Stmt::Count(_, _, _, _, body) => body.iter().any(solves),
        _ => false,
    }
}

impl DensityMechanism {
    /// The end of a step. Instances without a solution keep all that they had.
    pub(super) fn converge(
        &self,
        newton: &Newton,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        given: [f64; 2],
        scratch: &mut Scratch,
    ) {
        let mut around = Around::new(membrane, &self.ions);
        let count = block.nodes.len();
        scratch.kept.clear();
        for &sink in &newton.changed {
            match sink {
                Sink::Column(column) => scratch.kept.extend(&block.values[column as usize * count..][..count]),
                Sink::Field(field) | Sink::AddTo(field) => {
                    let field = around.field(field);
                    scratch.kept.extend(block.nodes.iter().map(|&node| field[node as usize]));
                }
            }
        }
        let mut unfinished = Vec::new();
        for program in newton.before.iter().chain([&newton.iteration]).chain(&newton.afterwards) {
            program.run(&given, block.nodes, block.values, &mut around, scratch);
            unfinished.append(&mut scratch.unfinished);
        }
        for (&sink, kept) in newton.changed.iter().zip(scratch.kept.chunks_exact(count)) {
            for &instance in &unfinished {
                let (instance, node) = (instance as usize, block.nodes[instance as usize] as usize);
                match sink {
                    Sink::Column(column) => block.values[column as usize * count + instance] = kept[instance],
                    Sink::Field(field) | Sink::AddTo(field) => around.field_mut(field)[node] = kept[instance],
                }
            }
        }
        if let Some(&first) = unfinished.first() {
            membrane.fail(&self.model.name, block.nodes[first as usize], Stop::NoSolution);
        }
    }
}
