//! `msr-cli migrate`.

use std::fs;
use std::path::{Path, PathBuf};

use msr_config::{Places, Problems, SimulationConfig};
use serde_json::Value;

use crate::arguments::Migrate;
use crate::failure::Failure;
use crate::migration::{self, Changes};
use crate::registry;
use crate::results::unwritable;
use crate::stdout::print;

/// Writes a configuration in the form of today, and tells on standard error what that changes.
pub fn run(arguments: &Migrate, quiet: bool) -> Result<(), Failure> {
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
    if !quiet {
        tell(&changes);
        if output.is_some_and(|output| output.parent() != file.parent()) {
            eprintln!("note: relative paths count from the directory of the new file");
        }
    }
    let path = output.unwrap_or(&file);
    SimulationConfig::from_text(&text, path).map(drop).map_err(|rest| Failure::configuration(Rest(rest)))
}

fn tell(changes: &Changes) {
    if changes.is_empty() {
        eprintln!("nothing to change");
    }
    for (title, lines) in
        [("the same in another form:", &changes.renamed), ("other than in the original:", &changes.meaning)]
    {
        if !lines.is_empty() {
            eprintln!("{title}\n  {}", lines.join("\n  "));
        }
    }
}

fn write(output: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if output.exists() && !force {
        return Err(Failure::configuration(FileExists(output.to_owned())));
    }
    let unfinished = output.with_added_extension("unfinished");
    fs::write(&unfinished, format!("{text}\n")).map_err(|source| unwritable(&unfinished, source))?;
    fs::rename(&unfinished, output).map_err(|source| unwritable(output, source))
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
