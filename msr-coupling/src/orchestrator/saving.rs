//! Checkpoints of a run are taken, and a run goes on from one.

use super::Orchestrator;
use crate::checkpoint::{Checkpoint, RestoreError};
use crate::simulator::SimulatorError;

impl Orchestrator {
    /// The whole state. To be taken where the run stands between two windows: before it, after it, or where
    /// [`run_until`](Self::run_until) left it.
    ///
    /// # Errors
    /// [`SimulatorError`] of a simulator that cannot be encoded.
    pub fn snapshot(&self) -> Result<Checkpoint, SimulatorError> {
        Ok(Checkpoint {
            identity: self.identity.clone(),
            idts: self.idts,
            started: self.started,
            simulators: self.plan.simulators.iter().map(|simulator| simulator.snapshot()).collect::<Result<_, _>>()?,
            exchanges: self.plan.exchanges.iter().map(|exchange| exchange.state()).collect(),
            excluded: self.excluded.clone(),
            iterations: self.iterations.clone(),
        })
    }

    /// Goes on from a checkpoint: the same simulators, built in the same way, that have not begun. What follows is, bit for
    /// bit, what followed when the checkpoint was taken. The end of the run may be a later one.
    ///
    /// # Errors
    /// [`RestoreError`]. With [`RestoreError::Simulator`] and [`RestoreError::Connection`] a part of the simulators may have
    /// been restored: the run is of no further use then.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), RestoreError> {
        if self.started || self.idts > 0 {
            return Err(RestoreError::Begun { idts: self.idts });
        }
        let differences = checkpoint.identity.differences(&self.identity);
        if !differences.is_empty() {
            return Err(RestoreError::OtherIdentity { differences });
        }
        if checkpoint.idts > self.grid.steps {
            let (time_ms, end_ms) = (self.grid.time_ms(checkpoint.idts), self.grid.end_ms());
            return Err(RestoreError::BeyondEnd { time_ms, end_ms });
        }
        for (simulator, snapshot) in self.plan.simulators.iter_mut().zip(&checkpoint.simulators) {
            simulator.restore(snapshot)?;
        }
        if !checkpoint.excluded.is_empty() {
            let neurons: Vec<u64> = checkpoint.excluded.iter().map(|excluded| excluded.neuron).collect();
            self.leave_out(&neurons).map_err(|(key, source)| RestoreError::Connection { key, source })?;
        }
        for (exchange, state) in self.plan.exchanges.iter_mut().zip(&checkpoint.exchanges) {
            exchange.restore(state);
        }
        self.excluded.clone_from(&checkpoint.excluded);
        self.iterations.clone_from(&checkpoint.iterations);
        (self.idts, self.started) = (checkpoint.idts, checkpoint.started);
        Ok(())
    }
}
