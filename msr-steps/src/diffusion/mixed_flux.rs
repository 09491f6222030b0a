//! Deterministic diffusion with a flux that is consistent on irregular meshes.
//!
//! The mixed finite element of lowest order (Raviart and Thomas 1977, Lect. Notes Math. 606), hybridised (Arnold and Brezzi
//! 1985, RAIRO 19): besides the concentration c of each tetrahedron there is one on each face, l, and the amount that leaves
//! over face i is `Q_i = sum_j M_ij (c - l_j)`, where M is the inverse of `int w_i w_j / D` for the fields
//! `w_i = (x - p_i) / 3V`. What leaves one tetrahedron over a face enters the next. An implicit step leaves a
//! symmetric positive definite system for the faces, solved by conjugate gradients. Time is stepped by the L-stable method of
//! two stages and order 2 (Alexander 1977, SIAM J. Numer. Anal. 14) with an error estimate of order 1, damped by one more
//! solve (Hosea and Shampine 1996, Appl. Numer. Math. 20).
//!
//! A diffusion boundary whose coefficient is below those of its sides is a membrane: a face with a concentration on each
//! side and a resistance between them, which with the two half ways to the barycentres makes that of the coefficient.
//!
//! The scheme has no maximum principle: next to a sharp front, values may undershoot. Those below zero become zero, and the
//! others give what that adds.

use rayon::prelude::*;

use super::conjugate_gradients::ConjugateGradients;
use super::failure::largest;
use super::parts::Parts;
use super::{Cause, Failure, JumpOperator};
use crate::mesh::{cross, difference, dot};

/// Tetrahedra or faces that one task treats.
const CHUNK: usize = 4096;

/// The linear systems are solved this much more exactly than a step must be.
const SOLVED_FINER: f64 = 1e-3;

const SHRINK: f64 = 0.2;
const GROW: f64 = 5.0;
const SAFETY: f64 = 0.9;

/// No step is below this part of the whole.
const SMALLEST_STEP: f64 = 1e-12;

/// A resistance below this part of that between two barycentres is none.
const ROUNDING: f64 = 1e-12;

/// In place of a second side: the face is closed.
const CLOSED: u32 = u32::MAX;

/// Advances concentrations by diffusion with a consistent flux.
#[derive(Debug, Clone)]
pub struct MixedFlux {
    volumes_um3: Vec<f64>,
    held: Vec<bool>,
    parts: Parts,
    /// Memory for amounts by part.
    amounts: Vec<[f64; 2]>,
    /// `M` of each tetrahedron for a diffusion coefficient of 1 um2/s, in um.
    conductances_um: Vec<[[f64; 4]; 4]>,
    /// The unknown on each face of each tetrahedron.
    faces: Vec<[u32; 4]>,
    /// Where each unknown stands: four times the tetrahedron plus the face, on both sides.
    sides: Vec<[u32; 2]>,
    membranes: Vec<Membrane>,
    tolerance: f64,
    system: System,
    conjugate: ConjugateGradients,
    stages: [Vec<f64>; 3],
    /// The step that the error allows, for a diffusion coefficient of 1 um2/s.
    step_um2: Option<f64>,
}

/// A resistance in a face.
#[derive(Debug, Clone)]
struct Membrane {
    /// The unknowns on its two sides.
    faces: [u32; 2],
    /// For a diffusion coefficient of 1 um2/s, in um.
    conductance_um: f64,
}

/// The linear system of a stage.
#[derive(Debug, Clone, Default)]
struct System {
    /// `V / (gamma h D)` of each tetrahedron, in um; infinite where the concentration is held.
    inertia_um: Vec<f64>,
    /// Local results, face by face of each tetrahedron.
    local: Vec<[f64; 4]>,
    on_faces: Vec<f64>,
}

