//! The currents in the node file against the simulated cells.

use msr_neuro::cell::{Cell, Excitability};
use msr_neuro::emodel::{BUNDLED, Conditions, Emodel};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::parse_swc;

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
