//! A folder of mechanism files, which a user keeps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{MechanismFileError, Registry};
use crate::nmodl::{Diagnostic, Options, compile, name_of};

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
}

impl Registry {
    /// Adds the mechanisms of all files of a folder that end in `.mod`, in the order of their names; those of the same names
    /// are replaced. A file that cannot be used is an error of whoever asks for its mechanism. Returns what became of the files, for
    /// the user to read.
    ///
    /// # Errors
    /// [`MechanismFolderError`] where the folder or a file of it cannot be read.
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
        // The file of each name, and whether it is used.
        let (mut files, mut notes) = (BTreeMap::<String, (String, bool)>::new(), Vec::new());
        let names_of = [self.names(), self.point_names(), self.artificial_names()];
        let known: Vec<String> = names_of.into_iter().flatten().collect();
        for path in paths {
            let bytes = std::fs::read(&path).map_err(unreadable(&path))?;
            let file = path.display().to_string();
            // Comments of old files are not in Unicode.
            let text = String::from_utf8_lossy(&bytes);
            let compiled = compile(&text, &file);
            let name = compiled.as_ref().map_or_else(|_| name_of(&text), |(model, _)| Some(model.name.clone()));
            let added = match (compiled, name.as_ref().and_then(|name| files.get(name))) {
                (Err(diagnostics), _) => Err(MechanismFileError::Mistakes(diagnostics)),
                (Ok((model, _)), Some((first, _))) => {
                    Err(MechanismFileError::Twice { name: model.name, first: first.clone(), second: file.clone() })
                }
                (Ok((model, found)), None) => self.add(model, &file, options).map(|()| {
                    let place = |note: &Diagnostic| found.place(note.span.start).0;
                    notes.extend(found.list.iter().map(|note| format!("{file}:{}: {}", place(note), note.message)));
                }),
            };
            match (added, name) {
                (Ok(()), Some(name)) => {
                    files.insert(name, (file, true));
                }
                (Err(error), Some(name)) => {
                    notes.push(format!("'{name}' is left out, and nothing can use it: {error}"));
                    self.make_unusable(&name, error.to_string());
                    files.insert(name, (file, false));
                }
                (Err(error), None) => notes.push(format!("{file} is left out: {error}")),
                (Ok(()), None) => unreachable!("what was added has a name"),
            }
        }
        let used = files.into_iter().filter(|(_, (_, is_used))| *is_used).map(|(name, _)| name);
        let (replaced, new): (Vec<String>, Vec<String>) = used.partition(|name| known.contains(name));
        for (what, list) in [("replaces", replaced), ("adds", new)] {
            if !list.is_empty() {
                notes.push(format!("{} {what} {}", folder.display(), list.join(", ")));
            }
        }
        Ok(notes)
    }
}
