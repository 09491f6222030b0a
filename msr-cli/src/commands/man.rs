//! `msr-cli man`.

use std::fs;
use std::path::Path;

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::results::unwritable;
use crate::told::print;

/// Writes the manual pages.
pub fn run(directory: &Path, level: LogLevel) -> Result<(), Failure> {
    let failed = |source| unwritable(directory, source);
    fs::create_dir_all(directory).map_err(failed)?;
    clap_mangen::generate_to(Arguments::command(), directory).map_err(failed)?;
    if level < LogLevel::Info { Ok(()) } else { print([format!("manual pages are in {}", directory.display())]) }
}
