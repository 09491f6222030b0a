//! Time courses of injected current, in nA; positive depolarises. Before `delay` and from `delay + duration` on they are 0.

use super::samples::{Samples, interpolate, sample_count};

/// A time course.
#[derive(Debug, Clone, PartialEq)]
pub enum Waveform {
    /// From one level to another in a straight line.
    Ramp(Ramp),
    /// Rectangular pulses.
    Pulses(PulseTrain),
    /// A sine.
    Sine(Sine),
    /// Samples of noise or anything else, in nA.
    Sampled(Samples),
}

impl Waveform {
    /// The same current all the time.
    pub fn step(delay_ms: f64, duration_ms: f64, amplitude_na: f64) -> Self {
        Self::Ramp(Ramp { delay_ms, duration_ms, start_na: amplitude_na, end_na: amplitude_na })
    }

    /// The current at a time.
    pub fn current_na(&self, time_ms: f64) -> f64 {
        match self {
            Self::Ramp(ramp) => ramp.current_na(time_ms),
            Self::Pulses(pulses) => pulses.current_na(time_ms),
            Self::Sine(sine) => sine.current_na(time_ms),
            Self::Sampled(samples) => samples.at(time_ms),
        }
    }
}

/// Time since the beginning, where it lies in the duration.
fn elapsed(time_ms: f64, delay_ms: f64, duration_ms: f64) -> Option<f64> {
    let elapsed = time_ms - delay_ms;
    (0.0..duration_ms).contains(&elapsed).then_some(elapsed)
}

/// `linear`, `relative_linear`, `subthreshold`, `hyperpolarizing`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ramp {
    /// Beginning, in ms.
    pub delay_ms: f64,
    /// Length, in ms.
    pub duration_ms: f64,
    /// Current at the beginning, in nA.
    pub start_na: f64,
    /// Current at the end, in nA.
    pub end_na: f64,
}

impl Ramp {
    fn current_na(&self, time_ms: f64) -> f64 {
        let Some(elapsed) = elapsed(time_ms, self.delay_ms, self.duration_ms) else { return 0.0 };
        self.start_na + (self.end_na - self.start_na) * elapsed / self.duration_ms
    }
}

/// `pulse`: `floor(duration / period)` whole pulses, then a last one that the end may cut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PulseTrain {
    /// Beginning, in ms.
    pub delay_ms: f64,
    /// Length, in ms.
    pub duration_ms: f64,
    /// Height, in nA.
    pub amplitude_na: f64,
    /// Length of a pulse, in ms.
    pub width_ms: f64,
    /// From the beginning of a pulse to that of the next, in ms.
    pub period_ms: f64,
}

impl PulseTrain {
    fn current_na(&self, time_ms: f64) -> f64 {
        match elapsed(time_ms, self.delay_ms, self.duration_ms) {
            Some(elapsed) if elapsed % self.period_ms < self.width_ms => self.amplitude_na,
            _ => 0.0,
        }
    }
}

/// `sinusoidal`: sampled every `sample_ms` and joined by straight lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sine {
    /// Beginning, in ms.
    pub delay_ms: f64,
    /// Length, in ms.
    pub duration_ms: f64,
    /// Height, in nA.
    pub amplitude_na: f64,
    /// Frequency, in Hz.
    pub frequency_hz: f64,
    /// Distance of samples, in ms.
    pub sample_ms: f64,
}

impl Sine {
    fn current_na(&self, time_ms: f64) -> f64 {
        let Some(elapsed) = elapsed(time_ms, self.delay_ms, self.duration_ms) else { return 0.0 };
        let omega = std::f64::consts::TAU * self.frequency_hz * 1e-3;
        let last = sample_count(self.duration_ms, self.sample_ms) - 1;
        let sample = |index: usize| self.amplitude_na * (omega * index as f64 * self.sample_ms).sin();
        interpolate([elapsed, self.sample_ms, self.duration_ms], last, sample, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_starts_and_ends_where_it_should() {
        let ramp = Waveform::Ramp(Ramp { delay_ms: 10.0, duration_ms: 20.0, start_na: 1.0, end_na: 3.0 });
        let at = |time| ramp.current_na(time);
        assert_eq!([at(9.99), at(10.0), at(20.0), at(29.0), at(30.0)], [0.0, 1.0, 2.0, 2.9, 0.0]);
    }

    #[test]
    fn the_last_pulse_is_cut_by_the_end() {
        let train = PulseTrain { delay_ms: 5.0, duration_ms: 45.0, amplitude_na: 3.0, width_ms: 10.0, period_ms: 20.0 };
        let charge: f64 = (0..1000).map(|k| Waveform::Pulses(train).current_na((f64::from(k) + 0.5) * 0.1) * 0.1).sum();
        // Two whole pulses of 10 ms and one cut to 5 ms.
        assert!((charge - 3.0 * 25.0).abs() < 1e-9, "{charge}");
    }
}
