//! The branched cable equation of one cell.
//!
//! Every segment is a node at its middle; where sections begin at the end of another, that end is a node without
//! membrane. The nodes of segments stand first and in the order of the segments, so that a mechanism finds its values side
//! by side; nodes without membrane follow. Gaussian elimination goes along [`Cable::links`], from the tips to the root,
//! where it runs without fill-in (Hines 1984, Int. J. Bio-Med. Comput. 15:69).

mod layers;
mod passive;
mod solver;

pub use layers::{LayeredSolver, Outside};
pub use passive::CableParameters;
pub use solver::{MembraneFlow, Order, Solver};

use crate::discretisation::Discretisation;
use crate::morphology::Attachment;

/// Ohm cm / um to megohm: 1e4 um/cm * 1e-6 megohm/ohm.
const MEGOHM: f64 = 1e-2;
/// uF/cm2 * um2 to nF.
const NANOFARAD: f64 = 1e-5;
/// mA/cm2 * um2 to nA; also S/cm2 * um2 to uS.
pub const NANOAMPERE_PER_DENSITY: f64 = 1e-2;

/// A node and the one that it is joined to on the way to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The node.
    pub node: u32,
    /// Its parent.
    pub parent: u32,
}

/// Nodes of one cell and the conductances between them.
#[derive(Debug, Clone)]
pub struct Cable {
    /// All nodes but the root, children before their parents.
    links: Vec<Link>,
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
    /// Node at the end of each section: that of its last segment where nothing begins there.
    section_end: Vec<u32>,
}

impl Cable {
    /// The cable of a cell; `parameters` has one entry a segment.
    pub fn new(cell: &Discretisation, parameters: &[CableParameters]) -> Self {
        let mut nodes = Nodes::new(cell.segments.len());
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
                    (on.start + on.len() / 2) as u32
                }
            });
            // From the beginning of the section nothing has been passed yet.
            let (mut passed, mut passed_per_um) = (0.0, 0.0);
            for segment in section.segments.clone() {
                let geometry = &cell.segments[segment];
                let megohm = passed + resistance(segment, geometry.resistance_before);
                nodes.join(segment as u32, previous, megohm, passed_per_um + geometry.resistance_before);
                nodes.capacitance_nf[segment] =
                    parameters[segment].capacitance_uf_per_cm2 * geometry.area_um2 * NANOFARAD;
                nodes.area_um2[segment] = geometry.area_um2;
                passed = resistance(segment, geometry.resistance_after);
                passed_per_um = geometry.resistance_after;
                previous = Some(segment as u32);
            }
            if has_child_at_end[index] {
                let end = nodes.push();
                nodes.join(end, previous, passed, passed_per_um);
                end_node[index] = Some(end);
            }
        }
        let count = nodes.axial_us.len();
        let mut axial_sum_us = nodes.axial_us.clone();
        for link in &nodes.links {
            axial_sum_us[link.parent as usize] += nodes.axial_us[link.node as usize];
        }
        // Nodes as far from the root as one another do not wait for one another.
        let mut depth = vec![0u32; count];
        for link in &nodes.links {
            depth[link.node as usize] = depth[link.parent as usize] + 1;
        }
        let mut links = nodes.links;
        links.sort_by_key(|link| std::cmp::Reverse(depth[link.node as usize]));
        Self {
            links,
            axial_us: nodes.axial_us,
            resistance_per_um: nodes.resistance_per_um,
            axial_sum_us,
            capacitance_nf: nodes.capacitance_nf,
            area_um2: nodes.area_um2,
            segment_node: (0..cell.segments.len() as u32).collect(),
            section_end: cell
                .sections
                .iter()
                .zip(end_node)
                .map(|(section, end)| end.unwrap_or(section.segments.end as u32 - 1))
                .collect(),
        }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.axial_us.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.axial_us.is_empty()
    }

    /// Node of each segment.
    pub fn segment_nodes(&self) -> &[u32] {
        &self.segment_node
    }

    /// Node at the end of a section; that of its last segment where nothing begins there, as the voltage is the same.
    pub fn section_end(&self, section: usize) -> usize {
        self.section_end[section] as usize
    }

    /// All nodes but the root with their parents, children before their parents.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Integral of 4 / (pi d^2) along the path from the parent of each node, in 1/um; 0 for the root.
    pub fn resistances_per_um(&self) -> &[f64] {
        &self.resistance_per_um
    }

    /// Adds to each node the axial current (nA) that flows into it from its neighbours at these potentials (mV).
    pub fn add_axial_currents(&self, potentials_mv: &[f64], sums_na: &mut [f64]) {
        self.add_axial_currents_at(|node| potentials_mv[node], sums_na);
    }

    /// As [`add_axial_currents`](Self::add_axial_currents), with the potential of each node.
    pub(crate) fn add_axial_currents_at(&self, potential_mv: impl Fn(usize) -> f64, sums_na: &mut [f64]) {
        for link in &self.links {
            let (node, parent) = (link.node as usize, link.parent as usize);
            let inflow = self.axial_us[node] * (potential_mv(parent) - potential_mv(node));
            sums_na[node] += inflow;
            sums_na[parent] -= inflow;
        }
    }

    /// Membrane area of each node, in um2.
    pub fn areas_um2(&self) -> &[f64] {
        &self.area_um2
    }
}

/// Nodes while they are collected.
struct Nodes {
    /// Parents before their children.
    links: Vec<Link>,
    axial_us: Vec<f64>,
    resistance_per_um: Vec<f64>,
    capacitance_nf: Vec<f64>,
    area_um2: Vec<f64>,
}

impl Nodes {
    fn new(segments: usize) -> Self {
        let none = vec![0.0; segments];
        Self {
            links: Vec::new(),
            axial_us: none.clone(),
            resistance_per_um: none.clone(),
            capacitance_nf: none.clone(),
            area_um2: none,
        }
    }

    /// One more node, without membrane.
    fn push(&mut self) -> u32 {
        for values in [&mut self.axial_us, &mut self.resistance_per_um, &mut self.capacitance_nf, &mut self.area_um2] {
            values.push(0.0);
        }
        self.axial_us.len() as u32 - 1
    }

    /// Joins a node to its parent; the root has none.
    fn join(&mut self, node: u32, parent: Option<u32>, megohm: f64, per_um: f64) {
        let Some(parent) = parent else { return };
        self.links.push(Link { node, parent });
        self.axial_us[node as usize] = 1.0 / megohm;
        self.resistance_per_um[node as usize] = per_um;
    }
}
