//! What reaches a cell: spikes of others, spontaneous release, weights that change.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Cell, CellState, ConnectionId};
use crate::random123::Random123;
use crate::synapses::{Event, Queue, Signal, Synapses};

/// What an event reaches in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// Number of a synapse.
    Synapse(u32),
    /// A connection to a point process of a mechanism file.
    Point(ConnectionId),
}

/// A Poisson process of spontaneous release at one synapse (`spont_minis`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spontaneous {
    /// What it reaches.
    pub receiver: Receiver,
    /// Its rate.
    pub rate_hz: f64,
    /// The stream of its intervals.
    pub stream: Random123,
}

/// From a spontaneous event to its arrival, in ms (neurodamus').
const SPONTANEOUS_DELAY_MS: f64 = 0.1;

/// Numbers of a stream that are drawn before its first interval (neurodamus').
const DRAWN_BEFORE: u64 = 1;

/// The next event of a process.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Next {
    time_ms: f64,
    process: u32,
}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Next {}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time_ms.total_cmp(&other.time_ms).then(self.process.cmp(&other.process))
    }
}

/// Spontaneous release of a cell: the next events, and how many numbers each process has drawn.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct SpontaneousState {
    queue: Queue<Next>,
    drawn: Vec<u64>,
}

impl SpontaneousState {
    pub fn assign(&mut self, other: &Self) {
        self.queue.clone_from(&other.queue);
        self.drawn.clone_from(&other.drawn);
    }

    pub fn same_shape(&self, other: &Self) -> bool {
        self.drawn.len() == other.drawn.len()
    }

    fn draw(&mut self, process: u32, of: &Spontaneous, from_ms: f64) {
        let interval_ms = 1000.0 / of.rate_hz * of.stream.exponential(&mut self.drawn[process as usize]);
        self.queue.push(Next { time_ms: from_ms + interval_ms, process });
    }

    /// All processes from the beginning.
    pub fn begin(&mut self, processes: &[Spontaneous]) {
        self.queue = Queue::default();
        self.drawn.clear();
        self.drawn.resize(processes.len(), DRAWN_BEFORE);
        for (number, process) in (0..).zip(processes) {
            self.draw(number, process, 0.0);
        }
    }
}

/// A weight from some step on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LateWeight {
    step: u64,
    receiver: Receiver,
    weight: f64,
}

impl Cell {
    /// An event that will reach a synapse.
    pub fn post(&mut self, event: Event) {
        self.state.events.push(event);
    }

    /// An event that will reach something at a time, which may lie between steps.
    pub fn reach(&mut self, receiver: Receiver, time_ms: f64, signal: Signal) {
        match receiver {
            Receiver::Synapse(synapse) => self.post(Event { time_ms, synapse, signal }),
            Receiver::Point(connection) => self.send(connection, time_ms),
        }
    }

    /// Adds spontaneous release to a cell that has not started. A rate of 0 adds nothing.
    pub fn add_spontaneous(&mut self, process: Spontaneous) {
        if process.rate_hz > 0.0 {
            let number = self.spontaneous.len() as u32;
            self.spontaneous.push(process);
            self.state.spontaneous.drawn.push(DRAWN_BEFORE);
            self.state.spontaneous.draw(number, &process, 0.0);
        }
    }

    /// Processes of spontaneous release.
    pub fn spontaneous(&self) -> &[Spontaneous] {
        &self.spontaneous
    }

    /// Gives the spikes that reach something another weight from a time on: uS at a synapse, the unit of the mechanism at a
    /// point process.
    pub fn change_weight(&mut self, receiver: Receiver, time_ms: f64, weight: f64) {
        let step = due(time_ms, self.dt_ms);
        let at = self.late_weights.partition_point(|late| late.step <= step);
        self.late_weights.insert(at, LateWeight { step, receiver, weight });
    }

    /// Weights that change in this step, and spontaneous events that arrive in it.
    pub(super) fn take_arrivals(&mut self) {
        let step = self.state.step;
        let first = self.late_weights.partition_point(|late| late.step < step);
        for late in self.late_weights[first..].iter().take_while(|late| late.step == step) {
            let CellState { synapses, points, .. } = &mut self.state;
            match late.receiver {
                Receiver::Synapse(synapse) => Synapses::set_weight(synapses, synapse, late.weight),
                Receiver::Point(connection) => self.points.set_weight(points, connection.0, late.weight),
            }
        }
        if self.spontaneous.is_empty() {
            return;
        }
        let until_ms = (step as f64 + 0.5) * self.dt_ms;
        let is_due = |next: &Next| next.time_ms + SPONTANEOUS_DELAY_MS <= until_ms;
        while let Some(Next { time_ms, process }) = self.state.spontaneous.queue.pop_if(is_due) {
            let of = self.spontaneous[process as usize];
            self.reach(of.receiver, time_ms + SPONTANEOUS_DELAY_MS, Signal::Mini);
            self.state.spontaneous.draw(process, &of, time_ms);
        }
    }
}

/// The step at whose beginning a time is due: the first whose middle is not before it (NEURON's rule).
pub(crate) fn due(time_ms: f64, dt_ms: f64) -> u64 {
    (time_ms / dt_ms - 0.5).ceil().max(0.0) as u64
}
