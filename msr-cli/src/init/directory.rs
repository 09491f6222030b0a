//! The target directory: filled in a stage beside its content, published at the end.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use msr_coupling::whole_file;

use super::configuration::SIMULATION_CONFIG;

/// Name of the stage inside the target directory (on the same file system, so that publishing is renaming).
const STAGE: &str = ".msr-init";
/// An entry that does not count as content.
const LOGS: &str = ".logs";

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Neurons of the population `neocortex_neurons`.
    pub neurons: usize,
    /// Chemical synapses between them.
    pub synapses: usize,
    /// Astrocytes.
    pub astrocytes: usize,
    /// Endfeet of astrocytes on vessels.
    pub endfeet: usize,
    /// Contacts of astrocytes with synapses.
    pub astrocytic_contacts: usize,
    /// Segments of the vasculature.
    pub vessel_segments: usize,
    /// All files, relative to the directory, sorted.
    pub files: Vec<PathBuf>,
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "tiny_CI: {} files", self.files.len())?;
        writeln!(f, "  {} neurons, {} synapses", self.neurons, self.synapses)?;
        writeln!(f, "  {} vessel segments", self.vessel_segments)?;
        let (endfeet, contacts) = (self.endfeet, self.astrocytic_contacts);
        write!(f, "  {} astrocytes with {endfeet} endfeet, at {contacts} synapses", self.astrocytes)
    }
}

/// Why no circuit could be made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The directory has content.
    #[error("`{}` is not empty (it holds `{}`): give an empty or new directory, or --force to replace a circuit in it",
        .dir.display(), .entry.display())]
    NotEmpty {
        /// The directory.
        dir: PathBuf,
        /// One of its entries.
        entry: PathBuf,
    },
    /// The circuit has nothing to simulate.
    #[error("`{}` has no population of cells (biophysical, single_compartment, point_process, point_neuron); it has: {}",
        .circuit.display(), if .found.is_empty() { "none that is named".to_owned() } else { .found.join(", ") })]
    NoCells {
        /// The circuit configuration.
        circuit: PathBuf,
        /// Its populations with their types.
        found: Vec<String>,
    },
    /// The path names a file.
    #[error("`{}` is a file: give the path of a directory", .path.display())]
    NotADirectory {
        /// The path.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("cannot write `{}`: {source}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Writing a population failed.
    #[error("cannot write the SONATA file `{}`: {source}", .path.display())]
    Hdf5 {
        /// The file.
        path: PathBuf,
        /// The library's reason.
        source: hdf5::Error,
    },
}

/// A directory in the making. Dropped unpublished, it vanishes.
#[derive(Debug)]
pub struct Stage {
    dir: PathBuf,
    stage: PathBuf,
}

impl Stage {
    /// Checks `dir`, creates it if needed, and opens an empty stage in it.
    pub fn prepare(dir: &Path, force: bool) -> Result<Self, InitError> {
        if dir.exists() && !dir.is_dir() {
            return Err(InitError::NotADirectory { path: dir.to_owned() });
        }
        fs::create_dir_all(dir).map_err(|source| io_error(dir, source))?;
        if !force {
            let mut names = entries(dir)?;
            names.retain(|name| name != Path::new(LOGS) && name != Path::new(STAGE));
            if let Some(entry) = names.into_iter().next() {
                return Err(InitError::NotEmpty { dir: dir.to_owned(), entry });
            }
        }
        let stage = dir.join(STAGE);
        // Left by a run that was killed.
        remove(&stage)?;
        fs::create_dir(&stage).map_err(|source| io_error(&stage, source))?;
        Ok(Self { dir: dir.to_owned(), stage })
    }

    /// Writes a text file at `path` relative to the directory.
    pub fn write_text(&self, path: impl AsRef<Path>, text: &str) -> Result<(), InitError> {
        let staged = self.staged(path.as_ref())?;
        fs::write(&staged, text).map_err(|source| io_error(path.as_ref(), source))
    }

    /// Lets `write` make an HDF5 file at `path` relative to the directory.
    pub fn write_hdf5(&self, path: &Path, write: impl Fn(&Path) -> hdf5::Result<()>) -> Result<(), InitError> {
        let staged = self.staged(path)?;
        write(&staged).map_err(|source| InitError::Hdf5 { path: path.to_owned(), source })
    }

    fn staged(&self, path: &Path) -> Result<PathBuf, InitError> {
        let staged = self.stage.join(path);
        let parent = staged.parent().expect("a staged file is inside the stage");
        fs::create_dir_all(parent).map_err(|source| io_error(parent, source))?;
        Ok(staged)
    }

    /// Moves all entries into the directory, the simulation configuration last, and returns the files' paths.
    pub fn publish(self) -> Result<Vec<PathBuf>, InitError> {
        let mut files = Vec::new();
        collect_files(&self.stage, Path::new(""), &mut files)?;
        files.sort();
        let mut names = entries(&self.stage)?;
        names.sort_by_key(|name| (name == Path::new(SIMULATION_CONFIG), name.clone()));
        for name in names {
            let target = self.dir.join(&name);
            remove(&target)?;
            whole_file::put_in_place(&self.stage.join(&name), &target).map_err(|source| io_error(&target, source))?;
        }
        Ok(files)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; the next run removes what is left.
        let _ = fs::remove_dir_all(&self.stage);
    }
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, InitError> {
    let mut names: Vec<PathBuf> = fs::read_dir(dir)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.file_name().into())).collect())
        .map_err(|source| io_error(dir, source))?;
    names.sort();
    Ok(names)
}

fn collect_files(dir: &Path, relative: &Path, files: &mut Vec<PathBuf>) -> Result<(), InitError> {
    for name in entries(dir)? {
        let (path, relative) = (dir.join(&name), relative.join(&name));
        if path.is_dir() {
            collect_files(&path, &relative, files)?;
        } else {
            files.push(relative);
        }
    }
    Ok(())
}

fn remove(path: &Path) -> Result<(), InitError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(io_error(path, source)),
        _ => Ok(()),
    }
}

fn io_error(path: &Path, source: io::Error) -> InitError {
    InitError::Io { path: path.to_owned(), source }
}
