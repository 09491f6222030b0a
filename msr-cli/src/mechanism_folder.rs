//! Where a simulation keeps mechanism files of its own.

use std::path::{Path, PathBuf};

/// Name of the folder beside a simulation's configuration.
pub const NAME: &str = "mod";

/// The folder of the simulation whose configuration file this is, where there is one.
pub fn of(configuration: &Path) -> Option<PathBuf> {
    let folder = configuration.parent().unwrap_or(Path::new("")).join(NAME);
    folder.is_dir().then_some(folder)
}
