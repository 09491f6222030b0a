//! VTK files (`.vtp`, lines) of a vasculature with values on it, for ParaView and the like: one line a segment.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use msr_coupling::vtk::{Cells, Column, Grid, Values};

use crate::vasculature::Vasculature;

/// Named values to be written, one a node or one a segment. A unit belongs in the name.
pub type Columns<'a> = [(&'a str, &'a [f64])];

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct VtpError {
    /// The file.
    pub path: PathBuf,
    /// What the system says, or which column has not one value for each node or segment.
    pub source: io::Error,
}

/// Writes a file with `node_columns` as point data and `segment_columns` as cell data.
///
/// # Errors
/// [`VtpError`].
pub fn write(
    path: &Path,
    vasculature: &Vasculature,
    node_columns: &Columns<'_>,
    segment_columns: &Columns<'_>,
) -> Result<(), VtpError> {
    let lines: Vec<[u32; 2]> =
        (0..vasculature.segment_count()).map(|segment| vasculature.ends(segment).map(|node| node as u32)).collect();
    let [point_columns, cell_columns] = [node_columns, segment_columns].map(|columns| {
        let column = |&(name, values)| Column { name, values: Values::Real(values) };
        columns.iter().map(column).collect::<Vec<_>>()
    });
    let points_um = &vasculature.nodes().positions_um;
    let grid =
        Grid { points_um, cells: Cells::Lines(&lines), point_columns: &point_columns, cell_columns: &cell_columns };
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        grid.write(&mut out)?;
        out.flush()
    });
    written.map_err(|source| VtpError { path: path.to_owned(), source })
}
