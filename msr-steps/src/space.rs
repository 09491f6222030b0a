//! The space of tetrahedra, and how other spaces lie in it.
//!
//! The mesh stands between neurons and vessels even where nothing diffuses on it: [`TetrahedralSpace`] gives space and
//! mappings without a simulator.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use msr_coupling::space::{SEGMENTS, TETRAHEDRA};
use msr_coupling::{Address, Coverage, Geography, Geometry, Mapping, MappingInputs, SimulatorError, Space};
use rayon::prelude::*;
use sprs::CsMat;

use crate::intersection::{Intersector, Pieces};
use crate::mesh::{Bounds, TetMesh};

/// Version of what [`TetrahedralSpace::place`] gives: to be raised when any bit of it becomes another.
const PLACEMENT_VERSION: u32 = 1;

/// The tetrahedra of a mesh as a [`Space`].
#[derive(Debug, Clone)]
pub struct TetrahedralSpace {
    intersector: Intersector,
}

impl TetrahedralSpace {
    /// Of this mesh.
    pub fn new(mesh: Arc<TetMesh>) -> Self {
        Self { intersector: Intersector::new(mesh) }
    }

    /// The mesh.
    pub fn mesh(&self) -> &Arc<TetMesh> {
        self.intersector.mesh()
    }

    /// The space [`TETRAHEDRA`]: ids in the order of the file, volumes (um3) as sizes, barycentres (um) as points, one
    /// subset for each compartment.
    pub fn space(&self) -> Space {
        let mesh = self.mesh();
        let ids: Vec<u64> = (0..mesh.len() as u64).collect();
        Space {
            name: TETRAHEDRA.to_owned(),
            sizes: mesh.volumes_um3().to_vec(),
            geometry: Geometry::Points(mesh.barycentres_um().to_vec()),
            population: None,
            addresses: ids.iter().map(|&node| Address { node, element: 0 }).collect(),
            subsets: mesh
                .compartments()
                .iter()
                .map(|part| (part.name.clone(), part.tetrahedra.iter().map(|&tet| tet as usize).collect()))
                .collect(),
            ids,
        }
    }

    /// How the elements of `space` lie in the tetrahedra: lines by length, points wholly in the tetrahedron that contains
    /// them (shared equally on common faces). `None` where the space has no geometry or is that of the tetrahedra.
    ///
    /// Elements with a coordinate that is not finite are nowhere: their row is empty, and they do not count as outside.
    ///
    /// # Errors
    /// [`SegmentsOutside`] where neurons' segments lie wholly outside: their currents would be lost.
    pub fn place(&self, space: &Space) -> Result<Option<(Mapping, Coverage)>, Box<SegmentsOutside>> {
        let placed: Vec<Pieces> = match &space.geometry {
            _ if space.name == TETRAHEDRA => return Ok(None),
            Geometry::Abstract => return Ok(None),
            Geometry::Lines(lines) => self.intersector.intersect_all(lines),
            Geometry::Points(points) => {
                self.intersector.intersect_all(&points.par_iter().map(|&p| [p; 2]).collect::<Vec<_>>())
            }
        };
        let mut starts = Vec::with_capacity(placed.len() + 1);
        starts.push(0);
        let mut tets = Vec::new();
        let mut fractions = Vec::new();
        for row in &placed {
            tets.extend(row.pieces.iter().map(|piece| piece.tet as usize));
            fractions.extend(row.pieces.iter().map(|piece| piece.fraction));
            starts.push(tets.len());
        }
        let fractions = CsMat::new((placed.len(), self.mesh().len()), starts, tets, fractions);
        let mapping = Mapping { from: space.name.clone(), to: TETRAHEDRA.to_owned(), fractions };
        let coverage = Coverage::of(&mapping, space);
        if coverage.outside > 0 && space.name == SEGMENTS {
            return Err(Box::new(SegmentsOutside {
                outside: coverage.outside,
                segments: space.len(),
                mesh_file: self.mesh().file().map(Path::to_owned),
                mesh: *self.mesh().bounds(),
                segment_bounds: extent(space),
            }));
        }
        Ok(Some((mapping, coverage)))
    }

