//! Tetrahedral meshes: vertices, volumes, faces, neighbours and named compartments.

mod around;
mod bounds;
mod error;
mod faces;
pub mod gmsh;
mod lattice;
mod order;
mod quality;
mod vtu;

pub use around::Surrounding;
pub use bounds::Bounds;
pub use error::MeshError;
pub use faces::{Face, OUTSIDE};
pub use quality::Quality;
pub use vtu::CellData;

use std::path::{Path, PathBuf};

use faces::Faces;

/// A tetrahedron is degenerate where six times its volume is less than this part of its longest edge cubed (a regular
/// one has 0.71). Below, the rounding of the coordinates decides the sign of the volume.
const DEGENERATE: f64 = 1e-10;

/// A conforming mesh of linear tetrahedra, in um. The tetrahedra keep the order in which they were given.
#[derive(Debug, Clone, PartialEq)]
pub struct TetMesh {
    vertices_um: Vec<[f64; 3]>,
    tetrahedra: Vec<[u32; 4]>,
    compartments: Vec<Compartment>,
    volumes_um3: Vec<f64>,
    barycentres_um: Vec<[f64; 3]>,
    faces: Faces,
    bounds: Bounds,
    file: Option<PathBuf>,
}

/// A named part of a mesh (a physical volume of Gmsh).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compartment {
    /// Its name; the tag as text where the file gives none.
    pub name: String,
    /// Its physical tag.
    pub tag: i64,
    /// Its tetrahedra, ascending.
    pub tetrahedra: Vec<u32>,
}

impl TetMesh {
    /// A mesh of these tetrahedra; `vertices_um` in um. Tetrahedra with negative orientation are turned by exchanging
    /// their last two vertices.
    ///
    /// # Errors
    /// [`MeshError`] where there is no tetrahedron, a vertex is absent or not finite, a tetrahedron is degenerate, or
    /// more than two share a face.
    pub fn new(
        vertices_um: Vec<[f64; 3]>,
        mut tetrahedra: Vec<[u32; 4]>,
        mut compartments: Vec<Compartment>,
    ) -> Result<Self, MeshError> {
        if tetrahedra.is_empty() {
            return Err(MeshError::Empty);
        }
        if u32::try_from(tetrahedra.len()).is_err() || u32::try_from(vertices_um.len()).is_err() {
            return Err(MeshError::TooMany { tetrahedra: tetrahedra.len() as f64 });
        }
        if let Some(vertex) = vertices_um.iter().position(|vertex| vertex.iter().any(|x| !x.is_finite())) {
            return Err(MeshError::NotFinite { vertex });
        }
        let mut volumes_um3 = Vec::with_capacity(tetrahedra.len());
        let mut barycentres_um = Vec::with_capacity(tetrahedra.len());
        for (tet, corners) in tetrahedra.iter_mut().enumerate() {
            if let Some(&vertex) = corners.iter().find(|&&vertex| vertex as usize >= vertices_um.len()) {
                return Err(MeshError::UnknownVertex { tet, vertex, vertices: vertices_um.len() });
            }
            let points = corners.map(|vertex| vertices_um[vertex as usize]);
            let signed_um3 = signed_volume(&points);
            let longest_um = longest_edge(&points);
            if 6.0 * signed_um3.abs() <= DEGENERATE * longest_um.powi(3) {
                return Err(MeshError::Degenerate { tet, volume_um3: signed_um3.abs(), longest_edge_um: longest_um });
            }
            if signed_um3 < 0.0 {
                corners.swap(2, 3);
            }
            // From the corners as they are kept, so that a mesh written and read again has the same bits.
            let points = corners.map(|vertex| vertices_um[vertex as usize]);
            volumes_um3.push(signed_volume(&points));
            barycentres_um.push(barycentre(&points));
        }
        for compartment in &mut compartments {
            compartment.tetrahedra.sort_unstable();
            compartment.tetrahedra.dedup();
            if let Some(&tet) = compartment.tetrahedra.last().filter(|&&tet| tet as usize >= tetrahedra.len()) {
                return Err(MeshError::UnknownTetrahedron {
                    compartment: compartment.name.clone(),
                    tet,
                    tetrahedra: tetrahedra.len(),
                });
            }
        }
        let faces = Faces::new(&vertices_um, &tetrahedra, &barycentres_um)?;
        let corners = tetrahedra.iter().flatten().map(|&vertex| vertices_um[vertex as usize]);
        let bounds = Bounds::of(corners).ok_or(MeshError::Empty)?;
        Ok(Self { vertices_um, tetrahedra, compartments, volumes_um3, barycentres_um, faces, bounds, file: None })
    }

