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
mod laplacian;
mod multigrid;
mod reduction;

use serde::{Deserialize, Serialize};

pub use self::cholesky::FactorError;
use self::column::{Column, largest, relative, two_sum};
pub use self::error::FlowError;
use self::laplacian::Laplacian;
use crate::boundary::Boundary;
use crate::vasculature::Vasculature;

/// Flow and pressure in the whole graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    has_pressure: Vec<bool>,
    component_has_pressure: Vec<bool>,
    conductances: Vec<f64>,
    columns: Vec<Column>,
    refinements: usize,
}

impl FlowSolver {
    /// Analyses a graph for pressures given at `pressure_nodes`.
    ///
    /// # Errors
    /// [`FlowError::Factor`] where memory does not suffice.
    ///
    /// # Panics
    /// Where a node does not exist.
    pub fn new(vasculature: &Vasculature, pressure_nodes: impl IntoIterator<Item = usize>) -> Result<Self, FlowError> {
        Self::with_method(vasculature, pressure_nodes, Method::default())
    }

    /// As [`FlowSolver::new`], solving by `method`.
    ///
    /// # Errors
    /// [`FlowError::Factor`] where memory does not suffice.
    ///
    /// # Panics
    /// Where a node does not exist.
    pub fn with_method(
        vasculature: &Vasculature,
        pressure_nodes: impl IntoIterator<Item = usize>,
        method: Method,
    ) -> Result<Self, FlowError> {
        let components = vasculature.components();
        let mut has_pressure = vec![false; vasculature.node_count()];
        let mut component_has_pressure = vec![false; components.count()];
        for node in pressure_nodes {
            has_pressure[node] = true;
            component_has_pressure[components.of(node)] = true;
        }
        let mut held = has_pressure.clone();
        for (&first, &has_pressure) in components.first_nodes().iter().zip(&component_has_pressure) {
            held[first] |= !has_pressure;
        }
        Ok(Self {
            laplacian: Laplacian::new(vasculature, &held, method)?,
            has_pressure,
            component_has_pressure,
            conductances: vec![f64::NAN; vasculature.segment_count()],
            columns: Vec::new(),
            refinements: 0,
        })
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
        let mut flows =
            self.solve_many(vasculature, conductances, std::slice::from_ref(boundary), base_pressure_kpa)?;
        Ok(flows.pop().expect("there is a flow for each boundary"))
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
        self.check_conductances(conductances)?;
        while self.columns.len() < boundaries.len() {
            self.columns.push(Column::new(self.has_pressure.len(), self.conductances.len()));
        }
        for (position, boundary) in boundaries.iter().enumerate() {
            self.check_boundary(boundary)?;
            self.start(position, vasculature, boundary)?;
        }
        if self.conductances != conductances {
            // Forgotten first, so that a failure does not leave half a factor behind.
            self.conductances.fill(f64::NAN);
            self.laplacian.factorise(conductances)?;
            self.conductances.copy_from_slice(conductances);
        }
        self.refine(vasculature, boundaries.len())?;
        let columns = &self.columns[..boundaries.len()];
        if let Some(column) = columns.iter().find(|c| c.residual > RESIDUAL_LIMIT || c.residual.is_nan()) {
            return Err(FlowError::NotConverged { residual: column.residual });
        }
        Ok(columns.iter().map(|column| self.finished(vasculature, column, base_pressure_kpa)).collect())
    }

