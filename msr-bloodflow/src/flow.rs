//! Quasi-static flow and pressure: Poiseuille's law in every segment, conservation of blood at every node.
//!
//! With g the conductance of a segment, flow = g (p_start - p_end); at each node the flows out of it sum to the flow
//! into the graph there. For the pressures this is a weighted graph Laplacian, solved by a sparse Cholesky factor after
//! one node of each component without given pressure is grounded. Pressures are refined in doubled precision, since in
//! short wide segments the difference of two pressures has few digits left.

use serde::{Deserialize, Serialize};

use crate::boundary::Boundary;
use crate::cholesky::{FactorError, GroundedLaplacian};
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

/// Largest mass residual of an accepted solution, relative to the largest boundary flow.
pub const RESIDUAL_LIMIT: f64 = 1e-12;
/// Residual at which refinement stops: some units of rounding.
const RESIDUAL_GOAL: f64 = 1e-15;
/// Refinements before a solution is given up; each gains several digits.
const REFINEMENTS: usize = 30;
/// Largest difference of inflow and outflow of a component, relative to their sum. What is left below it is taken from
/// its boundary nodes in proportion to their flow.
const BALANCE_LIMIT: f64 = 1e-9;

/// Why flows cannot be computed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FlowError {
    /// The wrong number of values.
    #[error("{what}: expected {expected} values, found {found}")]
    WrongLength {
        /// What the values are.
        what: &'static str,
        /// Number needed.
        expected: usize,
        /// Number given.
        found: usize,
    },
    /// A segment without usable conductance.
    #[error(
        "segment {segment} has conductance {conductance} um3/(s kPa); it must be positive and finite: check its radius and the viscosity"
    )]
    BadConductance {
        /// The segment.
        segment: usize,
        /// Its conductance.
        conductance: f64,
    },
    /// A boundary value that is no number.
    #[error("node {node}: boundary flow or pressure {value}; it must be finite")]
    BadBoundary {
        /// The node.
        node: usize,
        /// The value.
        value: f64,
    },
    /// The pressures are given at other nodes than those that the solver was built for.
    #[error("node {node}: pressures must be given at the nodes that the solver was built for")]
    WrongPressureNode {
        /// The first node that differs.
        node: usize,
    },
    /// More blood enters a component than leaves it.
    #[error(
        "the boundary flows of the component of node {node} do not balance: {inflow_um3_per_s} um3/s enter and \
         {outflow_um3_per_s} um3/s leave; make them equal or give a pressure"
    )]
    Unbalanced {
        /// Smallest node of the component.
        node: usize,
        /// Sum of the flows into it, in um3/s.
        inflow_um3_per_s: f64,
        /// Sum of the flows out of it, in um3/s.
        outflow_um3_per_s: f64,
    },
    /// The linear system cannot be factorised.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// Refinement does not reach the wanted accuracy.
    #[error(
        "mass is not conserved: after refinement {residual:e} of the largest boundary flow is missing at a node (limit \
         {RESIDUAL_LIMIT:e}); the conductances of the vessels span too many orders of magnitude"
    )]
    NotConverged {
        /// Largest net flow at a node relative to the largest boundary flow.
        residual: f64,
    },
}

/// Solver for one graph with pressures given at fixed nodes (or none).
#[derive(Debug)]
pub struct FlowSolver {
    laplacian: GroundedLaplacian,
    has_pressure: Vec<bool>,
    component_has_pressure: Vec<bool>,
    conductances: Vec<f64>,
    pressure: Refined,
    correction: Vec<f64>,
    flows: Vec<f64>,
    residuals: Vec<f64>,
    refinements: usize,
}

/// Pressures as unevaluated sums of two numbers.
#[derive(Debug)]
struct Refined {
    high: Vec<f64>,
    low: Vec<f64>,
}

impl Refined {
    fn set(&mut self, node: usize, value: f64) {
        self.high[node] = value;
        self.low[node] = 0.0;
    }

    /// Adds with the error of the sum kept (Knuth: The Art of Computer Programming 2, 4.2.2, theorem B).
    fn add(&mut self, node: usize, value: f64) {
        let high = self.high[node];
        let sum = high + value;
        let part = sum - high;
        let error = (high - (sum - part)) + (value - part) + self.low[node];
        self.high[node] = sum + error;
        self.low[node] = error - (self.high[node] - sum);
    }

