//! Chemical synapses with short-term plasticity and probabilistic release, and the events that reach them.
//!
//! Model, order of random numbers and names of parameters are those of the mechanisms `ProbAMPANMDA_EMS` and `ProbGABAAB_EMS`,
//! so that the same streams release the same vesicles; the currents are told apart by ion.

mod events;
mod kinetics;
mod parameters;
mod plasticity;
mod values;

pub use events::{Event, EventQueue, Queue, Signal};
pub use kinetics::{Magnesium, Receptor, Receptors};
pub use parameters::{MOST_VESICLES, refusal};
pub use plasticity::{Plasticity, Vesicles};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cable::NANOAMPERE_PER_DENSITY;
use crate::ions::Membrane;
use crate::random123::Random123;
use kinetics::Pair;

/// What a synapse releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transmitter {
    /// Glutamate on AMPA and NMDA receptors.
    Glutamate,
    /// GABA on GABA-A and GABA-B receptors.
    Gaba,
}

/// SONATA's `syn_type_id` from which synapses are excitatory.
const FIRST_EXCITATORY_TYPE: i64 = 100;

impl Transmitter {
    /// From SONATA's `syn_type_id`: inhibitory below 100.
    pub fn from_type_id(syn_type_id: i64) -> Self {
        if syn_type_id < FIRST_EXCITATORY_TYPE { Self::Gaba } else { Self::Glutamate }
    }

    /// The mechanism file of the same synapse.
    pub fn mechanism(self) -> &'static str {
        match self {
            Self::Glutamate => "ProbAMPANMDA_EMS",
            Self::Gaba => "ProbGABAAB_EMS",
        }
    }

    /// Its receptors as published.
    pub fn receptors(self) -> Receptors {
        match self {
            Self::Glutamate => Receptors::GLUTAMATE,
            Self::Gaba => Receptors::GABA,
        }
    }
}

/// One synapse.
#[derive(Debug, Clone, PartialEq)]
pub struct Synapse {
    /// Node of the cable that it sits on.
    pub node: u32,
    /// What it releases.
    pub transmitter: Transmitter,
    /// Peak conductance of the fast receptors (AMPA, GABA-A) when all vesicles are released, in uS.
    pub conductance_us: f64,
    /// Conductance of the slow receptors (NMDA, GABA-B) as a part of the fast ones'.
    pub slow_ratio: f64,
    /// Decay time constant of the fast receptors, in ms.
    pub decay_ms: f64,
    /// Release probability and its history.
    pub plasticity: Plasticity,
    /// The other constants of its receptors.
    pub receptors: Arc<Receptors>,
    /// The stream of its releases.
    pub stream: Random123,
}

/// State of one synapse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SynapseState {
    fast: Pair,
    slow: Pair,
    vesicles: Vesicles,
    /// Random numbers drawn so far.
    drawn: u64,
    /// Conductance of spikes of the moment, in uS.
    conductance_us: f64,
    /// Part of the mixed cation current that sodium carries.
    sodium_fraction: f64,
}

/// Synapses of one cell, by node: what does not change.
#[derive(Debug, Clone, Default)]
pub struct Synapses {
    list: Vec<Synapse>,
    courses: Vec<[Receptor; 2]>,
    dt_ms: f64,
}

impl Synapses {
    /// No synapses yet, for steps of `dt_ms`.
    pub fn new(dt_ms: f64) -> Self {
        Self { list: Vec::new(), courses: Vec::new(), dt_ms }
    }

    /// Adds a synapse and returns its number.
    pub fn push(&mut self, synapse: Synapse) -> u32 {
        let receptors = &synapse.receptors;
        self.courses.push([
            Receptor::new(receptors.fast_rise_ms, synapse.decay_ms, self.dt_ms),
            Receptor::new(receptors.slow_rise_ms, receptors.slow_decay_ms, self.dt_ms),
        ]);
        self.list.push(synapse);
        self.list.len() as u32 - 1
    }

    /// All synapses.
    pub fn list(&self) -> &[Synapse] {
        &self.list
    }

