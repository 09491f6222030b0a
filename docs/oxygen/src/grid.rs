//! Cubic voxels in a box, and which of them lines and points lie in.

use msr_coupling::{Geometry, Space};
use sprs::{CsMat, TriMat};

/// Points keep at least half of this distance, in voxels, from the faces of the box around them.
const MARGIN: f64 = 1e-6;

/// A box of cubic voxels. Voxel `i + nx (j + ny k)` is the one at `i, j, k` along x, y, z.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    origin_um: [f64; 3],
    voxel_um: f64,
    counts: [usize; 3],
}

impl Grid {
    /// The smallest box of whole voxels around these points, which are in its middle; one voxel where there are none.
    pub fn around(points_um: &[[f64; 3]], voxel_um: f64) -> Self {
        let mut grid = Self { origin_um: [0.0; 3], voxel_um, counts: [1; 3] };
        for axis in 0..3 {
            let along = || points_um.iter().map(|point| point[axis]).filter(|x| x.is_finite());
            let (low, high) = (along().fold(f64::INFINITY, f64::min), along().fold(f64::NEG_INFINITY, f64::max));
            if low <= high {
                grid.counts[axis] = ((high - low) / voxel_um + MARGIN).floor() as usize + 1;
                grid.origin_um[axis] = 0.5 * (low + high - grid.counts[axis] as f64 * voxel_um);
            }
        }
        grid
    }

    /// A box of so many voxels with a corner at the origin.
    pub fn of(counts: [usize; 3], voxel_um: f64) -> Self {
        Self { origin_um: [0.0; 3], voxel_um, counts }
    }

    /// Number of voxels.
    pub fn len(&self) -> usize {
        self.counts.iter().product()
    }

    /// Whether there is no voxel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Edge of a voxel, in um.
    pub fn voxel_um(&self) -> f64 {
        self.voxel_um
    }

    /// Volume of a voxel, in um3.
    pub fn volume_um3(&self) -> f64 {
        self.voxel_um.powi(3)
    }

    /// Pairs of voxels that have a face in common.
    pub fn faces(&self) -> Vec<[usize; 2]> {
        let strides = [1, self.counts[0], self.counts[0] * self.counts[1]];
        let mut faces = Vec::new();
        for voxel in 0..self.len() {
            for (stride, count) in strides.into_iter().zip(self.counts) {
                if voxel / stride % count + 1 < count {
                    faces.push([voxel, voxel + stride]);
                }
            }
        }
        faces
    }

    fn voxel_at(&self, point_um: [f64; 3]) -> Option<usize> {
        let mut voxel = 0;
        for axis in (0..3).rev() {
            let place = ((point_um[axis] - self.origin_um[axis]) / self.voxel_um).floor();
            if !(0.0..self.counts[axis] as f64).contains(&place) {
                return None;
            }
            voxel = voxel * self.counts[axis] + place as usize;
        }
        Some(voxel)
    }

    // ANCHOR: space
    /// The voxels as a space.
    pub fn space(&self, name: &str) -> Space {
        let mut space = Space::of_nodes(name, None, (0..self.len() as u64).collect());
        space.sizes = vec![self.volume_um3(); self.len()];
        let centre = |voxel: usize| {
            let place = [voxel, voxel / self.counts[0], voxel / (self.counts[0] * self.counts[1])];
            std::array::from_fn(|axis| {
                self.origin_um[axis] + ((place[axis] % self.counts[axis]) as f64 + 0.5) * self.voxel_um
            })
        };
        space.geometry = Geometry::Points((0..self.len()).map(centre).collect());
        space
    }
    // ANCHOR_END: space

    // ANCHOR: fractions
    /// Which part of each element lies in which voxel; `None` for elements that are nowhere.
    pub fn fractions(&self, geometry: &Geometry) -> Option<CsMat<f64>> {
        let parts: Vec<Vec<(usize, f64)>> = match geometry {
            Geometry::Abstract => return None,
            Geometry::Points(points) => points
                .iter()
                .map(|&point| self.voxel_at(point).map(|voxel| (voxel, 1.0)).into_iter().collect())
                .collect(),
            Geometry::Lines(lines) => lines.iter().map(|line| self.parts(line)).collect(),
        };
        let mut fractions = TriMat::new((parts.len(), self.len()));
        for (element, parts) in parts.iter().enumerate() {
            for &(voxel, part) in parts {
                fractions.add_triplet(element, voxel, part);
            }
        }
        Some(fractions.to_csr())
    }
    // ANCHOR_END: fractions

    /// A line, cut where it passes from voxel to voxel.
    fn parts(&self, [from, to]: &[[f64; 3]; 2]) -> Vec<(usize, f64)> {
        let at = |part: f64| std::array::from_fn(|axis| from[axis] + part * (to[axis] - from[axis]));
        let mut cuts = vec![0.0, 1.0];
        for axis in 0..3 {
            let places = [from[axis], to[axis]].map(|x| (x - self.origin_um[axis]) / self.voxel_um);
            let (low, high) = (places[0].min(places[1]), places[0].max(places[1]));
            let planes = (low.ceil() as i64..=high.floor() as i64).filter(|_| high > low);
            cuts.extend(planes.map(|plane| (plane as f64 - places[0]) / (places[1] - places[0])));
        }
        cuts.sort_unstable_by(f64::total_cmp);
        let pieces = cuts.windows(2).filter(|cut| cut[1] > cut[0] || from == to);
        let pieces = pieces.filter_map(|cut| Some((self.voxel_at(at(0.5 * (cut[0] + cut[1])))?, cut[1] - cut[0])));
        if from == to { pieces.take(1).map(|(voxel, _)| (voxel, 1.0)).collect() } else { pieces.collect() }
    }
}
