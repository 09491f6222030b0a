//! `manifest.json` beside the results: what was simulated.

use std::fs;
use std::path::Path;

use msr_config::{Provenance, SimulationConfig, Source};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::results::{MANIFEST_FILE, unwritable};

/// Writes the manifest of a run; a reader sees the whole of it or nothing.
pub fn write(directory: &Path, simulation: &SimulationConfig) -> Result<(), Failure> {
    let file = directory.join(MANIFEST_FILE);
    let unfinished = directory.join(format!("{MANIFEST_FILE}.unfinished"));
    let text = format!("{:#}\n", described(simulation));
    fs::write(&unfinished, text).map_err(|source| unwritable(&unfinished, source))?;
    fs::rename(&unfinished, &file).map_err(|source| unwritable(&file, source))
}

/// The version, the configuration as it was simulated, where its values come from, the seed, the time grid.
fn described(simulation: &SimulationConfig) -> Value {
    let grid = simulation.time_grid();
    json!({
        "msr_version": env!("CARGO_PKG_VERSION"),
        "configuration_file": simulation.path,
        "configuration": simulation.document,
        "provenance": simulation.provenance.iter().map(provenance).collect::<Vec<_>>(),
        "random_seed": simulation.run.random_seed,
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
