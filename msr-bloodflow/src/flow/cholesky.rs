//! Sparse Cholesky factor of the core's Laplacian, by fronts. The fill-reducing order and the structure of the factor depend
//! on the graph alone and are found once; radii change numbers only.

mod assembly;
mod dense;
mod fronts;
mod memory;
mod order;
mod substitution;

use pulp::Arch;

use self::assembly::Assembly;
use self::fronts::{Front, Structure};
use self::memory::Numbers;
use self::order::Lists;
use self::substitution::Substitution;
use super::reduction::{Core, GROUND};

/// Where in a front the conductance of a tube goes: `[tube, place]`.
type Entry = [u32; 2];

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
#[derive(Debug)]
pub(super) struct CholeskyFactor {
    positions: Vec<u32>,
    /// Conductances that are added to the diagonal of each front.
    diagonal: Lists<Entry>,
    /// Those that are taken from an entry below it.
    couplings: Lists<Entry>,
    structure: Structure,
    /// The factor, and behind it room for update matrices.
    numbers: Option<Numbers>,
    ordered: Vec<f64>,
    below: Vec<f64>,
}

impl CholeskyFactor {
    /// Analyses the structure.
    pub(super) fn new(core: &Core) -> Self {
        let couplings: Vec<[u32; 2]> = core.ends.iter().filter(|ends| !ends.contains(&GROUND)).copied().collect();
        let ordered = order::order(core.nodes.len(), &couplings);
        let structure = Structure::new(&ordered);
        let positions = ordered.positions;
        let tubes = core.ends.iter().enumerate().map(|(tube, ends)| (tube as u32, ends));
        let column = |unknown: u32| positions[unknown as usize] as usize;
        let of_diagonal = tubes.clone().flat_map(|(tube, ends)| {
            let unknowns = ends.iter().filter(|unknown| **unknown != GROUND);
            unknowns.map(move |&unknown| (tube, column(unknown), column(unknown)))
        });
        let below_diagonal = tubes.filter(|(_, ends)| !ends.contains(&GROUND)).map(|(tube, ends)| {
            let [a, b] = ends.map(column);
            (tube, a.max(b), a.min(b))
        });
        let (diagonal, couplings) =
            rayon::join(|| structure.entries(of_diagonal), || structure.entries(below_diagonal));
        let below = structure.fronts.iter().map(Front::below).max().unwrap_or(0);
        Self {
            ordered: vec![0.0; positions.len()],
            below: vec![0.0; below],
            positions,
            diagonal,
            couplings,
            structure,
            numbers: None,
        }
    }

    /// Memory that the numbers of the factor take, and those on their way into it, in bytes.
    pub(super) fn factor_bytes(&self) -> usize {
        (self.structure.values + self.structure.updates) * size_of::<f64>()
    }

    /// Memory that it holds when there are numbers in it, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let entries = (self.diagonal.len() + self.couplings.len()) * size_of::<Entry>();
        let on_the_way = (self.ordered.len() + self.below.len()) * size_of::<f64>();
        let positions = self.positions.len() * size_of::<u32>();
        self.factor_bytes() + self.structure.memory_bytes() + entries + on_the_way + positions
    }

    /// Factorises with these conductances, one a tube of the core, all positive.
    ///
    /// # Errors
    /// [`FactorError`].
    pub(super) fn factorise(&mut self, conductances: &[f64]) -> Result<(), FactorError> {
        let Self { structure, diagonal, couplings, numbers, positions, .. } = self;
        let (values, updates) = reserved(numbers, structure, positions.len())?.split_at_mut(structure.values);
        Assembly { structure, diagonal, couplings, conductances }.factorise(values, updates)
    }

    /// Solves in place for any number of right-hand sides, one after the other in `columns`.
    pub(super) fn solve(&mut self, columns: &mut [f64]) {
        for column in columns.chunks_exact_mut(self.positions.len()) {
            for (&position, &value) in self.positions.iter().zip(column.iter()) {
                self.ordered[position as usize] = value;
            }
            let Self { structure, numbers, ordered, below, .. } = self;
            let values = numbers.as_deref().expect("it was factorised");
            Arch::new().dispatch(Substitution { structure, values, column: ordered, below });
            for (&position, value) in self.positions.iter().zip(column.iter_mut()) {
                *value = self.ordered[position as usize];
            }
        }
    }

    /// Takes the memory of the factor, if it is not there.
    ///
    /// # Errors
    /// [`FactorError::OutOfMemory`].
    pub(super) fn reserve(&mut self) -> Result<(), FactorError> {
        reserved(&mut self.numbers, &self.structure, self.positions.len()).map(drop)
    }
}

