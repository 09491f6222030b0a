//! The state of all cells, and how it advances.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::solver::{Cell, CellFailure, Integrator, RESTART_STEP_S, SolverOptions, Work};

/// Cells side by side in one run of the tape: two vectors of AVX2.
const LANES: usize = 8;
/// Up to this number of cells one after the other is faster than side by side.
const FEW_CELLS: usize = 2;
/// Workers for each thread, so that threads that are done early find work.
const WORKERS_PER_THREAD: usize = 4;

/// Everything that changes in a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Population {
    /// Base steps done.
    pub(super) idts: u64,
    /// States, cell by cell.
    pub(super) states: Vec<f64>,
    /// Parameters, cell by cell.
    pub(super) parameters: Vec<f64>,
    /// Step in s that each cell's solver proposes; 0 before its first.
    pub(super) step_s: Vec<f64>,
    /// Whether each cell is advanced.
    pub(super) alive: Vec<bool>,
    /// The first state of each cell that turned negative.
    pub(super) negative: Vec<Option<Negative>>,
    /// Steps of the solver so far, over all cells.
    pub(super) work: Work,
}

/// A state that turned negative.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Negative {
    /// Its number.
    pub(super) state: u32,
    /// Its value then.
    pub(super) value: f64,
    /// End of the window in which it did, in base steps.
    pub(super) idts: u64,
}

/// A cell that failed in the window that starts at `idts`.
#[derive(Debug, Clone, Copy)]
pub(super) struct FailedCell {
    pub(super) cell: usize,
    pub(super) idts: u64,
    pub(super) failure: CellFailure,
}

impl Population {
    pub(super) fn cells(&self) -> usize {
        self.alive.len()
    }

    /// Tells the solver that values of a cell were changed from outside.
    pub(super) fn restart(&mut self, cell: usize) {
        self.step_s[cell] = self.step_s[cell].min(RESTART_STEP_S);
    }

    /// Whether `other` is a state of as many cells with as many values.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let shape = |p: &Self| [p.states.len(), p.parameters.len(), p.step_s.len(), p.alive.len(), p.negative.len()];
        shape(self) == shape(other)
    }

    fn copy_from(&mut self, other: &Self) {
        self.idts = other.idts;
        self.states.copy_from_slice(&other.states);
        self.step_s.copy_from_slice(&other.step_s);
        self.negative.copy_from_slice(&other.negative);
    }
}

/// Advances populations of one size; owns all memory that this takes.
#[derive(Debug)]
pub(super) struct Engine {
    options: SolverOptions,
    workers: Vec<Worker>,
    cells_per_worker: usize,
    /// States that cannot be negative, by number: the dynamic ones that are concentrations.
    concentrations: Vec<usize>,
    before: Population,
}

#[derive(Debug)]
struct Worker {
    wide: Integrator<LANES>,
    narrow: Integrator<1>,
    failures: Vec<Option<CellFailure>>,
    failed_idts: u64,
}

/// The part of a population that one worker advances.
struct Share<'a> {
    states: &'a mut [f64],
    parameters: &'a [f64],
    step_s: &'a mut [f64],
    alive: &'a [bool],
    negative: &'a mut [Option<Negative>],
}

/// A span of time as windows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) until: u64,
    pub(super) ndts: u64,
    pub(super) base_dt_ms: f64,
}

impl Engine {
    pub(super) fn new(model: &Model, options: SolverOptions, population: &Population) -> Self {
        let cells = population.cells();
        let workers = (rayon::current_num_threads() * WORKERS_PER_THREAD).min(cells.div_ceil(LANES)).max(1);
        let cells_per_worker = cells.div_ceil(workers).next_multiple_of(LANES);
        let worker = || Worker {
            wide: Integrator::new(model, &options),
            narrow: Integrator::new(model, &options),
            failures: vec![None; cells_per_worker],
            failed_idts: 0,
        };
        Self {
            workers: (0..workers).map(|_| worker()).collect(),
            cells_per_worker,
            concentrations: (0..model.states().len())
                .filter(|number| model.dynamic_states().contains(number) && model.states()[*number].is_concentration())
                .collect(),
            before: population.clone(),
            options,
        }
    }

    pub(super) fn options(&self) -> &SolverOptions {
        &self.options
    }

