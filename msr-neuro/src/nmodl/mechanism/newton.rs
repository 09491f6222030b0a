//! A block that is one nonlinear KINETIC scheme, for many instances at once: code for one iteration of Newton's method, which is
//! run until the states of all instances have converged. Each instance stops where it would alone.

use super::build::{Builder, slots_used};
use super::fields::Around;
use super::{DensityMechanism, Entry};
use crate::ions::Membrane;
use crate::mechanisms::Columns;
use crate::nmodl::lanes::{Graph, Id, Program, Scratch, Sink, Source, Surroundings};
use crate::nmodl::model::{Binary, Form, Method, Stmt};
use crate::nmodl::run::{CONVERGED, Domain, MOST_ITERATIONS, Stop, Walker, assigns};

/// Code for one iteration, and for what follows from the states when they have converged.
pub(super) struct Newton {
    iteration: Program,
    afterwards: Option<Program>,
    /// Where the states are.
    states: Vec<Source>,
    /// Columns of the block; those of the states before the step follow, and whether they have converged.
    columns: usize,
}

/// Both as graphs with the slots that they change.
pub(super) struct Iteration {
    pub graph: Graph,
    pub changed: Vec<(u32, Id)>,
    pub afterwards: Option<(Graph, Vec<(u32, Id)>)>,
    states: Vec<u32>,
}

impl Builder<'_> {
    /// One iteration of the block at the end of a step, where that is one KINETIC scheme and nothing else. Slots behind those
    /// of the model are the states before the step, and whether they have converged.
    pub fn iteration(&self) -> Option<Iteration> {
        let [Stmt::Solve(system, Method::Implicit)] = *self.model.advance.body.as_slice() else { return None };
        let scheme = &self.model.systems[system];
        if scheme.form != Form::Kinetic {
            return None;
        }
        let states = scheme.states.clone();
        let mut graph = Graph::default();
        let before = self.before(Entry::Advance, &mut graph);
        let old: Vec<Id> = (0..states.len() as u32).map(|state| graph.slot(self.model.slots + state)).collect();
        let done = graph.slot(self.model.slots + states.len() as u32);
        let mut walker = Walker::new(self.model, graph, before.clone());
        walker.start_from(&old);
        let change = walker.iterate(system).ok()?;
        let (mut graph, after) = (walker.domain, walker.variables);
        let mut changed = Vec::new();
        for &slot in &states {
            let (was, is) = (before[slot as usize], after[slot as usize]);
            changed.push((slot, graph.select(done, was, is)));
        }
        let limit = graph.number(CONVERGED);
        let is_small = graph.binary(Binary::LessEqual, change, limit);
        let is_done = graph.binary(Binary::Or, done, is_small);
        changed.push((self.model.slots + states.len() as u32, is_done));
        // What an iteration makes of other variables must not come back in the next.
        let others = || {
            (0..self.model.slots)
                .filter(|&slot| before[slot as usize] != after[slot as usize] && !states.contains(&slot))
        };
        let used = slots_used(&graph, changed.iter().map(|&(_, id)| id));
        if others().any(|slot| used.contains(&slot)) || graph.nodes.len() > self.most_nodes {
            return None;
        }
        let mut afterwards = None;
        if assigns(&scheme.routine.body) {
            let mut graph = Graph::default();
            let before = self.before(Entry::Advance, &mut graph);
            let mut walker = Walker::new(self.model, graph, before.clone());
            walker.collect(system).ok()?;
            let (graph, after) = (walker.domain, walker.variables);
            let changed = (0..self.model.slots).filter(|&slot| before[slot as usize] != after[slot as usize]);
            afterwards = Some((graph, changed.map(|slot| (slot, after[slot as usize])).collect()));
        }
        Some(Iteration { graph, changed, afterwards, states })
    }

    /// The code of an iteration, for a block of so many columns.
    pub fn newton(&self, iteration: Iteration, columns: usize) -> Newton {
        let Iteration { graph, changed, afterwards, states } = iteration;
        let source = |slot: u32| match slot.checked_sub(self.model.slots) {
            Some(behind) => Source::Column(columns as u32 + behind),
            None => self.source(slot).unwrap_or(Source::Shared(0)),
        };
        let sinks = |changed: Vec<(u32, Id)>| {
            let mut outputs = Vec::new();
            for (slot, id) in changed {
                match slot.checked_sub(self.model.slots) {
                    Some(behind) => outputs.push((id, Sink::Column(columns as u32 + behind))),
                    None => outputs.extend(self.sink(slot).map(|sink| (id, sink))),
                }
            }
            outputs
        };
        let afterwards = afterwards.and_then(|(graph, changed)| {
            let outputs = sinks(changed);
            (!outputs.is_empty()).then(|| Program::new(&graph, &outputs, source))
        });
        Newton {
            iteration: Program::new(&graph, &sinks(changed), source),
            afterwards,
            states: states.iter().map(|&slot| source(slot)).collect(),
            columns,
        }
    }
}

impl DensityMechanism {
    /// The end of a step.
    pub(super) fn converge(
        &self,
        newton: &Newton,
        block: &mut Columns<'_>,
        membrane: &mut Membrane,
        given: [f64; 2],
        scratch: &mut Scratch,
    ) {
        let (nodes, count) = (block.nodes, block.nodes.len());
        let (own, states) = (newton.columns * count, newton.states.len());
        let mut around = Around::new(membrane, &self.ions);
        let mut work = std::mem::take(&mut scratch.work);
        work.clear();
        work.extend_from_slice(&block.values[..own]);
        work.resize(own + (states + 1) * count, 0.0);
        for (state, source) in newton.states.iter().enumerate() {
            let first = own + state * count;
            match *source {
                Source::Column(column) => {
                    let from = column as usize * count;
                    work.copy_within(from..from + count, first);
                }
                Source::Field(field) => {
                    let field = around.field(field);
                    work[first..first + count]
                        .iter_mut()
                        .zip(nodes)
                        .for_each(|(old, node)| *old = field[*node as usize]);
                }
                Source::Shared(_) => {}
            }
        }
        let done = own + states * count;
        for _ in 0..MOST_ITERATIONS {
            newton.iteration.run(&given, nodes, &mut work, &mut around, scratch);
            if work[done..].iter().all(|done| *done != 0.0) {
                break;
            }
        }
        if let Some(afterwards) = &newton.afterwards {
            afterwards.run(&given, nodes, &mut work, &mut around, scratch);
        }
        let failed = work[done..].iter().position(|done| *done == 0.0);
        match failed {
            None => block.values[..own].copy_from_slice(&work[..own]),
            Some(first) => {
                // Those that have no solution stay as they were.
                for index in 0..count {
                    let is_done = work[done + index] != 0.0;
                    for at in (index..own).step_by(count).filter(|_| is_done) {
                        block.values[at] = work[at];
                    }
                    for (state, source) in newton.states.iter().enumerate().filter(|_| !is_done) {
                        if let Source::Field(field) = *source {
                            around.field_mut(field)[nodes[index] as usize] = work[own + state * count + index];
                        }
                    }
                }
                membrane.fail(&self.model.name, nodes[first], Stop::NoSolution);
            }
        }
        scratch.work = work;
    }
}
