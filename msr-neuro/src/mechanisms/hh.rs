//! The squid axon of Hodgkin & Huxley 1952 (J. Physiol. 117:500), with the voltage in today's sign and a rest at -65 mV.

use super::kinetics::{linoid, logistic, relaxed, speed, two_state};
use super::{Column, Columns, Mechanism, Rate};
use crate::ions::Membrane;

/// Sodium (m^3 h), potassium (n^4) and leak current. Rates at 6.3 C, Q10 3.
struct HodgkinHuxley {
    speed: f64,
}

static COLUMNS: [Column; 10] = [
    Column::parameter("gnabar", "S/cm2", 0.12),
    Column::parameter("gkbar", "S/cm2", 0.036),
    Column::parameter("gl", "S/cm2", 0.0003),
    Column::parameter("el", "mV", -54.3),
    Column::assigned("ina", "mA/cm2"),
    Column::assigned("ik", "mA/cm2"),
    Column::assigned("il", "mA/cm2"),
    Column::state("m", ""),
    Column::state("h", ""),
    Column::state("n", ""),
];

impl HodgkinHuxley {
    fn rates(&self, v: f64) -> [Rate; 3] {
        [
            two_state(linoid((v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp(), self.speed),
            two_state(0.07 * (-(v + 65.0) / 20.0).exp(), logistic((v + 35.0) / 10.0), self.speed),
            two_state(0.1 * linoid((v + 55.0) / 10.0), 0.125 * (-(v + 65.0) / 80.0).exp(), self.speed),
        ]
    }
}

impl Mechanism for HodgkinHuxley {
    fn name(&self) -> &str {
        "hh"
    }

    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn initialise(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, [.., m, h, n]) = block.split::<10>();
        for (index, &node) in nodes.iter().enumerate() {
            let rates = self.rates(membrane.v[node as usize]);
            (m[index], h[index], n[index]) = (rates[0].steady, rates[1].steady, rates[2].steady);
        }
    }

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, [gnabar, gkbar, gl, el, ina, ik, il, m, h, n]) = block.split::<10>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let v = membrane.v[node];
            let gna = gnabar[index] * m[index] * m[index] * m[index] * h[index];
            let gk = gkbar[index] * n[index] * n[index] * n[index] * n[index];
            ina[index] = gna * (v - membrane.ena[node]);
            ik[index] = gk * (v - membrane.ek[node]);
            il[index] = gl[index] * (v - el[index]);
            membrane.ina[node] += ina[index];
            membrane.ik[node] += ik[index];
            membrane.current[node] += ina[index] + ik[index] + il[index];
            membrane.conductance[node] += gna + gk + gl[index];
        }
    }

    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        let (nodes, [.., m, h, n]) = block.split::<10>();
        for (index, &node) in nodes.iter().enumerate() {
            let rates = self.rates(membrane.v[node as usize]);
            m[index] = relaxed(m[index], rates[0], dt_ms);
            h[index] = relaxed(h[index], rates[1], dt_ms);
            n[index] = relaxed(n[index], rates[2], dt_ms);
        }
    }
}

/// The squid's channels at `celsius`.
pub(super) fn hodgkin_huxley(celsius: f64) -> Box<dyn Mechanism> {
    Box::new(HodgkinHuxley { speed: speed(3.0, celsius, 6.3) })
}
