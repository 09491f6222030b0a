//! Random variates drawn from a keyed stream: binomial for any number of trials up to 2^53, stochastic rounding.

use msr_coupling::random::Stream;

use super::poisson::FEW_TRIALS;

/// Mean below which the distribution function is inverted term by term (Kachitvichyanukul and Schmeiser 1988, Commun.
/// ACM 31: about one term a unit of the mean).
pub(super) const INVERSION_MEAN: f64 = 10.0;

/// Variance from which the binomial is drawn as a normal variate with its skewness put right (Cornish and Fisher 1938,
/// Rev. Inst. Int. Stat. 5, to first order). The distribution function is then off by the order of 1/variance.
pub(super) const NORMAL_VARIANCE: f64 = 1e6;

/// Draws from one stream.
#[derive(Debug, Clone)]
pub struct Variates {
    stream: Stream,
    spare_normal: Option<f64>,
}

impl Variates {
    /// Of this stream.
    pub fn new(stream: Stream) -> Self {
        Self { stream, spare_normal: None }
    }

    /// The next 32 random bits.
    pub(super) fn word(&mut self) -> u32 {
        self.stream.next_u32()
    }

    /// Uniform in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.stream.uniform()
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        self.stream.exponential()
    }

    /// Standard normal (Box and Muller 1958, both variates used).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let radius = (2.0 * self.stream.exponential()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.stream.uniform()).sin_cos();
        self.spare_normal = Some(radius * sine);
        radius * cosine
    }

    /// `value` (not negative) rounded down or up at random, with mean `value`.
    pub fn round(&mut self, value: f64) -> u64 {
        let floor = value as u64;
        let fraction = value - floor as f64;
        floor + u64::from(fraction > 0.0 && self.uniform() < fraction)
    }

    /// The number of successes in `trials` trials of the given probability; probabilities from 1 on mean 1, those
    /// to 0 mean 0.
    pub fn binomial(&mut self, trials: u64, probability: f64) -> u64 {
        if trials == 0 || probability <= 0.0 {
            0
        } else if probability >= 1.0 {
            trials
        } else if trials <= FEW_TRIALS {
            self.few(trials, probability)
        } else if probability > 0.5 {
            trials - self.minority(trials, 1.0 - probability)
        } else {
            self.minority(trials, probability)
        }
    }

    /// Binomial with a probability of at most a half.
    fn minority(&mut self, trials: u64, p: f64) -> u64 {
        let mean = trials as f64 * p;
        let variance = mean * (1.0 - p);
        if mean < INVERSION_MEAN {
            self.inversion(trials, p)
        } else if variance < NORMAL_VARIANCE {
            self.transformed_rejection(trials, p)
        } else {
            let z = self.normal();
            let draw = mean + variance.sqrt() * z + (1.0 - 2.0 * p) / 6.0 * (z * z - 1.0);
            (draw.round().max(0.0) as u64).min(trials)
        }
    }

    fn inversion(&mut self, trials: u64, p: f64) -> u64 {
        let n = trials as f64;
        let odds = p / (1.0 - p);
        let mut mass = (n * (-p).ln_1p()).exp();
        let mut rest = self.uniform();
        let mut successes = 0u64;
        while rest >= mass && successes < trials {
            rest -= mass;
            mass *= (n - successes as f64) / (successes as f64 + 1.0) * odds;
            successes += 1;
            if mass < f64::MIN_POSITIVE {
                break;
            }
        }
        successes
    }

    /// Algorithm BTRS of Hörmann 1993, The generation of binomial random variates, J. Stat. Comput. Simul. 46.
    fn transformed_rejection(&mut self, trials: u64, p: f64) -> u64 {
        let n = trials as f64;
        let deviation = (n * p * (1.0 - p)).sqrt();
        let b = 1.15 + 2.53 * deviation;
        let a = -0.0873 + 0.0248 * b + 0.01 * p;
        let c = n * p + 0.5;
        let accepted_at_once = 0.92 - 4.2 / b;
        let alpha = (2.83 + 5.1 / b) * deviation;
        let mode = ((n + 1.0) * p).floor();
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + c).floor();
            if us >= 0.07 && v <= accepted_at_once {
                return k as u64;
            }
            if !(0.0..=n).contains(&k) {
                continue;
            }
            if (v * alpha / (a / (us * us) + b)).ln() <= log_mass_ratio(n, p, k, mode) {
                return k as u64;
            }
        }
    }
}

/// `ln P(k) - ln P(mode)` of the binomial, by Stirling's series; written so that large `n` cancels before the logarithm.
fn log_mass_ratio(n: f64, p: f64, k: f64, mode: f64) -> f64 {
    let odds = p / (1.0 - p);
    (mode + 0.5) * ((mode + 1.0) / (odds * (n - mode + 1.0))).ln()
        + (n + 1.0) * ((k - mode) / (n - k + 1.0)).ln_1p()
        + (k + 0.5) * (odds * (n - k + 1.0) / (k + 1.0)).ln()
        + stirling_rest(mode)
        + stirling_rest(n - mode)
        - stirling_rest(k)
        - stirling_rest(n - k)
}

