//! What can go wrong while results are written.

use std::io;
use std::path::{Path, PathBuf};

use msr_coupling::SimulatorError;

/// Why a result could not be written. Whatever happened, every file keeps what was written before and stays readable.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The folder of a file cannot be made.
    #[error("cannot create the output folder {path}: {source}; choose another output.output_dir")]
    CreateFolder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file cannot be opened for writing.
    #[error("cannot write to {path}: {source}; check its permissions or choose another output.output_dir")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No room is left for the next block.
    #[error(
        "no room for {needed_bytes} more bytes in {path}: {source}; the file is readable up to here: free some space, \
         record less (larger report dt, fewer cells), or choose another output.output_dir"
    )]
    NoRoom {
        /// The file.
        path: PathBuf,
        /// Bytes that were to be written.
        needed_bytes: u64,
        /// What the system says.
        source: io::Error,
    },
    /// A file operation of the system failed.
    #[error("{path}: {source}")]
    System {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The HDF5 library refused.
    #[error("{path}: cannot {action}: {source}")]
    Hdf5 {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the library says.
        source: hdf5::Error,
    },
    /// A file that is to be continued does not hold what the saved position says.
    #[error("{path} cannot be continued: {reason}; start the simulation anew or restore the file")]
    CannotContinue {
        /// The file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// A simulator could not be read.
    #[error("report '{report}': {source}")]
    Simulator {
        /// Name of the report.
        report: String,
        /// What the simulator says.
        source: Box<SimulatorError>,
    },
    /// A simulator that the plan was made with is not there.
    #[error("report '{report}' reads the simulator '{simulator}', which was not given; given: {}", given.join(", "))]
    SimulatorAbsent {
        /// Name of the report.
        report: String,
        /// The simulator that is missing.
        simulator: String,
        /// The simulators that were given.
        given: Vec<String>,
    },
    /// A simulator gave another number of values than its space has elements.
    #[error("report '{report}': {simulator} gave {found} values for a space of {expected} elements")]
    WrongLength {
        /// Name of the report.
        report: String,
        /// The simulator read.
        simulator: String,
        /// Number of elements of the space.
        expected: usize,
        /// Number of values.
        found: usize,
    },
    /// A value that is no number, or too large for the file's 32-bit floats.
    #[error(
        "report '{report}': node {node} of '{population}', element {element}, has the value {value} at {time_ms} ms; \
         the row was not written"
    )]
    NotFinite {
        /// Name of the report.
        report: String,
        /// Population of the node.
        population: String,
        /// The node.
        node: u64,
        /// Element within the node.
        element: u32,
        /// The value.
        value: f64,
        /// When, in ms.
        time_ms: f64,
    },
    /// The caller went past a row.
    #[error("report '{report}' expected its next row at step {expected}, the run is already at step {found}")]
    RowMissed {
        /// Name of the report.
        report: String,
        /// Base step of the next row.
        expected: u64,
        /// Base step given.
        found: u64,
    },
    /// A spike of a neuron that no population has.
    #[error("a spike at {time_ms} ms of neuron {neuron}, which is in no population; populations: {}", populations.join(", "))]
    SpikeOfNobody {
        /// The id.
        neuron: u64,
        /// When, in ms.
        time_ms: f64,
        /// The populations, with their ids.
        populations: Vec<String>,
    },
}

impl ReportError {
    /// Whether what was to be recorded is at fault, and not the file.
    pub fn is_of_simulation(&self) -> bool {
        match self {
            Self::CreateFolder { .. }
            | Self::Open { .. }
            | Self::NoRoom { .. }
            | Self::System { .. }
            | Self::Hdf5 { .. }
            | Self::CannotContinue { .. } => false,
            Self::Simulator { .. }
            | Self::SimulatorAbsent { .. }
            | Self::WrongLength { .. }
            | Self::NotFinite { .. }
            | Self::RowMissed { .. }
            | Self::SpikeOfNobody { .. } => true,
        }
    }

    /// Turns an error of the HDF5 library into one that names file and action.
    pub(crate) fn hdf5(path: &Path, action: &'static str) -> impl FnOnce(hdf5::Error) -> Self {
        move |source| Self::Hdf5 { path: path.to_owned(), action, source }
    }
}
