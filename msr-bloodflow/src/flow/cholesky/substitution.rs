//! Solution of a system with the factor.

use pulp::NullaryFnOnce;

use super::fronts::Structure;

/// Solution of L L^T x = b, in place.
pub(super) struct Substitution<'a> {
    pub structure: &'a Structure,
    pub values: &'a [f64],
    pub column: &'a mut [f64],
    /// Room for the rows below a front.
    pub below: &'a mut [f64],
}

impl NullaryFnOnce for Substitution<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { structure, values, column, below } = self;
        for front in &structure.fronts {
            let rows = &structure.rows[front.rows.clone()];
            let below = &mut below[..rows.len()];
            below.fill(0.0);
            let own = &mut column[front.first..front.end()];
            let matrix = &values[front.values..][..front.height() * front.columns];
            for (pivot, factors) in matrix.chunks_exact(front.height()).enumerate() {
                let value = own[pivot] / factors[pivot];
                own[pivot] = value;
                let (inside, outside) = factors.split_at(front.columns);
                own[pivot + 1..].iter_mut().zip(&inside[pivot + 1..]).for_each(|(own, factor)| *own -= factor * value);
                below.iter_mut().zip(outside).for_each(|(below, factor)| *below += factor * value);
            }
            for (&row, below) in rows.iter().zip(below.iter()) {
                column[row as usize] -= below;
            }
        }
        for front in structure.fronts.iter().rev() {
            let rows = &structure.rows[front.rows.clone()];
            let below = &mut below[..rows.len()];
            for (&row, below) in rows.iter().zip(below.iter_mut()) {
                *below = column[row as usize];
            }
            let own = &mut column[front.first..front.end()];
            let matrix = &values[front.values..][..front.height() * front.columns];
            for (pivot, factors) in matrix.chunks_exact(front.height()).enumerate().rev() {
                let (inside, outside) = factors.split_at(front.columns);
                let known = dot(&inside[pivot + 1..], &own[pivot + 1..]) + dot(outside, below);
                own[pivot] = (own[pivot] - known) / factors[pivot];
            }
        }
    }
}

/// Sum of products, in as many partial sums as a vector of the processor holds.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}
