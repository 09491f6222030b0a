//! What a connection keeps from one exchange to the next.

use serde::{Deserialize, Serialize};

use super::Exchange;
use crate::ledger::Ledger;
use crate::samples::SamplesState;

/// The state of one connection: what its last merge left, what it handed over last, what happened since then, and what
/// went over it so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExchangeState {
    previous: Option<Vec<f64>>,
    values: Vec<f64>,
    samples: Option<SamplesState>,
    ledger: Ledger,
}

impl Exchange {
    /// The state now.
    pub(crate) fn state(&self) -> ExchangeState {
        ExchangeState {
            previous: self.previous.clone(),
            values: self.values.clone(),
            samples: self.samples.as_ref().map(|samples| samples.state().clone()),
            ledger: self.ledger,
        }
    }

    /// Returns to a state of an equally compiled connection.
    pub(crate) fn restore(&mut self, state: &ExchangeState) {
        self.previous.clone_from(&state.previous);
        self.values.clone_from(&state.values);
        if let (Some(samples), Some(state)) = (&mut self.samples, &state.samples) {
            samples.restore(state);
        }
        self.ledger = state.ledger;
    }
}
