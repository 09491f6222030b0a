//! `msr-cli init`.

use msr_coupling::Registry;

use super::check;
use crate::arguments::{Circuit, Init, MetabolismModel};
use crate::failure::Failure;
use crate::init;

pub fn run(arguments: &Init, registry: &Registry, quiet: bool) -> Result<(), Failure> {
    let (Circuit::TinyCi, MetabolismModel::Standard) = (arguments.circuit, arguments.metabolism);
    let summary = init::write_tiny_ci(&arguments.directory, arguments.force).map_err(Failure::output)?;
    if !arguments.no_check {
        check::run(&arguments.directory, registry, true)?;
    }
    if !quiet {
        println!("{summary}");
        println!("next: msr-cli compute {}", arguments.directory.display());
    }
    Ok(())
}
