//! The graph's Laplacian without its held nodes, ready to be solved: reduced to its core, the core factorised or solved by
//! iteration.

use super::Method;
use super::cholesky::{CholeskyFactor, FactorError};
use super::multigrid::IterativeSolver;
use super::reduction::{Core, Reduction};
use crate::vasculature::Vasculature;

/// A Laplacian that can be solved for changing conductances.
#[derive(Debug)]
pub(super) struct Laplacian {
    reduction: Reduction,
    core_nodes: Vec<u32>,
    core_conductances: Vec<f64>,
    core_columns: Vec<f64>,
    solver: CoreSolver,
}

#[derive(Debug)]
enum CoreSolver {
    /// Nothing is left.
    Empty,
    Direct(Box<CholeskyFactor>),
    Iterative(Box<IterativeSolver>),
}

impl Laplacian {
    /// Analyses the structure. `held` says of each node whether it is left out; every component must have one that is.
    pub(super) fn new(vasculature: &Vasculature, held: &[bool], method: Method) -> Self {
        let (mut reduction, core) = Reduction::new(vasculature, held);
        // Memory that is new to the process takes time, too.
        let (solver, ()) = rayon::join(|| Self::core_solver(&core, method), || reduction.allocate());
        Self {
            reduction,
            core_conductances: Vec::with_capacity(core.ends.len()),
            core_columns: Vec::with_capacity(core.nodes.len()),
            core_nodes: core.nodes,
            solver,
        }
    }

    fn core_solver(core: &Core, method: Method) -> CoreSolver {
        if core.nodes.is_empty() {
            return CoreSolver::Empty;
        }
        if let Method::DirectUpTo(limit_bytes) = method {
            let mut factor = CholeskyFactor::new(core);
            let is_unlimited = limit_bytes == usize::MAX;
            if is_unlimited || (factor.factor_bytes() <= limit_bytes && factor.reserve().is_ok()) {
                return CoreSolver::Direct(Box::new(factor));
            }
        }
        CoreSolver::Iterative(Box::new(IterativeSolver::new(core)))
    }

    /// Whether the core is solved by iteration.
    pub(super) fn is_iterative(&self) -> bool {
        matches!(self.solver, CoreSolver::Iterative(_))
    }

    /// Number of unknowns that are left after reduction.
    pub(super) fn core_unknowns(&self) -> usize {
        self.core_nodes.len()
    }

    /// Takes new conductances, one a segment, all positive.
    ///
    /// # Errors
    /// [`FactorError`].
    pub(super) fn factorise(&mut self, conductances: &[f64]) -> Result<(), FactorError> {
        self.reduction.reduce(conductances, &mut self.core_conductances);
        match &mut self.solver {
            CoreSolver::Empty => Ok(()),
            CoreSolver::Direct(factor) => factor.factorise(&self.core_conductances),
            CoreSolver::Iterative(solver) => solver.prepare(&self.core_conductances),
        }
    }

    /// Replaces net inflows (one a node in each column) by the pressures that drive them, 0 at held nodes.
    pub(super) fn solve(&mut self, columns: &mut [&mut [f64]]) {
        self.core_columns.clear();
        for column in columns.iter_mut() {
            self.reduction.gather(column);
            self.core_columns.extend(self.core_nodes.iter().map(|&node| column[node as usize]));
        }
        let unknowns = self.core_nodes.len();
        match &mut self.solver {
            CoreSolver::Empty => {}
            CoreSolver::Direct(factor) => factor.solve(&mut self.core_columns),
            CoreSolver::Iterative(solver) => {
                for column in self.core_columns.chunks_exact_mut(unknowns) {
                    solver.solve(column);
                }
            }
        }
        for (position, column) in columns.iter_mut().enumerate() {
            let solved = &self.core_columns[position * unknowns..(position + 1) * unknowns];
            for (&node, &pressure) in self.core_nodes.iter().zip(solved) {
                column[node as usize] = pressure;
            }
            self.reduction.spread(column);
        }
    }

    /// Memory that it holds, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let factor = match &self.solver {
            CoreSolver::Empty => 0,
            CoreSolver::Direct(factor) => factor.memory_bytes(),
            CoreSolver::Iterative(solver) => solver.memory_bytes(),
        };
        self.reduction.memory_bytes() + factor
    }
}
