//! Sparse Cholesky factor of the core's Laplacian. The fill-reducing order and the structure of the factor depend on the
//! graph alone and are found once; radii change numbers only.

use std::fmt;

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::linalg::cholesky::llt::factor::{LltError, LltRegularization};
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymmetricOrdering, factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMat};
use faer::{Conj, MatMut, Par, Side, Spec};

use super::reduction::{Core, GROUND};

/// Where the conductance of a tube goes in the values of the lower triangle; `NOWHERE` at a held node.
#[derive(Debug, Clone, Copy)]
struct Slots {
    diagonal: [u32; 2],
    coupling: u32,
}

const NOWHERE: u32 = u32::MAX;

/// The factor could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorError {
    /// There is not enough memory for the factor.
    #[error(
        "not enough memory for the Cholesky factor of {unknowns} unknown pressures; solve by iteration (bloodflow.solver: \"iterative\"), which needs none"
    )]
    OutOfMemory {
        /// Size of the system.
        unknowns: usize,
    },
    /// A pivot is not positive.
    #[error(
        "the conductances of the vessels span too many orders of magnitude: pivot {pivot} of the Cholesky factor is not \
         positive; look for very thin, very wide or very short segments"
    )]
    NotPositive {
        /// Position of the pivot.
        pivot: usize,
    },
}

/// Sparse L L^T factor of the Laplacian of a core.
pub(super) struct CholeskyFactor {
    unknowns: usize,
    pattern: SymbolicSparseColMat<u32>,
    values: Vec<f64>,
    slots: Vec<Slots>,
    symbolic: SymbolicCholesky<u32>,
    factor: Vec<f64>,
    memory: MemBuffer,
}

impl fmt::Debug for CholeskyFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CholeskyFactor")
            .field("unknowns", &self.unknowns)
            .field("nonzeros", &self.values.len())
            .field("factor_nonzeros", &self.symbolic.len_val())
            .finish_non_exhaustive()
    }
}

impl CholeskyFactor {
    /// Analyses the structure. `columns` is the number of right-hand sides solved for at once.
    ///
    /// # Errors
    /// [`FactorError::OutOfMemory`].
    pub(super) fn new(core: &Core) -> Result<Self, FactorError> {
        let unknowns = core.nodes.len();
        let out_of_memory = |_| FactorError::OutOfMemory { unknowns };
        let couplings = core.ends.iter().filter(|ends| !ends.contains(&GROUND)).map(|&[a, b]| (a.min(b), a.max(b)));
        // (column, row) of the lower triangle, column by column.
        let mut entries: Vec<(u32, u32)> = (0..unknowns as u32).map(|u| (u, u)).chain(couplings).collect();
        entries.sort_unstable();
        let mut column_starts = vec![0; unknowns + 1];
        for &(column, _) in &entries {
            column_starts[column as usize + 1] += 1;
        }
        for column in 0..unknowns {
            column_starts[column + 1] += column_starts[column];
        }
        // Every unknown has its diagonal entry, the first of its column.
        let diagonal = |unknown: u32| if unknown == GROUND { NOWHERE } else { column_starts[unknown as usize] };
        let slots = core
            .ends
            .iter()
            .map(|&[a, b]| Slots {
                diagonal: [diagonal(a), diagonal(b)],
                coupling: if a == GROUND || b == GROUND {
                    NOWHERE
                } else {
                    let [column, row] = [a.min(b), a.max(b)];
                    let [first, end] = [column, column + 1].map(|column| column_starts[column as usize] as usize);
                    let place = entries[first..end].binary_search(&(column, row)).expect("the entry was just made");
                    (first + place) as u32
                },
            })
            .collect();
        let values = vec![0.0; entries.len()];
        let rows = entries.into_iter().map(|(_, row)| row).collect();
        let pattern = SymbolicSparseColMat::new_checked(unknowns, unknowns, column_starts, None, rows);
        let symbolic = factorize_symbolic_cholesky(
            pattern.as_ref(),
            Side::Lower,
            SymmetricOrdering::Amd,
            CholeskySymbolicParams::default(),
        )
        .map_err(out_of_memory)?;
        Ok(Self {
            unknowns,
            pattern,
            values,
            slots,
            symbolic,
            factor: Vec::new(),
            memory: MemBuffer::new(StackReq::EMPTY),
        })
    }

    /// Memory that the numbers of the factor take, in bytes.
    pub(super) fn factor_bytes(&self) -> usize {
        self.symbolic.len_val() * size_of::<f64>()
    }

    /// Factorises with these conductances, one a tube of the core, all positive.
    ///
    /// # Errors
    /// [`FactorError`].
    pub(super) fn factorise(&mut self, conductances: &[f64]) -> Result<(), FactorError> {
        self.values.fill(0.0);
        for (slots, &conductance) in self.slots.iter().zip(conductances) {
            for slot in slots.diagonal.into_iter().filter(|&slot| slot != NOWHERE) {
                self.values[slot as usize] += conductance;
            }
            if slots.coupling != NOWHERE {
                self.values[slots.coupling as usize] -= conductance;
            }
        }
        let need = self.symbolic.factorize_numeric_llt_scratch::<f64>(Par::Seq, Spec::default());
        self.reserve(need)?;
        if self.factor.is_empty() {
            // `vec!` gets zeros from the system, untouched, but ends the program where there is no memory: asked before.
            let length = self.symbolic.len_val();
            let asked = Vec::<f64>::new().try_reserve_exact(length);
            asked.map_err(|_| FactorError::OutOfMemory { unknowns: self.unknowns })?;
            self.factor = vec![0.0; length];
        }
        self.symbolic
            .factorize_numeric_llt(
                &mut self.factor,
                SparseColMatRef::new(self.pattern.as_ref(), &self.values),
                Side::Lower,
                LltRegularization::default(),
                Par::Seq,
                MemStack::new(&mut self.memory),
                Spec::default(),
            )
            .map(|_| ())
            .map_err(|LltError::NonPositivePivot { index }| FactorError::NotPositive { pivot: index })
    }

    /// Solves in place for any number of right-hand sides, one after the other in `columns`.
    ///
    /// # Errors
    /// [`FactorError::OutOfMemory`].
    pub(super) fn solve(&mut self, columns: &mut [f64]) -> Result<(), FactorError> {
        let count = columns.len() / self.unknowns;
        self.reserve(self.symbolic.solve_in_place_scratch::<f64>(count, Par::Seq))?;
        LltRef::<u32, f64>::new(&self.symbolic, &self.factor).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(columns, self.unknowns, count),
            Par::Seq,
            MemStack::new(&mut self.memory),
        );
        Ok(())
    }

    fn reserve(&mut self, need: StackReq) -> Result<(), FactorError> {
        if self.memory.len() < need.unaligned_bytes_required() {
            let unknowns = self.unknowns;
            self.memory = MemBuffer::try_new(need).map_err(|_| FactorError::OutOfMemory { unknowns })?;
        }
        Ok(())
    }
}
