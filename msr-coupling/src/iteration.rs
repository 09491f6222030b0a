//! Simulators that repeat their common window until what they exchange agrees (strong, or implicit, coupling).
//!
//! Without it, every simulator computes a window with what the others had at its start. A group computes it with what the
//! others have at its end: the values that connections hand over at the start of the window are changed until they are those
//! that the same connections read at its end. The members are advanced one after another, in the order of the simulators:
//! what goes to a later member is handed on at once, what goes to an earlier one (or to the same) is what is iterated.

use std::collections::BTreeSet;

use msr_config::multiscale::{Action, Iteration};
use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::feedback;
use crate::simulator::Simulator;

/// A group that iterates.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) settings: Iteration,
    /// Positions of the simulators, ascending.
    pub(crate) members: Vec<usize>,
    /// Positions of the connections among them that go to a later member.
    pub(crate) forward: Vec<usize>,
    /// Positions of those that go to an earlier member, or back to the same: what is iterated.
    pub(crate) backward: Vec<usize>,
    /// Base steps of their window.
    pub(crate) ndts: u64,
}

/// How often windows were repeated so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IterationRecord {
    /// Windows.
    pub windows: u64,
    /// Repetitions of all windows together.
    pub repetitions: u64,
    /// Repetitions of the window that took most.
    pub most: u64,
}

impl IterationRecord {
    pub(crate) fn add(&mut self, repetitions: u64) {
        self.windows += 1;
        self.repetitions += repetitions;
        self.most = self.most.max(repetitions);
    }
}

/// Why simulators cannot iterate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum IterationError {
    /// A group of nobody.
    #[error("'simulators' is empty; name those whose results come back to them")]
    Empty,
    /// A simulator that there is not.
    #[error("unknown simulator '{name}'{}; available: {}", crate::query::nearest(name, available), available.join(", "))]
    UnknownSimulator {
        /// The name.
        name: String,
        /// The simulators there are.
        available: Vec<String>,
    },
    /// A simulator that iterates with two groups, or twice with one.
    #[error("{name} is named twice; a simulator iterates in one group, once")]
    Twice {
        /// The simulator.
        name: String,
    },
    /// Simulators that do not feed back on one another.
    #[error(
        "{name} is in no loop of connections{}: there is nothing to iterate; name simulators whose results come back to them",
        with(others)
    )]
    NoLoop {
        /// The simulator.
        name: String,
        /// The others of the group.
        others: Vec<String>,
    },
    /// A connection whose effect cannot be taken back and repeated with other values.
    #[error(
        "{key} is a {action} between iterated simulators; only 'set' connections without src_set_func can be repeated: a sum \
         hands over what flowed in the past window and an iteration what is to flow in the coming one, which would count it \
         twice; a merge changes both ends"
    )]
    NotASet {
        /// The connection.
        key: String,
        /// Its action.
        action: Action,
    },
    /// A connection of the group whose values another one replaces: which of them counts would be unclear in a repetition.
    #[error(
        "{key} is overwritten by {by}, which sets the same value; of simulators that iterate, leave out one of the two"
    )]
    Overwritten {
        /// The connection.
        key: String,
        /// The later one.
        by: String,
    },
    /// Connections of the group that are made at different steps.
    #[error(
        "{first} is made every {first_ms} ms and {second} every {second_ms} ms; connections among iterated simulators must be \
         made together: give them the same ndts"
    )]
    DifferentWindows {
        /// A connection.
        first: String,
        /// Its period.
        first_ms: f64,
        /// Another one.
        second: String,
        /// Its period.
        second_ms: f64,
    },
    /// A connection from outside that changes a member within its window.
    #[error(
        "{key} changes {name} every {period_ms} ms, within its iterated window of {window_ms} ms; give {key} an ndts that is a \
         multiple of that window, or iterate over a shorter one"
    )]
    WithinWindow {
        /// The connection.
        key: String,
        /// The member.
        name: String,
        /// Period of the connection.
        period_ms: f64,
        /// The window.
        window_ms: f64,
    },
}

impl IterationError {
    /// The entry of the iteration that has the mistake; `None` where it is that of a connection.
    pub fn entry(&self) -> Option<&'static str> {
        match self {
            Self::Empty | Self::UnknownSimulator { .. } | Self::Twice { .. } | Self::NoLoop { .. } => {
                Some("simulators")
            }
            Self::NotASet { .. }
            | Self::Overwritten { .. }
            | Self::DifferentWindows { .. }
            | Self::WithinWindow { .. } => None,
        }
    }
}

