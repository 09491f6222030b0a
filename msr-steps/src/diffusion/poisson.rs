//! Poisson and fast normal variates, and few trials at a time.

use super::Variates;
use super::binomial::{INVERSION_MEAN, NORMAL_VARIANCE, stirling_rest};

/// Trials that are made one by one.
pub(super) const FEW_TRIALS: u64 = 8;

/// Values of a 32-bit word.
const WORDS: f64 = 4_294_967_296.0;

impl Variates {
    /// The number of successes in a few trials, each decided by one 32-bit word, and exactly: where the word does not
    /// decide, further bits do.
    pub(super) fn few(&mut self, trials: u64, probability: f64) -> u64 {
        if probability >= 1.0 {
            return trials;
        }
        let scaled = probability * WORDS;
        let threshold = scaled as u32;
        let mut successes = 0;
        for _ in 0..trials {
            let word = self.word();
            let success = word < threshold || (word == threshold && self.uniform() < scaled - f64::from(threshold));
            successes += u64::from(success);
        }
        successes
    }

    /// A normal variate of one 32-bit word, by the inverse of the distribution function: algorithm AS 241 (PPND7) of
    /// Wichura 1988, Appl. Stat. 37, right to 1e-7 and cut at 6.3 standard deviations.
    pub(super) fn coarse_normal(&mut self) -> f64 {
        inverse_normal((f64::from(self.word()) + 0.5) / WORDS)
    }

    /// Poisson variate of this mean.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            0
        } else if mean < INVERSION_MEAN {
            self.poisson_inversion(mean)
        } else if mean < NORMAL_VARIANCE {
            self.poisson_rejection(mean)
        } else {
            // Skewness put right as for the binomial.
            let z = self.normal();
            (mean + mean.sqrt() * z + (z * z - 1.0) / 6.0).round().max(0.0) as u64
        }
    }

    fn poisson_inversion(&mut self, mean: f64) -> u64 {
        let mut mass = (-mean).exp();
        let mut rest = self.uniform();
        let mut events = 0u64;
        while rest >= mass && mass >= f64::MIN_POSITIVE {
            rest -= mass;
            events += 1;
            mass *= mean / events as f64;
        }
        events
    }

    /// Algorithm PTRS of Hörmann 1993, The transformed rejection method for generating Poisson random variables, Insur.
    /// Math. Econ. 12.
    fn poisson_rejection(&mut self, mean: f64) -> u64 {
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.02483 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let accepted_at_once = 0.9277 - 3.6224 / (b - 2.0);
        let log_mean = mean.ln();
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if us >= 0.07 && v <= accepted_at_once {
                return k as u64;
            }
            if k < 0.0 || (us < 0.013 && v > us) {
                continue;
            }
            let log_factorial =
                (k + 0.5) * (k + 1.0).ln() - (k + 1.0) + 0.5 * std::f64::consts::TAU.ln() + stirling_rest(k);
            if (v * inverse_alpha / (a / (us * us) + b)).ln() <= k * log_mean - mean - log_factorial {
                return k as u64;
            }
        }
    }
}

/// Coefficients of Wichura 1988, table for PPND7.
fn inverse_normal(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        let above = ((59.109_374_720 * r + 159.291_132_02) * r + 50.434_271_938) * r + 3.387_132_717_9;
        let below = ((67.187_563_600 * r + 78.757_757_664) * r + 17.895_169_469) * r + 1.0;
        return q * above / below;
    }
    let r = (-p.min(1.0 - p).ln()).sqrt();
    let size = if r <= 5.0 {
        let r = r - 1.6;
        (((0.170_238_211_03 * r + 1.306_728_481_6) * r + 2.756_815_390_0) * r + 1.423_437_277_7)
            / ((0.120_211_329_75 * r + 0.737_001_642_50) * r + 1.0)
    } else {
        let r = r - 5.0;
        (((0.017_337_203_997 * r + 0.428_682_943_37) * r + 3.081_226_386_0) * r + 6.657_905_115_0)
            / ((0.012_258_202_635 * r + 0.241_978_942_25) * r + 1.0)
    };
    size.copysign(q)
}

#[cfg(test)]
mod tests {
    use msr_coupling::random::Stream;

    use super::*;

    #[test]
    fn quantiles_of_the_normal() {
        // Abramowitz and Stegun 1964, table 26.5.
        for (p, x) in [(0.5, 0.0), (0.975, 1.959_964), (0.999, 3.090_232), (0.9, 1.281_552), (1.0 - 1e-9, 5.997_807)] {
            assert!((inverse_normal(p) - x).abs() < 2e-6, "{p}: {}", inverse_normal(p));
            assert!((inverse_normal(1.0 - p) + x).abs() < 2e-6);
        }
    }

    #[test]
    fn moments_of_the_poisson() {
        let draws = 100_000;
        for (case, mean) in [0.3, 4.0, 9.9, 10.1, 80.0, 3e4, 2e6, 1e12].into_iter().enumerate() {
            let mut variates = Variates::new(Stream::new(21, case as u32, 0));
            let z: Vec<f64> = (0..draws).map(|_| (variates.poisson(mean) as f64 - mean) / mean.sqrt()).collect();
            let moment = |order: i32| z.iter().map(|z| z.powi(order)).sum::<f64>() / f64::from(draws);
            let error = 4.0 / f64::from(draws).sqrt();
            assert!(moment(1).abs() < error, "mean of {mean}: {}", moment(1));
            let kurtosis = 3.0 + 1.0 / mean;
            assert!((moment(2) - 1.0).abs() < error * (kurtosis - 1.0).sqrt(), "variance of {mean}: {}", moment(2));
            let skewness = 1.0 / mean.sqrt();
            assert!((moment(3) - skewness).abs() < error * (15.0 + 100.0 / mean).sqrt(), "skewness of {mean}");
        }
    }

    #[test]
    fn few_trials_are_binomial_and_coarse_normals_normal() {
        let draws = 200_000;
        let mut variates = Variates::new(Stream::new(23, 0, 0));
        let mean = (0..draws).map(|_| variates.few(5, 0.3) as f64).sum::<f64>() / f64::from(draws);
        assert!((mean - 1.5).abs() < 4.0 * (1.05 / f64::from(draws)).sqrt(), "{mean}");
        assert_eq!([variates.few(8, 1.0), variates.few(8, 0.0)], [8, 0]);
        let z: Vec<f64> = (0..draws).map(|_| variates.coarse_normal()).collect();
        for (order, expected, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
            let found = z.iter().map(|z| z.powi(order)).sum::<f64>() / f64::from(draws);
            assert!((found - expected).abs() < 4.0 * f64::sqrt(variance / f64::from(draws)), "{order}: {found}");
        }
    }
}