    /// States at the beginning of the synapses from `first` on.
    pub fn initial_states<'a>(
        &'a self,
        membrane: &'a Membrane,
        first: usize,
    ) -> impl Iterator<Item = SynapseState> + 'a {
        self.list[first..].iter().map(|synapse| {
            let node = synapse.node as usize;
            let (ena, ek) = (membrane.ena[node], membrane.ek[node]);
            SynapseState {
                fast: Pair::default(),
                slow: Pair::default(),
                vesicles: Vesicles::new(&synapse.plasticity, synapse.receptors.init_depleted),
                drawn: 0,
                conductance_us: synapse.conductance_us,
                sodium_fraction: (synapse.receptors.fast_reversal_mv - ek) / (ena - ek),
            }
        })
    }

    /// An event reaches a synapse; returns the part of its vesicles that is released. One without a weight draws nothing.
    pub fn receive(&self, states: &mut [SynapseState], event: &Event) -> f64 {
        let index = event.synapse as usize;
        let (synapse, state) = (&self.list[index], &mut states[index]);
        let weight_us = if event.signal == Signal::Spike { state.conductance_us } else { synapse.conductance_us };
        if weight_us.is_nan() || weight_us <= 0.0 {
            return 0.0;
        }
        let is_single = event.signal == Signal::Mini && synapse.receptors.minis_single_vesicle;
        let at_most = if is_single { 1 } else { u32::MAX };
        let SynapseState { vesicles, drawn, .. } = state;
        let released = vesicles.release(&synapse.plasticity, event.time_ms, at_most, || synapse.stream.uniform(drawn));
        let [fast, slow] = &self.courses[index];
        let conductance = released * weight_us;
        state.fast.open(conductance * fast.normalisation);
        state.slow.open(conductance * synapse.slow_ratio * slow.normalisation);
        released
    }

    /// Gives the spikes of a synapse another weight, in uS.
    pub fn set_weight(states: &mut [SynapseState], synapse: u32, conductance_us: f64) {
        states[synapse as usize].conductance_us = conductance_us;
    }

    /// Adds the synaptic currents to the membrane.
    pub fn currents(&self, states: &[SynapseState], membrane: &mut Membrane, areas_um2: &[f64]) {
        for (synapse, state) in self.list.iter().zip(states) {
            let (fast, slow) = (state.fast.conductance(), state.slow.conductance());
            if fast == 0.0 && slow == 0.0 {
                continue;
            }
            let node = synapse.node as usize;
            let density = 1.0 / (NANOAMPERE_PER_DENSITY * areas_um2[node]);
            let v = membrane.v[node];
            let (current, slope) = match synapse.transmitter {
                Transmitter::Glutamate => {
                    let (open, open_slope) = synapse.receptors.magnesium.open(v);
                    let conductance = fast + slow * open;
                    let sodium = state.sodium_fraction * (v - membrane.ena[node]);
                    let potassium = (1.0 - state.sodium_fraction) * (v - membrane.ek[node]);
                    membrane.ina[node] += conductance * sodium * density;
                    membrane.ik[node] += conductance * potassium * density;
                    let driving = sodium + potassium;
                    let steeper = slow * open_slope;
                    let of_sodium = state.sodium_fraction * conductance + steeper * sodium;
                    let of_potassium = (1.0 - state.sodium_fraction) * conductance + steeper * potassium;
                    membrane.add_slopes(node, [of_sodium * density, of_potassium * density, 0.0, 0.0]);
                    (conductance * driving, conductance + slow * open_slope * driving)
                }
                Transmitter::Gaba => {
                    let chloride = fast * (v - synapse.receptors.fast_reversal_mv);
                    let potassium = slow * (v - synapse.receptors.slow_reversal_mv);
                    membrane.icl[node] += chloride * density;
                    membrane.ik[node] += potassium * density;
                    membrane.add_slopes(node, [0.0, slow * density, 0.0, fast * density]);
                    (chloride + potassium, fast + slow)
                }
            };
            membrane.current[node] += current * density;
            membrane.conductance[node] += slope * density;
        }
    }

    /// Advances all synapses by one step.
    pub fn advance(&self, states: &mut [SynapseState]) {
        for (courses, state) in self.courses.iter().zip(states) {
            state.fast.decay(&courses[0]);
            state.slow.decay(&courses[1]);
        }
    }
}
