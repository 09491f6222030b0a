//! Single molecules, for the stochastic solver.

use msr_coupling::random::Stream;
use serde::{Deserialize, Serialize};

use crate::diffusion::{self, Cause, Failure, Variates};

/// As [`diffusion::MOST_MOLECULES`].
pub(super) const MOST_MOLECULES: f64 = diffusion::MOST_MOLECULES as f64;

/// Turns the seed of the run into that of the draws which round concentrations to counts: those of the steps are others.
const ROUNDING_SEED: u64 = 0x726f_756e_6469_6e67;

#[derive(Debug)]
pub(super) struct Molecules {
    solver: Box<dyn diffusion::Molecules>,
    species: usize,
    seed: u64,
    state: State,
    /// What counts and steps were when [`Molecules::keep`] was called.
    kept: (Vec<u64>, u64),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// Species by species within each tetrahedron.
    counts: Vec<u64>,
    /// Parts of molecules (0 to 1) that currents have brought and that are no whole one yet: charge is never lost to
    /// rounding.
    parts: Vec<f64>,
    /// Splitting steps made.
    steps: u64,
    /// Settings of counts made.
    settings: u64,
}

impl Molecules {
    /// Of `species` species in `tets` tetrahedra.
    pub(super) fn new(solver: Box<dyn diffusion::Molecules>, species: usize, tets: usize, seed: u64) -> Self {
        let places = species * tets;
        let state = State { counts: vec![0; places], parts: vec![0.0; places], steps: 0, settings: 0 };
        Self { solver, species, seed, kept: (state.counts.clone(), state.steps), state }
    }

    /// Advances by `dt_s`.
    ///
    /// # Errors
    /// [`Failure`], with tetrahedra in the order of the network; the state is then that of no particular time.
    pub(super) fn advance(&mut self, dt_s: f64) -> Result<(), Failure> {
        self.solver.advance(&mut self.state.counts, dt_s, self.seed, &mut self.state.steps)?;
        match self.state.counts.iter().position(|&count| count > diffusion::MOST_MOLECULES) {
            Some(place) => {
                let (species, tet) = (place % self.species, place / self.species);
                Err(Failure { species, tet, cause: Cause::Uncountable })
            }
            None => Ok(()),
        }
    }

    /// Keeps what [`Molecules::advance`] changes, for [`Molecules::go_back`].
    pub(super) fn keep(&mut self) {
        self.kept.0.copy_from_slice(&self.state.counts);
        self.kept.1 = self.state.steps;
    }

    /// Goes back to what was kept.
    pub(super) fn go_back(&mut self) {
        self.state.counts.copy_from_slice(&self.kept.0);
        self.state.steps = self.kept.1;
    }

    pub(super) fn count(&self, species: usize, tet: usize) -> u64 {
        self.state.counts[tet * self.species + species]
    }

    /// Sets the molecules of one species in one tetrahedron, rounded up or down at random with the right mean.
    pub(super) fn set_count(&mut self, species: usize, tet: usize, count: f64) {
        let stream = Stream::new(self.seed ^ ROUNDING_SEED, tet as u32, self.state.settings);
        let place = tet * self.species + species;
        self.state.counts[place] = Variates::new(stream).round(count);
        self.state.parts[place] = 0.0;
    }

    /// Makes the next settings draw other numbers.
    pub(super) fn count_setting(&mut self) {
        self.state.settings += 1;
    }

    /// Adds molecules (takes them where negative) and returns how many were missing.
    pub(super) fn add(&mut self, species: usize, tet: usize, molecules: f64) -> f64 {
        let place = tet * self.species + species;
        let sum = self.state.parts[place] + molecules;
        let whole = sum.floor();
        self.state.parts[place] = sum - whole;
        let count = &mut self.state.counts[place];
        if whole >= 0.0 {
            *count += whole as u64;
            return 0.0;
        }
        let wanted = (-whole) as u64;
        let taken = wanted.min(*count);
        *count -= taken;
        (wanted - taken) as f64
    }

    pub(super) fn state(&self) -> &State {
        &self.state
    }

    pub(super) fn restore(&mut self, state: State) -> Result<(), String> {
        let [own, found] = [self.state.counts.len(), state.counts.len()];
        if own != found || state.parts.len() != own {
            return Err(format!("it has {found} counts, here are {own} (tetrahedra times species)"));
        }
        self.state = state;
        Ok(())
    }
}
