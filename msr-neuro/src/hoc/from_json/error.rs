//! What is wrong with such a file.

use crate::hoc::HocError;

/// A place in a JSON file that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {key}: {message}")]
pub struct JsonProblem {
    /// The file.
    pub file: String,
    /// The key.
    pub key: String,
    /// What is wrong.
    pub message: String,
}

/// Why a JSON file is no electrical model.
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
    /// All that is wrong with its content.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Problems(Vec<JsonProblem>),
    /// What it leads to cannot be carried out.
    #[error(transparent)]
    Hoc(#[from] HocError),
}
