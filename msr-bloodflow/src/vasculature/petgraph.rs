//! The vasculature as a graph of petgraph, for its algorithms.

use petgraph::graph::{NodeIndex, UnGraph};

use super::Vasculature;

impl Vasculature {
    /// An undirected graph with the same nodes and edges in the same order: weights are ids of nodes and of segments.
    pub fn to_petgraph(&self) -> UnGraph<usize, usize> {
        let mut graph = UnGraph::with_capacity(self.node_count(), self.segment_count());
        for node in 0..self.node_count() {
            graph.add_node(node);
        }
        for segment in 0..self.segment_count() {
            let [start, end] = self.ends(segment).map(NodeIndex::new);
            graph.add_edge(start, end, segment);
        }
        graph
    }
}
