//! Parameters of each input module, as they stand in the file.

use super::{ElectricField, Injection, InputType, NoiseMean, Stimulus};
use crate::json::Content;
use crate::section::Section;
use crate::shape::Word;

/// Period of the pulse train, ms, is this over its frequency in Hz.
const MS_PER_S: f64 = 1000.0;

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

impl Word for Module {
    const WORDS: &'static [(&'static str, Self)] = &[
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
}

impl Module {
    pub fn name(self) -> &'static str {
        Self::WORDS.iter().find(|(_, module)| *module == self).map_or("", |(name, _)| name)
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
            let amp_start_na = entry.required_number("amp_start");
            let amp_end_na = entry.number("amp_end").unwrap_or(amp_start_na);
            Stimulus::Linear { amp_start_na, amp_end_na }
        }
        Module::RelativeLinear => {
            let percent_start = entry.required_number("percent_start");
            let percent_end = entry.number("percent_end").unwrap_or(percent_start);
            Stimulus::RelativeLinear { percent_start, percent_end }
        }
        Module::Pulse => pulse(entry),
        Module::Sinusoidal => Stimulus::Sinusoidal {
            amp_start_na: entry.required_number("amp_start"),
            frequency_hz: entry.required_number("frequency"),
            dt_ms: entry.number_or_standard("dt"),
        },
        Module::Subthreshold => Stimulus::Subthreshold { percent_less: entry.required_number("percent_less") },
        Module::Hyperpolarizing => Stimulus::Hyperpolarizing,
        Module::Noise => noise(entry),
        Module::ShotNoise | Module::AbsoluteShotNoise | Module::RelativeShotNoise => shot_noise(module, context),
        Module::OrnsteinUhlenbeck => Stimulus::OrnsteinUhlenbeck {
            injection: injection(context),
            tau_ms: entry.required_number("tau"),
            mean: entry.required_number("mean"),
            sigma: entry.required_number("sigma"),
            dt_ms: entry.number_or_standard("dt"),
            random_seed: entry.seed("random_seed"),
        },
        Module::RelativeOrnsteinUhlenbeck => Stimulus::RelativeOrnsteinUhlenbeck {
            injection: injection(context),
            tau_ms: entry.required_number("tau"),
            mean_percent: entry.required_number("mean_percent"),
            sd_percent: entry.required_number("sd_percent"),
            dt_ms: entry.number_or_standard("dt"),
            random_seed: entry.seed("random_seed"),
        },
        Module::Seclamp => seclamp(context),
        Module::SynapseReplay => synapse_replay(entry),
        Module::SpatiallyUniformEField => electric_field(context),
        Module::Poisson => {
            Stimulus::Poisson { rate_hz: entry.required_number("rate"), weight: entry.required_number("weight") }
        }
        Module::Replay => {
            Stimulus::Replay { path: entry.required_file("path"), interpolate: entry.required_flag("interpolate") }
        }
    }
}

fn pulse(entry: &Section<'_>) -> Stimulus {
    let amp_start_na = entry.required_number("amp_start");
    let width_ms = entry.required_number("width");
    let frequency_hz = entry.required_number("frequency");
    if width_ms * frequency_hz > MS_PER_S {
        let period_ms = MS_PER_S / frequency_hz;
        entry.problem("width", format!("{width_ms} ms is longer than the period of {period_ms} ms (1000 / frequency)"));
    }
    Stimulus::Pulse { amp_start_na, width_ms, frequency_hz }
}

fn noise(entry: &Section<'_>) -> Stimulus {
    let mean_na = entry.number("mean");
    let mean_percent = entry.number("mean_percent");
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
    Stimulus::Noise { mean, variance: entry.number_or_standard("variance") }
}

fn injection(context: &Context<'_, '_>) -> Injection {
    let reversal_mv = context.entry.number_or_standard("reversal");
    match context.input_type {
        InputType::Conductance => Injection::Conductance { reversal_mv },
        _ => Injection::Current,
    }
}

