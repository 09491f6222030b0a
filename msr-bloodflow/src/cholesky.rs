//! Weighted graph Laplacian without its grounded nodes, and its sparse Cholesky factor. The fill-reducing order and the
//! structure of the factor depend on the graph alone and are found once; radii change numbers only.

use std::fmt;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::LltRegularization;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, LltRef, SymbolicCholesky, SymmetricOrdering, factorize_symbolic_cholesky,
};
use faer::sparse::{SparseColMatRef, SymbolicSparseColMat};
use faer::{Conj, MatMut, Par, Side, Spec};

use crate::vasculature::Vasculature;

/// Where the conductance of a segment goes in the values of the lower triangle; `NOWHERE` at a grounded node.
#[derive(Debug, Clone, Copy)]
struct Slots {
    diagonal: [usize; 2],
    coupling: usize,
}

const NOWHERE: usize = usize::MAX;

/// The factor could not be computed: the conductances span more than the numbers can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorError {
    /// There is not enough memory for the factor.
    #[error("not enough memory for the Cholesky factor of {unknowns} unknown pressures")]
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

/// Sparse L L^T factor of the Laplacian restricted to the free nodes.
pub struct GroundedLaplacian {
    unknown_of: Vec<usize>,
    unknowns: usize,
    pattern: SymbolicSparseColMat<usize>,
    values: Vec<f64>,
    slots: Vec<Slots>,
    symbolic: Option<SymbolicCholesky<usize>>,
    factor: Vec<f64>,
    right_side: Vec<f64>,
    memory: MemBuffer,
}

impl fmt::Debug for GroundedLaplacian {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroundedLaplacian")
            .field("unknowns", &self.unknowns)
            .field("nonzeros", &self.values.len())
            .field("factor_nonzeros", &self.factor.len())
            .finish_non_exhaustive()
    }
}

impl GroundedLaplacian {
    /// Analyses the structure. `grounded` says of each node whether it is left out; every component must have one that is.
    ///
    /// # Errors
    /// [`FactorError::OutOfMemory`].
    pub fn new(vasculature: &Vasculature, grounded: &[bool]) -> Result<Self, FactorError> {
        let mut unknowns = 0;
        let unknown_of: Vec<usize> = grounded
            .iter()
            .map(|&grounded| {
                if grounded {
                    return NOWHERE;
                }
                unknowns += 1;
                unknowns - 1
            })
            .collect();
        let ends: Vec<[usize; 2]> =
            (0..vasculature.segment_count()).map(|segment| vasculature.ends(segment).map(|n| unknown_of[n])).collect();
        let couplings = ends.iter().filter(|[a, b]| *a != NOWHERE && *b != NOWHERE).map(|&[a, b]| (a.min(b), a.max(b)));
        // (column, row) of the lower triangle, column by column.
        let mut entries: Vec<(usize, usize)> = (0..unknowns).map(|u| (u, u)).chain(couplings).collect();
        entries.sort_unstable();
        entries.dedup();
        let mut column_starts = vec![0; unknowns + 1];
        for &(column, _) in &entries {
            column_starts[column + 1] += 1;
        }
        for column in 0..unknowns {
            column_starts[column + 1] += column_starts[column];
        }
        // Every unknown has its diagonal entry, the first of its column.
        let diagonal = |unknown: usize| if unknown == NOWHERE { NOWHERE } else { column_starts[unknown] };
        let slots = ends
            .iter()
            .map(|&[a, b]| Slots {
                diagonal: [diagonal(a), diagonal(b)],
                coupling: if a == NOWHERE || b == NOWHERE {
                    NOWHERE
                } else {
                    entries.binary_search(&(a.min(b), a.max(b))).expect("the entry was just made")
                },
            })
            .collect();
        let rows = entries.iter().map(|&(_, row)| row).collect();
        let pattern = SymbolicSparseColMat::new_checked(unknowns, unknowns, column_starts, None, rows);
        let out_of_memory = |_| FactorError::OutOfMemory { unknowns };
        let symbolic = match unknowns {
            0 => None,
            _ => Some(
                factorize_symbolic_cholesky(
                    pattern.as_ref(),
                    Side::Lower,
                    SymmetricOrdering::Amd,
                    CholeskySymbolicParams::default(),
                )
                .map_err(out_of_memory)?,
            ),
        };
        let need = symbolic.as_ref().map_or(faer::dyn_stack::StackReq::EMPTY, |symbolic| {
            symbolic
                .factorize_numeric_llt_scratch::<f64>(Par::Seq, Spec::default())
                .or(symbolic.solve_in_place_scratch::<f64>(1, Par::Seq))
        });
        let memory = MemBuffer::try_new(need).map_err(|_| FactorError::OutOfMemory { unknowns })?;
        Ok(Self {
            unknown_of,
            unknowns,
            values: vec![0.0; entries.len()],
            pattern,
            slots,
            factor: vec![0.0; symbolic.as_ref().map_or(0, SymbolicCholesky::len_val)],
            symbolic,
            right_side: vec![0.0; unknowns],
            memory,
        })
    }

    /// Factorises with these conductances, one a segment, all positive.
    ///
    /// # Errors
    /// [`FactorError::NotPositive`].
    pub fn factorise(&mut self, conductances: &[f64]) -> Result<(), FactorError> {
        let Some(symbolic) = &self.symbolic else { return Ok(()) };
        self.values.fill(0.0);
        for (slots, &conductance) in self.slots.iter().zip(conductances) {
            for slot in slots.diagonal.into_iter().filter(|&slot| slot != NOWHERE) {
                self.values[slot] += conductance;
            }
            if slots.coupling != NOWHERE {
                self.values[slots.coupling] -= conductance;
            }
        }
        symbolic
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
            .map_err(|faer::linalg::cholesky::llt::factor::LltError::NonPositivePivot { index }| {
                FactorError::NotPositive { pivot: index }
            })
    }

    /// Solves for the pressures that drive the given net inflows (one a node); 0 at grounded nodes.
    pub fn solve(&mut self, inflows: &[f64], pressures: &mut [f64]) {
        pressures.fill(0.0);
        let Some(symbolic) = &self.symbolic else { return };
        for (&unknown, &inflow) in self.unknown_of.iter().zip(inflows) {
            if unknown != NOWHERE {
                self.right_side[unknown] = inflow;
            }
        }
        LltRef::<usize, f64>::new(symbolic, &self.factor).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(&mut self.right_side, self.unknowns, 1),
            Par::Seq,
            MemStack::new(&mut self.memory),
        );
        for (&unknown, pressure) in self.unknown_of.iter().zip(pressures) {
            if unknown != NOWHERE {
                *pressure = self.right_side[unknown];
            }
        }
    }
}
