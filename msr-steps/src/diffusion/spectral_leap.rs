//! Diffusion of many molecules over any time at once: the exact mean, and Gaussian fluctuations about it.
//!
//! Of plentiful molecules the numbers are Gaussian: `dn = L n dt + noise`, the noise a current over each face of variance
//! `(k_ij n_i + k_ji n_j) dt` (van Kampen 2007, Stochastic Processes in Physics and Chemistry, chapter X; Gillespie 2000, J.
//! Chem. Phys. 113). Over a time t the mean is `exp(t L) n`, and the fluctuations have the covariance `int e^(sL) B e^(sL)^T ds`.
//! Where the currents are those of a uniform density this is `f B t f^T` with `f(x) = sqrt((1 - e^2x) / -2x)` of `x = t L`:
//! independent currents, smoothed by a function of the operator. Both functions are summed as Chebyshev series. Elsewhere the
//! currents take the mean of the densities before and after; the mean stays exact.

use msr_coupling::random::Stream;
use rayon::prelude::*;

use super::chebyshev::chebyshev_coefficients;
use super::{ChebyshevPropagator, JumpOperator, Variates};

/// Molecules that every tetrahedron must hold for the Gaussian: the skewness is then below 3 %.
pub(super) const PLENTIFUL: u64 = 1000;

/// Error of the mean, relative to the deviation from uniformity: far below the fluctuations.
const MEAN_TOLERANCE: f64 = 1e-10;

/// Error of the smoothing function: a part of the standard deviation.
const FLUCTUATION_TOLERANCE: f64 = 1e-5;

/// Separates these streams from those of single jumps.
const CURRENTS_SEED: u64 = 0x6375_7272_656e_7473;

/// The entity of the stream that rounds: no tetrahedron has this number.
const ROUNDING: u32 = u32::MAX;

const CHUNK: usize = 4096;

/// Leaps of the species of one operator.
#[derive(Debug, Clone)]
pub(super) struct SpectralLeap {
    propagator: ChebyshevPropagator,
    /// Face by face `k_ij V_i` for a diffusion coefficient of 1 um2/s, in um; 0 where j < i.
    conductances_um: Vec<[f64; 4]>,
    /// Whether something is held in a part.
    open: Vec<bool>,
    mean: Vec<f64>,
    currents: Vec<[f64; 4]>,
    noise: Vec<f64>,
    mean_coefficients: Vec<f64>,
    fluctuation_coefficients: Vec<f64>,
    coefficients_for: f64,
}

impl SpectralLeap {
    pub(super) fn new(operator: &JumpOperator) -> Self {
        let parts = operator.parts();
        let mut open = vec![false; parts.count()];
        (0..operator.len()).filter(|&tet| operator.held()[tet]).for_each(|tet| open[parts.of(tet)] = true);
        let conductances_um = (0..operator.len())
            .map(|tet| {
                std::array::from_fn(|face| {
                    let upwards = operator.neighbours()[tet][face] as usize > tet;
                    if upwards { operator.rates_per_um2()[tet][face] * operator.volumes_um3()[tet] } else { 0.0 }
                })
            })
            .collect();
        Self {
            propagator: ChebyshevPropagator::new(operator, MEAN_TOLERANCE),
            conductances_um,
            open,
            mean: vec![0.0; operator.len()],
            currents: vec![[0.0; 4]; operator.len()],
            noise: vec![0.0; operator.len()],
            mean_coefficients: Vec::new(),
            fluctuation_coefficients: Vec::new(),
            coefficients_for: f64::NAN,
        }
    }

    /// Advances the counts of one species (every `stride`th from `first`) by `dt_s`. `false`, and nothing changed, where a
    /// count would have fallen below zero.
    pub(super) fn advance(
        &mut self,
        operator: &JumpOperator,
        counts: &mut [u64],
        [first, stride]: [usize; 2],
        [diffusion_um2_s, dt_s]: [f64; 2],
        [seed, step]: [u64; 2],
    ) -> bool {
        let z = self.propagator.largest_rate_per_um2() * diffusion_um2_s * dt_s;
        if self.coefficients_for != z {
            chebyshev_coefficients(z, MEAN_TOLERANCE, &mut self.mean_coefficients);
            fluctuation_coefficients(z, &mut self.fluctuation_coefficients);
            self.coefficients_for = z;
        }
        let volumes_um3 = operator.volumes_um3();
        for (tet, noise) in self.noise.iter_mut().enumerate() {
            *noise = counts[tet * stride + first] as f64 / volumes_um3[tet];
        }
        self.mean.copy_from_slice(self.propagator.evaluate(&self.noise, &self.mean_coefficients));
        self.draw_currents(operator, diffusion_um2_s * dt_s, seed, step);
        let fluctuations = self.propagator.evaluate(&self.noise, &self.fluctuation_coefficients);
        for (tet, mean) in self.mean.iter_mut().enumerate() {
            *mean = (*mean + fluctuations[tet]) * volumes_um3[tet];
            if *mean < 0.0 {
                return false;
            }
        }
        self.round(operator, counts, [first, stride], Variates::new(Stream::new(seed ^ CURRENTS_SEED, ROUNDING, step)));
        true
    }

