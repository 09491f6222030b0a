//! Why a connection cannot be made.

use msr_config::multiscale::WindowOperator;

use crate::query::QueryError;
use crate::route::RouteError;
use crate::space_graph::SpaceError;
use crate::unit::UnitError;

/// Why a connection cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// No such simulator.
    #[error("unknown simulator '{name}'{}; available: {}", crate::query::nearest(name, available), available.join(", "))]
    UnknownSimulator {
        /// Which entry of the connection: `src_simulator` or `dest_simulator`.
        entry: &'static str,
        /// The name.
        name: String,
        /// The simulators there are.
        available: Vec<String>,
    },
    /// A getter or setter that the simulator does not have.
    #[error("{simulator}: {source}")]
    Query {
        /// Which entries of the connection: those that begin with `src_get`, `src_set`, `dest_get` or `dest_set`.
        role: &'static str,
        /// The simulator.
        simulator: String,
        /// What is wrong.
        source: Box<QueryError>,
    },
    /// No way from source to destination.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// No way from the average at the destination back to the parts at the source.
    #[error(transparent)]
    WriteBack(RouteError),
    /// A `transform_unit` that is no unit.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// `ndts` at which the two simulators never meet.
    #[error(
        "ndts = {ndts} is no common multiple of {source_name} ({source_ndts}) and {destination_name} ({destination_ndts})"
    )]
    NoCommonMultiple {
        /// The connection's.
        ndts: u64,
        /// Name of the source.
        source_name: String,
        /// Its step.
        source_ndts: u64,
        /// Name of the destination.
        destination_name: String,
        /// Its step.
        destination_ndts: u64,
    },
    /// `merge` without a way to read the destination.
    #[error("a merge needs dest_get_func, or a destination variable that can be read")]
    MergeWithoutGetter,
    /// `sum` into a level.
    #[error("{variable} is a level and cannot be summed into; use the action set or merge")]
    SumOfLevels {
        /// The destination variable.
        variable: String,
    },
    /// `merge` of an amount.
    #[error("{variable} is an amount and cannot be merged; use the action sum or set")]
    MergeOfAmounts {
        /// The destination variable.
        variable: String,
    },
    /// A sum with a setter of the source.
    #[error("a sum is not written back: src_set_func has no meaning here")]
    SumWrittenBack,
    /// A merge whose transform would have to be undone to write back.
    #[error(
        "a merge with a transform_expression cannot be written back into the source: the transform cannot be undone; leave out src_set_func or the transform"
    )]
    TransformedMerge,
    /// A merge of anything but the present.
    #[error(
        "a merge keeps one pool on both sides and takes its present value, not the {window} since the last exchange; leave out 'window'"
    )]
    WindowedMerge {
        /// What was asked for.
        window: WindowOperator,
    },
    /// A setter for levels that would be given nothing for some elements.
    #[error(
        "{count} of {total} elements of '{space}' receive nothing (first: {first}) and cannot keep what they have: {setter} cannot be read"
    )]
    Uncovered {
        /// How many.
        count: usize,
        /// Of how many.
        total: usize,
        /// Space of the destination.
        space: String,
        /// Id of the first.
        first: u64,
        /// The setter.
        setter: String,
    },
}

impl ConnectionError {
    /// The entry of the connection that has the mistake, such as `src_get_kwargs.var`; `None` where it lies between several.
    pub fn entry(&self) -> Option<String> {
        let entry = match self {
            Self::UnknownSimulator { entry, .. } => entry,
            Self::Query { role, source, .. } => return Some(entry_of_call(role, source)),
            Self::Route(error) => error.entry()?,
            Self::WriteBack(_) | Self::SumWrittenBack => "src_set_func",
            Self::Unit(_) => "transform_unit",
            Self::NoCommonMultiple { .. } => "ndts",
            Self::MergeWithoutGetter | Self::SumOfLevels { .. } | Self::MergeOfAmounts { .. } => "action",
            Self::TransformedMerge => "transform_expression",
            Self::WindowedMerge { .. } => "window",
            Self::Uncovered { .. } => "dest_set_func",
        };
        Some(entry.to_owned())
    }

    /// The key of the mistake, in a connection of this key.
    pub fn key_in(&self, connection: &str) -> String {
        match self.entry() {
            Some(entry) => format!("{connection}.{entry}"),
            None => connection.to_owned(),
        }
    }
}

/// Where in a call the mistake is: its function, its arguments, one of them.
fn entry_of_call(role: &str, error: &QueryError) -> String {
    match error {
        QueryError::MissingArgument { .. } => format!("{role}_kwargs"),
        QueryError::UnknownArgument { argument, .. }
        | QueryError::WrongType { argument, .. }
        | QueryError::UnknownName { argument, .. } => format!("{role}_kwargs.{argument}"),
        _ => format!("{role}_func"),
    }
}

impl From<SpaceError> for ConnectionError {
    fn from(error: SpaceError) -> Self {
        Self::Route(error.into())
    }
}
