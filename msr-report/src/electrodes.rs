//! Electrodes of `lfp` reports: the HDF5 file with the factors by which the current of each segment counts at each electrode.
//!
//! `/electrodes/<population>/scaling_factors` has a row for each segment of each node and a column for each electrode;
//! `/<population>/node_ids` are the nodes, and `/<population>/offsets` say at which row each begins, and the end.
//! The rows of a node are its segments in the order of a compartment report of all sections.

use std::collections::BTreeMap;
use std::path::Path;

use hdf5::{Dataset, File};
use ndarray::Array2;

use crate::layout::WeightedNode;
use crate::selection::Chosen;
use crate::{Layout, PlanError};

/// Columns of all electrodes for the selected nodes that the file has.
pub(crate) fn layouts(report: &str, path: &Path, chosen: &Chosen<'_>) -> Result<Vec<Layout>, PlanError> {
    let bad = |reason: String| PlanError::Electrodes { report: report.to_owned(), path: path.to_owned(), reason };
    let file = File::open(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
    let mut cells: BTreeMap<&str, BTreeMap<u64, Vec<usize>>> = BTreeMap::new();
    for position in 0..chosen.segments.len() {
        if let Some((population, address)) = chosen.place(chosen.segments, position) {
            cells.entry(population).or_default().entry(address.node).or_default().push(position);
        }
    }
    let electrodes = file.group("electrodes").map_err(|_| bad("has no group 'electrodes'".to_owned()))?;
    let known = electrodes.member_names().map_err(|error| bad(error.to_string()))?;
    let mut layouts = Vec::new();
    for (population, nodes) in cells {
        if !known.iter().any(|name| name == population) {
            continue;
        }
        let factors =
            Factors::open(&file, population).map_err(|error| bad(format!("population '{population}': {error}")))?;
        let mut weighted = Vec::new();
        for (node, positions) in nodes {
            let Some(rows) = factors.of(node).map_err(|error| bad(format!("population '{population}': {error}")))?
            else {
                continue;
            };
            if rows.nrows() != positions.len() {
                return Err(bad(format!(
                    "population '{population}', node {node}: it has factors for {} segments, the cell has {}",
                    rows.nrows(),
                    positions.len()
                )));
            }
            let columns = rows.columns().into_iter().map(|column| column.to_vec()).collect();
            weighted.push(WeightedNode { node, positions, columns });
        }
        layouts.push(Layout::weighted(population, weighted));
    }
    if layouts.is_empty() {
        let known = known.join(", ");
        return Err(bad(format!(
            "has no electrodes for the population of a selected cell; it has populations: {known}"
        )));
    }
    Ok(layouts)
}

/// Factors of one population.
struct Factors {
    node_ids: Vec<u64>,
    offsets: Vec<u64>,
    table: Dataset,
}

impl Factors {
    fn open(file: &File, population: &str) -> Result<Self, hdf5::Error> {
        let read = |name: &str| file.dataset(&format!("{population}/{name}"))?.read_raw();
        let table = file.dataset(&format!("electrodes/{population}/scaling_factors"))?;
        let factors = Self { node_ids: read("node_ids")?, offsets: read("offsets")?, table };
        if factors.offsets.len() != factors.node_ids.len() + 1 {
            let (nodes, offsets) = (factors.node_ids.len(), factors.offsets.len());
            return Err(format!("offsets has {offsets} values, it must have one more than the {nodes} node_ids").into());
        }
        Ok(factors)
    }

    /// Rows of a node; `None` where it is not there.
    fn of(&self, node: u64) -> Result<Option<Array2<f64>>, hdf5::Error> {
        let Some(index) = self.node_ids.iter().position(|&known| known == node) else { return Ok(None) };
        let (first, end) = (self.offsets[index] as usize, self.offsets[index + 1] as usize);
        let [rows, _] = self.table.shape()[..] else { return Err("scaling_factors must have two dimensions".into()) };
        if first > end || end > rows {
            return Err(format!("node {node}: offsets {first} to {end} lie outside of the {rows} rows").into());
        }
        self.table.read_slice((first..end, ..)).map(Some)
    }
}