/// Memory of a factor and of its update matrices, taken if it is not there.
fn reserved<'a>(
    numbers: &'a mut Option<Numbers>,
    structure: &Structure,
    unknowns: usize,
) -> Result<&'a mut Numbers, FactorError> {
    match numbers {
        Some(numbers) => Ok(numbers),
        None => {
            let zeros = Numbers::zeros(structure.values + structure.updates);
            Ok(numbers.insert(zeros.map_err(|_| FactorError::OutOfMemory { unknowns })?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cubic lattice, one corner of it joined to the ground, and conductances over six orders of magnitude.
    fn lattice(edge: u32) -> (Core, Vec<f64>) {
        let nodes = edge.pow(3);
        let mut ends = vec![[0, GROUND]];
        for node in 0..nodes {
            for (stride, place) in [(1, node % edge), (edge, node / edge % edge), (edge * edge, node / edge / edge)] {
                if place + 1 < edge {
                    ends.push([node, node + stride]);
                }
            }
        }
        // A low-discrepancy sequence in place of chance (Weyl, with the golden ratio).
        let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
        let conductances = (0..ends.len()).map(|tube| 10_f64.powf(6.0 * (tube as f64 * golden).fract())).collect();
        (Core { nodes: (0..nodes).collect(), ends }, conductances)
    }

    fn pressures(edge: u32, inflows: &[f64], threads: usize) -> Vec<f64> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
        pool.install(|| {
            let (core, conductances) = lattice(edge);
            let mut factor = CholeskyFactor::new(&core);
            factor.factorise(&conductances).expect("a factor");
            let mut pressures = inflows.to_vec();
            factor.solve(&mut pressures);
            pressures
        })
    }

    #[test]
    fn pressures_drive_the_inflows_with_fronts_of_all_sizes() {
        for edge in [1, 2, 3, 7, 14] {
            let (core, conductances) = lattice(edge);
            let unknowns = core.nodes.len();
            let inflows: Vec<f64> = (0..2 * unknowns).map(|at| (at as f64).sin()).collect();
            let found = pressures(edge, &inflows, 2);
            for (inflows, found) in inflows.chunks(unknowns).zip(found.chunks(unknowns)) {
                let mut missing = inflows.to_vec();
                let mut most = vec![0.0_f64; unknowns];
                for (&[a, b], conductance) in core.ends.iter().zip(&conductances) {
                    let at = |node: u32| if node == GROUND { 0.0 } else { found[node as usize] };
                    let flow = conductance * (at(a) - at(b));
                    for (node, outward) in [(a, flow), (b, -flow)].into_iter().filter(|(node, _)| *node != GROUND) {
                        missing[node as usize] -= outward;
                        most[node as usize] = most[node as usize].max(conductance * at(node).abs());
                    }
                }
                for (missing, most) in missing.iter().zip(most) {
                    assert!(missing.abs() <= 1e-13 * most.max(1.0), "{missing:e} of {most:e} in a lattice of {edge}");
                }
            }
        }
    }

    #[test]
    fn results_are_the_same_bits_for_any_number_of_threads() {
        let inflows: Vec<f64> = (0..16_u32.pow(3)).map(|at| f64::from(at).cos()).collect();
        let alone = pressures(16, &inflows, 1);
        let structure = CholeskyFactor::new(&lattice(16).0).structure;
        assert!(structure.subtrees.len() > 2, "nothing would be shared");
        assert!(structure.fronts.iter().any(|front| front.below() > 200), "no product would be shared");
        for threads in [2, 3] {
            assert!(pressures(16, &inflows, threads) == alone, "{threads} threads");
        }
    }
}
