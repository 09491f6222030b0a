//! Astrocytes between synapses and vessels, in brief: glutamate released at the synapses that an astrocyte covers raises
//! its [`calcium`], and its calcium relaxes the muscle of the vessels under its [`endfoot`]s, which widen.
//!
//! Each astrocyte is one well-mixed compartment; all its endfeet see the same calcium. Its morphology, the diffusion of
//! calcium in it, gap junctions between astrocytes, and the potassium that endfeet release are not part of the model.
//!
//! Astrocytes act in seconds: they advance in steps of about [`OWN_STEP_MS`], whole multiples of the base step, and what is
//! released during such a step arrives at its end. Between two of their steps they stand still.

pub mod calcium;
pub mod endfoot;
mod runge_kutta;

use serde::{Deserialize, Serialize};

use calcium::Calcium;
use endfoot::Endfoot;

/// Step of the astrocytes, in ms; the fastest thing in them, the clearance of glutamate, takes 25 ms.
pub const OWN_STEP_MS: f64 = 0.5;

/// One astrocyte of a circuit.
#[derive(Debug, Clone, PartialEq)]
pub struct Astrocyte {
    /// SONATA node id.
    pub node: u64,
    /// The glutamatergic synapses that it covers.
    pub synapses: Vec<CoveredSynapse>,
}

/// A synapse under an astrocyte's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CoveredSynapse {
    /// Position of the cell that carries it.
    pub cell: u32,
    /// Its number in the cell; point processes follow the other synapses.
    pub synapse: u32,
}

/// A foot of an astrocyte on a vessel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedEndfoot {
    /// Position of its astrocyte.
    pub astrocyte: usize,
    /// The vessel segment: node id in the vasculature population.
    pub vessel: u64,
    /// Radius of that segment at rest, in um.
    pub rest_radius_um: f64,
}

/// Vesicles released at a synapse.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Arrival {
    step: u64,
    cell: u32,
    synapse: u32,
    astrocyte: u32,
    /// Part of the synapse's vesicles.
    fraction: f64,
}

/// All that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AstrocytesState {
    /// Own steps done.
    steps: u64,
    calcium: Vec<Calcium>,
    endfeet: Vec<Endfoot>,
    /// What has been released since the last own step.
    arrivals: Vec<Arrival>,
}

impl AstrocytesState {
    /// Whether both can be states of the same astrocytes.
    pub fn same_shape(&self, other: &Self) -> bool {
        self.calcium.len() == other.calcium.len() && self.endfeet.len() == other.endfeet.len()
    }
}

/// The astrocytes of one population with their endfeet.
#[derive(Debug, Clone)]
pub struct Astrocytes {
    population: String,
    vasculature: Option<String>,
    astrocytes: Vec<Astrocyte>,
    endfeet: Vec<PlacedEndfoot>,
    /// Wrapped vessel segments, ascending, and the position of each endfoot's segment among them.
    vessels: Vec<u64>,
    vessel_of: Vec<usize>,
    /// Endfeet on each wrapped vessel segment.
    feet: Vec<f64>,
    /// Radius of the vessel under each endfoot without pressure and muscle, in um.
    passive_radii_um: Vec<f64>,
    /// For each cell: covered synapses and positions of their astrocytes, ascending.
    covers: Vec<Vec<(u32, u32)>>,
    base_steps: u64,
    step_s: f64,
    state: AstrocytesState,
}

impl Astrocytes {
    /// At rest at step 0, among cells with base steps of `dt_ms`; `vasculature` is the population of the endfeet's vessels.
    pub fn new(
        population: impl Into<String>,
        vasculature: Option<String>,
        astrocytes: Vec<Astrocyte>,
        endfeet: Vec<PlacedEndfoot>,
        dt_ms: f64,
    ) -> Self {
        let mut vessels: Vec<u64> = endfeet.iter().map(|endfoot| endfoot.vessel).collect();
        vessels.sort_unstable();
        vessels.dedup();
        let place = |endfoot: &PlacedEndfoot| vessels.partition_point(|&vessel| vessel < endfoot.vessel);
        let vessel_of: Vec<usize> = endfeet.iter().map(place).collect();
        let mut feet = vec![0.0; vessels.len()];
        vessel_of.iter().for_each(|&vessel| feet[vessel] += 1.0);
        let covered = || astrocytes.iter().enumerate().flat_map(|(a, of)| of.synapses.iter().map(move |s| (a, s)));
        let cells = covered().map(|(_, synapse)| synapse.cell as usize + 1).max().unwrap_or(0);
        let mut covers = vec![Vec::new(); cells];
        for (astrocyte, synapse) in covered() {
            covers[synapse.cell as usize].push((synapse.synapse, astrocyte as u32));
        }
        covers.iter_mut().for_each(|covers| covers.sort_unstable());
        let base_steps = ((OWN_STEP_MS / dt_ms) as u64).max(1);
        let rest = Calcium::rest();
        let endfoot = Endfoot::rest(rest.calcium_um());
        let passive_radii_um = endfeet.iter().map(|placed| placed.rest_radius_um / endfoot.radius()).collect();
        Self {
            state: AstrocytesState {
                steps: 0,
                calcium: vec![rest; astrocytes.len()],
                endfeet: vec![endfoot; endfeet.len()],
                arrivals: Vec::new(),
            },
            population: population.into(),
            vasculature,
            astrocytes,
            endfeet,
            vessels,
            vessel_of,
            feet,
            passive_radii_um,
            covers,
            base_steps,
            step_s: base_steps as f64 * dt_ms / 1000.0,
        }
    }

