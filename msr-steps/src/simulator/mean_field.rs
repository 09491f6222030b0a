//! Mean amounts, for the deterministic solver.
//!
//! Without reactions, diffusion is one exponential. With them, half a step of reactions, one of diffusion and half a step of
//! reactions alternate (Strang 1968, SIAM J. Numer. Anal. 5). The step adapts: one is compared with two of half its length,
//! whose error is a third of the difference, since the error falls with the third power of a step's length.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::diffusion::{
    Cause, ChebyshevPropagator, Failure, JumpNetwork, Kinetics, MixedFlux, NO_COMPARTMENT, RateEquations, Workspace,
    largest,
};

/// Far above any amount, and far from overflow.
pub(super) const MOST_MOLECULES: f64 = 1e100;

/// Steps change by these factors at most, and aim a little below what the error allows.
const SHRINK: f64 = 0.2;
const GROW: f64 = 4.0;
const SAFETY: f64 = 0.9;

/// One over the order of the splitting plus one.
const EXPONENT: f64 = 1.0 / 3.0;

/// No step is below this part of the window: steps that shrink so far have met a singularity.
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
    /// What the state was when [`MeanField::keep`] was called.
    kept: State,
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
                        let operator = network.operator_of(species);
                        let coefficient = |tet, other| network.relative_coefficient(operator, tet, other);
                        MixedFlux::new(network.operator(species), corners_um, coefficient, reaction_tolerance)
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
            kept: State { densities: zeros.clone(), step_s: None, transport_steps_um2: Vec::new() },
            state: State { densities: zeros, step_s: None, transport_steps_um2: Vec::new() },
            network,
        }
    }

    /// Advances by `dt_s`.
    ///
    /// # Errors
    /// [`Failure`], with tetrahedra in the order of the network; the state is then that of no particular time.
    pub(super) fn advance(&mut self, dt_s: f64) -> Result<(), Failure> {
        self.advance_by(dt_s)?;
        if let Transport::Consistent(fluxes) = &self.transport {
            self.state.transport_steps_um2.clear();
            self.state.transport_steps_um2.extend(fluxes.iter().map(MixedFlux::step_um2));
        }
        self.check_amounts()
    }

    fn advance_by(&mut self, dt_s: f64) -> Result<(), Failure> {
        if !self.reacts {
            let mut densities = std::mem::take(&mut self.state.densities);
            let diffused = self.diffuse(&mut densities, dt_s);
            self.state.densities = densities;
            return diffused;
        }
        let [mut coarse, mut fine] = [std::mem::take(&mut self.coarse), std::mem::take(&mut self.fine)];
        let mut left_s = dt_s;
        let mut outcome = Ok(());
        while left_s > 0.0 {
            let longest_s = self.state.step_s.unwrap_or(dt_s);
            let last = longest_s >= left_s;
            let h = if last { left_s } else { longest_s };
            let tried = self.try_step(&mut coarse, &mut fine, h);
            let factor = match &tried {
                Ok((_, error)) if error.is_finite() => (SAFETY * error.powf(-EXPONENT)).clamp(SHRINK, GROW),
                _ => SHRINK,
            };
            if tried.is_ok_and(|(_, error)| error <= 1.0) {
                std::mem::swap(&mut self.state.densities, &mut fine);
                left_s = if last { 0.0 } else { left_s - h };
                // A last, short step says nothing against longer ones.
                self.state.step_s = Some(if last { longest_s.max(factor * h) } else { factor * h });
            } else {
                self.state.step_s = Some(factor * h);
            }
            if left_s > 0.0 && factor * h < SMALLEST_STEP * dt_s {
                let cause = Cause::Splitting { step_s: h };
                outcome = Err(tried.map_or_else(|failure| failure, |(failure, _)| Failure { cause, ..failure }));
                break;
            }
        }
        self.coarse = coarse;
        self.fine = fine;
        outcome
    }

    /// One step in `coarse` and two of half its length in `fine`. Returns the error as a multiple of what is allowed, and the
    /// species and tetrahedron that have it.
    fn try_step(&mut self, coarse: &mut [Vec<f64>], fine: &mut [Vec<f64>], h: f64) -> Result<(Failure, f64), Failure> {
        for (copy, densities) in coarse.iter_mut().chain(fine.iter_mut()).zip(self.state.densities.iter().cycle()) {
            copy.copy_from_slice(densities);
        }
        self.split(coarse, h)?;
        self.split(fine, 0.5 * h)?;
        self.split(fine, 0.5 * h)?;
        Ok(self.error(coarse, fine, h))
    }

    /// No amount may be other than a number between zero and [`MOST_MOLECULES`].
    fn check_amounts(&self) -> Result<(), Failure> {
        let volumes_um3 = self.network.volumes_um3();
        for (species, densities) in self.state.densities.iter().enumerate() {
            let allowed = |(density, volume): (&f64, &f64)| (0.0..=MOST_MOLECULES).contains(&(density * volume));
            if let Some(tet) = densities.iter().zip(volumes_um3).position(|amount| !allowed(amount)) {
                let cause = Cause::Amount { molecules: densities[tet] * volumes_um3[tet] };
                return Err(Failure { species, tet, cause });
            }
        }
        Ok(())
    }

    /// Keeps the state, for [`MeanField::go_back`].
    pub(super) fn keep(&mut self) {
        self.kept.copy(&self.state);
    }

    /// Goes back to the state that was kept.
    pub(super) fn go_back(&mut self) {
        self.state.copy(&self.kept);
        self.resume_fluxes();
    }

    /// Error of the finer solution as a multiple of what is allowed, relative to the largest density of each species, with where
    /// it is largest.
    fn error(&self, coarse: &[Vec<f64>], fine: &[Vec<f64>], h: f64) -> (Failure, f64) {
        let cause = Cause::Splitting { step_s: h };
        let mut worst = (Failure { species: 0, tet: 0, cause }, 0.0);
        for (species, (coarse, fine)) in coarse.iter().zip(fine).enumerate() {
            let most = fine.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            let differences = coarse.iter().zip(fine).map(|(coarse, fine)| (coarse - fine).abs());
            let (tet, difference) = largest(differences);
            let error = difference / (3.0 * self.tolerance * most);
            if error.is_nan() {
                return (Failure { species, tet, cause }, f64::INFINITY);
            }
            if error > worst.1 {
                worst = (Failure { species, tet, cause }, error);
            }
        }
        worst
    }

    fn split(&mut self, densities: &mut [Vec<f64>], h: f64) -> Result<(), Failure> {
        self.react(densities, 0.5 * h)?;
        self.diffuse(densities, h)?;
        self.react(densities, 0.5 * h)
    }

    fn diffuse(&mut self, densities: &mut [Vec<f64>], dt_s: f64) -> Result<(), Failure> {
        for (species, densities) in densities.iter_mut().enumerate() {
            let diffusion_um2_s = self.network.diffusion_um2_s(species);
            match &mut self.transport {
                Transport::TwoPoint(propagators) => {
                    propagators[self.network.operator_of(species)].advance(densities, diffusion_um2_s, dt_s);
                }
                Transport::Consistent(fluxes) => {
                    fluxes[species]
                        .advance(densities, diffusion_um2_s, dt_s)
                        .map_err(|failure| Failure { species, ..failure })?;
                }
            }
        }
        Ok(())
    }

    fn react(&mut self, densities: &mut [Vec<f64>], dt_s: f64) -> Result<(), Failure> {
        let Self { network, equations, rows, .. } = self;
        let species = network.species();
        for (one, densities) in densities.iter().enumerate() {
            rows.iter_mut().skip(one).step_by(species).zip(densities).for_each(|(row, density)| *row = *density);
        }
        let (network, equations) = (&*network, &*equations);
        let react = |workspace: &mut Workspace, (chunk, rows): (usize, &mut [f64])| {
            for (offset, row) in rows.chunks_exact_mut(species).enumerate() {
                let tet = chunk * CHUNK + offset;
                let compartment = network.compartments()[tet];
                if compartment != NO_COMPARTMENT {
                    let reacted = equations[usize::from(compartment)].advance(row, dt_s, workspace);
                    reacted.map_err(|failure| Failure { tet, ..failure })?;
                }
            }
            Ok(())
        };
        let chunks = rows.par_chunks_mut(CHUNK * species).enumerate();
        let failures = chunks.map_init(Workspace::default, react).filter_map(Result::err);
        failures.min_by_key(|failure: &Failure| failure.tet).map_or(Ok(()), Err)?;
        for (one, densities) in densities.iter_mut().enumerate() {
            densities.iter_mut().zip(rows.iter().skip(one).step_by(species)).for_each(|(density, row)| *density = *row);
        }
        Ok(())
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
        self.state = state;
        self.resume_fluxes();
        Ok(())
    }

    fn resume_fluxes(&mut self) {
        if let Transport::Consistent(fluxes) = &mut self.transport {
            let steps = self.state.transport_steps_um2.iter().copied().chain(std::iter::repeat(None));
            fluxes.iter_mut().zip(steps).for_each(|(flux, step)| flux.set_step_um2(step));
        }
    }
}

impl State {
    /// Becomes `other`, of the same shape.
    fn copy(&mut self, other: &Self) {
        for (own, other) in self.densities.iter_mut().zip(&other.densities) {
            own.copy_from_slice(other);
        }
        self.step_s = other.step_s;
        self.transport_steps_um2.clone_from(&other.transport_steps_um2);
    }
}
