//! Events on their way.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

/// Where an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Signal {
    /// A presynaptic cell; its weight may change during a run.
    Spike,
    /// Spontaneous release (`spont_minis`).
    Mini,
    /// A file of spikes.
    Replay,
}

/// An event that reaches a synapse. Ordered by time, then by synapse, so that the order in which events were added does not
/// matter.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Event {
    /// When it arrives, in ms; it is delivered at the beginning of the step whose middle is not before it (NEURON's rule).
    pub time_ms: f64,
    /// The synapse.
    pub synapse: u32,
    /// Where it comes from.
    pub signal: Signal,
}

impl Ord for Event {
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |event: &Self| (event.synapse, event.signal);
        self.time_ms.total_cmp(&other.time_ms).then_with(|| place(self).cmp(&place(other)))
    }
}

impl PartialOrd for Event {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Event {}

/// Events on their way to the synapses of one cell.
pub type EventQueue = Queue<Event>;

/// Events of one cell, the earliest first. Equal events are as many as were added.
#[derive(Debug, Serialize, Deserialize)]
#[serde(from = "Vec<E>", into = "Vec<E>")]
#[serde(bound(serialize = "E: Ord + Clone + Serialize", deserialize = "E: Ord + Deserialize<'de>"))]
pub struct Queue<E: Ord>(BinaryHeap<Reverse<E>>);

impl<E: Ord> Queue<E> {
    /// Adds an event.
    pub fn push(&mut self, event: E) {
        self.0.push(Reverse(event));
    }

    /// The next event, where it `is_due`.
    pub fn pop_if(&mut self, is_due: impl FnOnce(&E) -> bool) -> Option<E> {
        if self.0.peek().is_some_and(|Reverse(event)| is_due(event)) {
            self.0.pop().map(|Reverse(event)| event)
        } else {
            None
        }
    }

    /// Takes the last event that `is_wanted` out.
    pub fn take_last(&mut self, is_wanted: impl Fn(&E) -> bool) -> Option<E>
    where
        E: Copy,
    {
        let last = self.0.iter().map(|Reverse(event)| *event).filter(&is_wanted).max()?;
        let mut is_there = true;
        self.0.retain(|Reverse(event)| {
            let is_it = is_there && *event == last;
            is_there &= !is_it;
            !is_it
        });
        Some(last)
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

impl<E: Ord> Default for Queue<E> {
    fn default() -> Self {
        Self(BinaryHeap::new())
    }
}

impl<E: Ord + Clone> Clone for Queue<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl<E: Ord> From<Vec<E>> for Queue<E> {
    fn from(events: Vec<E>) -> Self {
        Self(events.into_iter().map(Reverse).collect())
    }
}

impl<E: Ord> From<Queue<E>> for Vec<E> {
    /// Sorted, so that equal queues have equal snapshots.
    fn from(queue: Queue<E>) -> Self {
        let mut events: Vec<E> = queue.0.into_iter().map(|Reverse(event)| event).collect();
        events.sort_unstable();
        events
    }
}
