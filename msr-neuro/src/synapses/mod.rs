//! Chemical synapses with short-term plasticity and probabilistic release, and the events that reach them.

mod events;
mod kinetics;
mod plasticity;

pub use events::{Event, EventQueue, Queue};
pub use kinetics::{Receptor, magnesium_block};
pub use plasticity::{Plasticity, Vesicles};

use msr_coupling::random::Stream;
use serde::{Deserialize, Serialize};

use crate::cable::NANOAMPERE_PER_DENSITY;
use crate::ions::Membrane;
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
    /// Names the random stream of its releases: (seed, synapse); the third part is the number of the event.
    pub stream: (u64, u32),
}

/// State of one synapse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SynapseState {
    fast: Pair,
    slow: Pair,
    vesicles: Vesicles,
    /// Events so far.
    events: u64,
    /// Part of the mixed cation current that sodium carries.
    sodium_fraction: f64,
}

/// Synapses of one cell, by node: what does not change.
#[derive(Debug, Clone, Default)]
pub struct Synapses {
    list: Vec<Synapse>,
    receptors: Vec<[Receptor; 2]>,
    dt_ms: f64,
}

impl Synapses {
    /// No synapses yet, for steps of `dt_ms`.
    pub fn new(dt_ms: f64) -> Self {
        Self { list: Vec::new(), receptors: Vec::new(), dt_ms }
    }

    /// Adds a synapse and returns its number.
    pub fn push(&mut self, synapse: Synapse) -> u32 {
        self.receptors.push(match synapse.transmitter {
            Transmitter::Glutamate => [Receptor::ampa(synapse.decay_ms, self.dt_ms), Receptor::nmda(self.dt_ms)],
            Transmitter::Gaba => [Receptor::gaba_a(synapse.decay_ms, self.dt_ms), Receptor::gaba_b(self.dt_ms)],
        });
        self.list.push(synapse);
        self.list.len() as u32 - 1
    }

    /// All synapses.
    pub fn list(&self) -> &[Synapse] {
        &self.list
    }

    /// States at the beginning, all vesicles ready.
    pub fn initial_states(&self, membrane: &Membrane) -> Vec<SynapseState> {
        self.list
            .iter()
            .map(|synapse| {
                let node = synapse.node as usize;
                SynapseState {
                    fast: Pair::default(),
                    slow: Pair::default(),
                    vesicles: Vesicles::full(&synapse.plasticity),
                    events: 0,
                    sodium_fraction: (kinetics::CATION_REVERSAL_MV - membrane.ek[node])
                        / (membrane.ena[node] - membrane.ek[node]),
                }
            })
            .collect()
    }

    /// An action potential reaches a synapse at `time_ms`; returns the part of its vesicles that is released.
    pub fn receive(&self, states: &mut [SynapseState], synapse: u32, time_ms: f64) -> f64 {
        let index = synapse as usize;
        let (synapse, state) = (&self.list[index], &mut states[index]);
        let (seed, entity) = synapse.stream;
        let mut stream = Stream::new(seed, entity, state.events);
        state.events += 1;
        let released = state.vesicles.release(&synapse.plasticity, time_ms, &mut stream);
        let [fast, slow] = &self.receptors[index];
        let conductance = released * synapse.conductance_us;
        state.fast.open(conductance * fast.normalisation);
        state.slow.open(conductance * synapse.slow_ratio * slow.normalisation);
        released
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
                    let (open, open_slope) = magnesium_block(v);
                    let conductance = fast + slow * open;
                    let sodium = conductance * state.sodium_fraction * (v - membrane.ena[node]);
                    let potassium = conductance * (1.0 - state.sodium_fraction) * (v - membrane.ek[node]);
                    membrane.ina[node] += sodium * density;
                    membrane.ik[node] += potassium * density;
                    (sodium + potassium, conductance + slow * open_slope * (v - kinetics::CATION_REVERSAL_MV))
                }
                Transmitter::Gaba => {
                    let chloride = fast * (v - kinetics::GABA_A_REVERSAL_MV);
                    let potassium = slow * (v - kinetics::GABA_B_REVERSAL_MV);
                    membrane.icl[node] += chloride * density;
                    membrane.ik[node] += potassium * density;
                    (chloride + potassium, fast + slow)
                }
            };
            membrane.current[node] += current * density;
            membrane.conductance[node] += slope * density;
        }
    }

    /// Advances all synapses by one step.
    pub fn advance(&self, states: &mut [SynapseState]) {
        for (receptors, state) in self.receptors.iter().zip(states) {
            state.fast.decay(&receptors[0]);
            state.slow.decay(&receptors[1]);
        }
    }
}
