//! Tau-leaping: as few random draws as the number of molecules calls for.
//!
//! Reactions and diffusion alternate symmetrically (Strang 1968, SIAM J. Numer. Anal. 5), in steps within which a molecule
//! hardly reacts. Each tetrahedron chooses for itself how its molecules react ([`ReactionLeap`]) and how they leave it: few
//! one by one, more as binomials, many as Gaussian variates with the covariance of the multinomial. Each species has
//! its own step of diffusion, one over its largest rate of leaving; what is in plentiful tetrahedra takes all of the time at
//! once ([`SpectralLeap`]), while the others go on step by step.

use msr_coupling::random::Stream;
use rayon::prelude::*;

use super::network::NO_COMPARTMENT;
use super::poisson::FEW_TRIALS;
use super::reaction_leap::Scratch;
use super::spectral_leap::{Level, PLENTIFUL, SpectralLeap};
use super::splitting::spread;
use super::{Failure, JumpNetwork, Kinetics, Molecules, ReactionLeap, Variates, is_serial};

/// Part of the molecules that may react within a step of the splitting.
const REACTING_PART: f64 = 0.05;

/// Steps of diffusion that a leap must span: in fewer, most molecules would stay where they are, and their numbers are not
/// new ones.
const LEAST_STEPS: f64 = 8.0;

/// A leap costs as much as half the square root of its number of steps, of all tetrahedra; a step that of those that hold
/// molecules (measured).
const COST_OF_A_LEAP: f64 = 0.5;

/// Steps of diffusion after which it is seen again where a species is plentiful, the first time.
const LOOK_EVERY: u64 = 16;

/// Molecules that must be expected over each face, and to stay, to draw them as Gaussian variates.
const GAUSSIAN: f64 = 1000.0;

/// Tetrahedra that one task treats.
const CHUNK: usize = 1024;

/// Separates the streams of reactions from those of jumps.
const REACTIONS_SEED: u64 = 0x7265_6163_7469_6f6e;

/// How many molecules arrive in which tetrahedra.
type Arrivals = Vec<(u32, u64)>;

/// Tau-leaping for given jumps and reactions.
#[derive(Debug, Clone)]
pub struct TauLeaping {
    network: JumpNetwork,
    /// One for each compartment.
    reactions: Vec<ReactionLeap>,
    /// One for each operator.
    leaps: Vec<SpectralLeap>,
    /// For each chunk, what arrives where.
    arrivals: Vec<Arrivals>,
    /// Molecules of one species that leaps leave to single steps, and those that arrive by leaps.
    few: Vec<u64>,
    arrived: Vec<u64>,
    scratch: Vec<Scratch>,
    /// No step of the splitting is shorter, in s.
    shortest_s: f64,
}

impl TauLeaping {
    /// For these jumps and the reactions of each compartment. From `deterministic_from` molecules of each reactant on,
    /// reactions follow the rate equations.
    pub fn new(network: JumpNetwork, kinetics: Vec<Kinetics>, deterministic_from: f64) -> Self {
        let fastest = (0..network.species()).map(|one| network.largest_rate_per_s(one)).fold(0.0, f64::max);
        let chunks = network.len().div_ceil(CHUNK);
        Self {
            reactions: kinetics.into_iter().map(|kinetics| ReactionLeap::new(kinetics, deterministic_from)).collect(),
            leaps: network.operators().iter().map(SpectralLeap::new).collect(),
            arrivals: vec![Vec::new(); chunks],
            few: vec![0; network.len()],
            arrived: vec![0; network.len()],
            scratch: vec![Scratch::default(); chunks],
            shortest_s: if fastest > 0.0 { 1.0 / fastest } else { 0.0 },
            network,
        }
    }

    /// How long reactions and diffusion may be apart; for ever where nothing diffuses.
    fn splitting_step_s(&self, counts: &[u64]) -> f64 {
        if self.shortest_s == 0.0 {
            return f64::INFINITY;
        }
        let species = self.network.species();
        let largest = counts
            .par_chunks(CHUNK * species)
            .enumerate()
            .map(|(chunk, counts)| {
                let rows = counts.chunks_exact(species).enumerate();
                rows.fold(0.0f64, |largest, (offset, counts)| {
                    let tet = chunk * CHUNK + offset;
                    match self.network.compartments()[tet] {
                        NO_COMPARTMENT => largest,
                        compartment => largest.max(
                            self.reactions[usize::from(compartment)]
                                .largest_rate_per_s(counts, self.network.volumes_um3()[tet]),
                        ),
                    }
                })
            })
            .reduce(|| 0.0, f64::max);
        (REACTING_PART / largest).max(self.shortest_s)
    }

