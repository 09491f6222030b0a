//! What is wrong with a template.

use std::path::PathBuf;

use msr_config::present_instead;

/// A place in a template that is not understood or cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}{}", numbered(*line), quoted(.statement))]
pub struct HocProblem {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 where the statement is what a JSON file leads to.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// The line as it is written.
    pub statement: String,
}

fn numbered(line: usize) -> String {
    if line == 0 { String::new() } else { format!(":{line}") }
}

fn quoted(statement: &str) -> String {
    if statement.is_empty() { String::new() } else { format!(": `{statement}`") }
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HocError {
    /// The file, or one that it loads, cannot be read.
    #[error("{}: cannot be read: {source}{}", path.display(), present_instead(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// What is not understood, all of it.
    #[error("{}", listed(.0))]
    Problems(Vec<HocProblem>),
    /// A file without the template.
    #[error("{file}: has no template '{name}'; it has: {}", if available.is_empty() { "none".to_owned() } else { available.join(", ") })]
    NoTemplate {
        /// The file.
        file: String,
        /// The template asked for.
        name: String,
        /// Templates of the file.
        available: Vec<String>,
    },
}

fn listed(problems: &[HocProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
