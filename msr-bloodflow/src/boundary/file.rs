//! Boundary conditions node by node from a CSV file.

use std::path::Path;

use super::Boundary;
use crate::csv_table::{CsvError, CsvTable};

/// Why a file of boundary conditions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BoundaryFileError {
    /// The table cannot be read.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// A node that the vasculature does not have.
    #[error("{file}, row {row}: node {node} does not exist; ids go from 0 to {}", nodes - 1)]
    UnknownNode {
        /// The file.
        file: String,
        /// Row, counted from 0 after the header.
        row: usize,
        /// The node named.
        node: usize,
        /// Number of nodes.
        nodes: usize,
    },
    /// A node of two rows.
    #[error("{file}, row {row}: node {node} was given before")]
    RepeatedNode {
        /// The file.
        file: String,
        /// Row, counted from 0 after the header.
        row: usize,
        /// The node.
        node: usize,
    },
    /// Nothing would flow.
    #[error("{file} gives no inflow but 0 and no pressure: nothing would flow")]
    Nothing {
        /// The file.
        file: String,
    },
    /// Neither a flow nor a pressure, or both.
    #[error("{file}, row {row}: node {node} needs either an inflow (um3/s) or a pressure (kPa)")]
    NotOne {
        /// The file.
        file: String,
        /// Row, counted from 0 after the header.
        row: usize,
        /// The node.
        node: usize,
    },
    /// A value that is infinite or no number.
    #[error("{file}, row {row}: the {column} of node {node} is {found}; it must be finite")]
    NotFinite {
        /// The file.
        file: String,
        /// Row, counted from 0 after the header.
        row: usize,
        /// The node.
        node: usize,
        /// Name of the column.
        column: &'static str,
        /// What is there.
        found: f64,
    },
}

impl Boundary {
    /// Reads a table with the columns `node`, `inflow` (um3/s, negative where blood leaves) and `pressure` (kPa): each row
    /// has one of the two. No blood enters or leaves at nodes without a row.
    ///
    /// # Errors
    /// [`BoundaryFileError`].
    pub fn read(path: &Path, node_count: usize) -> Result<Self, BoundaryFileError> {
        let table = CsvTable::read(path)?;
        let nodes: Vec<usize> = table.column("node")?;
        let inflows: Vec<Option<f64>> = table.column_with_gaps("inflow")?;
        let pressures: Vec<Option<f64>> = table.column_with_gaps("pressure")?;
        let file = || path.display().to_string();
        let mut is_given = vec![false; node_count];
        let mut boundary = Self { inflows_um3_per_s: vec![0.0; node_count], pressures_kpa: Default::default() };
        for (row, (node, values)) in nodes.into_iter().zip(inflows.into_iter().zip(pressures)).enumerate() {
            if node >= node_count {
                return Err(BoundaryFileError::UnknownNode { file: file(), row, node, nodes: node_count });
            }
            if std::mem::replace(&mut is_given[node], true) {
                return Err(BoundaryFileError::RepeatedNode { file: file(), row, node });
            }
            let not_finite = |column, found| BoundaryFileError::NotFinite { file: file(), row, node, column, found };
            match values {
                (Some(inflow), None) if inflow.is_finite() => boundary.inflows_um3_per_s[node] = inflow,
                (None, Some(pressure)) if pressure.is_finite() => {
                    boundary.pressures_kpa.insert(node, pressure);
                }
                (Some(inflow), None) => return Err(not_finite("inflow", inflow)),
                (None, Some(pressure)) => return Err(not_finite("pressure", pressure)),
                _ => return Err(BoundaryFileError::NotOne { file: file(), row, node }),
            }
        }
        if boundary.pressures_kpa.is_empty() && boundary.inflows_um3_per_s.iter().all(|inflow| *inflow == 0.0) {
            return Err(BoundaryFileError::Nothing { file: file() });
        }
        Ok(boundary)
    }
}
