//! The main loop: advances all simulators on one integer clock and makes the connections when they are due.

mod error;
mod exchanging;
mod exclusion;
mod iterating;
mod observer;
mod saving;

use std::time::{Duration, Instant};

use msr_config::TimeGrid;

use crate::communicator::Communicator;
use crate::identity::Identity;
use crate::iteration::IterationRecord;
use crate::ledger::LedgerEntry;
use crate::mapping_cache::MappingRecord;
use crate::plan::Plan;
use crate::sampling::Sampling;
use crate::schedule::Schedule;
use crate::simulator::{Simulator, SimulatorError};
use crate::space_graph::SpaceGraph;

pub use error::RunError;
pub use exclusion::Exclusion;
pub use observer::{Moment, Observer, Times};

/// Runs a [`Plan`].
pub struct Orchestrator {
    plan: Plan,
    grid: TimeGrid,
    communicator: Box<dyn Communicator>,
    /// What the run was before any neuron was excluded.
    identity: Identity,
    schedule: Schedule,
    idts: u64,
    started: bool,
    excluded: Vec<Exclusion>,
    /// One for each group that iterates.
    iterations: Vec<IterationRecord>,
    times: Times,
    /// Exchanges due at the current step, those already made as part of a sum, that sum, and which elements it reaches:
    /// memory used again.
    due: Vec<usize>,
    summed: Vec<bool>,
    total: Vec<f64>,
    reached: Vec<bool>,
    sampling: Sampling,
    /// Whether what is handed over now is a guess: neurons that fail by it stay.
    guessing: bool,
}

impl Orchestrator {
    /// Prepares a run over `grid`. `window` is a further period at which the run stops, if any.
    ///
    /// # Panics
    /// Where a simulator was built with another base step than that of `grid`.
    pub fn new(plan: Plan, grid: TimeGrid, window: Option<u64>, communicator: Box<dyn Communicator>) -> Self {
        for simulator in &plan.simulators {
            let (name, dt_ms) = (simulator.name(), simulator.base_dt_ms());
            assert!(dt_ms == grid.dt_ms, "{name} counts steps of {dt_ms} ms, the run those of {} ms", grid.dt_ms);
        }
        let schedule = plan.schedule(grid).stopping_every(window);
        let names = plan.simulators.iter().map(|simulator| simulator.name().to_owned());
        let times = Times { simulators: names.map(|name| (name, Duration::ZERO)).collect(), ..Times::default() };
        let exchanges = plan.exchanges.len();
        let iterations = vec![IterationRecord::default(); plan.groups.len()];
        let sampling = Sampling::new(plan.simulators.len(), &plan.exchanges);
        Self {
            identity: Identity::of_plan(&plan, grid.dt_ms),
            plan,
            grid,
            communicator,
            schedule,
            idts: 0,
            started: false,
            excluded: Vec::new(),
            iterations,
            times,
            due: Vec::with_capacity(exchanges),
            summed: vec![false; exchanges],
            total: Vec::new(),
            reached: Vec::new(),
            sampling,
            guessing: false,
        }
    }

    /// Where the run stands, in base steps.
    pub fn idts(&self) -> u64 {
        self.idts
    }

    /// The simulators.
    pub fn simulators(&self) -> &[Box<dyn Simulator>] {
        &self.plan.simulators
    }

    /// All spaces and mappings, without the excluded neurons.
    pub fn spaces(&self) -> &SpaceGraph {
        &self.plan.spaces
    }

    /// Where mappings came from that are worth being kept on disk, see [`Plan::mapping_records`].
    pub fn mapping_records(&self) -> &[MappingRecord] {
        self.plan.mapping_records()
    }

    /// Neurons excluded so far, in order.
    pub fn excluded(&self) -> &[Exclusion] {
        &self.excluded
    }

    /// Wall time spent so far.
    pub fn times(&self) -> &Times {
        &self.times
    }

    /// What went over each connection so far.
    pub fn ledger(&self) -> impl Iterator<Item = LedgerEntry> {
        self.plan.exchanges.iter().map(|exchange| exchange.entry(self.grid.dt_ms))
    }

    /// How often each group that iterates has repeated its windows, with the names of its simulators.
    pub fn iterations(&self) -> impl Iterator<Item = (&[String], IterationRecord)> {
        self.plan.groups.iter().map(|group| group.settings.simulators.as_slice()).zip(self.iterations.iter().copied())
    }

    /// What a user should know of the times of this run, see [`Plan::timing_notes`].
    pub fn notes(&self) -> Vec<String> {
        self.plan.timing_notes(self.grid)
    }

    /// Runs to the end of the grid, or to where the observer [stops](Observer::is_stopping) it. A simulator whose step
    /// does not divide the grid makes a shorter last step; a connection is made when it is due, and not once more at the
    /// end.
    ///
    /// # Errors
    /// [`RunError`]; the simulators stand where they stopped and can be looked at.
    pub fn run(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        self.run_until(self.grid.steps, observer)
    }

    /// As [`run`](Self::run), to the first moment at or after base step `idts` at which the run stops anyway: no further
    /// stop is made, so that a run in parts does the same as a whole one.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_until(&mut self, idts: u64, observer: &mut dyn Observer) -> Result<(), RunError> {
        let schedule = self.schedule.clone().stopping_every(observer.periods());
        if !self.started {
            self.started = true;
            self.exchange()?;
            self.check()?;
            self.iterate()?;
            self.look(observer, Moment::Exchanged)?;
        }
        let until = idts.min(self.grid.steps);
        while let Some(next) = schedule.next_stop(self.idts).filter(|_| self.idts < until && !observer.is_stopping()) {
            self.advance(next)?;
            self.idts = next;
            self.look(observer, Moment::Advanced)?;
            self.exchange()?;
            self.check()?;
            self.iterate()?;
            self.look(observer, Moment::Exchanged)?;
        }
        Ok(())
    }

    fn time_ms(&self) -> f64 {
        self.grid.time_ms(self.idts)
    }

    /// Advances every simulator to its last own step that is not beyond `next`; at the end of the run, to the end.
    fn advance(&mut self, next: u64) -> Result<(), RunError> {
        for position in 0..self.plan.simulators.len() {
            loop {
                let simulator = &mut self.plan.simulators[position];
                let until = self.schedule.target(position, next);
                if until <= simulator.idts() {
                    break;
                }
                let begun = Instant::now();
                let outcome = self.sampling.advance(&mut **simulator, position, until, &mut self.plan.exchanges);
                self.times.simulators[position].1 += begun.elapsed();
                match outcome {
                    Ok(()) => break,
                    Err(SimulatorError::Neurons { simulator, failures }) => {
                        if !self.take_out(failures)? {
                            return Err(RunError::Stuck { time_ms: self.time_ms(), simulator });
                        }
                    }
                    Err(source) => return Err(RunError::simulator(self.time_ms(), source)),
                }
            }
        }
        Ok(())
    }

    fn look(&mut self, observer: &mut dyn Observer, moment: Moment) -> Result<(), RunError> {
        let begun = Instant::now();
        observer
            .look(moment, self.idts, &mut self.plan.simulators, &self.times)
            .map_err(|source| RunError::Observer { time_ms: self.grid.time_ms(self.idts), source })?;
        self.times.observer += begun.elapsed();
        Ok(())
    }
}
