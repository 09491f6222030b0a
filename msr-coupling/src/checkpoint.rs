//! The state of a whole run between two windows, from which it goes on as if it had not stopped.

use serde::{Deserialize, Serialize};

use crate::exchange::{ConnectionError, ExchangeState};
use crate::identity::{Difference, Identity};
use crate::iteration::IterationRecord;
use crate::orchestrator::Exclusion;
use crate::simulator::{SimulatorError, Snapshot};

/// Everything that an [`Orchestrator`](crate::Orchestrator) goes on from: the clock, all simulators, what connections keep
/// from one exchange to the next, the excluded neurons. Random numbers are keyed by (seed, entity, step), so that the
/// clock is all of their state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// What the state belongs to. The end of the run is no part of it.
    pub identity: Identity,
    /// Where the run stands, in base steps.
    pub idts: u64,
    /// Whether the exchange at the start has been made.
    pub(crate) started: bool,
    pub(crate) simulators: Vec<Snapshot>,
    pub(crate) exchanges: Vec<ExchangeState>,
    pub(crate) excluded: Vec<Exclusion>,
    pub(crate) iterations: Vec<IterationRecord>,
}

/// Why a run cannot go on from a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The checkpoint belongs to something else.
    #[error("the checkpoint is of another simulation:{}", listed(differences))]
    OtherIdentity {
        /// What differs, at least one.
        differences: Vec<Difference>,
    },
    /// The run is not as it was built.
    #[error("the run has advanced to step {idts} already; only one that has not begun goes on from a checkpoint")]
    Begun {
        /// Where it stands.
        idts: u64,
    },
    /// The checkpoint is later than the end.
    #[error("the checkpoint is at {time_ms} ms, and the run ends at {end_ms} ms; give it a later end (run.tstop)")]
    BeyondEnd {
        /// Time of the checkpoint.
        time_ms: f64,
        /// End of the run.
        end_ms: f64,
    },
    /// A simulator refused its part.
    #[error(transparent)]
    Simulator(#[from] SimulatorError),
    /// A connection cannot be made without the neurons that are excluded in the checkpoint.
    #[error("without the neurons that are excluded in the checkpoint: {key}: {source}")]
    Connection {
        /// The connection.
        key: String,
        /// Why.
        source: Box<ConnectionError>,
    },
}

/// One difference a line.
pub fn listed(differences: &[Difference]) -> String {
    differences.iter().map(|difference| format!("\n  {difference}")).collect()
}
