//! The `inputs` section: stimuli with the parameters of each module.

mod cases;
mod module;

use std::path::PathBuf;

use crate::section::Section;
use crate::shape::{Domain, Key, Shape, Word};

/// One entry of `inputs`.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its key in `inputs`.
    pub name: String,
    /// `input_type`, which fits the module.
    pub input_type: InputType,
    /// `node_set` or `compartment_set`.
    pub target: InputTarget,
    /// `delay`, ms.
    pub delay_ms: f64,
    /// `duration`, ms; not negative.
    pub duration_ms: f64,
    /// `represents_physical_electrode`: true for a current through an electrode, false for a membrane current; default false.
    pub represents_physical_electrode: bool,
    /// `module` with its own parameters.
    pub module: Stimulus,
}

pub(super) static INPUT: Shape = Shape::tolerant(
    "input",
    "A stimulus.",
    &[&[
        Key::word::<module::Module>("module").mandatory().about("The stimulus."),
        Key::word::<InputType>("input_type").mandatory().about("How it acts; it must fit the module."),
        Key::text("node_set")
            .about("Name of the node set of the cells; the stimulus goes to the middle of their somata."),
        Key::text("compartment_set").about("Name of the compartment set; the stimulus goes to each of its locations."),
        Key::number("delay", Domain::Any).mandatory().unit("ms").about("Time at which it begins."),
        Key::number("duration", Domain::NotNegative).mandatory().unit("ms").about("How long it lasts."),
        Key::flag("represents_physical_electrode")
            .or_flag(false)
            .about("True for a current through an electrode, false for a membrane current."),
    ]],
)
.with_cases("module", cases::MODULES)
.with_exactly_one_of(&["node_set", "compartment_set"]);

impl Input {
    pub(super) fn read_all(inputs: &Section<'_>, run_dt_ms: f64) -> Vec<Self> {
        let entries = inputs.entries();
        entries.iter().filter_map(|(member, entry)| Self::read(&member.name, entry, run_dt_ms)).collect()
    }

    fn read(name: &str, entry: &Section<'_>, run_dt_ms: f64) -> Option<Self> {
        let delay_ms = entry.required_number("delay");
        let duration_ms = entry.required_number("duration");
        let target = InputTarget::read(entry);
        let represents_physical_electrode = entry.flag_or_standard("represents_physical_electrode");
        let input_type = entry.word::<InputType>("input_type");
        let module = entry.word::<module::Module>("module");
        let (input_type, module) = (input_type?, module?);
        if !module.input_types().contains(&input_type) {
            let valid: Vec<_> = module.input_types().iter().map(|valid| valid.name()).collect();
            let message = format!("module {} takes {}, found {}", module.name(), valid.join(" or "), input_type.name());
            entry.problem("input_type", message);
        }
        let context = module::Context { entry, input_type, delay_ms, duration_ms, run_dt_ms };
        let module = module::read(module, &context);
        entry.finish();
        Some(Self {
            name: name.to_owned(),
            input_type,
            target: target?,
            delay_ms,
            duration_ms,
            represents_physical_electrode,
            module,
        })
    }
}

/// Where an input goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputTarget {
    /// The middle of the first soma section of every cell of the node set.
    NodeSet(String),
    /// Every location of the compartment set.
    CompartmentSet(String),
}

impl InputTarget {
    fn read(entry: &Section<'_>) -> Option<Self> {
        match (entry.owned_text("node_set"), entry.owned_text("compartment_set")) {
            (Some(name), None) => Some(Self::NodeSet(name)),
            (None, Some(name)) => Some(Self::CompartmentSet(name)),
            (Some(_), Some(_)) => {
                entry.problem("compartment_set", "an input has either node_set or compartment_set; remove one of them");
                None
            }
            (None, None) => {
                if !entry.has("node_set") && !entry.has("compartment_set") {
                    entry.missing("node_set");
                }
                None
            }
        }
    }

