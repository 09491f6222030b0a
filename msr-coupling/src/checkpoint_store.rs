//! Checkpoints on disk: one file each in a directory, whole or recognised as damaged.
//!
//! A file has the [`MAGIC`] bytes, then, as little-endian integers, the version of its format (32 bits), the number of
//! bytes of the state (64) and their XXH3 checksum (64), then the state, encoded with `postcard`. It is written under
//! another name, brought to the disk, and renamed, so that a file of the final name is whole unless the disk damaged it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use xxhash_rust::xxh3::xxh3_64;

/// What every checkpoint file begins with.
pub const MAGIC: [u8; 8] = *b"msrstate";
/// Version of the format and of the encoded states; a state of another version is not read.
pub const VERSION: u32 = 1;

/// What the name of a checkpoint file ends with.
const EXTENSION: &str = "checkpoint";
/// Name of the file that is being written.
const UNFINISHED: &str = "unfinished";
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

/// What is wrong with a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// It does not begin as a checkpoint.
    #[error("it does not begin like a checkpoint")]
    Beginning,
    /// It has another length than it says.
    #[error("{found} bytes follow its header instead of {expected}")]
    Length {
        /// Bytes that should be there.
        expected: u64,
        /// Bytes that are there.
        found: u64,
    },
    /// Its content is not that of the checksum.
    #[error("its checksum does not fit")]
    Checksum,
    /// Its content is no state.
    #[error("its content is not the state of a run")]
    Content,
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
        let unfinished = self.directory.join(UNFINISHED);
        if let Err(error) = write_durably(&unfinished, &content).and_then(|()| fs::rename(&unfinished, &path)) {
            // The first error is the one to report; a part of a file would only take room.
            let _ = fs::remove_file(&unfinished);
            return Err(unwritable(error));
        }
        sync_directory(&self.directory).map_err(unwritable)?;
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

fn write_durably(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(&MAGIC)?;
    file.write_all(&VERSION.to_le_bytes())?;
    file.write_all(&(content.len() as u64).to_le_bytes())?;
    file.write_all(&xxh3_64(content).to_le_bytes())?;
    file.write_all(content)?;
    file.sync_all()
}

/// Brings the names in a directory to the disk, where the system can do that.
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

fn read<S: DeserializeOwned>(path: &Path) -> Result<S, StoreError> {
    let bytes = fs::read(path).map_err(|source| StoreError::Read { path: path.to_owned(), source })?;
    let damaged = |defect| StoreError::Damaged { path: path.to_owned(), defect };
    let header = header_of(&bytes).ok_or_else(|| damaged(Defect::Beginning))?;
    if header.version != VERSION {
        return Err(StoreError::Version { path: path.to_owned(), found: header.version });
    }
    let (expected, found) = (header.length, header.content.len() as u64);
    if found != expected {
        return Err(damaged(Defect::Length { expected, found }));
    }
    if xxh3_64(header.content) != header.checksum {
        return Err(damaged(Defect::Checksum));
    }
    postcard::from_bytes(header.content).map_err(|_| damaged(Defect::Content))
}

struct Header<'a> {
    version: u32,
    length: u64,
    checksum: u64,
    content: &'a [u8],
}

/// The parts of a file; `None` where it does not begin like a checkpoint.
fn header_of(bytes: &[u8]) -> Option<Header<'_>> {
    let (version, rest) = bytes.strip_prefix(&MAGIC)?.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (checksum, content) = rest.split_first_chunk()?;
    Some(Header {
        version: u32::from_le_bytes(*version),
        length: u64::from_le_bytes(*length),
        checksum: u64::from_le_bytes(*checksum),
        content,
    })
}