    /// Name of the population.
    pub fn population(&self) -> &str {
        &self.population
    }

    /// Name of the population of the vessels.
    pub fn vasculature(&self) -> Option<&str> {
        self.vasculature.as_deref()
    }

    /// The astrocytes.
    pub fn list(&self) -> &[Astrocyte] {
        &self.astrocytes
    }

    /// All endfeet.
    pub fn endfeet(&self) -> &[PlacedEndfoot] {
        &self.endfeet
    }

    /// The vessel segments that have an endfoot, ascending.
    pub fn vessels(&self) -> &[u64] {
        &self.vessels
    }

    /// Position of each endfoot's vessel segment among [`vessels`](Self::vessels).
    pub fn vessel_of_endfoot(&self) -> &[usize] {
        &self.vessel_of
    }

    /// State.
    pub fn state(&self) -> &AstrocytesState {
        &self.state
    }

    /// Takes over the values of another state of the same astrocytes in the memory at hand.
    pub fn assign(&mut self, state: &AstrocytesState) {
        self.state.steps = state.steps;
        self.state.calcium.clone_from(&state.calcium);
        self.state.endfeet.clone_from(&state.endfeet);
        self.state.arrivals.clone_from(&state.arrivals);
    }

    /// The `fraction` of a synapse's vesicles was released in a base step.
    pub fn receive(&mut self, step: u64, covered: CoveredSynapse, fraction: f64) {
        let CoveredSynapse { cell, synapse } = covered;
        let Some(covers) = self.covers.get(cell as usize) else { return };
        let first = covers.partition_point(|&(known, _)| known < synapse);
        let over = covers[first..].iter().take_while(|&&(known, _)| known == synapse);
        self.state.arrivals.extend(over.map(|&(_, astrocyte)| Arrival { step, cell, synapse, astrocyte, fraction }));
    }

    /// Makes all own steps that end at or before base step `idts`.
    pub fn advance(&mut self, idts: u64) {
        while (self.state.steps + 1) * self.base_steps <= idts {
            self.step();
        }
    }

    fn step(&mut self) {
        let state = &mut self.state;
        state.steps += 1;
        let end = state.steps * self.base_steps;
        for calcium in &mut state.calcium {
            calcium.advance(self.step_s);
        }
        // In the order of time and place, whatever the windows in which the cells advanced.
        state.arrivals.sort_by_key(|a| (a.step, a.cell, a.synapse, a.astrocyte, a.fraction.to_bits()));
        let due = state.arrivals.partition_point(|arrival| arrival.step < end);
        for arrival in state.arrivals.drain(..due) {
            let astrocyte = arrival.astrocyte as usize;
            let covered = self.astrocytes[astrocyte].synapses.len() as f64;
            state.calcium[astrocyte].release(arrival.fraction / covered);
        }
        for (endfoot, placed) in state.endfeet.iter_mut().zip(&self.endfeet) {
            endfoot.advance(state.calcium[placed.astrocyte].calcium_um(), self.step_s);
        }
    }

    /// Calcium of each astrocyte, in uM.
    pub fn calcium_um(&self) -> impl Iterator<Item = f64> {
        self.state.calcium.iter().map(Calcium::calcium_um)
    }

    /// Glutamate around the processes of each astrocyte, in uM.
    pub fn glutamate_um(&self) -> impl Iterator<Item = f64> {
        self.state.calcium.iter().map(Calcium::glutamate_um)
    }

    /// Radius of the vessel under each endfoot, in um, as the endfoot alone would have it.
    pub fn endfoot_radii_um(&self) -> impl Iterator<Item = f64> {
        self.passive_radii_um.iter().zip(&self.state.endfeet).map(|(passive_um, endfoot)| passive_um * endfoot.radius())
    }

    /// Adds the radius of each wrapped vessel segment, in um, at the end of `radii`. Endfeet on one segment share it in
    /// equal parts: the segment has the volume that the parts have together, so its radius is the root of their mean square.
    pub fn vessel_radii_um(&self, radii: &mut Vec<f64>) {
        let first = radii.len();
        radii.resize(first + self.vessels.len(), 0.0);
        let squares = &mut radii[first..];
        for (radius_um, &vessel) in self.endfoot_radii_um().zip(&self.vessel_of) {
            squares[vessel] += radius_um * radius_um;
        }
        for (square, feet) in squares.iter_mut().zip(&self.feet) {
            *square = (*square / feet).sqrt();
        }
    }
}
