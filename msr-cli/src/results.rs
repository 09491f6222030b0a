//! The output directory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use msr_coupling::whole_file::{self, UNFINISHED};
use msr_coupling::{CheckpointStore, LedgerEntry, Orchestrator, Simulator};

use crate::failure::Failure;
use crate::page::PAGE_FILE;

/// Picture of all results, in the output directory.
pub const OVERVIEW_FILE: &str = "overview.svg";

/// Directory of checkpoints, in the output directory.
const CHECKPOINTS: &str = "checkpoints";

/// What went over each connection, in the output directory.
pub const LEDGER_FILE: &str = "ledger.json";

/// Directory of files for ParaView, in the output directory.
const VTK: &str = "vtk";

/// What was simulated, in the output directory.
pub const MANIFEST_FILE: &str = "manifest.json";

/// The checkpoints of a run with these results.
pub fn checkpoints(directory: &Path) -> CheckpointStore {
    CheckpointStore::new(directory.join(CHECKPOINTS))
}

/// Makes the output directory. Results of an earlier run are only replaced where asked for: then they are removed first,
/// so that nothing old stands beside what is new; other files stay.
pub fn prepare(directory: &Path, force: bool) -> Result<(), Failure> {
    check_place(directory)?;
    let earlier = earlier_results(directory)?;
    let saved = checkpoints(directory).files().map_err(Failure::output)?;
    if !force && !saved.is_empty() {
        return Err(Failure::ContinuableResultsExist(directory.to_owned()));
    }
    if !force && !earlier.is_empty() {
        return Err(Failure::ResultsExist(directory.to_owned()));
    }
    fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    for file in earlier.into_iter().chain(saved) {
        fs::remove_file(&file).map_err(|source| unwritable(&file, source))?;
    }
    remove_unfinished(directory);
    Ok(())
}

/// Removes what a run that was killed left of files that it was making. What stays takes room and no more.
pub fn remove_unfinished(directory: &Path) {
    let entries = directory.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    for path in entries.filter(|path| is_unfinished(path)) {
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
}

/// Whether something has the name of a result that is not whole.
fn is_unfinished(path: &Path) -> bool {
    let whole = path.with_extension("");
    path.extension().is_some_and(|extension| extension == UNFINISHED)
        && (is_named_result(&whole)
            || whole.extension().is_some_and(|extension| extension == "h5")
            || whole.ends_with(VTK))
}

fn is_named_result(path: &Path) -> bool {
    [OVERVIEW_FILE, MANIFEST_FILE, LEDGER_FILE, PAGE_FILE].iter().any(|known| path.ends_with(known))
}

/// Refuses a place that can be no directory.
pub fn check_place(directory: &Path) -> Result<(), Failure> {
    let existing = directory.ancestors().find(|ancestor| ancestor.exists());
    match existing.filter(|existing| !existing.is_dir()) {
        Some(file) => Err(Failure::output(NoDirectory { path: file.to_owned(), wanted: directory.to_owned() })),
        None => Ok(()),
    }
}

/// Files of an earlier run: the picture, the manifest, those for ParaView, and HDF5 files with spikes or reports, finished or not.
fn earlier_results(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let entries = directory.read_dir().map_err(|source| unwritable(directory, source))?;
    let pictures = directory.join(VTK).read_dir().into_iter().flatten();
    let mut files: Vec<PathBuf> =
        entries.chain(pictures).flatten().map(|entry| entry.path()).filter(|path| is_result(path)).collect();
    files.sort();
    Ok(files)
}

fn is_result(path: &Path) -> bool {
    if is_named_result(path) || (is_unfinished(path) && path.is_file()) {
        return true;
    }
    if path.extension().is_some_and(|extension| extension == "vtp" || extension == "vtu") {
        return path.parent().is_some_and(|parent| parent.ends_with(VTK));
    }
    let is_hdf5 = path.extension().is_some_and(|extension| extension == "h5");
    is_hdf5 && hdf5::File::open(path).is_ok_and(|file| ["spikes", "report"].iter().any(|name| file.link_exists(name)))
}

/// Writes what went over each connection.
pub fn write_ledger(directory: &Path, run: &Orchestrator) -> Result<(), Failure> {
    let path = directory.join(LEDGER_FILE);
    let entries: Vec<LedgerEntry> = run.ledger().collect();
    let text = serde_json::to_string_pretty(&entries).map_err(Failure::output)?;
    write_whole(&path, &(text + "\n"))
}

/// Writes a file so that a reader sees the whole of it or nothing, also after a power cut.
pub fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    write_through(path, |out| out.write_all(text.as_bytes()))
}

/// As [`write_whole`], what is written piece by piece.
pub fn write_through(path: &Path, content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), Failure> {
    whole_file::write(path, content).map_err(|source| unwritable(path, source))
}

/// Writes the state of all simulators that can be shown in space; gives the files. Each is put in place when it is whole.
pub fn write_vtk(directory: &Path, run: &Orchestrator) -> Result<Vec<PathBuf>, Failure> {
    let finished = directory.join(VTK);
    let unfinished = whole_file::unfinished(&finished);
    for directory in [&finished, &unfinished] {
        fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    }
    let write = |simulator: &dyn Simulator| -> Result<Option<PathBuf>, Failure> {
        let Some(written) = simulator.write_vtk(&unfinished).map_err(Failure::output)? else { return Ok(None) };
        let path = finished.join(written.file_name().unwrap_or_default());
        whole_file::put_in_place(&written, &path).map_err(|source| unwritable(&path, source))?;
        Ok(Some(path))
    };
    let files = run.simulators().iter().filter_map(|simulator| write(&**simulator).transpose()).collect();
    // What is left in it is of a failure that is told.
    let _ = fs::remove_dir_all(&unfinished);
    files
}

pub fn unwritable(path: &Path, source: std::io::Error) -> Failure {
    Failure::output(Unwritable { path: path.to_owned(), source })
}

#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {source}", path.display())]
struct Unwritable {
    path: PathBuf,
    source: std::io::Error,
}

#[derive(Debug, thiserror::Error)]
#[error("{} is no directory, and results are to go to {} (output.output_dir)", path.display(), wanted.display())]
struct NoDirectory {
    path: PathBuf,
    wanted: PathBuf,
}
