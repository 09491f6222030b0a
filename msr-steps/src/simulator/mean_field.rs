//! Mean amounts, for the deterministic solver.
//!
//! Without reactions, diffusion is one exponential. With them, half a step of reactions, one of diffusion and half a step of
//! reactions alternate (Strang 1968, SIAM J. Numer. Anal. 5). The step adapts: one is compared with two of half its length,
//! whose error is a third of the difference, since the error falls with the third power of a step's length.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::diffusion::{
    ChebyshevPropagator, JumpNetwork, Kinetics, MixedFlux, NO_COMPARTMENT, RateEquations, Workspace,
};

/// Far above any amount, and far from overflow.
pub(super) const MOST_MOLECULES: f64 = 1e100;

/// Steps change by these factors at most, and aim a little below what the error allows.
const SHRINK: f64 = 0.2;
const GROW: f64 = 4.0;
const SAFETY: f64 = 0.9;

/// One over the order of the splitting plus one.
const EXPONENT: f64 = 1.0 / 3.0;

/// A step below this part of the window is taken whatever its error.
const SMALLEST_STEP: f64 = 1e-9;

/// The rate equations of one tetrahedron are solved this much more exactly than the whole.
const REACTIONS_FINER: f64 = 0.1;

/// Tetrahedra that one task treats.
const CHUNK: usize = 256;

#[derive(Debug)]
pub(super) struct MeanField {
    network: JumpNetwork,
    transport: Transport,
    /// One for each compartment.
    equations: Vec<RateEquations>,
    reacts: bool,
    tolerance: f64,
    state: State,
    coarse: Vec<Vec<f64>>,
    fine: Vec<Vec<f64>>,
    /// Densities species by species within each tetrahedron.
    rows: Vec<f64>,
}

/// How diffusion is advanced: one for each operator, or for each species, which has its own step.
#[derive(Debug)]
enum Transport {
    TwoPoint(Vec<ChebyshevPropagator>),
    Consistent(Vec<MixedFlux>),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// Molecules in a um3, for each species, for each tetrahedron.
    densities: Vec<Vec<f64>>,
    /// The step of the splitting that the error allows, in s; infinite at first.
    step_s: Option<f64>,
    /// Steps of the consistent flux, species by species.
    transport_steps_um2: Vec<Option<f64>>,
}

impl MeanField {
    /// `tolerance` is that of diffusion in one window, `reaction_tolerance` that of one step of the splitting.
    /// Corners of the tetrahedra ask for the consistent flux.
    pub(super) fn new(
        network: JumpNetwork,
        kinetics: &[Kinetics],
        corners_um: Option<&[[[f64; 3]; 4]]>,
        [tolerance, reaction_tolerance]: [f64; 2],
    ) -> Self {
        let reacts = kinetics.iter().any(|kinetics| !kinetics.is_empty());
        let zeros = vec![vec![0.0; network.len()]; network.species()];
        let finer = REACTIONS_FINER * reaction_tolerance;
        Self {
            transport: match corners_um {
                None => Transport::TwoPoint(
                    network.operators().iter().map(|one| ChebyshevPropagator::new(one, tolerance)).collect(),
                ),
                Some(corners_um) => {
                    let flux = |species: usize| {
                        let relative = network.relative_coefficients(network.operator_of(species));
                        MixedFlux::new(network.operator(species), corners_um, &relative, reaction_tolerance)
                    };
                    Transport::Consistent((0..network.species()).map(flux).collect())
                }
            },
            equations: kinetics.iter().map(|kinetics| RateEquations::new(kinetics, finer)).collect(),
            reacts,
            tolerance: reaction_tolerance,
            coarse: if reacts { zeros.clone() } else { Vec::new() },
            fine: if reacts { zeros.clone() } else { Vec::new() },
            rows: if reacts { vec![0.0; network.len() * network.species()] } else { Vec::new() },
            state: State { densities: zeros, step_s: None, transport_steps_um2: Vec::new() },
            network,
        }
    }

    pub(super) fn advance(&mut self, dt_s: f64) {
        self.advance_by(dt_s);
        if let Transport::Consistent(fluxes) = &self.transport {
            self.state.transport_steps_um2.clear();
            self.state.transport_steps_um2.extend(fluxes.iter().map(MixedFlux::step_um2));
        }
    }

