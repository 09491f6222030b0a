//! Mean concentrations, for the deterministic solver.

use serde::{Deserialize, Serialize};

use crate::constants::UM2_PER_M2;
use crate::diffusion::{ChebyshevPropagator, JumpOperator};
use crate::model::Model;

/// Far above any amount, and far from overflow.
pub(super) const MOST_MOLECULES: f64 = 1e100;

#[derive(Debug)]
pub(super) struct MeanField {
    propagator: ChebyshevPropagator,
    volumes_um3: Vec<f64>,
    diffusion_um2_s: Vec<f64>,
    state: State,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct State {
    /// Molecules in a um3, for each species, for each tetrahedron.
    densities: Vec<Vec<f64>>,
}

impl MeanField {
    pub(super) fn new(operator: &JumpOperator, model: &Model, tolerance: f64) -> Self {
        Self {
            propagator: ChebyshevPropagator::new(operator, tolerance),
            volumes_um3: operator.volumes_um3().to_vec(),
            diffusion_um2_s: model.species().iter().map(|one| one.diffusion_coefficient_m2_s * UM2_PER_M2).collect(),
            state: State { densities: vec![vec![0.0; operator.len()]; model.species().len()] },
        }
    }

    pub(super) fn advance(&mut self, dt_s: f64) {
        for (densities, &diffusion_um2_s) in self.state.densities.iter_mut().zip(&self.diffusion_um2_s) {
            self.propagator.advance(densities, diffusion_um2_s, dt_s);
        }
    }

    pub(super) fn count(&self, species: usize, tet: usize) -> f64 {
        self.state.densities[species][tet] * self.volumes_um3[tet]
    }

    pub(super) fn set_counts(&mut self, species: usize, counts: &[f64]) {
        for ((density, count), volume) in self.state.densities[species].iter_mut().zip(counts).zip(&self.volumes_um3) {
            *density = count / volume;
        }
    }

    /// Adds molecules (takes them where negative) and returns how many were missing.
    pub(super) fn add(&mut self, species: usize, tet: usize, molecules: f64) -> f64 {
        let density = &mut self.state.densities[species][tet];
        let volume_um3 = self.volumes_um3[tet];
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
        Ok(())
    }
}
