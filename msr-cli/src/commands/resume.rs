//! `msr-cli resume`.

use msr_config::{Override, SimulationConfig};
use msr_coupling::Registry;
use msr_coupling::checkpoint_store::{Found, StoreError};
use msr_report::Recorder;

use crate::arguments::{Resume, Simulation};
use crate::assembly::Assembly;
use crate::execution::Execution;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::results::{checkpoints, remove_unfinished};
use crate::saved_run::SavedRun;
use crate::told::warn;

pub fn run(arguments: &Resume, registry: &Registry, level: LogLevel) -> Result<(), Failure> {
    let Found { state: saved, skipped, .. } = newest(&arguments.simulation)?;
    if level >= LogLevel::Warning {
        for reason in skipped {
            warn(format!("{reason}; the checkpoint before it is used"));
        }
    }
    let asked = as_begun(&arguments.simulation, &saved);
    let Assembly { inputs, plan, recording } = Assembly::for_run(&asked, registry, saved.after_advance)?;
    let results = inputs.simulation.output.output_dir.clone();
    let mut execution = Execution::new(inputs, plan, &recording, saved.after_advance)?;
    execution.restore(&saved)?;
    execution.save(&arguments.saving, level)?;
    remove_unfinished(&results);
    let recorder = Recorder::resume(recording, &saved.recorder, saved.system.idts).map_err(Failure::output)?;
    execution.announce()?;
    let mut watch = execution.watch(recorder)?;
    watch.spikes = saved.spikes;
    execution.complete(&arguments.simulation, watch)
}

/// The newest checkpoint that is whole.
fn newest(simulation: &Simulation) -> Result<Found<SavedRun>, Failure> {
    let configuration =
        SimulationConfig::load_with(&simulation.simulation, &simulation.overrides).map_err(Failure::configuration)?;
    checkpoints(&configuration.output.output_dir).newest().map_err(|error| match error {
        StoreError::Nothing { .. } => Failure::configuration(NothingToContinue { source: error }),
        other => Failure::input(other),
    })
}

/// The simulation with the values of the command line that the run was begun with, and then those given now.
fn as_begun(simulation: &Simulation, saved: &SavedRun) -> Simulation {
    let begun = saved.overrides.iter().filter_map(|text| text.parse::<Override>().ok());
    let overrides = begun.chain(simulation.overrides.iter().cloned()).collect();
    Simulation { simulation: simulation.simulation.clone(), overrides }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "{source}; `msr-cli compute --checkpoint-every MS` writes some, and Ctrl-C writes one (output.output_dir must be that of \
     the run)"
)]
struct NothingToContinue {
    source: StoreError,
}