    fn advance_by(&mut self, dt_s: f64) {
        if !self.reacts {
            let mut densities = std::mem::take(&mut self.state.densities);
            self.diffuse(&mut densities, dt_s);
            self.state.densities = densities;
            return;
        }
        let [mut coarse, mut fine] = [std::mem::take(&mut self.coarse), std::mem::take(&mut self.fine)];
        let mut left_s = dt_s;
        while left_s > 0.0 {
            let longest_s = self.state.step_s.unwrap_or(dt_s);
            let last = longest_s >= left_s;
            let h = if last { left_s } else { longest_s };
            for (copy, densities) in coarse.iter_mut().chain(&mut fine).zip(self.state.densities.iter().cycle()) {
                copy.copy_from_slice(densities);
            }
            self.split(&mut coarse, h);
            self.split(&mut fine, 0.5 * h);
            self.split(&mut fine, 0.5 * h);
            let error = self.error(&coarse, &fine);
            let factor = (SAFETY * error.powf(-EXPONENT)).clamp(SHRINK, GROW);
            if error <= 1.0 || h <= SMALLEST_STEP * dt_s {
                std::mem::swap(&mut self.state.densities, &mut fine);
                left_s = if last { 0.0 } else { left_s - h };
                // A last, short step says nothing against longer ones.
                self.state.step_s = Some(if last { longest_s.max(factor * h) } else { factor * h });
            } else {
                self.state.step_s = Some(factor * h);
            }
        }
        self.coarse = coarse;
        self.fine = fine;
    }

    /// Error of the finer solution as a multiple of what is allowed, relative to the largest density of each species.
    fn error(&self, coarse: &[Vec<f64>], fine: &[Vec<f64>]) -> f64 {
        let of_species = |(coarse, fine): (&Vec<f64>, &Vec<f64>)| {
            let [mut difference, mut largest] = [0.0f64, f64::MIN_POSITIVE];
            for (coarse, fine) in coarse.iter().zip(fine) {
                difference = difference.max((coarse - fine).abs());
                largest = largest.max(*fine);
            }
            difference / (3.0 * self.tolerance * largest)
        };
        coarse.iter().zip(fine).map(of_species).fold(0.0, f64::max)
    }

    fn split(&mut self, densities: &mut [Vec<f64>], h: f64) {
        self.react(densities, 0.5 * h);
        self.diffuse(densities, h);
        self.react(densities, 0.5 * h);
    }

    fn diffuse(&mut self, densities: &mut [Vec<f64>], dt_s: f64) {
        for (species, densities) in densities.iter_mut().enumerate() {
            let diffusion_um2_s = self.network.diffusion_um2_s(species);
            match &mut self.transport {
                Transport::TwoPoint(propagators) => {
                    propagators[self.network.operator_of(species)].advance(densities, diffusion_um2_s, dt_s)
                }
                Transport::Consistent(fluxes) => fluxes[species].advance(densities, diffusion_um2_s, dt_s),
            };
        }
    }

    fn react(&mut self, densities: &mut [Vec<f64>], dt_s: f64) {
        let Self { network, equations, rows, .. } = self;
        let species = network.species();
        for (one, densities) in densities.iter().enumerate() {
            rows.iter_mut().skip(one).step_by(species).zip(densities).for_each(|(row, density)| *row = *density);
        }
        let (network, equations) = (&*network, &*equations);
        rows.par_chunks_mut(CHUNK * species).enumerate().for_each_init(
            Workspace::default,
            |workspace, (chunk, rows)| {
                for (offset, row) in rows.chunks_exact_mut(species).enumerate() {
                    let compartment = network.compartments()[chunk * CHUNK + offset];
                    if compartment != NO_COMPARTMENT {
                        equations[usize::from(compartment)].advance(row, dt_s, workspace);
                    }
                }
            },
        );
        for (one, densities) in densities.iter_mut().enumerate() {
            densities.iter_mut().zip(rows.iter().skip(one).step_by(species)).for_each(|(density, row)| *density = *row);
        }
    }

    pub(super) fn count(&self, species: usize, tet: usize) -> f64 {
        self.state.densities[species][tet] * self.network.volumes_um3()[tet]
    }

    pub(super) fn set_count(&mut self, species: usize, tet: usize, count: f64) {
        self.state.densities[species][tet] = count / self.network.volumes_um3()[tet];
    }

    /// Adds molecules (takes them where negative) and returns how many were missing.
    pub(super) fn add(&mut self, species: usize, tet: usize, molecules: f64) -> f64 {
        let density = &mut self.state.densities[species][tet];
        let volume_um3 = self.network.volumes_um3()[tet];
        let new = *density + molecules / volume_um3;
        *density = new.max(0.0);
        (-new).max(0.0) * volume_um3
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn restore(&mut self, state: State) -> Result<(), String> {
        let shape = |state: &State| state.densities.iter().map(Vec::len).collect::<Vec<_>>();
        let [own, found] = [shape(&self.state), shape(&state)];
        if own != found {
            return Err(format!("it has tetrahedra {found:?} by species, here are {own:?}"));
        }
        if let Transport::Consistent(fluxes) = &mut self.transport {
            let steps = state.transport_steps_um2.iter().copied().chain(std::iter::repeat(None));
            fluxes.iter_mut().zip(steps).for_each(|(flux, step)| flux.set_step_um2(step));
        }
        self.state = state;
        Ok(())
    }
}
