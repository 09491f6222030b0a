//! Mappings kept on disk, so that a run on the same geometry need not compute them again.
//!
//! An entry is found by the digest of everything that its mappings are computed from: the maker's own
//! [`MappingInputs`], all spaces of the run, the versions of program and format. Where anything of that changes, another
//! entry is looked for, so that one that has become wrong is never used. An entry that is damaged is computed anew.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sprs::CsMat;

use crate::digest::Digest;
use crate::sealed_file::{Defect, Seal, Unsealed};
use crate::simulator::SimulatorError;
use crate::space::{Mapping, Space};

/// What every file of mappings begins with, and the version of its format.
const SEAL: Seal = Seal { magic: *b"msrmappg", version: 1 };

/// What the name of a file of mappings ends with.
const EXTENSION: &str = "mappings";

/// A directory of mappings.
#[derive(Debug, Clone)]
pub struct MappingCache {
    /// Where they are; made when the first one is kept.
    pub directory: PathBuf,
    /// Whether mappings are taken from there.
    pub loads: bool,
    /// Whether mappings that had to be computed are kept there.
    pub saves: bool,
}

/// Everything that the mappings of a simulator are computed from, besides the spaces of the run.
#[derive(Debug, Clone)]
pub struct MappingInputs {
    maker: String,
    digest: Digest,
}

impl MappingInputs {
    /// Of this maker: a name that can be part of a file's name, and the version of its way to compute, which is to be raised
    /// with every change that gives other mappings. What it computes from is to be added to the digest.
    pub fn new(maker: &str, version: u32) -> Self {
        let mut digest = Digest::default();
        digest.text(maker);
        digest.integer(u64::from(version));
        Self { maker: maker.to_owned(), digest }
    }

    /// Where everything else that mappings depend on is added.
    pub fn digest(&mut self) -> &mut Digest {
        &mut self.digest
    }

    fn key(&self, spaces: &[Space]) -> u128 {
        let mut digest = self.digest.clone();
        digest.text(env!("CARGO_PKG_VERSION"));
        digest.integer(u64::from(SEAL.version));
        spaces.iter().for_each(|space| digest.whole_space(space));
        digest.long()
    }
}

/// Where the mappings of a maker came from.
#[derive(Debug, Clone, PartialEq)]
pub struct MappingRecord {
    /// The maker.
    pub maker: String,
    /// Entries of all its mappings.
    pub entries: usize,
    /// Wall time that it took to have them, without that of keeping them.
    pub elapsed: Duration,
    /// Whether they were on disk.
    pub source: MappingSource,
}

/// Whether mappings were on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingSource {
    /// They were computed.
    Computed,
    /// They were computed, and are on disk now.
    Kept {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// They were there.
    Loaded {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
}

impl fmt::Display for MappingRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { maker, entries, elapsed, source } = self;
        let seconds = elapsed.as_secs_f64();
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        match source {
            MappingSource::Computed => write!(f, "{maker}: {entries} entries computed in {seconds:.3} s"),
            MappingSource::Kept { path, bytes } => {
                let (megabytes, path) = (megabytes(*bytes), path.display());
                write!(f, "{maker}: {entries} entries computed in {seconds:.3} s, kept ({megabytes:.1} MB, {path})")
            }
            MappingSource::Loaded { path, bytes } => {
                let (megabytes, path) = (megabytes(*bytes), path.display());
                write!(f, "{maker}: {entries} entries loaded in {seconds:.3} s ({megabytes:.1} MB, {path})")
            }
        }
    }
}

/// Why mappings could not be taken from the disk, or not be kept there. Nothing depends on it but time.
#[derive(Debug, thiserror::Error)]
pub enum MappingCacheError {
    /// An entry that cannot be read.
    #[error("{} cannot be read: {source}; its mappings are computed anew", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// An entry that is not what was written.
    #[error("{} is damaged: {defect}; its mappings are computed anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        defect: Defect,
    },
    /// An entry that cannot be written.
    #[error("mappings cannot be kept in {}: {source}; the next run computes them anew", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The content of a file: the digest, so that an entry of another name is none, and the mappings.
#[derive(Serialize, Deserialize)]
struct Entry {
    key: u128,
    mappings: Vec<EncodedMapping>,
}

#[derive(Serialize, Deserialize)]
struct EncodedMapping {
    from: String,
    to: String,
    columns: usize,
    row_starts: Vec<usize>,
    indices: Vec<usize>,
    fractions: Vec<f64>,
}