impl MixedFlux {
    /// For the open faces of `operator`; `corners_um` are those of each tetrahedron. `coefficient` is that of diffusion between
    /// two tetrahedra, and within one, relative to that of the species; between two it is at most the harmonic mean of both.
    /// `tolerance` is the error of a step, relative to the largest concentration.
    pub fn new(
        operator: &JumpOperator,
        corners_um: &[[[f64; 3]; 4]],
        coefficient: impl Fn(usize, usize) -> f64,
        tolerance: f64,
    ) -> Self {
        let tets = operator.len();
        let mut faces = vec![[CLOSED; 4]; tets];
        let mut sides: Vec<[u32; 2]> = Vec::new();
        let mut membranes = Vec::new();
        for tet in 0..tets {
            for face in 0..4 {
                let other = operator.neighbours()[tet][face] as usize;
                let back = usize::from(operator.faces_back()[tet][face]);
                let conductance_um = operator.rates_per_um2()[tet][face] * operator.volumes_um3()[tet];
                let between = coefficient(tet, other);
                let half_ways = 0.5 * (between / coefficient(tet, tet) + between / coefficient(other, other));
                let is_membrane = other != tet && half_ways < 1.0 - ROUNDING;
                if other < tet && !is_membrane {
                    faces[tet][face] = faces[other][back];
                    continue;
                }
                faces[tet][face] = sides.len() as u32;
                let far = if other == tet || is_membrane { CLOSED } else { (4 * other + back) as u32 };
                sides.push([(4 * tet + face) as u32, far]);
                if other < tet {
                    membranes.push(Membrane {
                        faces: [faces[other][back], faces[tet][face]],
                        conductance_um: conductance_um / (1.0 - half_ways),
                    });
                }
            }
        }
        let conductances_um = corners_um
            .iter()
            .enumerate()
            .map(|(tet, corners)| conductance(corners).map(|row| row.map(|value| value * coefficient(tet, tet))))
            .collect();
        Self {
            volumes_um3: operator.volumes_um3().to_vec(),
            held: operator.held().to_vec(),
            parts: operator.parts().clone(),
            amounts: Vec::new(),
            conductances_um,
            system: System {
                inertia_um: vec![0.0; tets],
                local: vec![[0.0; 4]; tets],
                on_faces: vec![0.0; sides.len()],
            },
            conjugate: ConjugateGradients::new(sides.len()),
            faces,
            sides,
            membranes,
            tolerance,
            stages: std::array::from_fn(|_| vec![0.0; tets]),
            step_um2: None,
        }
    }

    /// Advances `concentrations` (one for each tetrahedron, any unit) by `dt_s` with the diffusion coefficient
    /// `diffusion_um2_s`. Returns the number of steps.
    ///
    /// # Errors
    /// [`Cause::Flux`] where no step is short enough; concentrations are then those of the time reached.
    pub fn advance(&mut self, concentrations: &mut [f64], diffusion_um2_s: f64, dt_s: f64) -> Result<usize, Failure> {
        let gamma = 1.0 - std::f64::consts::FRAC_1_SQRT_2;
        let whole_um2 = diffusion_um2_s * dt_s;
        if whole_um2 == 0.0 || self.at_rest(concentrations) {
            return Ok(0);
        }
        let most = largest(concentrations.iter().copied()).1.max(f64::MIN_POSITIVE);
        let mut stages = std::mem::take(&mut self.stages);
        let mut left_um2 = whole_um2;
        let mut steps = 0;
        let mut outcome = Ok(());
        while left_um2 > 0.0 {
            let longest_um2 = self.step_um2.unwrap_or(whole_um2);
            let last = longest_um2 >= left_um2;
            let h = if last { left_um2 } else { longest_um2 };
            let (tet, size) = self.step(concentrations, &mut stages, gamma, h, most);
            if size <= 1.0 {
                let factor = (SAFETY / size.sqrt()).clamp(SHRINK, GROW);
                steps += 1;
                concentrations.copy_from_slice(&stages[1]);
                left_um2 = if last { 0.0 } else { left_um2 - h };
                // A last, short step says nothing against longer ones.
                self.step_um2 = Some(if last { longest_um2.max(factor * h) } else { factor * h });
                continue;
            }
            if h <= SMALLEST_STEP * whole_um2 {
                outcome = Err(Failure { species: 0, tet, cause: Cause::Flux { step_um2: h } });
                break;
            }
            let factor = if size.is_finite() { (SAFETY / size.sqrt()).clamp(SHRINK, GROW) } else { SHRINK };
            self.step_um2 = Some(factor * h);
        }
        self.stages = stages;
        outcome?;
        self.parts.remove_negative(concentrations, &self.volumes_um3, &self.held, &mut self.amounts);
        Ok(steps)
    }

    /// One step from `concentrations`, whose result is the second of `stages`. Returns its error as a multiple of what is
    /// allowed, infinite where a linear system is not solved, and the tetrahedron that has it.
    fn step(
        &mut self,
        concentrations: &[f64],
        [first, second, error]: &mut [Vec<f64>; 3],
        gamma: f64,
        h: f64,
        most: f64,
    ) -> (usize, f64) {
        self.prepare(gamma * h);
        first.copy_from_slice(concentrations);
        let mut solved = self.implicit(first, gamma * h, most);
        for ((second, first), old) in second.iter_mut().zip(&*first).zip(concentrations) {
            *second = old + (1.0 - gamma) / gamma * (first - old);
        }
        solved &= self.implicit(second, gamma * h, most);
        for (((error, second), first), old) in error.iter_mut().zip(&*second).zip(&*first).zip(concentrations) {
            *error = second - old - (first - old) / gamma;
        }
        solved &= self.implicit(error, gamma * h, most);
        let (tet, size) = largest(error.iter().map(|error| error.abs()));
        (tet, if solved { size / (self.tolerance * most) } else { f64::INFINITY })
    }

