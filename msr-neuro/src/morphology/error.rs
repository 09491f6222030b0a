//! What can be wrong with a morphology.

use std::path::PathBuf;

use msr_config::present_instead;

/// Coordinates beyond this are a mistake of units or of the file, in um: a metre.
pub const LARGEST_COORDINATE_UM: f64 = 1e6;
/// Diameters beyond this are a mistake, in um: ten times the squid's giant axon.
pub const LARGEST_DIAMETER_UM: f64 = 1e4;
/// Sections longer than this are a mistake, in um.
pub const LONGEST_SECTION_UM: f64 = 1e6;

/// More points than any reconstruction has: a file that says so is broken.
pub const MOST_POINTS: usize = 1 << 22;

/// Why a morphology cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MorphologyError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}{}", path.display(), present_instead(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file with an ending that no reader knows.
    #[error("{}: morphologies are read from .swc, .asc and .h5 files", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// An H5 file, read by a program that was built without HDF5.
    #[error("{}: H5 morphologies are read where msr-neuro is built with its feature 'hdf5'; .swc and .asc files always", path.display())]
    WithoutHdf5 {
        /// The file.
        path: PathBuf,
    },
    /// A morphology that is in none of the places where it may be.
    #[error("morphology '{name}' is not there; looked for {}{}", listed(tried), tried.first().map_or_else(String::new, |path| present_instead(path)))]
    Absent {
        /// Its name.
        name: String,
        /// Files that would be it.
        tried: Vec<PathBuf>,
    },
    /// A Neurolucida file with something where something else must be.
    #[error("{file}:{line}: expected {expected}, found {found}")]
    AscSyntax {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What may stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A list without its end.
    #[error("{file}:{line}: what is opened here is not closed before the file ends")]
    AscUnclosed {
        /// The file.
        file: String,
        /// Line, from 1, where it begins.
        line: usize,
    },
    /// A tree that does not say what it is.
    #[error("{file}:{line}: this tree needs one of the properties (Axon), (Dendrite), (Apical) before its first point")]
    AscNoKind {
        /// The file.
        file: String,
        /// Line, from 1, where it begins.
        line: usize,
    },
    /// Points of a neurite where none are looked for.
    #[error(
        "{file}:{line}: this list holds points of a neurite but is no tree, which is ((Axon) (x y z diameter) ...), with \
         (Axon), (Dendrite) or (Apical) in parentheses of its own and no list around it"
    )]
    AscHidden {
        /// The file.
        file: String,
        /// Line, from 1, where the list begins.
        line: usize,
    },
    /// A point with a diameter that cannot be.
    #[error("{file}:{line}: diameter {diameter_um} must be positive and at most {LARGEST_DIAMETER_UM} um")]
    AscDiameter {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The diameter.
        diameter_um: f64,
    },
    /// A point farther away than any neurite reaches, or nowhere.
    #[error(
        "{file}:{line}: coordinate {value} must be a number between -{LARGEST_COORDINATE_UM} and {LARGEST_COORDINATE_UM} um"
    )]
    AscCoordinate {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The coordinate.
        value: f64,
    },
    /// A branch of three or more points at one place.
    #[error("{file}:{line}: the branch that begins here has no length: all its points coincide")]
    AscNoLength {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// No contour of a soma.
    #[error("{file}: has no soma (no contour called \"CellBody\", \"Cell Body\" or \"Soma\")")]
    AscNoSoma {
        /// The file.
        file: String,
    },
    /// A contour of the soma that encloses nothing.
    #[error(
        "{file}:{line}: the contour of the soma has {found} points; it needs at least 3, or a single point with a diameter"
    )]
    AscShortContour {
        /// The file.
        file: String,
        /// Line, from 1, where it begins.
        line: usize,
        /// Number of points.
        found: usize,
    },
    /// A contour of the soma without a width.
    #[error("{file}:{line}: the contour of the soma lies on a line; its points must enclose an area of the xy plane")]
    AscFlatContour {
        /// The file.
        file: String,
        /// Line, from 1, where it begins.
        line: usize,
    },
    /// Contours of a soma that do not lie above one another.
    #[error("{file}:{line}: a second soma, beside the one on line {first}; contours of one soma lie above one another")]
    AscSeveralSomas {
        /// The file.
        file: String,
        /// Line, from 1, where the second begins.
        line: usize,
        /// Line where the first begins.
        first: usize,
    },
    /// An H5 file that cannot be read.
    #[cfg(feature = "hdf5")]
    #[error("{file}: {object} cannot be read: {source}")]
    H5Unreadable {
        /// The file.
        file: String,
        /// The group or data set.
        object: String,
        /// HDF5's reason.
        source: hdf5::Error,
    },
    /// A container without this morphology.
    #[error("{file}: has no morphology '{name}'; it has {}", some_of(available))]
    H5Absent {
        /// The container.
        file: String,
        /// The morphology.
        name: String,
        /// The morphologies that it has.
        available: Vec<String>,
    },
    /// A data set that is missing.
    #[error("{file}: {group} has no data set '{dataset}'; it has {}", some_of(available))]
    H5NoDataset {
        /// The file.
        file: String,
        /// The group.
        group: String,
        /// The data set.
        dataset: &'static str,
        /// What the group has.
        available: Vec<String>,
    },
    /// A data set of another shape.
    #[error("{file}: {dataset} has the shape {found:?}; it must have {columns} columns")]
    H5Shape {
        /// The file.
        file: String,
        /// The data set.
        dataset: String,
        /// Its shape.
        found: Vec<usize>,
        /// The columns it must have.
        columns: usize,
    },
    /// A data set of more rows than any reconstruction has.
    #[error("{file}: {dataset} has {found} rows; at most {MOST_POINTS} are possible")]
    H5TooLong {
        /// The file.
        file: String,
        /// The data set.
        dataset: String,
        /// Its rows.
        found: usize,
    },
    /// A row of a data set that cannot be.
    #[error("{file}: row {row} of {dataset}: {what}")]
    H5Row {
        /// The file.
        file: String,
        /// The data set.
        dataset: &'static str,
        /// Row, from 0.
        row: usize,
        /// What is wrong with it.
        what: H5Mistake,
    },
    /// No section of type 1 at the beginning.
    #[error("{file}: has no soma (the first row of structure must be of type 1, with the parent -1)")]
    H5NoSoma {
        /// The file.
        file: String,
    },
    /// A line of an SWC file that is not seven numbers.
    #[error("{file}:{line}: expected 'id type x y z radius parent', found '{text}'")]
    SwcLine {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The line.
        text: String,
    },
    /// A sample number used twice.
    #[error("{file}:{line}: sample {id} was already given on line {first}")]
    SwcDuplicate {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The sample.
        id: i64,
        /// Line where it was given first.
        first: usize,
    },
    /// A sample whose parent does not exist.
    #[error("{file}:{line}: sample {id} names the parent {parent}, which the file does not contain")]
    SwcParent {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The sample.
        id: i64,
        /// The parent that it names.
        parent: i64,
    },
    /// A sample that is not connected with the soma.
    #[error(
        "{file}:{line}: sample {id} is not connected with the soma (its chain of parents ends elsewhere or runs in a ring)"
    )]
    SwcUnconnected {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The sample.
        id: i64,
    },
    /// A type other than soma, axon, basal or apical dendrite.
    #[error(
        "{file}:{line}: sample type {found} is not supported; types are 1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite"
    )]
    SwcType {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The type found.
        found: i64,
    },
    /// A neurite sample with a radius that is no positive number.
    #[error("{file}:{line}: radius {radius} of sample {id} must be positive")]
    SwcRadius {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The sample.
        id: i64,
        /// Its radius.
        radius: f64,
    },
    /// A neurite or soma thicker than any.
    #[error(
        "{file}:{line}: diameter {diameter_um} um of sample {id} is more than {LARGEST_DIAMETER_UM} um; radii are in um"
    )]
    SwcThick {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The sample.
        id: i64,
        /// Its diameter.
        diameter_um: f64,
    },
    /// A sample farther away than any neurite reaches, or nowhere.
    #[error(
        "{file}:{line}: coordinate {value} of sample {id} must be a number between -{LARGEST_COORDINATE_UM} and \
         {LARGEST_COORDINATE_UM} um"
    )]
    SwcCoordinate {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// The sample.
        id: i64,
        /// The coordinate.
        value: f64,
    },
    /// A soma that branches other than as NeuroMorpho's three points.
    #[error(
        "{file}:{line}: the soma branches here; a soma is one sample, three samples (centre and two ends), a chain, or a contour"
    )]
    SwcBranchedSoma {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
    },
    /// No soma sample.
    #[error("{file}: has no soma (no sample of type 1)")]
    SwcNoSoma {
        /// The file.
        file: String,
    },
    /// Sections without a soma at their head.
    #[error("the first section of a morphology must be its soma")]
    NoSoma,
    /// A section of fewer than two points.
    #[error("section {section} has {found} points, at least 2 are needed")]
    TooFewPoints {
        /// Position of the section.
        section: usize,
        /// Number of points.
        found: usize,
    },
    /// Kinds out of order.
    #[error("section {section} is out of order: one soma, then axon, dend, apic")]
    SectionOrder {
        /// Position of the section.
        section: usize,
    },
    /// A section that does not lead to the soma.
    #[error("section {section} is not attached to the soma")]
    Unattached {
        /// Position of the section.
        section: usize,
    },
    /// A point that is not finite or has no diameter.
    #[error("section {section} has a point without a positive diameter or with a coordinate that is no number")]
    BadPoint {
        /// Position of the section.
        section: usize,
    },
    /// A section so long that its segments would fill the memory.
    #[error("section {section} is {length_um} um long; at most {LONGEST_SECTION_UM} um are possible")]
    TooLong {
        /// Position of the section.
        section: usize,
        /// Its length.
        length_um: f64,
    },
    /// A section whose points all coincide.
    #[error("section {section} has no length: all its points coincide")]
    ZeroLength {
        /// Position of the section.
        section: usize,
    },
}

