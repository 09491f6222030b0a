//! Connected components of the graph.

use super::adjacency::Adjacency;
use super::tables::SegmentTable;

/// The connected components, numbered by their smallest node.
#[derive(Debug, Clone)]
pub struct Components {
    of_node: Vec<usize>,
    sizes: Vec<usize>,
    first_nodes: Vec<usize>,
    main: usize,
}

impl Components {
    pub(super) fn new(adjacency: &Adjacency, table: &SegmentTable, nodes: usize) -> Self {
        const UNSEEN: usize = usize::MAX;
        let mut of_node = vec![UNSEEN; nodes];
        let (mut sizes, mut first_nodes) = (Vec::new(), Vec::new());
        let mut waiting = Vec::new();
        for first in 0..nodes {
            if of_node[first] != UNSEEN {
                continue;
            }
            let component = sizes.len();
            of_node[first] = component;
            first_nodes.push(first);
            waiting.push(first);
            let mut size = 0;
            while let Some(node) = waiting.pop() {
                size += 1;
                for &segment in adjacency.of(node) {
                    for neighbour in [table.start_nodes[segment], table.end_nodes[segment]] {
                        if of_node[neighbour] == UNSEEN {
                            of_node[neighbour] = component;
                            waiting.push(neighbour);
                        }
                    }
                }
            }
            sizes.push(size);
        }
        let main = (0..sizes.len()).max_by_key(|&c| (sizes[c], std::cmp::Reverse(c))).unwrap_or(0);
        Self { of_node, sizes, first_nodes, main }
    }

    /// Component of `node`.
    pub fn of(&self, node: usize) -> usize {
        self.of_node[node]
    }

    /// Number of components.
    pub fn count(&self) -> usize {
        self.sizes.len()
    }

    /// Number of nodes of each component.
    pub fn sizes(&self) -> &[usize] {
        &self.sizes
    }

    /// Smallest node of each component.
    pub fn first_nodes(&self) -> &[usize] {
        &self.first_nodes
    }

    /// The component with the most nodes; of several, the one with the smallest node.
    pub fn main(&self) -> usize {
        self.main
    }
}