impl EncodedMapping {
    fn of(mapping: &Mapping) -> Self {
        let fractions = mapping.fractions.to_csr();
        Self {
            from: mapping.from.clone(),
            to: mapping.to.clone(),
            columns: fractions.cols(),
            row_starts: fractions.proper_indptr().into_owned(),
            indices: fractions.indices().to_vec(),
            fractions: fractions.data().to_vec(),
        }
    }

    fn decoded(self) -> Option<Mapping> {
        let rows = self.row_starts.len().checked_sub(1)?;
        let fractions = CsMat::try_new((rows, self.columns), self.row_starts, self.indices, self.fractions).ok()?;
        Some(Mapping { from: self.from, to: self.to, fractions })
    }
}

/// Mappings, where they came from, and what went wrong with the disk.
pub(crate) struct Fetched {
    pub mappings: Vec<Mapping>,
    pub record: MappingRecord,
    pub troubles: Vec<MappingCacheError>,
}

impl MappingCache {
    /// The mappings of `inputs` and `spaces`: those on disk, or what `compute` gives.
    ///
    /// # Errors
    /// Those of `compute`.
    pub(crate) fn fetch(
        &self,
        inputs: &MappingInputs,
        spaces: &[Space],
        compute: impl FnOnce() -> Result<Vec<Mapping>, SimulatorError>,
    ) -> Result<Fetched, SimulatorError> {
        let begun = Instant::now();
        let record = |mappings: &[Mapping], elapsed, source| {
            let entries = mappings.iter().map(|mapping| mapping.fractions.nnz()).sum();
            MappingRecord { maker: inputs.maker.clone(), entries, elapsed, source }
        };
        let mut troubles = Vec::new();
        let place = (self.loads || self.saves).then(|| {
            let key = inputs.key(spaces);
            (key, self.directory.join(format!("{}_{key:032x}.{EXTENSION}", inputs.maker)))
        });
        if let Some((key, path)) = place.as_ref().filter(|(_, path)| self.loads && path.exists()) {
            match read(path, *key) {
                Ok((mappings, bytes)) => {
                    let source = MappingSource::Loaded { path: path.clone(), bytes };
                    let record = record(&mappings, begun.elapsed(), source);
                    return Ok(Fetched { mappings, record, troubles });
                }
                Err(trouble) => troubles.push(trouble),
            }
        }
        let mappings = compute()?;
        let mut record = record(&mappings, begun.elapsed(), MappingSource::Computed);
        if let Some((key, path)) = place.filter(|_| self.saves) {
            match self.write(&path, key, &mappings) {
                Ok(bytes) => record.source = MappingSource::Kept { path, bytes },
                Err(source) => troubles.push(MappingCacheError::Unwritable { path, source }),
            }
        }
        Ok(Fetched { mappings, record, troubles })
    }

    fn write(&self, path: &Path, key: u128, mappings: &[Mapping]) -> io::Result<u64> {
        let entry = Entry { key, mappings: mappings.iter().map(EncodedMapping::of).collect() };
        let content = postcard::to_stdvec(&entry).map_err(io::Error::other)?;
        fs::create_dir_all(&self.directory)?;
        // Several runs may keep the same mappings at the same time; whoever comes last replaces equals by equals.
        let unfinished = path.with_extension(format!("unfinished.{}", std::process::id()));
        SEAL.write(path, &unfinished, &content)?;
        fs::metadata(path).map(|file| file.len())
    }
}

/// The mappings of a file, and its size.
fn read(path: &Path, key: u128) -> Result<(Vec<Mapping>, u64), MappingCacheError> {
    let damaged = |defect| MappingCacheError::Damaged { path: path.to_owned(), defect };
    let content = SEAL.read(path).map_err(|reason| match reason {
        Unsealed::Unreadable(source) => MappingCacheError::Unreadable { path: path.to_owned(), source },
        Unsealed::Damaged(defect) => damaged(defect),
        // The version is part of the name: this one has been given another.
        Unsealed::OtherVersion(_) => damaged(Defect::Content),
    })?;
    let bytes = content.len() as u64;
    let entry: Entry = postcard::from_bytes(&content).map_err(|_| damaged(Defect::Content))?;
    let mappings: Option<Vec<Mapping>> = entry.mappings.into_iter().map(EncodedMapping::decoded).collect();
    match mappings.filter(|_| entry.key == key) {
        Some(mappings) => Ok((mappings, bytes)),
        None => Err(damaged(Defect::Content)),
    }
}
