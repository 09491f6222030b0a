//! Deterministic diffusion: the exponential of the jump operator as a Chebyshev series.
//!
//! With the concentration c and the largest rate of leaving k, `dc/dt = L c` has a spectrum within [-2k, 0] (Gershgorin),
//! and `B = I + L/k` one within [-1, 1]. Then `exp(t L) = sum_m (2 - delta_m0) e^-z I_m(z) T_m(B)` with `z = k t`, the
//! modified Bessel functions I and the Chebyshev polynomials T (Tal-Ezer and Kosloff 1984, J. Chem. Phys. 81, in its form
//! for a real spectrum; Bergamaschi and Vianello 2000, Numer. Linear Algebra Appl. 7). The coefficients fall faster than
//! exponentially beyond m ~ sqrt(2 z ln(1/tolerance)), so the error of the step is bounded before it is made: there is no
//! step size to control, no linear system to solve, and it is stable for every t.

use rayon::prelude::*;

use super::parts::Parts;
use super::{JumpOperator, is_serial};

/// Tetrahedra that one task treats.
const CHUNK: usize = 4096;

/// Advances concentrations by `exp(t D L)`.
#[derive(Debug, Clone)]
pub struct ChebyshevPropagator {
    neighbours: Vec<[u32; 4]>,
    /// Off-diagonal part of B.
    weights: Vec<[f64; 4]>,
    volumes_um3: Vec<f64>,
    /// Whether the concentration of each tetrahedron is held.
    held: Vec<bool>,
    parts: Parts,
    /// Memory for amounts by part.
    amounts: Vec<[f64; 2]>,
    largest_rate_per_um2: f64,
    tolerance: f64,
    coefficients: Vec<f64>,
    term: Vec<f64>,
    next: Vec<f64>,
    sum: Vec<f64>,
}

impl ChebyshevPropagator {
    /// For the given jump rates. `tolerance` bounds the error of one step, relative to the deviation from the mean, in the
    /// volume-weighted 2-norm.
    pub fn new(operator: &JumpOperator, tolerance: f64) -> Self {
        let largest_rate_per_um2 = operator.largest_rate_per_um2();
        let scale = if largest_rate_per_um2 > 0.0 { 1.0 / largest_rate_per_um2 } else { 0.0 };
        let zeros = vec![0.0; operator.len()];
        Self {
            neighbours: operator.neighbours().to_vec(),
            // Nothing flows into what is held.
            weights: operator
                .rates_per_um2()
                .iter()
                .zip(operator.held())
                .map(|(rates, &held)| rates.map(|rate| if held { 0.0 } else { rate * scale }))
                .collect(),
            volumes_um3: operator.volumes_um3().to_vec(),
            held: operator.held().to_vec(),
            parts: operator.parts().clone(),
            amounts: Vec::new(),
            largest_rate_per_um2,
            tolerance,
            coefficients: Vec::new(),
            term: zeros.clone(),
            next: zeros.clone(),
            sum: zeros,
        }
    }

    /// Advances `concentrations` (one for each tetrahedron, any unit) by `dt_s` with the diffusion coefficient
    /// `diffusion_um2_s`. Returns the number of products with the operator.
    ///
    /// Truncation may leave values below zero by as much as the tolerance. They become zero, and the others in the part of the
    /// mesh that open faces join give what that adds, in proportion: no amount is made or lost, and none crosses a closed face.
    pub fn advance(&mut self, concentrations: &mut [f64], diffusion_um2_s: f64, dt_s: f64) -> usize {
        let z = self.largest_rate_per_um2 * diffusion_um2_s * dt_s;
        if z == 0.0 || self.at_rest(concentrations) {
            return 0;
        }
        let mut coefficients = std::mem::take(&mut self.coefficients);
        chebyshev_coefficients(z, self.tolerance, &mut coefficients);
        self.evaluate(concentrations, &coefficients);
        for (tet, _) in self.held.iter().enumerate().filter(|(_, held)| **held) {
            self.sum[tet] = concentrations[tet];
        }
        self.parts.remove_negative(&mut self.sum, &self.volumes_um3, &self.held, &mut self.amounts);
        concentrations.copy_from_slice(&self.sum);
        self.coefficients = coefficients;
        self.coefficients.len() - 1
    }

