//! What can be wrong with an expression, and where.

use std::fmt;
use std::ops::Range;

use crate::query::nearest;

/// A mistake in an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpressionError {
    /// The expression.
    pub text: String,
    /// Bytes of the text that are wrong.
    pub place: Range<usize>,
    /// What is wrong there.
    pub problem: ExpressionProblem,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ExpressionProblem {
    /// Not an expression.
    #[error("{0}")]
    Syntax(String),
    /// More text than an expression may have, or deeper nesting.
    #[error("the expression is too large: at most {longest} bytes and {deepest} nested brackets are allowed")]
    TooLarge {
        /// Bytes allowed.
        longest: usize,
        /// Nested brackets allowed.
        deepest: usize,
    },
    /// A name that means nothing here.
    #[error("unknown name '{name}'{}; available: {}", nearest(name, available), available.join(", "))]
    UnknownName {
        /// The name.
        name: String,
        /// What is known.
        available: Vec<String>,
    },
    /// A construct that transform expressions do not have.
    #[error(
        "{what} cannot be used in a transform expression; allowed are numbers, vals, config.*, the matrices, + - * / // % **, comparisons joined by & | ~, `a if c else b`, .dot and @, and functions of math, np and Python"
    )]
    NotAllowed {
        /// The construct.
        what: &'static str,
    },
    /// A matrix that this run does not have.
    #[error("the matrix {name} joins {rows} and {columns}, which this run does not have together")]
    MissingMatrix {
        /// The matrix.
        name: String,
        /// Space of its rows.
        rows: &'static str,
        /// Space of its columns.
        columns: &'static str,
    },
    /// The wrong number of arguments.
    #[error("{function} takes {expected}, found {found}")]
    Arguments {
        /// The function.
        function: String,
        /// What it takes.
        expected: &'static str,
        /// What it was given.
        found: usize,
    },
    /// Values that do not lie in the same space.
    #[error("values in '{left}' ({left_len}) and in '{right}' ({right_len}) cannot be combined")]
    Shapes {
        /// Space of one side.
        left: String,
        /// Its length.
        left_len: usize,
        /// Space of the other side.
        right: String,
        /// Its length.
        right_len: usize,
    },
    /// A single number was needed.
    #[error("a single number is needed here, found values in '{space}'")]
    ScalarNeeded {
        /// Space of what was found.
        space: String,
    },
    /// Values of a space were needed.
    #[error("values of a space are needed here, found a single number")]
    ValuesNeeded,
    /// `&`, `|` or `~` with something else than comparisons.
    #[error("&, | and ~ join comparisons, each in brackets: (vals > 1) & (vals < 2)")]
    ComparisonNeeded,
    /// A configuration entry that is no number.
    #[error("{path} is {found}, not a number")]
    NotANumber {
        /// Path in the configuration.
        path: String,
        /// What is there.
        found: String,
    },
    /// A matrix where values were needed.
    #[error("a matrix stands where values are needed; apply it with .dot(...)")]
    BareMatrix,
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, place, problem } = self;
        // Of a text of several lines, the one in which the mistake begins.
        let start = place.start.min(text.len());
        let line_start = text[..start].rfind('\n').map_or(0, |end| end + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |length| start + length);
        let before = text[line_start..start].chars().count();
        let marked = text.get(start..place.end.min(line_end)).map_or(1, |text| text.chars().count().max(1));
        writeln!(f, "{problem}")?;
        writeln!(f, "  {}", &text[line_start..line_end])?;
        write!(f, "  {}{}", " ".repeat(before), "^".repeat(marked))
    }
}

impl std::error::Error for ExpressionError {}
