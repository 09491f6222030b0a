//! Stochastic diffusion and reaction by operator splitting (Chen and De Schutter 2017, Parallel STEPS, Front. Neuroinform.
//! 11:13).
//!
//! A step of `h = 1 / max k_i` over all tetrahedra and species: first reactions in each tetrahedron on its own, then jumps.
//! Of n molecules in tetrahedron i, Binomial(n, h k_i) leave, spread over the faces as a multinomial; all leave before any
//! arrives. Without reactions each molecule moves on its own, and the mean follows forward Euler exactly.

use msr_coupling::random::Stream;
use rayon::prelude::*;

use super::{JumpOperator, Kinetics, Variates};

/// Up to this many leaving molecules choose their face one by one.
const ONE_BY_ONE: u64 = 10;

/// Tetrahedra that one task treats; smaller meshes run on one thread.
const CHUNK: usize = 1024;

/// The splitting scheme for given rates.
#[derive(Debug, Clone)]
pub struct OperatorSplitting {
    operator: JumpOperator,
    kinetics: Kinetics,
    diffusion_um2_s: Vec<f64>,
    step_s: f64,
    departures: Vec<[u64; 4]>,
}

impl OperatorSplitting {
    /// For species with the diffusion coefficients `diffusion_um2_s`.
    pub fn new(operator: JumpOperator, kinetics: Kinetics, diffusion_um2_s: Vec<f64>) -> Self {
        let fastest = diffusion_um2_s.iter().copied().fold(0.0, f64::max) * operator.largest_rate_per_um2();
        let step_s = if fastest > 0.0 { 1.0 / fastest } else { f64::INFINITY };
        let departures = vec![[0; 4]; operator.len() * diffusion_um2_s.len()];
        Self { operator, kinetics, diffusion_um2_s, step_s, departures }
    }

    /// The longest step, in s: one over the largest rate of leaving; infinite where nothing diffuses.
    pub fn step_s(&self) -> f64 {
        self.step_s
    }

    /// Advances `counts` (species by species within each tetrahedron) by `dt_s`: full steps, then one of the remainder.
    /// `step` counts all steps ever made and keys the random streams.
    pub fn advance(&mut self, counts: &mut [u64], dt_s: f64, seed: u64, step: &mut u64) {
        let full_steps = if self.step_s.is_finite() { (dt_s / self.step_s).floor() as u64 } else { 0 };
        for _ in 0..full_steps {
            self.split_step(counts, self.step_s, seed, *step);
            *step += 1;
        }
        let remainder_s = if full_steps > 0 { dt_s - full_steps as f64 * self.step_s } else { dt_s };
        if remainder_s > 0.0 {
            self.split_step(counts, remainder_s, seed, *step);
            *step += 1;
        }
    }

    fn split_step(&mut self, counts: &mut [u64], h_s: f64, seed: u64, step: u64) {
        let Self { operator, kinetics, diffusion_um2_s, departures, .. } = self;
        let species = diffusion_um2_s.len();
        let chunk = CHUNK * species;
        let depart = |first: usize, counts: &mut [u64], departures: &mut [[u64; 4]]| {
            let leaving = Leaving { operator, kinetics, diffusion_um2_s, h_s };
            leaving.chunk(first, counts, departures, |tet| Variates::new(Stream::new(seed, tet as u32, step)));
        };
        if operator.len() <= CHUNK {
            depart(0, counts, departures);
            arrive(operator, species, departures, 0, counts);
            return;
        }
        counts
            .par_chunks_mut(chunk)
            .zip(departures.par_chunks_mut(chunk))
            .enumerate()
            .for_each(|(index, (counts, departures))| depart(index * CHUNK, counts, departures));
        counts
            .par_chunks_mut(chunk)
            .enumerate()
            .for_each(|(index, counts)| arrive(operator, species, departures, index * CHUNK, counts));
    }
}

/// Adds what left the neighbours to the tetrahedra from `first` on.
fn arrive(operator: &JumpOperator, species: usize, departures: &[[u64; 4]], first: usize, counts: &mut [u64]) {
    for (offset, counts) in counts.chunks_exact_mut(species).enumerate() {
        let tet = first + offset;
        for face in 0..4 {
            let neighbour = operator.neighbours()[tet][face] as usize;
            // A closed face leads back to the tetrahedron, whence nothing leaves through it.
            if neighbour != tet {
                let back = usize::from(operator.faces_back()[tet][face]);
                let leaving = &departures[neighbour * species..(neighbour + 1) * species];
                counts.iter_mut().zip(leaving).for_each(|(count, leaving)| *count += leaving[back]);
            }
        }
    }
}

/// What one step's departures need to know.
struct Leaving<'a> {
    operator: &'a JumpOperator,
    kinetics: &'a Kinetics,
    diffusion_um2_s: &'a [f64],
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
    ) {
        let species = self.diffusion_um2_s.len();
        let mut mean_counts = vec![0.0; species];
        let mut propensities = Vec::new();
        let sources = self.kinetics.has_sources();
        let rows = counts.chunks_exact_mut(species).zip(departures.chunks_exact_mut(species));
        for (offset, (counts, departures)) in rows.enumerate() {
            let tet = first + offset;
            departures.fill([0; 4]);
            let occupied = counts.iter().any(|&count| count > 0);
            if !(occupied || sources) || !self.operator.inside()[tet] {
                continue;
            }
            let mut variates = variates(tet);
            if !self.kinetics.is_empty() {
                let volume_um3 = self.operator.volumes_um3()[tet];
                self.kinetics.react(counts, &mut mean_counts, &mut propensities, volume_um3, self.h_s, &mut variates);
            }
            for one in 0..species {
                // A changed species leaves as if its mean over the reaction step had been there all along.
                let present = if self.kinetics.changes(one) {
                    variates.round(mean_counts[one]).min(counts[one])
                } else {
                    counts[one]
                };
                let total_rate = self.operator.total_rates_per_um2()[tet] * self.diffusion_um2_s[one];
                let leaving = variates.binomial(present, self.h_s * total_rate);
                if leaving > 0 {
                    departures[one] = self.spread(tet, leaving, &mut variates);
                    counts[one] -= leaving;
                }
            }
        }
    }

    /// Distributes leaving molecules over the faces.
    fn spread(&self, tet: usize, leaving: u64, variates: &mut Variates) -> [u64; 4] {
        let rates = &self.operator.rates_per_um2()[tet];
        let last = rates.iter().rposition(|&rate| rate > 0.0).unwrap_or(0);
        let mut faces = [0; 4];
        if leaving <= ONE_BY_ONE {
            for _ in 0..leaving {
                let mut threshold = variates.uniform() * self.operator.total_rates_per_um2()[tet];
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
        let mut rate_left = self.operator.total_rates_per_um2()[tet];
        for face in 0..last {
            faces[face] = variates.binomial(rest, rates[face] / rate_left);
            rest -= faces[face];
            rate_left -= rates[face];
        }
        faces[last] = rest;
        faces
    }
}
