//! Meshes of boxes on the body-centred cubic lattice.
//!
//! Between the centres of two neighbouring cells stand four tetrahedra, each on one edge of the common face. They are
//! disphenoids: barycentre and circumcentre fall together, so that the two-point flux over their faces is consistent
//! (Labelle and Shewchuk 2007, Isosurface stuffing, ACM Trans. Graph. 26, describe the lattice). On the box's surface, the
//! pyramid over each face of a cell is cut in two along a diagonal. All tetrahedra have the same volume.

use super::{Compartment, MeshError, TetMesh};

/// Tetrahedra for each cell: half of four on each inner face, two on each outer one.
const TETRAHEDRA_PER_CELL: f64 = 12.0;

/// Tetrahedra of a lattice at most: beyond, the mesh and its species need tens of gigabytes.
const MOST_TETRAHEDRA: f64 = 2e7;

impl TetMesh {
    /// A mesh of the box from `lower_um` to `upper_um` whose longest edges are at most `edge_um` long (the shorter
    /// ones have sqrt(3)/2 of that). All tetrahedra form one compartment of the given name.
    ///
    /// # Errors
    /// [`MeshError::FlatBox`], [`MeshError::BadEdge`], or [`MeshError::TooFine`] beyond 20 million tetrahedra.
    pub fn box_lattice(
        lower_um: [f64; 3],
        upper_um: [f64; 3],
        edge_um: f64,
        compartment: &str,
    ) -> Result<Self, MeshError> {
        if !(edge_um.is_finite() && edge_um > 0.0) {
            return Err(MeshError::BadEdge { edge_um });
        }
        let flat = |axis: usize| {
            let extent = upper_um[axis] - lower_um[axis];
            !(extent.is_finite() && extent > 0.0)
        };
        if (0..3).any(flat) {
            return Err(MeshError::FlatBox { lower_um, upper_um });
        }
        let cells = [0, 1, 2].map(|axis| {
            let length = (upper_um[axis] - lower_um[axis]) / edge_um;
            (length * (1.0 - f64::EPSILON)).ceil().max(1.0)
        });
        let tetrahedra = TETRAHEDRA_PER_CELL * cells[0] * cells[1] * cells[2];
        if tetrahedra > MOST_TETRAHEDRA {
            return Err(MeshError::TooFine { tetrahedra, most: MOST_TETRAHEDRA, edge_um, lower_um, upper_um });
        }
        let lattice = Lattice::new(lower_um, upper_um, cells.map(|count| count as usize));
        let compartment = Compartment {
            name: compartment.to_owned(),
            tag: 1,
            tetrahedra: (0..lattice.tetrahedra.len() as u32).collect(),
        };
        Self::new(lattice.vertices_um, lattice.tetrahedra, vec![compartment])
    }
}

struct Lattice {
    lower_um: [f64; 3],
    upper_um: [f64; 3],
    cells: [usize; 3],
    vertices_um: Vec<[f64; 3]>,
    tetrahedra: Vec<[u32; 4]>,
}

impl Lattice {
    fn new(lower_um: [f64; 3], upper_um: [f64; 3], cells: [usize; 3]) -> Self {
        let mut lattice = Self { lower_um, upper_um, cells, vertices_um: Vec::new(), tetrahedra: Vec::new() };
        let [nx, ny, nz] = cells;
        for_each_cell([nx + 1, ny + 1, nz + 1], |corner| {
            lattice.vertices_um.push(lattice.point(corner.map(|index| 2 * index)));
        });
        for_each_cell(cells, |cell| {
            lattice.vertices_um.push(lattice.point(cell.map(|index| 2 * index + 1)));
        });
        for_each_cell(cells, |cell| {
            for axis in 0..3 {
                if cell[axis] == 0 {
                    lattice.on_face(cell, axis, 0);
                }
                lattice.on_face(cell, axis, 1);
            }
        });
        lattice
    }

    /// The point at these half-cell coordinates; box corners are met exactly.
    fn point(&self, halves: [usize; 3]) -> [f64; 3] {
        std::array::from_fn(|axis| {
            let part = halves[axis] as f64 / (2 * self.cells[axis]) as f64;
            self.lower_um[axis] * (1.0 - part) + self.upper_um[axis] * part
        })
    }

