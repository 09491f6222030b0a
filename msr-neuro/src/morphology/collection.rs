//! Where morphologies are found, and the reader for each format.

use std::path::{Path, PathBuf};

use msr_config::circuit::Components;

use super::{Morphology, MorphologyError, read_asc, read_swc};

/// A file format of morphologies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SWC, `.swc`.
    Swc,
    /// Neurolucida, `.asc`.
    Asc,
    /// H5 version 1, `.h5`.
    H5,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 3] = [Self::Swc, Self::Asc, Self::H5];

    /// Ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Swc => "swc",
            Self::Asc => "asc",
            Self::H5 => "h5",
        }
    }

    /// The format of a file, by its ending (of any case); `None` for one that no reader knows.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?;
        Self::ALL.into_iter().find(|format| extension.eq_ignore_ascii_case(format.extension()))
    }
}

/// Reads a morphology by the ending of its file: `.swc`, `.asc`, `.h5`.
///
/// ```
/// use msr_neuro::morphology::{SectionKind, read};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("cell.asc");
/// std::fs::write(&path, r#"("CellBody" (5 0 0) (0 4 0) (-5 0 0) (0 -4 0))
///     ((Dendrite) (6 0 0 1.2) (50 0 0 1) ((80 20 0 0.8) | (80 -30 0 0.6)))"#)?;
/// let cell = read(&path)?;
/// assert_eq!(cell.count(SectionKind::Dend), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`MorphologyError`]; [`MorphologyError::WithoutHdf5`] for `.h5` without the feature `hdf5`.
pub fn read(path: &Path) -> Result<Morphology, MorphologyError> {
    match Format::of(path) {
        Some(Format::Swc) => read_swc(path),
        Some(Format::Asc) => read_asc(path),
        #[cfg(feature = "hdf5")]
        Some(Format::H5) => super::read_h5(path),
        #[cfg(not(feature = "hdf5"))]
        Some(Format::H5) => Err(MorphologyError::WithoutHdf5 { path: path.to_owned() }),
        None => Err(MorphologyError::UnknownFormat { path: path.to_owned() }),
    }
}

/// The morphologies of a population.
///
/// A morphology is taken from the first place that has it, in the order of neurodamus: `neurolucida-asc`, `h5v1`,
/// `morphologies_dir`. The last may have files of any format, the first two only of theirs; `h5v1` may also be a container,
/// one file with a group for each morphology. All formats describe the same cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collection {
    places: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Folder, or container.
    path: PathBuf,
    formats: Vec<Format>,
}

impl Collection {
    /// The morphologies that a population's paths lead to; `None` where there are no such paths.
    pub fn of(paths: &Components) -> Option<Self> {
        let places = [
            (&paths.neurolucida_asc_dir, vec![Format::Asc]),
            (&paths.h5v1_dir, vec![Format::H5]),
            (&paths.morphologies_dir, Format::ALL.to_vec()),
        ];
        let places: Vec<Place> =
            places.into_iter().filter_map(|(path, formats)| Some(Place { path: path.clone()?, formats })).collect();
        (!places.is_empty()).then_some(Self { places })
    }

    /// The files that the morphology called `name` is looked for in and that exist: containers, whether or not they hold it, up to
    /// its own file.
    pub fn files_of(&self, name: &str) -> Vec<PathBuf> {
        let name = without_ending(name);
        let mut files = Vec::new();
        for place in &self.places {
            if place.formats.contains(&Format::H5) && place.path.is_file() {
                files.push(place.path.clone());
                continue;
            }
            let mut paths =
                place.formats.iter().map(|format| place.path.join(format!("{name}.{}", format.extension())));
            if let Some(own) = paths.find(|path| path.exists()) {
                files.push(own);
                break;
            }
        }
        files
    }

    /// Reads the morphology called `name`; an ending of a format in the name is not part of it. Without the feature `hdf5`, H5
    /// files are passed over where another file has the morphology.
    ///
    /// # Errors
    /// [`MorphologyError::Absent`] with all files that were looked for; [`MorphologyError::WithoutHdf5`] where only an H5
    /// file has it; [`MorphologyError`] of the reader.
    pub fn read(&self, name: &str) -> Result<Morphology, MorphologyError> {
        let name = without_ending(name);
        let mut tried = Vec::new();
        let (mut of_container, mut unread) = (None, None);
        for place in &self.places {
            if place.formats.contains(&Format::H5) && place.path.is_file() {
                match read_container(&place.path, name) {
                    Err(error @ MorphologyError::WithoutHdf5 { .. }) => unread = unread.or(Some(error)),
                    Err(error) if error.is_absence() => of_container = Some(error),
                    read => return read,
                }
                continue;
            }
            for format in &place.formats {
                let path = place.path.join(format!("{name}.{}", format.extension()));
                if path.exists() {
                    match read(&path) {
                        Err(error @ MorphologyError::WithoutHdf5 { .. }) => unread = unread.or(Some(error)),
                        read => return read,
                    }
                }
                tried.push(path);
            }
        }
        if let Some(error) = unread {
            return Err(error);
        }
        match of_container {
            // It tells what there is.
            Some(error) if tried.is_empty() => Err(error),
            container => {
                let containers = self.places.iter().filter(|place| container.is_some() && place.path.is_file());
                tried.extend(containers.map(|place| place.path.clone()));
                Err(MorphologyError::Absent { name: name.to_owned(), tried })
            }
        }
    }
}

/// A name without the ending of a format.
fn without_ending(name: &str) -> &str {
    let ending = Format::of(Path::new(name)).map_or(0, |format| format.extension().len() + 1);
    &name[..name.len() - ending]
}

#[cfg(feature = "hdf5")]
fn read_container(path: &Path, name: &str) -> Result<Morphology, MorphologyError> {
    super::read_h5_container(path, name)
}

#[cfg(not(feature = "hdf5"))]
fn read_container(path: &Path, _: &str) -> Result<Morphology, MorphologyError> {
    Err(MorphologyError::WithoutHdf5 { path: path.to_owned() })
}
