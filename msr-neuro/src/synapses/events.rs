//! Action potentials on their way to synapses.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

/// An action potential that reaches a synapse. Ordered by time, then by synapse, so that the order in which events were
/// added does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Event {
    /// The step at whose beginning it arrives.
    pub step: u64,
    /// The synapse.
    pub synapse: u32,
}

/// Events of one cell, the earliest first.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Event>", into = "Vec<Event>")]
pub struct EventQueue(BinaryHeap<Reverse<Event>>);

impl EventQueue {
    /// Adds an event.
    pub fn push(&mut self, event: Event) {
        self.0.push(Reverse(event));
    }

    /// The next event that is due at `step`.
    pub fn pop_due(&mut self, step: u64) -> Option<Event> {
        if self.0.peek().is_some_and(|Reverse(event)| event.step <= step) {
            self.0.pop().map(|Reverse(event)| event)
        } else {
            None
        }
    }

    /// Number of events on their way.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is on its way.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Clone for EventQueue {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl From<Vec<Event>> for EventQueue {
    fn from(events: Vec<Event>) -> Self {
        Self(events.into_iter().map(Reverse).collect())
    }
}

impl From<EventQueue> for Vec<Event> {
    /// Sorted, so that equal queues have equal snapshots.
    fn from(queue: EventQueue) -> Self {
        let mut events: Vec<Event> = queue.0.into_iter().map(|Reverse(event)| event).collect();
        events.sort_unstable();
        events
    }
}
