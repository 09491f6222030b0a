//! Parameters of each input module, as they stand in the file.

use super::{ElectricField, Injection, InputType, NoiseMean, Stimulus};
use crate::section::{Domain, Section, Unknown};

/// Period of the pulse train, ms, is this over its frequency in Hz.
const MS_PER_S: f64 = 1000.0;

/// `dt` of sinusoidal inputs where absent, ms.
const SINUSOIDAL_DT_MS: f64 = 0.025;

/// `dt` of shot noise and Ornstein-Uhlenbeck inputs where absent, ms.
const NOISE_DT_MS: f64 = 0.25;

/// `relative_skew` where absent.
const RELATIVE_SKEW: f64 = 0.5;

/// `series_resistance` where absent, MOhm.
const SERIES_RESISTANCE_MOHM: f64 = 0.01;

/// Extension of spike files.
const SPIKE_FILE_EXTENSION: &str = "h5";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Module {
    Linear,
    RelativeLinear,
    Pulse,
    Sinusoidal,
    Subthreshold,
    Hyperpolarizing,
    Noise,
    ShotNoise,
    AbsoluteShotNoise,
    RelativeShotNoise,
    OrnsteinUhlenbeck,
    RelativeOrnsteinUhlenbeck,
    Seclamp,
    SynapseReplay,
    SpatiallyUniformEField,
    Poisson,
    Replay,
}

pub(super) const NAMES: [(&str, Module); 17] = [
    ("linear", Module::Linear),
    ("relative_linear", Module::RelativeLinear),
    ("pulse", Module::Pulse),
    ("sinusoidal", Module::Sinusoidal),
    ("subthreshold", Module::Subthreshold),
    ("hyperpolarizing", Module::Hyperpolarizing),
    ("noise", Module::Noise),
    ("shot_noise", Module::ShotNoise),
    ("absolute_shot_noise", Module::AbsoluteShotNoise),
    ("relative_shot_noise", Module::RelativeShotNoise),
    ("ornstein_uhlenbeck", Module::OrnsteinUhlenbeck),
    ("relative_ornstein_uhlenbeck", Module::RelativeOrnsteinUhlenbeck),
    ("seclamp", Module::Seclamp),
    ("synapse_replay", Module::SynapseReplay),
    ("spatially_uniform_e_field", Module::SpatiallyUniformEField),
    ("poisson", Module::Poisson),
    ("replay", Module::Replay),
];

impl Module {
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, module)| *module == self).map_or("", |(name, _)| name)
    }

    pub fn input_types(self) -> &'static [InputType] {
        match self {
            Self::Linear
            | Self::RelativeLinear
            | Self::Pulse
            | Self::Sinusoidal
            | Self::Subthreshold
            | Self::Hyperpolarizing
            | Self::Noise
            | Self::Replay => &[InputType::CurrentClamp],
            Self::ShotNoise
            | Self::AbsoluteShotNoise
            | Self::RelativeShotNoise
            | Self::OrnsteinUhlenbeck
            | Self::RelativeOrnsteinUhlenbeck => &[InputType::CurrentClamp, InputType::Conductance],
            Self::Seclamp => &[InputType::VoltageClamp],
            Self::SynapseReplay | Self::Poisson => &[InputType::Spikes],
            Self::SpatiallyUniformEField => &[InputType::ExtracellularStimulation],
        }
    }
}

