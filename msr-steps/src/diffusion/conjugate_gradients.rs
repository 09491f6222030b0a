//! Conjugate gradients.

use super::failure::largest;

/// Exact arithmetic would need one; rounding needs some more.
const ITERATIONS_PER_UNKNOWN: usize = 10;

/// The method with the diagonal as a preconditioner, and its memory.
#[derive(Debug, Clone, Default)]
pub(super) struct ConjugateGradients {
    residual: Vec<f64>,
    direction: Vec<f64>,
    image: Vec<f64>,
    /// One over the diagonal; 0 for unknowns that nothing determines.
    pub(super) inverse_diagonal: Vec<f64>,
    /// The right-hand side.
    pub(super) right: Vec<f64>,
}

impl ConjugateGradients {
    /// For so many unknowns.
    pub(super) fn new(size: usize) -> Self {
        let zeros = || vec![0.0; size];
        Self { residual: zeros(), direction: zeros(), image: zeros(), inverse_diagonal: zeros(), right: zeros() }
    }

    /// Solves for `solution`, which is the guess, by conjugate gradients with the diagonal as a preconditioner (Hestenes and
    /// Stiefel 1952), until the preconditioned residual is below `tolerance` everywhere. Whether it ever was.
    pub(super) fn solve<L>(
        &mut self,
        solution: &mut [f64],
        memory: &mut [L],
        apply: impl Fn(&[f64], &mut [f64], &mut [L]),
        tolerance: f64,
    ) -> bool {
        let Self { residual, direction, image, inverse_diagonal, right } = self;
        apply(solution, image, memory);
        let mut along = 0.0;
        for face in 0..solution.len() {
            residual[face] = right[face] - image[face];
            direction[face] = inverse_diagonal[face] * residual[face];
            along += residual[face] * direction[face];
        }
        let mut wrong = largest(direction.iter().map(|x| x.abs())).1;
        for _ in 0..ITERATIONS_PER_UNKNOWN * solution.len() {
            if wrong <= tolerance {
                return true;
            }
            apply(direction, image, memory);
            let step = along / direction.iter().zip(image.iter()).map(|(a, b)| a * b).sum::<f64>();
            let mut new_along = 0.0;
            wrong = 0.0;
            for face in 0..solution.len() {
                solution[face] += step * direction[face];
                residual[face] -= step * image[face];
                let preconditioned = inverse_diagonal[face] * residual[face];
                new_along += residual[face] * preconditioned;
                // `max` would forget what is not a number; the sum does not.
                wrong = f64::max(wrong, preconditioned.abs());
            }
            if !new_along.is_finite() {
                return false;
            }
            let keep = new_along / along;
            along = new_along;
            for face in 0..solution.len() {
                direction[face] = inverse_diagonal[face] * residual[face] + keep * direction[face];
            }
        }
        wrong <= tolerance
    }
}
