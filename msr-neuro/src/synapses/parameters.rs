//! Parameters of a synapse by the names that its mechanism file gives them, as `synapse_configure` and
//! `conditions.mechanisms` use them.

use std::sync::Arc;

use super::{Receptors, Synapse, Transmitter};

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parameter {
    FastRise,
    FastDecay,
    FastReversal,
    SlowRise,
    SlowDecay,
    SlowReversal,
    SlowRatio,
    Magnesium,
    MagnesiumAffinity,
    MagnesiumSteepness,
    Use,
    Depression,
    Facilitation,
    InitialUse,
    Vesicles,
    MinisSingleVesicle,
    InitDepleted,
    /// For programs that name or print synapses.
    Inert,
}

use Parameter::{
    Depression, Facilitation, FastDecay, FastReversal, FastRise, Inert, InitDepleted, InitialUse, MagnesiumAffinity,
    MagnesiumSteepness, MinisSingleVesicle, SlowDecay, SlowRatio, SlowReversal, SlowRise, Use, Vesicles,
};

const GLUTAMATE: &[(&str, Parameter)] = &[
    ("tau_r_AMPA", FastRise),
    ("tau_d_AMPA", FastDecay),
    ("tau_r_NMDA", SlowRise),
    ("tau_d_NMDA", SlowDecay),
    ("e", FastReversal),
    ("NMDA_ratio", SlowRatio),
    ("mg", Parameter::Magnesium),
    ("scale_mg", MagnesiumAffinity),
    ("slope_mg", MagnesiumSteepness),
];

const GABA: &[(&str, Parameter)] = &[
    ("tau_r_GABAA", FastRise),
    ("tau_d_GABAA", FastDecay),
    ("tau_r_GABAB", SlowRise),
    ("tau_d_GABAB", SlowDecay),
    ("e_GABAA", FastReversal),
    ("e_GABAB", SlowReversal),
    ("GABAB_ratio", SlowRatio),
];

const BOTH: &[(&str, Parameter)] = &[
    ("Use", Use),
    ("Dep", Depression),
    ("Fac", Facilitation),
    ("u0", InitialUse),
    ("Nrrp", Vesicles),
    ("minis_single_vesicle", MinisSingleVesicle),
    ("init_depleted", InitDepleted),
    ("synapseID", Inert),
    ("conductance", Inert),
    ("verboseLevel", Inert),
    ("selected_for_report", Inert),
];

impl Transmitter {
    fn parameters(self) -> impl Iterator<Item = &'static (&'static str, Parameter)> {
        let own = match self {
            Self::Glutamate => GLUTAMATE,
            Self::Gaba => GABA,
        };
        own.iter().chain(BOTH)
    }

    /// Names of all parameters.
    pub fn parameter_names(self) -> Vec<String> {
        self.parameters().map(|(name, _)| (*name).to_owned()).collect()
    }

    fn parameter(self, name: &str) -> Option<Parameter> {
        self.parameters().find(|(known, _)| *known == name).map(|(_, parameter)| *parameter)
    }
}

/// More vesicles are a mistake: each is asked at each event.
pub const MOST_VESICLES: u32 = 10_000;

/// What a parameter of a synapse must be, where `value` is none of it; of a name that no synapse has only that it is a number.
pub fn refusal(name: &str, value: f64) -> Option<&'static str> {
    if !value.is_finite() {
        return Some("must be a number");
    }
    let known = Transmitter::Glutamate.parameter(name).or_else(|| Transmitter::Gaba.parameter(name))?;
    match known {
        FastRise | FastDecay | SlowRise | SlowDecay if value <= 0.0 => Some("must be positive (ms)"),
        MagnesiumAffinity if value <= 0.0 => Some("must be positive (mM)"),
        SlowRatio | Parameter::Magnesium | Use | Depression | Facilitation | InitialUse if value < 0.0 => {
            Some("must be at least 0")
        }
        Vesicles if value < 0.0 || value > f64::from(MOST_VESICLES) => Some("must be between 0 and 10000 vesicles"),
        _ => None,
    }
}

