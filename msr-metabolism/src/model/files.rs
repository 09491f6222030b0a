//! Models in files.

use std::fs;
use std::path::{Path, PathBuf};

use super::bundled::{Corrections, Variant};
use super::definition::Definition;
use super::error::ModelError;
use super::statement::{Act, statements};

/// Extension of files with statements.
const EXTENSION: &str = "eqn";
const STATES: &str = "states.csv";
const PARAMETERS: &str = "parameters.csv";
const CONSTANTS: &str = "constants.csv";
/// Headers of the tables, for folders without them.
const NO_STATES: &str = "name,symbol,unit,initial_value,compartment,description\n";
const NO_PARAMETERS: &str = "name,symbol,unit,default,description\n";
const NO_CONSTANTS: &str = "group,name,value,unit,source\n";

impl Definition {
    /// Reads a model from a file of statements (see [`crate::model`] for the language), or from a folder: the tables
    /// `states.csv`, `parameters.csv`, `constants.csv` where they are there, and all files `*.eqn` in it and below, in the
    /// order of their paths.
    ///
    /// A model that begins with `base NAME` changes the bundled model of this name, to which `corrections` are made first.
    ///
    /// # Errors
    /// [`ModelError`] for the first mistake, with file and line.
    pub fn read(path: &Path, corrections: &Corrections) -> Result<Self, ModelError> {
        let (mut definition, files) = if path.is_dir() {
            let table = |name: &str, absent: &str| {
                let file = path.join(name);
                if file.is_file() { text_of(&file) } else { Ok(absent.to_owned()) }
            };
            let (states, parameters) = (table(STATES, NO_STATES)?, table(PARAMETERS, NO_PARAMETERS)?);
            let tables = Self::of_tables(&states, &parameters, &table(CONSTANTS, NO_CONSTANTS)?)?;
            (tables, equation_files(path)?)
        } else {
            (Self::default(), vec![path.to_owned()])
        };
        for (number, file) in files.iter().enumerate() {
            let name = file.display().to_string();
            let mut statements = statements(&name, &text_of(file)?)?;
            if number == 0
                && let Some(Act::Base { model }) = statements.first().map(|first| &first.act)
                && definition == Self::default()
            {
                let variant: Variant = model.parse().map_err(|error: ModelError| error.at(&statements[0].place))?;
                definition = Self::bundled(variant, corrections);
                statements.remove(0);
            }
            statements.into_iter().try_for_each(|statement| definition.carry_out(statement))?;
        }
        Ok(definition)
    }
}

fn text_of(file: &Path) -> Result<String, ModelError> {
    fs::read_to_string(file).map_err(|source| ModelError::Unreadable { path: file.to_owned(), source })
}

fn equation_files(folder: &Path) -> Result<Vec<PathBuf>, ModelError> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |source| ModelError::Unreadable { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == EXTENSION) {
                files.push(path);
            }
        }
    }
    if files.is_empty() {
        return Err(ModelError::NoEquationFile { path: folder.to_owned() });
    }
    files.sort();
    Ok(files)
}
