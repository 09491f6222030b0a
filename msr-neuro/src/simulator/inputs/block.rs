//! One input: what it imposes, and which random numbers it draws.

use msr_config::simulation::{Injection, Input, NoiseMean, Stimulus as Module};

use crate::random::Draws;
use crate::simulator::NeuroError;
use crate::simulator::circuit::{FIRST_GID, Source};
use crate::stimuli::{
    ClampCourse, OrnsteinUhlenbeck, PulseTrain, Ramp, Samples, ShotNoise, Sine, Waveform, needed_samples, normal_noise,
    sample_count, skip_noise,
};

/// Modules that can be simulated.
const SUPPORTED: [&str; 16] = [
    "linear",
    "relative_linear",
    "pulse",
    "sinusoidal",
    "subthreshold",
    "hyperpolarizing",
    "noise",
    "shot_noise",
    "absolute_shot_noise",
    "relative_shot_noise",
    "ornstein_uhlenbeck",
    "relative_ornstein_uhlenbeck",
    "seclamp",
    "spatially_uniform_e_field",
    "synapse_replay",
    "poisson",
];

/// More pulses of shot noise are a mistake: all are drawn, whenever the simulation ends.
const MOST_PULSES: f64 = 1e7;

/// Distance of the values of `noise`, in ms.
const NOISE_STEP_MS: f64 = 0.5;

/// What neurodamus adds to the numbers of a random stream: block of the family, `stimulus_seed`, cell counted from 1.
struct Family {
    block: u32,
    seed: u32,
    cell: u32,
}

const NORMAL: Family = Family { block: 100, seed: 500, cell: 300 };
const SHOT: Family = Family { block: 2997, seed: 19_216, cell: 123 };
const ORNSTEIN_UHLENBECK: Family = Family { block: 2997, seed: 291_204, cell: 123 };

/// Blocks of each family so far.
#[derive(Default)]
pub(super) struct Blocks {
    pub normal: u32,
    pub shot: u32,
    pub ornstein_uhlenbeck: u32,
}

/// What an input imposes on one place.
pub(super) enum Signal {
    Current(Waveform),
    Clamp(ClampCourse),
}

/// Kinds of random streams.
pub(super) enum Kind {
    Normal,
    Shot,
    OrnsteinUhlenbeck,
}

/// One input.
pub(super) struct Block<'a> {
    pub source: &'a Source<'a>,
    pub input: &'a Input,
    pub blocks: &'a Blocks,
}