/// `ln k! - ((k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi)/2)`: tabulated to 9, then three terms of Stirling's series (Hörmann
/// 1993, section 2.2).
pub(super) fn stirling_rest(k: f64) -> f64 {
    const TABLE: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_75,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_09,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
    ];
    if let Some(&value) = TABLE.get(k as usize) {
        return value;
    }
    let inverse = 1.0 / (k + 1.0);
    let square = inverse * inverse;
    (1.0 / 12.0 - (1.0 / 360.0 - square / 1260.0) * square) * inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_factorial(k: u64) -> f64 {
        (2..=k).map(|i| (i as f64).ln()).sum()
    }

    fn log_mass(n: u64, p: f64, k: u64) -> f64 {
        log_factorial(n) - log_factorial(k) - log_factorial(n - k) + k as f64 * p.ln() + (n - k) as f64 * (-p).ln_1p()
    }

    #[test]
    fn stirling_rest_completes_the_factorial() {
        for k in [0u64, 1, 5, 9, 10, 11, 40, 300] {
            let x = k as f64;
            let approximation = (x + 0.5) * (x + 1.0).ln() - (x + 1.0) + 0.5 * std::f64::consts::TAU.ln();
            // The first term left out is 1 / (1680 (k + 1)^7): 3e-11 at 10.
            assert!((log_factorial(k) - approximation - stirling_rest(x)).abs() < 5e-11, "{k}");
        }
    }

    #[test]
    fn ratio_of_masses_is_that_of_the_binomial() {
        for (n, p, k, mode) in [(40, 0.3, 9, 12), (1000, 0.02, 31, 20), (5000, 0.5, 2444, 2500)] {
            let exact = log_mass(n, p, k) - log_mass(n, p, mode);
            let found = log_mass_ratio(n as f64, p, k as f64, mode as f64);
            assert!((found - exact).abs() < 1e-8, "{n} {p} {k}: {found} {exact}");
        }
    }

    /// Chi-square of the drawn numbers against the probability mass.
    #[test]
    fn every_branch_draws_the_binomial() {
        let draws = 200_000;
        for (case, (n, p)) in
            [(1u64, 0.3), (7, 0.9), (9, 0.6), (12, 0.5), (30, 0.02), (100, 0.4), (60, 0.7), (1000, 0.03), (400, 0.5)]
                .into_iter()
                .enumerate()
        {
            let mut counts = vec![0u64; n as usize + 1];
            let mut variates = Variates::new(Stream::new(11, case as u32, 0));
            for _ in 0..draws {
                counts[variates.binomial(n, p) as usize] += 1;
            }
            let [mut chi_square, mut freedom] = [0.0, -1.0];
            let [mut expected, mut found] = [0.0, 0.0];
            for k in 0..=n {
                expected += f64::from(draws) * log_mass(n, p, k).exp();
                found += counts[k as usize] as f64;
                // Classes are joined until twenty draws are expected; what is left joins nothing and is negligible.
                if expected >= 20.0 {
                    chi_square += (found - expected).powi(2) / expected;
                    freedom += 1.0;
                    [expected, found] = [0.0, 0.0];
                }
            }
            // Four standard deviations of the chi-square.
            let limit = freedom + 4.0 * (2.0f64 * f64::max(freedom, 1.0)).sqrt();
            assert!(chi_square < limit, "n = {n}, p = {p}: {chi_square} with {freedom} degrees of freedom");
        }
    }

    #[test]
    fn moments_of_large_binomials() {
        let draws = 100_000;
        for (case, (n, p)) in
            [(1_000_000u64, 1e-3), (3_000_000, 0.3), (180_000_000, 0.2), (1 << 50, 1e-9), (1 << 50, 0.75)]
                .into_iter()
                .enumerate()
        {
            let mut variates = Variates::new(Stream::new(5, case as u32, 0));
            let mean = n as f64 * p;
            let deviation = (mean * (1.0 - p)).sqrt();
            let z: Vec<f64> = (0..draws).map(|_| (variates.binomial(n, p) as f64 - mean) / deviation).collect();
            let moment = |order: i32| z.iter().map(|z| z.powi(order)).sum::<f64>() / f64::from(draws);
            let error = 4.0 / f64::from(draws).sqrt();
            assert!(moment(1).abs() < error, "mean of {n}, {p}: {}", moment(1));
            assert!((moment(2) - 1.0).abs() < error * 2f64.sqrt(), "variance of {n}, {p}: {}", moment(2));
            let skewness = (1.0 - 2.0 * p) / deviation;
            assert!((moment(3) - skewness).abs() < error * 15f64.sqrt(), "skewness of {n}, {p}: {}", moment(3));
            assert!((moment(4) - 3.0).abs() < error * 96f64.sqrt(), "kurtosis of {n}, {p}: {}", moment(4));
        }
    }

    #[test]
    fn bounds_and_certainties() {
        let mut variates = Variates::new(Stream::new(1, 0, 0));
        assert_eq!(variates.binomial(0, 0.5), 0);
        assert_eq!(variates.binomial(1 << 53, 0.0), 0);
        assert_eq!(variates.binomial(1 << 53, 1.0), 1 << 53);
        assert_eq!(variates.round(3.0), 3);
        let mean = (0..40_000).map(|_| variates.round(2.25) as f64).sum::<f64>() / 40_000.0;
        assert!((mean - 2.25).abs() < 4.0 * (0.1875f64 / 40_000.0).sqrt(), "{mean}");
    }
}