    fn react(&mut self, counts: &mut [u64], dt_s: f64, seed: u64, step: u64) -> Result<(), Failure> {
        let Self { network, reactions, scratch, .. } = self;
        let species = network.species();
        let react = |(chunk, (counts, scratch)): (usize, (&mut [u64], &mut Scratch))| {
            for (offset, counts) in counts.chunks_exact_mut(species).enumerate() {
                let tet = chunk * CHUNK + offset;
                let compartment = network.compartments()[tet];
                if compartment != NO_COMPARTMENT {
                    let mut variates = || Variates::new(Stream::new(seed ^ REACTIONS_SEED, tet as u32, step));
                    let volume_um3 = network.volumes_um3()[tet];
                    reactions[usize::from(compartment)]
                        .react(counts, volume_um3, dt_s, &mut variates, scratch)
                        .map_err(|failure| Failure { tet, ..failure })?;
                }
            }
            Ok(())
        };
        if is_serial(network.len()) {
            return counts.chunks_mut(CHUNK * species).zip(scratch).enumerate().try_for_each(react);
        }
        let chunks = counts.par_chunks_mut(CHUNK * species).zip(scratch).enumerate();
        let first = chunks.filter_map(|chunk| react(chunk).err()).min_by_key(|failure| failure.tet);
        first.map_or(Ok(()), Err)
    }

    fn diffuse(&mut self, counts: &mut [u64], species: usize, dt_s: f64, seed: u64, step: &mut u64) {
        let steps = (dt_s * self.network.largest_rate_per_s(species)).ceil();
        if steps == 0.0 {
            return;
        }
        let h_s = dt_s / steps;
        let mut left = steps as u64;
        let place = [species, self.network.species()];
        let mut wait = LOOK_EVERY;
        while left > 0 {
            if self.leap(counts, species, [left as f64, h_s], seed, step) {
                return;
            }
            for _ in 0..left.min(wait) {
                *step += 1;
                self.jump(counts, place, species, h_s, seed, *step);
            }
            left -= left.min(wait);
            wait *= 2;
        }
    }

    /// Advances a species by some steps of `h_s`: with one leap those molecules of which a tetrahedron holds many, level by
    /// level of their density, step by step the others. `false`, and nothing changed, where that would not cost less or
    /// cannot be done.
    fn leap(&mut self, counts: &mut [u64], species: usize, [steps, h_s]: [f64; 2], seed: u64, step: &mut u64) -> bool {
        let stride = self.network.species();
        let operator = self.network.operator(species);
        let (volumes_um3, rates) = (operator.volumes_um3(), operator.total_rates_per_um2());
        if steps < LEAST_STEPS {
            return false;
        }
        let open = rates.iter().filter(|rate| **rate > 0.0).count();
        let [few, arrived] = [&mut self.few, &mut self.arrived];
        counts.iter().skip(species).step_by(stride).zip(few.iter_mut()).for_each(|(count, few)| *few = *count);
        arrived.fill(0);
        let mut highest = f64::INFINITY;
        let mut has_leapt = false;
        loop {
            let plentiful = few.iter().zip(volumes_um3).filter(|(count, _)| **count >= PLENTIFUL);
            let densities = plentiful.map(|(&count, &volume_um3)| count as f64 / volume_um3);
            highest = densities.filter(|density| *density < highest).fold(0.0, f64::max);
            if highest == 0.0 {
                break;
            }
            let level = Level::below(highest);
            highest = level.lower_end().next_up();
            let moving = few.iter().zip(volumes_um3).zip(rates);
            let moving =
                moving.filter(|((count, volume_um3), rate)| **rate > 0.0 && level.holds(**count, **volume_um3));
            if moving.count() as f64 * steps < COST_OF_A_LEAP * steps.sqrt() * open as f64 {
                continue;
            }
            *step += 1;
            let leap = &mut self.leaps[self.network.operator_of(species)];
            let spread = [self.network.diffusion_um2_s(species), steps * h_s];
            has_leapt |= leap.advance(operator, [few, arrived], level, spread, [seed, *step]);
        }
        if !has_leapt {
            return false;
        }
        let mut few = std::mem::take(&mut self.few);
        if few.iter().any(|few| *few > 0) {
            for _ in 0..steps as u64 {
                *step += 1;
                self.jump(&mut few, [0, 1], species, h_s, seed, *step);
            }
        }
        let all = few.iter().zip(&self.arrived).map(|(few, arrived)| few + arrived);
        counts.iter_mut().skip(species).step_by(stride).zip(all).for_each(|(count, all)| *count = all);
        self.few = few;
        true
    }

