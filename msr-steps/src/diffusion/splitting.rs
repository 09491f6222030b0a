//! Stochastic diffusion and reaction by operator splitting (Chen and De Schutter 2017, Parallel STEPS, Front. Neuroinform.
//! 11:13).
//!
//! A step of `h = 1 / max k_i` over all tetrahedra and species: first reactions in each tetrahedron on its own, then jumps.
//! Of n molecules in tetrahedron i, Binomial(n, h k_i) leave, spread over the faces as a multinomial; all leave before any
//! arrives. Without reactions each molecule moves on its own, and the mean follows forward Euler exactly.

use msr_coupling::random::Stream;
use rayon::prelude::*;

use super::network::NO_COMPARTMENT;
use super::{Failure, JumpNetwork, Kinetics, Molecules, Variates, is_serial};

/// Up to this many leaving molecules choose their face one by one.
const ONE_BY_ONE: u64 = 10;

/// Tetrahedra that one task treats.
const CHUNK: usize = 1024;

/// The splitting scheme for given rates.
#[derive(Debug, Clone)]
pub struct OperatorSplitting {
    network: JumpNetwork,
    kinetics: Vec<Kinetics>,
    step_s: f64,
    departures: Vec<[u64; 4]>,
}

impl OperatorSplitting {
    /// For these jumps and the reactions of each compartment.
    pub fn new(network: JumpNetwork, kinetics: Vec<Kinetics>) -> Self {
        let fastest = (0..network.species()).map(|one| network.largest_rate_per_s(one)).fold(0.0, f64::max);
        let step_s = if fastest > 0.0 { 1.0 / fastest } else { f64::INFINITY };
        let departures = vec![[0; 4]; network.len() * network.species()];
        Self { network, kinetics, step_s, departures }
    }

    /// The longest step, in s: one over the largest rate of leaving; infinite where nothing diffuses.
    pub fn step_s(&self) -> f64 {
        self.step_s
    }

    fn split_step(&mut self, counts: &mut [u64], h_s: f64, seed: u64, step: u64) -> Result<(), Failure> {
        let Self { network, kinetics, departures, .. } = self;
        let species = network.species();
        let chunk = CHUNK * species;
        let depart = |first: usize, counts: &mut [u64], departures: &mut [[u64; 4]]| {
            let leaving = Leaving { network, kinetics, h_s };
            leaving.chunk(first, counts, departures, |tet| Variates::new(Stream::new(seed, tet as u32, step)))
        };
        if is_serial(network.len()) {
            depart(0, counts, departures)?;
            arrive(network, departures, 0, counts);
            return Ok(());
        }
        counts
            .par_chunks_mut(chunk)
            .zip(departures.par_chunks_mut(chunk))
            .enumerate()
            .filter_map(|(index, (counts, departures))| depart(index * CHUNK, counts, departures).err())
            .min_by_key(|failure| failure.tet)
            .map_or(Ok(()), Err)?;
        counts
            .par_chunks_mut(chunk)
            .enumerate()
            .for_each(|(index, counts)| arrive(network, departures, index * CHUNK, counts));
        Ok(())
    }
}

/// Adds what left the neighbours to the tetrahedra from `first` on.
fn arrive(network: &JumpNetwork, departures: &[[u64; 4]], first: usize, counts: &mut [u64]) {
    let species = network.species();
    for (offset, counts) in counts.chunks_exact_mut(species).enumerate() {
        let tet = first + offset;
        for (one, count) in counts.iter_mut().enumerate() {
            let operator = network.operator(one);
            if operator.held()[tet] {
                continue;
            }
            for face in 0..4 {
                let neighbour = operator.neighbours()[tet][face] as usize;
                // A closed face leads back to the tetrahedron, whence nothing leaves through it.
                if neighbour != tet {
                    *count += departures[neighbour * species + one][usize::from(operator.faces_back()[tet][face])];
                }
            }
        }
    }
}

/// What one step's departures need to know.
struct Leaving<'a> {
    network: &'a JumpNetwork,
    kinetics: &'a [Kinetics],
    h_s: f64,
}

impl Leaving<'_> {
    /// Reacts in the tetrahedra from `first` on, and takes out what leaves them.
    fn chunk(
        &self,
        first: usize,
        counts: &mut [u64],
        departures: &mut [[u64; 4]],
        variates: impl Fn(usize) -> Variates,
    ) -> Result<(), Failure> {
        let species = self.network.species();
        let mut mean_counts = vec![0.0; species];
        let mut propensities = Vec::new();
        let rows = counts.chunks_exact_mut(species).zip(departures.chunks_exact_mut(species));
        for (offset, (counts, departures)) in rows.enumerate() {
            let tet = first + offset;
            departures.fill([0; 4]);
            let compartment = self.network.compartments()[tet];
            if compartment == NO_COMPARTMENT {
                continue;
            }
            let kinetics = &self.kinetics[usize::from(compartment)];
            if counts.iter().all(|&count| count == 0) && !kinetics.has_sources() {
                continue;
            }
            let mut variates = variates(tet);
            if !kinetics.is_empty() {
                let volume_um3 = self.network.volumes_um3()[tet];
                kinetics
                    .react(counts, &mut mean_counts, &mut propensities, volume_um3, self.h_s, &mut variates)
                    .map_err(|failure| Failure { tet, ..failure })?;
            }
            for one in 0..species {
                let operator = self.network.operator(one);
                // A changed species leaves as if its mean over the reaction step had been there all along.
                let present =
                    if kinetics.changes(one) { variates.round(mean_counts[one]).min(counts[one]) } else { counts[one] };
                let total_rate = operator.total_rates_per_um2()[tet] * self.network.diffusion_um2_s(one);
                let leaving = variates.binomial(present, self.h_s * total_rate);
                if leaving > 0 {
                    let rates = &operator.rates_per_um2()[tet];
                    departures[one] = spread(leaving, rates, operator.total_rates_per_um2()[tet], &mut variates);
                    if !operator.held()[tet] {
                        counts[one] -= leaving;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Distributes leaving molecules over the faces: a multinomial, as a chain of binomials where there are many.
pub(super) fn spread(leaving: u64, rates: &[f64; 4], total_rate: f64, variates: &mut Variates) -> [u64; 4] {
    let last = rates.iter().rposition(|&rate| rate > 0.0).unwrap_or(0);
    let mut faces = [0; 4];
    if leaving <= ONE_BY_ONE {
        for _ in 0..leaving {
            let mut threshold = variates.uniform() * total_rate;
            let mut face = 0;
            while face < last && threshold >= rates[face] {
                threshold -= rates[face];
                face += 1;
            }
            faces[face] += 1;
        }
        return faces;
    }
    let mut rest = leaving;
    let mut rate_left = total_rate;
    for face in 0..last {
        faces[face] = variates.binomial(rest, rates[face] / rate_left);
        rest -= faces[face];
        rate_left -= rates[face];
    }
    faces[last] = rest;
    faces
}

impl Molecules for OperatorSplitting {
    fn advance(&mut self, counts: &mut [u64], dt_s: f64, seed: u64, step: &mut u64) -> Result<(), Failure> {
        let full_steps = if self.step_s.is_finite() { (dt_s / self.step_s).floor() as u64 } else { 0 };
        for _ in 0..full_steps {
            self.split_step(counts, self.step_s, seed, *step)?;
            *step += 1;
        }
        let remainder_s = if full_steps > 0 { dt_s - full_steps as f64 * self.step_s } else { dt_s };
        if remainder_s > 0.0 {
            self.split_step(counts, remainder_s, seed, *step)?;
            *step += 1;
        }
        Ok(())
    }
}
