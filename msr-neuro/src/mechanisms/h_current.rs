//! Hyperpolarisation-activated cation current.

use super::kinetics::{linoid, relaxed, two_state};
use super::{Column, Columns, Mechanism, Rate};
use crate::ions::Membrane;

/// Ih, gate m (Kole, Hallermann & Stuart 2006, J. Neurosci. 26:1677). Sodium and potassium carry it in the constant
/// proportion that gives the reversal potential `ehcn` at the concentrations of the beginning.
struct HCurrent;

static COLUMNS: [Column; 5] = [
    Column::parameter("gIhbar", "S/cm2", 1e-5),
    Column::parameter("ehcn", "mV", -45.0),
    Column::assigned("i", "mA/cm2"),
    Column::assigned("sodium_fraction", ""),
    Column::state("m", ""),
];

fn rate(v: f64) -> Rate {
    two_state(6.43e-3 * 11.9 * linoid(-(v + 154.9) / 11.9), 0.193 * (v / 33.1).exp(), 1.0)
}

impl Mechanism for HCurrent {
    fn name(&self) -> &str {
        "Ih"
    }

    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn initialise(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, [_, reversal, _, sodium, m]) = block.split::<5>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let (ena, ek) = (membrane.ena[node], membrane.ek[node]);
            sodium[index] = (reversal[index] - ek) / (ena - ek);
            m[index] = rate(membrane.v[node]).steady;
        }
    }

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, [density, _, total, sodium, m]) = block.split::<5>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let conductance = density[index] * m[index];
            let ina = conductance * sodium[index] * (membrane.v[node] - membrane.ena[node]);
            let ik = conductance * (1.0 - sodium[index]) * (membrane.v[node] - membrane.ek[node]);
            total[index] = ina + ik;
            membrane.ina[node] += ina;
            membrane.ik[node] += ik;
            membrane.current[node] += ina + ik;
            membrane.conductance[node] += conductance;
        }
    }

    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        let (nodes, [_, _, _, _, m]) = block.split::<5>();
        for (index, &node) in nodes.iter().enumerate() {
            m[index] = relaxed(m[index], rate(membrane.v[node as usize]), dt_ms);
        }
    }
}

/// Ih.
pub(super) fn h_current(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(HCurrent)
}
