//! The classical Runge-Kutta method.

/// One step of `dt` from `state`; `slope` gives the derivatives at a time between 0 and `dt`.
pub(super) fn step<const N: usize>(state: [f64; N], dt: f64, slope: impl Fn(f64, &[f64; N]) -> [f64; N]) -> [f64; N] {
    let along = |by: f64, slope: &[f64; N]| std::array::from_fn(|i| state[i] + by * slope[i]);
    let first = slope(0.0, &state);
    let second = slope(0.5 * dt, &along(0.5 * dt, &first));
    let third = slope(0.5 * dt, &along(0.5 * dt, &second));
    let fourth = slope(dt, &along(dt, &third));
    std::array::from_fn(|i| state[i] + dt / 6.0 * (first[i] + 2.0 * (second[i] + third[i]) + fourth[i]))
}