    /// The name of the set, whichever kind it is.
    pub fn name(&self) -> &str {
        match self {
            Self::NodeSet(name) | Self::CompartmentSet(name) => name,
        }
    }
}

/// `inputs.X.input_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputType {
    /// `current_clamp`.
    CurrentClamp,
    /// `conductance`.
    Conductance,
    /// `voltage_clamp`.
    VoltageClamp,
    /// `spikes`.
    Spikes,
    /// `extracellular_stimulation`.
    ExtracellularStimulation,
}

impl Word for InputType {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("current_clamp", Self::CurrentClamp),
        ("conductance", Self::Conductance),
        ("voltage_clamp", Self::VoltageClamp),
        ("spikes", Self::Spikes),
        ("extracellular_stimulation", Self::ExtracellularStimulation),
    ];
}

impl InputType {
    /// The name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::CurrentClamp => "current_clamp",
            Self::Conductance => "conductance",
            Self::VoltageClamp => "voltage_clamp",
            Self::Spikes => "spikes",
            Self::ExtracellularStimulation => "extracellular_stimulation",
        }
    }
}

/// What a noise module injects, from `input_type`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Injection {
    /// `current_clamp`: amplitudes are currents, nA.
    Current,
    /// `conductance`: amplitudes are conductances, uS.
    Conductance {
        /// `reversal`, mV; default 0.
        reversal_mv: f64,
    },
}

/// The mean of a `noise` input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NoiseMean {
    /// `mean`, nA.
    Current {
        /// The mean current, nA.
        mean_na: f64,
    },
    /// `mean_percent`: percent of the cell's threshold current.
    Percent {
        /// The mean, percent of the threshold current.
        mean_percent: f64,
    },
}

/// One block of `fields` of a spatially uniform electric field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElectricField {
    /// `Ex`, `Ey`, `Ez`, V/m.
    pub amplitude_v_per_m: [f64; 3],
    /// `frequency`, Hz; default 0 (constant field).
    pub frequency_hz: f64,
    /// `phase`, rad; default 0.
    pub phase_rad: f64,
}

