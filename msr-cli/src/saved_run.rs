//! What a checkpoint of a run holds, and which configurations may go on from it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use msr_config::simulation::{ReportType, Stimulus};
use msr_config::{NodePopulation, Provenance, SimulationConfig, Source};
use msr_coupling::identity::Difference;
use msr_coupling::{Checkpoint, Identity};
use msr_report::RecorderState;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::assembly::Inputs;
use crate::failure::Failure;
use crate::{mechanism_folder, registry};

/// The state of a run and of everything that it writes.
#[derive(Debug, Serialize, Deserialize)]
pub struct SavedRun {
    /// The configuration and the circuit files.
    pub configuration: Identity,
    /// Values of the command line, as `KEY=VALUE`.
    pub overrides: Vec<String>,
    /// Whether the states after each step of a coupled simulator are written.
    pub after_advance: bool,
    /// Base steps from one checkpoint to the next, where asked for.
    pub period: Option<u64>,
    pub system: Checkpoint,
    pub recorder: RecorderState,
    /// Spikes so far, by neuron.
    pub spikes: BTreeMap<u64, u64>,
}

/// Keys that change no result until their time has come, or only where results are and what is told about them. What
/// files hold is compared instead of their paths.
const WITHOUT_EFFECT: [&str; 12] = [
    "run.tstop",
    "output",
    "version",
    "manifest",
    "metadata",
    "network",
    "node_sets_file",
    "multiscale_run.msr_version",
    "multiscale_run.logging_level",
    "multiscale_run.cache_save",
    "multiscale_run.cache_load",
    "multiscale_run.cache_path",
];

/// Keys that have no effect before a run fails by them: with other values, it goes on from where it had not failed yet.
const CHECKS: &str = "multiscale_run.metabolism.checks";

/// The configuration of a run: what its results depend on besides its files, simulators and connections.
pub fn identity(inputs: &Inputs) -> Identity {
    let mut identity = Identity::default();
    add_leaves(&mut identity, "", &inputs.simulation.document);
    identity
}

/// The files of a run that its results depend on: those of the circuit, morphologies, e-models, mechanism files, what inputs and
/// reports read.
pub fn files(inputs: &Inputs) -> Result<Identity, Failure> {
    let mut files = Files::default();
    let config = &inputs.circuit.config;
    for population in &config.nodes {
        files.add(format!("nodes of {}", population.name), &population.file)?;
        files.add_present(format!("node types of {}", population.name), population.types_file.as_deref())?;
        files.add_folder(
            &format!("of {}", population.name),
            "e-model",
            &population.paths.biophysical_neuron_models_dir,
        )?;
        files.add_folder(
            &format!("of {}", population.name),
            "point model",
            &population.paths.point_neuron_models_dir,
        )?;
    }
    for population in inputs.circuit.nodes.iter().filter(|nodes| !inputs.selection.ids(&nodes.name).is_empty()) {
        files.add_morphologies(population, inputs.selection.ids(&population.name))?;
    }
    if let Some(folder) = mechanism_folder::of(&inputs.simulation.path) {
        for path in listed(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|it| it == "mod")) {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.add(format!("mechanism file {file}"), &path)?;
        }
    }
    for population in &config.edges {
        files.add(format!("edges of {}", population.name), &population.file)?;
        files.add_present(format!("edge types of {}", population.name), population.types_file.as_deref())?;
        files.add_folder(
            &format!("of {}", population.name),
            "synaptic model",
            &population.paths.synaptic_models_dir,
        )?;
    }
    let simulation = &inputs.simulation;
    let multiscale = simulation.multiscale.as_ref();
    files.add_present("node sets", simulation.node_sets_file.as_deref())?;
    files.add_present("node sets of the circuit", config.node_sets_file.as_deref())?;
    files.add_present("compartment sets", simulation.compartment_sets_file.as_deref())?;
    // Some are made where they are not there.
    files.add_present("mesh", multiscale.and_then(|multiscale| multiscale.mesh_path.as_deref()))?;
    let blood = multiscale.and_then(|multiscale| multiscale.bloodflow.as_ref());
    files.add_present("boundary", blood.and_then(|blood| blood.boundary.as_deref()))?;
    for input in &simulation.inputs {
        if let Stimulus::SynapseReplay { spike_file } = &input.module {
            files.add_present(format!("spikes of input {}", input.name), Some(spike_file))?;
        }
    }
    for report in &simulation.reports {
        if let ReportType::Lfp { electrodes_file } = &report.report_type {
            files.add_present(format!("electrodes of report {}", report.name), Some(electrodes_file))?;
        }
    }
    Ok(files.identity)
}

