//! Values at equal distances in time, joined by straight lines.

/// Rounding that is allowed when samples are counted (NEURON's `indgen`).
const COUNT_ROUNDING: f64 = 1e-9;

/// Number of samples from the beginning to the end, both included; at least 1.
pub fn sample_count(duration_ms: f64, step_ms: f64) -> usize {
    ((duration_ms / step_ms + COUNT_ROUNDING).floor() as usize).saturating_add(1)
}

/// Number of those that a simulation which ends at `end_ms` asks for.
pub fn needed_samples(delay_ms: f64, duration_ms: f64, step_ms: f64, end_ms: f64) -> usize {
    let until_end = ((end_ms - delay_ms) / step_ms).max(0.0).ceil() as usize;
    sample_count(duration_ms, step_ms).min(until_end.saturating_add(2))
}

/// A signal that is sampled from `delay_ms` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// Beginning, in ms.
    pub delay_ms: f64,
    /// Length, in ms.
    pub duration_ms: f64,
    /// Distance of samples, in ms.
    pub step_ms: f64,
    /// The samples; the last ones can be missing where nobody asks for them.
    pub values: Vec<f64>,
    /// Value before and after; the last sample goes to it in a straight line where `duration_ms` is no multiple of `step_ms`.
    pub outside: f64,
}

impl Samples {
    /// The value at a time.
    pub fn at(&self, time_ms: f64) -> f64 {
        let elapsed = time_ms - self.delay_ms;
        if !(0.0..self.duration_ms).contains(&elapsed) {
            return self.outside;
        }
        let last = self.values.len() - 1;
        interpolate([elapsed, self.step_ms, self.duration_ms], last, |index| self.values[index], self.outside)
    }
}

/// A value between samples; after the last one it goes to `outside` at the end.
pub(super) fn interpolate(
    [elapsed, step, duration]: [f64; 3],
    last: usize,
    sample: impl Fn(usize) -> f64,
    outside: f64,
) -> f64 {
    let index = ((elapsed / step) as usize).min(last);
    let start = index as f64 * step;
    let (end, after) = if index < last { (start + step, sample(index + 1)) } else { (duration, outside) };
    let before = sample(index);
    if end <= start { before } else { before + (after - before) * (elapsed - start) / (end - start) }
}
