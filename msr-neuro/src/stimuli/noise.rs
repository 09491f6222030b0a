//! Signals made of random numbers, in neurodamus' order of drawing.

use super::samples::sample_count;
use crate::random::{Draws, Normal};

/// `noise`: independent normal values, the first `kept` of `drawn`.
pub fn normal_noise(random: &mut Draws, mean: f64, variance: f64, [drawn, kept]: [usize; 2]) -> Vec<f64> {
    let deviation = variance.sqrt();
    let mut normal = Normal::chosen(random);
    let values = (0..kept).map(|_| normal.next(random) * deviation + mean).collect();
    (kept..drawn).for_each(|_| {
        normal.next(random);
    });
    values
}

/// Draws what a noise that began at 0 would have drawn before `delay_ms`, as neurodamus does: the time before is gone
/// through in pieces as long as the noise.
pub fn skip_noise(random: &mut Draws, delay_ms: f64, duration_ms: f64, step_ms: f64, run_dt_ms: f64) {
    let (piece, end) = (duration_ms - run_dt_ms, delay_ms - run_dt_ms);
    let mut normal = Normal::default();
    let mut from = 0.0;
    while from < end {
        // A piece that is shorter than nothing would never come to the end.
        let until = if piece > 0.0 { f64::min(from + piece, end) } else { end };
        for _ in 0..sample_count(until - from, step_ms) {
            normal.next(random);
        }
        from = until + run_dt_ms;
    }
}

/// Parameters of an Ornstein-Uhlenbeck process.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OrnsteinUhlenbeck {
    /// Correlation time, in ms; white noise below 1e-9.
    pub tau_ms: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sigma: f64,
}

/// A shorter correlation time is none, in ms.
const WHITE_BELOW_MS: f64 = 1e-9;

impl OrnsteinUhlenbeck {
    /// The first `count` samples of the process, which begins at its mean: the exact update of Gillespie 1996 (Phys. Rev. E 54:2084).
    pub fn samples(&self, random: &mut Draws, count: usize, step_ms: f64) -> Vec<f64> {
        let &Self { tau_ms, mean, sigma } = self;
        let mut normal = Normal::chosen(random);
        let is_white = tau_ms < WHITE_BELOW_MS;
        let decay = if is_white { 0.0 } else { (-step_ms / tau_ms).exp() };
        let amplitude = sigma * (1.0 - decay * decay).sqrt();
        let mut value = 0.0;
        let samples = (0..count).map(|index| {
            let noise = normal.next(random) * amplitude;
            if index > 0 || is_white {
                value = value * decay + noise;
            }
            value + mean
        });
        samples.collect()
    }
}

/// Pulses at random times: a Poisson process of pulses that rise and fall exponentially and whose heights are of a gamma
/// distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShotNoise {
    /// Time constant of the rise, in ms.
    pub rise_ms: f64,
    /// Time constant of the decay, in ms; more than that of the rise.
    pub decay_ms: f64,
    /// Pulses in a second.
    pub rate_hz: f64,
    /// Mean height of the pulses; negative ones go down.
    pub mean_height: f64,
    /// Variance of the heights.
    pub height_variance: f64,
}

const MS_PER_S: f64 = 1000.0;
/// Heights whose variance is less than this part of their squared mean are the same, but for rounding.
const LEAST_SPREAD: f64 = 1e-12;

impl ShotNoise {
    /// Shot noise by mean, standard deviation and skewness of the signal: Campbell's theorem and its generalisation to higher
    /// moments (Rice 1944, Bell Syst. Tech. J. 23:282). `relative_skew` goes from 0, the least skewness that gamma-distributed
    /// heights can have, to 1, twice as much, where infinitely many small pulses would be needed. A negative mean turns the signal of its absolute value upside down.
    pub fn of_moments(rise_ms: f64, decay_ms: f64, mean: f64, deviation: f64, relative_skew: f64) -> Self {
        let (sign, mean) = (mean.signum(), mean.abs());
        let (r, d) = (rise_ms, decay_ms);
        let peak_ms = (d / r).ln() / (1.0 / r - 1.0 / d);
        let peak = (-peak_ms / d).exp() - (-peak_ms / r).exp();
        // Area of a pulse of height 1; integrals of its square and cube are in proportion to these.
        let area = (d - r) / peak;
        let second = 1.0 / (d + r);
        let third = 1.0 / ((d + 2.0 * r) * (2.0 * d + r));
        let least_skew = 8.0 / 3.0 * (third / (second * second)) * (deviation / mean);
        let skew = (1.0 + relative_skew) * least_skew;
        // (1 + shape) scale and (2 + shape) scale of the heights, from ratios of cumulants.
        let first_ratio = 2.0 / (second * area) * (deviation * deviation / mean);
        let second_ratio = 3.0 * second / (4.0 * third * area) * (deviation * skew);
        let mean_height = 2.0 * first_ratio - second_ratio;
        Self {
            rise_ms,
            decay_ms,
            rate_hz: mean / (mean_height * area) * MS_PER_S,
            mean_height: sign * mean_height,
            height_variance: mean_height * (second_ratio - first_ratio),
        }
    }

