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
        /// The name.
        name: String,
        /// The simulators there are.
        available: Vec<String>,
    },
    /// A getter or setter that the simulator does not have.
    #[error("{role}: {simulator}: {source}")]
    Query {
        /// Which entry of the connection.
        role: &'static str,
        /// The simulator.
        simulator: String,
        /// What is wrong.
        source: Box<QueryError>,
    },
    /// No way from source to destination.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// A `transform_unit` that is no unit.
    #[error("transform_unit: {0}")]
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

impl From<SpaceError> for ConnectionError {
    fn from(error: SpaceError) -> Self {
        Self::Route(error.into())
    }
}
