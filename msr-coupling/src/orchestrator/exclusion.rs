//! Neurons that fail leave the run everywhere.

use serde::{Deserialize, Serialize};

use super::{Orchestrator, RunError};
use crate::exchange::ConnectionError;
use crate::simulator::{NeuronFailure, Response};
use crate::space::NEURONS;

/// A neuron taken out of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exclusion {
    /// The neuron.
    pub neuron: u64,
    /// When, in ms.
    pub time_ms: f64,
    /// Why.
    pub message: String,
}

impl Orchestrator {
    pub(super) fn check(&mut self) -> Result<(), RunError> {
        let failures: Vec<NeuronFailure> =
            self.plan.simulators.iter().flat_map(|simulator| simulator.check()).collect();
        if failures.is_empty() { Ok(()) } else { self.take_out(failures).map(|_| ()) }
    }

    /// Excludes the neurons that failed, or stops the run, as the failures of a guess always do. Whether any was excluded
    /// that was not before.
    pub(super) fn take_out(&mut self, failures: Vec<NeuronFailure>) -> Result<bool, RunError> {
        let time_ms = self.time_ms();
        let (aborting, excluding): (Vec<_>, Vec<_>) =
            failures.into_iter().partition(|failure| self.guessing || failure.response == Response::AbortSimulation);
        if !aborting.is_empty() {
            return Err(RunError::Aborted { time_ms, failures: aborting });
        }
        let neurons = self.plan.spaces.space(NEURONS).map_or(&[][..], |space| &space.ids);
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
        self.leave_out(&new).map_err(|(key, source)| RunError::Connection { time_ms, key, source })?;
        Ok(true)
    }

    /// Takes neurons out of all spaces and compiles the connections again. The error comes with the connection's key.
    pub(super) fn leave_out(&mut self, neurons: &[u64]) -> Result<(), (String, Box<ConnectionError>)> {
        let plan = &mut self.plan;
        plan.spaces.exclude(neurons);
        for exchange in &mut plan.exchanges {
            exchange
                .refresh(&plan.simulators, &plan.spaces, &plan.surroundings)
                .map_err(|source| (source.key_in(&exchange.connection.key), Box::new(source)))?;
        }
        Ok(())
    }
}
