//! The parameters of single synapses, with the means and standard deviations of Markram et al. 2015 (Cell 163:456) and the
//! papers named below.

use msr_coupling::random::Stream;

use super::column::{Blueprint, Shape};
use super::distribution::{Spread, uniform_between};
use super::locus::Locus;

/// Parameters of one synapse, under SONATA's names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Physiology {
    pub delay_ms: f64,
    pub conductance_ns: f64,
    pub u_syn: f64,
    pub depression_time_ms: f64,
    pub facilitation_time_ms: f64,
    pub decay_time_ms: f64,
    /// Below 100 inhibitory, from 100 on excitatory.
    pub syn_type_id: u32,
    pub n_rrp_vesicles: u32,
    pub u_hill_coefficient: f64,
    /// NMDA over AMPA conductance for excitatory synapses, GABA-B over GABA-A for inhibitory ones.
    pub conductance_scale_factor: f64,
    pub spine_length_um: f64,
}

/// Short-term plasticity of a class of connections (Tsodyks and Markram 1997, PNAS 94:719).
struct Plasticity {
    syn_type_id: u32,
    u_syn: Spread,
    depression_ms: Spread,
    facilitation_ms: Spread,
}

/// Depressing, between pyramidal cells (Fuhrmann et al. 2002, J. Neurophysiol. 87:140).
const E2: Plasticity = Plasticity {
    syn_type_id: 102,
    u_syn: Spread(0.5, 0.02),
    depression_ms: Spread(671.0, 17.0),
    facilitation_ms: Spread(17.0, 5.0),
};
/// Facilitating, from pyramidal to Martinotti cells (Wang et al. 2006, Nat. Neurosci. 9:534).
const E1: Plasticity = Plasticity {
    syn_type_id: 101,
    u_syn: Spread(0.09, 0.05),
    depression_ms: Spread(138.0, 80.0),
    facilitation_ms: Spread(670.0, 300.0),
};
/// Depressing, from basket and Martinotti cells to pyramidal cells (type F2 of Gupta et al. 2000, Science 287:273).
const I2: Plasticity = Plasticity {
    syn_type_id: 2,
    u_syn: Spread(0.25, 0.13),
    depression_ms: Spread(706.0, 405.0),
    facilitation_ms: Spread(21.0, 9.0),
};
/// Recovering, between interneurons (type F3 of Gupta et al. 2000).
const I3: Plasticity = Plasticity {
    syn_type_id: 3,
    u_syn: Spread(0.32, 0.14),
    depression_ms: Spread(144.0, 80.0),
    facilitation_ms: Spread(62.0, 31.0),
};

/// Velocity of the axonal action potential, and the delay of release (Markram et al. 2015).
const AXON_VELOCITY_UM_PER_MS: f64 = 300.0;
const RELEASE_DELAY_MS: f64 = 0.1;
/// Decay of the AMPA and of the GABA-A conductance (Markram et al. 2015).
const AMPA_DECAY_MS: Spread = Spread(1.74, 0.18);
const GABA_A_DECAY_MS: Spread = Spread(8.3, 2.2);
/// NMDA to AMPA ratio (Markram et al. 2015: 0.8 +- 0.1 between layer 5 cells).
const NMDA_RATIO: Spread = Spread(0.8, 0.1);
/// Hill coefficients of release against extracellular calcium, in mM: steep between excitatory cells and onto distally targeting
/// interneurons, shallow in other pathways (Markram et al. 2015).
const STEEP_CALCIUM_MM: f64 = 2.79;
const SHALLOW_CALCIUM_MM: f64 = 1.09;
/// Spines of cortical pyramidal cells (Konur et al. 2003, J. Neurobiol. 56:95).
const SPINE_UM: Spread = Spread(1.2, 0.4);

impl Physiology {
    /// Draws the parameters of a synapse from `source` to `target` at the given places.
    pub fn draw(
        stream: &mut Stream,
        source: &Blueprint,
        target: &Blueprint,
        afferent: &Locus,
        efferent: &Locus,
    ) -> Self {
        let (plasticity, conductance, steep) = match (source.is_excitatory(), target.shape) {
            // Layer 5 cells have the strongest excitatory synapses: 1.5 nS; others 0.85 nS (Markram et al. 2015).
            (true, Shape::Pyramidal(_)) if source.layer == "5" => (E2, Spread(1.5, 0.7), true),
            (true, Shape::Pyramidal(_)) => (E2, Spread(0.85, 0.44), true),
            (true, Shape::Basket) => (E2, Spread(0.85, 0.44), false),
            (true, Shape::Martinotti) => (E1, Spread(0.43, 0.2), true),
            (false, Shape::Pyramidal(_)) => (I2, Spread(0.84, 0.4), false),
            (false, Shape::Basket | Shape::Martinotti) => (I3, Spread(0.84, 0.4), false),
        };
        let excitatory = source.is_excitatory();
        let decay = if excitatory { AMPA_DECAY_MS } else { GABA_A_DECAY_MS };
        let spiny = excitatory && target.is_excitatory();
        Self {
            delay_ms: RELEASE_DELAY_MS + efferent.path_um / AXON_VELOCITY_UM_PER_MS,
            conductance_ns: conductance.gamma(stream),
            u_syn: plasticity.u_syn.normal_within(stream, 0.01, 0.95),
            depression_time_ms: plasticity.depression_ms.gamma(stream),
            facilitation_time_ms: plasticity.facilitation_ms.gamma(stream),
            decay_time_ms: decay.normal_within(stream, 0.5, 20.0),
            syn_type_id: plasticity.syn_type_id,
            // 1 to 4 vesicles, mean 2.5: 2.8 between layer 5 cells (Barros-Zulaica et al. 2019, Front. Synaptic Neurosci. 11:29).
            n_rrp_vesicles: uniform_between(stream, 1.0, 5.0) as u32,
            u_hill_coefficient: if steep { STEEP_CALCIUM_MM } else { SHALLOW_CALCIUM_MM },
            conductance_scale_factor: if excitatory { NMDA_RATIO.normal_within(stream, 0.3, 1.3) } else { 0.0 },
            spine_length_um: if spiny && afferent.neurite.is_some() {
                SPINE_UM.normal_within(stream, 0.3, 3.0)
            } else {
                0.0
            },
        }
    }
}
