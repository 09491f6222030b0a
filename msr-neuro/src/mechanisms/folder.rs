//! A folder of mechanism files, which a user keeps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{MechanismFileError, Registry};
use crate::nmodl::{Options, compile};

/// Why a folder of mechanism files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MechanismFolderError {
    /// It, or a file in it, cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Mistakes in its files, of all of them.
    #[error("mechanism files cannot be used:\n{}", messages(.0))]
    Files(Vec<MechanismFileError>),
}

fn messages(errors: &[MechanismFileError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl Registry {
    /// Adds the mechanisms of all files of a folder that end in `.mod`, in the order of their names; those of the same names
    /// are replaced. Files that can be read but not used are left out where they replace nothing. Returns what became of the files, for the user to read.
    ///
    /// # Errors
    /// [`MechanismFolderError`] with everything that is wrong with the files.
    pub fn register_folder(&mut self, folder: &Path, options: &Options) -> Result<Vec<String>, MechanismFolderError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| MechanismFolderError::Unreadable { path, source }
        };
        let mut paths = Vec::new();
        for entry in folder.read_dir().map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            if path.extension().is_some_and(|extension| extension == "mod") {
                paths.push(path);
            }
        }
        paths.sort();
        let (mut names, mut notes, mut mistakes) = (BTreeMap::new(), Vec::new(), Vec::new());
        let names_of = [self.names(), self.point_names(), self.artificial_names()];
        let known: Vec<String> = names_of.into_iter().flatten().collect();
        for path in paths {
            let bytes = std::fs::read(&path).map_err(unreadable(&path))?;
            let file = path.display().to_string();
            // Comments of old files are not in Unicode.
            let (model, found) = match compile(&String::from_utf8_lossy(&bytes), &file) {
                Ok(compiled) => compiled,
                Err(diagnostics) => {
                    mistakes.push(MechanismFileError::Mistakes(diagnostics));
                    continue;
                }
            };
            let name = model.name.clone();
            if let Some(first) = names.insert(name.clone(), file.clone()) {
                mistakes.push(MechanismFileError::Twice { name, first, second: file });
                continue;
            }
            notes.extend(
                found.list.iter().map(|note| format!("{file}:{}: {}", found.place(note.span.start).0, note.message)),
            );
            match self.add(model, &file, options) {
                Ok(()) => {}
                Err(MechanismFileError::Unusable { source, .. }) if !known.contains(&name) => {
                    notes.push(format!("{file} is left out: {source}"));
                    names.remove(&name);
                }
                Err(error) => mistakes.push(error),
            }
        }
        if !mistakes.is_empty() {
            return Err(MechanismFolderError::Files(mistakes));
        }
        let (replaced, new): (Vec<String>, Vec<String>) = names.into_keys().partition(|name| known.contains(name));
        for (what, list) in [("replaces", replaced), ("adds", new)] {
            if !list.is_empty() {
                notes.push(format!("{} {what} {}", folder.display(), list.join(", ")));
            }
        }
        Ok(notes)
    }
}
