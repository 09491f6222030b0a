//! `msr-cli check`.

use msr_config::multiscale::{Call, Connection};
use msr_coupling::Registry;
use serde_json::Value;

use crate::arguments::Simulation;
use crate::assembly::Assembly;
use crate::failure::Failure;
use crate::footprint::bytes;
use crate::log_level::LogLevel;
use crate::results;
use crate::told::{note, print};

pub fn run(asked: &Simulation, registry: &Registry, level: LogLevel) -> Result<(), Failure> {
    let assembly = Assembly::preview(asked, registry)?;
    results::check_place(&assembly.inputs.simulation.output.output_dir)?;
    let notes = assembly.inputs.notes.iter().cloned().chain(assembly.plan.timing_notes(assembly.inputs.grid));
    print(notes.map(note).filter(|_| level >= LogLevel::Warning))?;
    print(described(&assembly).iter().filter(|_| level >= LogLevel::Info))
}

fn described(assembly: &Assembly) -> Vec<String> {
    let grid = assembly.inputs.grid;
    let mut lines = Vec::new();
    lines.push(format!("simulation   {} ms in {} steps of {} ms", grid.end_ms(), grid.steps, grid.dt_ms));
    lines.extend(assembly.plan.simulators().iter().map(|simulator| {
        let variables = simulator.variables().len();
        format!("simulator    {:<12} step {} ms, {variables} variables", simulator.name(), simulator.dt_ms())
    }));
    lines.extend(assembly.inputs.details.iter().cloned());
    lines.extend(
        assembly
            .plan
            .spaces()
            .spaces()
            .map(|space| format!("space        {:<18} {} elements", space.name, space.len())),
    );
    lines.extend(assembly.plan.connections().map(|(connection, (from, to), ndts)| {
        let (source, destination) = ends(connection);
        let action = connection.action.to_string();
        format!("connection   {action:<5} {source} -> {destination}, {from} to {to}, every {} ms", grid.time_ms(ndts))
    }));
    let recording = &assembly.recording;
    lines.extend(recording.reports().iter().map(|report| {
        format!("report       {:<44} {} columns, {} rows", report.name, report.columns(), report.schedule.rows)
    }));
    let results = assembly.inputs.simulation.output.output_dir.display();
    lines.push(format!("results      {} in {results}", bytes(recording.bytes())));
    lines.push("no mistakes found".to_owned());
    lines
}

/// What a connection reads and writes.
pub(super) fn ends(connection: &Connection) -> (String, String) {
    let named = |simulator: &str, call: &Call| {
        let arguments: Vec<String> = call.kwargs.values().map(short).collect();
        let arguments = if arguments.is_empty() { call.function.clone() } else { arguments.join(" ") };
        format!("{simulator} {arguments}")
    };
    (named(&connection.src_simulator, &connection.src_get), named(&connection.dest_simulator, &connection.dest_set))
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(short).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}
