//! The jump rates of a mesh.

use super::parts::Parts;
use crate::mesh::{OUTSIDE, TetMesh};

/// Jump rates of a species whose largest diffusion coefficient is 1 um2/s.
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
    held: Vec<bool>,
    parts: Parts,
}

impl JumpOperator {
    /// The rates between the tetrahedra that are `inside`, one flag for each tetrahedron of the mesh. All other faces
    /// are closed.
    ///
    /// # Panics
    /// Where there is not one flag for each tetrahedron.
    pub fn new(mesh: &TetMesh, inside: Vec<bool>) -> Self {
        let coefficient = |tet: usize, other: usize| f64::from(u8::from(inside[tet] && inside[other]));
        let held = vec![false; mesh.len()];
        Self::with_coefficients(mesh, coefficient, inside.clone(), held)
    }

    /// The rates for a diffusion coefficient that depends on the tetrahedra on the two sides of a face (the same for both
    /// directions; 0 where the face is closed). What is in a tetrahedron that is `held` does not change, whatever leaves it
    /// or comes.
    ///
    /// # Panics
    /// Where there is not one flag for each tetrahedron.
    pub fn with_coefficients(
        mesh: &TetMesh,
        coefficient: impl Fn(usize, usize) -> f64,
        inside: Vec<bool>,
        held: Vec<bool>,
    ) -> Self {
        assert_eq!([inside.len(), held.len()], [mesh.len(); 2], "one flag for each tetrahedron");
        let mut neighbours = Vec::with_capacity(mesh.len());
        let mut faces_back = Vec::with_capacity(mesh.len());
        let mut rates_per_um2 = Vec::with_capacity(mesh.len());
        for (tet, row) in mesh.neighbours().iter().enumerate() {
            let coefficients = row.map(|other| if other == OUTSIDE { 0.0 } else { coefficient(tet, other as usize) });
            let behind = |face: usize| if coefficients[face] > 0.0 { row[face] } else { tet as u32 };
            neighbours.push(std::array::from_fn(behind));
            faces_back.push(std::array::from_fn(|face| {
                let back = |other: &[u32; 4]| other.iter().position(|&behind| behind as usize == tet);
                if coefficients[face] > 0.0 {
                    back(&mesh.neighbours()[row[face] as usize]).map_or(0, |back| back as u8)
                } else {
                    0
                }
            }));
            rates_per_um2.push(std::array::from_fn(|face| {
                if coefficients[face] > 0.0 {
                    coefficients[face] * mesh.face_areas_um2()[tet][face]
                        / (mesh.volumes_um3()[tet] * mesh.barycentre_distances_um()[tet][face])
                } else {
                    0.0
                }
            }));
        }
        let total_rates_per_um2 = rates_per_um2.iter().map(|rates: &[f64; 4]| rates.iter().sum()).collect();
        let volumes_um3 = mesh.volumes_um3().to_vec();
        let parts = Parts::new(&neighbours);
        Self { neighbours, faces_back, rates_per_um2, total_rates_per_um2, volumes_um3, inside, held, parts }
    }

    /// The same with the tetrahedra in another order: `order` says which comes first, second, and so on.
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(new, &old)| place[old as usize] = new as u32);
        let neighbours = taken(order, &self.neighbours).into_iter();
        Self {
            neighbours: neighbours.map(|row| row.map(|old| place[old as usize])).collect(),
            faces_back: taken(order, &self.faces_back),
            rates_per_um2: taken(order, &self.rates_per_um2),
            total_rates_per_um2: taken(order, &self.total_rates_per_um2),
            volumes_um3: taken(order, &self.volumes_um3),
            inside: taken(order, &self.inside),
            held: taken(order, &self.held),
            parts: self.parts.reordered(order),
        }
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

    /// Whether what is in each tetrahedron is held.
    pub fn held(&self) -> &[bool] {
        &self.held
    }

    /// Parts of the mesh that no open face joins.
    pub(super) fn parts(&self) -> &Parts {
        &self.parts
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

fn taken<T: Copy>(order: &[u32], values: &[T]) -> Vec<T> {
    order.iter().map(|&old| values[old as usize]).collect()
}
