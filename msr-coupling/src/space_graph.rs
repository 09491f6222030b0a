//! All spaces of a run, the mappings between them, and the operators that carry values along paths of mappings.

mod error;
mod matrix;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use petgraph::Direction;
use petgraph::algo::dijkstra;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;
use sprs::{CsMat, TriMat};

use crate::operator::{Operator, matrix_bytes, rows_to_one, scaled_rows, transposed};
use crate::space::{Mapping, NEURONS, Space};
use crate::variable::Quantity;

pub use error::SpaceError;
pub use matrix::matrix_names;
pub(crate) use matrix::{MATRICES, NamedMatrix};

/// Spaces and the mappings that join them.
#[derive(Debug, Default)]
pub struct SpaceGraph {
    spaces: BTreeMap<String, Space>,
    mappings: Vec<Mapping>,
    /// Elements that belong to excluded neurons, by space.
    excluded: BTreeMap<String, Vec<bool>>,
    /// Operators composed so far.
    composed: Mutex<BTreeMap<(String, String, Quantity), Operator>>,
}

/// Rounding that a row sum of fractions may have.
const FRACTION_TOLERANCE: f64 = 1e-9;

impl SpaceGraph {
    /// Adds a space. The same space may be brought twice.
    ///
    /// # Errors
    /// [`SpaceError::Conflict`] where the elements differ, [`SpaceError::Malformed`] where its parts do not fit.
    pub fn add_space(&mut self, space: Space) -> Result<(), SpaceError> {
        if let Some(defect) = space.defect() {
            return Err(SpaceError::Malformed { space: space.name, defect });
        }
        match self.spaces.get(&space.name) {
            Some(known) if known.ids != space.ids => {
                Err(SpaceError::Conflict { first: known.len(), second: space.len(), space: space.name })
            }
            Some(_) => Ok(()),
            None => {
                self.spaces.insert(space.name.clone(), space);
                Ok(())
            }
        }
    }

    /// Adds a mapping between two known spaces. Rows whose sum is above 1 by rounding are scaled to 1.
    ///
    /// # Errors
    /// [`SpaceError::Unknown`], [`SpaceError::Shape`] or [`SpaceError::Fraction`].
    pub fn add_mapping(&mut self, mapping: Mapping) -> Result<(), SpaceError> {
        let (from_len, to_len) = (self.space(&mapping.from)?.len(), self.space(&mapping.to)?.len());
        let (rows, columns) = mapping.fractions.shape();
        if self.mapping(&mapping.from, &mapping.to).is_some() {
            return Err(SpaceError::Twice { from: mapping.from, to: mapping.to });
        }
        if (rows, columns) != (from_len, to_len) {
            return Err(SpaceError::Shape { from: mapping.from, to: mapping.to, rows, columns, from_len, to_len });
        }
        let mut fractions = mapping.fractions.to_csr();
        for (element, mut row) in fractions.outer_iterator_mut().enumerate() {
            let sum: f64 = row.data().iter().sum();
            let worst = row.data().iter().copied().fold(sum, |worst, x| if x < 0.0 { x } else { worst });
            if !(0.0..=1.0 + FRACTION_TOLERANCE).contains(&worst) {
                return Err(SpaceError::Fraction { from: mapping.from, to: mapping.to, element, sum: worst });
            }
            if sum > 1.0 {
                row.iter_mut().for_each(|(_, fraction)| *fraction /= sum);
            }
        }
        self.mappings.push(Mapping { fractions, ..mapping });
        self.composed.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// A space by name.
    ///
    /// # Errors
    /// [`SpaceError::Unknown`].
    pub fn space(&self, name: &str) -> Result<&Space, SpaceError> {
        self.spaces.get(name).ok_or_else(|| SpaceError::Unknown {
            space: name.to_owned(),
            available: self.spaces.keys().cloned().collect(),
        })
    }

    /// All spaces, by name.
    pub fn spaces(&self) -> impl Iterator<Item = &Space> {
        self.spaces.values()
    }

    /// All mappings, in the order in which they were added.
    pub fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// The mapping from one space to another, as added.
    pub fn mapping(&self, from: &str, to: &str) -> Option<&CsMat<f64>> {
        self.mappings.iter().find(|m| m.from == from && m.to == to).map(|m| &m.fractions)
    }

    /// Takes neurons out: they, and the elements of other spaces that lie wholly in them, leave every mapping and every
    /// average.
    pub fn exclude(&mut self, neurons: &[u64]) {
        let Some(space) = self.spaces.get(NEURONS) else { return };
        let known = self.excluded.entry(NEURONS.to_owned()).or_insert_with(|| vec![false; space.len()]);
        for (excluded, id) in known.iter_mut().zip(&space.ids) {
            *excluded |= neurons.contains(id);
        }
        while self.exclude_parts() {}
        self.composed.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        for mapping in &mut self.mappings {
            let rows = self.excluded.get(&mapping.from);
            let columns = self.excluded.get(&mapping.to);
            if rows.is_none() && columns.is_none() {
                continue;
            }
            let stays = |set: Option<&Vec<bool>>, i: usize| set.is_none_or(|gone| !gone[i]);
            let mut kept = TriMat::new(mapping.fractions.shape());
            for (&value, (row, column)) in &mapping.fractions {
                if stays(rows, row) && stays(columns, column) {
                    kept.add_triplet(row, column, value);
                }
            }
            mapping.fractions = kept.to_csr();
        }
    }

    /// Whether an element belongs to an excluded neuron.
    pub fn is_excluded(&self, space: &str, element: usize) -> bool {
        self.excluded.get(space).is_some_and(|excluded| excluded[element])
    }

    /// Excludes elements all of whose parts lie in excluded elements; whether there were any.
    fn exclude_parts(&mut self) -> bool {
        let mut found = false;
        for mapping in &self.mappings {
            let Some(wholes) = self.excluded.get(&mapping.to).cloned() else { continue };
            let parts =
                self.excluded.entry(mapping.from.clone()).or_insert_with(|| vec![false; mapping.fractions.rows()]);
            for (part, row) in parts.iter_mut().zip(mapping.fractions.outer_iterator()) {
                if !*part && row.nnz() > 0 && row.indices().iter().all(|&whole| wholes[whole]) {
                    *part = true;
                    found = true;
                }
            }
        }
        found
    }

    /// The operator that carries values of this kind from one space to another, along the shortest path of mappings; of
    /// several, the one whose mappings were added first. It is composed once and shared by all who ask for it.
    ///
    /// # Errors
    /// [`SpaceError::Unknown`] or [`SpaceError::NoPath`].
    pub fn operator(&self, from: &str, to: &str, quantity: Quantity) -> Result<Operator, SpaceError> {
        let key = (from.to_owned(), to.to_owned(), quantity);
        let mut composed = self.composed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(operator) = composed.get(&key) {
            return Ok(operator.clone());
        }
        let operator = self.compose(from, to, quantity)?;
        composed.insert(key, operator.clone());
        Ok(operator)
    }

    fn compose(&self, from: &str, to: &str, quantity: Quantity) -> Result<Operator, SpaceError> {
        let mut operator = Operator::identity((0..self.space(from)?.len()).map(|i| !self.is_excluded(from, i)));
        let path = self.path(from, to)?;
        let averages_again = quantity == Quantity::Intensive && path.len() > 1;
        for step in path {
            operator = operator.then(&self.step(step, quantity));
        }
        if averages_again {
            // Parts of the way that lead nowhere (segments outside the mesh) have no say in the average.
            operator = operator.averaging();
        }
        Ok(operator)
    }

    /// Memory that spaces, mappings and composed operators hold, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        let composed = self.composed.lock().unwrap_or_else(PoisonError::into_inner);
        let spaces: u64 = self.spaces.values().map(Space::memory_bytes).sum();
        let mappings: u64 = self.mappings.iter().map(|mapping| matrix_bytes(&mapping.fractions)).sum();
        spaces + mappings + composed.values().map(Operator::memory_bytes).sum::<u64>()
    }

