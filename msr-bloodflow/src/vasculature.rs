//! The vasculature graph: nodes with a place and a diameter, vessel segments between them.

mod adjacency;
mod components;
mod csv_files;
mod endfeet;
mod error;
mod morphology;
#[cfg(feature = "petgraph")]
mod petgraph;
mod report;
mod sonata;
mod tables;

use std::collections::HashMap;

pub use adjacency::Adjacency;
pub use components::Components;
pub use csv_files::{read_nodes, read_segments};
pub use error::{Defect, Note, VasculatureError};
pub use morphology::SectionTables;
pub use report::{ComponentReport, Report};
pub use sonata::SegmentRows;
pub use tables::{NodeTable, SegmentTable};

use crate::vessel;

/// A vasculature at rest. It never changes: radii that do are arguments of what works on it.
#[derive(Debug, Clone)]
pub struct Vasculature {
    nodes: NodeTable,
    segments: SegmentTable,
    lengths_um: Vec<f64>,
    rest_radii_um: Vec<f64>,
    adjacency: Adjacency,
    degrees: Vec<u32>,
    components: Components,
    by_address: HashMap<(u32, u32), usize>,
    population: Option<String>,
    notes: Vec<Note>,
}

impl Vasculature {
    /// Builds and checks a graph. A segment's length is the distance between its nodes, its radius at rest the mean of
    /// the radii at its nodes.
    ///
    /// # Errors
    /// [`VasculatureError::Empty`], [`VasculatureError::UnevenColumns`], and [`VasculatureError::Defects`] with all
    /// nodes and segments through which no blood can flow.
    pub fn new(nodes: NodeTable, segments: SegmentTable) -> Result<Self, VasculatureError> {
        check_columns(&nodes, &segments)?;
        let defects = find_defects(&nodes, &segments);
        if !defects.is_empty() {
            return Err(VasculatureError::Defects { defects });
        }
        let ends = || segments.start_nodes.iter().zip(&segments.end_nodes);
        let lengths_um = ends().map(|(&a, &b)| distance(nodes.positions_um[a], nodes.positions_um[b])).collect();
        let rest_radii_um =
            ends().map(|(&a, &b)| (nodes.diameters_um[a] / 2.0 + nodes.diameters_um[b] / 2.0) / 2.0).collect();
        let adjacency = Adjacency::new(nodes.len(), &segments);
        let components = Components::new(&adjacency, &segments, nodes.len());
        let mut by_address = HashMap::with_capacity(segments.len());
        for segment in (0..segments.len()).rev() {
            by_address.insert((segments.section_ids[segment], segments.segment_ids[segment]), segment);
        }
        let notes = find_notes(&segments, &adjacency, &components, &by_address, nodes.len());
        Ok(Self {
            degrees: adjacency::degrees(nodes.len(), &segments),
            nodes,
            segments,
            lengths_um,
            rest_radii_um,
            adjacency,
            components,
            by_address,
            population: None,
            notes,
        })
    }

    /// The same graph with the name of the circuit population whose nodes its segments are.
    #[must_use]
    pub fn of_population(mut self, name: impl Into<String>) -> Self {
        self.population = Some(name.into());
        self
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Number of segments.
    pub fn segment_count(&self) -> usize {
        self.segments.len()
    }

    /// The nodes.
    pub fn nodes(&self) -> &NodeTable {
        &self.nodes
    }

    /// The segments.
    pub fn segments(&self) -> &SegmentTable {
        &self.segments
    }

    /// Start and end node of a segment.
    pub fn ends(&self, segment: usize) -> [usize; 2] {
        [self.segments.start_nodes[segment], self.segments.end_nodes[segment]]
    }

    /// Length of each segment, in um.
    pub fn lengths_um(&self) -> &[f64] {
        &self.lengths_um
    }

    /// Radius of each segment at rest, in um.
    pub fn rest_radii_um(&self) -> &[f64] {
        &self.rest_radii_um
    }

    /// Volume of each segment with the given radii, in um3 (see [`vessel::volume_um3`]).
    pub fn volumes_um3<'a>(&'a self, radii_um: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.lengths_um.iter().zip(radii_um).map(|(&length, &radius)| vessel::volume_um3(length, radius))
    }

    /// Segments at each node.
    pub fn adjacency(&self) -> &Adjacency {
        &self.adjacency
    }

    /// Degree of each node: different directed connections that start or end there. Parallel segments of one direction
    /// count once, of opposite directions twice.
    pub fn degrees(&self) -> &[u32] {
        &self.degrees
    }

    /// Connected components.
    pub fn components(&self) -> &Components {
        &self.components
    }

    /// Whether `node` belongs to the largest component.
    pub fn is_in_main_component(&self, node: usize) -> bool {
        self.components.of(node) == self.components.main()
    }

