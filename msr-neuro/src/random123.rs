//! The random streams of NEURON: Philox 4x32 (Salmon et al. 2011, SC11) keyed by the seed of the run, whose counter holds
//! three numbers that name the stream and the number of the block of four words that is drawn from.

use msr_coupling::random::philox4x32;

/// Words in a block.
const WORDS: u64 = 4;
/// Width of the steps between uniform numbers: 2^32 words and both ends, neither of which is drawn.
pub(crate) const UNIFORM_PER_BIT: f64 = 1.0 / 4_294_967_297.0;

/// A stream. Whoever draws keeps the number of words drawn so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Random123 {
    /// Seed of the run (NEURON's global index).
    pub seed: u32,
    /// The three numbers that name it.
    pub ids: [u32; 3],
}

impl Random123 {
    /// The word after `drawn` others.
    pub fn word(&self, drawn: u64) -> u32 {
        let [one, two, three] = self.ids;
        philox4x32([(drawn / WORDS) as u32, three, one, two], [self.seed, 0])[(drawn % WORDS) as usize]
    }

    /// A number between 0 and 1, from one word.
    pub fn uniform(&self, drawn: &mut u64) -> f64 {
        let word = self.word(*drawn);
        *drawn += 1;
        (f64::from(word) + 1.0) * UNIFORM_PER_BIT
    }

    /// An exponentially distributed number of mean 1, from one word.
    pub fn exponential(&self, drawn: &mut u64) -> f64 {
        -self.uniform(drawn).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::Random123;

    /// `benches/compare/edges_reference.py`, global index 3.
    #[test]
    fn numbers_are_those_of_neuron() {
        // hoc takes the first when the distribution is chosen.
        let (stream, mut drawn) = (Random123 { seed: 3, ids: [207, 1251, 12345] }, 1);
        let expected =
            [0.6073164082625997, 0.42767403713294555, 1.3677975156735258, 3.31806369856638, 0.09798507635500857];
        for expected in expected {
            let found = stream.exponential(&mut drawn);
            assert!((found / expected - 1.0).abs() < 1e-15, "{found} {expected}");
        }
    }
}
