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
    core: Core,
    core_conductances: Vec<f64>,
    core_columns: Vec<f64>,
    method: Method,
    /// Made with the first numbers.
    solver: Option<CoreSolver>,
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
        let (reduction, core) = Reduction::new(vasculature, held);
        Self {
            reduction,
            core_conductances: Vec::with_capacity(core.ends.len()),
            core_columns: Vec::with_capacity(core.nodes.len()),
            core,
            method,
            solver: None,
        }
    }

    /// Whether the core was solved by iteration.
    pub(super) fn is_iterative(&self) -> bool {
        matches!(self.solver, Some(CoreSolver::Iterative(_)))
    }

    /// Number of unknowns that are left after reduction.
    pub(super) fn core_unknowns(&self) -> usize {
        self.core.nodes.len()
    }

    /// Takes new conductances, one a segment, all positive.
    ///
    /// # Errors
    /// [`FactorError`].
    pub(super) fn factorise(&mut self, conductances: &[f64]) -> Result<(), FactorError> {
        let Self { reduction, core, core_conductances, method, solver, .. } = self;
        let mut reduce = || reduction.reduce(conductances, core_conductances);
        let solver = match solver {
            Some(solver) => {
                reduce();
                solver
            }
            // The structure does not need the numbers: both at once.
            None => solver.insert(rayon::join(|| CoreSolver::new(core, *method), reduce).0),
        };
        match solver {
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
            self.core_columns.extend(self.core.nodes.iter().map(|&node| column[node as usize]));
        }
        let unknowns = self.core.nodes.len();
        match &mut self.solver {
            None | Some(CoreSolver::Empty) => {}
            Some(CoreSolver::Direct(factor)) => factor.solve(&mut self.core_columns),
            Some(CoreSolver::Iterative(solver)) => {
                for column in self.core_columns.chunks_exact_mut(unknowns) {
                    solver.solve(column);
                }
            }
        }
        for (position, column) in columns.iter_mut().enumerate() {
            let solved = &self.core_columns[position * unknowns..(position + 1) * unknowns];
            for (&node, &pressure) in self.core.nodes.iter().zip(solved) {
                column[node as usize] = pressure;
            }
            self.reduction.spread(column);
        }
    }

    /// Memory that it holds, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let solver = match &self.solver {
            None | Some(CoreSolver::Empty) => 0,
            Some(CoreSolver::Direct(factor)) => factor.memory_bytes(),
            Some(CoreSolver::Iterative(solver)) => solver.memory_bytes(),
        };
        self.reduction.memory_bytes() + solver
    }
}

impl CoreSolver {
    /// Analyses a core's structure.
    fn new(core: &Core, method: Method) -> Self {
        if core.nodes.is_empty() {
            return Self::Empty;
        }
        if let Method::DirectUpTo(limit_bytes) = method {
            let mut factor = CholeskyFactor::new(core);
            let is_unlimited = limit_bytes == usize::MAX;
            if is_unlimited || (factor.factor_bytes() <= limit_bytes && factor.reserve().is_ok()) {
                return Self::Direct(Box::new(factor));
            }
        }
        Self::Iterative(Box::new(IterativeSolver::new(core)))
    }
}