    /// Advances to the end of the span, or returns the cells that failed and leaves the population as it was.
    pub(super) fn advance(&mut self, model: &Model, population: &mut Population, span: Span) -> Vec<FailedCell> {
        let (start, before) = (population.idts, &mut self.before);
        before.idts = start;
        let cells = self.cells_per_worker;
        let (options, concentrations) = (&self.options, &self.concentrations);
        (
            &mut self.workers,
            population.states.par_chunks_mut(cells * model.states().len()),
            population.parameters.par_chunks(cells * model.parameters().len()),
            population.step_s.par_chunks_mut(cells),
            population.alive.par_chunks(cells),
            population.negative.par_chunks_mut(cells),
            before.states.par_chunks_mut(cells * model.states().len()),
            before.step_s.par_chunks_mut(cells),
            before.negative.par_chunks_mut(cells),
        )
            .into_par_iter()
            .for_each(
                |(worker, states, parameters, step_s, alive, negative, old_states, old_step_s, old_negative)| {
                    // By the workers, since one thread takes a tenth of a window for all.
                    old_states.copy_from_slice(states);
                    old_step_s.copy_from_slice(step_s);
                    old_negative.copy_from_slice(negative);
                    let mut share = Share { states, parameters, step_s, alive, negative };
                    worker.advance(model, options, concentrations, &mut share, start, span);
                },
            );
        let failed: Vec<FailedCell> = self
            .workers
            .iter()
            .enumerate()
            .flat_map(|(number, worker)| {
                worker.failures.iter().enumerate().filter_map(move |(place, failure)| {
                    failure.map(|failure| FailedCell {
                        cell: number * cells + place,
                        idts: worker.failed_idts,
                        failure,
                    })
                })
            })
            .collect();
        let work = self.take_work();
        if failed.is_empty() {
            population.idts = span.until;
            population.work.accepted += work.accepted;
            population.work.rejected += work.rejected;
        } else {
            population.copy_from(&self.before);
        }
        // Which cells would have failed later depends on what the workers did until then.
        let first = failed.iter().map(|failed| failed.idts).min();
        failed.into_iter().filter(|failed| Some(failed.idts) == first).collect()
    }

    /// Steps of the solver since the last call.
    fn take_work(&mut self) -> Work {
        let mut total = Work::default();
        for worker in &mut self.workers {
            for work in [worker.wide.take_work(), worker.narrow.take_work()] {
                total.accepted += work.accepted;
                total.rejected += work.rejected;
            }
        }
        total
    }
}

impl Worker {
    fn advance(
        &mut self,
        model: &Model,
        options: &SolverOptions,
        concentrations: &[usize],
        share: &mut Share<'_>,
        start: u64,
        span: Span,
    ) {
        self.failures.fill(None);
        let mut idts = start;
        while idts < span.until {
            let end = (idts + span.ndts).min(span.until);
            let window_s = (end - idts) as f64 * span.base_dt_ms * 1e-3;
            self.advance_window(model, options, share, window_s);
            if self.failures.iter().any(Option::is_some) {
                self.failed_idts = idts;
                return;
            }
            share.note_negatives(model, concentrations, options.absolute_tolerance, end);
            idts = end;
        }
    }

    fn advance_window(&mut self, model: &Model, options: &SolverOptions, share: &mut Share<'_>, window_s: f64) {
        let alive = share.alive;
        let cells = share
            .states
            .chunks_exact_mut(model.states().len())
            .zip(share.parameters.chunks_exact(model.parameters().len()))
            .zip(share.step_s.iter_mut())
            .zip(self.failures.iter_mut())
            .zip(alive)
            .filter(|(_, alive)| **alive)
            .map(|((((states, parameters), step_s), failure), _)| Cell { states, parameters, step_s, failure });
        if alive.iter().filter(|alive| **alive).count() <= FEW_CELLS {
            self.narrow.advance(model, options, window_s, cells);
        } else {
            self.wide.advance(model, options, window_s, cells);
        }
    }
}

impl Share<'_> {
    /// Notes the first state of each cell that lies below zero by more than the solver's tolerance.
    fn note_negatives(&mut self, model: &Model, concentrations: &[usize], tolerance: f64, idts: u64) {
        let cells = self.states.chunks_exact(model.states().len()).zip(self.alive);
        for ((states, alive), negative) in cells.zip(self.negative.iter_mut()) {
            if *alive && negative.is_none() {
                *negative = concentrations.iter().find(|&&state| states[state] < -tolerance).map(|&state| Negative {
                    state: state as u32,
                    value: states[state],
                    idts,
                });
            }
        }
    }
}
