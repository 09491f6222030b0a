//! Why a command failed, and with which exit code.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use msr_coupling::RunError;
use msr_report::ReportError;

use crate::stopping::StopReason;

/// A failed command.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The simulation itself.
    #[error(transparent)]
    Simulation(RunError),
    /// Mistakes of the user's files.
    #[error("{0}")]
    Configuration(Box<dyn Error + Send + Sync>),
    /// Something that cannot be read.
    #[error("{0}")]
    Input(Box<dyn Error + Send + Sync>),
    /// Something that cannot be written.
    #[error("{0}")]
    Output(Box<dyn Error + Send + Sync>),
    /// Results that are there already.
    #[error("{} holds results already; give --force to replace them, or another output.output_dir", .0.display())]
    ResultsExist(PathBuf),
    /// Results that are there already, of a run that can be continued.
    #[error(
        "{} holds results already; continue their run with `msr-cli resume`, give --force to replace them, or another \
         output.output_dir",
        .0.display()
    )]
    ContinuableResultsExist(PathBuf),
    /// Two results that ought to be the same.
    #[error("{differences} data sets, attributes or files differ")]
    Different {
        /// How many.
        differences: usize,
    },
    /// Something asked the run to stop.
    #[error("stopped by {} at {time_ms} ms; to continue, type\n  {command}", reason.name())]
    Interrupted {
        /// What it was.
        reason: StopReason,
        /// Where the run stands.
        time_ms: f64,
        /// What to type.
        command: String,
    },
}

impl From<RunError> for Failure {
    /// Where a file of results could not be written, the simulation itself has not failed.
    fn from(error: RunError) -> Self {
        let unwritten = |source: &ReportError| !source.is_of_simulation();
        match &error {
            RunError::Observer { source, .. } if source.downcast_ref().is_some_and(unwritten) => Self::output(error),
            _ => Self::Simulation(error),
        }
    }
}

impl Failure {
    /// The exit code that `--help` documents.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Simulation(_) | Self::Different { .. } => 1,
            Self::Configuration(_) | Self::ResultsExist(_) | Self::ContinuableResultsExist(_) => 2,
            Self::Input(_) => 3,
            Self::Output(_) => 4,
            Self::Interrupted { reason, .. } => reason.exit_code(),
        })
    }

    pub(crate) fn configuration(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Configuration(Box::new(error))
    }

    pub(crate) fn input(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Input(Box::new(error))
    }

    pub(crate) fn output(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Output(Box::new(error))
    }
}
