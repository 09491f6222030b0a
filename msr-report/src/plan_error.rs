//! Mistakes in the reports of a configuration, found before the run.

use std::fmt;
use std::path::PathBuf;

use msr_coupling::QueryError;
use msr_coupling::query::nearest;

use crate::multiscale::AFTER_ADVANCE_SUFFIX;

/// One mistake in a report entry; the text does not name the entry, see [`PlanError::key`].
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A compartment set that cannot be used.
    #[error("compartment_set: {reason}")]
    CompartmentSet {
        /// Key of the report in the file.
        report: String,
        /// What is wrong.
        reason: String,
    },
    /// Electrodes that cannot be used.
    #[error("electrodes_file {}: {reason}", path.display())]
    Electrodes {
        /// Key of the report in the file.
        report: String,
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No simulator has segments.
    #[error("no simulator has segments to report; simulators: {}", simulators.join(", "))]
    NoSegments {
        /// Key of the report in the file.
        report: String,
        /// The simulators there are.
        simulators: Vec<String>,
    },
    /// No variable at all.
    #[error("variable_name is empty; write for example v")]
    NoVariable {
        /// Key of the report in the file.
        report: String,
    },
    /// Several variables in a report that has one value for each segment.
    #[error(
        "it takes one variable_name, found {}; type 'summation' adds several up",
        variables.join(", ")
    )]
    SeveralVariables {
        /// Key of the report in the file.
        report: String,
        /// The variables found.
        variables: Vec<String>,
    },
    /// A simulator does not know what is asked.
    #[error("{simulator}: {source}")]
    Query {
        /// Key of the report in the file.
        report: String,
        /// The simulator asked.
        simulator: String,
        /// What is wrong.
        source: Box<QueryError>,
    },
    /// A variable that does not live on segments.
    #[error(
        "variable '{variable}' lives on '{space}', not on segments; ask for it in multiscale_run reports ({getter})"
    )]
    NotOnSegments {
        /// Key of the report in the file.
        report: String,
        /// The variable.
        variable: String,
        /// Where it lives.
        space: String,
        /// The getter that reads it there.
        getter: String,
    },
    /// A current density that does not become a current when it is multiplied by the area.
    #[error("{variable} times area has the unit {unit}, which is no current; use \"scaling\": \"none\"")]
    NoCurrent {
        /// Key of the report in the file.
        report: String,
        /// The variable.
        variable: String,
        /// The unit of the product.
        unit: String,
    },
    /// Sections that the segments are not sorted by.
    #[error("the segments have no sections '{sections}'; available: {}", available.join(", "))]
    UnknownSections {
        /// Key of the report in the file.
        report: String,
        /// What was asked.
        sections: String,
        /// What there is.
        available: Vec<String>,
    },
    /// A report finer than the base step.
    #[error("dt {dt_ms} ms is less than run.dt {run_dt_ms} ms; use at least run.dt")]
    DtTooSmall {
        /// Key of the report in the file.
        report: String,
        /// Its dt, ms.
        dt_ms: f64,
        /// The base step, ms.
        run_dt_ms: f64,
    },
    /// A report between base steps.
    #[error("dt {dt_ms} ms is no multiple of run.dt {run_dt_ms} ms; the nearest is {nearest_ms} ms")]
    DtNoMultiple {
        /// Key of the report in the file.
        report: String,
        /// Its dt, ms.
        dt_ms: f64,
        /// The base step, ms.
        run_dt_ms: f64,
        /// The nearest multiple, ms.
        nearest_ms: f64,
    },
    /// A start before the run.
    #[error("start_time {start_ms} ms is negative; a run starts at 0")]
    NegativeStart {
        /// Key of the report in the file.
        report: String,
        /// Its start, ms.
        start_ms: f64,
    },
    /// A start after the end.
    #[error("start_time {start_ms} ms is after end_time {end_ms} ms")]
    StartAfterEnd {
        /// Key of the report in the file.
        report: String,
        /// Its start, ms.
        start_ms: f64,
        /// Its end, ms.
        end_ms: f64,
    },
    /// Two results in one file.
    #[error("would overwrite {first} in {}; give it another file_name", path.display())]
    SameFile {
        /// Who has the file first.
        first: String,
        /// Who wants it too: the key of the report, with `_after_adv` for that file.
        second: String,
        /// The file.
        path: PathBuf,
    },
    /// A report of a simulator that does not exist.
    #[error("there is no simulator '{simulator}'{}; available: {}", nearest(simulator, available), available.join(", "))]
    UnknownSimulator {
        /// Key of the report in the file.
        report: String,
        /// What was asked.
        simulator: String,
        /// The simulators there are.
        available: Vec<String>,
    },
    /// A variable on a space that no simulator brings.
    #[error("its values live on '{space}', which no active simulator brings; activate the simulator that has it. Spaces: {}", available.join(", "))]
    SpaceAbsent {
        /// Key of the report in the file.
        report: String,
        /// The space.
        space: String,
        /// The spaces there are.
        available: Vec<String>,
    },
}

impl PlanError {
    /// The report's key in the file: `reports.X`, or `multiscale_run.S.reports.X`.
    pub fn key(&self) -> &str {
        match self {
            Self::CompartmentSet { report, .. }
            | Self::Electrodes { report, .. }
            | Self::NoSegments { report, .. }
            | Self::NoVariable { report }
            | Self::SeveralVariables { report, .. }
            | Self::Query { report, .. }
            | Self::NotOnSegments { report, .. }
            | Self::NoCurrent { report, .. }
            | Self::UnknownSections { report, .. }
            | Self::DtTooSmall { report, .. }
            | Self::DtNoMultiple { report, .. }
            | Self::NegativeStart { report, .. }
            | Self::StartAfterEnd { report, .. }
            | Self::UnknownSimulator { report, .. }
            | Self::SpaceAbsent { report, .. } => report,
            Self::SameFile { second, .. } => second.strip_suffix(AFTER_ADVANCE_SUFFIX).unwrap_or(second),
        }
    }
}

/// All mistakes of all reports, one line `key: mistake` each; never empty as an error.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanErrors(pub Vec<PlanError>);

impl fmt::Display for PlanErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.0.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{}: {error}", error.key())?;
        }
        Ok(())
    }
}

impl std::error::Error for PlanErrors {}