    /// Corrects pressures until no flow is missing anywhere, or no more is gained.
    fn refine(&mut self, vasculature: &Vasculature, count: usize) -> Result<(), FlowError> {
        let columns = &mut self.columns[..count];
        self.refinements = 0;
        loop {
            let mut unfinished: Vec<&mut [f64]> = Vec::with_capacity(count);
            for column in columns.iter_mut().filter(|column| !column.is_finished) {
                column.update(vasculature, &self.conductances, &self.has_pressure);
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
            self.laplacian.solve(&mut unfinished)?;
            columns.iter_mut().filter(|column| !column.is_finished).for_each(Column::correct);
        }
    }

    fn finished(&self, vasculature: &Vasculature, column: &Column, base_pressure_kpa: f64) -> Flow {
        Flow {
            pressures_kpa: self.shifted_pressures(vasculature, column, base_pressure_kpa),
            flows_um3_per_s: column.flows.clone(),
            inflows_um3_per_s: column.resulting_inflows(vasculature, &self.has_pressure),
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

    /// Whether pressures are found by iteration, see [`Method`].
    pub fn is_iterative(&self) -> bool {
        self.laplacian.is_iterative()
    }

    /// Memory that it holds, in bytes.
    pub fn memory_bytes(&self) -> usize {
        let a_column = 4 * self.has_pressure.len() + self.conductances.len();
        (self.columns.len() * a_column + self.conductances.len()) * size_of::<f64>() + self.laplacian.memory_bytes()
    }

    fn check_conductances(&self, conductances: &[f64]) -> Result<(), FlowError> {
        check_length("conductances", self.conductances.len(), conductances.len())?;
        let usable = |g: f64| g > 0.0 && g.is_finite();
        match conductances.iter().position(|&g| !usable(g)) {
            Some(segment) => Err(FlowError::BadConductance { segment, conductance: conductances[segment] }),
            None => Ok(()),
        }
    }

    fn check_boundary(&self, boundary: &Boundary) -> Result<(), FlowError> {
        check_length("boundary flows", self.has_pressure.len(), boundary.inflows_um3_per_s.len())?;
        let flows = boundary.inflows_um3_per_s.iter().copied().enumerate();
        let pressures = boundary.pressures_kpa.iter().map(|(&node, &pressure)| (node, pressure));
        if let Some((node, value)) = flows.chain(pressures).find(|(_, value)| !value.is_finite()) {
            return Err(FlowError::BadBoundary { node, value });
        }
        let unexpected = boundary.pressures_kpa.keys().find(|&&node| !self.has_pressure.get(node).is_some_and(|&p| p));
        let missing = || {
            (0..self.has_pressure.len())
                .find(|node| self.has_pressure[*node] && !boundary.pressures_kpa.contains_key(node))
        };
        match unexpected.copied().or_else(missing) {
            Some(node) => Err(FlowError::WrongPressureNode { node }),
            None => Ok(()),
        }
    }

    /// Sets a column to its boundary condition, every component at one pressure: the first one given in it, else 0.
    fn start(&mut self, position: usize, vasculature: &Vasculature, boundary: &Boundary) -> Result<(), FlowError> {
        let inflows = self.balanced_inflows(vasculature, boundary)?;
        let column = &mut self.columns[position];
        column.inflows = inflows;
        column.residual = f64::INFINITY;
        column.is_finished = false;
        column.is_level = boundary.pressures_kpa.is_empty();
        let components = vasculature.components();
        let mut level = vec![0.0; components.count()];
        for (&node, &pressure) in boundary.pressures_kpa.iter().rev() {
            level[components.of(node)] = pressure;
        }
        for node in 0..self.has_pressure.len() {
            column.pressure.set(node, level[components.of(node)]);
        }
        for (&node, &pressure) in &boundary.pressures_kpa {
            column.pressure.set(node, pressure);
        }
        Ok(())
    }

    /// The boundary flows with their rounding taken out, component by component; 0 where the pressure is given.
    fn balanced_inflows(&self, vasculature: &Vasculature, boundary: &Boundary) -> Result<Vec<f64>, FlowError> {
        let components = vasculature.components();
        let mut inflows = boundary.inflows_um3_per_s.clone();
        let (mut into, mut out) = (vec![0.0; components.count()], vec![0.0; components.count()]);
        for (node, inflow) in inflows.iter_mut().enumerate() {
            if self.has_pressure[node] {
                *inflow = 0.0;
            }
            let side = if *inflow > 0.0 { &mut into } else { &mut out };
            side[components.of(node)] += inflow.abs();
        }
        let free = |component: usize| !self.component_has_pressure[component];
        for component in (0..components.count()).filter(|&component| free(component)) {
            let (inflow_um3_per_s, outflow_um3_per_s) = (into[component], out[component]);
            let total = inflow_um3_per_s + outflow_um3_per_s;
            if (inflow_um3_per_s - outflow_um3_per_s).abs() > BALANCE_LIMIT * total {
                let node = components.first_nodes()[component];
                return Err(FlowError::Unbalanced { node, inflow_um3_per_s, outflow_um3_per_s });
            }
        }
        for (node, inflow) in inflows.iter_mut().enumerate().filter(|(_, inflow)| **inflow != 0.0) {
            let component = components.of(node);
            if free(component) {
                *inflow -= inflow.abs() * ((into[component] - out[component]) / (into[component] + out[component]));
            }
        }
        self.take_out_rounding(vasculature, &mut inflows);
        Ok(inflows)
    }

    /// Takes what the sum of many rounded flows still misses from the largest flow of each component: the held node could
    /// not pass it on, and refinement would seek it in vain.
    fn take_out_rounding(&self, vasculature: &Vasculature, inflows: &mut [f64]) {
        let components = vasculature.components();
        let mut sums = vec![(0.0, 0.0); components.count()];
        let mut largest: Vec<Option<usize>> = vec![None; components.count()];
        for (node, &inflow) in inflows.iter().enumerate().filter(|(_, inflow)| **inflow != 0.0) {
            let component = components.of(node);
            let (high, low) = &mut sums[component];
            let (sum, error) = two_sum(*high, inflow);
            (*high, *low) = (sum, *low + error);
            if largest[component].is_none_or(|other| inflow.abs() > inflows[other].abs()) {
                largest[component] = Some(node);
            }
        }
        for (component, (high, low)) in sums.into_iter().enumerate() {
            match largest[component] {
                Some(node) if !self.component_has_pressure[component] => inflows[node] -= high + low,
                _ => {}
            }
        }
    }

    fn shifted_pressures(&self, vasculature: &Vasculature, column: &Column, base_pressure_kpa: f64) -> Vec<f64> {
        let components = vasculature.components();
        let pressure = &column.pressure;
        let lower = |lowest: Option<usize>, node: usize| match lowest {
            Some(known) if pressure.difference(known, node) <= 0.0 => known,
            _ => node,
        };
        let mut lowest_end = vec![None; components.count()];
        let mut lowest = vec![None; components.count()];
        for node in 0..self.has_pressure.len() {
            let component = components.of(node);
            lowest[component] = Some(lower(lowest[component], node));
            if vasculature.degrees()[node] == 1 {
                lowest_end[component] = Some(lower(lowest_end[component], node));
            }
        }
        let shifted = (0..self.has_pressure.len()).map(|node| {
            let component = components.of(node);
            match lowest_end[component].or(lowest[component]) {
                Some(base) if !self.component_has_pressure[component] => {
                    base_pressure_kpa + pressure.difference(node, base)
                }
                _ => pressure.high[node],
            }
        });
        shifted.collect()
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
