//! Where pressures are given, and boundary conditions that fit there.

use super::column::{Column, Refined, two_sum};
use super::error::FlowError;
use super::{BALANCE_LIMIT, Flow};
use crate::boundary::Boundary;
use crate::vasculature::Vasculature;

/// Nodes whose pressures are given; elsewhere the flow into the graph is.
#[derive(Debug)]
pub(super) struct GivenPressures {
    /// Whether each node is one of them.
    pub at_node: Vec<bool>,
    /// Whether each component has one.
    in_component: Vec<bool>,
}

impl GivenPressures {
    pub(super) fn new(vasculature: &Vasculature, nodes: impl IntoIterator<Item = usize>) -> Self {
        let components = vasculature.components();
        let mut at_node = vec![false; vasculature.node_count()];
        let mut in_component = vec![false; components.count()];
        for node in nodes {
            at_node[node] = true;
            in_component[components.of(node)] = true;
        }
        Self { at_node, in_component }
    }

    /// Whether each node is held: where a pressure is given, and one node of each component without.
    pub(super) fn held(&self, vasculature: &Vasculature) -> Vec<bool> {
        let mut held = self.at_node.clone();
        for (&first, &has_pressure) in vasculature.components().first_nodes().iter().zip(&self.in_component) {
            held[first] |= !has_pressure;
        }
        held
    }

    /// Sets a column to a boundary condition, every component at one pressure: the first one given in it, else 0.
    pub(super) fn start(
        &self,
        column: &mut Column,
        vasculature: &Vasculature,
        boundary: &Boundary,
    ) -> Result<(), FlowError> {
        self.check(boundary)?;
        column.resize(vasculature.node_count(), vasculature.segment_count());
        self.balance(vasculature, boundary, &mut column.inflows)?;
        column.residual = f64::INFINITY;
        column.is_finished = false;
        column.is_level = boundary.pressures_kpa.is_empty();
        let components = vasculature.components();
        let mut level = vec![0.0; components.count()];
        for (&node, &pressure) in boundary.pressures_kpa.iter().rev() {
            level[components.of(node)] = pressure;
        }
        if column.is_level {
            column.pressure.clear();
        } else {
            for node in 0..self.at_node.len() {
                column.pressure.set(node, level[components.of(node)]);
            }
        }
        for (&node, &pressure) in &boundary.pressures_kpa {
            column.pressure.set(node, pressure);
        }
        Ok(())
    }

    fn check(&self, boundary: &Boundary) -> Result<(), FlowError> {
        super::check_length("boundary flows", self.at_node.len(), boundary.inflows_um3_per_s.len())?;
        let flows = boundary.inflows_um3_per_s.iter().copied().enumerate();
        let pressures = boundary.pressures_kpa.iter().map(|(&node, &pressure)| (node, pressure));
        if let Some((node, value)) = flows.chain(pressures).find(|(_, value)| !value.is_finite()) {
            return Err(FlowError::BadBoundary { node, value });
        }
        let unexpected =
            boundary.pressures_kpa.keys().find(|&&node| !self.at_node.get(node).is_some_and(|&given| given));
        let missing =
            || (0..self.at_node.len()).find(|node| self.at_node[*node] && !boundary.pressures_kpa.contains_key(node));
        match unexpected.copied().or_else(missing) {
            Some(node) => Err(FlowError::WrongPressureNode { node }),
            None => Ok(()),
        }
    }

    /// Writes the boundary flows with their rounding taken out, component by component; 0 where the pressure is given.
    fn balance(&self, vasculature: &Vasculature, boundary: &Boundary, inflows: &mut [f64]) -> Result<(), FlowError> {
        let components = vasculature.components();
        let (mut into, mut out) = (vec![0.0; components.count()], vec![0.0; components.count()]);
        let given = boundary.inflows_um3_per_s.iter().zip(&self.at_node);
        for (node, (inflow, (&flow, &has_pressure))) in inflows.iter_mut().zip(given).enumerate() {
            *inflow = if has_pressure { 0.0 } else { flow };
            if *inflow != 0.0 {
                let side = if flow > 0.0 { &mut into } else { &mut out };
                side[components.of(node)] += flow.abs();
            }
        }
        let free = |component: usize| !self.in_component[component];
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
        self.take_out_rounding(vasculature, inflows);
        Ok(())
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
                Some(node) if !self.in_component[component] => inflows[node] -= high + low,
                _ => {}
            }
        }
    }

    /// Gives what was found in a column, for memory of an earlier flow. The pressures of each component without given ones are
    /// shifted so that the lowest at its ends (at all nodes where it has none) is `base_pressure_kpa`.
    pub(super) fn finish(
        &self,
        vasculature: &Vasculature,
        column: &mut Column,
        base_pressure_kpa: f64,
        flow: &mut Flow,
    ) {
        let Column { inflows, pressure, flows, residuals, .. } = column;
        let pressures = residuals;
        rayon::join(
            || self.shift(vasculature, pressure, base_pressure_kpa, pressures),
            || self.add_resulting(vasculature, flows, inflows),
        );
        std::mem::swap(&mut flow.pressures_kpa, pressures);
        std::mem::swap(&mut flow.flows_um3_per_s, flows);
        std::mem::swap(&mut flow.inflows_um3_per_s, inflows);
    }

    /// Adds to the flows into the graph those that result where the pressure is given.
    fn add_resulting(&self, vasculature: &Vasculature, flows: &[f64], inflows: &mut [f64]) {
        if !self.at_node.contains(&true) {
            return;
        }
        for (segment, &flow) in flows.iter().enumerate() {
            let [start, end] = vasculature.ends(segment);
            for (node, outward) in [(start, flow), (end, -flow)] {
                if self.at_node[node] {
                    inflows[node] += outward;
                }
            }
        }
    }

    /// Writes the shifted pressures, in kPa.
    fn shift(&self, vasculature: &Vasculature, pressure: &Refined, base_pressure_kpa: f64, pressures_kpa: &mut [f64]) {
        let components = vasculature.components();
        let lower = |lowest: Option<usize>, node: usize| match lowest {
            Some(known) if pressure.difference(known, node) <= 0.0 => known,
            _ => node,
        };
        let mut lowest_end = vec![None; components.count()];
        let mut lowest = vec![None; components.count()];
        for node in 0..self.at_node.len() {
            let component = components.of(node);
            lowest[component] = Some(lower(lowest[component], node));
            if vasculature.degrees()[node] == 1 {
                lowest_end[component] = Some(lower(lowest_end[component], node));
            }
        }
        for (node, shifted) in pressures_kpa.iter_mut().enumerate() {
            let component = components.of(node);
            *shifted = match lowest_end[component].or(lowest[component]) {
                Some(base) if !self.in_component[component] => base_pressure_kpa + pressure.difference(node, base),
                _ => pressure.high[node],
            };
        }
    }
}