/// What can be wrong with a row of an H5 morphology.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum H5Mistake {
    /// Points that do not follow those of the section before, or are not in the file.
    #[error(
        "the section begins at point {first} and ends at point {end}; offsets must rise from 0 to the number of points ({points})"
    )]
    Offset {
        /// Its first point.
        first: i64,
        /// The first point of the next section.
        end: i64,
        /// Number of points.
        points: usize,
    },
    /// A type other than soma, axon, basal or apical dendrite.
    #[error("type {0} is not supported; types are 1 soma, 2 axon, 3 basal dendrite, 4 apical dendrite")]
    Type(i64),
    /// A soma that is not the first section.
    #[error("only the first section is a soma (type 1)")]
    SecondSoma,
    /// A parent that does not come before.
    #[error("the parent {0} is no earlier row (-1 or 0 for the soma)")]
    Parent(i64),
    /// A section of fewer than two points.
    #[error("the section has {0} points; at least 2 are needed")]
    TooFewPoints(usize),
    /// A soma that is no sphere and no contour.
    #[error(
        "the soma has {0} points; it is one (a sphere), or a contour of at least 3 that encloses an area of the xy plane"
    )]
    Soma(usize),
    /// A section whose points all coincide.
    #[error("the section has no length: all its points coincide")]
    NoLength,
    /// A diameter that cannot be.
    #[error("diameter {0} must be positive and at most {LARGEST_DIAMETER_UM} um")]
    Diameter(f64),
    /// A coordinate that cannot be.
    #[error("coordinate {0} must be a number between -{LARGEST_COORDINATE_UM} and {LARGEST_COORDINATE_UM} um")]
    Coordinate(f64),
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The first of many names.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 10;
    match names.len() {
        0 => "nothing".to_owned(),
        n if n > SHOWN => format!("{}, ... ({n} in all)", names[..SHOWN].join(", ")),
        _ => names.join(", "),
    }
}

impl MorphologyError {
    /// Whether a place does not have the morphology, and another one may.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::H5Absent { .. })
    }
}