/// `module` of an input with its parameters.
#[derive(Debug, Clone, PartialEq)]
pub enum Stimulus {
    /// `linear`: a ramp.
    Linear {
        /// `amp_start`, nA.
        amp_start_na: f64,
        /// `amp_end`, nA; default `amp_start`.
        amp_end_na: f64,
    },
    /// `relative_linear`: a ramp in percent of the threshold current.
    RelativeLinear {
        /// `percent_start`.
        percent_start: f64,
        /// `percent_end`; default `percent_start`.
        percent_end: f64,
    },
    /// `pulse`: a train of rectangular pulses.
    Pulse {
        /// `amp_start`, nA.
        amp_start_na: f64,
        /// `width`, ms.
        width_ms: f64,
        /// `frequency`, Hz.
        frequency_hz: f64,
    },
    /// `sinusoidal`.
    Sinusoidal {
        /// `amp_start`, nA.
        amp_start_na: f64,
        /// `frequency`, Hz.
        frequency_hz: f64,
        /// `dt` of the samples, ms; default 0.025.
        dt_ms: f64,
    },
    /// `subthreshold`: a constant current this many percent below threshold.
    Subthreshold {
        /// `percent_less`.
        percent_less: f64,
    },
    /// `hyperpolarizing`: the cell's holding current.
    Hyperpolarizing,
    /// `noise`: normal noise, one value every 0.5 ms.
    Noise {
        /// `mean` or `mean_percent`.
        mean: NoiseMean,
        /// `variance`, in the square of the mean's unit (percent with `mean_percent`); default 0.
        variance: f64,
    },
    /// `shot_noise`: bi-exponential pulses with gamma-distributed amplitudes.
    ShotNoise {
        /// Current or conductance.
        injection: Injection,
        /// `rise_time`, ms.
        rise_time_ms: f64,
        /// `decay_time`, ms.
        decay_time_ms: f64,
        /// `rate`, Hz.
        rate_hz: f64,
        /// `amp_mean`, nA or uS.
        amp_mean: f64,
        /// `amp_var`, nA^2 or uS^2.
        amp_var: f64,
        /// `dt` of the samples, ms; default 0.25.
        dt_ms: f64,
        /// `random_seed` of this input.
        random_seed: Option<i32>,
    },
    /// `absolute_shot_noise`: shot noise by its mean and standard deviation.
    AbsoluteShotNoise {
        /// Current or conductance.
        injection: Injection,
        /// `rise_time`, ms.
        rise_time_ms: f64,
        /// `decay_time`, ms.
        decay_time_ms: f64,
        /// `mean`, nA or uS.
        mean: f64,
        /// `sigma`, nA or uS.
        sigma: f64,
        /// `relative_skew`, 0 to 1; default 0.5.
        relative_skew: f64,
        /// `dt` of the samples, ms; default 0.25.
        dt_ms: f64,
        /// `random_seed` of this input.
        random_seed: Option<i32>,
    },
    /// `relative_shot_noise`: shot noise in percent of the threshold current or of the input conductance.
    RelativeShotNoise {
        /// Current or conductance.
        injection: Injection,
        /// `rise_time`, ms.
        rise_time_ms: f64,
        /// `decay_time`, ms.
        decay_time_ms: f64,
        /// `mean_percent`.
        mean_percent: f64,
        /// `sd_percent`.
        sd_percent: f64,
        /// `relative_skew`, 0 to 1; default 0.5.
        relative_skew: f64,
        /// `dt` of the samples, ms; default 0.25.
        dt_ms: f64,
        /// `random_seed` of this input.
        random_seed: Option<i32>,
    },
    /// `ornstein_uhlenbeck`.
    OrnsteinUhlenbeck {
        /// Current or conductance.
        injection: Injection,
        /// `tau`, ms.
        tau_ms: f64,
        /// `mean`, nA or uS.
        mean: f64,
        /// `sigma`, nA or uS.
        sigma: f64,
        /// `dt` of the samples, ms; default 0.25.
        dt_ms: f64,
        /// `random_seed` of this input.
        random_seed: Option<i32>,
    },
    /// `relative_ornstein_uhlenbeck`: in percent of the threshold current or of the input conductance.
    RelativeOrnsteinUhlenbeck {
        /// Current or conductance.
        injection: Injection,
        /// `tau`, ms.
        tau_ms: f64,
        /// `mean_percent`.
        mean_percent: f64,
        /// `sd_percent`.
        sd_percent: f64,
        /// `dt` of the samples, ms; default 0.25.
        dt_ms: f64,
        /// `random_seed` of this input.
        random_seed: Option<i32>,
    },
    /// `seclamp`: a voltage clamp.
    Seclamp {
        /// `voltage`, mV.
        voltage_mv: f64,
        /// `series_resistance`, MOhm; default 0.01.
        series_resistance_mohm: f64,
        /// `duration_levels` (ms) with `voltage_levels` (mV), pairwise.
        levels_ms_mv: Vec<(f64, f64)>,
    },
    /// `synapse_replay`: spikes from a file arrive at the synapses of the node set.
    SynapseReplay {
        /// `spike_file`.
        spike_file: PathBuf,
    },
    /// `spatially_uniform_e_field`.
    SpatiallyUniformEField {
        /// `fields`, summed.
        fields: Vec<ElectricField>,
        /// `ramp_up_time`, ms; default 0.
        ramp_up_ms: f64,
        /// `ramp_down_time`, ms; default 0.
        ramp_down_ms: f64,
    },
    /// `poisson`: spikes at random times.
    Poisson {
        /// `rate`, Hz.
        rate_hz: f64,
        /// `weight` of each event.
        weight: f64,
    },
    /// `replay`: a current read from a file.
    Replay {
        /// `path` of the file.
        path: PathBuf,
        /// `interpolate` between its samples.
        interpolate: bool,
    },
}
