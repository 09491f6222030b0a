//! What can be wrong with spaces and mappings.

/// What is wrong with the spaces and mappings of a run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SpaceError {
    /// Two simulators bring a space of the same name and different elements.
    #[error("two simulators bring the space '{space}' with different elements ({first} and {second} of them)")]
    Conflict {
        /// The space.
        space: String,
        /// Number of elements in the first.
        first: usize,
        /// Number of elements in the second.
        second: usize,
    },
    /// A space whose ids, sizes, addresses and geometry do not fit.
    #[error("the space '{space}' is malformed: {defect}")]
    Malformed {
        /// The space.
        space: String,
        /// What does not fit.
        defect: &'static str,
    },
    /// Two mappings between the same spaces.
    #[error("the mapping {from} -> {to} is brought twice")]
    Twice {
        /// Space of the rows.
        from: String,
        /// Space of the columns.
        to: String,
    },
    /// A name that no simulator brings.
    #[error("unknown space '{space}'; available: {}", available.join(", "))]
    Unknown {
        /// The name.
        space: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// A matrix whose shape is not that of its spaces.
    #[error(
        "the mapping {from} -> {to} has shape {rows} x {columns}, the spaces have {from_len} and {to_len} elements"
    )]
    Shape {
        /// Space of the rows.
        from: String,
        /// Space of the columns.
        to: String,
        /// Rows of the matrix.
        rows: usize,
        /// Columns of the matrix.
        columns: usize,
        /// Elements of `from`.
        from_len: usize,
        /// Elements of `to`.
        to_len: usize,
    },
    /// A row that says that more than the whole element lies somewhere, or less than nothing.
    #[error(
        "the mapping {from} -> {to} gives element {element} of {from} the fraction {sum}; fractions lie in 0 to 1 and sum to at most 1"
    )]
    Fraction {
        /// Space of the rows.
        from: String,
        /// Space of the columns.
        to: String,
        /// Row.
        element: usize,
        /// Its sum, or its negative entry.
        sum: f64,
    },
    /// No mapping leads from one space to another.
    #[error("no mapping leads from '{from}' to '{to}'; mappings exist between: {}", available.join(", "))]
    NoPath {
        /// Where from.
        from: String,
        /// Where to.
        to: String,
        /// Pairs that are joined.
        available: Vec<String>,
    },
}
