//! Tables in CSV files: a header, then rows of numbers.

use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: csv::Error,
    },
    /// A column is absent.
    #[error("{table} has no column '{column}'; it has: {}", available.join(", "))]
    MissingColumn {
        /// The file.
        table: String,
        /// What is needed.
        column: &'static str,
        /// What is there.
        available: Vec<String>,
    },
    /// A cell holds no number of the kind wanted.
    #[error("{table}, row {row}, column '{column}': '{text}' is not {expected}")]
    BadNumber {
        /// The file.
        table: String,
        /// Row, counted from 0 after the header.
        row: usize,
        /// The column.
        column: &'static str,
        /// What is written there.
        text: String,
        /// What it must be.
        expected: &'static str,
    },
}

/// A table with named columns, all of it in memory.
pub(crate) struct CsvTable {
    name: String,
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

/// A number that a cell can hold.
pub(crate) trait Cell: FromStr {
    const EXPECTED: &'static str;
}

impl Cell for f64 {
    const EXPECTED: &'static str = "a number";
}

impl Cell for usize {
    const EXPECTED: &'static str = "a whole number, at least 0";
}

impl Cell for u32 {
    const EXPECTED: &'static str = "a whole number, at least 0";
}

impl Cell for i32 {
    const EXPECTED: &'static str = "a whole number";
}

impl Cell for i64 {
    const EXPECTED: &'static str = "a whole number";
}

impl CsvTable {
    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, CsvError> {
        let unreadable = |source| CsvError::Read { path: path.to_owned(), source };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(unreadable)?;
        let header = reader.headers().map_err(unreadable)?.iter().map(str::to_owned).collect();
        let rows = reader.records().collect::<Result<_, _>>().map_err(unreadable)?;
        Ok(Self { name: path.display().to_string(), header, rows })
    }

    /// Whether it has a column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    /// A column, all of its cells numbers.
    pub(crate) fn column<T: Cell>(&self, column: &'static str) -> Result<Vec<T>, CsvError> {
        let position = self.header.iter().position(|name| name == column).ok_or_else(|| CsvError::MissingColumn {
            table: self.name.clone(),
            column,
            available: self.header.clone(),
        })?;
        self.rows
            .iter()
            .enumerate()
            .map(|(row, cells)| self.cell(row, column, cells.get(position).unwrap_or_default()))
            .collect()
    }

    /// A column of which cells may be empty; all are where there is no such column.
    pub(crate) fn column_with_gaps<T: Cell>(&self, column: &'static str) -> Result<Vec<Option<T>>, CsvError> {
        let position = self.header.iter().position(|name| name == column);
        let text = |cells: &'_ csv::StringRecord| {
            position.and_then(|position| cells.get(position)).unwrap_or_default().to_owned()
        };
        let cells = self.rows.iter().map(text).enumerate();
        cells
            .map(|(row, text)| if text.is_empty() { Ok(None) } else { self.cell(row, column, &text).map(Some) })
            .collect()
    }

    fn cell<T: Cell>(&self, row: usize, column: &'static str, text: &str) -> Result<T, CsvError> {
        text.parse().map_err(|_| CsvError::BadNumber {
            table: self.name.clone(),
            row,
            column,
            text: text.to_owned(),
            expected: T::EXPECTED,
        })
    }
}
