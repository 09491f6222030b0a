//! What went over connections, for users to look at.

use serde::{Deserialize, Serialize};

use crate::balance::Balance;

/// What went over a connection so far. As JSON, what is not finite (the range before the first value) is `null`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Number of exchanges.
    pub count: u64,
    /// Smallest value that arrived from the source, before a merge or sum.
    pub minimum: f64,
    /// Largest value that arrived from the source, before a merge or sum.
    pub maximum: f64,
    /// Number of values that arrived and were no numbers; the first ones stop the run.
    pub non_finite: u64,
    /// For amounts: sum of what was to be mapped, over all elements and exchanges.
    pub sent: f64,
    /// For amounts: sum of what the mapping handed on, in the same unit.
    pub received: f64,
    /// For amounts: sum of what lay where the destination is not.
    pub outside: f64,
    /// For amounts: sum of what belonged to excluded neurons.
    pub excluded: f64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            count: 0,
            minimum: f64::INFINITY,
            maximum: f64::NEG_INFINITY,
            non_finite: 0,
            sent: 0.0,
            received: 0.0,
            outside: 0.0,
            excluded: 0.0,
        }
    }
}

impl Ledger {
    pub(crate) fn add(&mut self, balance: &Balance) {
        self.count += 1;
        self.sent += balance.sent;
        self.received += balance.received;
        self.outside += balance.outside;
        self.excluded += balance.excluded;
    }

    pub(crate) fn see(&mut self, value: f64) {
        self.minimum = self.minimum.min(value);
        self.maximum = self.maximum.max(value);
    }
}

/// A connection and what went over it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LedgerEntry {
    /// The connection's place in the configuration.
    pub connection: String,
    /// Simulator and query that it reads.
    pub source: String,
    /// Simulator and query that it writes.
    pub destination: String,
    /// How values are combined with those of the destination.
    pub action: String,
    /// What of the time since the last exchange is taken.
    pub window: String,
    /// Time between two exchanges, in ms.
    pub period_ms: f64,
    /// Unit of the values that arrive, of which [`Ledger::minimum`] and [`Ledger::maximum`] tell.
    pub unit: String,
    /// Unit of the amounts sent and received; `None` where the connection carries levels.
    pub amount_unit: Option<String>,
    /// The numbers.
    #[serde(flatten)]
    pub ledger: Ledger,
}
