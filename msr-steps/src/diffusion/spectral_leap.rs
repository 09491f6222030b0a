//! Diffusion of many molecules over any time at once: the exact mean, and Gaussian fluctuations about it.
//!
//! Of plentiful molecules the numbers are Gaussian: `dn = L n dt + noise`, the noise a current over each face of variance
//! `(k_ij n_i + k_ji n_j) dt` (van Kampen 2007, Stochastic Processes in Physics and Chemistry, chapter X; Gillespie 2000, J.
//! Chem. Phys. 113). Over a time t the mean is `exp(t L) n`, and the fluctuations have the covariance `int e^(sL) B e^(sL)^T ds`.
//! Where the currents are those of a uniform density this is `f B t f^T` with `f(x) = sqrt((1 - e^2x) / -2x)` of `x = t L`:
//! independent currents, smoothed by a function of the operator. Both functions are summed as Chebyshev series. Elsewhere the
//! currents take the densities at the end, which make the variance within a tetrahedron; that of large regions across which
//! the density changes is approximate then. The mean is exact but for the sixth of a molecule that skewness may cost.
//!
//! The smoothed currents of many molecules would reach too far into tetrahedra that had none before. Molecules that arrive there
//! come from many places, from each with a small probability, and so are Poisson numbers; what these have more or less than
//! the mean is missing or left where there were some. Molecules of very different densities leap one after the other
//! ([`Level`]): they are independent.

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

/// Where there was none before, molecules are drawn as Poisson numbers up to this part of the largest density of their level:
/// of the molecules of any place, no more arrive.
const FAINT: f64 = 0.1;

/// Densities of one level differ by this factor at most: the variance within a tetrahedron is then at most a tenth too large
/// next to a front, that of the number of all molecules beyond it a half.
const CONTRAST: f64 = 100.0;

/// Jumps of a molecule that must be expected for its number to be a new one: its skewness is then put right.
const RENEWED: f64 = 1.0;

/// Sets of coefficients that are kept.
const KEPT: usize = 8;

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
    /// Of the last times and diffusion coefficients.
    series: Vec<Series>,
    totals: Vec<PartTotals>,
}

/// Coefficients of both functions for one `z`, the largest rate of leaving times the time.
#[derive(Debug, Clone, Default)]
struct Series {
    z: f64,
    mean: Vec<f64>,
    fluctuation: Vec<f64>,
}

/// Densities between which molecules leap together, in 1/um3: above the first, up to the second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level([f64; 2]);

impl Level {
    /// The highest one below or at this density.
    pub(super) fn below(density_per_um3: f64) -> Self {
        Self([density_per_um3 / CONTRAST, density_per_um3])
    }

    /// What is left below this one.
    pub(super) fn lower_end(self) -> f64 {
        self.0[0]
    }

    /// Whether a tetrahedron with so many molecules is on it.
    pub(super) fn holds(self, count: u64, volume_um3: f64) -> bool {
        let density_per_um3 = count as f64 / volume_um3;
        count >= PLENTIFUL && density_per_um3 > self.0[0] && density_per_um3 <= self.0[1]
    }
}