fn shot_noise(module: Module, context: &Context<'_, '_>) -> Stimulus {
    let entry = context.entry;
    let injection = injection(context);
    let rise_time_ms = entry.required_number("rise_time");
    let decay_time_ms = entry.required_number("decay_time");
    if rise_time_ms >= decay_time_ms && decay_time_ms > 0.0 {
        let message = format!("{rise_time_ms} ms must be less than decay_time = {decay_time_ms} ms");
        entry.problem("rise_time", message);
    }
    let dt_ms = entry.number_or_standard("dt");
    let random_seed = entry.seed("random_seed");
    let relative_skew = || entry.number_or_standard("relative_skew");
    match module {
        Module::AbsoluteShotNoise => Stimulus::AbsoluteShotNoise {
            mean: entry.required_number("mean"),
            sigma: entry.required_number("sigma"),
            relative_skew: relative_skew(),
            injection,
            rise_time_ms,
            decay_time_ms,
            dt_ms,
            random_seed,
        },
        Module::RelativeShotNoise => Stimulus::RelativeShotNoise {
            mean_percent: entry.required_number("mean_percent"),
            sd_percent: entry.required_number("sd_percent"),
            relative_skew: relative_skew(),
            injection,
            rise_time_ms,
            decay_time_ms,
            dt_ms,
            random_seed,
        },
        _ => {
            let amp_mean = entry.required_number("amp_mean");
            if amp_mean == 0.0 && entry.has("amp_mean") {
                entry.problem("amp_mean", "must not be 0");
            }
            Stimulus::ShotNoise {
                amp_mean,
                amp_var: entry.required_number("amp_var"),
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
    let rate_hz = entry.required_number("rate");
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
    let durations_ms = entry.numbers("duration_levels");
    let voltages_mv = entry.numbers("voltage_levels");
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
        voltage_mv: entry.required_number("voltage"),
        series_resistance_mohm: entry.number_or_standard("series_resistance"),
        levels_ms_mv: durations_ms.into_iter().zip(voltages_mv).collect(),
    }
}

fn synapse_replay(entry: &Section<'_>) -> Stimulus {
    let spike_file = entry.required_file("spike_file");
    let is_h5 = spike_file.extension().is_some_and(|extension| extension == SPIKE_FILE_EXTENSION);
    if entry.has("spike_file") && !is_h5 {
        entry.problem("spike_file", "must be a SONATA file with the extension .h5");
    }
    Stimulus::SynapseReplay { spike_file }
}

fn electric_field(context: &Context<'_, '_>) -> Stimulus {
    let entry = context.entry;
    let items = entry.sections("fields");
    if entry.find("fields").is_some_and(|node| node.content == Content::Array(Vec::new())) {
        entry.problem("fields", "must have at least one field {\"Ex\": .., \"Ey\": .., \"Ez\": ..} in V/m");
    }
    let fields = items
        .into_iter()
        .map(|field| {
            let component = |name| field.required_number(name);
            let read = ElectricField {
                amplitude_v_per_m: [component("Ex"), component("Ey"), component("Ez")],
                frequency_hz: field.number_or_standard("frequency"),
                phase_rad: field.number_or_standard("phase"),
            };
            check_nyquist(&field, read.frequency_hz, context.run_dt_ms);
            field.finish();
            read
        })
        .collect();
    Stimulus::SpatiallyUniformEField {
        fields,
        ramp_up_ms: entry.number_or_standard("ramp_up_time"),
        ramp_down_ms: entry.number_or_standard("ramp_down_time"),
    }
}

fn check_nyquist(field: &Section<'_>, frequency_hz: f64, run_dt_ms: f64) {
    let nyquist_hz = MS_PER_S / (2.0 * run_dt_ms);
    if frequency_hz >= nyquist_hz {
        let message = format!("{frequency_hz} Hz must be less than 1/(2 run.dt) = {nyquist_hz} Hz");
        field.problem("frequency", message);
    }
}
