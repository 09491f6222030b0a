//! Distributions as NEURON's class `Random` draws them from its Random123 streams.
//!
//! NEURON draws a value at once when a distribution is chosen, and Vectors that are filled afterwards begin with the next.
//! The normal distribution makes two values at a time, and keeps the second for the next draw.

use crate::random123::Random123;

/// A stream that is drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draws {
    stream: Random123,
    drawn: u64,
}

impl Draws {
    /// The stream of three numbers; `seed` is NEURON's global index, SONATA's `run.random_seed`.
    pub fn new(seed: u32, ids: [u32; 3]) -> Self {
        Self { stream: Random123 { seed, ids }, drawn: 0 }
    }

    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.stream.uniform(&mut self.drawn)
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        mean * self.stream.exponential(&mut self.drawn)
    }

    /// So many values of a gamma distribution (Marsaglia & Tsang 2001, ACM Trans. Math. Softw. 26:363), drawn in
    /// neurodamus' order: below a shape of 1 the powers of uniform numbers come first.
    pub fn gamma(&mut self, shape: f64, scale: f64, count: usize) -> Vec<f64> {
        if shape < 1.0 {
            self.uniform();
            let factors: Vec<f64> = (0..count).map(|_| self.uniform().powf(1.0 / shape)).collect();
            let values = self.gamma(1.0 + shape, scale, count);
            return values.into_iter().zip(factors).map(|(value, factor)| value * factor).collect();
        }
        /// Bound of the quick acceptance (Marsaglia & Tsang 2001, section 4).
        const SQUEEZE: f64 = 0.0331;
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / 3.0 / d.sqrt();
        let mut draw = || loop {
            // Choosing the distribution anew forgets the second value of the pair.
            let x = Normal::default().next(self);
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let (v, u) = (root * root * root, self.uniform());
            if u < 1.0 - SQUEEZE * x * x * x * x || u.ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                return scale * d * v;
            }
        };
        (0..count).map(|_| draw()).collect()
    }

    /// A lognormally distributed number with this mean and variance, as hoc's `Random` gives when it is first asked.
    pub fn lognormal(&mut self, mean: f64, variance: f64) -> f64 {
        let square = mean * mean;
        let location = (square / (variance + square).sqrt()).ln();
        let scale = ((variance + square) / square).ln().sqrt();
        (Normal::chosen(self).next(self) * scale + location).exp()
    }
}

/// Standard normal values by the polar method (Marsaglia & Bray 1964, SIAM Rev. 6:260), two from each accepted pair.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Normal {
    kept: Option<f64>,
}

impl Normal {
    /// The distribution as NEURON chooses it: its first value is gone.
    pub fn chosen(random: &mut Draws) -> Self {
        let mut normal = Self::default();
        normal.next(random);
        normal
    }

    /// The next value.
    pub fn next(&mut self, random: &mut Draws) -> f64 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        loop {
            let (a, b) = (2.0 * random.uniform() - 1.0, 2.0 * random.uniform() - 1.0);
            let square = a * a + b * b;
            if square <= 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.kept = Some(b * factor);
                return a * factor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Draws;

    /// `benches/compare/edges_reference.py`, global index 3.
    #[test]
    fn lognormal_numbers_are_those_of_neuron() {
        let expected = [
            ([251, 107, 450], 0.0882572063111436),
            ([252, 101, 451], 0.7835188021129874),
            ([253, 101, 451], 0.02566857060533446),
        ];
        for (ids, expected) in expected {
            let found = Draws::new(3, ids).lognormal(0.2, 0.1);
            assert!((found / expected - 1.0).abs() < 1e-14, "{found} {expected}");
        }
    }
}