    /// The step that the error allows, for a diffusion coefficient of 1 um2/s.
    pub(crate) fn step_um2(&self) -> Option<f64> {
        self.step_um2
    }

    /// Goes on with this step.
    pub(crate) fn set_step_um2(&mut self, step_um2: Option<f64>) {
        self.step_um2 = step_um2;
    }

    fn at_rest(&self, concentrations: &[f64]) -> bool {
        let value = |side: u32| concentrations[side as usize / 4];
        let near = |face: u32| value(self.sides[face as usize][0]);
        self.sides.iter().all(|&[near, far]| far == CLOSED || value(near) == value(far))
            && self.membranes.iter().all(|membrane| near(membrane.faces[0]) == near(membrane.faces[1]))
    }

    fn prepare(&mut self, gamma_h_um2: f64) {
        for (tet, inertia) in self.system.inertia_um.iter_mut().enumerate() {
            *inertia = if self.held[tet] { f64::INFINITY } else { self.volumes_um3[tet] / gamma_h_um2 };
        }
        let diagonal = &mut self.conjugate.inverse_diagonal;
        for (face, diagonal) in diagonal.iter_mut().enumerate() {
            *diagonal = self.sides[face]
                .iter()
                .filter(|&&side| side != CLOSED)
                .map(|&side| {
                    let [tet, local] = [side as usize / 4, side as usize % 4];
                    let rows = &self.conductances_um[tet];
                    let [sums, sum] = sums(rows);
                    rows[local][local] - sums[local] * sums[local] / (self.system.inertia_um[tet] + sum[0])
                })
                .sum();
        }
        for Membrane { faces, conductance_um } in &self.membranes {
            faces.iter().for_each(|&face| diagonal[face as usize] += conductance_um);
        }
        diagonal.iter_mut().for_each(|value| *value = if *value > 0.0 { 1.0 / *value } else { 0.0 });
    }

    /// Replaces c* in `values` by the c of `c = c* + gamma h F(c)`. Whether that was solved; `most` is the largest concentration.
    fn implicit(&mut self, values: &mut [f64], gamma_h_um2: f64, most: f64) -> bool {
        let Self { system, conjugate, conductances_um, faces, sides, membranes, .. } = self;
        let System { inertia_um, local, on_faces } = system;
        // The right-hand side, and the mean of both sides as a guess.
        local_parts(local, |tet| {
            let [sums, sum] = sums(&conductances_um[tet]);
            sums.map(|row| row * values[tet] * kept(inertia_um[tet], sum[0]))
        });
        gather(sides, local, &mut conjugate.right);
        for (face, &[near, far]) in on_faces.iter_mut().zip(sides.iter()) {
            let near = values[near as usize / 4];
            *face = if far == CLOSED { near } else { 0.5 * (near + values[far as usize / 4]) };
        }
        let apply = |vector: &[f64], image: &mut [f64], local: &mut [[f64; 4]]| {
            local_parts(local, |tet| {
                let rows = &conductances_um[tet];
                let on_faces = faces[tet].map(|face| vector[face as usize]);
                let [sums, sum] = sums(rows);
                let shared = product(&sums, &on_faces) / (inertia_um[tet] + sum[0]);
                std::array::from_fn(|face| product(&rows[face], &on_faces) - sums[face] * shared)
            });
            gather(sides, local, image);
            for Membrane { faces: [one, other], conductance_um } in &*membranes {
                let [one, other] = [*one as usize, *other as usize];
                let leaving = conductance_um * (vector[one] - vector[other]);
                image[one] += leaving;
                image[other] -= leaving;
            }
        };
        if !conjugate.solve(on_faces, local, apply, SOLVED_FINER * self.tolerance * most) {
            return false;
        }

        // From the mean of what both sides say of a face, so that what leaves one enters the other to the last bit.
        local_parts(local, |tet| {
            let rows = &conductances_um[tet];
            let on_faces = faces[tet].map(|face| on_faces[face as usize]);
            let [sums, sum] = sums(rows);
            let kept = kept(inertia_um[tet], sum[0]);
            let taken = if inertia_um[tet].is_finite() { 1.0 / (inertia_um[tet] + sum[0]) } else { 0.0 };
            let value = kept * values[tet] + taken * product(&sums, &on_faces);
            std::array::from_fn(|face| sums[face] * value - product(&rows[face], &on_faces))
        });
        let leaving = |side: u32| local[side as usize / 4][side as usize % 4];
        for (face, &[near, far]) in on_faces.iter_mut().zip(sides.iter()) {
            *face = if far == CLOSED { 0.0 } else { 0.5 * (leaving(near) - leaving(far)) };
        }
        for Membrane { faces: [one, other], .. } in &*membranes {
            let [one, other] = [*one as usize, *other as usize];
            let through = 0.5 * (leaving(sides[one][0]) - leaving(sides[other][0]));
            on_faces[one] = through;
            on_faces[other] = -through;
        }
        for (tet, value) in values.iter_mut().enumerate().filter(|(tet, _)| !self.held[*tet]) {
            let leaving: f64 = (0..4)
                .map(|face| {
                    let unknown = faces[tet][face] as usize;
                    let near = sides[unknown][0] as usize == 4 * tet + face;
                    if near { on_faces[unknown] } else { -on_faces[unknown] }
                })
                .sum();
            *value -= leaving * gamma_h_um2 / self.volumes_um3[tet];
        }
        true
    }
}

