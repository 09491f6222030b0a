//! Sparse linear operators between spaces, and the arithmetic of fractions behind them.

use std::sync::Arc;

use sprs::{CsMat, TriMat};

/// A sparse linear operator between two spaces. Clones share their entries.
#[derive(Debug, Clone)]
pub struct Operator {
    matrix: Arc<CsMat<f64>>,
}

impl Operator {
    /// Leaves elements as they are; those that do not stay become empty.
    pub(crate) fn identity(stays: impl ExactSizeIterator<Item = bool>) -> Self {
        let mut matrix = TriMat::new((stays.len(), stays.len()));
        for (element, stays) in stays.enumerate() {
            if stays {
                matrix.add_triplet(element, element, 1.0);
            }
        }
        Self::of(matrix.to_csr())
    }

    /// This one, then `next`.
    pub(crate) fn then(&self, next: &Operator) -> Self {
        Self::of((&*next.matrix * &*self.matrix).to_csr())
    }

    /// The operator of a matrix, shape (target elements, source elements).
    pub(crate) fn of(matrix: CsMat<f64>) -> Self {
        Self { matrix: Arc::new(matrix) }
    }

    /// The same with rows that sum to 1.
    pub(crate) fn averaging(&self) -> Self {
        Self::of(rows_to_one(&self.matrix))
    }

    /// Its entries, shape (target elements, source elements).
    pub fn matrix(&self) -> &CsMat<f64> {
        &self.matrix
    }

    /// Applies it: `target` (of the target space's length) is overwritten.
    pub fn apply(&self, source: &[f64], target: &mut [f64]) {
        multiply(&self.matrix, source, target);
    }

    /// Sum of each column: for amounts, the part of each source element that arrives anywhere.
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.matrix.cols()];
        for (entry, (_, column)) in &*self.matrix {
            sums[column] += entry;
        }
        sums
    }

    /// Memory of the entries, in bytes.
    pub(crate) fn memory_bytes(&self) -> u64 {
        matrix_bytes(&self.matrix)
    }

    /// Elements of the target space.
    pub fn rows(&self) -> usize {
        self.matrix.rows()
    }

    /// The one source element that each target element receives from, if any; `None` where one receives from several.
    pub fn sole_sources(&self) -> Option<Vec<Option<usize>>> {
        self.matrix
            .outer_iterator()
            .map(|row| match row.indices() {
                [] => Some(None),
                [source] => Some(Some(*source)),
                _ => None,
            })
            .collect()
    }

    /// Which elements of the target space receive anything.
    pub fn covered(&self) -> Vec<bool> {
        self.matrix.outer_iterator().map(|row| row.nnz() > 0).collect()
    }
}

/// `target = matrix * source` for a CSR matrix, in the order of its entries.
pub(crate) fn multiply(matrix: &CsMat<f64>, source: &[f64], target: &mut [f64]) {
    debug_assert!(matrix.is_csr());
    for (value, row) in target.iter_mut().zip(matrix.outer_iterator()) {
        *value = row.iter().map(|(column, entry)| entry * source[column]).sum();
    }
}

pub(crate) fn transposed(matrix: &CsMat<f64>) -> CsMat<f64> {
    matrix.transpose_view().to_csr()
}

pub(crate) fn scaled_rows(matrix: &CsMat<f64>, scales: &[f64]) -> CsMat<f64> {
    let mut scaled = matrix.clone();
    for (mut row, &scale) in scaled.outer_iterator_mut().zip(scales) {
        for (_, value) in row.iter_mut() {
            *value *= scale;
        }
    }
    scaled
}

/// Scales each row to the sum 1; rows that sum to nothing become empty.
pub(crate) fn rows_to_one(matrix: &CsMat<f64>) -> CsMat<f64> {
    let mut scaled = TriMat::new(matrix.shape());
    for (row, entries) in matrix.outer_iterator().enumerate() {
        let sum: f64 = entries.data().iter().sum();
        if sum > 0.0 {
            for (column, value) in entries.iter() {
                scaled.add_triplet(row, column, value / sum);
            }
        }
    }
    scaled.to_csr()
}

/// The share that each part has in the size of its whole; shape (wholes, parts), rows sum to 1.
pub(crate) fn shares(belongs_to: &CsMat<f64>, sizes: &[f64]) -> CsMat<f64> {
    rows_to_one(&transposed(&scaled_rows(belongs_to, sizes)))
}

/// Memory of a sparse matrix, in bytes: a value and an index an entry, and where each row starts.
pub(crate) fn matrix_bytes(matrix: &CsMat<f64>) -> u64 {
    let words = 2 * matrix.nnz() + matrix.outer_dims() + 1;
    (words * size_of::<f64>()) as u64
}
