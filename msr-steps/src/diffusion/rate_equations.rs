//! Reactions as rate equations, by a stiff method.
//!
//! The unknowns are the extents: how often each reaction has happened in a um3. Densities follow from them by the
//! stoichiometry, so that what reactions conserve is conserved by construction. They are advanced by RODAS3, an L-stable
//! Rosenbrock method of order 3 with an embedded one of order 2 (Sandu et al. 1997, Atmos. Environ. 31:3459), whose
//! coefficients are those of table 4 there.

use super::failure::largest;
use super::kinetics::Channel;
use super::{Cause, Failure, Kinetics};

const GAMMA: f64 = 0.5;
/// Stages, as multiples of those before: `A[stage][before]`.
const A: [[f64; 3]; 4] = [[0.0; 3], [0.0; 3], [2.0, 0.0, 0.0], [2.0, 0.0, 1.0]];
const C: [[f64; 3]; 4] = [[0.0; 3], [4.0, 0.0, 0.0], [1.0, -1.0, 0.0], [1.0, -1.0, -8.0 / 3.0]];
/// Whether a stage takes the rates at its own point; the second takes those of the first.
const NEW_RATES: [bool; 4] = [true, false, true, true];
const SOLUTION: [f64; 4] = [2.0, 0.0, 1.0, 1.0];
const ERROR: [f64; 4] = [0.0, 0.0, 0.0, 1.0];
/// One over the order of the embedded method plus one.
const EXPONENT: f64 = 1.0 / 3.0;

/// Step sizes change by these factors at most, and aim a little below what the error allows.
const SHRINK: f64 = 0.2;
const GROW: f64 = 6.0;
const SAFETY: f64 = 0.9;

/// Densities below this part of the largest count as much as it in the error.
const FLOOR: f64 = 1e-4;
/// Densities may fall below zero by this part of the largest, and are then zero: rounding.
const NEGATIVE: f64 = 1e-14;
/// No step is below this part of the whole: steps that shrink so far have met a singularity.
const SMALLEST_STEP: f64 = 1e-12;

/// The rate equations of the reactions in one compartment.
#[derive(Debug, Clone)]
pub struct RateEquations {
    channels: Vec<Channel>,
    /// For each species, the channels that change it, and by how much.
    changed_by: Vec<Vec<(usize, f64)>>,
    /// Relative error of a step.
    tolerance: f64,
}

/// Memory used again from call to call.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    start: Vec<f64>,
    point: Vec<f64>,
    rates: Vec<f64>,
    matrix: Vec<f64>,
    pivots: Vec<usize>,
    stages: [Vec<f64>; 4],
    extents: Vec<f64>,
}

impl Workspace {
    /// How often each reaction happened in a um3 in the last call.
    pub fn extents(&self) -> &[f64] {
        &self.extents
    }
}

impl RateEquations {
    /// Of these reactions; `tolerance` is the relative error of a step.
    pub fn new(kinetics: &Kinetics, tolerance: f64) -> Self {
        let mut changed_by = vec![Vec::new(); kinetics.species()];
        for (position, channel) in kinetics.channels().iter().enumerate() {
            channel.changes.iter().for_each(|&(species, change)| changed_by[species].push((position, change as f64)));
        }
        Self { channels: kinetics.channels().to_vec(), changed_by, tolerance }
    }

    /// Whether there are no reactions.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// Advances the densities (molecules in a um3) by `dt_s`. Returns the number of steps.
    ///
    /// # Errors
    /// [`Cause::Runaway`] where the equations have no solution that far; densities are then those of the time reached.
    pub fn advance(&self, densities: &mut [f64], dt_s: f64, workspace: &mut Workspace) -> Result<usize, Failure> {
        let size = self.channels.len();
        workspace.extents.clear();
        workspace.extents.resize(size, 0.0);
        workspace.rates.resize(size, 0.0);
        workspace.matrix.resize(size * size, 0.0);
        workspace.stages.iter_mut().for_each(|stage| stage.resize(size, 0.0));
        let mut time_s = 0.0;
        let mut step_s = dt_s;
        let mut steps = 0;
        while time_s < dt_s {
            self.rates(densities, &mut workspace.rates);
            if workspace.rates.iter().all(|&rate| rate == 0.0) {
                return Ok(steps);
            }
            let last = step_s >= dt_s - time_s;
            let h = if last { dt_s - time_s } else { step_s };
            workspace.start.clear();
            workspace.start.extend_from_slice(densities);
            let (species, error) = self.step(densities, h, workspace);
            let factor = SAFETY * error.powf(-EXPONENT);
            if error <= 1.0 {
                steps += 1;
                time_s = if last { dt_s } else { time_s + h };
                for (stage, weight) in workspace.stages.iter().zip(SOLUTION) {
                    workspace.extents.iter_mut().zip(stage).for_each(|(extent, k)| *extent += weight * k);
                }
                densities.iter_mut().for_each(|density| *density = density.max(0.0));
            } else {
                densities.copy_from_slice(&workspace.start);
            }
            step_s = h * if error.is_finite() { factor.clamp(SHRINK, GROW) } else { SHRINK };
            if step_s < SMALLEST_STEP * dt_s && time_s < dt_s {
                return Err(Failure { species, tet: 0, cause: Cause::Runaway { after_s: time_s } });
            }
        }
        Ok(steps)
    }

