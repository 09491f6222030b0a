//! The SONATA simulation configuration (`simulation_config.json`), typed.

mod conditions;
mod input;
mod overrides;
mod report;
mod run;

use conditions::{CONDITIONS, FACT};
pub use conditions::{Conditions, MechanismValue, Modification, ModificationKind, SpikeLocation};
use input::INPUT;
pub use input::{ElectricField, Injection, Input, InputTarget, InputType, NoiseMean, Stimulus};
use overrides::CONNECTION_OVERRIDE;
pub use overrides::ConnectionOverride;
use report::REPORT;
use run::{OUTPUT, RUN};

pub use report::{Compartments, Report, ReportType, Scaling, Sections};
pub(crate) use report::{note_directories, report_file_name};
pub use run::{BmtkCells, IntegrationMethod, Output, Run, SpikesSortOrder};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::document::{self, Duplicates};
use crate::findings::{Files, Findings};
use crate::grid::TimeGrid;
use crate::history::History;
use crate::json::Node;
use crate::multiscale::{MULTISCALE_RUN, MultiscaleRun};
use crate::overrides::Override;
use crate::path::{directory_of, joined};
use crate::problem::{Places, Problem, Problems};
use crate::section::Section;
use crate::shape::{Domain, Key, Kind, Shape, Word};
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
        let file = Self::file_of(path);
        Self::read(&document::text_of(&file)?, &file, Files::Checked, overrides)
    }

    /// The file that a path means: `simulation_config.json` of a directory, else the path itself.
    pub fn file_of(path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        if path.is_dir() { path.join(CONFIGURATION_FILE) } else { path.to_owned() }
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
        let top = Section::new(findings, "", root, &SIMULATION)?;
        let run = top.object("run").map_or_else(Run::absent, |section| Run::read(&section));
        let output = Output::read(top.object("output").as_ref(), &findings.base_dir);
        let multiscale = top.object("multiscale_run").map(|section| MultiscaleRun::read(&section));
        let node_set = top.owned_text("node_set");
        let config = Self {
            path: findings.file.clone(),
            base_dir: findings.base_dir.clone(),
            network: network(&top),
            target_simulator: top.word("target_simulator"),
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
        top.finish();
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

/// A SONATA simulation configuration.
pub(crate) static SIMULATION: Shape = Shape::tolerant(
    "simulation",
    "A SONATA simulation configuration. Relative paths count from the directory of the file.",
    &[
        DOCUMENT,
        &[
            Key::text("parent_config_path")
                .elsewhere()
                .about("Another simulation configuration, from which is taken what this one does not say."),
            Key::path("network").or_text(DEFAULT_NETWORK).about("The circuit configuration."),
            Key::path("node_sets_file")
                .or("that of the circuit")
                .about("Node sets of the simulation, which win over those of the circuit."),
            Key::text("node_set").or("all nodes that are not virtual").about("Name of the node set that is simulated."),
            Key::path("compartment_sets_file").about("Compartment sets, which inputs, reports and modifications name."),
            Key::section("run", &RUN).mandatory(),
            Key::section("output", &OUTPUT),
            Key::section("conditions", &CONDITIONS),
            Key::named("inputs", &Kind::Section(&INPUT)).about("Stimuli, by name."),
            Key::list("connection_overrides", &Kind::Section(&CONNECTION_OVERRIDE))
                .about("Changes of synapses, in this order."),
            Key::named("reports", &Kind::Section(&REPORT)).about("What is recorded from the neurons, by name."),
            Key::named("metadata", &FACT).about("Facts about the run, for the reader."),
            Key::named("beta_features", &FACT).about("Switches of the reference implementation."),
            Key::section("multiscale_run", &MULTISCALE_RUN),
        ],
    ],
);

/// What simulation and circuit configurations have in common.
pub(crate) const DOCUMENT: &[Key] = &[
    Key::text("$schema").elsewhere().about("Where the schema of this file is, for editors."),
    Key::of_kind("version", Kind::Number(Domain::Any))
        .elsewhere()
        .about("Version of the SONATA format; not looked at."),
    Key::named("manifest", &Kind::Text)
        .elsewhere()
        .about("Variables {\"$NAME\": \"text\"}; each $NAME in a text of the document is replaced."),
    Key::word::<TargetSimulator>("target_simulator").about("The program that the configuration is written for."),
];

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

impl Word for TargetSimulator {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("NEURON", Self::Neuron),
        ("CORENEURON", Self::CoreNeuron),
        ("LearningEngine", Self::LearningEngine),
        ("Brian2", Self::Brian2),
        ("unspecified", Self::Unspecified),
    ];
}
