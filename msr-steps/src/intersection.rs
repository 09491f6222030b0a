//! Which parts of straight segments lie in which tetrahedra.
//!
//! Each candidate tetrahedron clips the segment against the half-spaces of its four faces (Cyrus and Beck 1978, Comput.
//! Graph. 3). There is no walk from tetrahedron to tetrahedron that could lose its way: meshes may have holes, segments may
//! leave and come back. A piece in a common face, edge or vertex is shared equally by all tetrahedra that it touches.

mod cover;
mod grid;
mod halfspace;

use std::sync::Arc;

use rayon::prelude::*;

use crate::mesh::{TetMesh, difference, length};
use cover::Interval;
use grid::Grid;
use halfspace::HalfSpaces;

/// Pieces below this part of the segment are left out.
pub const NEGLIGIBLE: f64 = 1e-9;

/// Rounding of coordinates, in units in the last place of the largest coordinate, within which a point lies in a face.
const TOLERANCE_ULP: f64 = 64.0;

/// The part of a segment in one tetrahedron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// The tetrahedron.
    pub tet: u32,
    /// Length inside over length of the whole segment.
    pub fraction: f64,
}

/// Where a segment lies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pieces {
    /// Its pieces, by tetrahedron; none below [`NEGLIGIBLE`].
    pub pieces: Vec<Piece>,
    /// The fraction of its length that lies in no tetrahedron.
    pub uncovered: f64,
}

/// Finds tetrahedra by place.
#[derive(Debug, Clone)]
pub struct Intersector {
    mesh: Arc<TetMesh>,
    half_spaces: Vec<HalfSpaces>,
    grid: Grid,
    tolerance_um: f64,
}

impl Intersector {
    /// For this mesh.
    pub fn new(mesh: Arc<TetMesh>) -> Self {
        let bounds = mesh.bounds();
        let largest = bounds.lower_um.iter().chain(&bounds.upper_um).fold(0.0f64, |largest, x| largest.max(x.abs()));
        let tolerance_um = TOLERANCE_ULP * f64::EPSILON * largest;
        let half_spaces: Vec<HalfSpaces> = (0..mesh.len()).map(|tet| HalfSpaces::of(&mesh.corners_um(tet))).collect();
        let grid = Grid::new(&mesh, &half_spaces, tolerance_um);
        Self { mesh, half_spaces, grid, tolerance_um }
    }

    /// The mesh.
    pub fn mesh(&self) -> &Arc<TetMesh> {
        &self.mesh
    }

    /// Where the segment between two points (um) lies. One of length zero is a point, shared equally by the tetrahedra that
    /// contain it. A point that is not finite lies nowhere.
    pub fn intersect(&self, segment: [[f64; 3]; 2]) -> Pieces {
        let mut scratch = Scratch::default();
        self.intersect_with(segment, &mut scratch)
    }

    /// Where each segment lies, in parallel.
    pub fn intersect_all(&self, segments: &[[[f64; 3]; 2]]) -> Vec<Pieces> {
        // Along a curve through the grid: tetrahedra are then in the cache still when the next segment needs them.
        let mut order: Vec<(u32, u32)> =
            segments.iter().zip(0..).map(|(segment, place)| (self.grid.place_on_curve(segment[0]), place)).collect();
        order.par_sort_unstable();
        let placed: Vec<Pieces> = order
            .par_iter()
            .map_init(Scratch::default, |scratch, &(_, place)| self.intersect_with(segments[place as usize], scratch))
            .collect();
        let mut pieces = vec![Pieces::default(); segments.len()];
        order.iter().zip(placed).for_each(|(&(_, place), found)| pieces[place as usize] = found);
        pieces
    }

    /// The tetrahedra that contain a point (um), ascending: several where it lies in a common face, edge or vertex.
    pub fn containing(&self, point: [f64; 3]) -> Vec<u32> {
        self.intersect([point; 2]).pieces.iter().map(|piece| piece.tet).collect()
    }

    fn intersect_with(&self, segment: [[f64; 3]; 2], scratch: &mut Scratch) -> Pieces {
        let outside = Pieces { pieces: Vec::new(), uncovered: 1.0 };
        if segment.iter().flatten().any(|x| !x.is_finite()) {
            return outside;
        }
        let Scratch { intervals, cuts } = scratch;
        intervals.clear();
        let is_point = length(difference(segment[1], segment[0])) <= self.tolerance_um;
        self.grid.for_each_candidate(segment, |tet| {
            if let Some([from, to]) = self.half_spaces[tet as usize].clip(segment, self.tolerance_um) {
                if is_point {
                    intervals.push(Interval { tet, from: 0.0, to: 1.0 });
                } else if to > from {
                    intervals.push(Interval { tet, from, to });
                }
            }
        });
        if intervals.is_empty() {
            return outside;
        }
        cover::share(intervals, cuts)
    }
}

/// Memory used again from segment to segment.
#[derive(Default)]
struct Scratch {
    intervals: Vec<Interval>,
    cuts: Vec<f64>,
}
