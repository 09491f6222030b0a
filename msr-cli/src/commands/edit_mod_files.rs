//! `msr-cli edit-mod-files`.

use std::fs;
use std::path::{Path, PathBuf};

use msr_coupling::whole_file;

use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::mechanism_folder;
use crate::registry;
use crate::results::unwritable;
use crate::told::print;

/// Writes the bundled mechanism files into the folder of a simulation: all of them, or none.
pub fn run(directory: &Path, level: LogLevel) -> Result<(), Failure> {
    let folder = directory.join(mechanism_folder::NAME);
    if folder.symlink_metadata().is_ok() {
        return Err(Failure::configuration(FolderExists(folder)));
    }
    let unfinished = whole_file::unfinished(&folder);
    fs::create_dir_all(&unfinished).map_err(|source| unwritable(&unfinished, source))?;
    let library = registry::mechanism_library();
    for (name, text) in library {
        let file = unfinished.join(name);
        fs::write(&file, text).map_err(|source| unwritable(&file, source))?;
    }
    whole_file::put_in_place(&unfinished, &folder).map_err(|source| unwritable(&folder, source))?;
    if level < LogLevel::Info {
        return Ok(());
    }
    print([
        format!("{} mechanism files in {}", library.len(), folder.display()),
        format!("they are used from there now; after editing: msr-cli check {}", directory.display()),
    ])
}

#[derive(Debug, thiserror::Error)]
#[error("{} exists; edit the files in it, or move it away", .0.display())]
struct FolderExists(PathBuf);
