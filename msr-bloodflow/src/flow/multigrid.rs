//! A hierarchy of coarser graphs, and conjugate gradients preconditioned by it: for graphs whose Cholesky factor would not
//! fit in memory. Tubes that conduct best are contracted, level by level, until the rest can be factorised. Each level
//! solves the next by at most two steps of conjugate gradients (K-cycle; Notay, Vassilevski: Recursive Krylov-based
//! multigrid cycles, Numer Linear Algebra Appl 15, 473, 2008; Notay: An aggregation-based algebraic multigrid method, ETNA
//! 37, 123, 2010).

mod level;

use self::level::{Level, dot};
use super::cholesky::{CholeskyFactor, FactorError};
use super::reduction::Core;

/// A level with at most this many unknowns is factorised.
const COARSEST: usize = 2000;
/// Contractions of pairs from one level to the next.
const PASSES: usize = 2;
/// The hierarchy ends where a level has more than this part of the unknowns of the finer one.
const LEAST_COARSENING: f64 = 0.8;
/// Part of the residual that one step on a coarser level must leave for a second one to be spared (Notay 2010, 3.2).
const GOOD_STEP: f64 = 0.25;
/// Part of the residual at which iteration stops; refinement outside gains the rest.
const TOLERANCE: f64 = 1e-9;
/// Steps of conjugate gradients at most.
const MOST_STEPS: usize = 400;

/// Conjugate gradients on a core, with its hierarchy.
#[derive(Debug)]
pub(super) struct IterativeSolver {
    finest: Level,
    levels: Vec<Level>,
    coarsest: Option<CholeskyFactor>,
    search: Vec<f64>,
    image: Vec<f64>,
    residual: Vec<f64>,
    residual_before: Vec<f64>,
    steps: usize,
}

impl IterativeSolver {
    pub(super) fn new(core: &Core) -> Self {
        let unknowns = core.nodes.len();
        Self {
            finest: Level::new(core),
            levels: Vec::new(),
            coarsest: None,
            search: vec![0.0; unknowns],
            image: vec![0.0; unknowns],
            residual: vec![0.0; unknowns],
            residual_before: vec![0.0; unknowns],
            steps: 0,
        }
    }

    /// Builds the hierarchy for these conductances, one a tube of the core.
    ///
    /// # Errors
    /// [`FactorError`] of the coarsest level.
    pub(super) fn prepare(&mut self, conductances: &[f64]) -> Result<(), FactorError> {
        self.finest.set_conductances(conductances);
        self.levels.clear();
        loop {
            let fine = self.levels.last_mut().unwrap_or(&mut self.finest);
            if fine.len() <= COARSEST {
                break;
            }
            let mut coarse = fine.coarsen();
            for _ in 1..PASSES {
                let coarser = coarse.coarsen();
                fine.compose(&coarse);
                coarse = coarser;
            }
            if coarse.len() as f64 > LEAST_COARSENING * fine.len() as f64 {
                fine.forget_aggregates();
                break;
            }
            self.levels.push(coarse);
        }
        let (core, conductances) = self.levels.last().unwrap_or(&self.finest).as_core();
        let mut factor = CholeskyFactor::new(&core);
        factor.factorise(&conductances)?;
        self.coarsest = Some(factor);
        Ok(())
    }

    /// Solves in place: inflows become pressures.
    pub(super) fn solve(&mut self, values: &mut [f64]) {
        let goal = TOLERANCE * dot(values, values).sqrt();
        self.residual.copy_from_slice(values);
        values.fill(0.0);
        let mut energy = 0.0;
        self.steps = 0;
        while self.steps < MOST_STEPS && dot(&self.residual, &self.residual).sqrt() > goal {
            self.finest.right_side.copy_from_slice(&self.residual);
            cycle(&mut self.finest, &mut self.levels, &mut self.coarsest);
            let correction = &self.finest.solution;
            // Flexible conjugate gradients: the preconditioner is not the same linear map each time (Notay: Flexible
            // conjugate gradients, SIAM J Sci Comput 22, 1444, 2000).
            let energy_now = dot(correction, &self.residual);
            if self.steps == 0 {
                self.search.copy_from_slice(correction);
            } else {
                let carried = (energy_now - dot(correction, &self.residual_before)) / energy;
                for (search, &correction) in self.search.iter_mut().zip(correction) {
                    *search = correction + carried * *search;
                }
            }
            energy = energy_now;
            self.finest.multiply(&self.search, &mut self.image);
            let step = dot(&self.search, &self.residual) / dot(&self.search, &self.image);
            if !step.is_finite() {
                break;
            }
            self.residual_before.copy_from_slice(&self.residual);
            for (unknown, value) in values.iter_mut().enumerate() {
                *value += step * self.search[unknown];
                self.residual[unknown] -= step * self.image[unknown];
            }
            self.steps += 1;
        }
    }

    /// Memory that it holds, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let levels: usize = self.levels.iter().map(Level::memory_bytes).sum();
        let coarsest = self.coarsest.as_ref().map_or(0, CholeskyFactor::memory_bytes);
        4 * self.search.len() * size_of::<f64>() + self.finest.memory_bytes() + levels + coarsest
    }
}

/// One multigrid cycle: an approximate `solution` of `level` for its `right_side`.
fn cycle(level: &mut Level, coarser: &mut [Level], coarsest: &mut Option<CholeskyFactor>) {
    let Some((next, further)) = coarser.split_first_mut() else {
        level.solution.copy_from_slice(&level.right_side);
        if let Some(factor) = coarsest {
            factor.solve(&mut level.solution);
        }
        return;
    };
    level.smooth_from_zero();
    level.restrict(&mut next.right_side);
    if further.is_empty() {
        cycle(next, further, coarsest);
    } else {
        accelerated_cycle(next, further, coarsest);
    }
    level.add_prolonged(&next.solution);
    level.smooth_backward();
}

/// One or two steps of conjugate gradients, each preconditioned by a cycle.
fn accelerated_cycle(level: &mut Level, coarser: &mut [Level], coarsest: &mut Option<CholeskyFactor>) {
    let norm = dot(&level.right_side, &level.right_side).sqrt();
    cycle(level, coarser, coarsest);
    let mut first = std::mem::take(&mut level.first);
    let mut image = std::mem::take(&mut level.image);
    first.copy_from_slice(&level.solution);
    level.multiply(&first, &mut image);
    let energy = dot(&first, &image);
    let step = if energy > 0.0 { dot(&first, &level.right_side) / energy } else { 0.0 };
    for (right, &image) in level.right_side.iter_mut().zip(&image) {
        *right -= step * image;
    }
    if dot(&level.right_side, &level.right_side).sqrt() <= GOOD_STEP * norm {
        level.solution.iter_mut().for_each(|value| *value *= step);
    } else {
        cycle(level, coarser, coarsest);
        let common = dot(&level.solution, &image);
        let gain = dot(&level.solution, &level.right_side);
        let mut second_image = std::mem::take(&mut level.residual);
        level.multiply(&level.solution, &mut second_image);
        let second_energy =
            dot(&level.solution, &second_image) - if energy > 0.0 { common * common / energy } else { 0.0 };
        level.residual = second_image;
        let second_step = if second_energy > 0.0 { gain / second_energy } else { 0.0 };
        let first_step = step - if energy > 0.0 { common * second_step / energy } else { 0.0 };
        for (value, &first) in level.solution.iter_mut().zip(&first) {
            *value = first_step * first + second_step * *value;
        }
    }
    level.first = first;
    level.image = image;
}
