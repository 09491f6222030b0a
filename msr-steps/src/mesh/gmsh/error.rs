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
    /// A binary file.
    #[error("line {line}: the mesh is binary; save it as text (gmsh -bin 0, or Mesh.Binary = 0)")]
    Binary {
        /// Line of the file.
        line: usize,
    },
    /// A partitioned mesh.
    #[error("line {line}: the mesh is partitioned; save it in one part (gmsh -part 0, or Mesh.NbPartitions = 0)")]
    Partitioned {
        /// Line of the file.
        line: usize,
    },
    /// Curved tetrahedra.
    #[error(
        "line {line}: {nodes}-node tetrahedra (element type {element_type}) are not supported; save linear ones (gmsh -order 1)"
    )]
    HigherOrder {
        /// Line of the file.
        line: usize,
        /// Type number of the element.
        element_type: u32,
        /// Nodes of the element.
        nodes: u32,
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