fn with(others: &[String]) -> String {
    if others.is_empty() { String::new() } else { format!(" with {}", others.join(", ")) }
}

impl Group {
    /// Checks a group of simulators and finds its connections and window. `taken` are members of earlier groups.
    pub(crate) fn compile(
        settings: &Iteration,
        simulators: &[Box<dyn Simulator>],
        exchanges: &[Exchange],
        taken: &BTreeSet<usize>,
    ) -> Result<Self, IterationError> {
        let mut members = BTreeSet::new();
        for name in &settings.simulators {
            let position = simulators.iter().position(|simulator| simulator.name() == name).ok_or_else(|| {
                let available = simulators.iter().map(|simulator| simulator.name().to_owned()).collect();
                IterationError::UnknownSimulator { name: name.clone(), available }
            })?;
            if taken.contains(&position) || !members.insert(position) {
                return Err(IterationError::Twice { name: name.clone() });
            }
        }
        if members.is_empty() {
            return Err(IterationError::Empty);
        }
        let is_inside =
            |exchange: &Exchange| members.contains(&exchange.source) && members.contains(&exchange.destination);
        let time_ms = |ndts: u64| ndts as f64 * simulators[0].base_dt_ms();
        let connections: Vec<usize> =
            (0..exchanges.len()).filter(|&position| is_inside(&exchanges[position])).collect();
        for &position in &connections {
            check_connection(&exchanges[position], &exchanges[connections[0]], time_ms)?;
            if let Some(by) = exchanges[position + 1..].iter().find(|later| later.overwrites(&exchanges[position])) {
                let key = |exchange: &Exchange| exchange.connection.key.clone();
                return Err(IterationError::Overwritten { key: key(&exchanges[position]), by: key(by) });
            }
        }
        let loops = feedback::loops(simulators.len(), connections.iter().map(|&position| &exchanges[position]));
        let in_loop = |found: &&Vec<usize>| members.iter().filter(|member| found.contains(member)).count();
        let most = loops.iter().max_by_key(in_loop);
        if let Some(outside) = members.iter().find(|member| most.is_none_or(|most| !most.contains(member))) {
            let named = |member: &usize| simulators[*member].name().to_owned();
            let others = members.iter().filter(|other| *other != outside).map(named).collect();
            return Err(IterationError::NoLoop { name: named(outside), others });
        }
        let ndts = exchanges[connections[0]].ndts;
        for exchange in exchanges.iter().filter(|exchange| !is_inside(exchange)) {
            let written_back = exchange.connection.src_set.is_some().then_some(exchange.source);
            let changed = [Some(exchange.destination), written_back].into_iter().flatten();
            if let Some(member) = changed.into_iter().find(|changed| members.contains(changed))
                && !exchange.ndts.is_multiple_of(ndts)
            {
                return Err(IterationError::WithinWindow {
                    key: exchange.connection.key.clone(),
                    name: simulators[member].name().to_owned(),
                    period_ms: time_ms(exchange.ndts),
                    window_ms: time_ms(ndts),
                });
            }
        }
        let is_forward = |&position: &usize| exchanges[position].source < exchanges[position].destination;
        let (forward, backward) = connections.into_iter().partition(is_forward);
        let members = members.into_iter().collect();
        Ok(Self { settings: settings.clone(), members, forward, backward, ndts })
    }

    /// Whether values from one simulator to another are iterated.
    pub(crate) fn iterates(&self, from: usize, to: usize) -> bool {
        self.members.contains(&from) && self.members.contains(&to)
    }
}

/// A connection inside a group: one that can be repeated, and at the steps of the group's first one.
fn check_connection(exchange: &Exchange, first: &Exchange, time_ms: impl Fn(u64) -> f64) -> Result<(), IterationError> {
    let connection = &exchange.connection;
    if connection.action != Action::Set || connection.src_set.is_some() {
        return Err(IterationError::NotASet { key: connection.key.clone(), action: connection.action });
    }
    if exchange.ndts != first.ndts {
        return Err(IterationError::DifferentWindows {
            first: first.connection.key.clone(),
            first_ms: time_ms(first.ndts),
            second: connection.key.clone(),
            second_ms: time_ms(exchange.ndts),
        });
    }
    Ok(())
}
