//! Seeds of random streams.

use msr_coupling::random::Stream;

/// What random numbers are for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// Noise currents.
    Noise = 1,
}

/// The seed of a purpose: the run's seed, the purpose's own seed (`stimulus_seed`, `synapse_seed`) and the number of the
/// input or edge population.
pub(super) fn seed(purpose: Purpose, run_seed: i32, own_seed: i32, number: usize) -> u64 {
    let seeds = u64::from(run_seed as u32) << 32 | u64::from(own_seed as u32);
    Stream::new(seeds, purpose as u32, number as u64).next_u64()
}
