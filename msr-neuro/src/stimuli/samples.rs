//! Values at equal distances in time, joined by straight lines.

/// Rounding that is allowed when samples are counted (NEURON's `indgen`).
const COUNT_ROUNDING: f64 = 1e-9;

/// Number of samples from the beginning to the end, both included; at least 1.
pub fn sample_count(duration_ms: f64, step_ms: f64) -> usize {
    (duration_ms / step_ms + COUNT_ROUNDING).floor() as usize + 1
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

    /// Without the samples that come after a time.
    #[must_use]
    pub fn until(mut self, time_ms: f64) -> Self {
        let needed = ((time_ms - self.delay_ms) / self.step_ms).max(0.0).ceil() as usize + 2;
        self.values.truncate(needed);
        self.values.shrink_to_fit();
        self
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
