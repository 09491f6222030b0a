//! All spaces of a run, the mappings between them, and the operators that carry values along paths of mappings.

use std::collections::BTreeMap;

use petgraph::Direction;
use petgraph::graph::{NodeIndex, UnGraph};
use sprs::{CsMat, TriMat};

use crate::operator::{Operator, rows_to_one, scaled_rows, shares, transposed};
use crate::space::{
    ENTRY_SUBSET, Mapping, NEURONS, SECTIONS, SEGMENTS, Space, TETRAHEDRA, VESSEL_SEGMENTS, VESSEL_STARTS,
};
use crate::variable::Quantity;

/// Spaces and the mappings that join them.
#[derive(Debug, Default)]
pub struct SpaceGraph {
    spaces: BTreeMap<String, Space>,
    mappings: Vec<Mapping>,
    /// Elements that belong to excluded neurons, by space.
    excluded: BTreeMap<String, Vec<bool>>,
}

/// What is wrong with the spaces and mappings of a run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpaceError {
    /// Two simulators bring a space of the same name and different elements.
    #[error("two simulators bring the space '{space}' with different elements ({first} and {second} of them)")]
    Conflict {
        /// The space.
        space: String,
        /// Number of elements in the first.
        first: usize,
        /// Number of elements in the second.
        second: usize,
    },
    /// A space whose ids, sizes, addresses and geometry do not fit.
    #[error("the space '{space}' is malformed: {defect}")]
    Malformed {
        /// The space.
        space: String,
        /// What does not fit.
        defect: &'static str,
    },
    /// Two mappings between the same spaces.
    #[error("the mapping {from} -> {to} is brought twice")]
    Twice {
        /// Space of the rows.
        from: String,
        /// Space of the columns.
        to: String,
    },
    /// A name that no simulator brings.
    #[error("unknown space '{space}'; available: {}", available.join(", "))]
    Unknown {
        /// The name.
        space: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// A matrix whose shape is not that of its spaces.
    #[error(
        "the mapping {from} -> {to} has shape {rows} x {columns}, the spaces have {from_len} and {to_len} elements"
    )]
    Shape {
        /// Space of the rows.
        from: String,
        /// Space of the columns.
        to: String,
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        columns: usize,
        /// Elements of `from`.
        from_len: usize,
        /// Elements of `to`.
        to_len: usize,
    },
    /// A row that says that more than the whole element lies somewhere, or less than nothing.
    #[error(
        "the mapping {from} -> {to} gives element {element} of {from} the fraction {sum}; fractions lie in 0 to 1 and sum to at most 1"
    )]
    Fraction {
        /// Space of the rows.
        from: String,
        /// Space of the columns.
        to: String,
        /// Row.
        element: usize,
        /// Its sum, or its negative entry.
        sum: f64,
    },
    /// No mapping leads from one space to another.
    #[error("no mapping leads from '{from}' to '{to}'; mappings exist between: {}", available.join(", "))]
    NoPath {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
        /// Pairs that are joined.
        available: Vec<String>,
    },
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

    /// Adds a mapping between two known spaces.
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
        let fractions = mapping.fractions.to_csr();
        for (element, row) in fractions.outer_iterator().enumerate() {
            let sum: f64 = row.data().iter().sum();
            let worst = row.data().iter().copied().fold(sum, |worst, x| if x < 0.0 { x } else { worst });
            if !(0.0..=1.0 + FRACTION_TOLERANCE).contains(&worst) {
                return Err(SpaceError::Fraction { from: mapping.from, to: mapping.to, element, sum: worst });
            }
        }
        self.mappings.push(Mapping { fractions, ..mapping });
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

    /// The operator that carries values of this kind from one space to another, along the shortest path of mappings.
    ///
    /// # Errors
    /// [`SpaceError::Unknown`] or [`SpaceError::NoPath`].
    pub fn operator(&self, from: &str, to: &str, quantity: Quantity) -> Result<Operator, SpaceError> {
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

    /// One of the original's connection matrices by name, in its orientation, or `None` where a space is missing.
    pub fn matrix(&self, name: &str) -> Option<CsMat<f64>> {
        let sizes = |space: &str| self.spaces.get(space).map(|s| s.sizes.as_slice());
        match name {
            "nXsecMat" => Some(shares(self.mapping(SECTIONS, NEURONS)?, sizes(SECTIONS)?)),
            // By length, as the original has it; sections in neurons by volume.
            "nsecXnsegMat" => Some(shares(self.mapping(SEGMENTS, SECTIONS)?, &self.spaces.get(SEGMENTS)?.lengths()?)),
            "nXnsegMatBool" => Some(transposed(self.mapping(SEGMENTS, NEURONS)?)),
            "nsegXtetMat" => self.mapping(SEGMENTS, TETRAHEDRA).cloned(),
            "nXtetMat" => {
                let segments = &self.matrix("nXsecMat")? * &self.matrix("nsecXnsegMat")?;
                Some(&segments * self.mapping(SEGMENTS, TETRAHEDRA)?)
            }
            "tetXbfVolsMat" => Some(transposed(self.mapping(VESSEL_SEGMENTS, TETRAHEDRA)?)),
            "tetXbfFlowsMat" => self.vessel_inflow(),
            "tetXtetMat" => {
                let volumes = sizes(TETRAHEDRA)?;
                let mean = volumes.iter().sum::<f64>() / volumes.len() as f64;
                let mut diagonal = TriMat::new((volumes.len(), volumes.len()));
                for (tetrahedron, volume) in volumes.iter().enumerate() {
                    diagonal.add_triplet(tetrahedron, tetrahedron, mean / volume);
                }
                Some(diagonal.to_csr())
            }
            _ => None,
        }
    }

    /// 1 where a vessel segment enters a tetrahedron: all that it touches but the one where it starts, which counts the
    /// blood already where the vessel came from. Segments at the network's entry count where they start, too.
    fn vessel_inflow(&self) -> Option<CsMat<f64>> {
        let space = self.spaces.get(VESSEL_SEGMENTS)?;
        let touched = self.mapping(VESSEL_SEGMENTS, TETRAHEDRA)?;
        let starts = self.mapping(VESSEL_STARTS, TETRAHEDRA);
        let entries = space.subsets.get(ENTRY_SUBSET);
        let mut inflow = TriMat::new((touched.cols(), touched.rows()));
        for (segment, row) in touched.outer_iterator().enumerate() {
            let is_entry = entries.is_some_and(|entries| entries.binary_search(&segment).is_ok());
            for (tetrahedron, _) in row.iter() {
                let starts_here = starts.is_some_and(|starts| starts.get(segment, tetrahedron).is_some());
                if is_entry || !starts_here {
                    inflow.add_triplet(tetrahedron, segment, 1.0);
                }
            }
        }
        Some(inflow.to_csr())
    }

    /// Space of the rows and of the columns of a named matrix.
    pub fn matrix_spaces(name: &str) -> Option<(&'static str, &'static str)> {
        MATRICES.iter().find(|(known, _, _)| *known == name).map(|(_, rows, columns)| (*rows, *columns))
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
        let route = petgraph::algo::astar(&graph, nodes[from], |node| node == goal, |_| 1, |_| 0);
        let (_, route) = route.ok_or_else(|| SpaceError::NoPath {
            from: from.to_owned(),
            to: to.to_owned(),
            available: self.mappings.iter().map(|m| format!("{} and {}", m.from, m.to)).collect(),
        })?;
        Ok(route
            .windows(2)
            .map(|pair| {
                let edge = graph.find_edge(pair[0], pair[1]).expect("the route follows edges");
                let mapping = graph[edge];
                let forward = self.mappings[mapping].from == graph[pair[0]];
                Step { mapping, direction: if forward { Direction::Outgoing } else { Direction::Incoming } }
            })
            .collect())
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

/// The original's matrices: name, space of the rows, space of the columns.
const MATRICES: &[(&str, &str, &str)] = &[
    ("nXsecMat", NEURONS, SECTIONS),
    ("nsecXnsegMat", SECTIONS, SEGMENTS),
    ("nXnsegMatBool", NEURONS, SEGMENTS),
    ("nsegXtetMat", SEGMENTS, TETRAHEDRA),
    ("nXtetMat", NEURONS, TETRAHEDRA),
    ("tetXbfVolsMat", TETRAHEDRA, VESSEL_SEGMENTS),
    ("tetXbfFlowsMat", TETRAHEDRA, VESSEL_SEGMENTS),
    ("tetXtetMat", TETRAHEDRA, TETRAHEDRA),
];

/// Names of the original's matrices.
pub fn matrix_names() -> impl Iterator<Item = &'static str> {
    MATRICES.iter().map(|(name, _, _)| *name)
}

#[derive(Clone, Copy)]
struct Step {
    mapping: usize,
    direction: Direction,
}
