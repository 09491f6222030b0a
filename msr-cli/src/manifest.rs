//! `manifest.json` beside the results: what was simulated, and how that ended.

use std::path::Path;
use std::time::Duration;

use msr_config::{Provenance, SimulationConfig, Source, TimeGrid};
use msr_coupling::{Identity, Orchestrator};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::footprint::peak_bytes;
use crate::results::{MANIFEST_FILE, write_whole};
use crate::summary::{self, Line};

/// How a run ended.
pub struct Outcome<'a> {
    pub run: &'a Orchestrator,
    pub grid: TimeGrid,
    /// Where this part of the run began, in ms.
    pub begin_ms: f64,
    pub wall: Duration,
    /// Why it failed, or what stopped it.
    pub failed: Option<String>,
    pub stopped: Option<&'static str>,
    pub notes: Vec<String>,
    pub summary: &'a [Line],
}

impl Outcome<'_> {
    /// As it stands in the manifest.
    pub fn described(&self) -> Value {
        let run = self.run;
        let (state, reason) = match (&self.failed, self.stopped) {
            (Some(error), _) => ("failed", Some(error.as_str())),
            (None, Some(reason)) => ("stopped", Some(reason)),
            (None, None) => ("complete", None),
        };
        let seconds: Map<String, Value> =
            summary::seconds(run).into_iter().map(|(name, seconds)| (name.to_owned(), seconds.into())).collect();
        let memory: Map<String, Value> =
            run.simulators().iter().map(|it| (it.name().to_owned(), it.memory_bytes().into())).collect();
        let excluded = run.excluded().iter();
        json!({
            "state": state,
            "reason": reason,
            "begin_ms": self.begin_ms,
            "simulated_ms": self.grid.time_ms(run.idts()),
            "wall_s": self.wall.as_secs_f64(),
            "seconds": seconds,
            "memory_bytes": memory,
            "peak_bytes": peak_bytes(),
            "excluded": excluded
                .map(|it| json!({"neuron": it.neuron, "time_ms": it.time_ms, "message": it.message}))
                .collect::<Vec<_>>(),
            "notes": self.notes,
            "summary": self.summary,
        })
    }
}

/// Writes the manifest of a run, which read `files` (name, size and digest of each); without an outcome, of one that begins.
/// A reader sees the whole of it or nothing.
pub fn write(
    directory: &Path,
    simulation: &SimulationConfig,
    files: &Identity,
    outcome: Option<&Outcome<'_>>,
) -> Result<(), Failure> {
    let mut content = described(simulation, files);
    if let Some(outcome) = outcome {
        content["outcome"] = outcome.described();
    }
    write_whole(&directory.join(MANIFEST_FILE), &format!("{content:#}\n"))
}

/// The version, the configuration as it was simulated, where its values come from, the files that it names, the seed, the
/// threads, the time grid.
fn described(simulation: &SimulationConfig, files: &Identity) -> Value {
    let grid = simulation.time_grid();
    json!({
        "msr_version": env!("CARGO_PKG_VERSION"),
        "configuration_file": simulation.path,
        "configuration": simulation.document,
        "provenance": simulation.provenance.iter().map(provenance).collect::<Vec<_>>(),
        "inputs": files,
        "random_seed": simulation.run.random_seed,
        "threads": rayon::current_num_threads(),
        "time_grid": {"dt_ms": grid.dt_ms, "steps": grid.steps, "end_ms": grid.end_ms()},
    })
}

fn provenance(entry: &Provenance) -> Value {
    let replaced = |(value, from): &(Value, Source)| json!({"value": value, "source": source(from)});
    json!({
        "key": entry.key,
        "value": entry.value,
        "source": source(&entry.source),
        "replaced": entry.replaced.iter().map(replaced).collect::<Vec<_>>(),
    })
}

/// `file:line:column`, or `--set` for the command line.
fn source(source: &Source) -> String {
    match source {
        Source::File { path, line, column } => format!("{}:{line}:{column}", path.display()),
        Source::CommandLine => "--set".to_owned(),
    }
}
