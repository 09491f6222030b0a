//! Diffusion of many molecules over any time at once: the exact mean, and Gaussian fluctuations about it.
//!
//! Of plentiful molecules the numbers are Gaussian: `dn = L n dt + noise`, the noise a current over each face of variance
//! `(k_ij n_i + k_ji n_j) dt` (van Kampen 2007, Stochastic Processes in Physics and Chemistry, chapter X; Gillespie 2000, J.
//! Chem. Phys. 113). Over a time t the mean is `exp(t L) n`, and the fluctuations have the covariance `int e^(sL) B e^(sL)^T ds`.
//! Where the currents are those of a uniform density this is `f B t f^T` with `f(x) = sqrt((1 - e^2x) / -2x)` of `x = t L`:
//! independent currents, smoothed by a function of the operator. Both functions are summed as Chebyshev series. Elsewhere the
//! currents take the densities at the end, which make the variance within a tetrahedron; that of large regions across which
//! the density changes is approximate then. The mean is exact everywhere.
//!
//! Where few molecules arrive, the numbers are not Gaussian. They come from many places, from each with a small probability,
//! and so are Poisson numbers; what these have more or less than the mean is missing or left where there are many.

use msr_coupling::random::Stream;
use rayon::prelude::*;

use super::chebyshev::chebyshev_coefficients;
use super::{ChebyshevPropagator, JumpOperator, Variates};

/// Molecules that a tetrahedron must hold for a leap. With its skewness put right, the distribution function of their number
/// is off by the order of a hundredth of a standard deviation.
pub(super) const PLENTIFUL: u64 = 100;

/// Molecules that are expected after a leap, below which they are drawn as a Poisson number: where that many have gone from a
/// plentiful tetrahedron, few of those that are there have stayed.
const SCARCE: f64 = 0.25 * PLENTIFUL as f64;

/// Error of the mean, relative to the deviation from uniformity: far below the fluctuations, and below a hundredth of a
/// molecule next to ten thousand million.
const MEAN_TOLERANCE: f64 = 1e-12;

/// Error of the smoothing function: a part of the standard deviation.
const FLUCTUATION_TOLERANCE: f64 = 1e-5;

/// Separates these streams from those of single jumps.
const CURRENTS_SEED: u64 = 0x6375_7272_656e_7473;

/// Separates the streams of scarce molecules.
const SCARCE_SEED: u64 = 0x7363_6172_6365_6d6f;

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
    /// Divergence of the currents, then what each tetrahedron can give of its molecules.
    noise: Vec<f64>,
    mean_coefficients: Vec<f64>,
    fluctuation_coefficients: Vec<f64>,
    coefficients_for: f64,
    totals: Vec<PartTotals>,
}

/// What a leap sums up in a part of the mesh that no open face leaves.
#[derive(Debug, Clone, Copy, Default)]
struct PartTotals {
    /// Molecules in plentiful tetrahedra.
    plentiful: f64,
    /// Molecules expected in scarce ones.
    scarce: f64,
    /// What is drawn has so much more than the Gaussian field, and the part of their molecules that plentiful tetrahedra give for it.
    drawn_more: f64,
    given: f64,
    /// Fraction of a molecule on its way to the next tetrahedron.
    carried: f64,
    /// Molecules more than before.
    gained: i128,
    /// The tetrahedron that holds most, and how many.
    largest: (usize, u64),
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
            totals: vec![PartTotals::default(); parts.count()],
        }
    }

    /// Advances the counts of one species (every `stride`th from `first`, none or plentiful) by `dt_s`. `false`, and nothing
    /// changed, where a count would have fallen below zero, or most molecules of a part would be scarce.
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
        let giving = self.noise.as_mut_slice();
        self.totals.fill(PartTotals::default());
        for (tet, mean) in self.mean.iter_mut().enumerate().filter(|(tet, _)| !operator.held()[*tet]) {
            let totals = &mut self.totals[operator.parts().of(tet)];
            let expected = *mean * volumes_um3[tet];
            let fluctuation = fluctuations[tet] * volumes_um3[tet];
            if expected < SCARCE {
                let mut variates = Variates::new(Stream::new(seed ^ SCARCE_SEED, tet as u32, step));
                let drawn = variates.poisson(expected) as f64;
                totals.scarce += expected;
                totals.drawn_more += drawn - (expected + fluctuation);
                (*mean, giving[tet]) = (drawn, 0.0);
                continue;
            }
            // The skewness of a Poisson number (Cornish and Fisher 1938, Rev. Inst. Int. Stat. 5, to first order).
            let skewed = (fluctuation * fluctuation / expected - 1.0) / 6.0;
            let amount = expected + fluctuation + skewed;
            if amount < 0.0 {
                return false;
            }
            totals.drawn_more += skewed;
            totals.plentiful += amount;
            (*mean, giving[tet]) = (amount, amount);
        }
        if self.totals.iter().any(|part| part.scarce > part.plentiful) {
            return false;
        }
        for part in self.totals.iter_mut().filter(|part| part.plentiful > 0.0) {
            part.given = part.drawn_more / part.plentiful;
        }
        self.round(operator, counts, [first, stride], Variates::new(Stream::new(seed ^ CURRENTS_SEED, ROUNDING, step)));
        true
    }

    /// Replaces `noise` by the divergence of random currents between the densities in `mean`.
    fn draw_currents(&mut self, operator: &JumpOperator, spread_um2: f64, seed: u64, step: u64) {
        let Self { conductances_um, mean, currents, noise, .. } = self;
        currents.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, currents)| {
            for (offset, currents) in currents.iter_mut().enumerate() {
                let tet = chunk * CHUNK + offset;
                let mut variates = Variates::new(Stream::new(seed ^ CURRENTS_SEED, tet as u32, step));
                for face in 0..4 {
                    let other = operator.neighbours()[tet][face] as usize;
                    let variance = spread_um2 * conductances_um[tet][face] * (mean[tet] + mean[other]);
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

    /// Whole molecules from the amounts in `mean`, without bias: fractions are carried on from tetrahedron to tetrahedron within
    /// a part, so that its number of molecules stays what it was. What scarce tetrahedra drew, the plentiful ones give in
    /// proportion.
    fn round(
        &mut self,
        operator: &JumpOperator,
        counts: &mut [u64],
        [first, stride]: [usize; 2],
        mut variates: Variates,
    ) {
        let Self { mean, noise: giving, totals, open, .. } = self;
        totals.iter_mut().for_each(|part| part.carried = variates.uniform());
        let amounts = mean.iter().zip(giving).enumerate().filter(|(tet, _)| !operator.held()[*tet]);
        for (tet, (&amount, giving)) in amounts {
            let part = &mut totals[operator.parts().of(tet)];
            let amount = amount - part.given * *giving;
            let mut new = amount as u64;
            part.carried += amount - new as f64;
            if part.carried >= 1.0 {
                part.carried -= 1.0;
                new += 1;
            }
            let count = &mut counts[tet * stride + first];
            part.gained += i128::from(new) - i128::from(*count);
            *count = new;
            if new > part.largest.1 {
                part.largest = (tet, new);
            }
        }
        for part in totals.iter().zip(open).filter(|(_, open)| !**open).map(|(part, _)| part) {
            // A few molecules of the rounding of the sums.
            let count = &mut counts[part.largest.0 * stride + first];
            *count = (i128::from(*count) - part.gained).max(0) as u64;
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