impl Stimulus {
    /// The module's name in the file.
    pub fn module_name(&self) -> &'static str {
        let module = match self {
            Self::Linear { .. } => Module::Linear,
            Self::RelativeLinear { .. } => Module::RelativeLinear,
            Self::Pulse { .. } => Module::Pulse,
            Self::Sinusoidal { .. } => Module::Sinusoidal,
            Self::Subthreshold { .. } => Module::Subthreshold,
            Self::Hyperpolarizing => Module::Hyperpolarizing,
            Self::Noise { .. } => Module::Noise,
            Self::ShotNoise { .. } => Module::ShotNoise,
            Self::AbsoluteShotNoise { .. } => Module::AbsoluteShotNoise,
            Self::RelativeShotNoise { .. } => Module::RelativeShotNoise,
            Self::OrnsteinUhlenbeck { .. } => Module::OrnsteinUhlenbeck,
            Self::RelativeOrnsteinUhlenbeck { .. } => Module::RelativeOrnsteinUhlenbeck,
            Self::Seclamp { .. } => Module::Seclamp,
            Self::SynapseReplay { .. } => Module::SynapseReplay,
            Self::SpatiallyUniformEField { .. } => Module::SpatiallyUniformEField,
            Self::Poisson { .. } => Module::Poisson,
            Self::Replay { .. } => Module::Replay,
        };
        module.name()
    }
}

/// One entry of `inputs` and what its parameters are judged by.
pub(super) struct Context<'s, 'a> {
    pub entry: &'s Section<'a>,
    pub input_type: InputType,
    pub delay_ms: f64,
    pub duration_ms: f64,
    pub run_dt_ms: f64,
}

pub(super) fn read(module: Module, context: &Context<'_, '_>) -> Stimulus {
    let entry = context.entry;
    match module {
        Module::Linear => {
            let amp_start_na = entry.required_number("amp_start", Domain::Any);
            let amp_end_na = entry.number("amp_end", Domain::Any).unwrap_or(amp_start_na);
            Stimulus::Linear { amp_start_na, amp_end_na }
        }
        Module::RelativeLinear => {
            let percent_start = entry.required_number("percent_start", Domain::Any);
            let percent_end = entry.number("percent_end", Domain::Any).unwrap_or(percent_start);
            Stimulus::RelativeLinear { percent_start, percent_end }
        }
        Module::Pulse => pulse(entry),
        Module::Sinusoidal => Stimulus::Sinusoidal {
            amp_start_na: entry.required_number("amp_start", Domain::Any),
            frequency_hz: entry.required_number("frequency", Domain::NotNegative),
            dt_ms: entry.number("dt", Domain::Positive).unwrap_or(SINUSOIDAL_DT_MS),
        },
        Module::Subthreshold => {
            Stimulus::Subthreshold { percent_less: entry.required_number("percent_less", Domain::Any) }
        }
        Module::Hyperpolarizing => Stimulus::Hyperpolarizing,
        Module::Noise => noise(entry),
        Module::ShotNoise | Module::AbsoluteShotNoise | Module::RelativeShotNoise => shot_noise(module, context),
        Module::OrnsteinUhlenbeck => Stimulus::OrnsteinUhlenbeck {
            injection: injection(context),
            tau_ms: entry.required_number("tau", Domain::NotNegative),
            mean: entry.required_number("mean", Domain::Any),
            sigma: entry.required_number("sigma", Domain::Positive),
            dt_ms: noise_dt_ms(entry),
            random_seed: entry.seed("random_seed"),
        },
        Module::RelativeOrnsteinUhlenbeck => Stimulus::RelativeOrnsteinUhlenbeck {
            injection: injection(context),
            tau_ms: entry.required_number("tau", Domain::NotNegative),
            mean_percent: entry.required_number("mean_percent", Domain::Any),
            sd_percent: entry.required_number("sd_percent", Domain::Positive),
            dt_ms: noise_dt_ms(entry),
            random_seed: entry.seed("random_seed"),
        },
        Module::Seclamp => seclamp(context),
        Module::SynapseReplay => synapse_replay(entry),
        Module::SpatiallyUniformEField => electric_field(context),
        Module::Poisson => Stimulus::Poisson {
            rate_hz: entry.required_number("rate", Domain::NotNegative),
            weight: entry.required_number("weight", Domain::Any),
        },
        Module::Replay => {
            Stimulus::Replay { path: entry.required_file("path"), interpolate: entry.required_flag("interpolate") }
        }
    }
}

