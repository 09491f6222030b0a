//! Quasi-static flow and pressure: Poiseuille's law in every segment, conservation of blood at every node.
//!
//! With g the conductance of a segment, flow = g (p_start - p_end); at each node the flows out of it sum to the flow
//! into the graph there. For the pressures this is a weighted graph Laplacian, with one node of each component held where
//! no pressure is given in it. Nodes with up to three neighbours are removed exactly; the rest is solved by a sparse
//! Cholesky factor, or by iteration where the factor would be too large. Pressures are refined in doubled precision, since
//! in short wide segments the difference of two pressures has few digits left.

mod cholesky;
mod column;
mod error;
mod given;
mod laplacian;
mod multigrid;
mod reduction;

use serde::{Deserialize, Serialize};

pub use self::cholesky::FactorError;
use self::column::{Column, largest, relative};
pub use self::error::FlowError;
use self::given::GivenPressures;
use self::laplacian::Laplacian;
use crate::boundary::Boundary;
use crate::vasculature::Vasculature;

/// Flow and pressure in the whole graph.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// Pressure at each node, in kPa.
    pub pressures_kpa: Vec<f64>,
    /// Flow through each segment, in um3/s, positive from start to end.
    pub flows_um3_per_s: Vec<f64>,
    /// Flow into the graph at each node, in um3/s: as given, or as it results where the pressure is given.
    pub inflows_um3_per_s: Vec<f64>,
}

/// How the pressures of branching nodes are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By a Cholesky factor, unless it would need more memory than this, in bytes; then by iteration.
    DirectUpTo(usize),
    /// By conjugate gradients, preconditioned by a hierarchy of coarser graphs.
    Iterative,
}

impl Default for Method {
    /// Up to 8 GiB.
    fn default() -> Self {
        Self::DirectUpTo(8 << 30)
    }
}

/// Largest mass residual of an accepted solution, relative to the largest boundary flow.
pub const RESIDUAL_LIMIT: f64 = 1e-12;
/// Residual at which refinement stops: some units of rounding.
const RESIDUAL_GOAL: f64 = 1e-15;
/// Refinements before a solution is given up; each gains several digits.
const REFINEMENTS: usize = 30;
/// Largest difference of inflow and outflow of a component, relative to their sum. What is left below it is taken from
/// its boundary nodes in proportion to their flow.
const BALANCE_LIMIT: f64 = 1e-9;

/// Solver for one graph with pressures given at fixed nodes (or none).
#[derive(Debug)]
pub struct FlowSolver {
    laplacian: Laplacian,
    given: GivenPressures,
    conductances: Vec<f64>,
    columns: Vec<Column>,
    refinements: usize,
}

impl FlowSolver {
    /// Analyses a graph for pressures given at `pressure_nodes`.
    ///
    /// # Panics
    /// Where a node does not exist.
    pub fn new(vasculature: &Vasculature, pressure_nodes: impl IntoIterator<Item = usize>) -> Self {
        Self::with_method(vasculature, pressure_nodes, Method::default())
    }

    /// As [`FlowSolver::new`], solving by `method`.
    ///
    /// # Panics
    /// Where a node does not exist.
    pub fn with_method(
        vasculature: &Vasculature,
        pressure_nodes: impl IntoIterator<Item = usize>,
        method: Method,
    ) -> Self {
        let given = GivenPressures::new(vasculature, pressure_nodes);
        let laplacian = Laplacian::new(vasculature, &given.held(vasculature), method);
        let conductances = vec![f64::NAN; vasculature.segment_count()];
        Self { laplacian, given, conductances, columns: Vec::new(), refinements: 0 }
    }

    /// Solves with the given conductances, one a segment, in um3/(s kPa). In each component without given pressures the
    /// pressures are shifted so that the lowest at its ends (nodes of degree 1; all nodes where there are none) is
    /// `base_pressure_kpa`.
    ///
    /// # Errors
    /// [`FlowError`].
    pub fn solve(
        &mut self,
        vasculature: &Vasculature,
        conductances: &[f64],
        boundary: &Boundary,
        base_pressure_kpa: f64,
    ) -> Result<Flow, FlowError> {
        let mut flow = Flow::default();
        self.solve_into(vasculature, conductances, boundary, base_pressure_kpa, &mut flow)?;
        Ok(flow)
    }

    /// As [`FlowSolver::solve`], in the memory of an earlier flow.
    ///
    /// # Errors
    /// [`FlowError`]; the earlier flow is then still there.
    pub fn solve_into(
        &mut self,
        vasculature: &Vasculature,
        conductances: &[f64],
        boundary: &Boundary,
        base_pressure_kpa: f64,
        flow: &mut Flow,
    ) -> Result<(), FlowError> {
        self.solve_columns(vasculature, conductances, std::slice::from_ref(boundary))?;
        self.given.finish(vasculature, &mut self.columns[0], base_pressure_kpa, flow);
        Ok(())
    }