    /// `sum = sum_m coefficients_m T_m(B) vector`.
    pub(super) fn evaluate(&mut self, vector: &[f64], coefficients: &[f64]) -> &[f64] {
        self.term.copy_from_slice(vector);
        let constant = coefficients[0];
        self.sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum = constant * value);
        for (degree, &coefficient) in coefficients.iter().enumerate().skip(1) {
            // T_1 = B T_0, then T_m+1 = 2 B T_m - T_m-1; `next` holds T_m-1 and takes T_m+1.
            let [twice, before] = if degree == 1 { [1.0, 0.0] } else { [2.0, 1.0] };
            self.recurrence(twice, before, coefficient);
            std::mem::swap(&mut self.term, &mut self.next);
        }
        &self.sum
    }

    /// Largest rate of leaving, in 1/um2.
    pub(super) fn largest_rate_per_um2(&self) -> f64 {
        self.largest_rate_per_um2
    }

    /// Whether no open face separates different values: then nothing moves, to the last bit.
    fn at_rest(&self, concentrations: &[f64]) -> bool {
        self.neighbours
            .iter()
            .zip(concentrations)
            .all(|(neighbours, value)| neighbours.iter().all(|&other| concentrations[other as usize] == *value))
    }

    /// `next = twice * B term - before * next; sum += coefficient * next`.
    fn recurrence(&mut self, twice: f64, before: f64, coefficient: f64) {
        let Self { neighbours, weights, term, next, sum, .. } = self;
        let term = term.as_slice();
        let rows = |first: usize, next: &mut [f64], sum: &mut [f64]| {
            let rows = first..first + next.len();
            let tables = neighbours[rows.clone()].iter().zip(&weights[rows.clone()]).zip(&term[rows]);
            for (((neighbours, weights), &own), (next, sum)) in tables.zip(next.iter_mut().zip(sum)) {
                let mut inflow = 0.0;
                for face in 0..4 {
                    inflow += weights[face] * (term[neighbours[face] as usize] - own);
                }
                *next = twice * (own + inflow) - before * *next;
                *sum += coefficient * *next;
            }
        };
        if is_serial(next.len()) {
            rows(0, next, sum);
        } else {
            next.par_chunks_mut(CHUNK)
                .zip(sum.par_chunks_mut(CHUNK))
                .enumerate()
                .for_each(|(chunk, (next, sum))| rows(chunk * CHUNK, next, sum));
        }
    }
}

/// `e^-z I_m(z)`, doubled for m > 0, until the rest is below `tolerance`; they sum to exactly what leaves a constant as it
/// is. By Miller's backward recurrence (Abramowitz and Stegun 1964, 9.6.26 and 9.6.34).
pub(super) fn chebyshev_coefficients(z: f64, tolerance: f64, coefficients: &mut Vec<f64>) {
    // e^-z I_m(z) ~ exp(-m^2/2z): below 1e-21 from m = 10 sqrt(z) on; 20 more for small z, where it is (z/2)^m/m!.
    let start = 20 + (10.0 * z.sqrt()).ceil() as usize;
    coefficients.clear();
    coefficients.resize(start + 1, 0.0);
    let [mut above, mut current] = [0.0, f64::MIN_POSITIVE];
    let mut total = 0.0;
    for m in (0..=start).rev() {
        coefficients[m] = if m == 0 { current } else { 2.0 * current };
        total += coefficients[m];
        let below = above + 2.0 * m as f64 / z * current;
        [above, current] = [current, below];
        // Rescaled before it overflows; what is lost to underflow is far below the first coefficients.
        if current > RESCALE {
            coefficients[m..].iter_mut().for_each(|value| *value /= RESCALE);
            total /= RESCALE;
            above /= RESCALE;
            current /= RESCALE;
        }
    }
    let mut rest = 0.0;
    let mut kept = coefficients.len();
    while kept > 1 && rest + coefficients[kept - 1] <= tolerance * total {
        rest += coefficients[kept - 1];
        kept -= 1;
    }
    coefficients.truncate(kept);
    let sum: f64 = coefficients.iter().rev().sum();
    coefficients.iter_mut().for_each(|value| *value /= sum);
}

/// Size at which the backward recurrence is scaled down.
const RESCALE: f64 = 1e100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coefficients_are_scaled_bessel_functions() {
        // exp(-1) I_0(1), 2 exp(-1) I_1(1), 2 exp(-1) I_2(1); and for 10 (Abramowitz and Stegun 1964, table 9.8).
        let mut coefficients = Vec::new();
        for (z, expected) in [
            (1.0, [0.465_759_607_6, 2.0 * 0.207_910_415_3, 2.0 * 0.049_938_776_9]),
            (10.0, [0.127_833_337_2, 2.0 * 0.121_262_681_4, 2.0 * 0.103_580_800_9]),
        ] {
            chebyshev_coefficients(z, 1e-16, &mut coefficients);
            for (found, expected) in coefficients.iter().zip(expected) {
                assert!((found - expected).abs() < 2e-10, "z = {z}: {found} {expected}");
            }
        }
    }

    #[test]
    fn series_gives_the_exponential_over_the_whole_spectrum() {
        let mut coefficients = Vec::new();
        for z in [1e-8, 1e-3, 0.3, 4.0, 57.0, 1e3, 1e5] {
            chebyshev_coefficients(z, 1e-12, &mut coefficients);
            for x in [-1.0, -0.3, 0.0, 0.9, 1.0 - 1.0 / z.max(1.0), 1.0] {
                let [mut before, mut term] = [x, 1.0];
                let mut sum = 0.0;
                for coefficient in &coefficients {
                    sum += coefficient * term;
                    [before, term] = [term, 2.0 * x * term - before];
                }
                let exact = (z * (x - 1.0)).exp();
                // Rounding of T_m grows with m near the ends of the spectrum.
                assert!((sum - exact).abs() < 1e-11 * (1.0 + z.sqrt() / 10.0), "z = {z}, x = {x}: {sum} {exact}");
            }
        }
    }
}
