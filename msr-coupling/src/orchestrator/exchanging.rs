//! Connections that are due are made, in the order of the configuration.

use std::time::Instant;

use msr_config::multiscale::Action;

use super::{Orchestrator, RunError};
use crate::breach::Breach;
use crate::exchange::Defect;
use crate::simulator::{NeuronFailure, Response, SimulatorError};

impl Orchestrator {
    pub(super) fn exchange(&mut self) -> Result<(), RunError> {
        let begun = Instant::now();
        self.due.clear();
        self.summed.fill(false);
        let positions = 0..self.plan.exchanges.len();
        self.due.extend(positions.filter(|&position| self.schedule.is_due(position, self.idts)));
        for i in 0..self.due.len() {
            let position = self.due[i];
            if self.summed[position] {
                continue;
            }
            self.gather(position)?;
            if self.plan.exchanges[position].connection.action == Action::Sum {
                self.sum(i)?;
            } else {
                self.deliver(position)?;
            }
        }
        self.times.exchanges += begun.elapsed();
        Ok(())
    }

    /// Adds everything that goes to the same setter as the exchange `due[first]`, and hands it over at once.
    fn sum(&mut self, first: usize) -> Result<(), RunError> {
        let position = self.due[first];
        self.total.clear();
        self.total.extend_from_slice(self.plan.exchanges[position].values());
        self.reached.clear();
        self.reached.extend_from_slice(self.plan.exchanges[position].covered());
        for later in first + 1..self.due.len() {
            let other = self.due[later];
            if self.plan.exchanges[other].adds_to(&self.plan.exchanges[position]) {
                self.gather(other)?;
                let other_exchange = &self.plan.exchanges[other];
                for (sum, value) in self.total.iter_mut().zip(other_exchange.values()) {
                    *sum += value;
                }
                for (reached, also) in self.reached.iter_mut().zip(other_exchange.covered()) {
                    *reached |= also;
                }
                self.summed[other] = true;
            }
        }
        self.communicator.sum(&mut self.total);
        let refused = self.refusals(position, self.plan.exchanges[position].breaches_of(&self.total, &self.reached))?;
        if self.refuse(refused)? {
            self.plan.exchanges[position].hold(&mut self.total);
        }
        let exchange = &self.plan.exchanges[position];
        let outcome = self.plan.simulators[exchange.destination].set_var(&exchange.set, &self.total);
        outcome.map_err(|source| RunError::simulator(self.time_ms(), source))
    }

    /// Hands over what was gathered, as `set` or `merge`, unless it is impossible.
    pub(super) fn deliver(&mut self, position: usize) -> Result<(), RunError> {
        let time_ms = self.time_ms();
        let failed = |source: SimulatorError| RunError::simulator(time_ms, source);
        self.plan.exchanges[position].combine(&self.plan.simulators).map_err(failed)?;
        loop {
            let exchange = &mut self.plan.exchanges[position];
            exchange.prepare_write_back(&self.plan.simulators).map_err(failed)?;
            let refused = self.refusals(position, self.plan.exchanges[position].breaches())?;
            if !self.refuse(refused)? {
                break;
            }
            self.plan.exchanges[position].hold_own();
        }
        self.plan.exchanges[position].commit(&mut self.plan.simulators).map_err(failed)
    }

    /// The neurons that impossible values belong to; an error where they belong to none.
    fn refusals<'a>(
        &self,
        position: usize,
        breaches: impl Iterator<Item = Breach<'a>>,
    ) -> Result<Vec<NeuronFailure>, RunError> {
        let (time_ms, spaces) = (self.time_ms(), &self.plan.spaces);
        let key = &self.plan.exchanges[position].connection.key;
        breaches
            .map(|breach| match breach.neuron(spaces) {
                Some(neuron) if !self.excluded.iter().any(|excluded| excluded.neuron == neuron) => {
                    Ok(NeuronFailure { neuron, response: Response::ExcludeNeuron, message: format!("{key}: {breach}") })
                }
                _ => Err(RunError::OutOfBounds {
                    time_ms,
                    key: key.clone(),
                    element: breach.id(spaces),
                    space: breach.space.to_owned(),
                    breach: breach.to_string(),
                }),
            })
            .collect()
    }

    /// Excludes neurons that were to get what cannot be; whether there were any.
    fn refuse(&mut self, failures: Vec<NeuronFailure>) -> Result<bool, RunError> {
        if failures.is_empty() { Ok(false) } else { self.take_out(failures) }
    }

    pub(super) fn gather(&mut self, position: usize) -> Result<(), RunError> {
        let time_ms = self.time_ms();
        let exchange = &mut self.plan.exchanges[position];
        let defect = exchange.gather(&self.plan.simulators).map_err(|source| RunError::simulator(time_ms, source))?;
        let Some(defect) = defect else { return Ok(()) };
        let key = exchange.connection.key.clone();
        match defect {
            Defect::NotFinite { element, value } => {
                let space = exchange.ends().1.to_owned();
                let element = self.plan.spaces.space(&space).map_or(element as u64, |space| space.ids[element]);
                Err(RunError::NotFinite { time_ms, key, value, element, space })
            }
            Defect::NotConserved { sent, accounted } => {
                let unit = exchange.entry(self.grid.dt_ms).amount_unit.unwrap_or_default();
                Err(RunError::NotConserved { time_ms, key, sent, accounted, unit })
            }
        }
    }
}
