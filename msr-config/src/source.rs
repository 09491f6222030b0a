//! Where values come from: the file, a file that it inherits from, the command line.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File {
        /// The file.
        path: PathBuf,
        /// Line of the value, from 1.
        line: usize,
        /// Column of the value in characters, from 1.
        column: usize,
    },
    /// `--set` on the command line.
    CommandLine,
}

/// A value that does not simply stand in the simulation's own file.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// Its key, for example `multiscale_run.metabolism.ndts`.
    pub key: String,
    /// The value that counts, before token substitution.
    pub value: Value,
    /// Where that value comes from.
    pub source: Source,
    /// What it replaces and where that stood, the latest first.
    pub replaced: Vec<(Value, Source)>,
}

/// Who wrote a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    /// The file of this number in [`SourceFiles`]; 0 is the simulation's own.
    File(usize),
    /// The command line.
    CommandLine,
}

impl Origin {
    /// The file that is read.
    pub const OWN_FILE: Self = Self::File(0);
}

/// Stands for the file in problems of the command line.
pub(crate) const COMMAND_LINE: &str = "--set";

/// The file that is read and those that it inherits from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SourceFiles(Vec<PathBuf>);

impl SourceFiles {
    pub fn new(own: &Path) -> Self {
        Self(vec![own.to_owned()])
    }

    pub fn add(&mut self, file: PathBuf) -> Origin {
        self.0.push(file);
        Origin::File(self.0.len() - 1)
    }

    /// The file of an origin; [`COMMAND_LINE`] for the command line.
    pub fn path(&self, origin: Origin) -> &Path {
        match origin {
            Origin::File(number) => self.0.get(number).map_or(Path::new(""), PathBuf::as_path),
            Origin::CommandLine => Path::new(COMMAND_LINE),
        }
    }
}
