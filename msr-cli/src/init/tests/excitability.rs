//! The currents in the node file against the simulated cells.

use msr_neuro::cell::{Cell, Excitability};
use msr_neuro::emodel::{BUNDLED, Conditions, Emodel};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::parse_swc;
use msr_neuro::stimuli::{Stimulus, Waveform};

use super::super::column::Neuron;
use super::super::electrophysiology::emodel_of;
use super::circuit;

const PROTOCOL: Excitability =
    Excitability { settle_ms: 100.0, step_ms: 300.0, accuracy_na: 0.002, limit_na: 10.0, v_init_mv: -75.0 };

fn cell(neuron: &Neuron) -> Cell {
    let name = emodel_of(&neuron.blueprint);
    let (_, text) = BUNDLED.iter().find(|(bundled, _)| *bundled == name).expect("the e-model is bundled");
    let morphology = parse_swc(&neuron.morphology.to_swc(""), &neuron.morphology.name).unwrap();
    Emodel::parse(text, name).unwrap().build(&morphology, &Registry::default(), &Conditions::default()).unwrap()
}

/// Steady voltage at the soma under a constant current, after 400 ms.
fn steady_mv(cell: &mut Cell, current_na: f64) -> f64 {
    const LONG_MS: f64 = 400.0;
    let soma = cell.discretisation().soma_segment();
    let node = cell.node(soma) as u32;
    cell.clear_stimuli();
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(0.0, LONG_MS, current_na) });
    cell.initialise(PROTOCOL.v_init_mv);
    cell.advance((LONG_MS / Conditions::default().dt_ms) as u64 - 1, &mut Vec::new());
    let voltage_mv = cell.voltage_mv(soma);
    cell.clear_stimuli();
    voltage_mv
}

/// One pyramidal cell and one interneuron; the others take too long for every run of the tests.
#[test]
fn threshold_currents_are_thresholds() {
    for index in [3, 4] {
        let mut cell = cell(&circuit().neurons[index]);
        let threshold_na = circuit().electrophysiology[index].threshold_current_na;
        assert_eq!(PROTOCOL.spike_count(&mut cell, 0.0, 0.9 * threshold_na), 0, "cell {index}");
        assert!(PROTOCOL.spike_count(&mut cell, 0.0, 1.1 * threshold_na) > 0, "cell {index}");
    }
}

/// Prints the rows of the table of `electrophysiology.rs`. Run it when an e-model or the growth has changed:
/// `cargo test --release -p msr-cli measure_excitability -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes; prints the table of measured currents"]
fn measure_excitability() {
    const PROBE_NA: f64 = -0.02;
    for neuron in &circuit().neurons {
        let mut cell = cell(neuron);
        let resistance_mohm = (steady_mv(&mut cell, PROBE_NA) - steady_mv(&mut cell, 0.0)) / PROBE_NA;
        let threshold_na = PROTOCOL.threshold_current_na(&mut cell, 0.0).unwrap();
        assert!(threshold_na > 0.0 && resistance_mohm > 0.0);
        println!("({threshold_na:.3}, {resistance_mohm:.1}), // {}", neuron.morphology.name);
    }
}
