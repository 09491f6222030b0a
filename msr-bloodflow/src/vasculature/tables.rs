//! The two tables that a vasculature graph is made of.

/// Nodes of the graph; a node's id is its position.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NodeTable {
    /// Where the nodes are, in um.
    pub positions_um: Vec<[f64; 3]>,
    /// Diameter of the vessel at each node, in um.
    pub diameters_um: Vec<f64>,
}

/// Vessel segments, the edges of the graph; a segment's id is its position. All columns have one entry a segment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SegmentTable {
    /// Node where each segment starts. Positive flow runs from start to end.
    pub start_nodes: Vec<usize>,
    /// Node where each segment ends.
    pub end_nodes: Vec<usize>,
    /// SONATA `type` (artery, capillary, ... as the data set numbers them).
    pub types: Vec<i32>,
    /// SONATA `section_id`.
    pub section_ids: Vec<u32>,
    /// SONATA `segment_id`: position of the segment in its section.
    pub segment_ids: Vec<u32>,
    /// Astrocyte endfoot around each segment, if there is one.
    pub endfeet: Vec<Option<u32>>,
}

impl NodeTable {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.positions_um.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.positions_um.is_empty()
    }
}

impl SegmentTable {
    /// Number of segments.
    pub fn len(&self) -> usize {
        self.start_nodes.len()
    }

    /// Whether there is no segment.
    pub fn is_empty(&self) -> bool {
        self.start_nodes.is_empty()
    }

    /// A table of bare segments: type 0, each the only segment of its own section, no endfeet.
    pub fn from_ends(ends: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let (start_nodes, end_nodes): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
        let count = start_nodes.len();
        Self {
            start_nodes,
            end_nodes,
            types: vec![0; count],
            section_ids: (0..count as u32).collect(),
            segment_ids: vec![0; count],
            endfeet: vec![None; count],
        }
    }

    /// Lengths of all columns with their names, to find an uneven one.
    pub(super) fn column_lengths(&self) -> [(&'static str, usize); 6] {
        [
            ("start_node", self.start_nodes.len()),
            ("end_node", self.end_nodes.len()),
            ("type", self.types.len()),
            ("section_id", self.section_ids.len()),
            ("segment_id", self.segment_ids.len()),
            ("endfeet_id", self.endfeet.len()),
        ]
    }
}
