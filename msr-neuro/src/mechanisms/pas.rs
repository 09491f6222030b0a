//! Passive leak without an ion.

use super::{Column, Columns, Mechanism};
use crate::ions::Membrane;

/// `i = g (v - e)`.
struct Passive;

static COLUMNS: [Column; 3] =
    [Column::parameter("g", "S/cm2", 1e-3), Column::parameter("e", "mV", -70.0), Column::assigned("i", "mA/cm2")];

impl Mechanism for Passive {
    fn name(&self) -> &str {
        "pas"
    }

    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn initialise(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane) {}

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, [g, e, i]) = block.split::<3>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            i[index] = g[index] * (membrane.v[node] - e[index]);
            membrane.current[node] += i[index];
            membrane.conductance[node] += g[index];
        }
    }

    fn advance(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane, _dt_ms: f64) {}
}

/// The passive leak.
pub(super) fn passive(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(Passive)
}
