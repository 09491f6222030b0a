//! Checkpoints on disk: one file each in a directory, whole or recognised as damaged.
//!
//! A file begins with [`MAGIC`], then, as little-endian integers, the version of its format (32 bits), the number of bytes of
//! the state (64) and their XXH3 checksum (64), then the state, encoded with `postcard`. It is written under another name,
//! brought to the disk, and renamed, so that a file of the final name is whole unless the disk damaged it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Serialize, de::DeserializeOwned};

use crate::sealed_file::{Seal, Unsealed};
use crate::whole_file::{self, UNFINISHED};

pub use crate::sealed_file::Defect;

/// What every checkpoint file begins with.
pub const MAGIC: [u8; 8] = *b"msrstate";
/// Version of the format and of the encoded states; a state of another version is not read.
pub const VERSION: u32 = 4;

const SEAL: Seal = Seal { magic: MAGIC, version: VERSION };

/// What the name of a checkpoint file ends with.
const EXTENSION: &str = "checkpoint";
/// Files that are kept: the newest, and the one before it, in case the newest is damaged.
const KEPT: usize = 2;

/// A directory of checkpoints of one run.
#[derive(Debug, Clone)]
pub struct CheckpointStore {
    directory: PathBuf,
}

/// The newest state that can be read.
#[derive(Debug)]
pub struct Found<S> {
    /// The state.
    pub state: S,
    /// Its file.
    pub path: PathBuf,
    /// Newer files that cannot be read, and why.
    pub skipped: Vec<StoreError>,
}

/// Why a checkpoint cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused to write.
    #[error("the checkpoint {path} cannot be written: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system refused to read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The state cannot be encoded.
    #[error("the checkpoint {path} cannot be encoded: {source}")]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        source: postcard::Error,
    },
    /// The file is not what was written.
    #[error("{path} is damaged: {defect}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        defect: Defect,
    },
    /// The file is of another version of the format.
    #[error(
        "{path} has version {found} of the checkpoint format, this program reads version {VERSION}; continue with the \
         program that wrote it, or start anew"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// There is no checkpoint.
    #[error("there is no checkpoint in {directory}")]
    Nothing {
        /// The directory.
        directory: PathBuf,
    },
    /// No checkpoint can be read.
    #[error("no checkpoint in {directory} can be read:{}", reasons.iter().map(|reason| format!("\n  {reason}")).collect::<String>())]
    NothingReadable {
        /// The directory.
        directory: PathBuf,
        /// One reason a file, from the newest.
        reasons: Vec<StoreError>,
    },
}

impl CheckpointStore {
    /// The store in a directory, which is made when the first checkpoint is written.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Where the files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// All checkpoint files, from the oldest to the newest; those that were not written to their end are none.
    ///
    /// # Errors
    /// [`StoreError::Read`].
    pub fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        if !self.directory.is_dir() {
            return Ok(Vec::new());
        }
        let unreadable = |source| StoreError::Read { path: self.directory.clone(), source };
        let mut files = Vec::new();
        for entry in self.directory.read_dir().map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == EXTENSION) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Writes the state at base step `idts`. Of the earlier checkpoints the newest stays; later ones, which can only be
    /// of a run that is continued from here differently, go.
    ///
    /// # Errors
    /// [`StoreError::Write`], [`StoreError::Encode`]; earlier checkpoints are untouched then.
    pub fn write<S: Serialize>(&self, idts: u64, state: &S) -> Result<PathBuf, StoreError> {
        // So many digits that the order of the names is that of the steps.
        let path = self.directory.join(format!("step_{idts:020}.{EXTENSION}"));
        let content = postcard::to_stdvec(state).map_err(|source| StoreError::Encode { path: path.clone(), source })?;
        let unwritable = |source| StoreError::Write { path: path.clone(), source };
        fs::create_dir_all(&self.directory).map_err(unwritable)?;
        whole_file::sync_directory_of(&self.directory).map_err(unwritable)?;
        SEAL.write(&path, &self.directory.join(UNFINISHED), &content).map_err(unwritable)?;
        let files = self.files()?;
        let here = files.iter().position(|file| *file == path).unwrap_or_default();
        for (position, file) in files.iter().enumerate() {
            if position > here || position + KEPT <= here {
                fs::remove_file(file).map_err(unwritable)?;
            }
        }
        Ok(path)
    }

    /// The newest state that is whole.
    ///
    /// # Errors
    /// [`StoreError::Nothing`], [`StoreError::NothingReadable`], [`StoreError::Read`].
    pub fn newest<S: DeserializeOwned>(&self) -> Result<Found<S>, StoreError> {
        let mut skipped = Vec::new();
        for path in self.files()?.into_iter().rev() {
            match read(&path) {
                Ok(state) => return Ok(Found { state, path, skipped }),
                Err(reason) => skipped.push(reason),
            }
        }
        let directory = self.directory.clone();
        Err(if skipped.is_empty() {
            StoreError::Nothing { directory }
        } else {
            StoreError::NothingReadable { directory, reasons: skipped }
        })
    }
}

fn read<S: DeserializeOwned>(path: &Path) -> Result<S, StoreError> {
    let damaged = |defect| StoreError::Damaged { path: path.to_owned(), defect };
    let content = SEAL.read(path).map_err(|reason| match reason {
        Unsealed::Unreadable(source) => StoreError::Read { path: path.to_owned(), source },
        Unsealed::Damaged(defect) => damaged(defect),
        Unsealed::OtherVersion(found) => StoreError::Version { path: path.to_owned(), found },
    })?;
    postcard::from_bytes(&content).map_err(|_| damaged(Defect::Content))
}
