//! A uniform grid over the mesh: which tetrahedra may touch which cells.

use super::halfspace::HalfSpaces;
use crate::mesh::{Bounds, TetMesh};

/// Cells per tetrahedron. More make the lists of a cell shorter and the walk longer.
const CELLS_PER_TETRAHEDRON: f64 = 2.0;

/// Most cells in one direction.
const MOST_CELLS: f64 = 512.0;

#[derive(Debug, Clone)]
pub(super) struct Grid {
    lower_um: [f64; 3],
    upper_um: [f64; 3],
    cell_um: [f64; 3],
    cells_per_um: [f64; 3],
    cells: [usize; 3],
    /// Where each cell's tetrahedra begin in `tetrahedra`.
    starts: Vec<u32>,
    tetrahedra: Vec<u32>,
    margin_um: f64,
}

impl Grid {
    /// `margin_um` is how far outside a tetrahedron still counts as in it.
    pub(super) fn new(mesh: &TetMesh, half_spaces: &[HalfSpaces], margin_um: f64) -> Self {
        let margin_um = 2.0 * margin_um;
        let Bounds { lower_um, upper_um } = *mesh.bounds();
        let extent = mesh.bounds().extent_um();
        let volume: f64 = extent.iter().product();
        let edge_um = (volume / (CELLS_PER_TETRAHEDRON * mesh.len() as f64)).cbrt();
        let cells = extent.map(|extent| (extent / edge_um).ceil().clamp(1.0, MOST_CELLS) as usize);
        let cell_um: [f64; 3] = std::array::from_fn(|axis| extent[axis] / cells[axis] as f64);
        let cells_per_um = cell_um.map(|length| 1.0 / length);
        let count = cells.iter().product::<usize>();
        let mut grid = Self {
            lower_um,
            upper_um,
            cell_um,
            cells_per_um,
            cells,
            starts: vec![0; count + 1],
            tetrahedra: Vec::new(),
            margin_um,
        };

        let boxes: Vec<[[usize; 2]; 3]> = (0..mesh.len())
            .map(|tet| {
                let corners = mesh.corners_um(tet);
                std::array::from_fn(|axis| {
                    let along = corners.map(|corner| corner[axis]);
                    let lower = along.into_iter().fold(f64::INFINITY, f64::min);
                    let upper = along.into_iter().fold(f64::NEG_INFINITY, f64::max);
                    grid.range(axis, lower, upper)
                })
            })
            .collect();
        for (ranges, half_spaces) in boxes.iter().zip(half_spaces) {
            for_each_cell(cells, ranges, |cell| {
                if half_spaces.may_touch(&grid.cell_box(cell)) {
                    grid.starts[cell + 1] += 1;
                }
            });
        }
        for cell in 0..count {
            grid.starts[cell + 1] += grid.starts[cell];
        }
        grid.tetrahedra = vec![0; grid.starts[count] as usize];
        let mut next = grid.starts.clone();
        for (tet, ranges) in boxes.iter().enumerate() {
            for_each_cell(cells, ranges, |cell| {
                if half_spaces[tet].may_touch(&grid.cell_box(cell)) {
                    grid.tetrahedra[next[cell] as usize] = tet as u32;
                    next[cell] += 1;
                }
            });
        }
        grid
    }

    /// Centre and half extents of a cell, widened by the margin.
    fn cell_box(&self, cell: usize) -> [[f64; 3]; 2] {
        let [nx, ny, _] = self.cells;
        let indices = [cell % nx, cell / nx % ny, cell / (nx * ny)];
        [
            std::array::from_fn(|axis| self.lower_um[axis] + (indices[axis] as f64 + 0.5) * self.cell_um[axis]),
            // What lies outside the grid by the margin is held by the cells at its rim.
            self.cell_um.map(|length| 0.5 * length + 2.0 * self.margin_um),
        ]
    }

    /// First and last cell that the range from `lower` to `upper`, widened by the margin, touches.
    fn range(&self, axis: usize, lower: f64, upper: f64) -> [usize; 2] {
        // A cast saturates: below the first cell is the first.
        let cell = |x: f64| (((x - self.lower_um[axis]) * self.cells_per_um[axis]) as usize).min(self.cells[axis] - 1);
        [cell(lower - self.margin_um), cell(upper + self.margin_um)]
    }

    /// Visits the tetrahedra that the segment may touch, each once for every cell in which both meet.
    pub(super) fn for_each_candidate(&self, segment: [[f64; 3]; 2], mut visit: impl FnMut(u32)) {
        let [start, end] = segment;
        let misses = |axis: usize| {
            start[axis].max(end[axis]) < self.lower_um[axis] - self.margin_um
                || start[axis].min(end[axis]) > self.upper_um[axis] + self.margin_um
        };
        if (0..3).any(misses) {
            return;
        }
        // Slabs of cells across the direction in which the segment crosses most of them.
        let crossed = |axis: usize| (end[axis] - start[axis]).abs() / self.cell_um[axis];
        let long = if crossed(0) >= crossed(1) && crossed(0) >= crossed(2) {
            0
        } else if crossed(1) >= crossed(2) {
            1
        } else {
            2
        };
        let [first, last] = self.range(long, start[long].min(end[long]), start[long].max(end[long]));
        for slab in first..=last {
            let ranges = self.in_slab(segment, long, slab);
            for_each_cell(self.cells, &ranges, |cell| {
                let list = &self.tetrahedra[self.starts[cell] as usize..self.starts[cell + 1] as usize];
                list.iter().for_each(|&tet| visit(tet));
            });
        }
    }

    /// A number that is near for points that are near: cells along a Z curve (Morton 1966).
    pub(super) fn place_on_curve(&self, point: [f64; 3]) -> u32 {
        // Every third bit; there are at most 2^9 cells in one direction.
        let spread = |cell: usize| (0..9).map(|bit| ((cell >> bit) as u32 & 1) << (3 * bit)).sum::<u32>();
        (0..3).map(|axis| spread(self.range(axis, point[axis], point[axis])[0]) << axis).sum()
    }

    /// The cells of one slab that the segment may touch.
    fn in_slab(&self, [start, end]: [[f64; 3]; 2], long: usize, slab: usize) -> [[usize; 2]; 3] {
        let advance = end[long] - start[long];
        let [mut from, mut to] = [0.0f64, 1.0f64];
        if advance != 0.0 {
            let lower = self.lower_um[long] + slab as f64 * self.cell_um[long] - self.margin_um;
            let upper = self.lower_um[long] + (slab + 1) as f64 * self.cell_um[long] + self.margin_um;
            let [a, b] = [(lower - start[long]) / advance, (upper - start[long]) / advance];
            // Cells at the rim also hold what lies outside the grid by the margin: clamped, not cut.
            from = a.min(b).clamp(0.0, 1.0);
            to = a.max(b).clamp(0.0, 1.0);
        }
        std::array::from_fn(|axis| {
            if axis == long {
                return [slab, slab];
            }
            let [a, b] = [from, to].map(|part| start[axis] + part * (end[axis] - start[axis]));
            self.range(axis, a.min(b), a.max(b))
        })
    }
}

fn for_each_cell([nx, ny, _]: [usize; 3], [x, y, z]: &[[usize; 2]; 3], mut visit: impl FnMut(usize)) {
    for k in z[0]..=z[1] {
        for j in y[0]..=y[1] {
            for i in x[0]..=x[1] {
                visit(i + nx * (j + ny * k));
            }
        }
    }
}
