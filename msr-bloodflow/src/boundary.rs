//! What is imposed at the nodes: flows into and out of the graph, or pressures.

mod file;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::file::BoundaryFileError;
use crate::vasculature::Vasculature;
use crate::vessel;

/// How the `input_v` of a configuration is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inflow {
    /// The speed of the blood in um/s: an entry of radius r lets in speed * pi r^2.
    #[default]
    Speed,
    /// MultiscaleRun's reading: the number is taken as a flow in um3/s, the same at every entry whatever its width. All
    /// flows are then too low by the entries' cross-section; for comparison with its results alone.
    SpeedReadAsFlow,
}

impl Inflow {
    /// Flow into each entry node, in um3/s, with the vessels' width at rest.
    pub fn flows_um3_per_s(self, vasculature: &Vasculature, entries: &[usize], input_v: f64) -> Vec<f64> {
        let diameters = &vasculature.nodes().diameters_um;
        entries
            .iter()
            .map(|&node| match self {
                Self::Speed => input_v * vessel::cross_section_um2(diameters[node] / 2.0),
                Self::SpeedReadAsFlow => input_v,
            })
            .collect()
    }
}

/// Conditions at the nodes of a graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Boundary {
    /// Flow into the graph at each node, in um3/s: positive where blood enters, negative where it leaves, 0 inside.
    /// Not used at nodes whose pressure is given.
    pub inflows_um3_per_s: Vec<f64>,
    /// Nodes whose pressure is given, in kPa.
    pub pressures_kpa: BTreeMap<usize, f64>,
}

/// Boundary flows that cannot be derived.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BoundaryError {
    /// One flow for each entry is needed.
    #[error("{entries} entry nodes need as many input flows; found {flows}")]
    WrongLength {
        /// Number of entry nodes.
        entries: usize,
        /// Number of flows.
        flows: usize,
    },
    /// No node through which blood could enter or leave.
    #[error("the largest component has no end (node of degree 1): give pressures at some nodes instead of flows")]
    NoBoundaryNode,
    /// Blood cannot leave.
    #[error(
        "all {entries} ends of the largest component are entries: none is left where blood can leave; lower max_nb_inputs or depth_ratio"
    )]
    NoOutlet {
        /// Number of entries.
        entries: usize,
    },
    /// An entry that is no end of the largest component.
    #[error("node {node} cannot be an entry: it is no end (node of degree 1) of the largest component")]
    UnknownEntry {
        /// The node.
        node: usize,
    },
    /// An entry given twice.
    #[error("node {node} is given twice as entry")]
    RepeatedEntry {
        /// The node.
        node: usize,
    },
    /// A flow that is no number.
    #[error("the input flow of node {node} is {flow_um3_per_s} um3/s; it must be finite")]
    BadFlow {
        /// The node.
        node: usize,
        /// The flow, in um3/s.
        flow_um3_per_s: f64,
    },
}

impl Boundary {
    /// The given flows enter at `entries`; their sum leaves through the other ends of the largest component, each in
    /// proportion to its cross-section pi (d/2)^2 at rest.
    ///
    /// # Errors
    /// [`BoundaryError`].
    pub fn flows_by_area(
        vasculature: &Vasculature,
        entries: &[usize],
        input_flows_um3_per_s: &[f64],
    ) -> Result<Self, BoundaryError> {
        if entries.len() != input_flows_um3_per_s.len() {
            let (entries, flows) = (entries.len(), input_flows_um3_per_s.len());
            return Err(BoundaryError::WrongLength { entries, flows });
        }
        let ends = vasculature.boundary_nodes();
        if ends.is_empty() {
            return Err(BoundaryError::NoBoundaryNode);
        }
        let mut inflow_of = BTreeMap::new();
        for (&node, &flow_um3_per_s) in entries.iter().zip(input_flows_um3_per_s) {
            if ends.binary_search(&node).is_err() {
                return Err(BoundaryError::UnknownEntry { node });
            }
            if !flow_um3_per_s.is_finite() {
                return Err(BoundaryError::BadFlow { node, flow_um3_per_s });
            }
            if inflow_of.insert(node, flow_um3_per_s).is_some() {
                return Err(BoundaryError::RepeatedEntry { node });
            }
        }
        let outlets: Vec<usize> = ends.into_iter().filter(|node| !inflow_of.contains_key(node)).collect();
        if outlets.is_empty() {
            return Err(BoundaryError::NoOutlet { entries: entries.len() });
        }
        let area = |node: usize| vessel::cross_section_um2(vasculature.nodes().diameters_um[node] / 2.0);
        let total_area: f64 = outlets.iter().map(|&node| area(node)).sum();
        let total_inflow: f64 = input_flows_um3_per_s.iter().sum();
        let mut inflows_um3_per_s = vec![0.0; vasculature.node_count()];
        for node in outlets {
            inflows_um3_per_s[node] = -total_inflow * (area(node) / total_area);
        }
        for (node, flow) in inflow_of {
            inflows_um3_per_s[node] = flow;
        }
        Ok(Self { inflows_um3_per_s, pressures_kpa: BTreeMap::new() })
    }

    /// Nodes with a given inflow, and those with the highest given pressure where not all are the same.
    pub fn entries(&self) -> Vec<usize> {
        let pressures = || self.pressures_kpa.values().copied();
        let highest = pressures().fold(f64::NEG_INFINITY, f64::max);
        let lowest = pressures().fold(f64::INFINITY, f64::min);
        let inflows = self.inflows_um3_per_s.iter().enumerate();
        let by_flow = inflows.filter(|(node, inflow)| **inflow > 0.0 && !self.pressures_kpa.contains_key(node));
        let by_pressure = self.pressures_kpa.iter().filter(|(_, pressure)| **pressure == highest && highest > lowest);
        by_flow.map(|(node, _)| node).chain(by_pressure.map(|(&node, _)| node)).collect()
    }

    /// The same nodes with the given pressures (one a node, in kPa) held at the ends of the largest component in place
    /// of flows: the total flow then follows the radii.
    #[must_use]
    pub fn holding_pressures(&self, vasculature: &Vasculature, pressures_kpa: &[f64]) -> Self {
        Self {
            inflows_um3_per_s: vec![0.0; self.inflows_um3_per_s.len()],
            pressures_kpa: vasculature.boundary_nodes().into_iter().map(|node| (node, pressures_kpa[node])).collect(),
        }
    }

    /// One pressure at the entries and another one at all other ends of the largest component, in kPa.
    ///
    /// # Errors
    /// [`BoundaryError::NoOutlet`], [`BoundaryError::UnknownEntry`], [`BoundaryError::NoBoundaryNode`].
    pub fn entry_and_exit_pressures(
        vasculature: &Vasculature,
        entries: &[usize],
        entry_kpa: f64,
        exit_kpa: f64,
    ) -> Result<Self, BoundaryError> {
        let ends = vasculature.boundary_nodes();
        if ends.is_empty() {
            return Err(BoundaryError::NoBoundaryNode);
        }
        let mut pressures_kpa: BTreeMap<usize, f64> = ends.iter().map(|&node| (node, exit_kpa)).collect();
        for &node in entries {
            *pressures_kpa.get_mut(&node).ok_or(BoundaryError::UnknownEntry { node })? = entry_kpa;
        }
        let mut distinct = entries.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() == ends.len() {
            return Err(BoundaryError::NoOutlet { entries: ends.len() });
        }
        Ok(Self { inflows_um3_per_s: vec![0.0; vasculature.node_count()], pressures_kpa })
    }
}