impl Block<'_> {
    /// Whether it is counted among the blocks of a random family; shot noise that does nothing is not.
    pub(super) fn family(&self) -> Option<Kind> {
        match &self.input.module {
            Module::Noise { .. } => Some(Kind::Normal),
            Module::OrnsteinUhlenbeck { .. } | Module::RelativeOrnsteinUhlenbeck { .. } => {
                Some(Kind::OrnsteinUhlenbeck)
            }
            Module::ShotNoise { .. } | Module::AbsoluteShotNoise { .. } | Module::RelativeShotNoise { .. } => {
                (!self.is_silent_shot_noise()).then_some(Kind::Shot)
            }
            _ => None,
        }
    }

    fn is_silent_shot_noise(&self) -> bool {
        let is_short = |step_ms: f64| self.input.duration_ms < step_ms;
        match &self.input.module {
            Module::ShotNoise { rate_hz, dt_ms, .. } => *rate_hz <= 0.0 || is_short(*dt_ms),
            Module::AbsoluteShotNoise { dt_ms, .. } => is_short(*dt_ms),
            Module::RelativeShotNoise { mean_percent, dt_ms, .. } => *mean_percent == 0.0 || is_short(*dt_ms),
            _ => false,
        }
    }

    /// What it imposes on each of the places of a cell; nothing where it is silent.
    pub(super) fn signals(&self, node: u64, places: usize) -> Result<Vec<Signal>, NeuroError> {
        // Signals of currents and conductances do not begin before the simulation.
        let (delay_ms, duration_ms) = (self.input.delay_ms.max(0.0), self.input.duration_ms);
        let everywhere = |waveform: Waveform| (0..places).map(|_| Signal::Current(waveform.clone())).collect();
        let ramp = |start_na: f64, end_na: f64| {
            if start_na == 0.0 && end_na == 0.0 {
                return Vec::new();
            }
            everywhere(Waveform::Ramp(Ramp { delay_ms, duration_ms, start_na, end_na }))
        };
        let threshold_na = || self.dynamics("threshold_current", node);
        Ok(match &self.input.module {
            Module::Linear { amp_start_na, amp_end_na } => ramp(*amp_start_na, *amp_end_na),
            Module::RelativeLinear { percent_start, percent_end } => {
                let threshold_na = threshold_na()?;
                ramp(threshold_na * (percent_start / 100.0), threshold_na * (percent_end / 100.0))
            }
            Module::Subthreshold { percent_less } => {
                let amplitude = threshold_na()? * (100.0 - percent_less) / 100.0;
                ramp(amplitude, amplitude)
            }
            Module::Hyperpolarizing => {
                let holding = self.dynamics("holding_current", node)?;
                ramp(holding, holding)
            }
            Module::Pulse { amp_start_na, width_ms, frequency_hz } => {
                if *frequency_hz <= 0.0 || *width_ms <= 0.0 {
                    return Ok(Vec::new());
                }
                let period_ms = 1000.0 / frequency_hz;
                if *width_ms > period_ms {
                    return Err(self.bad("width", format!("{width_ms} ms is longer than the period of {period_ms} ms")));
                }
                let (amplitude_na, width_ms) = (*amp_start_na, *width_ms);
                everywhere(Waveform::Pulses(PulseTrain { delay_ms, duration_ms, amplitude_na, width_ms, period_ms }))
            }
            Module::Sinusoidal { amp_start_na, frequency_hz, dt_ms } => {
                if *frequency_hz <= 0.0 {
                    return Ok(Vec::new());
                }
                let (amplitude_na, frequency_hz, sample_ms) = (*amp_start_na, *frequency_hz, *dt_ms);
                everywhere(Waveform::Sine(Sine { delay_ms, duration_ms, amplitude_na, frequency_hz, sample_ms }))
            }
            Module::Noise { mean, variance } => {
                let (mean_na, variance) = match mean {
                    NoiseMean::Current { mean_na } => (*mean_na, *variance),
                    NoiseMean::Percent { mean_percent } => {
                        let threshold_na = threshold_na()?;
                        (threshold_na * mean_percent / 100.0, threshold_na * variance / 100.0)
                    }
                };
                if variance.is_nan() || variance < 0.0 {
                    return Err(self.bad("variance", format!("{variance} must not be negative")));
                }
                // One stream for all places of a cell.
                let mut random = self.random(&NORMAL, self.blocks.normal, None, node);
                let dt_ms = self.source.simulation.run.dt_ms;
                skip_noise(&mut random, delay_ms, duration_ms, NOISE_STEP_MS, dt_ms);
                let (all, kept) = (sample_count(duration_ms, NOISE_STEP_MS), self.needed(NOISE_STEP_MS));
                let noise = |place: usize| {
                    // The stream goes on in the next place.
                    let drawn = if place + 1 < places { all } else { kept };
                    let values = normal_noise(&mut random, mean_na, variance, [drawn, kept]);
                    Signal::Current(Waveform::Sampled(self.sampled(values, NOISE_STEP_MS)))
                };
                (0..places).map(noise).collect()
            }
            Module::ShotNoise { .. } | Module::AbsoluteShotNoise { .. } | Module::RelativeShotNoise { .. }
                if self.is_silent_shot_noise() =>
            {
                Vec::new()
            }
            Module::ShotNoise {
                injection,
                rise_time_ms,
                decay_time_ms,
                rate_hz,
                amp_mean,
                amp_var,
                dt_ms,
                random_seed,
            } => {
                if amp_var.is_nan() || *amp_var <= 0.0 {
                    return Err(self.bad("amp_var", format!("{amp_var} must be positive")));
                }
                let shot = ShotNoise {
                    rise_ms: *rise_time_ms,
                    decay_ms: *decay_time_ms,
                    rate_hz: *rate_hz,
                    mean_height: *amp_mean,
                    height_variance: *amp_var,
                };
                self.shot_noise(shot, *injection, *dt_ms, *random_seed, node, places)?
            }
            Module::AbsoluteShotNoise {
                injection,
                rise_time_ms,
                decay_time_ms,
                mean,
                sigma,
                relative_skew,
                dt_ms,
                random_seed,
            } => {
                if *mean == 0.0 {
                    return Err(self.bad("mean", "must not be 0: shot noise has a mean".to_owned()));
                }
                let shot = ShotNoise::of_moments(*rise_time_ms, *decay_time_ms, *mean, *sigma, *relative_skew);
                self.shot_noise(shot, *injection, *dt_ms, *random_seed, node, places)?
            }
            Module::RelativeShotNoise {
                injection,
                rise_time_ms,
                decay_time_ms,
                mean_percent,
                sd_percent,
                relative_skew,
                dt_ms,
                random_seed,
            } => {
                let one_percent = self.one_percent(*injection, node)?;
                let (mean, sigma) = (mean_percent * one_percent, sd_percent * one_percent);
                let shot = ShotNoise::of_moments(*rise_time_ms, *decay_time_ms, mean, sigma, *relative_skew);
                self.shot_noise(shot, *injection, *dt_ms, *random_seed, node, places)?
            }
            Module::OrnsteinUhlenbeck { injection, tau_ms, mean, sigma, dt_ms, random_seed } => {
                let process = OrnsteinUhlenbeck { tau_ms: *tau_ms, mean: *mean, sigma: *sigma };
                self.ornstein_uhlenbeck(process, *injection, *dt_ms, *random_seed, node, places)
            }
            Module::RelativeOrnsteinUhlenbeck { injection, tau_ms, mean_percent, sd_percent, dt_ms, random_seed } => {
                let one_percent = self.one_percent(*injection, node)?;
                let (mean, sigma) = (mean_percent * one_percent, sd_percent * one_percent);
                let process = OrnsteinUhlenbeck { tau_ms: *tau_ms, mean, sigma };
                self.ornstein_uhlenbeck(process, *injection, *dt_ms, *random_seed, node, places)
            }
            Module::Seclamp { voltage_mv, series_resistance_mohm, levels_ms_mv } => {
                if series_resistance_mohm.is_nan() || *series_resistance_mohm <= 0.0 {
                    return Err(
                        self.bad("series_resistance", format!("{series_resistance_mohm} MOhm must be positive"))
                    );
                }
                // A level follows when the durations up to its own have passed.
                let mut levels = vec![(0.0, *voltage_mv)];
                let mut passed_ms = 0.0;
                for (duration_ms, voltage_mv) in levels_ms_mv {
                    passed_ms += duration_ms;
                    levels.push((passed_ms, *voltage_mv));
                }
                let (series_mohm, end_ms) = (*series_resistance_mohm, duration_ms);
                let course = ClampCourse::Voltage { series_mohm, levels, end_ms };
                (0..places).map(|_| Signal::Clamp(course.clone())).collect()
            }
            Module::SpatiallyUniformEField { .. }
            | Module::SynapseReplay { .. }
            | Module::Poisson { .. }
            | Module::Replay { .. } => return Err(self.unsupported()),
        })
    }

    fn shot_noise(
        &self,
        shot: ShotNoise,
        injection: Injection,
        step_ms: f64,
        own_seed: Option<i32>,
        node: u64,
        places: usize,
    ) -> Result<Vec<Signal>, NeuroError> {
        let pulses = shot.rate_hz * self.input.duration_ms / 1000.0;
        if !(0.0..MOST_PULSES).contains(&pulses) {
            let reason = format!(
                "with the other parameters it asks for {} pulses a second, {pulses:e} in all; at most {MOST_PULSES:e} can be made",
                shot.rate_hz
            );
            let is_direct = matches!(self.input.module, Module::ShotNoise { .. });
            return Err(self.bad(if is_direct { "rate" } else { "relative_skew" }, reason));
        }
        let mut random = self.random(&SHOT, self.blocks.shot, own_seed, node);
        Ok(self.injected(
            shot.samples(&mut random, self.input.duration_ms, step_ms, self.needed(step_ms)),
            step_ms,
            injection,
            places,
        ))
    }

    fn ornstein_uhlenbeck(
        &self,
        process: OrnsteinUhlenbeck,
        injection: Injection,
        step_ms: f64,
        own_seed: Option<i32>,
        node: u64,
        places: usize,
    ) -> Vec<Signal> {
        let mut random = self.random(&ORNSTEIN_UHLENBECK, self.blocks.ornstein_uhlenbeck, own_seed, node);
        self.injected(process.samples(&mut random, self.needed(step_ms), step_ms), step_ms, injection, places)
    }

    /// The same signal in all places of a cell: their streams have the same numbers.
    fn injected(&self, values: Vec<f64>, step_ms: f64, injection: Injection, places: usize) -> Vec<Signal> {
        let samples = self.sampled(values, step_ms);
        let signal = |samples: Samples| match injection {
            Injection::Current => Signal::Current(Waveform::Sampled(samples)),
            Injection::Conductance { reversal_mv } => Signal::Clamp(ClampCourse::conductance(samples, reversal_mv)),
        };
        (0..places).map(|_| signal(samples.clone())).collect()
    }

    fn sampled(&self, values: Vec<f64>, step_ms: f64) -> Samples {
        let (delay_ms, duration_ms) = (self.input.delay_ms.max(0.0), self.input.duration_ms);
        Samples { delay_ms, duration_ms, step_ms, values, outside: 0.0 }
    }

    /// Number of samples that the simulation asks for.
    fn needed(&self, step_ms: f64) -> usize {
        let (delay_ms, duration_ms) = (self.input.delay_ms.max(0.0), self.input.duration_ms);
        needed_samples(delay_ms, duration_ms, step_ms, self.source.simulation.run.tstop_ms)
    }

    fn random(&self, family: &Family, block: u32, own_seed: Option<i32>, node: u64) -> Draws {
        let run = &self.source.simulation.run;
        let of_cell = ((node + self.source.gid_offset + FIRST_GID) as u32).wrapping_add(family.cell);
        let last = own_seed.map_or(of_cell, |seed| seed as u32);
        let seed = (run.stimulus_seed as u32).wrapping_add(family.seed);
        Draws::new(run.random_seed as u32, [block + family.block, seed, last])
    }

    /// One percent of the threshold current (nA) or of the input conductance (uS) of a node.
    fn one_percent(&self, injection: Injection, node: u64) -> Result<f64, NeuroError> {
        let name = match injection {
            Injection::Current => "threshold_current",
            Injection::Conductance { .. } => "input_resistance",
        };
        let value = match self.source.population.dynamics.optional_float(name)? {
            Some(column) => column[node as usize],
            None => {
                let reason = format!(
                    "population '{}' has no dynamics_params/{name}, which {} is relative to",
                    self.name(),
                    self.input.module.module_name()
                );
                return Err(self.bad("node_set", reason));
            }
        };
        if value.is_nan() || value <= 0.0 {
            let reason = format!("dynamics_params/{name} is {value} for node {node}, of which there can be no percent");
            return Err(self.bad("sd_percent", reason));
        }
        Ok(match injection {
            Injection::Current => value,
            Injection::Conductance { .. } => 1.0 / value,
        } / 100.0)
    }

    fn name(&self) -> &str {
        &self.source.population.name
    }

    /// Notes where cells have no current that the input is relative to.
    pub(super) fn note_missing(&self, notes: &mut Vec<String>) -> Result<(), NeuroError> {
        let needed = match &self.input.module {
            Module::RelativeLinear { .. }
            | Module::Subthreshold { .. }
            | Module::Noise { mean: NoiseMean::Percent { .. }, .. } => "threshold_current",
            Module::Hyperpolarizing => "holding_current",
            _ => return Ok(()),
        };
        if self.source.population.dynamics.optional_float(needed)?.is_none() {
            notes.push(format!(
                "inputs.{}: population '{}' has no dynamics_params/{needed}; it counts as 0",
                self.input.name,
                self.name()
            ));
        }
        Ok(())
    }

    /// A current of the node's `dynamics_params`; 0 where the file has none.
    fn dynamics(&self, name: &str, node: u64) -> Result<f64, NeuroError> {
        Ok(self.source.population.dynamics.optional_float(name)?.map_or(0.0, |column| column[node as usize]))
    }

    /// A mistake in a value of the input.
    pub(super) fn bad(&self, key: &str, message: String) -> NeuroError {
        self.source.simulation.places.problem(&format!("inputs.{}.{key}", self.input.name), message).into()
    }

    fn unsupported(&self) -> NeuroError {
        let module = self.input.module.module_name();
        self.bad("module", format!("'{module}' is not simulated; possible: {}", SUPPORTED.join(", ")))
    }
}
