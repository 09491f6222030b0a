//! Connections: what one simulator takes from another.

use std::fmt;

use serde_json::{Map, Value};

use super::Generation;
use crate::json::Content;
use crate::section::Section;
use crate::shape::{Key, Kind, Shape, Word};

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
    /// `dest_get_func`, `dest_get_kwargs`, where given; without it `merge` reads what `dest_set` writes.
    pub dest_get: Option<Call>,
    /// `dest_set_func`, `dest_set_kwargs`.
    pub dest_set: Call,
    /// `transform_expression`, where given.
    pub transform_expression: Option<String>,
    /// `transform_unit`: unit of what the transform gives, where given; without it, that of the destination.
    pub transform_unit: Option<String>,
    /// `window`: what of the time since the last exchange is taken; default `last`.
    pub window: WindowOperator,
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

/// What a connection takes of its source: every own step of the source since the last exchange counts, each with its
/// value at its end and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WindowOperator {
    /// `last`: the value at the moment of the exchange.
    #[default]
    Last,
    /// `mean`: the mean over time.
    Mean,
    /// `integral`: the integral over time; the unit is that of the values times ms.
    Integral,
    /// `min`: the least value.
    Minimum,
    /// `max`: the greatest value.
    Maximum,
}

impl WindowOperator {
    /// All operators with the names that they have in files.
    pub const NAMED: [(&'static str, Self); 5] = [
        ("last", Self::Last),
        ("mean", Self::Mean),
        ("integral", Self::Integral),
        ("min", Self::Minimum),
        ("max", Self::Maximum),
    ];
}

impl fmt::Display for WindowOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMED.iter().find(|(_, operator)| operator == self).map_or("", |(name, _)| name);
        f.write_str(name)
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

impl Word for WindowOperator {
    const WORDS: &'static [(&'static str, Self)] = &Self::NAMED;
}

impl Word for Action {
    const WORDS: &'static [(&'static str, Self)] = &[("sum", Self::Sum), ("set", Self::Set), ("merge", Self::Merge)];
}

const COMMON: &[Key] = &[
    Key::text("src_simulator").mandatory().about("The simulator that values come from, for example 'neurodamus'."),
    Key::text("src_get_func").mandatory().about("What it is asked for, for example 'get_var'."),
    Key::named("src_get_kwargs", &Kind::Anything)
        .about("Arguments, for example {\"var\": \"ina\", \"weight\": \"area\"}."),
    Key::text("src_set_func").about("How values are written back to the source; merge needs it."),
    Key::named("src_set_kwargs", &Kind::Anything).about("Arguments of src_set_func."),
    Key::text("dest_simulator").mandatory().about("The simulator that values go to, for example 'metabolism'."),
    Key::text("dest_get_func").or("reads what dest_set_func writes").about("How merge reads the destination."),
    Key::named("dest_get_kwargs", &Kind::Anything).about("Arguments of dest_get_func."),
    Key::text("dest_set_func").mandatory().about("How values are written, for example 'set_vm_idxs'."),
    Key::named("dest_set_kwargs", &Kind::Anything).about("Arguments, for example {\"idxs\": [\"K_out\"]}."),
    Key::text("transform_expression")
        .about("What becomes of the values ('vals') on the way, for example 'vals * 1e-8'."),
    Key::text("transform_unit")
        .or("unit of the destination")
        .about("Unit of what transform_expression gives, for example 'mmol/L'; it is converted to that of the destination."),
    Key::word::<WindowOperator>("window").or_text("last").about(
        "What of the time since the last exchange is taken: the value at the exchange, the mean over time, the integral over \
         time (its unit is that of the values times ms), the least, the greatest.",
    ),
    Key::word::<Action>("action").mandatory().about(
        "sum: contributions of all connections are added. set: the source overrides the destination. merge: changes of \
         both sides are added and written to both.",
    ),
];

/// A connection of a flat list (0.9).
pub(super) static CONNECTION: Shape = Shape::strict(
    "connection",
    "What one simulator takes from another.",
    &[
        COMMON,
        &[Key::steps("ndts")
            .unit("base steps of run.dt")
            .or("least common multiple of both simulators' ndts")
            .about("Time between two exchanges.")],
    ],
);

