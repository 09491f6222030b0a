//! Sodium and potassium leaks, the other side of the pump.

use super::{Column, Columns, Mechanism};
use crate::ions::Membrane;

/// Name of the leak.
pub const ION_LEAK: &str = "IonLeak";
/// Name of the pump.
pub const ATPASE: &str = "NaKPump";

/// `ina = gna (v - ena)`, `ik = gk (v - ek)`. The conductances are set by the balance at rest when a cell is built.
struct IonLeak;

static COLUMNS: [Column; 4] = [
    Column::parameter("gna", "S/cm2", 0.0),
    Column::parameter("gk", "S/cm2", 0.0),
    Column::assigned("ina", "mA/cm2"),
    Column::assigned("ik", "mA/cm2"),
];

impl Mechanism for IonLeak {
    fn name(&self) -> &str {
        ION_LEAK
    }

    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn initialise(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane) {}

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, [gna, gk, ina, ik]) = block.split::<4>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let v = membrane.v[node];
            ina[index] = gna[index] * (v - membrane.ena[node]);
            ik[index] = gk[index] * (v - membrane.ek[node]);
            membrane.ina[node] += ina[index];
            membrane.ik[node] += ik[index];
            membrane.current[node] += ina[index] + ik[index];
            membrane.conductance[node] += gna[index] + gk[index];
            membrane.add_slopes(node, [gna[index], gk[index], 0.0, 0.0]);
        }
    }

    fn advance(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane, _dt_ms: f64) {}
}

/// The leaks.
pub(super) fn ion_leak(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(IonLeak)
}
