//! Connections: what one simulator takes from another.

use std::fmt;

use serde_json::{Map, Value};

/// A getter or setter call, as the file names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// `*_func`.
    pub function: String,
    /// `*_kwargs`.
    pub kwargs: Map<String, Value>,
}

/// One connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// `src_simulator`; free text, checked by whoever knows the simulators.
    pub src_simulator: String,
    /// `src_get_func`, `src_get_kwargs`.
    pub src_get: Call,
    /// `src_set_func`, `src_set_kwargs`, where given.
    pub src_set: Option<Call>,
    /// `dest_simulator`; free text.
    pub dest_simulator: String,
    /// `dest_get_func`, `dest_get_kwargs`, where given; mandatory for `merge`.
    pub dest_get: Option<Call>,
    /// `dest_set_func`, `dest_set_kwargs`.
    pub dest_set: Call,
    /// `transform_expression`, where given.
    pub transform_expression: Option<String>,
    /// `action`.
    pub action: Action,
    /// `ndts` (0.9): base steps between two exchanges, where given.
    pub ndts: Option<u64>,
    /// The event of [`super::Generation::Events`] at which the exchange is made; `None` in a flat list.
    pub event: Option<SyncEvent>,
    /// Where it stands in the file, for example `multiscale_run.connections[3]`.
    pub key: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// Column in the file, from 1.
    pub column: usize,
}

/// How the values of the source are combined with those of the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `sum`: contributions are added and handed to the setter.
    Sum,
    /// `set`: the source overrides the destination.
    Set,
    /// `merge`: source + destination - previous, written to both.
    Merge,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sum => "sum",
            Self::Set => "set",
            Self::Merge => "merge",
        })
    }
}

/// Moment of the main loop at which a connection of the 0.8 series is made, in the order of the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SyncEvent {
    /// `after_steps_advance`.
    AfterStepsAdvance,
    /// `before_bloodflow_advance`.
    BeforeBloodflowAdvance,
    /// `after_metabolism_advance`.
    AfterMetabolismAdvance,
}

impl SyncEvent {
    /// All events, in the order of the main loop.
    pub const ALL: [Self; 3] = [Self::AfterStepsAdvance, Self::BeforeBloodflowAdvance, Self::AfterMetabolismAdvance];

    /// The key in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::AfterStepsAdvance => "after_steps_advance",
            Self::BeforeBloodflowAdvance => "before_bloodflow_advance",
            Self::AfterMetabolismAdvance => "after_metabolism_advance",
        }
    }
}
