//! An HDF5 file that is readable at any moment.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hdf5::dataset::{AllocTime, FillTime};
use hdf5::types::VarLenUnicode;
use hdf5::{Dataset, DatasetBuilder, Group, Location};
use msr_coupling::whole_file;

use crate::{ReportError, unlocked};

/// A file of results that is being written.
///
/// It has the default (earliest) HDF5 format and is flushed after every block, so that another process opens it while
/// the run goes on, and after the writer was killed. Room for a block is taken before the library is asked to write it,
/// because a full disk in the middle of a flush leaves a file that nobody can open. It has another name until it is
/// [published](Self::publish), for it cannot be read before all of its parts are there.
pub(crate) struct ResultFile {
    path: PathBuf,
    is_published: bool,
    hdf5: hdf5::File,
    /// The same file, to take room at its end.
    room: File,
}

/// Room for what the library adds to a block of its own: chunk index, object headers.
const METADATA_BYTES: u64 = 16 * 1024;

impl ResultFile {
    /// Creates the file, and its folder. A file of this name stays until the new one is published; one that is not
    /// published is removed when it is dropped.
    pub(crate) fn create(path: &Path) -> Result<Self, ReportError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|source| ReportError::CreateFolder { path: folder.to_owned(), source })?;
        }
        let unfinished = whole_file::unfinished(path);
        // The system's own error is clearer than the library's.
        let room = open(&unfinished, path)?;
        let hdf5 = unlocked::create(&unfinished).map_err(|error| {
            let _ = fs::remove_file(&unfinished);
            ReportError::hdf5(path, "create the file")(error)
        })?;
        Ok(Self { path: path.to_owned(), is_published: false, hdf5, room })
    }

    /// Brings everything to the file and gives it its name. There is no result in it yet that a power cut could take.
    pub(crate) fn publish(&mut self) -> Result<(), ReportError> {
        self.name(|unfinished, path| fs::rename(unfinished, path))
    }

    /// The same of a file with results: they are on the disk before they take the place of others.
    pub(crate) fn publish_results(&mut self) -> Result<(), ReportError> {
        self.name(whole_file::put_in_place)
    }

    fn name(&mut self, rename: impl Fn(&Path, &Path) -> std::io::Result<()>) -> Result<(), ReportError> {
        self.flush()?;
        let named = rename(&whole_file::unfinished(&self.path), &self.path);
        named.map_err(|source| ReportError::Open { path: self.path.clone(), source })?;
        self.is_published = true;
        Ok(())
    }

    /// Opens a file to go on writing.
    pub(crate) fn reopen(path: &Path) -> Result<Self, ReportError> {
        if !path.is_file() {
            return Err(ReportError::CannotContinue {
                path: path.to_owned(),
                reason: "there is no such file".to_owned(),
            });
        }
        let room = open(path, path)?;
        let hdf5 = unlocked::open(path).map_err(ReportError::hdf5(path, "open the file"))?;
        Ok(Self { path: path.to_owned(), is_published: true, hdf5, room })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The opened file.
    pub(crate) fn hdf5(&self) -> &hdf5::File {
        &self.hdf5
    }

    /// Takes room for `bytes` of values and what belongs to them; nothing has changed where there is none.
    pub(crate) fn take_room(&mut self, bytes: u64) -> Result<(), ReportError> {
        let needed_bytes = bytes + METADATA_BYTES;
        let end = self.room.seek(SeekFrom::End(0)).map_err(|source| self.system(source))?;
        if let Err(source) = write_zeros(&mut self.room, needed_bytes) {
            self.room.set_len(end).map_err(|source| self.system(source))?;
            return Err(ReportError::NoRoom { path: self.path.clone(), needed_bytes, source });
        }
        Ok(())
    }

    /// Brings everything to the file and gives back room that was taken and not used.
    pub(crate) fn flush(&mut self) -> Result<(), ReportError> {
        self.hdf5.flush().map_err(ReportError::hdf5(&self.path, "flush"))?;
        self.room.set_len(self.hdf5.size()).map_err(|source| self.system(source))
    }

    /// Brings what was flushed, and the name of the file, to the disk itself, so that a power cut does not take it.
    pub(crate) fn sync(&self) -> Result<(), ReportError> {
        let synced = self.room.sync_all().and_then(|()| whole_file::sync_directory_of(&self.path));
        synced.map_err(|source| self.system(source))
    }

    fn system(&self, source: std::io::Error) -> ReportError {
        ReportError::System { path: self.path.clone(), source }
    }
}

impl Drop for ResultFile {
    fn drop(&mut self) {
        if !self.is_published {
            // What kept it from being published is told; a part of a file would only take room.
            let _ = fs::remove_file(whole_file::unfinished(&self.path));
        }
    }
}

/// Opens `path`; an error names `told`.
fn open(path: &Path, told: &Path) -> Result<File, ReportError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(|source| ReportError::Open { path: told.to_owned(), source })
}

fn write_zeros(file: &mut File, bytes: u64) -> std::io::Result<()> {
    std::io::copy(&mut std::io::Read::take(std::io::repeat(0), bytes), file)?;
    file.flush()
}

/// Begins a dataset that has the index of its chunks from the start. Otherwise the first flush writes first where the index is and then
/// the index, and a process that is killed in between leaves a dataset that cannot be read. Chunks are not filled: their room is
/// zeros, and every row of them is written.
pub(crate) fn indexed(group: &Group) -> DatasetBuilder {
    group.new_dataset_builder().alloc_time(Some(AllocTime::Early)).fill_time(FillTime::Never)
}

/// Writes the attribute `units`: variable-length UTF-8, as libsonatareport does.
pub(crate) fn write_units(location: &Location, units: &str) -> hdf5::Result<()> {
    let units = VarLenUnicode::from_str(units).map_err(|error| hdf5::Error::from(error.to_string()))?;
    location.new_attr::<VarLenUnicode>().create("units")?.write_scalar(&units)
}

/// Appends values to a one-dimensional dataset.
pub(crate) fn append<T: hdf5::H5Type>(dataset: &Dataset, values: &[T]) -> hdf5::Result<()> {
    let end = dataset.size();
    dataset.resize([end + values.len()])?;
    dataset.write_slice(ndarray::ArrayView1::from(values), end..)
}
