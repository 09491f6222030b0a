//! What can be wrong with a mesh.

/// A mesh that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MeshError {
    /// There is nothing in it.
    #[error("the mesh has no tetrahedra; mesh the volume, not only its surface")]
    Empty,
    /// A coordinate is NaN or infinite.
    #[error("vertex {vertex} (counted from 0) has a coordinate that is no finite number")]
    NotFinite {
        /// Position of the vertex.
        vertex: usize,
    },
    /// A tetrahedron names a vertex that is not there.
    #[error("tetrahedron {tet} has vertex {vertex}, but there are only {vertices} vertices (counted from 0)")]
    UnknownVertex {
        /// Position of the tetrahedron.
        tet: usize,
        /// The vertex it names.
        vertex: u32,
        /// Number of vertices.
        vertices: usize,
    },
    /// A compartment names a tetrahedron that is not there.
    #[error("compartment '{compartment}' has tetrahedron {tet}, but there are only {tetrahedra} (counted from 0)")]
    UnknownTetrahedron {
        /// Name of the compartment.
        compartment: String,
        /// The tetrahedron it names.
        tet: u32,
        /// Number of tetrahedra.
        tetrahedra: usize,
    },
    /// A flat tetrahedron.
    #[error(
        "tetrahedron {tet} is degenerate: volume {volume_um3:e} um3 with a longest edge of {longest_edge_um} um; mesh again with optimisation"
    )]
    Degenerate {
        /// Position of the tetrahedron.
        tet: usize,
        /// Its volume.
        volume_um3: f64,
        /// Its longest edge.
        longest_edge_um: f64,
    },
    /// More than two tetrahedra meet in one face.
    #[error("tetrahedra {}, {} and {} share one face; a face belongs to at most two: look for doubled elements", tets[0], tets[1], tets[2])]
    CrowdedFace {
        /// Three of the tetrahedra.
        tets: [usize; 3],
    },
    /// The mesh does not fit 32-bit indices.
    #[error("a mesh of {tetrahedra:e} tetrahedra is too large (at most 4e9); take longer edges")]
    TooMany {
        /// Number of tetrahedra.
        tetrahedra: f64,
    },
    /// More tetrahedra in a box than a machine can work with.
    #[error(
        "a mesh of {tetrahedra:.3e} tetrahedra is too large (at most {most:e}): its edges are {edge_um} um long and its box extends over {} x {} x {} um, from {lower_um:?} to {upper_um:?}; raise multiscale_run.preprocessor.mesh.base_length or lower refinement_steps, and see whether a neuron or vessel lies far away from all others",
        upper_um[0] - lower_um[0], upper_um[1] - lower_um[1], upper_um[2] - lower_um[2]
    )]
    TooFine {
        /// Number of tetrahedra it would have.
        tetrahedra: f64,
        /// Number of tetrahedra at most.
        most: f64,
        /// Length of the edges.
        edge_um: f64,
        /// Lower corner of the box.
        lower_um: [f64; 3],
        /// Upper corner of the box.
        upper_um: [f64; 3],
    },
    /// A box without an inside.
    #[error("the box from {lower_um:?} to {upper_um:?} um has no volume")]
    FlatBox {
        /// Lower corner.
        lower_um: [f64; 3],
        /// Upper corner.
        upper_um: [f64; 3],
    },
    /// An edge length that is no length.
    #[error("the edge length must be positive and finite, found {edge_um} um")]
    BadEdge {
        /// The length found.
        edge_um: f64,
    },
    /// A factor that would leave points outside.
    #[error("explode_factor must be at least 1, found {explode_factor}: the mesh would not contain the points")]
    BadExplodeFactor {
        /// The factor found.
        explode_factor: f64,
    },
    /// Nothing to build a mesh around.
    #[error("there are no points to build a mesh around")]
    NoPoints,
}

impl MeshError {
    /// The tetrahedron at fault, where there is one.
    pub fn tetrahedron(&self) -> Option<usize> {
        match self {
            Self::UnknownVertex { tet, .. } | Self::Degenerate { tet, .. } => Some(*tet),
            Self::CrowdedFace { tets } => Some(tets[2]),
            _ => None,
        }
    }
}
