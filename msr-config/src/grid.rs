//! The integer clock: time is counted in base steps (`run.dt`), milliseconds are derived and never accumulated.

/// The base steps of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeGrid {
    /// Base step, ms; positive and finite.
    pub dt_ms: f64,
    /// Number of base steps of the run.
    pub steps: u64,
}

/// A time span that cannot be counted in base steps.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum GridError {
    /// The base step is not a positive finite number.
    #[error("dt must be a positive number of milliseconds, found {dt_ms}")]
    BadStep {
        /// The step found, ms.
        dt_ms: f64,
    },
    /// The time span is negative or not finite.
    #[error("a time span must be finite and not negative, found {span_ms} ms")]
    BadSpan {
        /// The span found, ms.
        span_ms: f64,
    },
    /// The time span has more steps than can be counted exactly.
    #[error("{span_ms:e} ms in steps of {dt_ms} ms are more than 2^53 steps, the most that are counted")]
    TooManySteps {
        /// The span, ms.
        span_ms: f64,
        /// The step, ms.
        dt_ms: f64,
    },
    /// The time span is no whole number of steps.
    #[error(
        "{span_ms} ms is no multiple of dt = {dt_ms} ms; the nearest multiples are {below} and {above} ms",
        below = shortest((span_ms / dt_ms).floor() * dt_ms),
        above = shortest((span_ms / dt_ms).ceil() * dt_ms)
    )]
    NotMultiple {
        /// The span, ms.
        span_ms: f64,
        /// The step, ms.
        dt_ms: f64,
    },
}

/// Steps beyond this number have no exact floating-point time.
const MAX_STEPS: f64 = (1_u64 << 53) as f64;

/// Deviation from a whole number of steps that is taken for rounding: decimal fractions such as 0.025 are not exact in
/// binary, so their quotients miss whole numbers by some units in the last place. Steps.
const ROUNDING_TOLERANCE: f64 = 1e-6;

impl TimeGrid {
    /// The grid of a run: every step up to `tstop_ms`, and one beyond where `tstop_ms` lies between two steps (see
    /// [`TimeGrid::overshoot_ms`]).
    ///
    /// # Errors
    /// [`GridError::BadStep`], [`GridError::BadSpan`], [`GridError::TooManySteps`].
    pub fn new(tstop_ms: f64, dt_ms: f64) -> Result<Self, GridError> {
        match whole_steps(tstop_ms, dt_ms) {
            Ok(steps) => Ok(Self { dt_ms, steps }),
            Err(GridError::NotMultiple { .. }) => Ok(Self { dt_ms, steps: (tstop_ms / dt_ms).ceil() as u64 }),
            Err(error) => Err(error),
        }
    }

    /// Time of a step, ms: `idts * dt_ms`.
    pub fn time_ms(&self, idts: u64) -> f64 {
        idts as f64 * self.dt_ms
    }

    /// End of the run, ms: the time of the last step.
    pub fn end_ms(&self) -> f64 {
        self.time_ms(self.steps)
    }

    /// How far the run goes beyond `tstop_ms`, ms; 0 where that is a multiple of the step.
    pub fn overshoot_ms(&self, tstop_ms: f64) -> f64 {
        match whole_steps(tstop_ms, self.dt_ms) {
            Ok(_) => 0.0,
            Err(_) => shortest(self.end_ms() - tstop_ms),
        }
    }

    /// Number of base steps of a time span that must be a multiple of the base step: 1000 ms at 0.025 ms is 40 000.
    ///
    /// # Errors
    /// [`GridError::BadSpan`], [`GridError::TooManySteps`], [`GridError::NotMultiple`].
    pub fn steps_of(&self, span_ms: f64) -> Result<u64, GridError> {
        whole_steps(span_ms, self.dt_ms)
    }
}

