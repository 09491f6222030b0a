//! Two methods that share nothing but the equations agree: RODAS over the sparse factorisation of this crate, BDF of the
//! library diffsol over its dense one.
#![cfg(feature = "diffsol")]

use msr_coupling::{Query, Simulator, SimulatorError};
use msr_metabolism::{Corrections, MetabolismSimulator, ModelChoice, NeuronSite, Settings, Variant};
use serde_json::json;

/// 10 ms.
const NDTS: u64 = 400;
const BASE_DT_MS: f64 = 0.025;
/// Floor of relative differences, mM.
const FLOOR_MM: f64 = 1e-6;

fn simulator(method: &str, rtol: f64, settings: &Settings) -> MetabolismSimulator {
    let kwargs = json!({"method": method, "rtol": rtol, "atol": 1e-6 * rtol});
    let settings = Settings { solver_kwargs: kwargs.as_object().unwrap().clone(), ..settings.clone() };
    MetabolismSimulator::new(&[NeuronSite { id: 3, layer: Some(2) }], &settings, NDTS, BASE_DT_MS).unwrap()
}

/// Windows of 10 ms, before each of which ATP jumps by half a percent.
fn run(simulator: &mut MetabolismSimulator, windows: u64) -> Vec<f64> {
    let mut atp = Vec::new();
    for window in 1..=windows {
        simulator.get_var(&Query::new("get_vm_idx").with("idx", "ATP_n"), &mut atp).unwrap();
        atp[0] *= if window % 2 == 1 { 0.995 } else { 1.0 / 0.995 };
        simulator.set_var(&Query::new("set_vm_idxs").with("idxs", "ATP_n"), &atp).unwrap();
        simulator.advance(NDTS * window).unwrap();
    }
    simulator.states_of(3).unwrap().to_vec()
}

#[test]
fn bdf_of_diffsol_and_rodas_agree() {
    for variant in [Variant::Standard, Variant::Aged] {
        for corrections in [Corrections::all(), Corrections::none()] {
            let settings = Settings { model: ModelChoice::Bundled(variant), corrections, ..Settings::default() };
            let ours = run(&mut simulator("Rodas4", 1e-8, &settings), 10);
            let theirs = run(&mut simulator("DiffsolBdf", 1e-8, &settings), 10);
            let differences = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs() / (b.abs() + FLOOR_MM));
            let worst = differences.fold(0.0, f64::max);
            println!("{variant}, {}: largest difference of any state {worst:.1e}", settings.corrections);
            assert!(worst < 1e-6, "{variant}: {worst}");
            let rest = simulator("Rodas4", 1e-8, &settings);
            let moved = ours.iter().zip(rest.states_of(3).unwrap()).map(|(a, b)| (a - b).abs() / (b.abs() + FLOOR_MM));
            assert!(moved.fold(0.0, f64::max) > 1e-3, "the states do not move");
        }
    }
}

#[test]
fn too_few_steps_are_told() {
    let kwargs = json!({"method": "DiffsolBdf", "maxiters": 3});
    let settings = Settings { solver_kwargs: kwargs.as_object().unwrap().clone(), ..Settings::default() };
    let site = NeuronSite { id: 3, layer: None };
    let mut simulator = MetabolismSimulator::new(&[site], &settings, NDTS, BASE_DT_MS).unwrap();
    let error = simulator.advance(NDTS).unwrap_err();
    let SimulatorError::Neurons { failures, .. } = error else { panic!("{error}") };
    assert!(failures[0].message.contains("DiffsolBdf stopped"), "{}", failures[0].message);
    assert!(failures[0].message.contains("3 steps did not reach"), "{}", failures[0].message);
}