impl Receptors {
    /// Sets what all synapses of a kind have in common (a GLOBAL of the mechanism file); whether there is such a parameter.
    pub fn set(&mut self, transmitter: Transmitter, name: &str, value: f64) -> bool {
        match transmitter.parameter(name) {
            Some(parameter) => self.set_parameter(parameter, value),
            None => false,
        }
    }

    fn set_parameter(&mut self, parameter: Parameter, value: f64) -> bool {
        match parameter {
            MinisSingleVesicle => self.minis_single_vesicle = value != 0.0,
            InitDepleted => self.init_depleted = value != 0.0,
            Inert => {}
            other => match self.field(other) {
                Some(field) => *field = value,
                None => return false,
            },
        }
        true
    }

    fn field(&mut self, parameter: Parameter) -> Option<&mut f64> {
        Some(match parameter {
            FastRise => &mut self.fast_rise_ms,
            FastReversal => &mut self.fast_reversal_mv,
            SlowRise => &mut self.slow_rise_ms,
            SlowDecay => &mut self.slow_decay_ms,
            SlowReversal => &mut self.slow_reversal_mv,
            Parameter::Magnesium => &mut self.magnesium.concentration_mm,
            MagnesiumAffinity => &mut self.magnesium.affinity_mm,
            MagnesiumSteepness => &mut self.magnesium.steepness_per_mv,
            _ => return None,
        })
    }
}

impl Synapse {
    /// What is wrong with its time constants together: a conductance that rises as fast as it decays has no peak to be scaled by.
    pub fn without_peak(&self) -> Option<&'static str> {
        let receptors = &self.receptors;
        let (fast, slow) = match self.transmitter {
            Transmitter::Glutamate => ("tau_r_AMPA and tau_d_AMPA", "tau_r_NMDA and tau_d_NMDA"),
            Transmitter::Gaba => ("tau_r_GABAA and tau_d_GABAA", "tau_r_GABAB and tau_d_GABAB"),
        };
        if receptors.fast_rise_ms == self.decay_ms {
            return Some(fast);
        }
        (receptors.slow_rise_ms == receptors.slow_decay_ms).then_some(slow)
    }

    /// A parameter by the name of the mechanism file; `None` where there is none of this name.
    pub fn get(&self, name: &str) -> Option<f64> {
        let flag = |value: bool| f64::from(u8::from(value));
        Some(match self.transmitter.parameter(name)? {
            FastDecay => self.decay_ms,
            SlowRatio => self.slow_ratio,
            Use => self.plasticity.utilisation,
            Depression => self.plasticity.depression_ms,
            Facilitation => self.plasticity.facilitation_ms,
            InitialUse => self.plasticity.initial_utilisation,
            Vesicles => f64::from(self.plasticity.vesicles),
            MinisSingleVesicle => flag(self.receptors.minis_single_vesicle),
            InitDepleted => flag(self.receptors.init_depleted),
            Inert => 0.0,
            other => *(*self.receptors).clone().field(other)?,
        })
    }

    /// Sets a parameter by the name of the mechanism file; whether there is one of this name.
    pub fn set(&mut self, name: &str, value: f64) -> bool {
        let Some(parameter) = self.transmitter.parameter(name) else { return false };
        match parameter {
            FastDecay => self.decay_ms = value,
            SlowRatio => self.slow_ratio = value,
            Use => self.plasticity.utilisation = value,
            Depression => self.plasticity.depression_ms = value,
            Facilitation => self.plasticity.facilitation_ms = value,
            InitialUse => self.plasticity.initial_utilisation = value,
            Vesicles => self.plasticity.vesicles = value.max(1.0) as u32,
            Inert => {}
            other => return Arc::make_mut(&mut self.receptors).set_parameter(other, value),
        }
        true
    }
}
