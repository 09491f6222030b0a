//! What can be read of a synapse, by the names of the mechanisms `ProbAMPANMDA_EMS` and `ProbGABAAB_EMS`.

use super::{SynapseState, Synapses, Transmitter};
use crate::ions::Membrane;

/// Which receptors a value is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Fast,
    Slow,
    Both,
}

/// Conductances (uS) and currents (nA, outward) of a synapse of AMPA and NMDA receptors.
const GLUTAMATE: [(&str, bool, Part); 6] = [
    ("g", false, Part::Both),
    ("g_AMPA", false, Part::Fast),
    ("g_NMDA", false, Part::Slow),
    ("i", true, Part::Both),
    ("i_AMPA", true, Part::Fast),
    ("i_NMDA", true, Part::Slow),
];

/// The same of GABA-A and GABA-B receptors.
const GABA: [(&str, bool, Part); 6] = [
    ("g", false, Part::Both),
    ("g_GABAA", false, Part::Fast),
    ("g_GABAB", false, Part::Slow),
    ("i", true, Part::Both),
    ("i_GABAA", true, Part::Fast),
    ("i_GABAB", true, Part::Slow),
];

impl Transmitter {
    fn values(self) -> &'static [(&'static str, bool, Part)] {
        match self {
            Self::Glutamate => &GLUTAMATE,
            Self::Gaba => &GABA,
        }
    }

    /// Names of conductances and currents, with their units.
    pub fn value_names(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.values().iter().map(|(name, is_current, _)| (*name, if *is_current { "nA" } else { "uS" }))
    }
}

impl Synapses {
    /// A value of a synapse at the voltages of the moment; `None` where there is none of this name.
    pub fn value(&self, states: &[SynapseState], synapse: u32, name: &str, membrane: &Membrane) -> Option<f64> {
        let (synapse, state) = (self.list.get(synapse as usize)?, &states[synapse as usize]);
        let &(_, is_current, part) = synapse.transmitter.values().iter().find(|(known, ..)| *known == name)?;
        let (node, receptors) = (synapse.node as usize, &synapse.receptors);
        let v = membrane.v[node];
        let (fast, slow) = (state.fast.conductance(), state.slow.conductance());
        let [fast, slow] = match synapse.transmitter {
            Transmitter::Glutamate => {
                let sodium = state.sodium_fraction * (v - membrane.ena[node]);
                let driving = sodium + (1.0 - state.sodium_fraction) * (v - membrane.ek[node]);
                [(fast, driving), (slow * receptors.magnesium.open(v).0, driving)]
            }
            Transmitter::Gaba => [(fast, v - receptors.fast_reversal_mv), (slow, v - receptors.slow_reversal_mv)],
        }
        .map(|(conductance, driving)| if is_current { conductance * driving } else { conductance });
        Some(match part {
            Part::Fast => fast,
            Part::Slow => slow,
            Part::Both => fast + slow,
        })
    }
}
