//! Node and edge populations, as plain data.

use std::path::PathBuf;

use super::{CircuitConfig, Components, EdgeKind, NodeKind, Table};

/// A circuit with all its populations in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Circuit {
    /// Where it came from.
    pub config: CircuitConfig,
    /// Node populations, in the order of the configuration.
    pub nodes: Vec<NodePopulation>,
    /// Edge populations, in the order of the configuration.
    pub edges: Vec<EdgePopulation>,
    /// Warnings found while reading.
    pub notes: Vec<String>,
}

impl Circuit {
    /// The node population of this name.
    pub fn node_population(&self, name: &str) -> Option<&NodePopulation> {
        self.nodes.iter().find(|population| population.name == name)
    }

    /// The edge population of this name.
    pub fn edge_population(&self, name: &str) -> Option<&EdgePopulation> {
        self.edges.iter().find(|population| population.name == name)
    }
}

/// One node population: node `i` is row `i` of its tables.
#[derive(Debug, Clone, PartialEq)]
pub struct NodePopulation {
    /// Its name in the circuit configuration.
    pub name: String,
    /// `type`.
    pub kind: NodeKind,
    /// Number of nodes.
    pub size: usize,
    /// Attributes: group `0`, enumerations as text.
    pub attributes: Table,
    /// Group `0/dynamics_params`.
    pub dynamics: Table,
    /// Directories and files of its components.
    pub paths: Components,
    /// The HDF5 file.
    pub file: PathBuf,
}

/// One edge population: edge `i` is row `i` of its table and vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgePopulation {
    /// Its name in the circuit configuration.
    pub name: String,
    /// `type`.
    pub kind: EdgeKind,
    /// Name of the population that the edges come from.
    pub source_population: String,
    /// Name of the population that the edges go to.
    pub target_population: String,
    /// Source node of each edge, from 0.
    pub source_ids: Vec<u64>,
    /// Target node of each edge, from 0.
    pub target_ids: Vec<u64>,
    /// Attributes: group `0`, enumerations as text.
    pub attributes: Table,
    /// Group `0/dynamics_params`.
    pub dynamics: Table,
    /// For `synapse_astrocyte`: the edge population that `synapse_id` counts in, where the file names it.
    pub synapse_population: Option<String>,
    /// Directories and files of its components.
    pub paths: Components,
    /// The HDF5 file.
    pub file: PathBuf,
}

impl EdgePopulation {
    /// Number of edges.
    pub fn size(&self) -> usize {
        self.source_ids.len()
    }
}