/// What a leap sums up in a part of the mesh that no open face leaves.
#[derive(Debug, Clone, Copy, Default)]
struct PartTotals {
    /// Molecules expected where they are drawn as Poisson numbers, and elsewhere.
    scarce: f64,
    plentiful: f64,
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
            series: Vec::with_capacity(KEPT),
            totals: vec![PartTotals::default(); parts.count()],
        }
    }

    /// Advances the molecules of one species that are on a level: from `counts` to `arrived`, one a tetrahedron. `false`, and
    /// nothing changed, where a number would have fallen below zero, or most would be in places where there were none.
    pub(super) fn advance(
        &mut self,
        operator: &JumpOperator,
        [counts, arrived]: [&mut [u64]; 2],
        level: Level,
        [diffusion_um2_s, dt_s]: [f64; 2],
        [seed, step]: [u64; 2],
    ) -> bool {
        let series = self.series(self.propagator.largest_rate_per_um2() * diffusion_um2_s * dt_s);
        let volumes_um3 = operator.volumes_um3();
        for (tet, noise) in self.noise.iter_mut().enumerate() {
            let is_here = level.holds(counts[tet], volumes_um3[tet]);
            *noise = if is_here { counts[tet] as f64 / volumes_um3[tet] } else { 0.0 };
        }
        self.mean.copy_from_slice(self.propagator.evaluate(&self.noise, &self.series[series].mean));
        let faint_per_um3 = FAINT * level.0[1];
        let is_poisson = |tet: usize, mean_per_um3: f64, counts: &[u64]| {
            let expected = mean_per_um3 * volumes_um3[tet];
            expected < SCARCE || (mean_per_um3 < faint_per_um3 && !level.holds(counts[tet], volumes_um3[tet]))
        };
        let free = |tet: &usize| !operator.held()[*tet];
        self.totals.fill(PartTotals::default());
        for tet in (0..self.mean.len()).filter(free) {
            let totals = &mut self.totals[operator.parts().of(tet)];
            let is_scarce = is_poisson(tet, self.mean[tet], counts);
            let total = if is_scarce { &mut totals.scarce } else { &mut totals.plentiful };
            *total += self.mean[tet] * volumes_um3[tet];
        }
        if self.totals.iter().any(|part| part.scarce > part.plentiful) {
            return false;
        }
        self.draw_currents(operator, diffusion_um2_s * dt_s, seed, step);
        let fluctuations = self.propagator.evaluate(&self.noise, &self.series[series].fluctuation);
        let giving = self.noise.as_mut_slice();
        for tet in (0..giving.len()).filter(free) {
            let totals = &mut self.totals[operator.parts().of(tet)];
            let mean = &mut self.mean[tet];
            let expected = *mean * volumes_um3[tet];
            let fluctuation = fluctuations[tet] * volumes_um3[tet];
            if is_poisson(tet, *mean, counts) {
                let mut variates = Variates::new(Stream::new(seed ^ SCARCE_SEED, tet as u32, step));
                let drawn = variates.poisson(expected) as f64;
                totals.drawn_more += drawn - (expected + fluctuation);
                (*mean, giving[tet]) = (drawn, 0.0);
                continue;
            }
            // The skewness of a Poisson number (Cornish and Fisher 1938, Rev. Inst. Int. Stat. 5, to first order).
            let jumps = operator.total_rates_per_um2()[tet] * diffusion_um2_s * dt_s;
            let skewed = if jumps < RENEWED { 0.0 } else { (fluctuation * fluctuation / expected - 1.0) / 6.0 };
            let amount = expected + fluctuation + skewed;
            if amount < 0.0 {
                return false;
            }
            totals.drawn_more += skewed;
            (*mean, giving[tet]) = (amount, amount);
        }
        for part in self.totals.iter_mut().filter(|part| part.plentiful > 0.0) {
            part.given = part.drawn_more / part.plentiful;
            if part.given > 0.5 {
                return false;
            }
        }
        self.round(operator, [counts, arrived], level, Stream::new(seed ^ CURRENTS_SEED, ROUNDING, step));
        true
    }

    /// Which of the kept series is that for `z`.
    fn series(&mut self, z: f64) -> usize {
        if let Some(known) = self.series.iter().position(|series| series.z == z) {
            return known;
        }
        if self.series.len() == KEPT {
            self.series.rotate_left(1);
        } else {
            self.series.push(Series::default());
        }
        let last = self.series.len() - 1;
        let series = &mut self.series[last];
        series.z = z;
        chebyshev_coefficients(z, MEAN_TOLERANCE, &mut series.mean);
        fluctuation_coefficients(z, &mut series.fluctuation);
        last
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
    /// a part, so that its number of molecules stays what it was. What Poisson numbers have more or less, the other
    /// tetrahedra give or get in proportion.
    fn round(&mut self, operator: &JumpOperator, [counts, arrived]: [&mut [u64]; 2], level: Level, stream: Stream) {
        let Self { mean, noise: giving, totals, open, .. } = self;
        let mut variates = Variates::new(stream);
        totals.iter_mut().for_each(|part| part.carried = variates.uniform());
        for (tet, (&amount, giving)) in mean.iter().zip(giving).enumerate() {
            let is_here = level.holds(counts[tet], operator.volumes_um3()[tet]);
            let before = if is_here { std::mem::take(&mut counts[tet]) } else { 0 };
            if operator.held()[tet] {
                arrived[tet] += before;
                continue;
            }
            let part = &mut totals[operator.parts().of(tet)];
            let amount = amount - part.given * *giving;
            let mut new = amount as u64;
            part.carried += amount - new as f64;
            if part.carried >= 1.0 {
                part.carried -= 1.0;
                new += 1;
            }
            part.gained += i128::from(new) - i128::from(before);
            arrived[tet] += new;
            if new > part.largest.1 {
                part.largest = (tet, new);
            }
        }
        for part in totals.iter().zip(open).filter(|(_, open)| !**open).map(|(part, _)| part) {
            // A few molecules of the rounding of the sums.
            let most = &mut arrived[part.largest.0];
            *most = (i128::from(*most) - part.gained).max(0) as u64;
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
