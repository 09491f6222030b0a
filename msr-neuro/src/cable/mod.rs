//! The branched cable equation of one cell.
//!
//! Every segment is a node at its middle; where sections begin at the end of another, that end is a node without
//! membrane. Nodes are numbered so that each comes after its parent, which lets Gaussian elimination run without
//! fill-in from the tips to the root (Hines 1984, Int. J. Bio-Med. Comput. 15:69).

mod passive;

pub use passive::CableParameters;

use crate::discretisation::Discretisation;
use crate::morphology::Attachment;

/// Ohm cm / um to megohm: 1e4 um/cm * 1e-6 megohm/ohm.
const MEGOHM: f64 = 1e-2;
/// uF/cm2 * um2 to nF.
const NANOFARAD: f64 = 1e-5;
/// mA/cm2 * um2 to nA; also S/cm2 * um2 to uS.
pub const NANOAMPERE_PER_DENSITY: f64 = 1e-2;

/// Nodes of one cell and the conductances between them.
#[derive(Debug, Clone)]
pub struct Cable {
    /// Parent of each node; the root's is not used.
    parent: Vec<u32>,
    /// Axial conductance to the parent, in uS; 0 for the root.
    axial_us: Vec<f64>,
    /// Integral of 4 / (pi d^2) along the path from the parent, in 1/um; 0 for the root.
    resistance_per_um: Vec<f64>,
    /// Axial conductances that end at each node, summed, in uS.
    axial_sum_us: Vec<f64>,
    /// Membrane capacitance, in nF.
    capacitance_nf: Vec<f64>,
    /// Membrane area, in um2; 0 at the ends of sections.
    area_um2: Vec<f64>,
    /// Node of each segment.
    segment_node: Vec<u32>,
}

impl Cable {
    /// The cable of a cell; `parameters` has one entry a segment.
    pub fn new(cell: &Discretisation, parameters: &[CableParameters]) -> Self {
        let mut nodes = Nodes::default();
        let mut segment_node = vec![0u32; cell.segments.len()];
        let mut end_node = vec![None; cell.sections.len()];
        let mut has_child_at_end = vec![false; cell.sections.len()];
        for section in &cell.sections {
            if let Some((parent, Attachment::End)) = section.parent {
                has_child_at_end[parent] = true;
            }
        }
        for index in cell.parents_first() {
            let section = &cell.sections[index];
            let resistance = |segment: usize, half: f64| MEGOHM * parameters[segment].axial_resistivity_ohm_cm * half;
            let mut previous = section.parent.map(|(parent, attachment)| match attachment {
                Attachment::End => end_node[parent].expect("a section with a child at its end has a node there"),
                Attachment::Middle => {
                    let on = &cell.sections[parent].segments;
                    segment_node[on.start + on.len() / 2]
                }
            });
            // From the beginning of the section nothing has been passed yet.
            let (mut passed, mut passed_per_um) = (0.0, 0.0);
            for segment in section.segments.clone() {
                let geometry = &cell.segments[segment];
                let megohm = passed + resistance(segment, geometry.resistance_before);
                let capacitance_nf = parameters[segment].capacitance_uf_per_cm2 * geometry.area_um2 * NANOFARAD;
                let per_um = passed_per_um + geometry.resistance_before;
                let node = nodes.push(previous, megohm, per_um, capacitance_nf, geometry.area_um2);
                segment_node[segment] = node;
                passed = resistance(segment, geometry.resistance_after);
                passed_per_um = geometry.resistance_after;
                previous = Some(node);
            }
            if has_child_at_end[index] {
                end_node[index] = Some(nodes.push(previous, passed, passed_per_um, 0.0, 0.0));
            }
        }
        let mut axial_sum_us = nodes.axial_us.clone();
        for node in 1..nodes.parent.len() {
            axial_sum_us[nodes.parent[node] as usize] += nodes.axial_us[node];
        }
        Self {
            parent: nodes.parent,
            axial_us: nodes.axial_us,
            resistance_per_um: nodes.resistance_per_um,
            axial_sum_us,
            capacitance_nf: nodes.capacitance_nf,
            area_um2: nodes.area_um2,
            segment_node,
        }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.parent.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.parent.is_empty()
    }

    /// Node of each segment.
    pub fn segment_nodes(&self) -> &[u32] {
        &self.segment_node
    }

    /// Parent of each node, which comes before it; the root's is not used.
    pub fn parents(&self) -> &[u32] {
        &self.parent
    }

    /// Integral of 4 / (pi d^2) along the path from the parent of each node, in 1/um; 0 for the root.
    pub fn resistances_per_um(&self) -> &[f64] {
        &self.resistance_per_um
    }

    /// Membrane area of each node, in um2.
    pub fn areas_um2(&self) -> &[f64] {
        &self.area_um2
    }

    /// One implicit Euler step for the change of voltage. On entry `rhs` holds the current (nA, depolarising) that
    /// enters each node from membrane and electrodes at the voltages `v_mv`, and `diagonal` the membrane's slope
    /// conductance (uS). On return `rhs` holds the change of voltage (mV).
    pub fn solve(&self, v_mv: &[f64], diagonal: &mut [f64], rhs: &mut [f64], dt_ms: f64) {
        let count = self.len();
        let (parent, axial) = (&self.parent[..count], &self.axial_us[..count]);
        let (diagonal, rhs, v_mv) = (&mut diagonal[..count], &mut rhs[..count], &v_mv[..count]);
        let per_dt = 1.0 / dt_ms;
        for ((diagonal, axial_sum), capacitance) in
            diagonal.iter_mut().zip(&self.axial_sum_us).zip(&self.capacitance_nf)
        {
            *diagonal += axial_sum + capacitance * per_dt;
        }
        for node in 1..count {
            let above = parent[node] as usize;
            let current = axial[node] * (v_mv[above] - v_mv[node]);
            rhs[node] += current;
            rhs[above] -= current;
        }
        for node in (1..count).rev() {
            let above = parent[node] as usize;
            let factor = axial[node] / diagonal[node];
            diagonal[above] -= factor * axial[node];
            rhs[above] += factor * rhs[node];
        }
        rhs[0] /= diagonal[0];
        for node in 1..count {
            rhs[node] = (rhs[node] + axial[node] * rhs[parent[node] as usize]) / diagonal[node];
        }
    }
}

#[derive(Default)]
struct Nodes {
    parent: Vec<u32>,
    axial_us: Vec<f64>,
    resistance_per_um: Vec<f64>,
    capacitance_nf: Vec<f64>,
    area_um2: Vec<f64>,
}

impl Nodes {
    fn push(&mut self, parent: Option<u32>, megohm: f64, per_um: f64, capacitance_nf: f64, area_um2: f64) -> u32 {
        let node = self.parent.len() as u32;
        self.parent.push(parent.unwrap_or(0));
        self.axial_us.push(if parent.is_some() { 1.0 / megohm } else { 0.0 });
        self.resistance_per_um.push(if parent.is_some() { per_um } else { 0.0 });
        self.capacitance_nf.push(capacitance_nf);
        self.area_um2.push(area_um2);
        node
    }
}
