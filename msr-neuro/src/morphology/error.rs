//! What can be wrong with a morphology.

use std::path::PathBuf;

use msr_config::present_instead;

/// Coordinates beyond this are a mistake of units or of the file, in um: a metre.
pub const LARGEST_COORDINATE_UM: f64 = 1e6;
/// Diameters beyond this are a mistake, in um: ten times the squid's giant axon.
pub const LARGEST_DIAMETER_UM: f64 = 1e4;
/// Sections longer than this are a mistake, in um.
pub const LONGEST_SECTION_UM: f64 = 1e6;

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
    #[error("{}: morphologies are read from .swc files", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
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
