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
pub(crate) use report::{note_directories, report_file_name};
pub use run::{IntegrationMethod, Output, Run, SpikesSortOrder};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::document::{self, Duplicates};
use crate::findings::{Files, Findings};
use crate::grid::TimeGrid;
use crate::history::History;
use crate::json::Node;
use crate::multiscale::MultiscaleRun;
use crate::overrides::Override;
use crate::path::{directory_of, joined};
use crate::problem::{Places, Problem, Problems};
use crate::section::{Section, Unknown};
use crate::source::Provenance;
use crate::{inheritance, manifest, token};

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
    /// Where each key stands in the file, for mistakes that are found later.
    pub places: Places,
    /// Values from `parent_config_path` files and from the command line, and what they replace.
    pub provenance: Vec<Provenance>,
    /// Warnings: keys that nobody reads, values that were adjusted.
    pub notes: Vec<Problem>,
}

/// Name of the simulation configuration in a directory.
pub const CONFIGURATION_FILE: &str = "simulation_config.json";

/// The circuit configuration where `network` is absent.
const DEFAULT_NETWORK: &str = "circuit_config.json";

impl SimulationConfig {
    /// Reads a simulation configuration: the file given, or `simulation_config.json` of the directory given.
    ///
    /// # Errors
    /// All mistakes of the file: no JSON, duplicate keys, missing or misspelt keys, wrong types and values, files that are
    /// named and not there.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Problems> {
        Self::load_with(path, &[])
    }

    /// As [`SimulationConfig::load`], with values of the command line in the place of the file's; the later of two for one
    /// key counts.
    ///
    /// # Errors
    /// As [`SimulationConfig::load`]; mistakes in `overrides` are told as mistakes of `--set`.
    pub fn load_with(path: impl AsRef<Path>, overrides: &[Override]) -> Result<Self, Problems> {
        let path = path.as_ref();
        let file = if path.is_dir() { path.join(CONFIGURATION_FILE) } else { path.to_owned() };
        Self::read(&document::text_of(&file)?, &file, Files::Checked, overrides)
    }

    /// As [`SimulationConfig::load`] with the text given; the disk is not looked at. `path` is the file that it stands for.
    ///
    /// # Errors
    /// All mistakes of the text, as [`SimulationConfig::load`], except for absent files.
    pub fn from_text(text: &str, path: impl AsRef<Path>) -> Result<Self, Problems> {
        Self::read(text, path.as_ref(), Files::Unchecked, &[])
    }

    /// The time grid of the run.
    pub fn time_grid(&self) -> TimeGrid {
        TimeGrid::new(self.run.tstop_ms, self.run.dt_ms).expect("a configuration that was read has a valid time grid")
    }

    fn read(text: &str, file: &Path, files: Files, overrides: &[Override]) -> Result<Self, Problems> {
        let findings = Findings::new(file, &directory_of(file), files);
        let mut root = document::parse(text, &findings, Duplicates::Refused)?;
        let mut history = History::default();
        inheritance::inherit(&mut root, &findings, &mut history);
        for value in overrides {
            value.apply(&mut root, &findings, &mut history);
        }
        let provenance = history.provenance(&root, &findings.sources.borrow());
        resolve(&mut root, &findings);
        let config = Self::from_root(&root, &findings);
        let notes = findings.finish()?;
        let config = config.expect("a document that is no object is a problem");
        Ok(Self { provenance, notes, ..config })
    }

    fn from_root(root: &Node, findings: &Findings) -> Option<Self> {
        let top = Section::new(findings, "", root)?;
        top.ignore(&["version", "manifest"]);
        let run = top.required_object("run").map_or_else(Run::placeholder, |section| Run::read(&section));
        let output = Output::read(top.object("output").as_ref(), &findings.base_dir);
        let multiscale = top.object("multiscale_run").map(|section| MultiscaleRun::read(&section));
        let node_set = top.owned_text("node_set");
        let config = Self {
            path: findings.file.clone(),
            base_dir: findings.base_dir.clone(),
            network: network(&top),
            target_simulator: target_simulator(&top),
            node_sets_file: node_sets_file(&top, multiscale.as_ref()),
            compartment_sets_file: top.file("compartment_sets_file"),
            conditions: top.object("conditions").map_or_else(Conditions::default, |section| Conditions::read(&section)),
            inputs: top.object("inputs").map_or_else(Vec::new, |section| Input::read_all(&section, run.dt_ms)),
            connection_overrides: ConnectionOverride::read_all(&top),
            reports: top.object("reports").map_or_else(Vec::new, |section| {
                Report::read_all(&section, node_set.as_deref(), &output.output_dir, run.dt_ms)
            }),
            metadata: top.object("metadata").map_or_else(BTreeMap::new, |section| conditions::facts(&section)),
            beta_features: top
                .object("beta_features")
                .map_or_else(BTreeMap::new, |section| conditions::facts(&section)),
            document: root.to_value(),
            places: document::places(root, findings),
            provenance: Vec::new(),
            notes: Vec::new(),
            node_set,
            run,
            output,
            multiscale,
        };
        top.finish(Unknown::Noted);
        Some(config)
    }
}

fn resolve(root: &mut Node, findings: &Findings) {
    manifest::substitute(root, findings);
    if root.has_member("multiscale_run") {
        token::substitute(root, findings);
    } else {
        token::note_unknown(root, findings);
    }
}

fn network(top: &Section<'_>) -> PathBuf {
    top.file("network").unwrap_or_else(|| {
        let path = joined(&top.findings.base_dir, DEFAULT_NETWORK);
        top.must_exist("network", &path);
        path
    })
}

/// The node sets file, which the preprocessor makes where it is not there yet.
fn node_sets_file(top: &Section<'_>, multiscale: Option<&MultiscaleRun>) -> Option<PathBuf> {
    let is_made = multiscale.is_some_and(|multiscale| multiscale.preprocessor.node_sets.is_some());
    if is_made { top.path("node_sets_file") } else { top.file("node_sets_file") }
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

/// `target_simulator` of a simulation or circuit configuration, where given.
pub(crate) fn target_simulator(top: &Section<'_>) -> Option<TargetSimulator> {
    top.choice(
        "target_simulator",
        &[
            ("NEURON", TargetSimulator::Neuron),
            ("CORENEURON", TargetSimulator::CoreNeuron),
            ("LearningEngine", TargetSimulator::LearningEngine),
            ("Brian2", TargetSimulator::Brian2),
            ("unspecified", TargetSimulator::Unspecified),
        ],
    )
}
