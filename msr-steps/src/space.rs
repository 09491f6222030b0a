//! The space of tetrahedra, and how other spaces lie in it.
//!
//! The mesh stands between neurons and vessels even where nothing diffuses on it: [`TetrahedralSpace`] gives space and
//! mappings without a simulator.

use std::fmt;
use std::sync::Arc;

use msr_coupling::space::{SEGMENTS, TETRAHEDRA};
use msr_coupling::{Address, Geography, Geometry, Mapping, SimulatorError, Space};
use rayon::prelude::*;
use sprs::CsMat;

use crate::intersection::{Intersector, Pieces};
use crate::mesh::{Bounds, TetMesh};

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
    pub fn place(&self, space: &Space) -> Result<Option<(Mapping, Coverage)>, SegmentsOutside> {
        let placed: Vec<Pieces> = match &space.geometry {
            _ if space.name == TETRAHEDRA => return Ok(None),
            Geometry::Abstract => return Ok(None),
            Geometry::Lines(lines) => self.intersector.intersect_all(lines),
            Geometry::Points(points) => {
                self.intersector.intersect_all(&points.par_iter().map(|&p| [p; 2]).collect::<Vec<_>>())
            }
        };
        let coverage = Coverage::of(space, &placed);
        if coverage.outside > 0 && space.name == SEGMENTS {
            return Err(SegmentsOutside {
                outside: coverage.outside,
                segments: space.len(),
                mesh: *self.mesh().bounds(),
                segment_bounds: extent(space),
            });
        }
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
        Ok(Some((Mapping { from: space.name.clone(), to: TETRAHEDRA.to_owned(), fractions }, coverage)))
    }

    /// The mappings of all `spaces` that have a place, and how far the mesh covers each.
    ///
    /// # Errors
    /// As [`TetrahedralSpace::place`].
    pub fn place_all(&self, spaces: &[Space]) -> Result<(Vec<Mapping>, Vec<Coverage>), SegmentsOutside> {
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

/// How much of a space the mesh covers. Its text is fit for the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// Name of the space.
    pub space: String,
    /// Number of elements.
    pub elements: usize,
    /// Elements wholly outside the mesh.
    pub outside: usize,
    /// Elements partly outside.
    pub partly_outside: usize,
    /// Elements without coordinates.
    pub nowhere: usize,
    /// Part of the whole length (for points: of their number) that lies outside.
    pub uncovered_fraction: f64,
}

impl Coverage {
    fn of(space: &Space, placed: &[Pieces]) -> Self {
        let length_um = |element: usize| match &space.geometry {
            Geometry::Lines(lines) => {
                let [start, end] = lines[element];
                (0..3).map(|axis| (end[axis] - start[axis]).powi(2)).sum::<f64>().sqrt()
            }
            Geometry::Points(points) => points[element].iter().map(|x| 0.0 * x).sum::<f64>() + 1.0,
            Geometry::Abstract => 1.0,
        };
        let mut coverage = Self {
            space: space.name.clone(),
            elements: placed.len(),
            outside: 0,
            partly_outside: 0,
            nowhere: 0,
            uncovered_fraction: 0.0,
        };
        let [mut whole_um, mut uncovered_um] = [0.0, 0.0];
        for (element, pieces) in placed.iter().enumerate() {
            let length_um = length_um(element);
            if !length_um.is_finite() {
                coverage.nowhere += 1;
                continue;
            }
            whole_um += length_um;
            uncovered_um += pieces.uncovered * length_um;
            if pieces.pieces.is_empty() {
                coverage.outside += 1;
            } else if pieces.uncovered > 0.0 {
                coverage.partly_outside += 1;
            }
        }
        if whole_um > 0.0 {
            coverage.uncovered_fraction = uncovered_um / whole_um;
        }
        coverage
    }

    /// Whether everything that is somewhere lies in the mesh.
    pub fn is_complete(&self) -> bool {
        self.outside == 0 && self.partly_outside == 0
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { space, elements, outside, partly_outside, nowhere, uncovered_fraction } = self;
        if self.is_complete() {
            write!(f, "{space}: all {elements} elements lie in the mesh")?;
        } else {
            let percent = 100.0 * uncovered_fraction;
            write!(
                f,
                "{space}: of {elements} elements, {outside} lie outside the mesh and {partly_outside} partly \
                 ({percent:.3} % of the length)"
            )?;
        }
        if *nowhere > 0 {
            write!(f, "; {nowhere} have no coordinates")?;
        }
        Ok(())
    }
}

/// A mesh that does not contain the neurons.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{outside} of {segments} neuron segments lie wholly outside the mesh. The mesh spans {mesh}, the segments {}; \
     give a mesh_path whose mesh contains all neurons (and the mesh_scale of its unit), or remove mesh_path to have one made",
    segment_bounds.map_or_else(|| "nothing".to_owned(), |bounds| bounds.to_string())
)]
pub struct SegmentsOutside {
    /// Segments wholly outside.
    pub outside: usize,
    /// All segments.
    pub segments: usize,
    /// The box around the mesh.
    pub mesh: Bounds,
    /// The box around the segments.
    pub segment_bounds: Option<Bounds>,
}
