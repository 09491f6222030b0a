//! `msr-cli migrate`.

use std::fs;
use std::path::{Path, PathBuf};

use msr_config::{Places, Problems, SimulationConfig};
use serde_json::Value;

use crate::arguments::Migrate;
use crate::failure::Failure;
use crate::log_level::LogLevel;
use crate::migration::{self, Changes};
use crate::registry;
use crate::results::{unwritable, write_whole};
use crate::told::{note, print, tell};

/// Writes a configuration in the form of today, and tells on standard error what that changes.
pub fn run(arguments: &Migrate, level: LogLevel) -> Result<(), Failure> {
    let file = SimulationConfig::file_of(&arguments.simulation);
    let text = fs::read_to_string(&file)
        .map_err(|source| Failure::configuration(Unreadable { path: file.clone(), source }))?;
    let places = Places::of_text(&text, &file).map_err(Failure::configuration)?;
    let mut document: Value = serde_json::from_str(&text).map_err(Failure::configuration)?;
    let changes = migration::migrate(&mut document, &registry::metabolism_names());
    if !changes.impossible.is_empty() {
        let problem = |(key, message): &(String, String)| places.problem(key, message.as_str());
        return Err(Failure::configuration(Problems(changes.impossible.iter().map(problem).collect())));
    }
    let text = format!("{document:#}");
    let output = arguments.output.as_deref();
    match output {
        None => print([&text])?,
        Some(output) => write(output, &text, arguments.force)?,
    }
    if level >= LogLevel::Info {
        tell_changes(&changes);
    }
    if level >= LogLevel::Warning && output.is_some_and(|output| output.parent() != file.parent()) {
        tell(note("relative paths count from the directory of the new file"));
    }
    let path = output.unwrap_or(&file);
    SimulationConfig::from_text(&text, path).map(drop).map_err(|rest| Failure::configuration(Rest(rest)))
}

fn tell_changes(changes: &Changes) {
    if changes.is_empty() {
        tell("nothing to change");
    }
    for (title, lines) in
        [("the same in another form:", &changes.renamed), ("other than in the original:", &changes.meaning)]
    {
        if !lines.is_empty() {
            tell(format!("{title}\n  {}", lines.join("\n  ")));
        }
    }
}

fn write(output: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if output.exists() && !force {
        return Err(Failure::configuration(FileExists(output.to_owned())));
    }
    if let Some(folder) = output.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
    }
    write_whole(output, &format!("{text}\n"))
}

#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be read: {source}", path.display())]
struct Unreadable {
    path: PathBuf,
    source: std::io::Error,
}

#[derive(Debug, thiserror::Error)]
#[error("{} exists; give --force to replace it", .0.display())]
struct FileExists(PathBuf);

#[derive(Debug, thiserror::Error)]
#[error("these mistakes remain, with their places in the new text:\n{0}")]
struct Rest(Problems);
