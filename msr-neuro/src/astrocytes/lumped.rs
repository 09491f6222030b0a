//! Astrocytes in brief: glutamate released at the synapses that an astrocyte covers raises its [`calcium`](super::calcium), and
//! its calcium relaxes the muscle of the vessels under its [`endfeet`](super::endfoot), which widen.
//!
//! Each astrocyte is one well-mixed compartment; all its endfeet see the same calcium. Its morphology, the diffusion of
//! calcium in it, gap junctions between astrocytes, and the potassium that endfeet release are not part of the model.
//!
//! Astrocytes act in seconds: they advance in steps of about [`OWN_STEP_MS`], whole multiples of the base step, and what is
//! released during such a step arrives at its end. Between two of their steps they stand still.

use serde::{Deserialize, Serialize};

use super::calcium::Calcium;
use super::endfoot::Endfoot;
use super::{CoveredSynapse, PlacedEndfoot};

/// Step of the astrocytes, in ms; the fastest thing in them, the clearance of glutamate, takes 25 ms.
pub const OWN_STEP_MS: f64 = 0.5;

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
pub struct LumpedState {
    /// Own steps done.
    steps: u64,
    calcium: Vec<Calcium>,
    endfeet: Vec<Endfoot>,
    /// What has been released since the last own step.
    arrivals: Vec<Arrival>,
}

impl LumpedState {
    pub(super) fn same_shape(&self, other: &Self) -> bool {
        self.calcium.len() == other.calcium.len() && self.endfeet.len() == other.endfeet.len()
    }

    pub(super) fn assign(&mut self, other: &Self) {
        self.steps = other.steps;
        self.calcium.clone_from(&other.calcium);
        self.endfeet.clone_from(&other.endfeet);
        self.arrivals.clone_from(&other.arrivals);
    }
}

/// The astrocytes of one population.
#[derive(Debug, Clone)]
pub(super) struct Lumped {
    /// Number of synapses that each covers.
    covered: Vec<usize>,
    /// Astrocyte of each endfoot.
    astrocyte_of: Vec<usize>,
    /// Radius of the vessel under each endfoot without pressure and muscle, in um.
    passive_radii_um: Vec<f64>,
    base_steps: u64,
    step_s: f64,
    state: LumpedState,
}

impl Lumped {
    /// At rest at step 0, each covering so many synapses.
    pub fn new(covered: Vec<usize>, endfeet: &[PlacedEndfoot], dt_ms: f64) -> Self {
        let base_steps = ((OWN_STEP_MS / dt_ms) as u64).max(1);
        let rest = Calcium::rest();
        let endfoot = Endfoot::rest(rest.calcium_um());
        Self {
            state: LumpedState {
                steps: 0,
                calcium: vec![rest; covered.len()],
                endfeet: vec![endfoot; endfeet.len()],
                arrivals: Vec::new(),
            },
            covered,
            astrocyte_of: endfeet.iter().map(|placed| placed.astrocyte).collect(),
            passive_radii_um: endfeet.iter().map(|placed| placed.rest_radius_um / endfoot.radius()).collect(),
            base_steps,
            step_s: base_steps as f64 * dt_ms / 1000.0,
        }
    }

    pub fn state(&self) -> &LumpedState {
        &self.state
    }

    pub fn assign(&mut self, state: &LumpedState) {
        self.state.assign(state);
    }

    /// The `fraction` of the vesicles of a synapse that an astrocyte covers was released in a base step.
    pub fn receive(&mut self, step: u64, covered: CoveredSynapse, astrocyte: u32, fraction: f64) {
        let CoveredSynapse { cell, synapse } = covered;
        self.state.arrivals.push(Arrival { step, cell, synapse, astrocyte, fraction });
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
            state.calcium[astrocyte].release(arrival.fraction / self.covered[astrocyte] as f64);
        }
        for (endfoot, &astrocyte) in state.endfeet.iter_mut().zip(&self.astrocyte_of) {
            endfoot.advance(state.calcium[astrocyte].calcium_um(), self.step_s);
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
}
