//! How much of a space lies in another.

use std::fmt;

use crate::space::{Geometry, Mapping, Space};

/// Part of an element that may be missing from the sum of its fractions by rounding alone, or because pieces that are
/// smaller were left out.
pub const COVERED_TOLERANCE: f64 = 1e-9;

/// How much of the elements of a space lies in those of another. Its text is fit for the user.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    /// Name of the space.
    pub from: String,
    /// Name of the space in which it lies.
    pub to: String,
    /// Number of elements.
    pub elements: usize,
    /// Elements wholly outside.
    pub outside: usize,
    /// Elements partly outside.
    pub partly_outside: usize,
    /// Elements without coordinates.
    pub nowhere: usize,
    /// Part of the whole that lies outside: of the length of lines, of the number of points, of the size of what is nowhere in
    /// particular. Elements without coordinates count on neither side.
    pub uncovered_fraction: f64,
}

impl Coverage {
    /// What a mapping tells of `space`, from which it leads.
    pub fn of(mapping: &Mapping, space: &Space) -> Self {
        let weights = match &space.geometry {
            Geometry::Abstract => space.sizes.clone(),
            // 1, or NaN where a coordinate is none.
            Geometry::Points(points) => points.iter().map(|point| 1.0 + 0.0 * point.iter().sum::<f64>()).collect(),
            Geometry::Lines(_) => space.lengths().unwrap_or_default(),
        };
        let mut coverage = Self {
            from: mapping.from.clone(),
            to: mapping.to.clone(),
            elements: space.len(),
            outside: 0,
            partly_outside: 0,
            nowhere: 0,
            uncovered_fraction: 0.0,
        };
        let [mut whole, mut uncovered] = [0.0, 0.0];
        for (row, weight) in mapping.fractions.outer_iterator().zip(weights) {
            if !weight.is_finite() {
                coverage.nowhere += usize::from(row.nnz() == 0);
                continue;
            }
            let missing = 1.0 - row.data().iter().sum::<f64>();
            whole += weight;
            uncovered += weight * missing.max(0.0);
            if row.nnz() == 0 {
                coverage.outside += 1;
            } else if missing > COVERED_TOLERANCE {
                coverage.partly_outside += 1;
            }
        }
        if whole > 0.0 && !coverage.is_complete() {
            coverage.uncovered_fraction = uncovered / whole;
        }
        coverage
    }

    /// Whether everything that is somewhere lies inside.
    pub fn is_complete(&self) -> bool {
        self.outside == 0 && self.partly_outside == 0
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, elements, outside, partly_outside, nowhere, uncovered_fraction } = self;
        if self.is_complete() {
            write!(f, "{from}: all {elements} elements lie in the {to}")?;
        } else {
            let percent = 100.0 * uncovered_fraction;
            write!(
                f,
                "{from}: of {elements} elements, {outside} lie outside the {to} and {partly_outside} partly \
                 ({percent:.3} % of the whole)"
            )?;
        }
        if *nowhere > 0 {
            write!(f, "; {nowhere} have no coordinates")?;
        }
        Ok(())
    }
}
