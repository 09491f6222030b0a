//! The columns of one population in a report.

use std::collections::BTreeMap;

use msr_coupling::{Address, Space};

use crate::population::Populations;

/// What each column of a report is: element of a node, and the sum over which positions of the simulator's space.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    population: String,
    node_ids: Vec<u64>,
    index_pointers: Vec<u64>,
    element_ids: Vec<u32>,
    /// Positions of column c: `positions[starts[c]..starts[c + 1]]`.
    starts: Vec<usize>,
    positions: Vec<usize>,
    /// Factor of the value at each of the positions; none where all are 1.
    weights: Vec<f64>,
}

/// One node's columns, each a weighted sum over the same positions.
pub(crate) struct WeightedNode {
    pub node: u64,
    pub positions: Vec<usize>,
    /// For each column the factors of all positions.
    pub columns: Vec<Vec<f64>>,
}

/// How positions become columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// One column a position.
    Element,
    /// One column a node, the sum of its positions; element id 0.
    Node,
}

impl Layout {
    /// Layouts of the populations that `positions` of the space belong to, by name of the population. Nodes ascend;
    /// within a node the order of the space is kept. Positions that belong to no population are left out.
    pub(crate) fn of(space: &Space, populations: &Populations, positions: &[usize], grouping: Grouping) -> Vec<Self> {
        let mut elements: BTreeMap<&str, Vec<(Address, usize)>> = BTreeMap::new();
        for &position in positions {
            if let Some((population, address)) = populations.of_element(space, position) {
                elements.entry(population).or_default().push((address, position));
            }
        }
        elements
            .into_iter()
            .map(|(population, mut elements)| {
                elements.sort_by_key(|(address, _)| address.node);
                Self::of_elements(population, &elements, grouping)
            })
            .collect()
    }

    fn of_elements(population: &str, elements: &[(Address, usize)], grouping: Grouping) -> Self {
        let mut layout = Self {
            population: population.to_owned(),
            node_ids: Vec::new(),
            index_pointers: Vec::new(),
            element_ids: Vec::new(),
            starts: Vec::new(),
            positions: elements.iter().map(|(_, position)| *position).collect(),
            weights: Vec::new(),
        };
        for (start, (address, _)) in elements.iter().enumerate() {
            let new_node = layout.node_ids.last() != Some(&address.node);
            if new_node {
                layout.node_ids.push(address.node);
                layout.index_pointers.push(layout.element_ids.len() as u64);
            }
            if new_node || grouping == Grouping::Element {
                layout.starts.push(start);
                layout.element_ids.push(match grouping {
                    Grouping::Element => address.element,
                    Grouping::Node => 0,
                });
            }
        }
        layout.index_pointers.push(layout.element_ids.len() as u64);
        layout.starts.push(elements.len());
        layout
    }

    /// Columns of nodes that ascend, with element ids from 0.
    pub(crate) fn weighted(population: &str, nodes: Vec<WeightedNode>) -> Self {
        let mut layout = Self {
            population: population.to_owned(),
            node_ids: Vec::new(),
            index_pointers: Vec::new(),
            element_ids: Vec::new(),
            starts: Vec::new(),
            positions: Vec::new(),
            weights: Vec::new(),
        };
        for WeightedNode { node, positions, columns } in nodes {
            layout.node_ids.push(node);
            layout.index_pointers.push(layout.element_ids.len() as u64);
            for (element, weights) in (0..).zip(columns) {
                layout.element_ids.push(element);
                layout.starts.push(layout.positions.len());
                layout.positions.extend(&positions);
                layout.weights.extend(weights);
            }
        }
        layout.index_pointers.push(layout.element_ids.len() as u64);
        layout.starts.push(layout.positions.len());
        layout
    }

    /// Name of the population.
    pub fn population(&self) -> &str {
        &self.population
    }

    /// SONATA node ids, ascending.
    pub fn node_ids(&self) -> &[u64] {
        &self.node_ids
    }

    /// Where each node's columns begin, and at last the number of columns.
    pub fn index_pointers(&self) -> &[u64] {
        &self.index_pointers
    }

    /// Element within its node, one a column.
    pub fn element_ids(&self) -> &[u32] {
        &self.element_ids
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.element_ids.len()
    }

    /// The value of each column, from the values of the whole space.
    pub(crate) fn row<'a>(&'a self, values: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.starts.windows(2).map(|ends| {
            let positions = &self.positions[ends[0]..ends[1]];
            if self.weights.is_empty() {
                return positions.iter().map(|&position| values[position]).sum();
            }
            let weights = &self.weights[ends[0]..ends[1]];
            positions.iter().zip(weights).map(|(&position, weight)| weight * values[position]).sum()
        })
    }

    /// The node of a column.
    pub(crate) fn node_of(&self, column: usize) -> u64 {
        self.node_ids[self.index_pointers.partition_point(|&start| start <= column as u64) - 1]
    }
}
