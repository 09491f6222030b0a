//! The jump rates of a mesh.

use crate::mesh::{OUTSIDE, TetMesh};

/// Jump rates for a diffusion coefficient of 1 um2/s within one compartment of a mesh.
#[derive(Debug, Clone)]
pub struct JumpOperator {
    /// The neighbour behind each face; the tetrahedron itself where the face is closed.
    neighbours: Vec<[u32; 4]>,
    /// Which of the neighbour's faces leads back.
    faces_back: Vec<[u8; 4]>,
    rates_per_um2: Vec<[f64; 4]>,
    total_rates_per_um2: Vec<f64>,
    volumes_um3: Vec<f64>,
    inside: Vec<bool>,
}

impl JumpOperator {
    /// The rates between the tetrahedra that are `inside`, one flag for each tetrahedron of the mesh. All other faces
    /// are closed.
    ///
    /// # Panics
    /// Where there is not one flag for each tetrahedron.
    pub fn new(mesh: &TetMesh, inside: Vec<bool>) -> Self {
        assert_eq!(inside.len(), mesh.len(), "one flag for each tetrahedron");
        let mut neighbours = Vec::with_capacity(mesh.len());
        let mut faces_back = Vec::with_capacity(mesh.len());
        let mut rates_per_um2 = Vec::with_capacity(mesh.len());
        for (tet, row) in mesh.neighbours().iter().enumerate() {
            let open = row.map(|other| other != OUTSIDE && inside[tet] && inside[other as usize]);
            neighbours.push(std::array::from_fn(|face| if open[face] { row[face] } else { tet as u32 }));
            faces_back.push(std::array::from_fn(|face| {
                let back = |other: &[u32; 4]| other.iter().position(|&behind| behind as usize == tet);
                if open[face] { back(&mesh.neighbours()[row[face] as usize]).map_or(0, |back| back as u8) } else { 0 }
            }));
            rates_per_um2.push(std::array::from_fn(|face| {
                if open[face] {
                    mesh.face_areas_um2()[tet][face]
                        / (mesh.volumes_um3()[tet] * mesh.barycentre_distances_um()[tet][face])
                } else {
                    0.0
                }
            }));
        }
        let total_rates_per_um2 = rates_per_um2.iter().map(|rates: &[f64; 4]| rates.iter().sum()).collect();
        let volumes_um3 = mesh.volumes_um3().to_vec();
        Self { neighbours, faces_back, rates_per_um2, total_rates_per_um2, volumes_um3, inside }
    }

    /// Number of tetrahedra of the mesh.
    pub fn len(&self) -> usize {
        self.inside.len()
    }

    /// Never: a mesh has at least one tetrahedron.
    pub fn is_empty(&self) -> bool {
        self.inside.is_empty()
    }

    /// Whether each tetrahedron belongs to the compartment.
    pub fn inside(&self) -> &[bool] {
        &self.inside
    }

    /// Volume of each tetrahedron, in um3.
    pub fn volumes_um3(&self) -> &[f64] {
        &self.volumes_um3
    }

    /// The tetrahedron behind each face; the tetrahedron itself where the face is closed.
    pub fn neighbours(&self) -> &[[u32; 4]] {
        &self.neighbours
    }

    /// Which of the neighbour's faces leads back (0 where the face is closed).
    pub(super) fn faces_back(&self) -> &[[u8; 4]] {
        &self.faces_back
    }

    /// Jump rate over each face, in 1/um2 (times D in um2/s: in 1/s).
    pub fn rates_per_um2(&self) -> &[[f64; 4]] {
        &self.rates_per_um2
    }

    /// Rate of leaving each tetrahedron, in 1/um2.
    pub fn total_rates_per_um2(&self) -> &[f64] {
        &self.total_rates_per_um2
    }

    /// The largest rate of leaving, in 1/um2; 0 where no face is open.
    pub fn largest_rate_per_um2(&self) -> f64 {
        self.total_rates_per_um2.iter().copied().fold(0.0, f64::max)
    }
}
