//! Elimination of the columns of one front, a dense matrix.
//!
//! How a matrix is cut into parts does not depend on the number of threads: the results are the same bits for any.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use pulp::{Arch, NullaryFnOnce};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;

/// Columns that are eliminated one by one; more are halved, so that most is done by products of matrices.
const FEW_COLUMNS: usize = 8;
/// Multiplications below which loops are faster than a product of matrices.
const SMALL_PRODUCT: usize = 4096;
/// Multiplications from which a product is shared among threads.
const SHARED_PRODUCT: usize = 500_000;
/// Columns of a product that one thread makes at a time.
const PART: usize = 48;

/// Numbers of an update matrix of so many rows. It is kept in parts of [`PART`] columns, each without the rows above its
/// first column: little more than the lower triangle.
pub(super) fn update_length(below: usize) -> usize {
    let whole = below / PART * PART;
    part_start(below, whole) + (below - whole) * (below - whole)
}

/// Where the part that begins with column `first` stands.
fn part_start(below: usize, first: usize) -> usize {
    // Sum of (below - part PART) PART over the parts before.
    first * below - first * first.saturating_sub(PART) / 2
}

/// Where row 0 of a column of an update matrix would stand; rows from the column's number on are there.
pub(super) fn update_column(below: usize, column: usize) -> usize {
    let first = column / PART * PART;
    part_start(below, first) + (column - first) * (below - first) - first
}

/// Eliminates the first `columns` of a front of `height` rows and takes their part from the update matrix, of which the lower
/// triangle counts. Where a pivot is not positive, gives its number.
pub(super) fn eliminate(values: &mut [f64], height: usize, columns: usize, update: &mut [f64]) -> Result<(), usize> {
    let below = height - columns;
    if below * below * columns <= SMALL_PRODUCT && columns <= 2 * FEW_COLUMNS {
        return Arch::new().dispatch(Small { values, height, columns, update });
    }
    eliminate_columns(values, height, 0, columns)?;
    if below > 0 {
        let panel = MatRef::from_column_major_slice(values, height, columns).subrows(columns, below);
        take_from_update(update, panel, 0, below);
    }
    Ok(())
}

/// Eliminates the columns from `begin` to `end`, those before having been taken from them.
fn eliminate_columns(values: &mut [f64], height: usize, begin: usize, end: usize) -> Result<(), usize> {
    if end - begin <= FEW_COLUMNS {
        return Arch::new().dispatch(Few { values, height, begin, end });
    }
    let middle = begin + ((end - begin) / 2).next_multiple_of(FEW_COLUMNS);
    eliminate_columns(values, height, begin, middle)?;
    let (left, right) = values.split_at_mut(middle * height);
    let done = MatRef::from_column_major_slice(&left[begin * height..], height, middle - begin);
    take_product(&mut right[..(end - middle) * height], height, done.subrows(middle, height - middle), middle);
    eliminate_columns(values, height, middle, end)
}

/// Takes the product of a panel and its transpose from a matrix of `height` rows, of which those from `skipped` on are the
/// panel's; the lower triangle counts.
fn take_product(matrix: &mut [f64], height: usize, panel: MatRef<'_, f64>, skipped: usize) {
    let columns = matrix.len() / height;
    let take = |(number, part): (usize, &mut [f64])| {
        let first = number * PART;
        let part = MatMut::from_column_major_slice_mut(part, height, part.len() / height);
        take_part(part.subrows_mut(skipped + first, height - skipped - first), panel, first);
    };
    if panel.nrows() * panel.ncols() * columns < SHARED_PRODUCT {
        matrix.chunks_mut(PART * height).enumerate().for_each(take);
    } else {
        matrix.par_chunks_mut(PART * height).enumerate().for_each(take);
    }
}

/// Takes the product of a panel and its transpose from the parts of an update matrix, those from `first` on to `end`.
fn take_from_update(parts: &mut [f64], panel: MatRef<'_, f64>, first: usize, end: usize) {
    let below = panel.nrows();
    if end - first <= PART {
        let part = MatMut::from_column_major_slice_mut(parts, below - first, end - first);
        take_part(part, panel, first);
        return;
    }
    let middle = first + ((end - first) / 2).next_multiple_of(PART);
    let (left, right) = parts.split_at_mut(part_start(below, middle) - part_start(below, first));
    let mut one = || take_from_update(left, panel, first, middle);
    let mut other = || take_from_update(right, panel, middle, end);
    if below * (end - first) * panel.ncols() < SHARED_PRODUCT {
        one();
        other();
    } else {
        rayon::join(one, other);
    }
}

/// Takes the columns from `first` on of the product of a panel and its transpose, the rows above them left out.
fn take_part(part: MatMut<'_, f64>, panel: MatRef<'_, f64>, first: usize) {
    let upper = panel.subrows(first, panel.nrows() - first);
    let right = upper.subrows(0, part.ncols()).transpose();
    matmul(part, Accum::Add, upper, right, -1.0, Par::Seq);
}

/// A small front as a whole.
struct Small<'a> {
    values: &'a mut [f64],
    height: usize,
    columns: usize,
    update: &'a mut [f64],
}

impl NullaryFnOnce for Small<'_> {
    type Output = Result<(), usize>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { values, height, columns, update } = self;
        Few { values: &mut *values, height, begin: 0, end: columns }.call()?;
        let below = height - columns;
        for column in values.chunks_exact(height) {
            let column = &column[columns..];
            for first in 0..below {
                let target = &mut update[update_column(below, first)..][first..below];
                take_multiple(target, column[first], &column[first..]);
            }
        }
        Ok(())
    }
}

/// Some columns of a front, one after the other.
struct Few<'a> {
    values: &'a mut [f64],
    height: usize,
    begin: usize,
    end: usize,
}

impl NullaryFnOnce for Few<'_> {
    type Output = Result<(), usize>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { values, height, begin, end } = self;
        for pivot in begin..end {
            let (left, right) = values.split_at_mut((pivot + 1) * height);
            let column = &mut left[pivot * height + pivot..];
            let square = column[0];
            // Not a number is not positive either.
            if !(square > 0.0 && square.is_finite()) {
                return Err(pivot);
            }
            let root = square.sqrt();
            column[0] = root;
            let scale = 1.0 / root;
            column[1..].iter_mut().for_each(|value| *value *= scale);
            for (step, target) in right.chunks_exact_mut(height).take(end - pivot - 1).enumerate() {
                take_multiple(&mut target[pivot + 1 + step..], column[1 + step], &column[1 + step..]);
            }
        }
        Ok(())
    }
}

#[inline(always)]
fn take_multiple(target: &mut [f64], factor: f64, values: &[f64]) {
    target.iter_mut().zip(values).for_each(|(target, value)| *target -= factor * value);
}
