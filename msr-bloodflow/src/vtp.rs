//! VTK files (`.vtp`, XML PolyData) of a vasculature with values on it, for ParaView and the like: one line a segment.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::vasculature::Vasculature;

/// Named values to be written, one a node or one a segment. A unit belongs in the name.
pub type Columns<'a> = [(&'a str, &'a [f64])];

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum VtpError {
    /// The system refuses.
    #[error("cannot write {path}: {source}")]
    Write {
        /// The file.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// A column of the wrong length.
    #[error("'{name}' has {found} values; there are {expected} {elements}")]
    WrongLength {
        /// Name of the column.
        name: String,
        /// Nodes or segments.
        elements: &'static str,
        /// How many there are.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// A name that XML cannot hold as it is.
    #[error("'{name}' is no name for a column: leave out <, >, & and quotes")]
    BadName {
        /// The name.
        name: String,
    },
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
    check(node_columns, "nodes", vasculature.node_count())?;
    check(segment_columns, "segments", vasculature.segment_count())?;
    let failed = |source| VtpError::Write { path: path.display().to_string(), source };
    let mut out = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
    write_to(&mut out, vasculature, node_columns, segment_columns).and_then(|()| out.flush()).map_err(failed)
}

fn check(columns: &Columns<'_>, elements: &'static str, expected: usize) -> Result<(), VtpError> {
    for (name, values) in columns {
        let name = (*name).to_owned();
        if name.contains(['<', '>', '&', '"', '\'']) {
            return Err(VtpError::BadName { name });
        }
        if values.len() != expected {
            return Err(VtpError::WrongLength { name, elements, expected, found: values.len() });
        }
    }
    Ok(())
}

fn write_to(
    out: &mut impl Write,
    vasculature: &Vasculature,
    node_columns: &Columns<'_>,
    segment_columns: &Columns<'_>,
) -> io::Result<()> {
    let (nodes, segments) = (vasculature.node_count(), vasculature.segment_count());
    writeln!(out, r#"<?xml version="1.0"?>"#)?;
    writeln!(out, r#"<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">"#)?;
    writeln!(out, "<PolyData>")?;
    writeln!(
        out,
        r#"<Piece NumberOfPoints="{nodes}" NumberOfVerts="0" NumberOfLines="{segments}" NumberOfStrips="0" NumberOfPolys="0">"#
    )?;
    writeln!(out, "<Points>")?;
    let positions = vasculature.nodes().positions_um.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    write_array(out, "positions_um", "Float64", 3, positions)?;
    writeln!(out, "</Points>\n<PointData>")?;
    for (name, values) in node_columns {
        write_array(out, name, "Float64", 1, bytes(values))?;
    }
    writeln!(out, "</PointData>\n<CellData>")?;
    for (name, values) in segment_columns {
        write_array(out, name, "Float64", 1, bytes(values))?;
    }
    writeln!(out, "</CellData>\n<Lines>")?;
    let ends = (0..segments).flat_map(|segment| vasculature.ends(segment)).flat_map(|node| (node as i64).to_le_bytes());
    write_array(out, "connectivity", "Int64", 1, ends.collect())?;
    let offsets = (1..=segments as i64).flat_map(|segment| (2 * segment).to_le_bytes());
    write_array(out, "offsets", "Int64", 1, offsets.collect())?;
    writeln!(out, "</Lines>\n</Piece>\n</PolyData>\n</VTKFile>")
}

fn bytes(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// One array in base 64: its length in bytes, then its values.
fn write_array(out: &mut impl Write, name: &str, kind: &str, components: usize, bytes: Vec<u8>) -> io::Result<()> {
    writeln!(out, r#"<DataArray type="{kind}" Name="{name}" NumberOfComponents="{components}" format="binary">"#)?;
    let mut all = (bytes.len() as u64).to_le_bytes().to_vec();
    all.extend(bytes);
    write_base64(out, &all)?;
    writeln!(out, "\n</DataArray>")
}

/// Base 64 (RFC 4648, section 4).
fn write_base64(out: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in bytes.chunks(3) {
        let word = group.iter().fold(0u32, |word, &byte| word << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        let mut text = [b'='; 4];
        for (place, digit) in text.iter_mut().take(group.len() + 1).enumerate() {
            *digit = DIGITS[(word >> (18 - 6 * place)) as usize & 63];
        }
        out.write_all(&text)?;
    }
    Ok(())
}
