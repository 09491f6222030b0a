//! An order of tetrahedra in which neighbours in space are near in memory.

use super::TetMesh;

/// Bits of each coordinate on the curve.
const BITS: u32 = 16;

impl TetMesh {
    /// The tetrahedra along a Hilbert curve through their barycentres.
    pub fn curve_order(&self) -> Vec<u32> {
        let bounds = self.bounds();
        let cells = f64::from((1u32 << BITS) - 1);
        let scale = bounds.extent_um().into_iter().fold(f64::MIN_POSITIVE, f64::max);
        let mut keys: Vec<(u64, u32)> = self
            .barycentres_um()
            .iter()
            .zip(0u32..)
            .map(|(point, tet)| {
                let cell = |axis: usize| ((point[axis] - bounds.lower_um[axis]) / scale * cells) as u32;
                (hilbert_index([cell(0), cell(1), cell(2)]), tet)
            })
            .collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, tet)| tet).collect()
    }
}

/// Place of a cell along the curve (Skilling 2004, Programming the Hilbert curve, AIP Conf. Proc. 707).
fn hilbert_index(mut cell: [u32; 3]) -> u64 {
    let highest = 1u32 << (BITS - 1);
    let mut bit = highest;
    while bit > 1 {
        let below = bit - 1;
        for axis in 0..3 {
            if cell[axis] & bit == 0 {
                let exchanged = (cell[0] ^ cell[axis]) & below;
                cell[0] ^= exchanged;
                cell[axis] ^= exchanged;
            } else {
                cell[0] ^= below;
            }
        }
        bit >>= 1;
    }
    cell[1] ^= cell[0];
    cell[2] ^= cell[1];
    let mut turned = 0;
    bit = highest;
    while bit > 1 {
        if cell[2] & bit != 0 {
            turned ^= bit - 1;
        }
        bit >>= 1;
    }
    let mut index = 0u64;
    for bit in (0..BITS).rev() {
        for axis in cell {
            index = index << 1 | u64::from((axis ^ turned) >> bit & 1);
        }
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_visits_each_cell_once_and_steps_to_neighbours() {
        // The first 8^3 cells of the curve fill a cube.
        let mut visited: Vec<(u64, [u32; 3])> = Vec::new();
        for x in 0..8 {
            for y in 0..8 {
                for z in 0..8 {
                    visited.push((hilbert_index([x, y, z]), [x, y, z]));
                }
            }
        }
        visited.sort_unstable();
        for (place, pair) in visited.windows(2).enumerate() {
            assert_eq!(pair[0].0, place as u64);
            let steps: u32 = (0..3).map(|axis| pair[0].1[axis].abs_diff(pair[1].1[axis])).sum();
            assert_eq!(steps, 1);
        }
    }

    #[test]
    fn neighbours_are_near_in_memory() {
        let mesh = TetMesh::box_lattice([0.0; 3], [8.0; 3], 0.5, "extra").unwrap();
        let order = mesh.curve_order();
        let mut place = vec![u32::MAX; mesh.len()];
        order.iter().zip(0..).for_each(|(&tet, new)| place[tet as usize] = new);
        assert!(place.iter().all(|&place| place != u32::MAX), "each tetrahedron once");
        let near = mesh
            .interior_faces()
            .filter(|face| place[face.tets[0] as usize].abs_diff(place[face.tets[1] as usize]) < 256);
        assert!(near.count() as f64 > 0.8 * mesh.interior_faces().count() as f64);
    }
}