    /// Nodes of degree 1 in the largest component, ascending: where blood enters or leaves.
    pub fn boundary_nodes(&self) -> Vec<usize> {
        let main = self.components.main();
        (0..self.node_count()).filter(|&node| self.degrees[node] == 1 && self.components.of(node) == main).collect()
    }

    /// The segment with these SONATA ids; the first, where several have them.
    ///
    /// # Errors
    /// [`VasculatureError::UnknownAddress`].
    pub fn segment_at(&self, section: u32, segment: u32) -> Result<usize, VasculatureError> {
        self.by_address.get(&(section, segment)).copied().ok_or_else(|| VasculatureError::UnknownAddress {
            section,
            segment,
            in_section: self.segments.section_ids.iter().filter(|&&id| id == section).count(),
        })
    }

    /// Circuit population whose nodes the segments are, if it is known.
    pub fn population(&self) -> Option<&str> {
        self.population.as_deref()
    }

    /// What is odd about it.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    let [x, y, z] = [b[0] - a[0], b[1] - a[1], b[2] - a[2]];
    (x * x + y * y + z * z).sqrt()
}

fn check_columns(nodes: &NodeTable, segments: &SegmentTable) -> Result<(), VasculatureError> {
    if nodes.diameters_um.len() != nodes.len() {
        let (found, expected) = (nodes.diameters_um.len(), nodes.len());
        return Err(VasculatureError::UnevenColumns { column: "diameter", found, expected });
    }
    let expected = segments.len();
    if let Some((column, found)) = segments.column_lengths().into_iter().find(|&(_, length)| length != expected) {
        return Err(VasculatureError::UnevenColumns { column, found, expected });
    }
    if segments.is_empty() { Err(VasculatureError::Empty) } else { Ok(()) }
}

fn is_diameter(diameter_um: f64) -> bool {
    diameter_um > 0.0 && diameter_um.is_finite()
}

fn is_position(position_um: [f64; 3]) -> bool {
    position_um.iter().all(|x| x.is_finite())
}

fn find_defects(nodes: &NodeTable, segments: &SegmentTable) -> Vec<Defect> {
    let mut defects = Vec::new();
    for (node, (&position_um, &diameter_um)) in nodes.positions_um.iter().zip(&nodes.diameters_um).enumerate() {
        if !is_diameter(diameter_um) {
            defects.push(Defect::BadDiameter { node, diameter_um });
        }
        if !is_position(position_um) {
            defects.push(Defect::BadPosition { node, position_um });
        }
    }
    for (segment, (&start, &end)) in segments.start_nodes.iter().zip(&segments.end_nodes).enumerate() {
        let unknown = [start, end].into_iter().find(|&node| node >= nodes.len());
        if let Some(node) = unknown {
            defects.push(Defect::UnknownNode { segment, node, nodes: nodes.len() });
        } else if start == end {
            defects.push(Defect::SelfLoop { segment, node: start });
        } else if distance(nodes.positions_um[start], nodes.positions_um[end]) == 0.0 {
            defects.push(Defect::ZeroLength { segment, nodes: [start, end] });
        }
    }
    defects
}

fn find_notes(
    segments: &SegmentTable,
    adjacency: &Adjacency,
    components: &Components,
    by_address: &HashMap<(u32, u32), usize>,
    nodes: usize,
) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut pairs: Vec<([usize; 2], usize)> = (0..segments.len())
        .map(|segment| {
            let [a, b] = [segments.start_nodes[segment], segments.end_nodes[segment]];
            ([a.min(b), a.max(b)], segment)
        })
        .collect();
    pairs.sort_unstable();
    let mut parallel = pairs.windows(2).filter(|two| two[0].0 == two[1].0).map(|two| [two[0].1, two[1].1]);
    if let Some(example) = parallel.next() {
        notes.push(Note::ParallelSegments { count: 1 + parallel.count(), example });
    }
    let address = |segment: usize| (segments.section_ids[segment], segments.segment_ids[segment]);
    let repeated = (0..segments.len()).find(|&segment| by_address[&address(segment)] != segment);
    if let Some(second) = repeated {
        let example = [by_address[&address(second)], second];
        notes.push(Note::RepeatedAddress { count: segments.len() - by_address.len(), example });
    }
    let isolated = (0..nodes).filter(|&node| adjacency.of(node).is_empty()).count();
    if isolated > 0 {
        notes.push(Note::IsolatedNodes { count: isolated });
    }
    if components.count() > 1 {
        let main_nodes = components.sizes()[components.main()];
        notes.push(Note::SeveralComponents { count: components.count(), main_nodes, other_nodes: nodes - main_nodes });
    }
    notes
}
