//! What is wrong with a description of a cell.

use crate::hoc::HocError;

/// A place in a file that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {key}: {message}")]
pub struct DescriptionProblem {
    /// The file.
    pub file: String,
    /// The key, or the element.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

/// Why a file is no electrical model.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// No JSON, or not of this form.
    #[error("{file}:{}:{}: {source}", source.line(), source.column())]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong and where.
        source: serde_json::Error,
    },
    /// No XML.
    #[error("{file}: {source}")]
    Xml {
        /// The file.
        file: String,
        /// What is wrong and where.
        source: roxmltree::Error,
    },
    /// All that is wrong with its content.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<DescriptionProblem>),
    /// What it leads to cannot be carried out.
    #[error(transparent)]
    Hoc(#[from] HocError),
}