    /// The first `kept` samples of the signal, which begins with 0; their numbers depend on the whole duration.
    pub fn samples(&self, random: &mut Draws, duration_ms: f64, step_ms: f64, kept: usize) -> Vec<f64> {
        let count = sample_count(duration_ms, step_ms);
        let hits: Vec<usize> = self
            .times_ms(random, duration_ms)
            .into_iter()
            .map(|time_ms| (time_ms / step_ms).round_ties_even() as usize)
            .filter(|&index| index < count)
            .collect();
        let (sign, mean) = (self.mean_height.signum(), self.mean_height.abs());
        let scale = self.height_variance / mean;
        let heights = if scale > mean * LEAST_SPREAD {
            random.gamma(mean / scale, scale, hits.len())
        } else {
            vec![mean; hits.len()]
        };
        let mut kicks = vec![0.0; count.min(kept)];
        for (index, height) in hits.into_iter().zip(heights) {
            if let Some(kick) = kicks.get_mut(index) {
                *kick += sign * height;
            }
        }
        self.filtered(kicks, step_ms)
    }

    /// Times of the pulses: NEURON fills a vector of intervals that is long enough but for one in a thousand; where it is not,
    /// more are drawn.
    fn times_ms(&self, random: &mut Draws, duration_ms: f64) -> Vec<f64> {
        /// Standard deviations of a Poisson count that are allowed for.
        const DEVIATIONS: f64 = 3.0;
        let expected = 1 + (duration_ms * self.rate_hz / MS_PER_S) as usize;
        let enough = (expected as f64 + DEVIATIONS * (expected as f64).sqrt()) as usize;
        let mean_s = 1.0 / self.rate_hz;
        random.exponential(mean_s);
        let (mut sum_s, mut times_ms) = (0.0, Vec::with_capacity(enough));
        let mut drawn = 0;
        while drawn < enough || sum_s * MS_PER_S < duration_ms {
            sum_s += random.exponential(mean_s);
            drawn += 1;
            let time_ms = sum_s * MS_PER_S;
            if time_ms < duration_ms {
                times_ms.push(time_ms);
            }
        }
        times_ms
    }