    /// The tetrahedra on a cell's lower (`side` 0) or upper (1) face: four around the line to the next cell's centre, or two
    /// on the surface of the box.
    fn on_face(&mut self, cell: [usize; 3], axis: usize, side: usize) {
        let [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
        let ring = [[0, 0], [1, 0], [1, 1], [0, 1]].map(|[du, dv]| {
            let mut corner = cell;
            corner[axis] += side;
            corner[u] += du;
            corner[v] += dv;
            self.corner(corner)
        });
        let centre = self.centre(cell);
        let mut next = cell;
        next[axis] += 1;
        if side == 1 && next[axis] < self.cells[axis] {
            let other = self.centre(next);
            self.tetrahedra.extend((0..4).map(|edge| [centre, other, ring[edge], ring[(edge + 1) % 4]]));
        } else {
            // Diagonals alternate, so that none is the direction of the surface.
            let from = (cell[u] + cell[v]) % 2;
            self.tetrahedra
                .extend([1, 2].map(|edge| [centre, ring[from], ring[from + edge], ring[(from + edge + 1) % 4]]));
        }
    }

    fn corner(&self, [i, j, k]: [usize; 3]) -> u32 {
        let [nx, ny, _] = self.cells;
        (i + (nx + 1) * (j + (ny + 1) * k)) as u32
    }

    fn centre(&self, [i, j, k]: [usize; 3]) -> u32 {
        let [nx, ny, nz] = self.cells;
        let corners = (nx + 1) * (ny + 1) * (nz + 1);
        (corners + i + nx * (j + ny * k)) as u32
    }
}

fn for_each_cell([nx, ny, nz]: [usize; 3], mut visit: impl FnMut([usize; 3])) {
    for k in 0..nz {
        for j in 0..ny {
            for i in 0..nx {
                visit([i, j, k]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_the_box_and_closes_its_surface() {
        let mesh = TetMesh::box_lattice([-1.0, 0.0, 2.0], [5.0, 4.0, 5.0], 1.1, "extra").unwrap();
        // ceil(6/1.1), ceil(4/1.1), ceil(3/1.1) cells.
        let [nx, ny, nz] = [6, 4, 3];
        assert_eq!(mesh.len(), 12 * nx * ny * nz);
        let volume_um3 = 72.0 / mesh.len() as f64;
        assert!(mesh.volumes_um3().iter().all(|volume| (volume / volume_um3 - 1.0).abs() < 1e-12));
        assert!((mesh.volume_um3() - 72.0).abs() < 1e-11, "{}", mesh.volume_um3());
        let surface_um2: f64 = mesh
            .neighbours()
            .iter()
            .zip(mesh.face_areas_um2())
            .flat_map(|(neighbours, areas)| {
                neighbours.iter().zip(areas).filter(|(n, _)| **n == super::super::OUTSIDE).map(|(_, area)| *area)
            })
            .sum();
        assert!((surface_um2 - 2.0 * (24.0 + 12.0 + 18.0)).abs() < 1e-11, "{surface_um2}");
        assert_eq!(mesh.bounds().lower_um, [-1.0, 0.0, 2.0]);
        assert_eq!(mesh.bounds().upper_um, [5.0, 4.0, 5.0]);
    }

    #[test]
    fn interior_faces_are_orthogonal_to_the_lines_of_barycentres() {
        let mesh = TetMesh::box_lattice([0.0; 3], [5.0; 3], 1.0, "extra").unwrap();
        let inside = |tet: u32| !mesh.neighbours()[tet as usize].contains(&super::super::OUTSIDE);
        let mut checked = 0;
        for face in mesh.interior_faces().filter(|face| face.tets.iter().all(|&tet| inside(tet))) {
            // Disphenoids of a cell of edge 1: face area sqrt(2)/4, barycentres sqrt(2)/4 apart.
            assert!((face.area_um2 - 2f64.sqrt() / 4.0).abs() < 1e-12);
            assert!((face.barycentre_distance_um - 2f64.sqrt() / 4.0).abs() < 1e-12);
            checked += 1;
        }
        assert!(checked > 1000, "{checked}");
    }

    #[test]
    fn impossible_boxes_are_refused() {
        let build = |upper, edge| TetMesh::box_lattice([0.0; 3], upper, edge, "extra");
        assert!(matches!(build([1.0, 0.0, 1.0], 1.0), Err(MeshError::FlatBox { .. })));
        assert!(matches!(build([1.0; 3], 0.0), Err(MeshError::BadEdge { .. })));
        assert!(matches!(build([1.0; 3], f64::NAN), Err(MeshError::BadEdge { .. })));
    }

    #[test]
    fn boxes_with_too_many_tetrahedra_are_refused_before_they_are_built() {
        let refused = |upper, edge| TetMesh::box_lattice([0.0; 3], upper, edge, "extra").unwrap_err();
        // 2 * 2 * 500000 cells of 12: one coordinate far away.
        let error = refused([10.0, 10.0, 2.5e6], 5.0);
        assert!(matches!(error, MeshError::TooFine { tetrahedra: 2.4e7, edge_um: 5.0, .. }), "{error}");
        let text = error.to_string();
        let facts = ["2.400e7", "2e7", "5 um", "10 x 10 x 2500000 um", "mesh.base_length", "refinement_steps"];
        assert!(facts.iter().all(|fact| text.contains(fact)), "{text}");
        assert!(matches!(refused([1e300; 3], 1e-300), MeshError::TooFine { tetrahedra: f64::INFINITY, .. }));
    }
}
