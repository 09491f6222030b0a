//! `msr-cli compute`.

use msr_coupling::Registry;
use msr_report::Recorder;

use crate::arguments::Compute;
use crate::assembly::Assembly;
use crate::execution::Execution;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::results::prepare;

pub fn run(arguments: &Compute, registry: &Registry, level: LogLevel) -> Result<(), Failure> {
    let Assembly { inputs, plan, recording } =
        Assembly::for_run(&arguments.simulation, registry, arguments.after_advance)?;
    let simulation = inputs.simulation.clone();
    let mut execution = Execution::new(inputs, plan, &recording, arguments.after_advance)?;
    execution.save(&arguments.saving, level)?;
    let results = &simulation.output.output_dir;
    prepare(results, arguments.force)?;
    execution.announce()?;
    let recorder = Recorder::create(recording).map_err(Failure::output)?;
    let watch = execution.watch(recorder)?;
    execution.complete(&arguments.simulation, watch)
}