    /// As [`FlowSolver::solve`] for many boundary conditions at once: one factorisation, and all of them go through the
    /// factor together. Gives one flow for each of `boundaries`, in their order.
    ///
    /// # Errors
    /// [`FlowError`], the first that a boundary condition leads to.
    pub fn solve_many(
        &mut self,
        vasculature: &Vasculature,
        conductances: &[f64],
        boundaries: &[Boundary],
        base_pressure_kpa: f64,
    ) -> Result<Vec<Flow>, FlowError> {
        self.solve_columns(vasculature, conductances, boundaries)?;
        let Self { given, columns, .. } = self;
        let finished = |column| {
            let mut flow = Flow::default();
            given.finish(vasculature, column, base_pressure_kpa, &mut flow);
            flow
        };
        Ok(columns[..boundaries.len()].iter_mut().map(finished).collect())
    }

    /// Finds the pressures of a column for each boundary condition.
    fn solve_columns(
        &mut self,
        vasculature: &Vasculature,
        conductances: &[f64],
        boundaries: &[Boundary],
    ) -> Result<(), FlowError> {
        self.check_conductances(conductances)?;
        if self.columns.len() < boundaries.len() {
            self.columns.resize_with(boundaries.len(), Column::default);
        }
        let Self { laplacian, given, conductances: factorised, columns, .. } = self;
        let is_new = factorised != conductances;
        let (started, factor) = rayon::join(
            || {
                let mut conditions = columns.iter_mut().zip(boundaries);
                conditions.try_for_each(|(column, boundary)| given.start(column, vasculature, boundary))
            },
            || if is_new { laplacian.factorise(conductances) } else { Ok(()) },
        );
        if is_new {
            match factor {
                Ok(()) => factorised.copy_from_slice(conductances),
                // A failure must not leave half a factor behind.
                Err(_) => factorised.fill(f64::NAN),
            }
        }
        started?;
        factor?;
        self.refine(vasculature, boundaries.len())?;
        let columns = &self.columns[..boundaries.len()];
        match columns.iter().find(|c| c.residual > RESIDUAL_LIMIT || c.residual.is_nan()) {
            Some(column) => Err(FlowError::NotConverged { residual: column.residual }),
            None => Ok(()),
        }
    }

    /// Corrects pressures until no flow is missing anywhere, or no more is gained.
    fn refine(&mut self, vasculature: &Vasculature, count: usize) -> Result<(), FlowError> {
        let columns = &mut self.columns[..count];
        self.refinements = 0;
        loop {
            let mut unfinished: Vec<&mut [f64]> = Vec::with_capacity(count);
            for column in columns.iter_mut().filter(|column| !column.is_finished) {
                column.update(vasculature, &self.conductances, &self.given.at_node);
                let is_better = column.residual <= column.residual_before / 2.0;
                column.is_finished = column.residual <= RESIDUAL_GOAL || !is_better || self.refinements == REFINEMENTS;
                if !column.is_finished {
                    unfinished.push(&mut column.residuals);
                }
            }
            if unfinished.is_empty() {
                return Ok(());
            }
            self.refinements += 1;
            self.laplacian.solve(&mut unfinished);
            columns.iter_mut().filter(|column| !column.is_finished).for_each(Column::correct);
        }
    }

    /// Solves with the factor (or by iteration) that the last solution needed, the first one included.
    pub fn refinements(&self) -> usize {
        self.refinements
    }

    /// Number of pressures that are left after nodes with up to three neighbours are removed.
    pub fn core_unknowns(&self) -> usize {
        self.laplacian.core_unknowns()
    }

    /// Whether the last solution was found by iteration, see [`Method`].
    pub fn is_iterative(&self) -> bool {
        self.laplacian.is_iterative()
    }

    /// Memory that it holds, in bytes; most of it since the first solution.
    pub fn memory_bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(Column::memory_bytes).sum();
        columns + self.conductances.capacity() * size_of::<f64>() + self.laplacian.memory_bytes()
    }

    fn check_conductances(&self, conductances: &[f64]) -> Result<(), FlowError> {
        check_length("conductances", self.conductances.len(), conductances.len())?;
        let usable = |g: f64| g > 0.0 && g.is_finite();
        match conductances.iter().position(|&g| !usable(g)) {
            Some(segment) => Err(FlowError::BadConductance { segment, conductance: conductances[segment] }),
            None => Ok(()),
        }
    }
}

fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), FlowError> {
    if expected == found { Ok(()) } else { Err(FlowError::WrongLength { what, expected, found }) }
}

impl Flow {
    /// How well blood is conserved: the largest net flow at a node (flow into the graph there less what its segments
    /// carry away) relative to the largest boundary flow.
    pub fn conservation(&self, vasculature: &Vasculature) -> f64 {
        let mut net = self.inflows_um3_per_s.clone();
        for (segment, &flow) in self.flows_um3_per_s.iter().enumerate() {
            let [start, end] = vasculature.ends(segment);
            net[start] -= flow;
            net[end] += flow;
        }
        relative(largest(net.into_iter()), largest(self.inflows_um3_per_s.iter().copied()))
    }
}