/// Files by what they are.
#[derive(Default)]
struct Files {
    identity: Identity,
}

impl Files {
    fn add(&mut self, name: impl Into<String>, path: &Path) -> Result<(), Failure> {
        self.identity.insert_file(name, path).map_err(|source| unreadable(path, source))
    }

    /// Where there is such a file.
    fn add_present(&mut self, name: impl Into<String>, path: Option<&Path>) -> Result<(), Failure> {
        path.filter(|path| path.is_file()).map_or(Ok(()), |path| self.add(name, path))
    }

    /// Each file of a folder, where there is one.
    fn add_folder(&mut self, whose: &str, kind: &str, folder: &Option<PathBuf>) -> Result<(), Failure> {
        let Some(folder) = folder.as_deref().filter(|folder| folder.is_dir()) else { return Ok(()) };
        for path in listed(folder)? {
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            self.add(format!("{kind} {file} {whose}"), &path)?;
        }
        Ok(())
    }

    /// The morphologies of the nodes `ids`, where the population has some.
    fn add_morphologies(&mut self, population: &NodePopulation, ids: &[u64]) -> Result<(), Failure> {
        let paths = registry::morphology_files(population, ids);
        if paths.is_empty() {
            return Ok(());
        }
        let name = format!("morphologies of {}", population.name);
        self.identity.insert_files(name, &paths).map_err(|(path, source)| unreadable(&path, source))
    }
}

/// The files of a folder.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = folder.read_dir().and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let entries = entries.map_err(|source| unreadable(folder, source))?;
    Ok(entries.into_iter().map(|entry| entry.path()).filter(|path| path.is_file()).collect())
}

fn unreadable(path: &Path, source: std::io::Error) -> Failure {
    Failure::input(Unreadable { path: path.display().to_string(), source })
}

/// Every value below `key` that has an effect; keys that begin with a sign are comments.
fn add_leaves(identity: &mut Identity, key: &str, value: &Value) {
    let ends_a_report = key.starts_with("reports.") && key.ends_with(".end_time");
    if WITHOUT_EFFECT.contains(&key) || ends_a_report {
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            let is_comment = |name: &str| !name.starts_with(char::is_alphanumeric);
            for (name, member) in members.iter().filter(|(name, _)| !is_comment(name)) {
                let key = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                add_leaves(identity, &key, member);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (position, item) in items.iter().enumerate() {
                add_leaves(identity, &format!("{key}[{position}]"), item);
            }
        }
        leaf => identity.insert(key, leaf.to_string()),
    }
}

/// The values of the command line that a configuration was read with, as `KEY=VALUE`.
pub fn overrides(simulation: &SimulationConfig) -> Vec<String> {
    let given = |entry: &&Provenance| entry.source == Source::CommandLine;
    simulation.provenance.iter().filter(given).map(|entry| format!("{}={}", entry.key, entry.value)).collect()
}

/// Refuses a configuration that is not that of the checkpoint. Gives the differences that are none of its past.
pub fn check_configuration(saved: &Identity, now: &Identity) -> Result<Vec<Difference>, Failure> {
    let is_of_checks = |difference: &Difference| {
        difference.name.strip_prefix(CHECKS).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let (allowed, differences): (Vec<_>, Vec<_>) = saved.differences(now).into_iter().partition(is_of_checks);
    if differences.is_empty() { Ok(allowed) } else { Err(Failure::configuration(OtherConfiguration { differences })) }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "the run cannot be continued, its configuration has changed since the checkpoint:{}\nundo the changes, or start anew with \
     `msr-cli compute --force`; only run.tstop, the end of reports, checks and the place of files may change",
    msr_coupling::checkpoint::listed(differences)
)]
struct OtherConfiguration {
    differences: Vec<Difference>,
}

#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
struct Unreadable {
    path: String,
    source: std::io::Error,
}
