//! What is wrong with a plan, and where it stands.

use std::fmt;
use std::path::PathBuf;

use crate::exchange::ConnectionError;
use crate::iteration::IterationError;
use crate::simulator::SimulatorError;
use crate::space_graph::SpaceError;

use super::Composition;

/// Everything that is wrong with a plan.
#[derive(Debug)]
pub struct PlanErrors {
    /// File of the connections.
    pub file: PathBuf,
    /// The mistakes, in order.
    pub errors: Vec<PlanError>,
}

/// Where a mistake stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPlace {
    /// The file: that of the connections, or one that it builds on. Empty where there is none.
    pub file: PathBuf,
    /// Line in the file; 0 where it has none, as on the command line.
    pub line: usize,
    /// Column in the file.
    pub column: usize,
    /// The key, such as `multiscale_run.connections[3].src_get_func`.
    pub key: String,
}

impl fmt::Display for PlanPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, key } = self;
        if !file.as_os_str().is_empty() {
            write!(f, "{}:", file.display())?;
        }
        if *line > 0 {
            write!(f, "{line}:{column}:")?;
        }
        let separator = if file.as_os_str().is_empty() && *line == 0 { "" } else { " " };
        write!(f, "{separator}{key}")
    }
}

/// One mistake in a plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A connection that cannot be made.
    #[error("{place}: {source}")]
    Connection {
        /// Where it stands.
        place: PlanPlace,
        /// What is wrong.
        source: Box<ConnectionError>,
    },
    /// Simulators that cannot iterate.
    #[error("{place}: {source}")]
    Iteration {
        /// Where it stands.
        place: PlanPlace,
        /// What is wrong.
        source: Box<IterationError>,
    },
    /// A simulator that could not say how it fits with the others.
    #[error("{place}: {source}")]
    Simulator {
        /// Its settings.
        place: PlanPlace,
        /// What it says.
        source: Box<SimulatorError>,
    },
    /// Two simulators of one name.
    #[error("there are two simulators named '{name}'")]
    SameName {
        /// The name.
        name: String,
    },
    /// A simulator without a step.
    #[error("{name}: ndts must be at least 1")]
    NoStep {
        /// The simulator.
        name: String,
    },
    /// Simulators that count different base steps.
    #[error("{name} counts base steps of {found_ms} ms, {first} those of {expected_ms} ms")]
    BaseStep {
        /// The simulator.
        name: String,
        /// Its base step.
        found_ms: f64,
        /// The first simulator.
        first: String,
        /// Its base step.
        expected_ms: f64,
    },
    /// Spaces or mappings that do not fit.
    #[error("{0}")]
    Space(#[from] SpaceError),
}

impl PlanError {
    /// What a simulator says, at its section of the configuration.
    pub(super) fn of_simulator(source: SimulatorError, composition: &Composition<'_>) -> Self {
        let place = composition.place(&format!("multiscale_run.{}", source.simulator()), 0, 0);
        Self::Simulator { place, source: Box::new(source) }
    }

    fn has_place(&self) -> bool {
        matches!(self, Self::Connection { .. } | Self::Iteration { .. } | Self::Simulator { .. })
    }
}

impl fmt::Display for PlanErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, error) in self.errors.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            if !error.has_place() && !self.file.as_os_str().is_empty() {
                write!(f, "{}: ", self.file.display())?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PlanErrors {}