fn whole_steps(span_ms: f64, dt_ms: f64) -> Result<u64, GridError> {
    if !(dt_ms.is_finite() && dt_ms > 0.0) {
        return Err(GridError::BadStep { dt_ms });
    }
    if !(span_ms.is_finite() && span_ms >= 0.0) {
        return Err(GridError::BadSpan { span_ms });
    }
    let ratio = span_ms / dt_ms;
    if ratio > MAX_STEPS {
        return Err(GridError::TooManySteps { span_ms, dt_ms });
    }
    let nearest = ratio.round();
    let tolerance = ROUNDING_TOLERANCE.max(4.0 * f64::EPSILON * ratio);
    if (ratio - nearest).abs() > tolerance {
        return Err(GridError::NotMultiple { span_ms, dt_ms });
    }
    Ok(nearest as u64)
}

/// A time rounded to femtoseconds, so that messages show 1.05 and not 1.0500000000000003.
pub fn shortest(time_ms: f64) -> f64 {
    const FEMTOSECONDS_PER_MS: f64 = 1e12;
    (time_ms * FEMTOSECONDS_PER_MS).round() / FEMTOSECONDS_PER_MS
}

/// Greatest common divisor; `gcd(n, 0)` is `n`.
pub fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Least common multiple; 0 where one is 0, `u64::MAX` (a step that no run reaches) where it does not fit in 64 bits.
pub fn lcm(a: u64, b: u64) -> u64 {
    if a == 0 || b == 0 { 0 } else { (a / gcd(a, b)).saturating_mul(b) }
}

/// Greatest common divisor of all numbers; 0 for none.
pub fn gcd_all(numbers: impl IntoIterator<Item = u64>) -> u64 {
    numbers.into_iter().fold(0, gcd)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decimal_steps_are_counted_exactly() {
        for (tstop_ms, dt_ms, steps) in
            [(1000.0, 0.025, 40_000), (0.3, 0.1, 3), (290.0, 0.025, 11_600), (0.0, 0.025, 0), (4.35, 0.01, 435)]
        {
            let grid = TimeGrid::new(tstop_ms, dt_ms).unwrap();
            assert_eq!(grid.steps, steps, "{tstop_ms} / {dt_ms}");
            assert_eq!(grid.overshoot_ms(tstop_ms), 0.0);
        }
    }

    #[test]
    fn an_odd_end_is_reached_and_told() {
        let grid = TimeGrid::new(1.03, 0.025).unwrap();
        assert_eq!(grid.steps, 42);
        assert_eq!(grid.overshoot_ms(1.03), 0.02);
        assert_eq!(
            grid.steps_of(1.03).unwrap_err().to_string(),
            "1.03 ms is no multiple of dt = 0.025 ms; the nearest multiples are 1.025 and 1.05 ms"
        );
    }

    #[test]
    fn impossible_grids_are_refused() {
        assert!(matches!(TimeGrid::new(1.0, 0.0), Err(GridError::BadStep { .. })));
        assert!(matches!(TimeGrid::new(1.0, f64::NAN), Err(GridError::BadStep { .. })));
        assert!(matches!(TimeGrid::new(-1.0, 0.1), Err(GridError::BadSpan { .. })));
        assert!(matches!(TimeGrid::new(1e300, 0.1), Err(GridError::TooManySteps { .. })));
    }

    #[test]
    fn divisors_and_multiples() {
        assert_eq!((gcd(400, 1000), lcm(400, 1000), gcd(0, 7), lcm(0, 7)), (200, 2000, 7, 0));
        assert_eq!((gcd_all([4000, 1000, 400]), gcd_all([])), (200, 0));
    }

    proptest! {
        /// A time written in microseconds, as users write it, comes back as the step it was made from.
        #[test]
        fn times_of_steps_are_steps(step_us in 1_u64..100_000, steps in 0_u64..10_000_000) {
            let dt_ms = step_us as f64 / 1000.0;
            let tstop_ms = (step_us * steps) as f64 / 1000.0;
            let grid = TimeGrid::new(tstop_ms, dt_ms).unwrap();
            prop_assert_eq!(grid.steps, steps);
            prop_assert_eq!(grid.steps_of(grid.time_ms(steps)).unwrap(), steps);
        }
    }
}
