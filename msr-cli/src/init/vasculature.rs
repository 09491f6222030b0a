//! The vessels of the column: two penetrating arterioles, a capillary bed with loops, one ascending venule.
//!
//! Diameters: penetrating arterioles 10 to 16 um, capillaries 4 to 6 um, ascending venules up to 20 um (Blinder et al. 2013,
//! Nat. Neurosci. 16:889; Tsai et al. 2009, J. Neurosci. 29:14553). Capillary junctions join three vessels.

use super::capillary_bed::{self, Branch, Site, Wall};
use super::column::{COLUMN_RADIUS_UM, Neuron, PIA_UM};
use super::distribution::{Purpose, Spread, stream, uniform_between};
use super::geometry::{
    Vector, add, between, distance, nearest_on_segment, norm, random_perpendicular, scale, subtract,
};
use msr_coupling::random::Stream;

/// The kind of a vessel; the values are those of MorphIO's vascular section types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VesselType {
    Venule = 3,
    Arteriole = 4,
    VenousCapillary = 5,
    ArterialCapillary = 6,
    Transitional = 7,
}

/// One straight piece of vessel: a row of the SONATA population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    pub start_node: usize,
    pub end_node: usize,
    pub vessel_type: VesselType,
    /// The unbranched vessel that the segment belongs to, and its place in it.
    pub section_id: u32,
    pub segment_id: u32,
}

/// The graph. A node's diameter holds for all segments that meet there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vasculature {
    pub nodes_um: Vec<Vector>,
    pub diameters_um: Vec<f64>,
    pub segments: Vec<Segment>,
}

/// A penetrating or ascending vessel: its points from the cut end at the top to its ramification.
struct Penetrator {
    wall: Wall,
    nodes: Vec<usize>,
}

/// Corners of the column at which the arterioles dive and the venule rises (fractions of its half width in x and z).
const ARTERIOLES: [([f64; 2], f64); 2] = [([-0.52, -0.44], 15.0), ([0.48, 0.50], 13.0)];
const VENULE: ([f64; 2], f64) = ([0.50, -0.52], 19.0);
/// The arterioles come from the pial surface, this far above the first layer.
const PIAL_UM: f64 = 22.0;
/// The venule leaves the column sideways below the pia, deeper than 5 % of the height: blood flow takes the degree-1 nodes of
/// the top 5 % as entries.
const VENULE_DEPTH_UM: f64 = 75.0;
const PENETRATION_UM: f64 = 980.0;
/// Distance between the nodes of a penetrating vessel.
const PENETRATOR_STEP_UM: f64 = 49.0;
/// Length of the first piece of a capillary at a larger vessel, over which the diameter falls.
const OSTIUM_UM: f64 = 12.0;
/// No capillary's axis comes nearer to the centre of a soma. The straight line between its ends does not (see the capillary
/// bed), so that a bow can be found.
const NEAREST_SOMA_UM: f64 = 12.0;

/// Grows the vessels around the neurons. Equal seeds and neurons give equal vessels.
pub fn grow_vasculature(seed: u64, neurons: &[Neuron]) -> Vasculature {
    let mut stream = stream(seed, Purpose::Vessels, 0);
    let mut vessels = Vasculature::default();
    let mut sites = Vec::new();
    for (corner, diameter_um) in ARTERIOLES {
        let top_um = [corner[0] * COLUMN_RADIUS_UM, PIA_UM + PIAL_UM, corner[1] * COLUMN_RADIUS_UM];
        let arteriole = vessels.penetrator(&mut stream, Wall::Arterial, top_um, diameter_um, 0.62);
        sites.extend(vessels.attachments(&arteriole));
    }
    let (corner, diameter_um) = VENULE;
    let top_um = [corner[0] * COLUMN_RADIUS_UM, PIA_UM - VENULE_DEPTH_UM, corner[1] * COLUMN_RADIUS_UM];
    let venule = vessels.penetrator(&mut stream, Wall::Venous, top_um, diameter_um, 0.6);
    sites.extend(vessels.attachments(&venule));

    let somas_um: Vec<Vector> = neurons.iter().map(|neuron| neuron.position_um).collect();
    let bed = capillary_bed::grow(&mut stream, sites, &somas_um);
    let mut node_of_site: Vec<Option<usize>> = bed.sites.iter().map(|site| site.node).collect();
    let first_section = vessels.next_section();
    for (section_id, branch) in (first_section..).zip(&bed.branches) {
        let ends = [branch.from, branch.to].map(|site| {
            *node_of_site[site].get_or_insert_with(|| {
                let diameter_um = Spread(4.9, 0.5).normal_within(&mut stream, 4.0, 6.0);
                vessels.push_node(bed.sites[site].position_um, diameter_um)
            })
        });
        vessels.capillary(&mut stream, branch, ends, section_id, &somas_um);
    }
    vessels
}

impl Vasculature {
    fn push_node(&mut self, position_um: Vector, diameter_um: f64) -> usize {
        self.nodes_um.push(position_um);
        self.diameters_um.push(diameter_um);
        self.nodes_um.len() - 1
    }

    fn next_section(&self) -> u32 {
        self.segments.iter().map(|segment| segment.section_id + 1).max().unwrap_or(0)
    }

