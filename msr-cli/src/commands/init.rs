//! `msr-cli init`.

use std::path::Path;

use msr_config::CircuitConfig;
use msr_coupling::Registry;

use super::check;
use crate::arguments::{Circuit, Init, Simulation};
use crate::failure::Failure;
use crate::init::{self, InitError};
use crate::log_level::LogLevel;
use crate::registry::has_vessels;
use crate::told::print;

pub fn run(arguments: &Init, registry: &Registry, level: LogLevel) -> Result<(), Failure> {
    let made = match &arguments.circuit {
        Circuit::TinyCi => {
            let model = arguments.metabolism.name();
            init::write_tiny_ci(&arguments.directory, model, arguments.force).map_err(failure)?.to_string()
        }
        Circuit::Own(circuit) => configure(arguments, circuit)?,
    };
    let directory = arguments.directory.display();
    if level >= LogLevel::Info {
        print([made])?;
    }
    if !arguments.no_check {
        check::run(&Simulation::at(&arguments.directory), registry, LogLevel::Error)?;
    }
    if level >= LogLevel::Info {
        print([format!("next: msr-cli compute {directory}")])?;
    }
    Ok(())
}

/// Writes the configuration for a circuit that is there.
fn configure(arguments: &Init, circuit: &Path) -> Result<String, Failure> {
    let config = CircuitConfig::load(circuit).map_err(Failure::configuration)?;
    let circuit = msr_config::Circuit::load(&config).map_err(Failure::input)?;
    let (directory, model) = (&arguments.directory, arguments.metabolism.name());
    let vessels = has_vessels(&circuit);
    let files = init::write_for_circuit(directory, &circuit, vessels, model, arguments.force).map_err(failure)?;
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Ok(format!("{}: {}", directory.display(), names.join(", ")))
}

fn failure(error: InitError) -> Failure {
    match error {
        InitError::NotEmpty { .. } | InitError::NotADirectory { .. } | InitError::NoCells { .. } => {
            Failure::configuration(error)
        }
        InitError::Io { .. } | InitError::Hdf5 { .. } => Failure::output(error),
    }
}
