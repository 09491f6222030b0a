//! The SONATA simulation configuration (`simulation_config.json`), typed.

mod conditions;
mod input;
mod overrides;
mod report;
mod run;

pub use conditions::{Conditions, MechanismValue, Modification, ModificationKind, SpikeLocation};
pub use input::{ElectricField, Injection, Input, InputTarget, InputType, NoiseMean, Stimulus};
pub use overrides::ConnectionOverride;
pub use report::{Compartments, Report, ReportType, Scaling, Sections};
pub use run::{IntegrationMethod, Output, Run, SpikesSortOrder};

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::multiscale::MultiscaleRun;
use crate::problem::Problem;

/// A whole simulation configuration; every path is absolute or relative to the process like the path it was loaded from.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationConfig {
    /// The file that was read.
    pub path: PathBuf,
    /// Its directory, to which relative paths of the file are joined.
    pub base_dir: PathBuf,
    /// `network`: the circuit configuration.
    pub network: PathBuf,
    /// `target_simulator`, where given.
    pub target_simulator: Option<TargetSimulator>,
    /// `node_sets_file`: the simulation's own node sets, which win over the circuit's.
    pub node_sets_file: Option<PathBuf>,
    /// `node_set`: what is simulated; absent means all non-virtual nodes.
    pub node_set: Option<String>,
    /// `compartment_sets_file`, where given.
    pub compartment_sets_file: Option<PathBuf>,
    /// `run`.
    pub run: Run,
    /// `output`.
    pub output: Output,
    /// `conditions`.
    pub conditions: Conditions,
    /// `inputs`, in file order.
    pub inputs: Vec<Input>,
    /// `connection_overrides`, in file order.
    pub connection_overrides: Vec<ConnectionOverride>,
    /// `reports`, in file order.
    pub reports: Vec<Report>,
    /// `metadata`: free facts about the run.
    pub metadata: BTreeMap<String, MechanismValue>,
    /// `beta_features`: switches of the reference implementation.
    pub beta_features: BTreeMap<String, MechanismValue>,
    /// `multiscale_run`, where given.
    pub multiscale: Option<MultiscaleRun>,
    /// The whole document after token substitution: what transform expressions read as `config`.
    pub document: Value,
    /// Warnings: keys that nobody reads, values that were adjusted.
    pub notes: Vec<Problem>,
}

/// `target_simulator` of a simulation or circuit configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetSimulator {
    /// `NEURON`.
    Neuron,
    /// `CORENEURON`.
    CoreNeuron,
    /// `LearningEngine`.
    LearningEngine,
    /// `Brian2`.
    Brian2,
    /// `unspecified`.
    Unspecified,
}
