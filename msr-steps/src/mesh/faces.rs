//! Faces: which tetrahedra touch, over which area, at which distance.

use super::{MeshError, cross, difference, length};

/// In place of a neighbour: the face lies on the surface of the mesh.
pub const OUTSIDE: u32 = u32::MAX;

/// A face between two tetrahedra.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// The tetrahedra on its sides, ascending.
    pub tets: [u32; 2],
    /// Its area.
    pub area_um2: f64,
    /// Distance of the two barycentres.
    pub barycentre_distance_um: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Faces {
    pub(super) neighbours: Vec<[u32; 4]>,
    pub(super) areas_um2: Vec<[f64; 4]>,
    pub(super) distances_um: Vec<[f64; 4]>,
}

impl Faces {
    pub(super) fn new(
        vertices_um: &[[f64; 3]],
        tetrahedra: &[[u32; 4]],
        barycentres_um: &[[f64; 3]],
    ) -> Result<Self, MeshError> {
        let mut sides: Vec<([u32; 3], u32, u8)> = Vec::with_capacity(4 * tetrahedra.len());
        for (tet, corners) in tetrahedra.iter().enumerate() {
            for face in 0..4u8 {
                let mut triangle = [1, 2, 3].map(|offset| corners[(usize::from(face) + offset) % 4]);
                // One order for both sides: the area has the same bits seen from either tetrahedron.
                triangle.sort_unstable();
                sides.push((triangle, tet as u32, face));
            }
        }
        sides.sort_unstable();

        let mut faces = Self {
            neighbours: vec![[OUTSIDE; 4]; tetrahedra.len()],
            areas_um2: vec![[0.0; 4]; tetrahedra.len()],
            distances_um: vec![[f64::INFINITY; 4]; tetrahedra.len()],
        };
        for group in sides.chunk_by(|a, b| a.0 == b.0) {
            if group.len() > 2 {
                return Err(MeshError::CrowdedFace { tets: [0, 1, 2].map(|side| group[side].1 as usize) });
            }
            let [a, b, c] = group[0].0.map(|vertex| vertices_um[vertex as usize]);
            let area_um2 = 0.5 * length(cross(difference(b, a), difference(c, a)));
            for &(_, tet, face) in group {
                faces.areas_um2[tet as usize][usize::from(face)] = area_um2;
            }
            if let &[(_, i, face_i), (_, j, face_j)] = group {
                let distance_um = length(difference(barycentres_um[i as usize], barycentres_um[j as usize]));
                for (tet, face, neighbour) in [(i, face_i, j), (j, face_j, i)] {
                    faces.neighbours[tet as usize][usize::from(face)] = neighbour;
                    faces.distances_um[tet as usize][usize::from(face)] = distance_um;
                }
            }
        }
        Ok(faces)
    }

    pub(super) fn interior(&self) -> impl Iterator<Item = Face> + '_ {
        self.neighbours.iter().enumerate().flat_map(move |(tet, neighbours)| {
            (0..4).filter(move |&face| neighbours[face] != OUTSIDE && neighbours[face] > tet as u32).map(move |face| {
                Face {
                    tets: [tet as u32, neighbours[face]],
                    area_um2: self.areas_um2[tet][face],
                    barycentre_distance_um: self.distances_um[tet][face],
                }
            })
        })
    }
}
