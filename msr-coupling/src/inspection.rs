//! The matrices of a plan, to be looked at: mappings, the original's matrices by name, what each connection multiplies with.

use std::borrow::Cow;

use serde::Serialize;
use sprs::CsMat;

use crate::coverage::Coverage;
use crate::plan::Plan;
use crate::space_graph::{MATRICES, NamedMatrix};

/// A matrix and what it is. All its entries are pure numbers.
#[derive(Debug, Clone)]
pub struct PlanMatrix<'a> {
    /// `A_in_B` for the mapping of A into B, one of the original's names, or `connection_N`.
    pub name: String,
    /// What an entry says.
    pub meaning: String,
    /// Name of the space of the rows.
    pub rows: String,
    /// Name of the space of the columns.
    pub columns: String,
    /// The entries, as CSR.
    pub entries: Cow<'a, CsMat<f64>>,
    /// For a mapping: how much of the one space lies in the other.
    pub coverage: Option<Coverage>,
}

/// What can be checked of a matrix at a glance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MatrixOutline {
    /// Its name.
    pub name: String,
    /// What an entry says.
    pub meaning: String,
    /// Space of the rows.
    pub rows: String,
    /// Space of the columns.
    pub columns: String,
    /// Number of rows and of columns.
    pub shape: (usize, usize),
    /// Number of entries.
    pub entries: usize,
    /// Least and greatest sum of a row.
    pub row_sums: (f64, f64),
    /// Least and greatest sum of a column.
    pub column_sums: (f64, f64),
    /// Rows without an entry.
    pub empty_rows: usize,
    /// Columns without an entry.
    pub empty_columns: usize,
    /// For a mapping: part of the one space that does not lie in the other.
    pub uncovered_fraction: Option<f64>,
}

impl PlanMatrix<'_> {
    /// Its shape, sums and gaps.
    pub fn outline(&self) -> MatrixOutline {
        let mut rows = vec![(0.0, 0_usize); self.entries.rows()];
        let mut columns = vec![(0.0, 0_usize); self.entries.cols()];
        for (&value, (row, column)) in &*self.entries {
            for (sum, count) in [&mut rows[row], &mut columns[column]] {
                *sum += value;
                *count += 1;
            }
        }
        let range = |sums: &[(f64, usize)]| {
            let least = sums.iter().map(|(sum, _)| *sum).reduce(f64::min).unwrap_or(0.0);
            (least, sums.iter().map(|(sum, _)| *sum).reduce(f64::max).unwrap_or(0.0))
        };
        let empty = |sums: &[(f64, usize)]| sums.iter().filter(|(_, count)| *count == 0).count();
        MatrixOutline {
            name: self.name.clone(),
            meaning: self.meaning.clone(),
            rows: self.rows.clone(),
            columns: self.columns.clone(),
            shape: self.entries.shape(),
            entries: self.entries.nnz(),
            row_sums: range(&rows),
            column_sums: range(&columns),
            empty_rows: empty(&rows),
            empty_columns: empty(&columns),
            uncovered_fraction: self.coverage.as_ref().map(|coverage| coverage.uncovered_fraction),
        }
    }
}

impl Plan {
    /// The mappings between the spaces, in the order in which they were brought.
    pub fn mappings(&self) -> impl Iterator<Item = PlanMatrix<'_>> {
        self.spaces.mappings().iter().map(|mapping| PlanMatrix {
            name: format!("{}_in_{}", mapping.from, mapping.to),
            meaning: format!("part of each of the {} that lies in each of the {}", mapping.from, mapping.to),
            rows: mapping.from.clone(),
            columns: mapping.to.clone(),
            entries: Cow::Borrowed(&mapping.fractions),
            coverage: self.spaces.space(&mapping.from).ok().map(|space| Coverage::of(mapping, space)),
        })
    }

    /// The original's matrices whose spaces are there.
    pub fn named_matrices(&self) -> impl Iterator<Item = PlanMatrix<'_>> {
        MATRICES.iter().filter_map(|&NamedMatrix { name, rows, columns, meaning }| {
            Some(PlanMatrix {
                name: name.to_owned(),
                meaning: meaning.to_owned(),
                rows: rows.to_owned(),
                columns: columns.to_owned(),
                entries: Cow::Owned(self.spaces.matrix(name)?),
                coverage: None,
            })
        })
    }

    /// For each connection, what carries its values from one space to another.
    pub fn connection_matrices(&self) -> impl Iterator<Item = PlanMatrix<'_>> {
        self.exchanges.iter().enumerate().map(|(position, exchange)| {
            let outline = exchange.outline();
            let units = format!("'{}' to '{}'", outline.source_unit, outline.destination_unit);
            let transform = outline.transform.map(|text| format!(", with {text}")).unwrap_or_default();
            let (from, matrix) = exchange.mapped();
            PlanMatrix {
                name: format!("connection_{position}"),
                meaning: format!(
                    "{}: values of {from} become those of {}, {units}{transform}",
                    outline.key,
                    exchange.ends().1
                ),
                rows: exchange.ends().1.to_owned(),
                columns: from.to_owned(),
                entries: Cow::Borrowed(matrix),
                coverage: None,
            }
        })
    }
}