    /// One step from `start`; returns its error as a multiple of what is allowed, infinite where there is no solution, and the
    /// species that has it.
    fn step(&self, densities: &mut [f64], h: f64, workspace: &mut Workspace) -> (usize, f64) {
        let Workspace { start, point, rates, matrix, pivots, stages, .. } = workspace;
        self.matrix(start, h, matrix);
        if !factorise(matrix, pivots) {
            return (largest(start.iter().copied()).0, f64::INFINITY);
        }
        for stage in 0..4 {
            if NEW_RATES[stage] && stage > 0 {
                point.clear();
                point.extend_from_slice(start);
                for (before, weight) in A[stage].iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
                    self.add_extents(&stages[before], *weight, point);
                }
                self.rates(point, rates);
            }
            let (done, rest) = stages.split_at_mut(stage);
            let right = &mut rest[0];
            right.copy_from_slice(rates);
            for (before, weight) in done.iter().zip(C[stage]) {
                right.iter_mut().zip(before).for_each(|(value, k)| *value += weight / h * k);
            }
            solve(matrix, pivots, right);
        }
        // All changes first: of what one species loses and another gains, both get the same bits.
        densities.fill(0.0);
        point.clear();
        point.resize(start.len(), 0.0);
        for stage in 0..4 {
            self.add_extents(&stages[stage], SOLUTION[stage], densities);
            self.add_extents(&stages[stage], ERROR[stage], point);
        }
        densities.iter_mut().zip(start.iter()).for_each(|(density, start)| *density += start);
        let most = start.iter().chain(densities.iter()).fold(0.0f64, |most, value| most.max(value.abs()));
        let impossible = |&density: &f64| !density.is_finite() || density < -NEGATIVE * most;
        if let Some(species) = densities.iter().position(impossible) {
            return (species, f64::INFINITY);
        }
        // An L-stable method damps what grows fast, too, as if it decayed: no reaction happens less than not at all.
        let extent =
            |channel: usize| stages.iter().zip(SOLUTION).map(|(stage, weight)| weight * stage[channel]).sum::<f64>();
        let backwards = (0..self.channels.len()).find(|&channel| extent(channel) < -self.tolerance * most);
        if let Some(channel) = backwards {
            return (self.channels[channel].changes.first().map_or(0, |&(species, _)| species), f64::INFINITY);
        }
        let scaled = |((error, old), new): ((&f64, &f64), &f64)| {
            error.abs() / (self.tolerance * old.abs().max(new.abs()).max(FLOOR * most) + f64::MIN_POSITIVE)
        };
        largest(point.iter().zip(start.iter()).zip(densities.iter()).map(scaled))
    }

    /// `k prod u^m`, in molecules/(um3 s).
    fn rates(&self, densities: &[f64], rates: &mut [f64]) {
        for (channel, rate) in self.channels.iter().zip(rates) {
            *rate = channel.reactants.iter().fold(channel.rate, |rate, &(species, multiplicity)| {
                rate * power(densities[species].max(0.0), multiplicity)
            });
        }
    }

    /// `1/(gamma h) - d rates / d extents`.
    fn matrix(&self, densities: &[f64], h: f64, matrix: &mut [f64]) {
        let size = self.channels.len();
        matrix.fill(0.0);
        for (row, channel) in self.channels.iter().enumerate() {
            for &(species, multiplicity) in &channel.reactants {
                // The derivative of the rate by this density.
                let mut slope = channel.rate * multiplicity as f64;
                for &(other, multiplicity_of) in &channel.reactants {
                    let multiplicity = if other == species { multiplicity_of - 1 } else { multiplicity_of };
                    slope *= power(densities[other].max(0.0), multiplicity);
                }
                for &(column, change) in &self.changed_by[species] {
                    matrix[row * size + column] -= slope * change;
                }
            }
            matrix[row * size + row] += 1.0 / (GAMMA * h);
        }
    }

    fn add_extents(&self, extents: &[f64], weight: f64, densities: &mut [f64]) {
        for (channel, extent) in self.channels.iter().zip(extents) {
            for &(species, change) in &channel.changes {
                densities[species] += change as f64 * weight * extent;
            }
        }
    }
}

/// Small whole powers; most are the first.
fn power(base: f64, exponent: u64) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * base)
}

/// LU with partial pivoting, in place, row by row. Whether there is a solution.
fn factorise(matrix: &mut [f64], pivots: &mut Vec<usize>) -> bool {
    let size = matrix.len().isqrt();
    pivots.clear();
    for column in 0..size {
        let largest =
            |&a: &usize, &b: &usize| matrix[a * size + column].abs().total_cmp(&matrix[b * size + column].abs());
        let pivot = (column..size).max_by(largest).unwrap_or(column);
        pivots.push(pivot);
        if pivot != column {
            (0..size).for_each(|entry| matrix.swap(pivot * size + entry, column * size + entry));
        }
        let diagonal = matrix[column * size + column];
        if diagonal == 0.0 || !diagonal.is_finite() {
            return false;
        }
        for row in column + 1..size {
            let factor = matrix[row * size + column] / diagonal;
            matrix[row * size + column] = factor;
            if factor != 0.0 {
                for entry in column + 1..size {
                    matrix[row * size + entry] -= factor * matrix[column * size + entry];
                }
            }
        }
    }
    true
}

fn solve(matrix: &[f64], pivots: &[usize], right: &mut [f64]) {
    let size = right.len();
    for (row, &pivot) in pivots.iter().enumerate() {
        right.swap(row, pivot);
    }
    for row in 0..size {
        let before: f64 = (0..row).map(|column| matrix[row * size + column] * right[column]).sum();
        right[row] -= before;
    }
    for row in (0..size).rev() {
        let after: f64 = (row + 1..size).map(|column| matrix[row * size + column] * right[column]).sum();
        right[row] = (right[row] - after) / matrix[row * size + row];
    }
}
