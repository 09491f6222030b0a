//! Shapes that rate functions share.

use super::Rate;

/// `x / (1 - exp(-x))`, continued through 0: the voltage dependence of a rate of linear rise (Hodgkin & Huxley 1952).
/// `linoid(-x) = linoid(x) - x`.
#[inline]
pub(super) fn linoid(x: f64) -> f64 {
    /// Below, the series 1 + x/2 is exact to double precision.
    const SMALL: f64 = 1e-7;
    if x.abs() < SMALL { 1.0 + 0.5 * x } else { x / (1.0 - (-x).exp()) }
}

/// `1 / (1 + exp(-x))`.
#[inline]
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// `exp(-x^2)`.
#[inline]
pub(super) fn bell(x: f64) -> f64 {
    (-x * x).exp()
}

/// Steady value and time constant of a gate that opens with rate `alpha` and closes with rate `beta` (1/ms).
#[inline]
pub(super) fn two_state(alpha: f64, beta: f64, speed: f64) -> Rate {
    let sum = alpha + beta;
    Rate { steady: alpha / sum, tau_ms: 1.0 / (sum * speed) }
}

/// Factor by which rates measured at `measured_celsius` are faster at `celsius`: `q10 ^ ((celsius - measured) / 10)`.
pub(super) fn speed(q10: f64, celsius: f64, measured_celsius: f64) -> f64 {
    q10.powf((celsius - measured_celsius) / 10.0)
}

/// What a gate that relaxes with `rate` has become after `dt_ms`: exact for constant voltage.
#[inline]
pub(super) fn relaxed(gate: f64, rate: Rate, dt_ms: f64) -> f64 {
    gate + (1.0 - (-dt_ms / rate.tau_ms).exp()) * (rate.steady - gate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linoid_passes_smoothly_through_zero() {
        assert_eq!(linoid(0.0), 1.0);
        for x in [-1e-6, -1e-8, 1e-8, 1e-6] {
            assert!((linoid(x) - (1.0 + x / 2.0)).abs() < 1e-9, "{x}");
        }
        assert!((linoid(-3.0) - (linoid(3.0) - 3.0)).abs() < 1e-14);
    }
}
