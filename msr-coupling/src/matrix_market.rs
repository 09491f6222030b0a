//! Sparse matrices as text in the coordinate form of Matrix Market, which scipy, Julia and MATLAB read.
//!
//! Boisvert, Pozo and Remington (1996), The Matrix Market exchange formats, NISTIR 5935.

use std::io::{self, Write};

use sprs::CsMat;

/// Writes a matrix, row by row, with a comment line for each of `comments`. Every number is written with as many digits as
/// give back its bits.
///
/// # Errors
/// Of the writer.
pub fn write(writer: &mut impl Write, matrix: &CsMat<f64>, comments: &[String]) -> io::Result<()> {
    writeln!(writer, "%%MatrixMarket matrix coordinate real general")?;
    for line in comments.iter().flat_map(|comment| comment.lines()) {
        writeln!(writer, "% {line}")?;
    }
    writeln!(writer, "{} {} {}", matrix.rows(), matrix.cols(), matrix.nnz())?;
    for (value, (row, column)) in matrix {
        writeln!(writer, "{} {} {value:e}", row + 1, column + 1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_back_every_bit() {
        let entries = [(0, 2, 1.0 / 3.0), (1, 0, 0.1), (1, 1, -f64::MIN_POSITIVE), (3, 2, 1e300), (3, 3, 7.0)];
        let mut matrix = sprs::TriMat::new((4, 4));
        entries.iter().for_each(|&(row, column, value)| matrix.add_triplet(row, column, value));
        let matrix: CsMat<f64> = matrix.to_csr();
        let mut text = Vec::new();
        write(&mut text, &matrix, &["rows: a".to_owned(), "two\nlines".to_owned()]).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.starts_with(
            "%%MatrixMarket matrix coordinate real general\n% rows: a\n% two\n% lines\n4 4 5\n1 3 3.333333333333333e-1\n"
        ));
        let read = sprs::io::read_matrix_market_from_bufread::<f64, usize, _>(&mut text.as_bytes()).unwrap();
        assert_eq!(read.to_csr::<usize>(), matrix);
    }
}
