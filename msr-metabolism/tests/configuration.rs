//! Settings as users' files give them, in both generations.

use std::path::PathBuf;

use msr_config::SimulationConfig;
use msr_coupling::{Query, Simulator};
use msr_metabolism::{MetabolismSimulator, NeuronSite, Settings};

/// The simulator that a configuration of the reference circuits asks for, or `None` where they are not at hand.
fn build(generation: &str) -> Option<MetabolismSimulator> {
    let path: PathBuf = [
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"),
        "circuits",
        "msr_tiny_CI_configs",
        generation,
        "simulation_config.json",
    ]
    .iter()
    .collect();
    if !path.exists() {
        println!("skipped: no shared reference data");
        return None;
    }
    let config = SimulationConfig::load(&path).unwrap();
    let multiscale = config.multiscale.unwrap();
    let section = multiscale.metabolism.as_ref().unwrap();
    let settings = Settings::from_config(&multiscale, section).unwrap();
    let neurons = [NeuronSite { id: 0, layer: Some(4) }, NeuronSite { id: 1, layer: Some(1) }];
    Some(MetabolismSimulator::new(&neurons, &settings, section.ndts, 0.025).unwrap())
}

fn set(simulator: &mut MetabolismSimulator, function: &str, idxs: impl Into<serde_json::Value>, values: &[f64]) {
    simulator.set_var(&Query::new(function).with("idxs", idxs), values).unwrap();
}

#[test]
fn newer_files_name_states() {
    let Some(mut simulator) = build("generation_flat_0.9.0") else { return };
    assert_eq!(simulator.ndts(), 400);
    assert!(simulator.notes()[0].contains("Radau"), "{:?}", simulator.notes());
    assert_eq!(simulator.parameters_of(0).unwrap()[2..], [1.0, 1e-4, 1e-4, 0.023]);
    assert!(simulator.check().is_empty());
    set(&mut simulator, "set_vm_idxs", "Na_n", &[8.0, 35.5]);
    set(&mut simulator, "set_parameters_idxs", serde_json::json!(["notBigg_FinDyn_W2017"]), &[0.0, 1e-4]);
    let failures = simulator.check();
    assert_eq!(failures.len(), 2);
    assert!(failures[0].message.contains("notBigg_FinDyn_W2017 is 0 1/s, not greater than leb = 0"), "{failures:?}");
    assert!(failures[1].message.contains("Na_n is 35.5 mM, above hb = 35"), "{failures:?}");
}

#[test]
fn older_files_number_states() {
    let Some(mut simulator) = build("generation_events_0.8") else { return };
    assert_eq!(simulator.ndts(), 4000);
    assert_eq!(simulator.solver_options().relative_tolerance, 1e-8);
    assert!(simulator.check().is_empty());
    // 95 is potassium outside the cells, 98 sodium in the neuron.
    set(&mut simulator, "set_vm_idxs", serde_json::json!([95]), &[5.0, 10.5]);
    set(&mut simulator, "set_vm_idxs", serde_json::json!([98]), &[10.0, 10.0]);
    let failures = simulator.check();
    assert_eq!((failures.len(), failures[0].neuron), (1, 1));
    assert!(failures[0].message.contains("K_out is 10.5 mM, above hb = 10"), "{failures:?}");
}
