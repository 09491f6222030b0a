//! Which e-model a neuron has, and its currents.

use super::column::{BLUEPRINTS, Blueprint};

/// The e-model of a neuron and the currents that relative inputs refer to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Electrophysiology {
    /// Name of the bundled e-model.
    pub emodel: &'static str,
    /// Smallest step of current into the soma that makes the cell fire (nA), on top of the holding current.
    pub threshold_current_na: f64,
    /// Current that holds the cell at its resting potential (nA).
    pub holding_current_na: f64,
    /// Steady-state voltage over current at the soma (MOhm).
    pub input_resistance_mohm: f64,
}

/// Threshold current (nA) and input resistance (MOhm) of each blueprint's cell, as
/// `cargo run --release -p msr-neuro --example excitability -- DIR/circuit/morphologies/neurons/*.swc` prints them
/// (thresholds of the interneurons as the example `ion_balance` does): measuring takes minutes, so that it is not done
/// for each circuit.
const MEASURED: [(f64, f64); BLUEPRINTS.len()] = [
    (0.132, 152.3),
    (0.187, 107.7),
    (0.246, 150.7),
    (0.12, 167.2),
    (0.333, 111.0),
    (0.427, 50.2),
    (0.424, 50.7),
    (0.336, 110.4),
    (0.17, 114.4),
    (0.178, 108.8),
];

/// The e-model of a type: the adapting pyramidal cell, or the fast-spiking interneuron.
pub fn emodel_of(blueprint: &Blueprint) -> &'static str {
    if blueprint.is_excitatory() { "cADpyr" } else { "cNAC" }
}

/// The electrophysiology of each blueprint's cell, at its own resting potential (no holding current).
pub fn of_column() -> Vec<Electrophysiology> {
    BLUEPRINTS
        .iter()
        .zip(MEASURED)
        .map(|(blueprint, (threshold_current_na, input_resistance_mohm))| Electrophysiology {
            emodel: emodel_of(blueprint),
            threshold_current_na,
            holding_current_na: 0.0,
            input_resistance_mohm,
        })
        .collect()
}
