//! `msr-cli post-processing`.

use msr_config::SimulationConfig;
use msr_coupling::Registry;

use crate::arguments::Simulation;
use crate::assembly::Assembly;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::page::{self, Moment, Scene};
use crate::results::MANIFEST_FILE;
use crate::told::print;

pub fn run(asked: &Simulation, registry: &Registry, level: LogLevel) -> Result<(), Failure> {
    let simulation =
        SimulationConfig::load_with(&asked.simulation, &asked.overrides).map_err(Failure::configuration)?;
    let results = simulation.output.output_dir.clone();
    if !results.join(MANIFEST_FILE).is_file() {
        return Err(Failure::input(NoResults { directory: results }));
    }
    // Where the circuit cannot be read any more, the page goes without drawings.
    let (scene, notes) = match Assembly::preview(asked, registry) {
        Ok(Assembly { inputs, plan, .. }) => {
            (Scene::of(plan.simulators(), plan.spaces(), &inputs, Moment::Rest), Vec::new())
        }
        Err(error) => (Scene::default(), vec![format!("no drawings of neurons, vessels and mesh: {error}")]),
    };
    let page = page::write(&results, &scene, &notes)?;
    if level < LogLevel::Info { Ok(()) } else { print([page.display().to_string()]) }
}

#[derive(Debug, thiserror::Error)]
#[error(
    "{} holds no results (no {MANIFEST_FILE}): simulate first with `msr-cli compute`, or name the directory with \
     --set output.output_dir=...",
    directory.display()
)]
struct NoResults {
    directory: std::path::PathBuf,
}
