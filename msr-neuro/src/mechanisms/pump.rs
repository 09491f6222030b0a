//! Na+/K+-ATPase: three sodium out, two potassium in for each ATP.

use super::leak::ATPASE;
use super::{Column, Columns, Mechanism};
use crate::ions::Membrane;

/// Sodium ions carried out in a cycle.
const SODIUM: f64 = 3.0;
/// Potassium ions carried in in a cycle.
const POTASSIUM: f64 = 2.0;

/// Net current density of the pump (one charge out in a cycle):
/// `i = imax (1 + kmko / ko)^-2 (1 + kmnai / nai)^-3 / (1 + kmatp / atpi)`.
///
/// Saturation by the ions: Kager, Wadman & Somjen 2000 (J. Neurophysiol. 84:495); by ATP: Heinrich & Schuster 1996 with
/// the constant of Jolivet et al. 2015 (PLoS Comput. Biol. 11:e1004036). Sodium leaves with `ina = 3 i`, potassium
/// enters with `ik = -2 i`, ATP becomes ADP in the segment's volume at the rate of the cycle.
struct SodiumPotassiumPump;

static COLUMNS: [Column; 5] = [
    // 8.5e-5 mA/cm2 at the concentrations of rest: cells use 0.03 mM/s of ATP then.
    Column::parameter("imax", "mA/cm2", 9e-3),
    // Twice the resting level: the rate grows as nai^2 there, and 27 times at most.
    Column::parameter("kmnai", "mM", 20.0),
    Column::parameter("kmko", "mM", 3.5),
    Column::parameter("kmatp", "mM", 0.5),
    Column::assigned("i", "mA/cm2"),
];

impl Mechanism for SodiumPotassiumPump {
    fn name(&self) -> &str {
        ATPASE
    }

    fn columns(&self) -> &[Column] {
        &COLUMNS
    }

    fn initialise(&self, _block: &mut Columns<'_>, _membrane: &mut Membrane) {}

    fn currents(&self, block: &mut Columns<'_>, membrane: &mut Membrane) {
        let (nodes, [imax, kmnai, kmko, kmatp, current]) = block.split::<5>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let sodium = membrane.nai[node] / (membrane.nai[node] + kmnai[index]);
            let potassium = membrane.ko[node] / (membrane.ko[node] + kmko[index]);
            let atp = membrane.atpi[node].max(0.0) / (membrane.atpi[node].max(0.0) + kmatp[index]);
            let i = imax[index] * sodium * sodium * sodium * potassium * potassium * atp;
            current[index] = i;
            membrane.ina[node] += SODIUM * i;
            membrane.ik[node] -= POTASSIUM * i;
            membrane.current[node] += (SODIUM - POTASSIUM) * i;
        }
    }

    fn advance(&self, block: &mut Columns<'_>, membrane: &mut Membrane, dt_ms: f64) {
        let (nodes, [.., current]) = block.split::<5>();
        for (index, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            let used = dt_ms * membrane.accumulation[node] * current[index];
            membrane.atpi[node] -= used;
            membrane.adpi[node] += used;
        }
    }
}

/// The pump.
pub(super) fn pump(_celsius: f64) -> Box<dyn Mechanism> {
    Box::new(SodiumPotassiumPump)
}
