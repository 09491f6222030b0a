//! The data of one mechanism in one cell.

use std::borrow::Cow;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Set when the cell is built.
    Parameter,
    /// Integrated in time.
    State,
    /// Computed from the others in every step.
    Assigned,
    /// Diameter (`diam`, um) or area (`area`, um2) of the segment, filled when the cell is built.
    Geometry,
    /// Seed, name or position of a random stream (`rng.seed`, `rng.id1`, ..., `rng.drawn`), filled when the cell is built.
    Stream,
    /// What is known of a condition that is watched.
    Watch,
    /// Numbers of the instances in the order in which NEURON goes through them, filled when the cell is built.
    Turn,
}

impl Role {
    /// Whether its columns are variables of a mechanism file, and not what a solver keeps besides.
    pub fn is_variable(self) -> bool {
        !matches!(self, Role::Stream | Role::Watch | Role::Turn)
    }
}

/// One value a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name within the mechanism (`gNaTgbar`, `m`).
    pub name: Cow<'static, str>,
    /// Unit.
    pub unit: Cow<'static, str>,
    /// What it is for.
    pub role: Role,
    /// Value before it is set.
    pub default: f64,
}

impl Column {
    /// A parameter.
    pub const fn parameter(name: &'static str, unit: &'static str, default: f64) -> Self {
        Self { name: Cow::Borrowed(name), unit: Cow::Borrowed(unit), role: Role::Parameter, default }
    }

    /// A state.
    pub const fn state(name: &'static str, unit: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), unit: Cow::Borrowed(unit), role: Role::State, default: 0.0 }
    }

    /// An assigned value.
    pub const fn assigned(name: &'static str, unit: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), unit: Cow::Borrowed(unit), role: Role::Assigned, default: 0.0 }
    }
}

/// The segments that carry a mechanism (as nodes of the cable, ascending) and its columns, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// Nodes, ascending.
    pub nodes: Vec<u32>,
    /// All columns: column `c` is `values[c * nodes.len()..(c + 1) * nodes.len()]`.
    pub values: Vec<f64>,
}

impl Block {
    /// A block with all columns at their defaults.
    pub fn new(nodes: Vec<u32>, columns: &[Column]) -> Self {
        let values = columns.iter().flat_map(|column| std::iter::repeat_n(column.default, nodes.len())).collect();
        Self { nodes, values }
    }

    /// One column.
    pub fn column(&self, column: usize) -> &[f64] {
        let count = self.nodes.len();
        &self.values[column * count..(column + 1) * count]
    }

    /// One column to write.
    pub fn column_mut(&mut self, column: usize) -> &mut [f64] {
        let count = self.nodes.len();
        &mut self.values[column * count..(column + 1) * count]
    }
}

/// A block as a mechanism works on it.
#[derive(Debug)]
pub struct Columns<'a> {
    /// Node of each segment that carries the mechanism.
    pub nodes: &'a [u32],
    /// All columns, one after the other.
    pub values: &'a mut [f64],
}

impl<'a> Columns<'a> {
    /// The nodes and all `N` columns at once.
    ///
    /// # Panics
    /// Where the block does not have `N` columns.
    pub fn split<const N: usize>(&mut self) -> (&[u32], [&mut [f64]; N]) {
        let count = self.nodes.len();
        assert_eq!(self.values.len(), count * N, "a block has as many columns as its mechanism");
        let mut rest = &mut *self.values;
        let columns = std::array::from_fn(|_| {
            let (head, tail) = std::mem::take(&mut rest).split_at_mut(count);
            rest = tail;
            head
        });
        (self.nodes, columns)
    }
}