    /// One step of the molecules of a species, whose counts are every `stride`th from `first`.
    fn jump(
        &mut self,
        counts: &mut [u64],
        [first, stride]: [usize; 2],
        species: usize,
        h_s: f64,
        seed: u64,
        step: u64,
    ) {
        let Self { network, arrivals, .. } = self;
        let leave = |(chunk, (counts, arrivals)): (usize, (&mut [u64], &mut Arrivals))| {
            arrivals.clear();
            let operator = network.operator(species);
            let length_um2 = h_s * network.diffusion_um2_s(species);
            for (offset, count) in counts.iter_mut().skip(first).step_by(stride).enumerate() {
                if *count == 0 {
                    continue;
                }
                let tet = chunk * CHUNK + offset;
                let rates = &operator.rates_per_um2()[tet];
                let total_rate = operator.total_rates_per_um2()[tet];
                let mut variates = Variates::new(Stream::new(seed, tet as u32, step));
                let faces = leaving(*count, rates, total_rate, length_um2, &mut variates);
                let neighbours = &operator.neighbours()[tet];
                for (face, &molecules) in faces.iter().enumerate().filter(|(_, molecules)| **molecules > 0) {
                    if !operator.held()[tet] {
                        *count -= molecules;
                    }
                    if !operator.held()[neighbours[face] as usize] {
                        arrivals.push((neighbours[face], molecules));
                    }
                }
            }
        };
        if is_serial(network.len()) {
            counts.chunks_mut(CHUNK * stride).zip(arrivals.iter_mut()).enumerate().for_each(leave);
        } else {
            counts.par_chunks_mut(CHUNK * stride).zip(arrivals.par_iter_mut()).enumerate().for_each(leave);
        }
        // Sums of whole numbers do not depend on their order.
        for &(tet, molecules) in arrivals.iter().flatten() {
            counts[tet as usize * stride + first] += molecules;
        }
    }
}

impl Molecules for TauLeaping {
    fn advance(&mut self, counts: &mut [u64], dt_s: f64, seed: u64, step: &mut u64) -> Result<(), Failure> {
        let reacts = self.reactions.iter().any(|reactions| !reactions.kinetics().is_empty());
        let mut left_s = dt_s;
        while left_s > 0.0 {
            let longest_s = if reacts { self.splitting_step_s(counts) } else { f64::INFINITY };
            // Equal steps, as many as are needed.
            let tau_s = if longest_s >= left_s { left_s } else { left_s / (left_s / longest_s).ceil() };
            if reacts {
                *step += 1;
                self.react(counts, 0.5 * tau_s, seed, *step)?;
            }
            for species in 0..self.network.species() {
                self.diffuse(counts, species, tau_s, seed, step);
            }
            if reacts {
                *step += 1;
                self.react(counts, 0.5 * tau_s, seed, *step)?;
            }
            left_s = if tau_s == left_s { 0.0 } else { left_s - tau_s };
        }
        Ok(())
    }
}

/// How many of `count` molecules leave over each face: a multinomial.
fn leaving(count: u64, rates: &[f64; 4], total_rate: f64, length_um2: f64, variates: &mut Variates) -> [u64; 4] {
    let probability = (total_rate * length_um2).min(1.0);
    if count > FEW_TRIALS {
        let n = count as f64;
        let least = rates.iter().copied().filter(|&rate| rate > 0.0).fold(f64::INFINITY, f64::min) * length_um2;
        if n * least.min(1.0 - probability) >= GAUSSIAN {
            return gaussian_multinomial(count, rates.map(|rate| rate * length_um2), probability, variates);
        }
    }
    match variates.binomial(count, probability) {
        0 => [0; 4],
        leaving => spread(leaving, rates, total_rate, variates),
    }
}

/// The multinomial as a Gaussian: with w the roots of the probabilities p, `n p + sqrt(n) diag(w) (I - a w w^T) z` has the
/// covariance `n (diag(p) - p p^T)` for `a = (1 - sqrt(1 - |w|^2)) / |w|^2`.
fn gaussian_multinomial(count: u64, p: [f64; 4], total: f64, variates: &mut Variates) -> [u64; 4] {
    let n = count as f64;
    let w = p.map(f64::sqrt);
    let z = w.map(|w| if w > 0.0 { variates.coarse_normal() } else { 0.0 });
    let along: f64 = w.iter().zip(&z).map(|(w, z)| w * z).sum();
    let pull = (1.0 - (1.0 - total).sqrt()) / total * along;
    let root = n.sqrt();
    let mut left = count;
    std::array::from_fn(|face| {
        let molecules = n * p[face] + root * w[face] * (z[face] - pull * w[face]) + 0.5;
        // A cast saturates: below zero is zero.
        let molecules = (molecules as u64).min(left);
        left -= molecules;
        molecules
    })
}
