//! Node sets: named selections of nodes.

use std::collections::BTreeMap;

/// Nodes selected: population name, ids ascending without repeats. Populations without a selected node are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection(pub BTreeMap<String, Vec<u64>>);

impl Selection {
    /// The selected ids of a population, ascending; empty where none.
    pub fn ids(&self, population: &str) -> &[u64] {
        self.0.get(population).map_or(&[], Vec::as_slice)
    }

    /// Number of nodes selected.
    pub fn len(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Whether no node is selected.
    pub fn is_empty(&self) -> bool {
        self.0.values().all(Vec::is_empty)
    }
}
