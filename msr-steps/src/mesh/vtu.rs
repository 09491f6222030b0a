//! Writes a mesh with values for ParaView.

use std::io::{self, Write};

use msr_coupling::vtk::{Cells, Column, Grid, Values};

use super::TetMesh;

/// Values of each tetrahedron under a name.
#[derive(Debug, Clone, Copy)]
pub struct CellData<'a> {
    /// Name with unit, such as `K+ (mM)`.
    pub name: &'a str,
    /// One value for each tetrahedron.
    pub values: &'a [f64],
}

impl TetMesh {
    /// Writes the mesh (um) and `data` as a `.vtu` file with its numbers behind the text, in binary. The compartments come with
    /// it as `compartment`: their place in [`TetMesh::compartments`], or -1; where several hold a tetrahedron, the first.
    ///
    /// # Errors
    /// Those of `out`, and [`io::ErrorKind::InvalidInput`] where there is not one value for each tetrahedron.
    pub fn write_vtu(&self, out: &mut impl Write, data: &[CellData<'_>]) -> io::Result<()> {
        let mut compartments = vec![-1i32; self.len()];
        for (number, part) in self.compartments().iter().enumerate().rev() {
            part.tetrahedra.iter().for_each(|&tet| compartments[tet as usize] = number as i32);
        }
        let mut columns = vec![Column { name: "compartment", values: Values::Whole(&compartments) }];
        columns.extend(data.iter().map(|one| Column { name: one.name, values: Values::Real(one.values) }));
        let cells = Cells::Tetrahedra(self.tetrahedra());
        Grid { points_um: self.vertices_um(), cells, point_columns: &[], cell_columns: &columns }.write(out)
    }
}
