//! `msr-cli compute`.

use std::time::Instant;

use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::{Orchestrator, Registry};
use msr_report::Recorder;

use crate::arguments::Compute;
use crate::assembly::Assembly;
use crate::failure::Failure;
use crate::manifest;
use crate::overview;
use crate::progress::Watch;
use crate::results::{OVERVIEW_FILE, prepare};
use crate::stdout::print;
use crate::summary;

pub fn run(arguments: &Compute, registry: &Registry, quiet: bool) -> Result<(), Failure> {
    let Assembly { inputs, plan, recording } =
        Assembly::build(&arguments.simulation, registry, arguments.after_advance)?;
    let results = inputs.simulation.output.output_dir.clone();
    prepare(&results, arguments.force)?;
    manifest::write(&results, &inputs.simulation)?;
    let files: Vec<_> = recording.reports().iter().map(|report| (report.name.clone(), report.path.clone())).collect();
    let spikes_file = recording.spikes_path().to_owned();
    let periods = recording.periods();
    let recorder = Recorder::create(recording).map_err(Failure::output)?;

    let window = inputs.simulation.multiscale.as_ref().and_then(|multiscale| multiscale.ndts);
    let grid = inputs.grid;
    let mut run = Orchestrator::new(plan, grid, window, Box::new(SerialCommunicator));
    if !quiet {
        print(inputs.notes.iter().chain(&run.notes()).map(|note| format!("note: {note}")))?;
    }
    let mut watch = Watch::new(recorder, periods, grid, quiet);
    let begun = Instant::now();
    let outcome = run.run(&mut watch);
    watch.clear();
    let wall = begun.elapsed();

    let excluded: Vec<u64> = run.excluded().iter().map(|exclusion| exclusion.neuron).collect();
    watch.recorder.exclude(&excluded);
    let stopped = outcome.as_ref().err();
    let mut lines = summary::lines(&run, &watch, wall, grid, stopped);
    // Whatever happened, what was recorded until then is made readable.
    watch.recorder.finish().map_err(Failure::output)?;
    let picture = results.join(OVERVIEW_FILE);
    let drawn = overview::draw(&picture, &spikes_file, &files);
    lines.push(summary::line("results", results.display()));
    if drawn.is_ok() {
        lines.push(summary::line("picture", picture.display()));
    }
    if !quiet {
        print(&lines)?;
    }
    outcome?;
    drawn.map_err(Failure::output)
}