/// How much of a concentration stays in an implicit step with fixed faces.
fn kept(inertia_um: f64, sum_um: f64) -> f64 {
    if inertia_um.is_finite() { inertia_um / (inertia_um + sum_um) } else { 1.0 }
}

/// Sums of the rows, and (four times) the sum of all.
fn sums(rows: &[[f64; 4]; 4]) -> [[f64; 4]; 2] {
    let sums = rows.map(|row| row.iter().sum());
    [sums, [sums.iter().sum(); 4]]
}

fn product(a: &[f64; 4], b: &[f64; 4]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3]
}

fn local_parts(local: &mut [[f64; 4]], of: impl Fn(usize) -> [f64; 4] + Sync) {
    local.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, local)| {
        local.iter_mut().enumerate().for_each(|(offset, local)| *local = of(chunk * CHUNK + offset));
    });
}

/// Sums over the two sides of each face.
fn gather(sides: &[[u32; 2]], local: &[[f64; 4]], out: &mut [f64]) {
    let at = |side: u32| local[side as usize / 4][side as usize % 4];
    out.par_chunks_mut(CHUNK).zip(sides.par_chunks(CHUNK)).for_each(|(out, sides)| {
        for (out, &[near, far]) in out.iter_mut().zip(sides) {
            *out = at(near) + if far == CLOSED { 0.0 } else { at(far) };
        }
    });
}

/// `M` for a diffusion coefficient of 1: the inverse of `int (x - p_i) (x - p_j) / 9V^2`.
fn conductance(corners: &[[f64; 3]; 4]) -> [[f64; 4]; 4] {
    let [a, b, c] = [1, 2, 3].map(|corner| difference(corners[corner], corners[0]));
    let volume = dot(a, cross(b, c)).abs() / 6.0;
    let barycentre: [f64; 3] = std::array::from_fn(|axis| corners.iter().map(|corner| corner[axis]).sum::<f64>() / 4.0);
    let arms = corners.map(|corner| difference(barycentre, corner));
    // Over a tetrahedron, the mean of |x - b|^2 is a twentieth of the sum of its corners' squares.
    let spread: f64 = arms.iter().map(|&arm| dot(arm, arm)).sum::<f64>() / 20.0;
    let resistance =
        std::array::from_fn(|i| std::array::from_fn(|j| (dot(arms[i], arms[j]) + spread) / (9.0 * volume)));
    inverse(resistance)
}

/// By Gauss and Jordan; the matrix is symmetric positive definite.
fn inverse(mut matrix: [[f64; 4]; 4]) -> [[f64; 4]; 4] {
    let mut inverse: [[f64; 4]; 4] = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    for pivot in 0..4 {
        let scale = 1.0 / matrix[pivot][pivot];
        matrix[pivot] = matrix[pivot].map(|value| value * scale);
        inverse[pivot] = inverse[pivot].map(|value| value * scale);
        for row in (0..4).filter(|&row| row != pivot) {
            let factor = matrix[row][pivot];
            for column in 0..4 {
                matrix[row][column] -= factor * matrix[pivot][column];
                inverse[row][column] -= factor * inverse[pivot][column];
            }
        }
    }
    inverse
}
