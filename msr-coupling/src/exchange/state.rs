//! What a connection keeps from one exchange to the next.

use serde::{Deserialize, Serialize};

use super::{Exchange, Ledger};

/// The state of one connection: what its last merge left, what it handed over last, what happened since then, and what
/// went over it so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExchangeState {
    previous: Option<Vec<f64>>,
    values: Vec<f64>,
    window: Option<WindowState>,
    ledger: Ledger,
}

/// What a window has taken note of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WindowState {
    /// Base steps since the last exchange.
    pub(super) base_steps: u64,
    /// For each element of the source, the sum of value times base steps, or the least or greatest value.
    pub(super) accumulated: Vec<f64>,
}

impl Exchange {
    /// The state now.
    pub(crate) fn state(&self) -> ExchangeState {
        ExchangeState {
            previous: self.previous.clone(),
            values: self.values.clone(),
            window: self.window.as_ref().map(|window| window.state().clone()),
            ledger: self.ledger,
        }
    }

    /// Returns to a state of an equally compiled connection.
    pub(crate) fn restore(&mut self, state: &ExchangeState) {
        self.previous.clone_from(&state.previous);
        self.values.clone_from(&state.values);
        if let (Some(window), Some(state)) = (&mut self.window, &state.window) {
            window.restore(state);
        }
        self.ledger = state.ledger;
    }
}
