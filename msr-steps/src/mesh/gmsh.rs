//! Mesh files of Gmsh (Geuzaine and Remacle 2009, Int. J. Numer. Methods Eng. 79), MSH 4.1 and 2.2, ASCII.
//!
//! Linear tetrahedra are taken in the order of the file, with the physical volumes that they belong to; elements of
//! lower dimension are passed over.

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
use draft::Draft;
use line::Lines;

/// Metres in a micrometre: `mesh_scale` of a file in um.
pub const METRES_PER_UM: f64 = 1e-6;

impl TetMesh {
    /// Reads a Gmsh file. `mesh_scale` multiplies its coordinates to give metres (1e-6 for a file in um).
    ///
    /// # Errors
    /// [`MeshFileError`] that names the file and, where it can, the line.
    pub fn read_gmsh(path: &Path, mesh_scale: f64) -> Result<Self, MeshFileError> {
        let failed = |source: GmshError| MeshFileError { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(|error| failed(GmshError::Read(error)))?;
        // A binary file is no valid text, but its first lines are, and they say so.
        let mesh = Self::parse_gmsh(&String::from_utf8_lossy(&bytes), mesh_scale).map_err(failed)?;
        Ok(Self { file: Some(path.to_owned()), ..mesh })
    }

    /// Reads the text of a Gmsh file. `mesh_scale` as in [`TetMesh::read_gmsh`].
    ///
    /// # Errors
    /// [`GmshError`].
    pub fn parse_gmsh(text: &str, mesh_scale: f64) -> Result<Self, GmshError> {
        if !(mesh_scale.is_finite() && mesh_scale > 0.0) {
            return Err(GmshError::Scale { mesh_scale });
        }
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
    let version = fields.word("the version of the format")?;
    let known = match version {
        "4.1" => Version::V4_1,
        "2" | "2.0" | "2.1" | "2.2" => Version::V2_2,
        _ => return Err(GmshError::UnknownVersion { line, version: version.to_owned() }),
    };
    match fields.number::<u8>("0 (ASCII) or 1 (binary)")? {
        0 => Ok(known),
        _ => Err(GmshError::Binary { line }),
    }
}
