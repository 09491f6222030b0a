//! What a vasculature is like: a page to read before a simulation.

use std::fmt;

use super::Vasculature;
use super::error::Note;

/// Counts, ranges and oddities of a vasculature. What no blood can flow through is not here but an error of its own
/// ([`super::VasculatureError::Defects`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Number of nodes.
    pub nodes: usize,
    /// Number of segments.
    pub segments: usize,
    /// The components, the largest first.
    pub components: Vec<ComponentReport>,
    /// Nodes with three segments or more.
    pub branching_nodes: usize,
    /// Least, mean and greatest length of a segment, in um.
    pub lengths_um: [f64; 3],
    /// Least, mean and greatest diameter of a segment at rest, in um.
    pub diameters_um: [f64; 3],
    /// Sum of the volumes at rest, in um3.
    pub volume_um3: f64,
    /// Segments of which one end is more than twice as wide as the other: a cylinder says little about them.
    pub tapered_segments: usize,
    /// Segments of which the mean radius is greater than the length: Poiseuille's law needs a long tube.
    pub stubby_segments: usize,
    /// What is odd.
    pub notes: Vec<Note>,
}

/// One component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComponentReport {
    /// Its smallest node.
    pub first_node: usize,
    /// Number of nodes.
    pub nodes: usize,
    /// Number of segments.
    pub segments: usize,
    /// Nodes of degree 1, where blood can enter or leave.
    pub ends: usize,
}

/// Ratio of diameters at the ends of a segment that counts as tapered.
const TAPER: f64 = 2.0;
/// Components that a report lists before it only counts.
const COMPONENTS_SHOWN: usize = 5;

impl Vasculature {
    /// Looks at the whole graph.
    pub fn report(&self) -> Report {
        let components = self.components();
        let mut parts: Vec<ComponentReport> = components
            .first_nodes()
            .iter()
            .zip(components.sizes())
            .map(|(&first_node, &nodes)| ComponentReport { first_node, nodes, segments: 0, ends: 0 })
            .collect();
        for node in (0..self.node_count()).filter(|&node| self.degrees()[node] == 1) {
            parts[components.of(node)].ends += 1;
        }
        let diameters = &self.nodes().diameters_um;
        let (mut tapered_segments, mut stubby_segments) = (0, 0);
        for segment in 0..self.segment_count() {
            let [start, end] = self.ends(segment);
            parts[components.of(start)].segments += 1;
            let [a, b] = [diameters[start], diameters[end]];
            tapered_segments += usize::from(a.max(b) > TAPER * a.min(b));
            stubby_segments += usize::from(self.rest_radii_um()[segment] > self.lengths_um()[segment]);
        }
        parts.sort_by_key(|part| (std::cmp::Reverse(part.nodes), part.first_node));
        Report {
            nodes: self.node_count(),
            segments: self.segment_count(),
            components: parts,
            branching_nodes: (0..self.node_count()).filter(|&node| self.adjacency().of(node).len() > 2).count(),
            lengths_um: range(self.lengths_um().iter().copied()),
            diameters_um: range(self.rest_radii_um().iter().map(|radius| 2.0 * radius)),
            volume_um3: self.volumes_um3(self.rest_radii_um()).sum(),
            tapered_segments,
            stubby_segments,
            notes: self.notes().to_vec(),
        }
    }
}

fn range(values: impl ExactSizeIterator<Item = f64>) -> [f64; 3] {
    let count = values.len() as f64;
    let (least, sum, greatest) = values.fold((f64::INFINITY, 0.0, f64::NEG_INFINITY), |(least, sum, greatest), x| {
        (least.min(x), sum + x, greatest.max(x))
    });
    [least, sum / count, greatest]
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} segments, {} nodes, {} of them branch", self.segments, self.nodes, self.branching_nodes)?;
        let [least, mean, greatest] = self.lengths_um;
        writeln!(f, "length {least:.3} to {greatest:.3} um, mean {mean:.3} um")?;
        let [least, mean, greatest] = self.diameters_um;
        writeln!(f, "diameter {least:.3} to {greatest:.3} um, mean {mean:.3} um")?;
        writeln!(f, "volume {:.4e} um3", self.volume_um3)?;
        for part in self.components.iter().take(COMPONENTS_SHOWN) {
            let ComponentReport { first_node, nodes, segments, ends } = part;
            writeln!(f, "component of node {first_node}: {nodes} nodes, {segments} segments, {ends} ends")?;
        }
        if let Some(more @ 1..) = self.components.len().checked_sub(COMPONENTS_SHOWN) {
            writeln!(f, "and {more} smaller components")?;
        }
        for (count, what) in [
            (self.tapered_segments, "more than twice as wide at one end as at the other"),
            (self.stubby_segments, "wider than long"),
        ] {
            if count > 0 {
                writeln!(f, "{count} segment(s) are {what}")?;
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "note: {note}"))
    }
}
