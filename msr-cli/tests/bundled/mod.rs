//! The bundled circuit, built without the command.

// Every test file uses a part of it.
#![allow(dead_code)]

use std::path::Path;

use assert_cmd::Command;
use msr_config::{Circuit, CircuitConfig, NodeSets, SimulationConfig, TimeGrid};
use msr_coupling::{BuildContext, Composition, Geography, Plan, Simulator};
use serde_json::Value;

/// Simulators, and what lies between them.
pub type Built = (Vec<Box<dyn Simulator>>, Vec<Box<dyn Geography>>);

/// Makes the circuit in a directory.
pub fn init(directory: &Path) {
    Command::cargo_bin("msr-cli").unwrap().args(["init", "--no-check"]).arg(directory).assert().success();
}

/// Changes a JSON file of the circuit.
pub fn edit(directory: &Path, name: &str, change: &dyn Fn(&mut Value)) {
    let file = directory.join(name);
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    change(&mut document);
    std::fs::write(file, document.to_string()).unwrap();
}

/// The simulators that take part, in the order of the registry, and what lies between them.
pub fn simulators(directory: &Path) -> Built {
    built(&configuration(directory))
}

/// The simulators with their connections, and the time grid.
pub fn plan(directory: &Path) -> (Plan, TimeGrid) {
    let simulation = configuration(directory);
    let (simulators, geographies) = built(&simulation);
    let connections = &simulation.multiscale.as_ref().unwrap().connections;
    let composition = Composition { is_known: &|_| true, config: &simulation.document, ..Composition::of(connections) };
    let plan = Plan::new(simulators, &geographies, &composition).unwrap_or_else(|errors| panic!("{errors}"));
    (plan, simulation.time_grid())
}

fn configuration(directory: &Path) -> SimulationConfig {
    SimulationConfig::load(directory).unwrap_or_else(|problems| panic!("{problems}"))
}

fn built(simulation: &SimulationConfig) -> Built {
    let circuit = Circuit::load(&CircuitConfig::load(&simulation.network).unwrap()).unwrap();
    let node_sets = NodeSets::for_simulation(simulation, &circuit.config).unwrap();
    let selection = node_sets.resolve(simulation.node_set.as_deref().unwrap_or("All"), &circuit.nodes).unwrap();
    let mut simulators: Vec<Box<dyn Simulator>> = Vec::new();
    let mut geographies: Vec<Box<dyn Geography>> = Vec::new();
    let mut spaces = Vec::new();
    for (_, factory) in msr_cli::registry::standard().factories() {
        let context = BuildContext {
            simulation,
            circuit: &circuit,
            selection: &selection,
            node_sets: &node_sets,
            section: &Value::Null,
            spaces: &spaces,
        };
        let built = factory(&context).unwrap_or_else(|error| panic!("{error}"));
        spaces.extend(built.simulator.iter().flat_map(|simulator| simulator.spaces()));
        spaces.extend(built.geography.iter().flat_map(|geography| geography.spaces()));
        simulators.extend(built.simulator);
        geographies.extend(built.geography);
    }
    (simulators, geographies)
}
