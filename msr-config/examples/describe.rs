//! Says what a simulation configuration asks for, or everything that is wrong with it.
//!
//! `cargo run -p msr-config --example describe -- simulation_config.json`; without an argument, a small configuration
//! with three mistakes is judged.

use std::process::ExitCode;

use msr_config::{CircuitConfig, NodeSets, Problems, SimulationConfig};

/// `tstop` and an input's module are misspelt, a seed is missing.
const MISTAKEN: &str = r#"{
  "run": {"tstopp": 10, "dt": 0.025},
  "inputs": {"drive": {"module": "pulses", "input_type": "current_clamp", "delay": 0, "duration": 5, "node_set": "All"}}
}"#;

fn main() -> ExitCode {
    let judged = match std::env::args().nth(1) {
        Some(path) => describe(&path),
        None => SimulationConfig::from_text(MISTAKEN, "simulation_config.json").map(|config| print(&config)),
    };
    match judged {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            eprintln!("{problems}");
            ExitCode::FAILURE
        }
    }
}

fn describe(path: &str) -> Result<(), Problems> {
    let simulation = SimulationConfig::load(path)?;
    let circuit = CircuitConfig::load(&simulation.network)?;
    let node_sets = NodeSets::for_simulation(&simulation, &circuit)?;
    print(&simulation);
    for population in &circuit.nodes {
        println!("nodes '{}': {}", population.name, population.kind.name());
    }
    for population in &circuit.edges {
        println!("edges '{}': {}", population.name, population.kind.name());
    }
    println!("{} node sets", node_sets.sets.len());
    for note in simulation.notes.iter().chain(&circuit.notes).chain(&node_sets.notes) {
        println!("note: {note}");
    }
    Ok(())
}

fn print(simulation: &SimulationConfig) {
    let grid = simulation.time_grid();
    println!("{} steps of {} ms", grid.steps, grid.dt_ms);
    for input in &simulation.inputs {
        println!("input '{}': {} into '{}'", input.name, input.module.module_name(), input.target.name());
    }
    for connection in simulation.multiscale.iter().flat_map(|multiscale| &multiscale.connections) {
        println!("{} -> {} ({})", connection.src_simulator, connection.dest_simulator, connection.action);
    }
}
