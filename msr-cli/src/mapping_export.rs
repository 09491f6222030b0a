//! All matrices of a plan as files that other programs read.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use msr_coupling::{MatrixOutline, Plan, PlanMatrix, Space, matrix_market};

use crate::failure::Failure;
use crate::results::{check_place, unwritable, write_through};

/// What stands in the other files.
const TABLE: &str = "matrices.csv";

/// Writes each matrix as `NAME.mtx`, the elements of each space as `space_NAME.csv`, and what can be checked of the matrices
/// at a glance as `matrices.csv`, into a directory. Files of the same names are replaced.
pub fn write(plan: &Plan, directory: &Path) -> Result<Vec<MatrixOutline>, Failure> {
    check_place(directory)?;
    fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    for space in plan.spaces().spaces() {
        write_through(&directory.join(space_file(&space.name)), |writer| write_space(writer, space))?;
    }
    let mut outlines = Vec::new();
    for matrix in plan.mappings().chain(plan.named_matrices()).chain(plan.connection_matrices()) {
        let comments = comments(&matrix);
        let name = format!("{}.mtx", plain(&matrix.name));
        write_through(&directory.join(name), |writer| matrix_market::write(writer, &matrix.entries, &comments))?;
        outlines.push(matrix.outline());
    }
    write_through(&directory.join(TABLE), |writer| write_table(writer, &outlines))?;
    Ok(outlines)
}

/// What a matrix is, in the words of its file.
fn comments(matrix: &PlanMatrix<'_>) -> Vec<String> {
    let side = |side: &str, space: &str, len: usize| {
        format!("{side}: {space}, {len} elements in the order of {}", space_file(space))
    };
    let mut comments = vec![
        format!("{}: {}", matrix.name, matrix.meaning),
        side("rows", &matrix.rows, matrix.entries.rows()),
        side("columns", &matrix.columns, matrix.entries.cols()),
        "unit of the entries: 1".to_owned(),
    ];
    comments.extend(matrix.coverage.as_ref().map(ToString::to_string));
    comments
}

fn write_space(writer: &mut impl Write, space: &Space) -> io::Result<()> {
    writeln!(writer, "position,id,node,element,size")?;
    for (position, ((id, address), size)) in space.ids.iter().zip(&space.addresses).zip(&space.sizes).enumerate() {
        writeln!(writer, "{},{id},{},{},{size:e}", position + 1, address.node, address.element)?;
    }
    Ok(())
}

fn write_table(writer: &mut impl Write, outlines: &[MatrixOutline]) -> io::Result<()> {
    writeln!(
        writer,
        "name,rows,columns,row_count,column_count,entries,least_row_sum,greatest_row_sum,least_column_sum,greatest_column_sum,\
         empty_rows,empty_columns,uncovered_fraction"
    )?;
    for it in outlines {
        let numbers = [it.row_sums.0, it.row_sums.1, it.column_sums.0, it.column_sums.1].map(|sum| format!("{sum:e}"));
        writeln!(
            writer,
            "{},{},{},{},{},{},{},{},{},{}",
            plain(&it.name),
            plain(&it.rows),
            plain(&it.columns),
            it.shape.0,
            it.shape.1,
            it.entries,
            numbers.join(","),
            it.empty_rows,
            it.empty_columns,
            it.uncovered_fraction.map(|fraction| format!("{fraction:e}")).unwrap_or_default()
        )?;
    }
    Ok(())
}

fn space_file(space: &str) -> String {
    format!("space_{}.csv", plain(space))
}

/// A name that can be one of a file, and stand in a table.
fn plain(name: &str) -> String {
    name.chars().map(|character| if character.is_alphanumeric() { character } else { '_' }).collect()
}
