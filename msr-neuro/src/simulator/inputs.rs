//! The `inputs` of a simulation as electrodes at the middle of somata.

use msr_config::simulation::{Input, InputTarget, NoiseMean, Stimulus as Module};

use super::circuit::Source;
use super::seeds::{Purpose, seed};
use super::{NeuroError, PlacedCell};
use crate::stimuli::{Noise, PulseTrain, Ramp, Sine, Stimulus, Waveform};

const SUPPORTED: [&str; 7] =
    ["linear", "relative_linear", "pulse", "sinusoidal", "subthreshold", "hyperpolarizing", "noise"];

/// Adds the electrodes of all inputs, in file order.
pub(super) fn add(source: &Source<'_>, cells: &mut [PlacedCell]) -> Result<(), NeuroError> {
    for (number, input) in source.simulation.inputs.iter().enumerate() {
        if matches!(input.module, Module::SynapseReplay { .. }) {
            // Reaches synapses, not electrodes.
            source.select(&format!("inputs.{}.node_set", input.name), target_name(input))?;
            continue;
        }
        let InputTarget::NodeSet(name) = &input.target else {
            return Err(unsupported(input, "a compartment_set as target"));
        };
        let nodes = source.select(&format!("inputs.{}.node_set", input.name), name)?;
        for placed in cells.iter_mut().filter(|placed| nodes.binary_search(&placed.node).is_ok()) {
            if let Some(waveform) = waveform(source, input, number, placed.node)? {
                let node = placed.cell.node(placed.cell.discretisation().soma_segment()) as u32;
                placed.cell.add_stimulus(Stimulus { node, waveform });
            }
        }
    }
    Ok(())
}

fn target_name(input: &Input) -> &str {
    match &input.target {
        InputTarget::NodeSet(name) => name,
        InputTarget::CompartmentSet(_) => "",
    }
}

/// The current of an input for one cell; `None` where it does nothing.
fn waveform(source: &Source<'_>, input: &Input, number: usize, node: u64) -> Result<Option<Waveform>, NeuroError> {
    let (delay_ms, duration_ms) = (input.delay_ms, input.duration_ms);
    let ramp = |start_na: f64, end_na: f64| {
        let is_silent = start_na == 0.0 && end_na == 0.0;
        (!is_silent).then_some(Waveform::Ramp(Ramp { delay_ms, duration_ms, start_na, end_na }))
    };
    let bad = |key, reason: String| NeuroError::BadInput { input: input.name.clone(), key, reason };
    let threshold_na = || dynamics(source, "threshold_current", node);
    Ok(match &input.module {
        Module::Linear { amp_start_na, amp_end_na } => ramp(*amp_start_na, *amp_end_na),
        Module::RelativeLinear { percent_start, percent_end } => {
            let one_percent = threshold_na()? / 100.0;
            ramp(percent_start * one_percent, percent_end * one_percent)
        }
        Module::Subthreshold { percent_less } => {
            let amplitude = threshold_na()? * (100.0 - percent_less) / 100.0;
            ramp(amplitude, amplitude)
        }
        Module::Hyperpolarizing => {
            let holding = dynamics(source, "holding_current", node)?;
            ramp(holding, holding)
        }
        Module::Pulse { amp_start_na, width_ms, frequency_hz } => {
            if *frequency_hz == 0.0 || *width_ms == 0.0 {
                return Ok(None);
            }
            let period_ms = 1000.0 / frequency_hz;
            if *width_ms > period_ms {
                return Err(bad("width", format!("{width_ms} ms is longer than the period of {period_ms} ms")));
            }
            let amplitude_na = *amp_start_na;
            let width_ms = *width_ms;
            Some(Waveform::Pulses(PulseTrain { delay_ms, duration_ms, amplitude_na, width_ms, period_ms }))
        }
        Module::Sinusoidal { amp_start_na, frequency_hz, dt_ms } => {
            (*frequency_hz != 0.0).then_some(Waveform::Sine(Sine {
                delay_ms,
                duration_ms,
                amplitude_na: *amp_start_na,
                frequency_hz: *frequency_hz,
                sample_ms: *dt_ms,
            }))
        }
        Module::Noise { mean, variance } => {
            let (mean_na, variance_na2) = match mean {
                NoiseMean::Current { mean_na } => (*mean_na, *variance),
                NoiseMean::Percent { mean_percent } => {
                    let one_percent = threshold_na()? / 100.0;
                    (mean_percent * one_percent, variance * one_percent)
                }
            };
            if variance_na2.is_nan() || variance_na2 < 0.0 {
                return Err(bad("variance", format!("of {variance_na2} must not be negative")));
            }
            let run = &source.simulation.run;
            let stream = (seed(Purpose::Noise, run.random_seed, run.stimulus_seed, number), node as u32);
            let deviation_na = variance_na2.sqrt();
            Some(Waveform::Noise(Noise { delay_ms, duration_ms, mean_na, deviation_na, stream }))
        }
        other => return Err(unsupported(input, &format!("module {}", module_name(other)))),
    })
}

fn unsupported(input: &Input, what: &str) -> NeuroError {
    NeuroError::UnsupportedInput { input: input.name.clone(), what: what.to_owned(), supported: SUPPORTED.to_vec() }
}

/// A current of the node's `dynamics_params`; 0 where the file has none.
fn dynamics(source: &Source<'_>, name: &str, node: u64) -> Result<f64, NeuroError> {
    Ok(source.population.dynamics.optional_float(name)?.map_or(0.0, |column| column[node as usize]))
}

fn module_name(module: &Module) -> &'static str {
    match module {
        Module::ShotNoise { .. } => "shot_noise",
        Module::AbsoluteShotNoise { .. } => "absolute_shot_noise",
        Module::RelativeShotNoise { .. } => "relative_shot_noise",
        Module::OrnsteinUhlenbeck { .. } => "ornstein_uhlenbeck",
        Module::RelativeOrnsteinUhlenbeck { .. } => "relative_ornstein_uhlenbeck",
        Module::Seclamp { .. } => "seclamp",
        Module::SynapseReplay { .. } => "synapse_replay",
        Module::SpatiallyUniformEField { .. } => "spatially_uniform_e_field",
        Module::Poisson { .. } => "poisson",
        Module::Replay { .. } => "replay",
        Module::Linear { .. } => "linear",
        Module::RelativeLinear { .. } => "relative_linear",
        Module::Pulse { .. } => "pulse",
        Module::Sinusoidal { .. } => "sinusoidal",
        Module::Subthreshold { .. } => "subthreshold",
        Module::Hyperpolarizing => "hyperpolarizing",
        Module::Noise { .. } => "noise",
    }
}
