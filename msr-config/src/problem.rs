//! Mistakes of users' files: all of a file together, each with its place and what would be right.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::document;
use crate::json::Position;
use crate::name::{listed, nearest};
use crate::source::{COMMAND_LINE, Origin, SourceFiles};

/// One mistake in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file that has the mistake; `--set` for a mistake on the command line.
    pub file: PathBuf,
    /// Line of the value or key, from 1; 0 where the mistake has no place in the text (file missing, not readable).
    pub line: usize,
    /// Column in characters, from 1; 0 as for `line`.
    pub column: usize,
    /// Path of the key, for example `inputs.pInj.width` or `multiscale_run.connections[3].action`; empty for the whole file.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        if !self.key.is_empty() {
            let separator = if self.file == Path::new(COMMAND_LINE) { " " } else { ": " };
            write!(f, "{separator}{}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// All mistakes of a file, in the order of the file; never empty as an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

/// Where each key of a file stands, so that mistakes found later can be told with their place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    sources: SourceFiles,
    by_key: BTreeMap<String, Position>,
}

impl Places {
    pub(crate) fn new(sources: SourceFiles, by_key: BTreeMap<String, Position>) -> Self {
        Self { sources, by_key }
    }

    /// The places of a JSON text; `path` is the file that it stands for.
    ///
    /// # Errors
    /// One problem where the text is no JSON.
    pub fn of_text(text: &str, path: impl AsRef<Path>) -> Result<Self, Problems> {
        document::places_of(text, path.as_ref())
    }

    /// A problem at a key such as `inputs.pInj.node_set` or `multiscale_run.connections[3]`, at the place of its value; where
    /// there is no such key, at the nearest key above it.
    pub fn problem(&self, key: &str, message: impl Into<String>) -> Problem {
        let (file, line, column) = self.position(key).map_or_else(
            || (self.sources.path(Origin::OWN_FILE), 0, 0),
            |position| (self.sources.path(position.origin), position.line, position.column),
        );
        Problem { file: file.to_owned(), line, column, key: key.to_owned(), message: message.into() }
    }

    /// Line and column, from 1, of the value of a key, or of the nearest key above it.
    pub fn of(&self, key: &str) -> (usize, usize) {
        self.position(key).map_or((0, 0), |position| (position.line, position.column))
    }

    fn position(&self, key: &str) -> Option<Position> {
        let mut known = key;
        loop {
            match (self.by_key.get(known), known.rfind(['.', '['])) {
                (Some(place), _) => return Some(*place),
                (None, Some(end)) => known = &known[..end],
                (None, None) => return self.by_key.get("").copied(),
            }
        }
    }
}

/// What may have been meant by the path of an absent file, to be put behind a message: ` (did you mean '...'?)`,
/// ` (the directory has: ...)` with files of the same extension, or ` (no directory ...)`; nothing where the file is there.
pub fn present_instead(path: &Path) -> String {
    if path.exists() {
        return String::new();
    }
    let Some(directory) = path.parent() else { return String::new() };
    let Ok(entries) = std::fs::read_dir(directory) else {
        return format!(" (no directory {})", directory.display());
    };
    let mut present: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension() == path.extension())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    present.sort();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match (nearest(&name, &present), present.is_empty()) {
        (meant, _) if !meant.is_empty() => meant,
        (_, true) => String::new(),
        (_, false) => format!(" (the directory has: {})", listed(&present)),
    }
}
