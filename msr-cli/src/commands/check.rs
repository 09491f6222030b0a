//! `msr-cli check`.

use std::path::Path;

use msr_coupling::Registry;

use crate::assembly::Assembly;
use crate::failure::Failure;

pub fn run(path: &Path, registry: &Registry, quiet: bool) -> Result<(), Failure> {
    let assembly = Assembly::build(path, registry, false)?;
    if quiet {
        return Ok(());
    }
    for note in &assembly.inputs.notes {
        println!("note: {note}");
    }
    let grid = assembly.inputs.grid;
    println!("simulation   {} ms in {} steps of {} ms", grid.time_ms(grid.steps), grid.steps, grid.dt_ms);
    for simulator in assembly.plan.simulators() {
        let variables = simulator.variables().len();
        println!("simulator    {:<12} step {} ms, {variables} variables", simulator.name(), simulator.dt_ms());
    }
    for space in assembly.plan.spaces().spaces() {
        println!("space        {:<18} {} elements", space.name, space.len());
    }
    for (connection, (from, to), ndts) in assembly.plan.connections() {
        println!(
            "connection   {:<5} {} {} -> {} {}, {from} to {to}, every {} ms",
            connection.action.to_string(),
            connection.src_simulator,
            connection.src_get.function,
            connection.dest_simulator,
            connection.dest_set.function,
            grid.time_ms(ndts)
        );
    }
    let recording = &assembly.recording;
    for report in recording.reports() {
        println!("report       {:<44} {} columns, {} rows", report.name, report.columns(), report.schedule.rows);
    }
    println!(
        "results      {:.1} MB in {}",
        recording.bytes() as f64 / 1e6,
        assembly.inputs.simulation.output.output_dir.display()
    );
    println!("no mistakes found");
    Ok(())
}
