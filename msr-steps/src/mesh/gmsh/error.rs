//! What can be wrong with a mesh file.

use std::path::PathBuf;

use crate::mesh::MeshError;

/// A mesh file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct MeshFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub source: GmshError,
}

/// What is wrong with the text of a Gmsh file.
#[derive(Debug, thiserror::Error)]
pub enum GmshError {
    /// The file cannot be read.
    #[error("cannot read the mesh: {0}")]
    Read(std::io::Error),
    /// `mesh_scale` is no scale.
    #[error("mesh_scale must be positive and finite, found {mesh_scale}; it is 1e-6 for a mesh in um")]
    Scale {
        /// The value found.
        mesh_scale: f64,
    },
    /// A version that is not read.
    #[error(
        "line {line}: MSH version {version} is not supported; save the mesh as MSH 4.1 or 2.2 (gmsh -format msh41)"
    )]
    UnknownVersion {
        /// Line of the file.
        line: usize,
        /// The version found.
        version: String,
    },
    /// A binary file where text was to be read.
    #[error("line {line}: the mesh is binary; read it as a file, or save it as text (gmsh -bin 0, or Mesh.Binary = 0)")]
    Binary {
        /// Line of the file.
        line: usize,
    },
    /// Something is wrong in a binary file.
    #[error("{source} (the file is binary: a line is a byte's position)")]
    InBinary {
        /// What is wrong.
        source: Box<GmshError>,
    },
    /// A binary file whose order of bytes is not shown.
    #[error("byte {position}: the integer 1 should follow the format of a binary file; is the file damaged?")]
    ByteOrder {
        /// Where it should stand.
        position: usize,
    },
    /// A binary file that is too short.
    #[error("the file ends at byte {position} where {expected} should follow; is it complete?")]
    EndedAt {
        /// Length of the file.
        position: usize,
        /// What should follow.
        expected: &'static str,
    },
    /// A number of things that the file cannot hold.
    #[error("byte {position}: {expected} cannot be {count}: the file is too short for it; is it damaged?")]
    BadCount {
        /// Where it stands.
        position: usize,
        /// What it counts.
        expected: &'static str,
        /// The number.
        count: u64,
    },
    /// No number of things where one should stand.
    #[error("byte {position}: expected {expected}, found '{found}'")]
    NoCount {
        /// Where it should stand.
        position: usize,
        /// What it counts.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A section of a binary file without its end.
    #[error(
        "byte {position}: $End{section} should follow; a count in this section is wrong, or the file is not complete"
    )]
    NoEnd {
        /// Where it should stand.
        position: usize,
        /// Name of the section.
        section: String,
    },
    /// Elements of unknown size.
    #[error("byte {position}: element type {element_type} is not known; save the mesh as text (gmsh -bin 0)")]
    UnknownElement {
        /// Where it stands.
        position: usize,
        /// Type number of the element.
        element_type: u32,
    },
    /// A partitioned mesh.
    #[error("line {line}: the mesh is partitioned; save it in one part (gmsh -part 0, or Mesh.NbPartitions = 0)")]
    Partitioned {
        /// Line of the file.
        line: usize,
    },
    /// Tetrahedra of an order above five, or without inner nodes.
    #[error(
        "line {line}: tetrahedra of element type {element_type} are not supported (orders 1 to 5 are); save linear ones (gmsh \
         -order 1)"
    )]
    HigherOrder {
        /// Line of the file.
        line: usize,
        /// Type number of the element.
        element_type: u32,
    },
    /// Volume elements that are no tetrahedra.
    #[error(
        "line {line}: {element} (element type {element_type}) are not supported; the volume must be meshed with tetrahedra"
    )]
    NotTetrahedra {
        /// Line of the file.
        line: usize,
        /// Type number of the element.
        element_type: u32,
        /// What they are.
        element: &'static str,
    },
    /// Data before `$MeshFormat`.
    #[error("line {line}: $MeshFormat must come first; is this a Gmsh mesh file?")]
    NoFormat {
        /// Line of the file.
        line: usize,
    },
    /// A section without its end.
    #[error("line {line}: ${section} has no $End{section}; is the file complete?")]
    Unclosed {
        /// Line where the section begins.
        line: usize,
        /// Its name.
        section: String,
    },
    /// Something else stands where the end of a section should.
    #[error("line {line}: expected $End{section}, found '{found}'; a count in this section is wrong")]
    Overfull {
        /// Line of the file.
        line: usize,
        /// Name of the section.
        section: String,
        /// What stands there.
        found: String,
    },
    /// Something else than expected stands in a line.
    #[error("line {line}: expected {expected}, found '{found}'")]
    Unexpected {
        /// Line of the file.
        line: usize,
        /// What should stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The file ends too early.
    #[error("the file ends after line {line} where {expected} should follow; is it complete?")]
    Ended {
        /// The last line.
        line: usize,
        /// What should follow.
        expected: &'static str,
    },
    /// A node defined twice.
    #[error("line {line}: node {node} is defined a second time")]
    DoubledNode {
        /// Line of the file.
        line: usize,
        /// Tag of the node.
        node: u64,
    },
    /// A node that is not defined.
    #[error("line {line}: node {node} is not defined in $Nodes")]
    UnknownNode {
        /// Line of the file.
        line: usize,
        /// Tag of the node.
        node: u64,
    },
    /// One tetrahedron is at fault.
    #[error("line {line}: {source}")]
    Tetrahedron {
        /// Line of the file.
        line: usize,
        /// What is wrong with it.
        source: MeshError,
    },
    /// The mesh as a whole is at fault.
    #[error(transparent)]
    Mesh(MeshError),
}
