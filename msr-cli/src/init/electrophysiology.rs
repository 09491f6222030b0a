//! Which e-model a neuron has, and its currents.

use super::column::Neuron;

/// The e-model of a neuron and the currents that relative inputs refer to.
#[derive(Debug, Clone, PartialEq)]
pub struct Electrophysiology {
    /// Name of the bundled e-model.
    pub emodel: &'static str,
    /// Smallest constant current into the soma that makes the cell fire (nA), on top of the holding current.
    pub threshold_current_na: f64,
    /// Current that holds the cell at its resting potential (nA).
    pub holding_current_na: f64,
    /// Steady-state voltage over current at the soma (MOhm).
    pub input_resistance_mohm: f64,
}

/// The electrophysiology of each neuron.
pub fn of_neurons(neurons: &[Neuron]) -> Vec<Electrophysiology> {
    neurons.iter().map(of_neuron).collect()
}

/// Typical values of Markram et al. 2015 (Cell 163:456): rheobase and input resistance by e-type and layer.
fn of_neuron(neuron: &Neuron) -> Electrophysiology {
    let blueprint = &neuron.blueprint;
    let (emodel, threshold_current_na, input_resistance_mohm) = match (blueprint.etype, blueprint.layer) {
        ("cADpyr", "5") => ("cADpyr", 0.45, 50.0),
        ("cADpyr", _) => ("cADpyr", 0.2, 100.0),
        _ => ("cNAC", 0.12, 180.0),
    };
    Electrophysiology { emodel, threshold_current_na, holding_current_na: 0.0, input_resistance_mohm }
}
