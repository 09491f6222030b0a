//! The main loop: advances all simulators on one integer clock and makes the connections when they are due.

use std::time::{Duration, Instant};

use msr_config::TimeGrid;
use msr_config::multiscale::Action;

use crate::communicator::Communicator;
use crate::exchange::{ConnectionError, Ledger};
use crate::plan::Plan;
use crate::simulator::{NeuronFailure, Response, Simulator, SimulatorError};
use crate::space_graph::SpaceGraph;

/// Runs a [`Plan`].
pub struct Orchestrator {
    plan: Plan,
    grid: TimeGrid,
    communicator: Box<dyn Communicator>,
    periods: Vec<u64>,
    idts: u64,
    started: bool,
    excluded: Vec<Exclusion>,
    times: Times,
    /// Exchanges due at the current step, those already made as part of a sum, and that sum: memory used again.
    due: Vec<usize>,
    summed: Vec<bool>,
    total: Vec<f64>,
}

/// A neuron taken out of the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Exclusion {
    /// The neuron.
    pub neuron: u64,
    /// When, in ms.
    pub time_ms: f64,
    /// Why.
    pub message: String,
}

/// Wall time spent.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// In each simulator: its name, its time.
    pub simulators: Vec<(String, Duration)>,
    /// In connections.
    pub exchanges: Duration,
    /// In the observer (reports, progress).
    pub observer: Duration,
}

/// Moments at which an observer may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Simulators have been advanced, connections are not made yet.
    Advanced,
    /// Connections have been made; at the start, once before the first advance.
    Exchanged,
}

