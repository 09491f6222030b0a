//! Vasculature from two CSV files: nodes (`x,y,z,diameter`) and segments
//! (`start_node,end_node,type,section_id,segment_id`, optionally `endfeet_id`, where -1 means none).

use std::path::Path;

use super::Vasculature;
use super::error::VasculatureError;
use super::tables::{NodeTable, SegmentTable};
use crate::csv_table::CsvTable;

impl Vasculature {
    /// Reads a graph from a file of nodes and a file of segments; other columns are ignored.
    ///
    /// # Errors
    /// As [`read_nodes`], [`read_segments`] and [`Vasculature::new`].
    pub fn from_csv(nodes: &Path, segments: &Path) -> Result<Self, VasculatureError> {
        Self::new(read_nodes(nodes)?, read_segments(segments)?)
    }
}

/// Reads the nodes: columns `x`, `y`, `z`, `diameter`, all in um.
///
/// # Errors
/// [`VasculatureError::Csv`].
pub fn read_nodes(path: &Path) -> Result<NodeTable, VasculatureError> {
    let table = CsvTable::read(path)?;
    let (x, y, z) = (table.column::<f64>("x")?, table.column::<f64>("y")?, table.column::<f64>("z")?);
    let positions_um = x.into_iter().zip(y).zip(z).map(|((x, y), z)| [x, y, z]).collect();
    Ok(NodeTable { positions_um, diameters_um: table.column("diameter")? })
}

/// `endfeet_id` of a segment under none.
const NO_ENDFOOT: i64 = -1;

/// Reads the segments: columns `start_node`, `end_node`, `type`, `section_id`, `segment_id`, and `endfeet_id` if it is
/// there.
///
/// # Errors
/// As [`read_nodes`].
pub fn read_segments(path: &Path) -> Result<SegmentTable, VasculatureError> {
    let table = CsvTable::read(path)?;
    let start_nodes: Vec<usize> = table.column("start_node")?;
    let endfeet = if table.has("endfeet_id") {
        let ids = table.column::<i64>("endfeet_id")?.into_iter().enumerate();
        let endfoot = |(row, value): (usize, i64)| match u32::try_from(value) {
            Ok(id) => Ok(Some(id)),
            Err(_) if value == NO_ENDFOOT => Ok(None),
            Err(_) => {
                let table = path.display().to_string();
                Err(VasculatureError::BadInteger { table, row, column: "endfeet_id", value })
            }
        };
        ids.map(endfoot).collect::<Result<_, _>>()?
    } else {
        vec![None; start_nodes.len()]
    };
    Ok(SegmentTable {
        start_nodes,
        end_nodes: table.column("end_node")?,
        types: table.column("type")?,
        section_ids: table.column("section_id")?,
        segment_ids: table.column("segment_id")?,
        endfeet,
    })
}