    /// A vessel straight down from `top_um`, narrowing to `narrowing` of its diameter. Every node but the top is a place for
    /// side branches, so each piece is a section of its own.
    fn penetrator(
        &mut self,
        stream: &mut Stream,
        wall: Wall,
        top_um: Vector,
        diameter_um: f64,
        narrowing: f64,
    ) -> Penetrator {
        let vessel_type = match wall {
            Wall::Arterial => VesselType::Arteriole,
            Wall::Venous => VesselType::Venule,
        };
        let bottom_um = PIA_UM - PENETRATION_UM;
        let steps = ((top_um[1] - bottom_um) / PENETRATOR_STEP_UM).round() as usize;
        let step_um = (top_um[1] - bottom_um) / steps as f64;
        let mut nodes = Vec::with_capacity(steps + 2);
        if wall == Wall::Venous {
            // The cut end lies in the column's wall, to the side.
            let side = top_um[0].signum() * 0.45 * COLUMN_RADIUS_UM;
            nodes.push(self.push_node(add(top_um, [side, 4.0, 0.0]), 1.03 * diameter_um));
        }
        let mut sway = [0.0; 2];
        for step in 0..=steps {
            let fraction = step as f64 / steps as f64;
            let position_um = add(top_um, [sway[0], -(step as f64) * step_um, sway[1]]);
            sway = sway.map(|offset| 0.8 * offset + 5.0 * stream.normal());
            nodes.push(self.push_node(position_um, diameter_um * (1.0 - (1.0 - narrowing) * fraction)));
        }
        let first_section = self.next_section();
        for (index, pair) in nodes.windows(2).enumerate() {
            // Blood runs from the first node of an arteriole to its last, and the other way in a venule.
            let (start_node, end_node) = match wall {
                Wall::Arterial => (pair[0], pair[1]),
                Wall::Venous => (pair[1], pair[0]),
            };
            let section_id = first_section + index as u32;
            self.segments.push(Segment { start_node, end_node, vessel_type, section_id, segment_id: 0 });
        }
        Penetrator { wall, nodes }
    }

    /// Where capillaries may join a penetrating vessel: one at each inner node, two or three at the last.
    fn attachments(&self, vessel: &Penetrator) -> Vec<Site> {
        let last = vessel.nodes.len() - 1;
        let first = match vessel.wall {
            Wall::Arterial => 2,
            Wall::Venous => 1,
        };
        (first..=last)
            .map(|index| Site {
                position_um: self.nodes_um[vessel.nodes[index]],
                node: Some(vessel.nodes[index]),
                wall: Some(vessel.wall),
                capacity: if index == last { 2 } else { 1 },
                tree: Some(vessel.nodes[0]),
            })
            .collect()
    }

    /// A capillary between two nodes: bowed around somas, in two pieces, with a short first piece at a larger vessel.
    fn capillary(
        &mut self,
        stream: &mut Stream,
        branch: &Branch,
        ends: [usize; 2],
        section_id: u32,
        somas_um: &[Vector],
    ) {
        let [from_um, to_um] = ends.map(|node| self.nodes_um[node]);
        let axis = subtract(to_um, from_um);
        let length_um = norm(axis);
        let mut inner = Vec::new();
        let vessel_type = match branch.wall {
            Some(Wall::Arterial) => VesselType::ArterialCapillary,
            Some(Wall::Venous) => VesselType::VenousCapillary,
            None => VesselType::Transitional,
        };
        let (ostium_um, widest_um) = match branch.wall {
            Some(Wall::Arterial) => (6.0, 6.0),
            Some(Wall::Venous) => (6.5, 6.5),
            None => (0.0, 6.0),
        };
        if branch.wall.is_some() {
            inner.push((between(from_um, to_um, OSTIUM_UM / length_um), ostium_um));
        }
        let middle_um = loop {
            let bow_um = uniform_between(stream, 0.08, 0.2) * length_um;
            let middle = between(from_um, to_um, uniform_between(stream, 0.42, 0.58));
            let candidate = add(middle, scale(random_perpendicular(stream, axis), bow_um));
            let clear = |soma: &Vector| {
                nearest_on_segment(*soma, from_um, candidate).1 > NEAREST_SOMA_UM
                    && nearest_on_segment(*soma, candidate, to_um).1 > NEAREST_SOMA_UM
            };
            if somas_um.iter().all(clear) {
                break candidate;
            }
        };
        let diameter_um = Spread(4.8, 0.5).normal_within(stream, 4.0, widest_um);
        inner.push((middle_um, diameter_um));
        let mut nodes = vec![ends[0]];
        nodes.extend(inner.into_iter().map(|(position_um, diameter_um)| self.push_node(position_um, diameter_um)));
        nodes.push(ends[1]);
        for (segment_id, pair) in nodes.windows(2).enumerate() {
            let (start_node, end_node) = (pair[0], pair[1]);
            let segment_id = segment_id as u32;
            self.segments.push(Segment { start_node, end_node, vessel_type, section_id, segment_id });
        }
    }

    pub fn ends_um(&self, segment: &Segment) -> [Vector; 2] {
        [self.nodes_um[segment.start_node], self.nodes_um[segment.end_node]]
    }

    pub fn mean_radius_um(&self, segment: &Segment) -> f64 {
        0.25 * (self.diameters_um[segment.start_node] + self.diameters_um[segment.end_node])
    }

    pub fn length_um(&self, segment: &Segment) -> f64 {
        let [start, end] = self.ends_um(segment);
        distance(start, end)
    }
}