/// Looks at a run: writes reports, shows progress.
pub trait Observer {
    /// Base steps between two of its looks, for each thing that it looks at; the run stops at their multiples.
    fn periods(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Looks at the simulators at base step `idts`.
    ///
    /// # Errors
    /// Any; the run stops.
    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// Why a run stopped early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A simulator failed as a whole.
    #[error("at {time_ms} ms: {source}")]
    Simulator {
        /// When.
        time_ms: f64,
        /// What happened.
        source: Box<SimulatorError>,
    },
    /// A connection carried what is no number.
    #[error("at {time_ms} ms: {key} carries {value} to element {element} of '{space}'")]
    NotFinite {
        /// When.
        time_ms: f64,
        /// The connection.
        key: String,
        /// The value.
        value: f64,
        /// Id of the element.
        element: u64,
        /// Space of the element.
        space: String,
    },
    /// A check that stops the run failed.
    #[error("at {time_ms} ms: {}", first_failures(failures))]
    Aborted {
        /// When.
        time_ms: f64,
        /// The failures that asked for it.
        failures: Vec<NeuronFailure>,
    },
    /// Every neuron has been excluded.
    #[error("at {time_ms} ms: no neuron is left; the last: neuron {neuron}: {message}")]
    NoneLeft {
        /// When.
        time_ms: f64,
        /// The last one.
        neuron: u64,
        /// Why it was excluded.
        message: String,
    },
    /// A simulator fails for neurons that are excluded already, or that it does not name.
    #[error("at {time_ms} ms: {simulator} goes on failing for neurons that are excluded or unknown")]
    Stuck {
        /// When.
        time_ms: f64,
        /// The simulator.
        simulator: String,
    },
    /// A connection cannot be made without the excluded neurons.
    #[error("at {time_ms} ms, after neurons were excluded: {key}: {source}")]
    Connection {
        /// When.
        time_ms: f64,
        /// The connection.
        key: String,
        /// Why.
        source: Box<ConnectionError>,
    },
    /// The observer failed.
    #[error("at {time_ms} ms: {source}")]
    Observer {
        /// When.
        time_ms: f64,
        /// Its error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The first failures, and how many more there are.
fn first_failures(failures: &[NeuronFailure]) -> String {
    const SHOWN: usize = 3;
    let named: Vec<String> =
        failures.iter().take(SHOWN).map(|failure| format!("neuron {}: {}", failure.neuron, failure.message)).collect();
    let more = failures.len().saturating_sub(SHOWN);
    let and = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{and}", named.join("; "))
}

impl RunError {
    fn simulator(time_ms: f64, source: SimulatorError) -> Self {
        Self::Simulator { time_ms, source: Box::new(source) }
    }
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
        let mut periods: Vec<u64> =
            plan.simulators.iter().map(|simulator| simulator.ndts()).filter(|&n| n > 1).collect();
        periods.extend(plan.exchanges.iter().map(|exchange| exchange.ndts));
        periods.extend(window);
        let names = plan.simulators.iter().map(|simulator| simulator.name().to_owned());
        let times = Times { simulators: names.map(|name| (name, Duration::ZERO)).collect(), ..Times::default() };
        let exchanges = plan.exchanges.len();
        Self {
            plan,
            grid,
            communicator,
            periods,
            idts: 0,
            started: false,
            excluded: Vec::new(),
            times,
            due: Vec::with_capacity(exchanges),
            summed: vec![false; exchanges],
            total: Vec::new(),
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

    /// Neurons excluded so far, in order.
    pub fn excluded(&self) -> &[Exclusion] {
        &self.excluded
    }

    /// Wall time spent so far.
    pub fn times(&self) -> &Times {
        &self.times
    }

    /// What went over each connection so far, by the connection's key.
    pub fn ledger(&self) -> impl Iterator<Item = (&str, &Ledger)> {
        self.plan.exchanges.iter().map(|exchange| (exchange.connection.key.as_str(), &exchange.ledger))
    }

    /// What a user should know: simulators whose last step is shorter than the others, connections that are not made at
    /// the end.
    pub fn notes(&self) -> Vec<String> {
        let ends_between = |ndts: u64| !self.grid.steps.is_multiple_of(ndts);
        let end = self.grid.time_ms(self.grid.steps);
        let shorter = self.plan.simulators.iter().filter(|simulator| ends_between(simulator.ndts())).map(|simulator| {
            format!("{}: the run ends at {end} ms, between two of its steps; its last one is shorter", simulator.name())
        });
        let unmade = self.plan.exchanges.iter().filter(|exchange| ends_between(exchange.ndts)).map(|exchange| {
            let (key, period) = (&exchange.connection.key, self.grid.time_ms(exchange.ndts));
            format!("{key}: made every {period} ms, and not at the end of the run at {end} ms")
        });
        shorter.chain(unmade).collect()
    }

    /// Runs to the end of the grid. A simulator whose step does not divide the grid makes a shorter last step; a
    /// connection is made when it is due, and not once more at the end.
    ///
    /// # Errors
    /// [`RunError`]; the simulators stand where they stopped and can be looked at.
    pub fn run(&mut self, observer: &mut dyn Observer) -> Result<(), RunError> {
        let mut periods = self.periods.clone();
        periods.extend(observer.periods());
        periods.retain(|&period| period > 0);
        periods.sort_unstable();
        periods.dedup();
        if !self.started {
            self.started = true;
            self.exchange()?;
            self.check()?;
            self.look(observer, Moment::Exchanged)?;
        }
        while self.idts < self.grid.steps {
            let next = periods.iter().map(|period| (self.idts / period + 1) * period).min();
            let next = next.unwrap_or(self.grid.steps).min(self.grid.steps);
            self.advance(next)?;
            self.idts = next;
            self.look(observer, Moment::Advanced)?;
            self.exchange()?;
            self.check()?;
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
                let ndts = simulator.ndts();
                let until = if next == self.grid.steps { next } else { next / ndts * ndts };
                if until <= simulator.idts() {
                    break;
                }
                let begun = Instant::now();
                let outcome = simulator.advance(until);
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

    fn exchange(&mut self) -> Result<(), RunError> {
        let begun = Instant::now();
        self.due.clear();
        self.summed.fill(false);
        for (position, exchange) in self.plan.exchanges.iter().enumerate() {
            // Amounts are those of the window that has passed; before the first one there are none.
            let early = self.idts == 0 && exchange.connection.action == Action::Sum;
            if self.idts.is_multiple_of(exchange.ndts) && !early {
                self.due.push(position);
            }
        }
        for i in 0..self.due.len() {
            let position = self.due[i];
            if self.summed[position] {
                continue;
            }
            self.gather(position)?;
            let outcome = if self.plan.exchanges[position].connection.action == Action::Sum {
                self.sum(i)?
            } else {
                self.plan.exchanges[position].hand_over(&mut self.plan.simulators)
            };
            outcome.map_err(|source| RunError::simulator(self.time_ms(), source))?;
        }
        self.times.exchanges += begun.elapsed();
        Ok(())
    }

    /// Adds everything that goes to the same setter as the exchange `due[first]`, and hands it over at once.
    fn sum(&mut self, first: usize) -> Result<Result<(), SimulatorError>, RunError> {
        let position = self.due[first];
        self.total.clear();
        self.total.extend_from_slice(self.plan.exchanges[position].values());
        for later in first + 1..self.due.len() {
            let other = self.due[later];
            if self.plan.exchanges[other].adds_to(&self.plan.exchanges[position]) {
                self.gather(other)?;
                for (sum, value) in self.total.iter_mut().zip(self.plan.exchanges[other].values()) {
                    *sum += value;
                }
                self.summed[other] = true;
            }
        }
        self.communicator.sum(&mut self.total);
        let exchange = &self.plan.exchanges[position];
        Ok(self.plan.simulators[exchange.destination].set_var(&exchange.set, &self.total))
    }

    fn gather(&mut self, position: usize) -> Result<(), RunError> {
        let time_ms = self.time_ms();
        let exchange = &mut self.plan.exchanges[position];
        let bad = exchange.gather(&self.plan.simulators).map_err(|source| RunError::simulator(time_ms, source))?;
        let Some((element, value)) = bad else { return Ok(()) };
        let space = exchange.ends().1.to_owned();
        let element = self.plan.spaces.space(&space).map_or(element as u64, |space| space.ids[element]);
        Err(RunError::NotFinite { time_ms, key: exchange.connection.key.clone(), value, element, space })
    }

    fn check(&mut self) -> Result<(), RunError> {
        let failures: Vec<NeuronFailure> =
            self.plan.simulators.iter().flat_map(|simulator| simulator.check()).collect();
        if failures.is_empty() { Ok(()) } else { self.take_out(failures).map(|_| ()) }
    }

    /// Excludes the neurons that failed, or stops the run. Whether any was excluded that was not before.
    fn take_out(&mut self, failures: Vec<NeuronFailure>) -> Result<bool, RunError> {
        let time_ms = self.time_ms();
        let (aborting, excluding): (Vec<_>, Vec<_>) =
            failures.into_iter().partition(|failure| failure.response == Response::AbortSimulation);
        if !aborting.is_empty() {
            return Err(RunError::Aborted { time_ms, failures: aborting });
        }
        let neurons = self.plan.spaces.space(crate::space::NEURONS).map_or(&[][..], |space| &space.ids);
        let all = neurons.len();
        let before = self.excluded.len();
        for failure in excluding {
            let known = self.excluded.iter().any(|excluded| excluded.neuron == failure.neuron);
            if !known && neurons.contains(&failure.neuron) {
                self.excluded.push(Exclusion { neuron: failure.neuron, time_ms, message: failure.message });
            }
        }
        let new: Vec<u64> = self.excluded[before..].iter().map(|excluded| excluded.neuron).collect();
        if new.is_empty() {
            return Ok(false);
        }
        for simulator in &mut self.plan.simulators {
            simulator.exclude(&new).map_err(|source| RunError::simulator(time_ms, source))?;
        }
        if let Some(last) = self.excluded.last().filter(|_| self.excluded.len() >= all) {
            return Err(RunError::NoneLeft { time_ms, neuron: last.neuron, message: last.message.clone() });
        }
        self.plan.spaces.exclude(&new);
        for exchange in &mut self.plan.exchanges {
            let key = exchange.connection.key.clone();
            exchange
                .refresh(&self.plan.simulators, &self.plan.spaces, &self.plan.surroundings)
                .map_err(|source| RunError::Connection { time_ms, key, source: Box::new(source) })?;
        }
        Ok(true)
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