fn pulse(entry: &Section<'_>) -> Stimulus {
    let amp_start_na = entry.required_number("amp_start", Domain::Any);
    let width_ms = entry.required_number("width", Domain::NotNegative);
    let frequency_hz = entry.required_number("frequency", Domain::NotNegative);
    if width_ms * frequency_hz > MS_PER_S {
        let period_ms = MS_PER_S / frequency_hz;
        entry.problem("width", format!("{width_ms} ms is longer than the period of {period_ms} ms (1000 / frequency)"));
    }
    // Pulses have one amplitude; templates carry an amp_end all the same.
    entry.ignore(&["amp_end"]);
    Stimulus::Pulse { amp_start_na, width_ms, frequency_hz }
}

fn noise(entry: &Section<'_>) -> Stimulus {
    let mean_na = entry.nullable_number("mean", Domain::Any);
    let mean_percent = entry.nullable_number("mean_percent", Domain::Any);
    let mean = match (mean_na, mean_percent) {
        (Some(mean_na), None) => NoiseMean::Current { mean_na },
        (None, Some(mean_percent)) => NoiseMean::Percent { mean_percent },
        (Some(mean_na), Some(_)) => {
            entry.problem("mean_percent", "noise has either mean or mean_percent; remove one of them");
            NoiseMean::Current { mean_na }
        }
        (None, None) => {
            entry.own_problem("noise needs mean (nA) or mean_percent (of the threshold current)");
            NoiseMean::Current { mean_na: 0.0 }
        }
    };
    Stimulus::Noise { mean, variance: entry.number("variance", Domain::NotNegative).unwrap_or(0.0) }
}

fn injection(context: &Context<'_, '_>) -> Injection {
    let reversal_mv = context.entry.number("reversal", Domain::Any).unwrap_or(0.0);
    match context.input_type {
        InputType::Conductance => Injection::Conductance { reversal_mv },
        _ => Injection::Current,
    }
}

fn noise_dt_ms(entry: &Section<'_>) -> f64 {
    entry.number("dt", Domain::Positive).unwrap_or(NOISE_DT_MS)
}

fn shot_noise(module: Module, context: &Context<'_, '_>) -> Stimulus {
    let entry = context.entry;
    let injection = injection(context);
    let rise_time_ms = entry.required_number("rise_time", Domain::Positive);
    let decay_time_ms = entry.required_number("decay_time", Domain::Positive);
    if rise_time_ms >= decay_time_ms && decay_time_ms > 0.0 {
        let message = format!("{rise_time_ms} ms must be less than decay_time = {decay_time_ms} ms");
        entry.problem("rise_time", message);
    }
    let dt_ms = noise_dt_ms(entry);
    let random_seed = entry.seed("random_seed");
    let relative_skew = || entry.number("relative_skew", Domain::Fraction).unwrap_or(RELATIVE_SKEW);
    match module {
        Module::AbsoluteShotNoise => Stimulus::AbsoluteShotNoise {
            mean: entry.required_number("mean", Domain::Any),
            sigma: entry.required_number("sigma", Domain::Positive),
            relative_skew: relative_skew(),
            injection,
            rise_time_ms,
            decay_time_ms,
            dt_ms,
            random_seed,
        },
        Module::RelativeShotNoise => Stimulus::RelativeShotNoise {
            mean_percent: entry.required_number("mean_percent", Domain::Any),
            sd_percent: entry.required_number("sd_percent", Domain::Positive),
            relative_skew: relative_skew(),
            injection,
            rise_time_ms,
            decay_time_ms,
            dt_ms,
            random_seed,
        },
        _ => {
            let amp_mean = entry.required_number("amp_mean", Domain::Any);
            if amp_mean == 0.0 && entry.has("amp_mean") {
                entry.problem("amp_mean", "must not be 0");
            }
            Stimulus::ShotNoise {
                amp_mean,
                amp_var: entry.required_number("amp_var", Domain::Positive),
                rate_hz: rate_hz(entry),
                injection,
                rise_time_ms,
                decay_time_ms,
                dt_ms,
                random_seed,
            }
        }
    }
}

