//! Mesh files of Gmsh (Geuzaine and Remacle 2009, Int. J. Numer. Methods Eng. 79), MSH 4.1 and 2.2, ASCII and binary.
//!
//! Tetrahedra are taken in the order of the file, with the physical volumes that they belong to; elements of lower dimension
//! are passed over. Of tetrahedra of higher order the corners are taken: curved edges become straight, as in the linear mesh
//! that the same program makes of the same geometry.

mod binary;
mod draft;
mod error;
mod line;
mod msh2;
mod msh4;
mod writer;

use std::path::Path;

pub use error::{GmshError, MeshFileError};
pub use writer::Version;

use super::TetMesh;
use binary::Bytes;
use draft::Draft;
use line::Lines;

/// Metres in a micrometre: `mesh_scale` of a file in um.
pub const METRES_PER_UM: f64 = 1e-6;

/// Bytes within which a file says whether it is binary.
const LONGEST_FORMAT: usize = 4096;

impl TetMesh {
    /// Reads a Gmsh file. `mesh_scale` multiplies its coordinates to give metres (1e-6 for a file in um).
    ///
    /// # Errors
    /// [`MeshFileError`] that names the file and, where it can, the line.
    pub fn read_gmsh(path: &Path, mesh_scale: f64) -> Result<Self, MeshFileError> {
        let failed = |source: GmshError| MeshFileError { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(|error| failed(GmshError::Read(error)))?;
        let mesh = Self::parse_gmsh_bytes(&bytes, mesh_scale).map_err(failed)?;
        Ok(Self { file: Some(path.to_owned()), ..mesh })
    }

    /// Reads the bytes of a Gmsh file, text or binary. `mesh_scale` as in [`TetMesh::read_gmsh`].
    ///
    /// # Errors
    /// [`GmshError`].
    pub fn parse_gmsh_bytes(bytes: &[u8], mesh_scale: f64) -> Result<Self, GmshError> {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST_FORMAT)]);
        let format = text.split_once("$MeshFormat").and_then(|(_, rest)| rest.trim_start().lines().next());
        if format.and_then(|format| format.split_ascii_whitespace().nth(1)) != Some("1") {
            return Self::parse_gmsh(&String::from_utf8_lossy(bytes), mesh_scale);
        }
        check_scale(mesh_scale)?;
        let in_binary = |source| GmshError::InBinary { source: Box::new(source) };
        binary(bytes).map_err(in_binary)?.into_mesh(mesh_scale / METRES_PER_UM).map_err(in_binary)
    }

    /// Reads the text of a Gmsh file. `mesh_scale` as in [`TetMesh::read_gmsh`].
    ///
    /// # Errors
    /// [`GmshError`].
    pub fn parse_gmsh(text: &str, mesh_scale: f64) -> Result<Self, GmshError> {
        check_scale(mesh_scale)?;
        let mut lines = Lines::new(text);
        let mut draft = Draft::default();
        let mut format = None;
        while let Some(header) = lines.section()? {
            match (header.name, format) {
                ("MeshFormat", _) => format = Some(msh_format(&mut lines)?),
                ("PhysicalNames", _) => draft.physical_names(&mut lines)?,
                ("PartitionedEntities" | "GhostElements", _) => {
                    return Err(GmshError::Partitioned { line: header.line });
                }
                ("Entities" | "Nodes" | "ParametricNodes" | "Elements", None) => {
                    return Err(GmshError::NoFormat { line: header.line });
                }
                ("Entities", Some(Version::V4_1)) => msh4::entities(&mut lines, &mut draft)?,
                ("Nodes", Some(Version::V4_1)) => msh4::nodes(&mut lines, &mut draft)?,
                ("Elements", Some(Version::V4_1)) => msh4::elements(&mut lines, &mut draft)?,
                ("Nodes" | "ParametricNodes", Some(Version::V2_2)) => msh2::nodes(&mut lines, &mut draft)?,
                ("Elements", Some(Version::V2_2)) => msh2::elements(&mut lines, &mut draft)?,
                _ => {
                    lines.skip_to_end(&header)?;
                    continue;
                }
            }
            lines.end(&header)?;
        }
        draft.into_mesh(mesh_scale / METRES_PER_UM)
    }
}

/// The line after `$MeshFormat`: version, 0 for ASCII, size of a double.
fn msh_format(lines: &mut Lines<'_>) -> Result<Version, GmshError> {
    let mut fields = lines.fields("the version of the format")?;
    let line = fields.line();
    let known = known_version(fields.word("the version of the format")?, line)?;
    match fields.number::<u8>("0 (ASCII) or 1 (binary)")? {
        0 => Ok(known),
        _ => Err(GmshError::Binary { line }),
    }
}

fn known_version(version: &str, line: usize) -> Result<Version, GmshError> {
    match version {
        "4.1" => Ok(Version::V4_1),
        "2" | "2.0" | "2.1" | "2.2" => Ok(Version::V2_2),
        _ => Err(GmshError::UnknownVersion { line, version: version.to_owned() }),
    }
}

fn check_scale(mesh_scale: f64) -> Result<(), GmshError> {
    if mesh_scale.is_finite() && mesh_scale > 0.0 { Ok(()) } else { Err(GmshError::Scale { mesh_scale }) }
}

fn binary(bytes: &[u8]) -> Result<Draft, GmshError> {
    let mut bytes = Bytes::new(bytes);
    let mut draft = Draft::default();
    let mut format = None;
    loop {
        let position = bytes.position();
        let Some(line) = bytes.line() else { return Ok(draft) };
        if line.is_empty() {
            continue;
        }
        let name = line.strip_prefix('$').ok_or_else(|| GmshError::Unexpected {
            line: position,
            expected: "a section such as $Nodes",
            found: line.chars().take(40).collect(),
        })?;
        match (name, format) {
            ("MeshFormat", _) => {
                let line = bytes.line().unwrap_or_default();
                let version = line.split_ascii_whitespace().next().unwrap_or_default();
                format = Some(known_version(version, position)?);
                bytes.order_of_bytes()?;
                bytes.end(name)?;
            }
            ("PhysicalNames", _) => {
                let mut text = String::new();
                while let Some(line) = bytes.line().filter(|line| line != "$EndPhysicalNames") {
                    text.push_str(&line);
                    text.push('\n');
                }
                draft.physical_names(&mut Lines::new(&text))?;
            }
            ("PartitionedEntities" | "GhostElements", _) => return Err(GmshError::Partitioned { line: position }),
            ("Entities" | "Nodes" | "Elements", None) => return Err(GmshError::NoFormat { line: position }),
            (_, Some(version)) if bytes.section(name, version, &mut draft)? => bytes.end(name)?,
            _ => bytes.skip_to_end(name)?,
        }
    }
}
