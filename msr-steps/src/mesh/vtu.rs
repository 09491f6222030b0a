//! Writes a mesh with values for ParaView: VTK's XML format for unstructured grids (VTK file formats, Kitware 2010).

use std::io::{self, Write};

use super::TetMesh;

/// VTK's number of a linear tetrahedron.
const VTK_TETRA: u8 = 10;

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
        if let Some(wrong) = data.iter().find(|one| one.values.len() != self.len()) {
            let message = format!("'{}' has {} values for {} tetrahedra", wrong.name, wrong.values.len(), self.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        let mut compartments = vec![-1i32; self.len()];
        for (number, part) in self.compartments().iter().enumerate().rev() {
            part.tetrahedra.iter().for_each(|&tet| compartments[tet as usize] = number as i32);
        }
        let points: Vec<u8> = self.vertices_um().iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
        let corners: Vec<u8> =
            self.tetrahedra().iter().flatten().flat_map(|&vertex| (vertex as i32).to_le_bytes()).collect();
        let ends: Vec<u8> = (1..=self.len() as i64).flat_map(|tet| (4 * tet).to_le_bytes()).collect();
        let blocks = [points, corners, ends, vec![VTK_TETRA; self.len()]];
        let compartments: Vec<u8> = compartments.into_iter().flat_map(i32::to_le_bytes).collect();
        let mut offset = 0;
        let mut array = |kind: &str, name: &str, components: usize, bytes: usize| {
            let line = format!(
                "<DataArray type=\"{kind}\" Name=\"{}\" NumberOfComponents=\"{components}\" format=\"appended\" offset=\"{offset}\"/>",
                escaped(name)
            );
            offset += size_of::<u64>() + bytes;
            line
        };
        writeln!(out, "<?xml version=\"1.0\"?>")?;
        writeln!(
            out,
            "<VTKFile type=\"UnstructuredGrid\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n\
             <UnstructuredGrid>\n<Piece NumberOfPoints=\"{}\" NumberOfCells=\"{}\">",
            self.vertices_um().len(),
            self.len()
        )?;
        writeln!(out, "<Points>{}</Points>", array("Float64", "um", 3, blocks[0].len()))?;
        writeln!(
            out,
            "<Cells>{}{}{}</Cells>",
            array("Int32", "connectivity", 1, blocks[1].len()),
            array("Int64", "offsets", 1, blocks[2].len()),
            array("UInt8", "types", 1, blocks[3].len())
        )?;
        writeln!(out, "<CellData>{}", array("Int32", "compartment", 1, compartments.len()))?;
        for one in data {
            writeln!(out, "{}", array("Float64", one.name, 1, size_of_val(one.values)))?;
        }
        writeln!(out, "</CellData>\n</Piece>\n</UnstructuredGrid>\n<AppendedData encoding=\"raw\">")?;
        write!(out, "_")?;
        for bytes in blocks.iter().chain([&compartments]) {
            out.write_all(&(bytes.len() as u64).to_le_bytes())?;
            out.write_all(bytes)?;
        }
        for one in data {
            out.write_all(&(size_of_val(one.values) as u64).to_le_bytes())?;
            one.values.iter().try_for_each(|value| out.write_all(&value.to_le_bytes()))?;
        }
        writeln!(out, "\n</AppendedData>\n</VTKFile>")
    }
}

fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
