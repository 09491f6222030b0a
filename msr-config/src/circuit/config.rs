//! The SONATA circuit configuration (`circuit_config.json`), typed.

use std::path::PathBuf;

use super::{EdgeKind, NodeKind};
use crate::problem::Problem;
use crate::simulation::TargetSimulator;

/// A whole circuit configuration; relative paths are joined to the file's directory.
#[derive(Debug, Clone, PartialEq)]
pub struct CircuitConfig {
    /// The file that was read.
    pub path: PathBuf,
    /// `metadata.status`; default `complete`.
    pub status: CircuitStatus,
    /// `target_simulator`, where given.
    pub target_simulator: Option<TargetSimulator>,
    /// `node_sets_file`, where given.
    pub node_sets_file: Option<PathBuf>,
    /// Node populations, in file order.
    pub nodes: Vec<NodePopulationConfig>,
    /// Edge populations, in file order.
    pub edges: Vec<EdgePopulationConfig>,
    /// Warnings: keys that nobody reads, populations that are invisible.
    pub notes: Vec<Problem>,
}

/// `metadata.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CircuitStatus {
    /// `complete`: mandatory keys are checked.
    #[default]
    Complete,
    /// `partial`: they are not.
    Partial,
}

/// Directories and files that a population needs; the circuit's `components` are defaults of each population.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Components {
    /// `morphologies_dir`: swc.
    pub morphologies_dir: Option<PathBuf>,
    /// `alternate_morphologies.neurolucida-asc`.
    pub neurolucida_asc_dir: Option<PathBuf>,
    /// `alternate_morphologies.h5v1`.
    pub h5v1_dir: Option<PathBuf>,
    /// `biophysical_neuron_models_dir`.
    pub biophysical_neuron_models_dir: Option<PathBuf>,
    /// `point_neuron_models_dir`.
    pub point_neuron_models_dir: Option<PathBuf>,
    /// `mechanisms_dir`.
    pub mechanisms_dir: Option<PathBuf>,
    /// `vasculature_file`.
    pub vasculature_file: Option<PathBuf>,
    /// `vasculature_mesh`.
    pub vasculature_mesh: Option<PathBuf>,
    /// `endfeet_meshes_file`.
    pub endfeet_meshes_file: Option<PathBuf>,
    /// `microdomains_file`.
    pub microdomains_file: Option<PathBuf>,
    /// `spine_morphologies_dir`.
    pub spine_morphologies_dir: Option<PathBuf>,
    /// `spatial_segment_index_dir` (nodes).
    pub spatial_segment_index_dir: Option<PathBuf>,
    /// `spatial_synapse_index_dir` (edges).
    pub spatial_synapse_index_dir: Option<PathBuf>,
}

/// One node population of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePopulationConfig {
    /// Its name.
    pub name: String,
    /// `type`.
    pub kind: NodeKind,
    /// `nodes_file`.
    pub file: PathBuf,
    /// `node_types_file`, where given.
    pub types_file: Option<PathBuf>,
    /// Its own components, else the circuit's.
    pub paths: Components,
    /// Line of the population in the file, from 1.
    pub line: usize,
    /// Column of the population in the file, from 1.
    pub column: usize,
}

/// One edge population of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgePopulationConfig {
    /// Its name.
    pub name: String,
    /// `type`.
    pub kind: EdgeKind,
    /// `edges_file`.
    pub file: PathBuf,
    /// `edge_types_file`, where given.
    pub types_file: Option<PathBuf>,
    /// Its own components, else the circuit's.
    pub paths: Components,
    /// Line of the population in the file, from 1.
    pub line: usize,
    /// Column of the population in the file, from 1.
    pub column: usize,
}