    /// Names of the spaces on the way from one to another, both included: see [`SpaceGraph::operator`].
    ///
    /// # Errors
    /// [`SpaceError::Unknown`] or [`SpaceError::NoPath`].
    pub fn path_names(&self, from: &str, to: &str) -> Result<Vec<String>, SpaceError> {
        self.space(from)?;
        let steps = self.path(from, to)?;
        let end_of = |step: &Step| {
            let mapping = &self.mappings[step.mapping];
            if step.direction == Direction::Outgoing { &mapping.to } else { &mapping.from }
        };
        Ok(std::iter::once(from.to_owned()).chain(steps.iter().map(|step| end_of(step).clone())).collect())
    }

    fn path(&self, from: &str, to: &str) -> Result<Vec<Step>, SpaceError> {
        self.space(to)?;
        let mut graph: UnGraph<&str, usize> = UnGraph::new_undirected();
        let nodes: BTreeMap<&str, NodeIndex> =
            self.spaces.keys().map(|name| (name.as_str(), graph.add_node(name.as_str()))).collect();
        for (index, mapping) in self.mappings.iter().enumerate() {
            graph.add_edge(nodes[mapping.from.as_str()], nodes[mapping.to.as_str()], index);
        }
        let goal = nodes[to];
        let distances = dijkstra(&graph, goal, None, |_| 1_usize);
        let mut here = nodes[from];
        let mut steps = Vec::new();
        let mut left = *distances.get(&here).ok_or_else(|| SpaceError::NoPath {
            from: from.to_owned(),
            to: to.to_owned(),
            available: self.mappings.iter().map(|m| format!("{} and {}", m.from, m.to)).collect(),
        })?;
        while left > 0 {
            left -= 1;
            let nearer = graph.edges(here).filter(|edge| distances.get(&edge.target()) == Some(&left));
            let edge = nearer.min_by_key(|edge| *edge.weight()).expect("the next node of a shortest path is nearer");
            let mapping = *edge.weight();
            let forward = self.mappings[mapping].from == graph[here];
            steps.push(Step { mapping, direction: if forward { Direction::Outgoing } else { Direction::Incoming } });
            here = edge.target();
        }
        Ok(steps)
    }

    fn step(&self, step: Step, quantity: Quantity) -> Operator {
        let mapping = &self.mappings[step.mapping];
        let sizes = &self.spaces[&mapping.from].sizes;
        let fractions = &mapping.fractions;
        // Part of each `from` element's size that lies in each `to` element.
        let overlap = scaled_rows(fractions, sizes);
        let matrix = match (step.direction, quantity) {
            (Direction::Outgoing, Quantity::Extensive) => transposed(fractions),
            (Direction::Outgoing, Quantity::Intensive) => rows_to_one(&transposed(&overlap)),
            (Direction::Incoming, Quantity::Extensive) => transposed(&rows_to_one(&transposed(&overlap))),
            (Direction::Incoming, Quantity::Intensive) => rows_to_one(fractions),
        };
        Operator::of(matrix)
    }
}

#[derive(Clone, Copy)]
struct Step {
    mapping: usize,
    direction: Direction,
}
