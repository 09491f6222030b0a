//! Connections that are due are made, in the order of the configuration.

use std::time::Instant;

use msr_config::multiscale::Action;

use super::{Orchestrator, RunError};
use crate::exchange::Defect;
use crate::simulator::SimulatorError;

impl Orchestrator {
    pub(super) fn exchange(&mut self) -> Result<(), RunError> {
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
