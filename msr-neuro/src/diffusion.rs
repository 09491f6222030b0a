//! Longitudinal diffusion of dissolved species in the cytosol of one cell.
//!
//! `volume dc/dt = sum over neighbours of D A / L (c_neighbour - c)` on the tree of the cable (Qian & Sejnowski 1989, Biol.
//! Cybern. 62:1, eq. 11), by implicit Euler: stable for any interval, and it only moves amounts from one node to another,
//! so that the amount in the cell stays. Volumes, conductances and interval are constant: the elimination along the tree
//! (Hines 1984, Int. J. Bio-Med. Comput. 15:69) is done once, an interval costs one sweep up and one down.
//!
//! Calcium is left to its own dynamics: buffers and pumps catch it within micrometres.

use serde::{Deserialize, Serialize};

use crate::cable::{Cable, Link};
use crate::ions::Membrane;

/// Diffusion coefficients in cytosol, in um2/ms. 0: the species stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Diffusivities {
    /// Sodium.
    pub nai: f64,
    /// Potassium.
    pub ki: f64,
    /// ATP.
    pub atpi: f64,
    /// ADP.
    pub adpi: f64,
}

impl Default for Diffusivities {
    /// Sodium 0.6 (Kushmerick & Podolsky 1969, Science 166:1297, in muscle; Fleidervish et al. 2010, Nat. Neurosci. 13:852,
    /// in axons), potassium 1.0 (Kushmerick & Podolsky 1969), ATP 0.2 (Hubley et al. 1996, Am. J. Physiol. 270:C404;
    /// de Graaf et al. 2000, Biophys. J. 78:1657), ADP as ATP.
    fn default() -> Self {
        Self { nai: 0.6, ki: 1.0, atpi: 0.2, adpi: 0.2 }
    }
}

impl Diffusivities {
    /// Nothing diffuses.
    pub const NONE: Self = Self { nai: 0.0, ki: 0.0, atpi: 0.0, adpi: 0.0 };

    /// Each coefficient with its name.
    pub fn named(&self) -> [(&'static str, f64); 4] {
        [("nai", self.nai), ("ki", self.ki), ("atpi", self.atpi), ("adpi", self.adpi)]
    }
}

/// Concentrations even out over this time at once, in ms: short beside the time that diffusion takes from one segment of
/// 10 um and more to the next (100 ms and more for ATP, 50 ms for potassium).
const INTERVAL_MS: f64 = 0.1;

/// Diffusion of all species in one cell.
#[derive(Debug, Clone)]
pub struct Diffusion {
    sodium: Sweep,
    potassium: Sweep,
    atp: Sweep,
    adp: Sweep,
    interval_steps: u64,
}

impl Diffusion {
    /// Diffusion along a cable whose nodes have these volumes (0 at the ends of sections), for steps of `dt_ms`. `carriers`
    /// are the nodes (ascending) of each mechanism that lets a species (`nai`) diffuse itself: between them it does not.
    pub fn new(
        cable: &Cable,
        volumes_um3: &[f64],
        diffusivities: &Diffusivities,
        carriers: &[(&str, &[u32])],
        dt_ms: f64,
    ) -> Self {
        let interval_steps = ((INTERVAL_MS / dt_ms).round() as u64).max(1);
        let interval_ms = interval_steps as f64 * dt_ms;
        let sweep = |species: &str, diffusivity: f64| {
            let carriers = carriers.iter().filter(|(name, _)| *name == species).map(|(_, nodes)| *nodes);
            Sweep::new(cable, volumes_um3, diffusivity, carriers, interval_ms)
        };
        Self {
            sodium: sweep("nai", diffusivities.nai),
            potassium: sweep("ki", diffusivities.ki),
            atp: sweep("atpi", diffusivities.atpi),
            adp: sweep("adpi", diffusivities.adpi),
            interval_steps,
        }
    }

