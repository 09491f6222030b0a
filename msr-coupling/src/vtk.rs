//! Files for ParaView: VTK's XML formats of lines (`.vtp`) and of unstructured grids (`.vtu`), with their numbers in binary behind
//! the text (VTK file formats, Kitware 2010).

use std::io::{self, ErrorKind, Write};

/// Points, cells that join them, and values on both.
#[derive(Debug, Clone, Copy)]
pub struct Grid<'a> {
    /// Positions of the points, in um.
    pub points_um: &'a [[f64; 3]],
    /// What the cells are.
    pub cells: Cells<'a>,
    /// Values of each point.
    pub point_columns: &'a [Column<'a>],
    /// Values of each cell.
    pub cell_columns: &'a [Column<'a>],
}

/// The points of each cell, by their places among the points.
#[derive(Debug, Clone, Copy)]
pub enum Cells<'a> {
    /// Of lines from point to point: a `.vtp` file.
    Lines(&'a [[u32; 2]]),
    /// Of tetrahedra: a `.vtu` file.
    Tetrahedra(&'a [[u32; 4]]),
}

/// Values under a name, to which a unit belongs, such as `K+ (mM)`.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// Name with unit.
    pub name: &'a str,
    /// One value for each point or cell.
    pub values: Values<'a>,
}

/// Values of a column.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// Numbers.
    Real(&'a [f64]),
    /// Numbers of things.
    Whole(&'a [i32]),
}

/// VTK's number of a linear tetrahedron.
const VTK_TETRA: u8 = 10;

/// Arrays in the order in which they stand behind the text.
#[derive(Default)]
struct Appended {
    arrays: Vec<Vec<u8>>,
    offset: usize,
}

impl Grid<'_> {
    /// Writes the file.
    ///
    /// # Errors
    /// Those of `out`, and [`ErrorKind::InvalidInput`] where a column has not one value for each point or cell.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let (points, cells) = (self.points_um.len(), self.cells.len());
        let mut appended = Appended::default();
        let point_data = appended.columns(self.point_columns, points, "points")?;
        let cell_data = appended.columns(self.cell_columns, cells, self.cells.name())?;
        let positions =
            appended.array("Float64", "positions_um", 3, bytes(self.points_um.iter().flatten(), |x| x.to_le_bytes()));
        let corners = appended.array("Int64", "connectivity", 1, self.cells.connectivity());
        let ends = (1..=cells as i64).map(|cell| cell * self.cells.corners());
        let ends = appended.array("Int64", "offsets", 1, ends.flat_map(i64::to_le_bytes).collect());
        let (kind, piece, joined) = match self.cells {
            Cells::Lines(_) => {
                let none = "NumberOfVerts=\"0\" NumberOfStrips=\"0\" NumberOfPolys=\"0\"";
                ("PolyData", format!("{none} NumberOfLines=\"{cells}\""), format!("<Lines>\n{corners}{ends}</Lines>"))
            }
            Cells::Tetrahedra(_) => {
                let types = appended.array("UInt8", "types", 1, vec![VTK_TETRA; cells]);
                let joined = format!("<Cells>\n{corners}{ends}{types}</Cells>");
                ("UnstructuredGrid", format!("NumberOfCells=\"{cells}\""), joined)
            }
        };
        writeln!(out, "<?xml version=\"1.0\"?>")?;
        writeln!(
            out,
            "<VTKFile type=\"{kind}\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n<{kind}>\n\
             <Piece NumberOfPoints=\"{points}\" {piece}>\n<Points>\n{positions}</Points>\n{joined}\n\
             <PointData>\n{point_data}</PointData>\n<CellData>\n{cell_data}</CellData>\n\
             </Piece>\n</{kind}>\n<AppendedData encoding=\"raw\">"
        )?;
        write!(out, "_")?;
        for array in &appended.arrays {
            out.write_all(&(array.len() as u64).to_le_bytes())?;
            out.write_all(array)?;
        }
        writeln!(out, "\n</AppendedData>\n</VTKFile>")
    }
}

impl Cells<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Tetrahedra(tetrahedra) => tetrahedra.len(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Lines(_) => "lines",
            Self::Tetrahedra(_) => "tetrahedra",
        }
    }

    /// Points of one cell.
    fn corners(&self) -> i64 {
        match self {
            Self::Lines(_) => 2,
            Self::Tetrahedra(_) => 4,
        }
    }

    fn connectivity(&self) -> Vec<u8> {
        let corner = |&point: &u32| i64::from(point).to_le_bytes();
        match self {
            Self::Lines(lines) => bytes(lines.iter().flatten(), corner),
            Self::Tetrahedra(tetrahedra) => bytes(tetrahedra.iter().flatten(), corner),
        }
    }
}

impl Appended {
    /// The element that names an array.
    fn array(&mut self, kind: &str, name: &str, components: usize, bytes: Vec<u8>) -> String {
        let (name, offset) = (escaped(name), self.offset);
        self.offset += size_of::<u64>() + bytes.len();
        self.arrays.push(bytes);
        format!(
            "<DataArray type=\"{kind}\" Name=\"{name}\" NumberOfComponents=\"{components}\" format=\"appended\" offset=\"{offset}\"/>\n"
        )
    }

    fn columns(&mut self, columns: &[Column<'_>], expected: usize, elements: &str) -> io::Result<String> {
        let mut text = String::new();
        for column in columns {
            let (kind, found, bytes) = match column.values {
                Values::Real(values) => ("Float64", values.len(), bytes(values, |value| value.to_le_bytes())),
                Values::Whole(values) => ("Int32", values.len(), bytes(values, |value| value.to_le_bytes())),
            };
            if found != expected {
                let message = format!("'{}' has {found} values for {expected} {elements}", column.name);
                return Err(io::Error::new(ErrorKind::InvalidInput, message));
            }
            text += &self.array(kind, column.name, 1, bytes);
        }
        Ok(text)
    }
}

fn bytes<T, const N: usize>(values: impl IntoIterator<Item = T>, bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.into_iter().flat_map(bytes).collect()
}

fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