    /// The file that it was read from, where it was.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Number of tetrahedra.
    pub fn len(&self) -> usize {
        self.tetrahedra.len()
    }

    /// Never: a mesh has at least one tetrahedron.
    pub fn is_empty(&self) -> bool {
        self.tetrahedra.is_empty()
    }

    /// Coordinates of the vertices, in um.
    pub fn vertices_um(&self) -> &[[f64; 3]] {
        &self.vertices_um
    }

    /// The vertices of each tetrahedron, positively oriented.
    pub fn tetrahedra(&self) -> &[[u32; 4]] {
        &self.tetrahedra
    }

    /// The corners of one tetrahedron, in um.
    pub fn corners_um(&self, tet: usize) -> [[f64; 3]; 4] {
        self.tetrahedra[tet].map(|vertex| self.vertices_um[vertex as usize])
    }

    /// Named parts, in the order of their tags.
    pub fn compartments(&self) -> &[Compartment] {
        &self.compartments
    }

    /// Volume of each tetrahedron, in um3.
    pub fn volumes_um3(&self) -> &[f64] {
        &self.volumes_um3
    }

    /// Barycentre (mean of the corners) of each tetrahedron, in um.
    pub fn barycentres_um(&self) -> &[[f64; 3]] {
        &self.barycentres_um
    }

    /// The tetrahedron behind each face of each tetrahedron, [`OUTSIDE`] where there is none. Face `k` lies opposite
    /// to corner `k`.
    pub fn neighbours(&self) -> &[[u32; 4]] {
        &self.faces.neighbours
    }

    /// Area of each face of each tetrahedron, in um2.
    pub fn face_areas_um2(&self) -> &[[f64; 4]] {
        &self.faces.areas_um2
    }

    /// Distance from each tetrahedron's barycentre to that of the neighbour behind each face, in um; infinite where
    /// there is none.
    pub fn barycentre_distances_um(&self) -> &[[f64; 4]] {
        &self.faces.distances_um
    }

    /// The faces between two tetrahedra, by the lower tetrahedron, then by its face.
    pub fn interior_faces(&self) -> impl Iterator<Item = Face> + '_ {
        self.faces.interior()
    }

    /// The box around all tetrahedra.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// The sum of all volumes, in um3.
    pub fn volume_um3(&self) -> f64 {
        self.volumes_um3.iter().sum()
    }
}

/// A sixth of the determinant of the three edges from the first corner.
fn signed_volume(corners: &[[f64; 3]; 4]) -> f64 {
    let [a, b, c] = [1, 2, 3].map(|corner| difference(corners[corner], corners[0]));
    dot(a, cross(b, c)) / 6.0
}

fn longest_edge(corners: &[[f64; 3]; 4]) -> f64 {
    let mut longest: f64 = 0.0;
    for (first, &from) in corners.iter().enumerate() {
        for &to in &corners[first + 1..] {
            longest = longest.max(length(difference(to, from)));
        }
    }
    longest
}

fn barycentre(corners: &[[f64; 3]; 4]) -> [f64; 3] {
    std::array::from_fn(|axis| corners.iter().map(|corner| corner[axis]).sum::<f64>() / 4.0)
}

pub(crate) fn difference(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub(crate) fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub(crate) fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub(crate) fn length(a: [f64; 3]) -> f64 {
    dot(a, a).sqrt()
}
