//! What is found in a file: mistakes and warnings.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::json::Position;
use crate::manifest;
use crate::name::{listed, nearest};
use crate::path::directory_of;
use crate::problem::{Problem, Problems};
use crate::source::{Origin, SourceFiles};

/// The message of a mandatory key that is absent.
pub(crate) const MISSING: &str = "mandatory key is missing";

/// Mistakes and warnings of one file.
#[derive(Debug)]
pub(crate) struct Findings {
    /// The file.
    pub file: PathBuf,
    /// The directory to which its relative paths are joined.
    pub base_dir: PathBuf,
    /// The file and those that it inherits from.
    pub sources: RefCell<SourceFiles>,
    /// Whether files that the document names must be there.
    pub files: Files,
    problems: RefCell<Vec<(Position, Problem)>>,
    notes: RefCell<Vec<(Position, Problem)>>,
    /// Keys that other values refer to as tokens and that are therefore no idle keys.
    tokens: RefCell<BTreeSet<String>>,
    /// Variables of the manifest.
    variables: RefCell<BTreeSet<String>>,
}

impl Findings {
    pub fn new(file: &Path, base_dir: &Path, files: Files) -> Self {
        Self {
            file: file.to_owned(),
            base_dir: base_dir.to_owned(),
            files,
            sources: RefCell::new(SourceFiles::new(file)),
            problems: RefCell::default(),
            notes: RefCell::default(),
            tokens: RefCell::default(),
            variables: RefCell::default(),
        }
    }

    pub fn problem(&self, position: Position, key: impl Into<String>, message: impl Into<String>) {
        self.problems.borrow_mut().push((position, self.finding(position, key, message)));
    }

    pub fn note(&self, position: Position, key: impl Into<String>, message: impl Into<String>) {
        self.notes.borrow_mut().push((position, self.finding(position, key, message)));
    }

    /// The directory to which relative paths of a value are joined: that of the file that has it.
    pub fn base_dir_of(&self, position: Position) -> PathBuf {
        match position.origin {
            Origin::OWN_FILE | Origin::CommandLine => self.base_dir.clone(),
            inherited => directory_of(self.sources.borrow().path(inherited)),
        }
    }

    /// Remembers that a value refers to the key `name`.
    pub fn use_token(&self, name: &str) {
        self.tokens.borrow_mut().insert(name.to_owned());
    }

    /// Whether a value refers to the key `name`.
    pub fn is_token(&self, name: &str) -> bool {
        self.tokens.borrow().contains(name)
    }

    /// Remembers that the manifest defines `$name`.
    pub fn define_variable(&self, name: &str) {
        self.variables.borrow_mut().insert(name.to_owned());
    }

    /// What is wrong with a path that still has a `$name` in it: nothing defines that.
    pub fn undefined_variable(&self, path: &str) -> Option<String> {
        let variable = manifest::variable_in(path)?;
        let defined: Vec<String> = self.variables.borrow().iter().cloned().collect();
        let meant = nearest(variable, &defined);
        Some(format!("{variable} is not defined in the manifest{meant}; defined: {}", listed(&defined)))
    }

    /// Whether something is wrong with the value of a key.
    pub fn has_problem(&self, key: &str) -> bool {
        self.problems.borrow().iter().any(|(_, problem)| problem.key == key)
    }

    /// Drops the problem of a missing key that turned out to be misspelt, which is told instead.
    pub fn forget_missing(&self, key: &str) {
        self.problems.borrow_mut().retain(|(_, problem)| problem.key != key || problem.message != MISSING);
    }

    fn finding(&self, position: Position, key: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem {
            file: self.sources.borrow().path(position.origin).to_owned(),
            line: position.line,
            column: position.column,
            key: key.into(),
            message: message.into(),
        }
    }

    /// The notes where nothing is wrong, else all problems, both in the order of the file.
    pub fn finish(self) -> Result<Vec<Problem>, Problems> {
        let (problems, notes) = (self.problems.into_inner(), self.notes.into_inner());
        let ordered = |mut found: Vec<(Position, Problem)>| {
            found.sort_by_key(|(position, _)| *position);
            // A value that two readers look at is told once.
            found.dedup();
            found.into_iter().map(|(_, problem)| problem).collect::<Vec<_>>()
        };
        if problems.is_empty() { Ok(ordered(notes)) } else { Err(Problems(ordered(problems))) }
    }
}

/// Whether files that a document names are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    /// They must be there.
    Checked,
    /// The disk is not looked at.
    Unchecked,
}
