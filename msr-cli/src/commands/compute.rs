//! `msr-cli compute`.

use std::fs;
use std::path::Path;
use std::time::Instant;

use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::{Orchestrator, Registry};
use msr_report::Recorder;

use crate::arguments::Compute;
use crate::assembly::Assembly;
use crate::failure::Failure;
use crate::overview;
use crate::progress::Watch;
use crate::summary;

pub fn run(arguments: &Compute, registry: &Registry, quiet: bool) -> Result<(), Failure> {
    let path = &arguments.simulation.simulation;
    let Assembly { inputs, plan, recording } = Assembly::build(path, registry, arguments.after_advance)?;
    let results = inputs.simulation.output.output_dir.clone();
    prepare(&results, arguments.force)?;
    let files: Vec<_> = recording.reports().iter().map(|report| (report.name.clone(), report.path.clone())).collect();
    let spikes_file = recording.spikes_path().to_owned();
    let periods = recording.periods();
    let recorder = Recorder::create(recording).map_err(Failure::output)?;

    let window = inputs.simulation.multiscale.as_ref().and_then(|multiscale| multiscale.ndts);
    let grid = inputs.grid;
    let mut run = Orchestrator::new(plan, grid, window, Box::new(SerialCommunicator));
    if !quiet {
        for note in inputs.notes.iter().chain(&run.notes()) {
            println!("note: {note}");
        }
    }
    let mut watch = Watch::new(recorder, periods, grid, quiet);
    let begun = Instant::now();
    let outcome = run.run(&mut watch);
    watch.clear();
    let wall = begun.elapsed();

    let excluded: Vec<u64> = run.excluded().iter().map(|exclusion| exclusion.neuron).collect();
    watch.recorder.exclude(&excluded);
    let text = summary::text(&run, &watch, wall, grid.time_ms(run.idts()), &results);
    // Whatever happened, what was recorded until then is made readable.
    watch.recorder.finish().map_err(Failure::output)?;
    let drawn = overview::draw(&results.join(OVERVIEW_FILE), &spikes_file, &files);
    if !quiet {
        println!("{text}");
    }
    outcome?;
    drawn.map_err(Failure::output)?;
    if !quiet {
        println!("  {:<12} {}", "picture", results.join(OVERVIEW_FILE).display());
    }
    Ok(())
}

/// Picture of all results, in the output directory.
const OVERVIEW_FILE: &str = "overview.svg";

/// Makes the output directory; results that are there already are only replaced where asked for.
fn prepare(results: &Path, force: bool) -> Result<(), Failure> {
    let occupied = results.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !force {
        return Err(Failure::ResultsExist(results.to_owned()));
    }
    fs::create_dir_all(results).map_err(|error| Failure::output(Unwritable { path: results.to_owned(), source: error }))
}

#[derive(Debug, thiserror::Error)]
#[error("{} cannot be made: {source}", path.display())]
struct Unwritable {
    path: std::path::PathBuf,
    source: std::io::Error,
}