    /// Pressure at `a` above that at `b`.
    fn difference(&self, a: usize, b: usize) -> f64 {
        (self.high[a] - self.high[b]) + (self.low[a] - self.low[b])
    }
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
        let nodes = vasculature.node_count();
        let components = vasculature.components();
        let mut has_pressure = vec![false; nodes];
        let mut component_has_pressure = vec![false; components.count()];
        for node in pressure_nodes {
            has_pressure[node] = true;
            component_has_pressure[components.of(node)] = true;
        }
        let mut grounded = has_pressure.clone();
        for (&first, &has_pressure) in components.first_nodes().iter().zip(&component_has_pressure) {
            grounded[first] |= !has_pressure;
        }
        Ok(Self {
            laplacian: GroundedLaplacian::new(vasculature, &grounded)?,
            has_pressure,
            component_has_pressure,
            conductances: vec![f64::NAN; vasculature.segment_count()],
            pressure: Refined { high: vec![0.0; nodes], low: vec![0.0; nodes] },
            correction: vec![0.0; nodes],
            flows: vec![0.0; vasculature.segment_count()],
            residuals: vec![0.0; nodes],
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
        self.check(conductances, boundary)?;
        let inflows = self.balanced_inflows(vasculature, boundary)?;
        if self.conductances != conductances {
            // Forgotten first, so that a failure does not leave half a factor behind.
            self.conductances.fill(f64::NAN);
            self.laplacian.factorise(conductances)?;
            self.conductances.copy_from_slice(conductances);
        }
        self.start(vasculature, boundary);
        let mut last = f64::INFINITY;
        self.refinements = 0;
        let residual = loop {
            let residual = self.update_residuals(vasculature, &inflows);
            if residual <= RESIDUAL_GOAL || residual > last / 2.0 || self.refinements == REFINEMENTS {
                break residual;
            }
            last = residual;
            self.refinements += 1;
            self.laplacian.solve(&self.residuals, &mut self.correction);
            for (node, &correction) in self.correction.iter().enumerate() {
                self.pressure.add(node, correction);
            }
        };
        if residual > RESIDUAL_LIMIT || residual.is_nan() {
            return Err(FlowError::NotConverged { residual });
        }
        Ok(Flow {
            pressures_kpa: self.shifted_pressures(vasculature, base_pressure_kpa),
            flows_um3_per_s: self.flows.clone(),
            inflows_um3_per_s: self.resulting_inflows(vasculature, inflows),
        })
    }

    /// Solves with the Cholesky factor that the last solution needed, the first one included.
    pub fn refinements(&self) -> usize {
        self.refinements
    }

    fn check(&self, conductances: &[f64], boundary: &Boundary) -> Result<(), FlowError> {
        let lengths = [
            ("conductances", self.flows.len(), conductances.len()),
            ("boundary flows", self.has_pressure.len(), boundary.inflows_um3_per_s.len()),
        ];
        if let Some((what, expected, found)) = lengths.into_iter().find(|(_, expected, found)| expected != found) {
            return Err(FlowError::WrongLength { what, expected, found });
        }
        let usable = |g: f64| g > 0.0 && g.is_finite();
        if let Some(segment) = conductances.iter().position(|&g| !usable(g)) {
            return Err(FlowError::BadConductance { segment, conductance: conductances[segment] });
        }
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
        Ok(inflows)
    }

    /// Starts every component at one pressure: the first one given in it, else 0.
    fn start(&mut self, vasculature: &Vasculature, boundary: &Boundary) {
        let components = vasculature.components();
        let mut level = vec![0.0; components.count()];
        for (&node, &pressure) in boundary.pressures_kpa.iter().rev() {
            level[components.of(node)] = pressure;
        }
        for node in 0..self.has_pressure.len() {
            let given = boundary.pressures_kpa.get(&node).copied();
            self.pressure.set(node, given.unwrap_or(level[components.of(node)]));
        }
    }

    /// Flows of the present pressures and what they miss at each node; returns the largest miss relative to the largest
    /// boundary flow.
    fn update_residuals(&mut self, vasculature: &Vasculature, inflows: &[f64]) -> f64 {
        self.residuals.copy_from_slice(inflows);
        for (segment, (flow, &conductance)) in self.flows.iter_mut().zip(&self.conductances).enumerate() {
            let [start, end] = vasculature.ends(segment);
            *flow = conductance * self.pressure.difference(start, end);
            self.residuals[start] -= *flow;
            self.residuals[end] += *flow;
        }
        let mut largest_flow = largest(inflows.iter().copied());
        let mut largest_miss = 0.0;
        for (&residual, &has_pressure) in self.residuals.iter().zip(&self.has_pressure) {
            let side = if has_pressure { &mut largest_flow } else { &mut largest_miss };
            *side = f64::max(*side, residual.abs());
        }
        relative(largest_miss, largest_flow)
    }

    fn resulting_inflows(&self, vasculature: &Vasculature, mut inflows: Vec<f64>) -> Vec<f64> {
        for (segment, &flow) in self.flows.iter().enumerate() {
            let [start, end] = vasculature.ends(segment);
            for (node, outward) in [(start, flow), (end, -flow)] {
                if self.has_pressure[node] {
                    inflows[node] += outward;
                }
            }
        }
        inflows
    }

    fn shifted_pressures(&self, vasculature: &Vasculature, base_pressure_kpa: f64) -> Vec<f64> {
        let components = vasculature.components();
        let lower = |lowest: Option<usize>, node: usize| match lowest {
            Some(known) if self.pressure.difference(known, node) <= 0.0 => known,
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
                    base_pressure_kpa + self.pressure.difference(node, base)
                }
                _ => self.pressure.high[node],
            }
        });
        shifted.collect()
    }
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

fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |largest, value| f64::max(largest, value.abs()))
}

/// `part / whole`; nothing of nothing is 0.
fn relative(part: f64, whole: f64) -> f64 {
    if part == 0.0 { 0.0 } else { part / whole }
}
