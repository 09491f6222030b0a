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
