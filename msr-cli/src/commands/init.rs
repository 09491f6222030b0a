//! `msr-cli init`.

use msr_coupling::Registry;

use super::check;
use crate::arguments::{Circuit, Init, Simulation};
use crate::failure::Failure;
use crate::init::{self, InitError};
use crate::stdout::print;

pub fn run(arguments: &Init, registry: &Registry, quiet: bool) -> Result<(), Failure> {
    let Circuit::TinyCi = arguments.circuit;
    let model = arguments.metabolism.name();
    let summary = init::write_tiny_ci(&arguments.directory, model, arguments.force).map_err(|error| match error {
        InitError::NotEmpty { .. } | InitError::NotADirectory { .. } => Failure::configuration(error),
        InitError::Io { .. } | InitError::Hdf5 { .. } => Failure::output(error),
    })?;
    if !arguments.no_check {
        check::run(&Simulation::at(&arguments.directory), registry, true)?;
    }
    if !quiet {
        print([summary.to_string(), format!("next: msr-cli compute {}", arguments.directory.display())])?;
    }
    Ok(())
}
