//! What a checkpoint of a run holds, and which configurations may go on from it.

use std::collections::BTreeMap;
use std::path::Path;

use msr_config::{Provenance, SimulationConfig, Source};
use msr_coupling::identity::Difference;
use msr_coupling::{Checkpoint, Identity};
use msr_report::RecorderState;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::assembly::Inputs;
use crate::failure::Failure;
use crate::mechanism_folder;

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

/// The circuit files, e-models and mechanism files of a run.
pub fn files(inputs: &Inputs) -> Result<Identity, Failure> {
    let mut identity = Identity::default();
    let mut add = |name: String, path: &Path| {
        let unreadable = |source| Failure::input(Unreadable { path: path.display().to_string(), source });
        identity.insert_file(name, path).map_err(unreadable)
    };
    let config = &inputs.circuit.config;
    for population in &config.nodes {
        add(format!("nodes of {}", population.name), &population.file)?;
        for model in population.paths.biophysical_neuron_models_dir.iter().flat_map(|directory| directory.read_dir()) {
            for path in model.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
                let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                add(format!("e-model {file} of {}", population.name), &path)?;
            }
        }
    }
    if let Some(folder) = mechanism_folder::of(&inputs.simulation.path) {
        let unreadable = |source| Failure::input(Unreadable { path: folder.display().to_string(), source });
        for entry in folder.read_dir().map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "mod") {
                let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                add(format!("mechanism file {file}"), &path)?;
            }
        }
    }
    for population in &config.edges {
        add(format!("edges of {}", population.name), &population.file)?;
    }
    let simulation = &inputs.simulation;
    let multiscale = simulation.multiscale.as_ref();
    let named = [
        ("node sets", simulation.node_sets_file.as_deref()),
        ("node sets of the circuit", config.node_sets_file.as_deref()),
        ("compartment sets", simulation.compartment_sets_file.as_deref()),
        ("mesh", multiscale.and_then(|multiscale| multiscale.mesh_path.as_deref())),
        ("boundary", multiscale.and_then(|it| it.bloodflow.as_ref()).and_then(|blood| blood.boundary.as_deref())),
    ];
    for (name, path) in named {
        // Some are made where they are not there.
        if let Some(path) = path.filter(|path| path.is_file()) {
            add(name.to_owned(), path)?;
        }
    }
    Ok(identity)
}

/// Every value below `key` that has an effect.
fn add_leaves(identity: &mut Identity, key: &str, value: &Value) {
    let ends_a_report = key.starts_with("reports.") && key.ends_with(".end_time");
    if WITHOUT_EFFECT.contains(&key) || ends_a_report {
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in members {
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
