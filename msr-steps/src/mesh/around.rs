//! A box mesh around everything that must lie inside.

use serde::{Deserialize, Serialize};

use super::{Bounds, MeshError, TetMesh};

/// Factor that the original preprocessor hands to Gmsh as `Mesh.CharacteristicLengthFactor`: tetrahedra have edges of ten
/// times `base_length` before refinement. Kept, so that a given configuration leads to a mesh as fine as before.
const CHARACTERISTIC_LENGTH_FACTOR: f64 = 10.0;

/// An extent below this part of the edge length counts as none (points in a plane or on a line).
const FLAT: f64 = 1e-6;

/// How to lay a mesh around points: the keys of `preprocessor.mesh`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Surrounding {
    /// Factor by which the box is blown up about the mean of the points; at least 1.
    pub explode_factor: f64,
    /// A tenth of the edge length before refinement, in um.
    pub base_length_um: f64,
    /// How many times the edges are halved (each time, there are about eight times as many tetrahedra).
    pub refinement_steps: u32,
}

impl Surrounding {
    /// Target length of the edges, in um.
    pub fn edge_um(&self) -> f64 {
        self.base_length_um * CHARACTERISTIC_LENGTH_FACTOR * 0.5f64.powf(f64::from(self.refinement_steps))
    }

    /// The box around `points_um`, blown up. Where the points have no extent in a direction, it is one edge long.
    ///
    /// # Errors
    /// [`MeshError::NoPoints`], [`MeshError::NotFinite`], [`MeshError::BadExplodeFactor`] or [`MeshError::BadEdge`].
    pub fn bounds(&self, points_um: &[[f64; 3]]) -> Result<Bounds, MeshError> {
        if !(self.explode_factor.is_finite() && self.explode_factor >= 1.0) {
            return Err(MeshError::BadExplodeFactor { explode_factor: self.explode_factor });
        }
        let edge_um = self.edge_um();
        if !(edge_um.is_finite() && edge_um > 0.0) {
            return Err(MeshError::BadEdge { edge_um });
        }
        if let Some(vertex) = points_um.iter().position(|point| point.iter().any(|x| !x.is_finite())) {
            return Err(MeshError::NotFinite { vertex });
        }
        let mut bounds = Bounds::of(points_um.iter().copied()).ok_or(MeshError::NoPoints)?;
        for axis in 0..3 {
            let mean = points_um.iter().map(|point| point[axis]).sum::<f64>() / points_um.len() as f64;
            let [lower, upper] = [&mut bounds.lower_um[axis], &mut bounds.upper_um[axis]];
            *lower = mean + self.explode_factor * (*lower - mean);
            *upper = mean + self.explode_factor * (*upper - mean);
            if *upper - *lower < FLAT * edge_um {
                *lower -= 0.5 * edge_um;
                *upper += 0.5 * edge_um;
            }
        }
        Ok(bounds)
    }
}

impl TetMesh {
    /// A mesh of the box around all `points_um` (of neurons and vessels), as the original preprocessor lays it. All
    /// tetrahedra form one compartment of the given name.
    ///
    /// # Errors
    /// As [`Surrounding::bounds`] and [`TetMesh::box_lattice`].
    pub fn around(points_um: &[[f64; 3]], surrounding: &Surrounding, compartment: &str) -> Result<Self, MeshError> {
        let bounds = surrounding.bounds(points_um)?;
        Self::box_lattice(bounds.lower_um, bounds.upper_um, surrounding.edge_um(), compartment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURROUNDING: Surrounding = Surrounding { explode_factor: 1.5, base_length_um: 10.0, refinement_steps: 1 };

    #[test]
    fn the_box_is_blown_up_about_the_mean() {
        // Mean x is 25, not the middle of the box.
        let points = [[0.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 20.0], [100.0, 10.0, 20.0]];
        let bounds = SURROUNDING.bounds(&points).unwrap();
        assert_eq!(bounds.lower_um, [-12.5, -2.5, -5.0]);
        assert_eq!(bounds.upper_um, [137.5, 12.5, 25.0]);
    }

    #[test]
    fn refinement_halves_the_edges() {
        assert_eq!(SURROUNDING.edge_um(), 50.0);
        assert_eq!(Surrounding { refinement_steps: 3, ..SURROUNDING }.edge_um(), 12.5);
        let points = [[0.0; 3], [200.0; 3]];
        let sizes = [1, 2].map(|refinement_steps| {
            TetMesh::around(&points, &Surrounding { refinement_steps, ..SURROUNDING }, "extra").unwrap().len() as f64
        });
        assert!((sizes[1] / sizes[0] - 8.0).abs() < 1.5, "{sizes:?}");
    }

    #[test]
    fn points_on_a_line_get_a_box() {
        let mesh = TetMesh::around(&[[0.0, 1.0, 1.0], [300.0, 1.0, 1.0]], &SURROUNDING, "extra").unwrap();
        assert_eq!(mesh.bounds().lower_um[1..], [-24.0, -24.0]);
        assert_eq!(mesh.bounds().upper_um[1..], [26.0, 26.0]);
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(SURROUNDING.bounds(&[]), Err(MeshError::NoPoints));
        assert_eq!(SURROUNDING.bounds(&[[f64::NAN; 3]]), Err(MeshError::NotFinite { vertex: 0 }));
        let shrunk = Surrounding { explode_factor: 0.9, ..SURROUNDING };
        assert_eq!(shrunk.bounds(&[[0.0; 3]]), Err(MeshError::BadExplodeFactor { explode_factor: 0.9 }));
    }
}