    /// Replaces the densities in `noise` by the divergence of random currents.
    fn draw_currents(&mut self, operator: &JumpOperator, spread_um2: f64, seed: u64, step: u64) {
        let Self { conductances_um, mean, currents, noise, .. } = self;
        let before = noise.as_slice();
        currents.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, currents)| {
            for (offset, currents) in currents.iter_mut().enumerate() {
                let tet = chunk * CHUNK + offset;
                let mut variates = Variates::new(Stream::new(seed ^ CURRENTS_SEED, tet as u32, step));
                for face in 0..4 {
                    let other = operator.neighbours()[tet][face] as usize;
                    let densities = 0.5 * (before[tet] + mean[tet] + before[other] + mean[other]);
                    let variance = spread_um2 * conductances_um[tet][face] * densities;
                    currents[face] = if variance > 0.0 { variance.sqrt() * variates.coarse_normal() } else { 0.0 };
                }
            }
        });
        noise.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, noise)| {
            for (offset, noise) in noise.iter_mut().enumerate() {
                let tet = chunk * CHUNK + offset;
                let mut arriving = 0.0;
                for face in 0..4 {
                    let other = operator.neighbours()[tet][face] as usize;
                    let back = usize::from(operator.faces_back()[tet][face]);
                    if other != tet {
                        arriving += currents[other][back] - currents[tet][face];
                    }
                }
                *noise = if operator.held()[tet] { 0.0 } else { arriving / operator.volumes_um3()[tet] };
            }
        });
    }

    /// Whole molecules from `mean`, without bias: fractions are carried on from tetrahedron to tetrahedron within a part, so
    /// that its number of molecules stays what it was.
    fn round(&self, operator: &JumpOperator, counts: &mut [u64], [first, stride]: [usize; 2], mut variates: Variates) {
        let parts = operator.parts();
        let mut carried: Vec<f64> = (0..parts.count()).map(|_| variates.uniform()).collect();
        let mut gained = vec![0i128; parts.count()];
        let mut largest = vec![0usize; parts.count()];
        for (tet, &amount) in self.mean.iter().enumerate() {
            if operator.held()[tet] {
                continue;
            }
            let part = parts.of(tet);
            let mut new = amount as u64;
            carried[part] += amount - new as f64;
            if carried[part] >= 1.0 {
                carried[part] -= 1.0;
                new += 1;
            }
            let count = &mut counts[tet * stride + first];
            gained[part] += i128::from(new) - i128::from(*count);
            *count = new;
            if new > counts[largest[part] * stride + first] || parts.of(largest[part]) != part {
                largest[part] = tet;
            }
        }
        for (part, &gained) in gained.iter().enumerate().filter(|(part, _)| !self.open[*part]) {
            // A few molecules of the rounding of the sums.
            let count = &mut counts[largest[part] * stride + first];
            *count = (i128::from(*count) - gained).max(0) as u64;
        }
    }
}

/// Chebyshev coefficients of `f(z (x - 1))` on [-1, 1], by interpolation in the Chebyshev points (Trefethen 2019,
/// Approximation Theory and Approximation Practice, chapter 3). The nearest singularities of f are at +- i pi, whence the
/// coefficients fall as `(1 + sqrt(pi/z))^-m`.
fn fluctuation_coefficients(z: f64, coefficients: &mut Vec<f64>) {
    let fall = (std::f64::consts::PI / z).sqrt().min(2.0).ln_1p();
    let degree = 8 + (-FLUCTUATION_TOLERANCE.ln() / fall).ceil() as usize;
    let points = 2 * degree;
    let values: Vec<f64> = (0..points)
        .map(|point| smoothing(z * ((std::f64::consts::PI * (point as f64 + 0.5) / points as f64).cos() - 1.0)))
        .collect();
    // cos(pi m (2 p + 1) / 2 points) has a period of 4 points in m (2 p + 1).
    let cosines: Vec<f64> =
        (0..4 * points).map(|quarter| (std::f64::consts::PI * quarter as f64 / (2 * points) as f64).cos()).collect();
    coefficients.clear();
    for m in 0..=degree {
        let sum: f64 =
            values.iter().enumerate().map(|(point, value)| value * cosines[m * (2 * point + 1) % (4 * points)]).sum();
        coefficients.push(sum * if m == 0 { 1.0 } else { 2.0 } / points as f64);
    }
    let mut rest = 0.0;
    while coefficients.len() > 1
        && rest + coefficients[coefficients.len() - 1].abs() < FLUCTUATION_TOLERANCE / z.max(1.0).sqrt()
    {
        rest += coefficients.pop().map_or(0.0, f64::abs);
    }
}

/// `sqrt((1 - e^2x) / -2x)` for x to 0.
fn smoothing(x: f64) -> f64 {
    if x > -1e-12 { 1.0 } else { ((2.0 * x).exp_m1() / (2.0 * x)).sqrt() }
}
