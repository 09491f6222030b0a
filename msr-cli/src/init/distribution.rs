//! Draws from the distributions of the morphological and synaptic statistics.

use msr_coupling::random::Stream;

/// What a random stream is for; together with the entity it names the stream.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    Placement = 1,
    Dendrites = 2,
    Axon = 3,
    Vessels = 4,
    Connections = 5,
    Physiology = 6,
    Astrocyte = 7,
    Ensheathment = 8,
}

/// The stream of one entity for one purpose.
pub fn stream(seed: u64, purpose: Purpose, entity: usize) -> Stream {
    Stream::new(seed, entity as u32, purpose as u64)
}

/// Mean and standard deviation, in the unit of the quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread(pub f64, pub f64);

impl Spread {
    /// A normal variate that is redrawn until it lies in [low, high].
    pub fn normal_within(self, stream: &mut Stream, low: f64, high: f64) -> f64 {
        loop {
            let value = self.0 + self.1 * stream.normal();
            if (low..=high).contains(&value) {
                return value;
            }
        }
    }

    /// A gamma variate: positive, with this mean and standard deviation.
    pub fn gamma(self, stream: &mut Stream) -> f64 {
        let shape = (self.0 / self.1).powi(2);
        standard_gamma(stream, shape) * self.0 / shape
    }
}

/// Uniform in [low, high).
pub fn uniform_between(stream: &mut Stream, low: f64, high: f64) -> f64 {
    low + (high - low) * stream.uniform()
}

/// Gamma variate of scale 1 (Marsaglia and Tsang 2000, ACM Trans. Math. Softw. 26:363).
fn standard_gamma(stream: &mut Stream, shape: f64) -> f64 {
    if shape < 1.0 {
        // Their section 6: boost the shape by one.
        let boost = stream.uniform().max(f64::MIN_POSITIVE).powf(1.0 / shape);
        return standard_gamma(stream, shape + 1.0) * boost;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = stream.normal();
        let v = (1.0 + c * x).powi(3);
        if v > 0.0 && stream.uniform().max(f64::MIN_POSITIVE).ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
            return d * v;
        }
    }
}
