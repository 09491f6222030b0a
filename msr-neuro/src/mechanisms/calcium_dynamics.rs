//! Calcium below the membrane: inflow by current, removal with one time constant.

use super::{Column, Columns, FARADAY, Mechanism};
use crate::ions::Membrane;

/// `d cai / dt = -gamma ica / (2 F depth) - (cai - minCai) / decay` (Destexhe et al. 1994, J. Comput. Neurosci. 1:195),
/// as in Hay et al. 2011. The inflow is constant during a step, the relaxation exact.
struct CalciumDynamics;

static COLUMNS: [Column; 4] = [
    // Fraction of calcium that stays free.
    Column::parameter("gamma", "", 0.05),
    // Time constant of removal.
    Column::parameter("decay", "ms", 80.0),
    // Thickness of the shell.
    Column::parameter("depth", "um", 0.1),
    // Resting level.
    Column::parameter("minCai", "mM", 5e-5),
];

impl Mechanism for CalciumDynamics {
    fn name(&self) -> &str {
        "CaDynamics"
    }

    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn initialise(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane) {}

    fn currents(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane) {}

    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        /// mA/cm2 / (C/mol um) to mM/ms.
        const MILLIMOLAR_PER_MS: f64 = 1e4;
        let (nodes, [gamma, decay, depth, rest]) = block.split::<4>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let inflow = -MILLIMOLAR_PER_MS * gamma[index] * membrane.ica[node] / (2.0 * FARADAY * depth[index]);
            let steady = rest[index] + decay[index] * inflow;
            membrane.cai[node] += (1.0 - (-dt_ms / decay[index]).exp()) * (steady - membrane.cai[node]);
        }
    }
}

/// Calcium dynamics.
pub(super) fn calcium_dynamics(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(CalciumDynamics)
}