/// A connection of an event (0.8).
pub(super) static CONNECTION_OF_EVENT: Shape = Shape::strict(
    "connection_of_event",
    "What one simulator takes from another.",
    &[
        COMMON,
        &[Key::refused(
            "ndts",
            "has no place in connections that are keyed by event; use the flat list of connections",
        )],
    ],
);

/// Connections keyed by event (0.8).
pub(super) static EVENTS: Shape = Shape::strict(
    "events",
    "Connections by the event at which they are made.",
    &[&[
        Key::list("after_steps_advance", &Kind::Section(&CONNECTION_OF_EVENT))
            .about("Made after each step of the ions."),
        Key::list("before_bloodflow_advance", &Kind::Section(&CONNECTION_OF_EVENT))
            .about("Made before each step of the blood flow."),
        Key::list("after_metabolism_advance", &Kind::Section(&CONNECTION_OF_EVENT))
            .about("Made after each step of the metabolism."),
    ]],
);

impl Call {
    /// The call under `<prefix>_func` and `<prefix>_kwargs`.
    fn read(entry: &Section<'_>, function: &'static str, kwargs: &'static str) -> Option<Self> {
        let named = entry.owned_text(function);
        if named.is_none() && entry.has(kwargs) && !entry.has(function) {
            entry.problem(kwargs, format!("has no effect without '{function}'"));
        }
        Some(Self { function: named?, kwargs: entry.raw_map(kwargs) })
    }

    /// As [`Call::read`], for a call that must be there.
    pub(super) fn read_required(entry: &Section<'_>, function: &'static str, kwargs: &'static str) -> Self {
        Self { function: entry.required_text(function), kwargs: entry.raw_map(kwargs) }
    }
}

impl Connection {
    /// All connections of `multiscale_run`, and the generation that their form tells.
    pub(super) fn read_all(section: &Section<'_>) -> (Generation, Vec<Self>) {
        let by_event = section.find("connections").is_some_and(|node| matches!(node.content, Content::Object(_)));
        if !by_event {
            let entries = section.sections("connections");
            return (Generation::Flat, entries.iter().map(|entry| Self::read(entry, None)).collect());
        }
        let Some(events) = section.object("connections") else { return (Generation::Events, Vec::new()) };
        let mut connections = Vec::new();
        for event in SyncEvent::ALL {
            let entries = events.sections(event.name());
            connections.extend(entries.iter().map(|entry| Self::read(entry, Some(event))));
        }
        events.finish();
        (Generation::Events, connections)
    }

    fn read(entry: &Section<'_>, event: Option<SyncEvent>) -> Self {
        let action = entry.word("action");
        let connection = Self {
            src_simulator: entry.required_text("src_simulator"),
            src_get: Call::read_required(entry, "src_get_func", "src_get_kwargs"),
            src_set: Call::read(entry, "src_set_func", "src_set_kwargs"),
            dest_simulator: entry.required_text("dest_simulator"),
            dest_get: Call::read(entry, "dest_get_func", "dest_get_kwargs"),
            dest_set: Call::read_required(entry, "dest_set_func", "dest_set_kwargs"),
            transform_expression: entry.owned_text("transform_expression"),
            transform_unit: entry.owned_text("transform_unit"),
            window: entry.word_or_standard("window"),
            action: action.unwrap_or(Action::Set),
            ndts: if event.is_none() { entry.steps("ndts") } else { None },
            event,
            line: entry.position.line,
            column: entry.position.column,
            key: entry.key.clone(),
        };
        if action == Some(Action::Merge) && !entry.has("src_set_func") {
            entry.problem("action", "merge writes to both ends; it needs 'src_set_func'");
        }
        if connection.transform_unit.is_some() && !entry.has("transform_expression") {
            entry.problem("transform_unit", "has no effect without 'transform_expression'");
        }
        entry.finish();
        connection
    }
}
