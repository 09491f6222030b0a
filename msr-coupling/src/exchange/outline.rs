//! A connection as a user wants to see it before a run.

use msr_config::Connection;
use serde::Serialize;

use super::{Exchange, query};

/// What a connection is going to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConnectionOutline {
    /// Where it stands in the configuration.
    pub key: String,
    /// `set`, `sum` or `merge`.
    pub action: String,
    /// What of the time since the last exchange is taken: `last`, `mean`, ...
    pub window: String,
    /// The simulator that is read, and its getter.
    pub source: String,
    /// The simulator that is written, and its setter.
    pub destination: String,
    /// Unit of what is read (after a weighted source, of the mean), before any transform.
    pub source_unit: String,
    /// Unit of what arrives.
    pub destination_unit: String,
    /// The transform, where there is one.
    pub transform: Option<String>,
    /// Spaces that values pass, both ends included.
    pub path: Vec<String>,
    /// Elements of the destination.
    pub elements: usize,
    /// Part of them that receive something.
    pub covered_fraction: f64,
    /// For amounts, the part that arrives of what lies evenly in the space that they come from.
    pub arriving_fraction: Option<f64>,
    /// Base steps between two exchanges.
    pub ndts: u64,
}

impl Exchange {
    pub(crate) fn outline(&self) -> ConnectionOutline {
        let Connection { key, action, window, src_simulator, src_get, dest_simulator, transform_expression, .. } =
            &self.connection;
        let covered = self.route.covered();
        let reached = covered.iter().filter(|&&covered| covered).count();
        ConnectionOutline {
            key: key.clone(),
            action: action.to_string(),
            window: window.to_string(),
            source: format!("{src_simulator} {}", query(src_get)),
            destination: format!("{dest_simulator} {}", self.set),
            source_unit: self.route.source_unit().to_string(),
            destination_unit: self.route.unit().to_string(),
            transform: transform_expression.clone(),
            path: self.route.path().to_vec(),
            elements: covered.len(),
            covered_fraction: if covered.is_empty() { 1.0 } else { reached as f64 / covered.len() as f64 },
            arriving_fraction: self.route.arriving(),
            ndts: self.ndts,
        }
    }
}
