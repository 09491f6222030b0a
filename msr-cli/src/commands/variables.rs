//! `msr-cli variables`.

use msr_coupling::Registry;

use crate::arguments::Simulation;
use crate::assembly::Assembly;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::told::print;

/// Prints what can be read and written, simulator by simulator.
pub fn run(asked: &Simulation, registry: &Registry, level: LogLevel) -> Result<(), Failure> {
    let plan = Assembly::preview(asked, registry)?.plan;
    let mut lines = Vec::new();
    for simulator in plan.simulators() {
        lines.push(simulator.name().to_owned());
        for variable in simulator.variables() {
            lines.push(format!("  {variable}"));
            let calls = [("read by", &variable.get), ("written by", &variable.set)];
            let calls = calls.into_iter().filter_map(|(how, call)| call.as_ref().map(|call| format!("{how} {call}")));
            lines.push(format!("    {}", calls.collect::<Vec<_>>().join(", ")));
        }
    }
    if level < LogLevel::Info { Ok(()) } else { print(lines) }
}