    /// Answer to these kicks of a filter whose answer to one kick of 1 rises and falls exponentially and has a peak of 1.
    fn filtered(&self, kicks: Vec<f64>, step_ms: f64) -> Vec<f64> {
        let (a, b) = ((-step_ms / self.decay_ms).exp(), (-step_ms / self.rise_ms).exp());
        let (decay, rise) = (-a.ln(), -b.ln());
        let peak = (rise / decay).ln() / (rise - decay);
        let height = (a / b - 1.0) / (a.powf(peak) - b.powf(peak));
        let (mut signal, mut rising) = (0.0, 0.0);
        let mut before = None;
        let values = kicks.into_iter().map(|kick| {
            if let Some(before) = before.replace(kick) {
                signal = a * signal + b * rising;
                rising = b * rising + before;
            }
            signal * height
        });
        values.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of `neurodamus.core.stimuli` 4.2.9 with NEURON 9.0.2, run with random_seed 3, stimulus_seed 7, node 1.
    fn close(found: &[f64], expected: &[f64]) {
        for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() < 1e-14, "{index}: {found}, NEURON {expected}");
        }
    }

    #[test]
    fn distributions_are_neurons() {
        let stream = || Draws::new(3, [5, 6, 7]);
        // `Random.uniform(0, 1)`, `gamma(rng, shape, 0.4, 4)`.
        assert_eq!(stream().uniform(), 0.9154362396999643);
        close(
            &stream().gamma(2.5, 0.4, 4),
            &[1.4772766754860784, 1.62531626831941, 0.6249664361918017, 1.0626476952333028],
        );
        close(
            &stream().gamma(0.25, 0.4, 4),
            &[0.044929579271296996, 0.05562517607236123, 0.03563617314782141, 0.2095990901152852],
        );
    }

    #[test]
    fn normal_noise_is_neurodamus() {
        let stream = || Draws::new(3, [100, 507, 302]);
        let noise = |mut random: Draws, delay_ms| {
            skip_noise(&mut random, delay_ms, 10.2, 0.5, 0.025);
            let first = normal_noise(&mut random, 0.5, 0.01, [21, 21]);
            [first, normal_noise(&mut random, 0.5, 0.01, [21, 21])]
        };
        let [values, _] = noise(stream(), 0.0);
        assert_eq!(values.len(), 21);
        close(&values, &[0.39368303361137447, 0.5625962817529409, 0.5368317575000843, 0.3891422539572874]);
        assert!((values[20] - 0.4459032961821212).abs() < 1e-14);
        let [values, second] = noise(stream(), 2.0);
        close(&values, &[0.40199516213974423, 0.5119000453329526, 0.5106039947322902, 0.5790762826763245]);
        // The second place of the same cell.
        close(&second, &[0.419197844266074, 0.4165049640793158, 0.45204085884780587, 0.3876635682428691]);
        // An odd number of draws before.
        let [values, _] = noise(stream(), 1.5);
        close(&values, &[0.40199516213974423, 0.5119000453329526, 0.5106039947322902, 0.5790762826763245]);
        // The time before is gone through in several pieces.
        let mut random = stream();
        skip_noise(&mut random, 25.0, 3.0, 0.5, 0.025);
        let values = normal_noise(&mut random, 0.5, 0.01, [7, 7]);
        close(&values, &[0.487866848726159, 0.6311252658191875, 0.5641231910645207, 0.49224355618608523]);
    }

    #[test]
    fn ornstein_uhlenbeck_is_neurodamus() {
        let samples = |tau_ms, third| {
            let mut random = Draws::new(3, [2997, 291_211, third]);
            OrnsteinUhlenbeck { tau_ms, mean: 0.1, sigma: 0.2 }.samples(&mut random, 41, 0.25)
        };
        let correlated = samples(3.0, 125);
        close(&correlated, &[0.1, 0.05842541886067573, 0.10403358699923926, 0.15909343597203962, 0.1757280411273039]);
        close(&correlated[39..], &[0.015024256861698296, 0.026898598397237586]);
        close(&samples(0.0, 42), &[0.2224738159542043, 0.453375522643255, 0.2975513476330012, 0.35294295518148666]);
    }

    #[test]
    fn shot_noise_is_neurodamus() {
        let first = |mean_height, height_variance, kept| {
            let mut random = Draws::new(3, [2998, 19_223, 125]);
            let shot = ShotNoise { rise_ms: 0.4, decay_ms: 4.0, rate_hz: 500.0, mean_height, height_variance };
            shot.samples(&mut random, 40.0, 0.25, kept)
        };
        let samples = |mean_height, height_variance| {
            let all = first(mean_height, height_variance, usize::MAX);
            assert_eq!(first(mean_height, height_variance, 50), all[..50]);
            all
        };
        let found = samples(0.04, 0.0004);
        assert_eq!(found.len(), 161);
        assert_eq!(found[..9], [0.0; 9]);
        close(&found[9..], &[0.051115260189543786, 0.07537837031934215, 0.08545619296864261, 0.08811744300468936]);
        close(&[found.iter().sum::<f64>() / 100.0], &[15.394724390829143 / 100.0]);
        // Less than 1 as shape of the gamma distribution, and downwards.
        let found = samples(-0.02, 0.0016);
        close(&found[9..], &[-0.028936867387299427, -0.04267246019512081, -0.04837761784225305]);
        close(&[found.iter().sum::<f64>() / 100.0], &[-10.72448023113259 / 100.0]);
    }

    #[test]
    fn moments_give_the_parameters_of_neurodamus() {
        let shot = ShotNoise::of_moments(0.4, 4.0, 0.1, 0.05, 0.5);
        let expected = [909.0909090909081, 0.021292251273731022, 0.0004533599643036996];
        for (found, expected) in [shot.rate_hz, shot.mean_height, shot.height_variance].iter().zip(expected) {
            assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        }
        let down = ShotNoise::of_moments(0.4, 4.0, -0.1, 0.05, 0.5);
        assert_eq!((down.mean_height, down.rate_hz), (-shot.mean_height, shot.rate_hz));
    }

    /// Mean, standard deviation and correlation after one time constant of long signals.
    #[test]
    fn statistics_are_those_asked_for() {
        let moments = |values: &[f64], lag: usize| {
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
            let pairs = values.iter().zip(&values[lag..]);
            let covariance = pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / count;
            [mean, variance.sqrt(), covariance / variance]
        };
        let near = |found: [f64; 2], expected: [f64; 2], tolerance: f64| {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found / expected - 1.0).abs() < tolerance, "{found} {expected}");
            }
        };
        let process = OrnsteinUhlenbeck { tau_ms: 5.0, mean: 0.3, sigma: 0.1 };
        let [mean, deviation, correlation] =
            moments(&process.samples(&mut Draws::new(1, [1, 2, 3]), 1_000_001, 0.5), 10);
        near([mean, deviation], [0.3, 0.1], 0.01);
        assert!((correlation - (-1.0_f64).exp()).abs() < 0.02, "{correlation}");
        for relative_skew in [0.0, 0.5, 0.9] {
            let shot = ShotNoise::of_moments(0.5, 5.0, 0.2, 0.05, relative_skew);
            let values = shot.samples(&mut Draws::new(1, [4, 5, 6]), 2e5, 0.05, usize::MAX);
            let [mean, deviation, _] = moments(&values[1000..], 1);
            near([mean, deviation], [0.2, 0.05], 0.02);
        }
    }
}
