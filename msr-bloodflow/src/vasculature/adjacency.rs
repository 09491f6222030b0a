//! Which segments touch which nodes.

use super::tables::SegmentTable;

/// Segments at each node, in compressed rows.
#[derive(Debug, Clone)]
pub struct Adjacency {
    offsets: Vec<usize>,
    segments: Vec<usize>,
}

impl Adjacency {
    /// Segments of each node in ascending order. All node ids must be below `nodes`.
    pub(super) fn new(nodes: usize, table: &SegmentTable) -> Self {
        let ends = || table.start_nodes.iter().zip(&table.end_nodes);
        let mut offsets = vec![0; nodes + 1];
        for (&start, &end) in ends() {
            offsets[start + 1] += 1;
            offsets[end + 1] += 1;
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        let mut next = offsets.clone();
        let mut segments = vec![0; 2 * table.len()];
        for (segment, (&start, &end)) in ends().enumerate() {
            for node in [start, end] {
                segments[next[node]] = segment;
                next[node] += 1;
            }
        }
        Self { offsets, segments }
    }

    /// Segments that touch `node`, ascending.
    pub fn of(&self, node: usize) -> &[usize] {
        &self.segments[self.offsets[node]..self.offsets[node + 1]]
    }
}

/// Degree of each node as AstroVascPy counts it: different directed connections that start or end there. Parallel
/// segments of one direction count once, of opposite directions twice.
pub(super) fn degrees(nodes: usize, table: &SegmentTable) -> Vec<u32> {
    let mut connections: Vec<(usize, usize)> =
        table.start_nodes.iter().copied().zip(table.end_nodes.iter().copied()).collect();
    connections.sort_unstable();
    connections.dedup();
    let mut degrees = vec![0; nodes];
    for (start, end) in connections {
        degrees[start] += 1;
        degrees[end] += 1;
    }
    degrees
}
