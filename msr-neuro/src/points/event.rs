//! Events of point processes, and what a point process reaches outside of itself.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::nmodl::Host;
use crate::synapses::Queue;

/// An event on its way to a point process. Ordered by time and then by what it is, so that the order in which events were
/// added does not matter.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PointEvent {
    /// When it arrives, in ms.
    pub time_ms: f64,
    /// Number of the point process.
    pub point: u32,
    /// Whether the point process sent it to itself.
    pub is_own: bool,
    /// The connection whose values it comes with.
    pub connection: Option<u32>,
    /// Flag of NET_RECEIVE: 0 where it comes from outside.
    pub flag: f64,
}

impl Ord for PointEvent {
    fn cmp(&self, other: &Self) -> Ordering {
        let place = |event: &Self| (event.point, event.is_own, event.connection);
        self.time_ms
            .total_cmp(&other.time_ms)
            .then_with(|| place(self).cmp(&place(other)))
            .then_with(|| self.flag.total_cmp(&other.flag))
    }
}

impl PartialOrd for PointEvent {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for PointEvent {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for PointEvent {}

/// An event that a watched point process sent to whom it may concern (`net_event`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NetEvent {
    /// Number of the point process.
    pub point: u32,
    /// When, in ms.
    pub time_ms: f64,
}

/// What the instances of one mechanism send.
pub(super) struct Outbox<'a> {
    pub events: &'a mut Queue<PointEvent>,
    pub net_events: &'a mut Vec<NetEvent>,
    /// Whether `net_event` of a point process is noted; shorter than their number where the last are not.
    pub watched: &'a [bool],
    /// Number of the point process of each instance.
    pub points: &'a [u32],
    pub time_ms: f64,
    /// The instance whose statements run.
    pub index: usize,
    /// The connection of the event that it handles.
    pub connection: Option<u32>,
}

impl Host for Outbox<'_> {
    fn instance(&mut self, index: usize) {
        self.index = index;
    }

    fn send(&mut self, delay_ms: f64, flag: f64) {
        let (point, connection) = (self.points[self.index], self.connection);
        // What is sent into the past arrives at once.
        let time_ms = self.time_ms + delay_ms.max(0.0);
        self.events.push(PointEvent { time_ms, point, is_own: true, connection, flag });
    }

    fn emit(&mut self, time_ms: f64) {
        let point = self.points[self.index];
        if self.watched.get(point as usize) == Some(&true) {
            // Nothing leaves before it was decided.
            self.net_events.push(NetEvent { point, time_ms: time_ms.max(self.time_ms) });
        }
    }

    fn move_event(&mut self, time_ms: f64) {
        let point = self.points[self.index];
        if let Some(event) = self.events.take_last(|event| event.point == point && event.is_own) {
            self.events.push(PointEvent { time_ms: time_ms.max(self.time_ms), ..event });
        }
    }

    fn uniform(&mut self, _stream: u32) -> f64 {
        unreachable!("a block keeps its streams")
    }

    fn restart(&mut self, _stream: u32) {}

    fn vector(&self, _vector: u32) -> &[f64] {
        &[]
    }

    fn watch(&mut self, _watch: usize, _flag: f64, _excess: f64) {
        unreachable!("a block keeps its watches")
    }
}