    /// Lets all species diffuse for one interval where an interval ends with step number `step` (counted from the
    /// beginning of the simulation, so that it does not matter how a run is divided). `scratch` has one value a node.
    pub fn advance(&self, step: u64, links: &[Link], membrane: &mut Membrane, scratch: &mut [f64]) {
        if !step.is_multiple_of(self.interval_steps) {
            return;
        }
        self.sodium.spread(links, &mut membrane.nai, scratch);
        self.potassium.spread(links, &mut membrane.ki, scratch);
        self.atp.spread(links, &mut membrane.atpi, scratch);
        self.adp.spread(links, &mut membrane.adpi, scratch);
    }
}

/// The eliminated matrix of one species; empty where it does not diffuse.
#[derive(Debug, Clone)]
struct Sweep {
    /// Exchange with the parent, in um3/ms.
    conductance: Vec<f64>,
    /// `conductance / pivot`.
    factor: Vec<f64>,
    /// `1 / pivot`, in ms/um3.
    per_pivot: Vec<f64>,
}

impl Sweep {
    fn new<'a>(
        cable: &Cable,
        volumes_um3: &[f64],
        diffusivity_um2_per_ms: f64,
        carriers: impl Iterator<Item = &'a [u32]>,
        interval_ms: f64,
    ) -> Self {
        if diffusivity_um2_per_ms == 0.0 {
            return Self { conductance: Vec::new(), factor: Vec::new(), per_pivot: Vec::new() };
        }
        let mut conductance: Vec<f64> =
            cable.resistances_per_um().iter().map(|resistance| diffusivity_um2_per_ms / resistance).collect();
        conductance[0] = 0.0;
        for nodes in carriers {
            for node in joined(cable, volumes_um3, nodes) {
                conductance[node] = 0.0;
            }
        }
        let mut pivot: Vec<f64> = volumes_um3.iter().map(|volume| volume / interval_ms).collect();
        let links = || cable.links().iter().map(|link| (link.node as usize, link.parent as usize));
        for (node, above) in links() {
            pivot[node] += conductance[node];
            pivot[above] += conductance[node];
        }
        for (node, above) in links() {
            pivot[above] -= conductance[node] * conductance[node] / pivot[node];
        }
        let factor = conductance.iter().zip(&pivot).map(|(conductance, pivot)| conductance / pivot).collect();
        let per_pivot = pivot.iter().map(|pivot| 1.0 / pivot).collect();
        Self { conductance, factor, per_pivot }
    }

    /// One implicit step, solved for the change: what is even stays even to the last bit.
    fn spread(&self, links: &[Link], concentration: &mut [f64], change: &mut [f64]) {
        let count = self.conductance.len();
        if count == 0 {
            return;
        }
        let (concentration, change) = (&mut concentration[..count], &mut change[..count]);
        change.fill(0.0);
        // Children come before their parents: a node's own inflow is complete when it is passed on.
        for link in links {
            let (node, above) = (link.node as usize, link.parent as usize);
            let inflow = self.conductance[node] * (concentration[above] - concentration[node]);
            change[node] += inflow;
            change[above] += self.factor[node] * change[node] - inflow;
        }
        change[0] *= self.per_pivot[0];
        concentration[0] += change[0];
        for link in links.iter().rev() {
            let (node, above) = (link.node as usize, link.parent as usize);
            change[node] = self.per_pivot[node] * change[node] + self.factor[node] * change[above];
            concentration[node] += change[node];
        }
    }
}

/// Those of some nodes (ascending) for which the next segment towards the root is one of them, too.
fn joined(cable: &Cable, volumes_um3: &[f64], nodes: &[u32]) -> impl Iterator<Item = usize> {
    let mut parents: Vec<u32> = (0..cable.len() as u32).collect();
    cable.links().iter().for_each(|link| parents[link.node as usize] = link.parent);
    let above = |node: u32| {
        let mut above = parents[node as usize];
        // Ends of sections are nodes without volume.
        while volumes_um3[above as usize] == 0.0 && parents[above as usize] != above {
            above = parents[above as usize];
        }
        above
    };
    let is_joined = |node: &&u32| above(**node) != **node && nodes.binary_search(&above(**node)).is_ok();
    nodes.iter().filter(is_joined).map(|node| *node as usize).collect::<Vec<_>>().into_iter()
}