fn rate_hz(entry: &Section<'_>) -> f64 {
    let rate_hz = entry.required_number("rate", Domain::NotNegative);
    if rate_hz.fract() != 0.0 {
        let message = format!("{rate_hz} Hz is used as it is; libsonata 0.2 cuts it to {} Hz", rate_hz.trunc());
        entry.note("rate", message);
    }
    rate_hz
}

fn seclamp(context: &Context<'_, '_>) -> Stimulus {
    let entry = context.entry;
    if context.delay_ms != 0.0 {
        entry.problem("delay", format!("must be 0 for a seclamp, found {}", context.delay_ms));
    }
    let durations_ms = entry.numbers("duration_levels", Domain::NotNegative);
    let voltages_mv = entry.numbers("voltage_levels", Domain::Any);
    if durations_ms.len() != voltages_mv.len() {
        let message = format!("has {} values, but duration_levels has {}", voltages_mv.len(), durations_ms.len());
        entry.problem("voltage_levels", message);
    }
    let total_ms: f64 = durations_ms.iter().sum();
    if total_ms > context.duration_ms {
        let message = format!("sum of {total_ms} ms exceeds duration = {} ms", context.duration_ms);
        entry.problem("duration_levels", message);
    }
    Stimulus::Seclamp {
        voltage_mv: entry.required_number("voltage", Domain::Any),
        series_resistance_mohm: entry.number("series_resistance", Domain::Positive).unwrap_or(SERIES_RESISTANCE_MOHM),
        levels_ms_mv: durations_ms.into_iter().zip(voltages_mv).collect(),
    }
}

fn synapse_replay(entry: &Section<'_>) -> Stimulus {
    let spike_file = entry.required_file("spike_file");
    let is_h5 = spike_file.extension().is_some_and(|extension| extension == SPIKE_FILE_EXTENSION);
    if entry.has("spike_file") && !is_h5 {
        entry.problem("spike_file", "must be a SONATA file with the extension .h5");
    }
    // The source of the spikes is every population of the file.
    entry.ignore(&["source"]);
    Stimulus::SynapseReplay { spike_file }
}

fn electric_field(context: &Context<'_, '_>) -> Stimulus {
    let entry = context.entry;
    let items = entry.required_list("fields");
    if items.is_empty() && entry.has("fields") {
        entry.problem("fields", "must have at least one field {\"Ex\": .., \"Ey\": .., \"Ez\": ..} in V/m");
    }
    let fields = items
        .into_iter()
        .filter_map(|(path, node)| {
            let field = Section::new(entry.findings, path, node)?;
            let component = |name| field.required_number(name, Domain::Any);
            let read = ElectricField {
                amplitude_v_per_m: [component("Ex"), component("Ey"), component("Ez")],
                frequency_hz: field.number("frequency", Domain::NotNegative).unwrap_or(0.0),
                phase_rad: field.number("phase", Domain::Any).unwrap_or(0.0),
            };
            check_nyquist(&field, read.frequency_hz, context.run_dt_ms);
            field.finish(Unknown::Noted);
            Some(read)
        })
        .collect();
    Stimulus::SpatiallyUniformEField {
        fields,
        ramp_up_ms: entry.number("ramp_up_time", Domain::NotNegative).unwrap_or(0.0),
        ramp_down_ms: entry.number("ramp_down_time", Domain::NotNegative).unwrap_or(0.0),
    }
}

fn check_nyquist(field: &Section<'_>, frequency_hz: f64, run_dt_ms: f64) {
    let nyquist_hz = MS_PER_S / (2.0 * run_dt_ms);
    if frequency_hz >= nyquist_hz {
        let message = format!("{frequency_hz} Hz must be less than 1/(2 run.dt) = {nyquist_hz} Hz");
        field.problem("frequency", message);
    }
}