    /// What [`place`](Self::place) computes from besides a space: the mesh.
    pub fn inputs(&self) -> MappingInputs {
        let mesh = self.mesh();
        let mut inputs = MappingInputs::new(TETRAHEDRA, PLACEMENT_VERSION);
        let digest = inputs.digest();
        digest.integer(mesh.len() as u64);
        for corner in (0..mesh.len()).flat_map(|tet| mesh.corners_um(tet)).flatten() {
            digest.number(corner);
        }
        inputs
    }

    /// The mappings of all `spaces` that have a place, and how far the mesh covers each.
    ///
    /// # Errors
    /// As [`TetrahedralSpace::place`].
    pub fn place_all(&self, spaces: &[Space]) -> Result<(Vec<Mapping>, Vec<Coverage>), Box<SegmentsOutside>> {
        let placed = spaces.iter().map(|space| self.place(space)).collect::<Result<Vec<_>, _>>()?;
        Ok(placed.into_iter().flatten().unzip())
    }
}

impl Geography for TetrahedralSpace {
    fn spaces(&self) -> Vec<Space> {
        vec![self.space()]
    }

    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        self.place_all(spaces).map(|(mappings, _)| mappings).map_err(|error| SimulatorError::failed(TETRAHEDRA, error))
    }

    fn mapping_inputs(&self) -> Option<MappingInputs> {
        Some(self.inputs())
    }
}

/// The box around a space's elements, leaving out those that are nowhere.
fn extent(space: &Space) -> Option<Bounds> {
    let finite = |point: &[f64; 3]| point.iter().all(|x| x.is_finite());
    match &space.geometry {
        Geometry::Abstract => None,
        Geometry::Points(points) => Bounds::of(points.iter().copied().filter(finite)),
        Geometry::Lines(lines) => Bounds::of(lines.iter().flatten().copied().filter(finite)),
    }
}

/// A mesh that does not contain the neurons.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{outside} of {segments} neuron segments lie wholly outside the mesh{}. The mesh spans {mesh}, the segments {}; \
     give a mesh_path whose mesh contains all neurons (and the mesh_scale of its unit), or remove mesh_path to have one made",
    mesh_file.as_ref().map(|file| format!(" of {}", file.display())).unwrap_or_default(),
    segment_bounds.map_or_else(|| "nothing".to_owned(), |bounds| bounds.to_string())
)]
pub struct SegmentsOutside {
    /// Segments wholly outside.
    pub outside: usize,
    /// All segments.
    pub segments: usize,
    /// The file of the mesh, where it was read from one.
    pub mesh_file: Option<PathBuf>,
    /// The box around the mesh.
    pub mesh: Bounds,
    /// The box around the segments.
    pub segment_bounds: Option<Bounds>,
}

#[cfg(test)]
mod tests {
    use msr_coupling::Digest;

    use super::*;

    /// Where this fails, mappings that were kept on disk are no longer what is computed: raise [`PLACEMENT_VERSION`] with the
    /// digest.
    #[test]
    fn the_version_is_that_of_the_bits() {
        let mesh = TetMesh::box_lattice([0.0; 3], [100.0, 60.0, 80.0], 10.0, "extra").unwrap();
        let mut number = 1_u64;
        let mut coordinate = || {
            // Knuth (1997), The Art of Computer Programming 2, 3.3.4, table 1, line 26.
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (number >> 11) as f64 / (1_u64 << 53) as f64 * 120.0 - 10.0
        };
        let lines =
            (0..200).map(|_| [[coordinate(), coordinate(), coordinate()], [coordinate(), coordinate(), coordinate()]]);
        let vessels = Space {
            geometry: Geometry::Lines(lines.collect()),
            ..Space::of_nodes("vessel_segments", None, (0..200).collect())
        };
        let (mapping, _) = TetrahedralSpace::new(Arc::new(mesh)).place(&vessels).unwrap().unwrap();
        let mut digest = Digest::default();
        for (&fraction, (row, column)) in &mapping.fractions {
            digest.integer(row as u64);
            digest.integer(column as u64);
            digest.number(fraction);
        }
        let found = (PLACEMENT_VERSION, mapping.fractions.nnz(), digest.to_string());
        assert_eq!(found, (1, 3480, "bcf86700dd7dca77".to_owned()));
    }
}
