//! Files that are whole or recognised as damaged.
//!
//! A sealed file has eight bytes that tell its kind, then, as little-endian integers, the version of its format (32 bits),
//! the number of bytes of its content (64) and their XXH3 checksum (64), then the content. It is written under another
//! name, brought to the disk, and renamed, so that a file of the final name is whole unless the disk damaged it.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use crate::whole_file;

/// A kind of sealed files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seal {
    /// What every such file begins with.
    pub magic: [u8; 8],
    /// Version of the format; files of another one are not read.
    pub version: u32,
}

/// Why the content of a file cannot be had.
#[derive(Debug)]
pub(crate) enum Unsealed {
    /// The system refused to read.
    Unreadable(io::Error),
    /// The file is not what was written.
    Damaged(Defect),
    /// It is of this other version.
    OtherVersion(u32),
}

/// What is wrong with a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// It does not begin as such a file does.
    #[error("it does not begin as such a file does")]
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
    /// Its content is whole and means nothing.
    #[error("its content is not what such a file holds")]
    Content,
}

impl Seal {
    /// Writes a file, as `unfinished` until it is whole; what stood at `path` before stays until then.
    ///
    /// # Errors
    /// Of the system.
    pub fn write(self, path: &Path, unfinished: &Path, content: &[u8]) -> io::Result<()> {
        whole_file::write_as(unfinished, path, |out| {
            out.write_all(&self.magic)?;
            out.write_all(&self.version.to_le_bytes())?;
            out.write_all(&(content.len() as u64).to_le_bytes())?;
            out.write_all(&xxh3_64(content).to_le_bytes())?;
            out.write_all(content)
        })
    }

    /// The content of a file.
    ///
    /// # Errors
    /// [`Unsealed`].
    pub fn read(self, path: &Path) -> Result<Vec<u8>, Unsealed> {
        let mut bytes = fs::read(path).map_err(Unsealed::Unreadable)?;
        let header = self.header_of(&bytes).ok_or(Unsealed::Damaged(Defect::Beginning))?;
        if header.version != self.version {
            return Err(Unsealed::OtherVersion(header.version));
        }
        let content = bytes.split_off(bytes.len() - header.content_bytes);
        let (expected, found) = (header.length, content.len() as u64);
        if found != expected {
            return Err(Unsealed::Damaged(Defect::Length { expected, found }));
        }
        if xxh3_64(&content) != header.checksum {
            return Err(Unsealed::Damaged(Defect::Checksum));
        }
        Ok(content)
    }

    /// What a file says of itself; `None` where it does not begin like one.
    fn header_of(self, bytes: &[u8]) -> Option<Header> {
        let (version, rest) = bytes.strip_prefix(&self.magic)?.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (checksum, content) = rest.split_first_chunk()?;
        Some(Header {
            version: u32::from_le_bytes(*version),
            length: u64::from_le_bytes(*length),
            checksum: u64::from_le_bytes(*checksum),
            content_bytes: content.len(),
        })
    }
}

struct Header {
    version: u32,
    length: u64,
    checksum: u64,
    content_bytes: usize,
}
