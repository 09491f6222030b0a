//! Point processes of a cell: placing and connecting them, events to them, what they hold.

use super::{BuildError, Cell, CellBuilder};
use crate::mechanisms::Role;
use crate::points::{NetEvent, Placed};

/// A point process of a cell: its number in the order of placing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PointId(pub u32);

/// A connection to a point process of a cell: its number in the order of connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u32);

impl CellBuilder<'_> {
    /// Places a point process (POINT_PROCESS of a mechanism file) in the middle of a segment, with some of its parameters.
    ///
    /// # Errors
    /// [`BuildError::Mechanism`], [`BuildError::UnknownSegment`], [`BuildError::UnknownParameter`],
    /// [`BuildError::BadParameter`].
    pub fn place(
        &mut self,
        mechanism: &str,
        segment: usize,
        parameters: &[(&str, f64)],
    ) -> Result<PointId, BuildError> {
        let segments = self.discretisation().segments.len();
        if segment >= segments {
            return Err(BuildError::UnknownSegment { mechanism: mechanism.to_owned(), segment, segments });
        }
        let built = self.registry.build_point(mechanism, self.celsius)?;
        let known = || built.columns().iter().enumerate().filter(|(_, column)| column.role == Role::Parameter);
        let mut values = Vec::with_capacity(parameters.len());
        for &(parameter, value) in parameters {
            let Some((column, _)) = known().find(|(_, column)| column.name == parameter) else {
                return Err(BuildError::UnknownParameter {
                    mechanism: mechanism.to_owned(),
                    parameter: parameter.to_owned(),
                    available: known().map(|(_, column)| column.name.clone().into_owned()).collect(),
                });
            };
            values.push((column, finite(mechanism, parameter, value)?));
        }
        self.points.push(Placed { mechanism: built, segment, values });
        Ok(PointId(self.points.len() as u32 - 1))
    }

    /// Connects to a point process: events over this connection have the `weight` in the mechanism's unit (uS for synapses).
    ///
    /// # Errors
    /// [`BuildError::UnknownPoint`], [`BuildError::ReceivesNothing`], [`BuildError::BadParameter`].
    pub fn connect(&mut self, point: PointId, weight: f64) -> Result<ConnectionId, BuildError> {
        let Some(placed) = self.points.get(point.0 as usize) else {
            return Err(BuildError::UnknownPoint { point: point.0, points: self.points.len() });
        };
        let mechanism = placed.mechanism.name();
        if placed.mechanism.arguments().is_none() {
            return Err(BuildError::ReceivesNothing { mechanism: mechanism.to_owned() });
        }
        let weight = finite(mechanism, "weight", weight)?;
        self.connections.push((point.0, weight));
        Ok(ConnectionId(self.connections.len() as u32 - 1))
    }
}

fn finite(mechanism: &str, parameter: &str, value: f64) -> Result<f64, BuildError> {
    if value.is_finite() {
        return Ok(value);
    }
    let (mechanism, parameter) = (mechanism.to_owned(), parameter.to_owned());
    Err(BuildError::BadParameter { mechanism, parameter, value, reason: "must be a number" })
}

impl Cell {
    /// Number of its point processes.
    pub fn points(&self) -> usize {
        self.points.len()
    }

    /// Number of connections to its point processes.
    pub fn point_connections(&self) -> usize {
        self.points.connections()
    }

    /// An event that will arrive over a connection at a time, which may lie between steps.
    ///
    /// # Panics
    /// Where the connection is another cell's, or the time is no number.
    pub fn send(&mut self, connection: ConnectionId, time_ms: f64) {
        assert!(!time_ms.is_nan(), "an event needs a time");
        self.points.send(&mut self.state.points, connection.0, time_ms);
    }

    /// A parameter, state or RANGE variable of a point process.
    pub fn point_value(&self, point: PointId, name: &str) -> Option<f64> {
        self.points.value(&self.state.points, point.0, name)
    }

    /// Notes `net_event` of a point process from now on, for [`take_net_events`](Self::take_net_events).
    pub fn watch_point(&mut self, point: PointId) {
        self.points.watch(point.0);
    }

    /// Events that watched point processes have sent since this was last called, in the order in which they were sent.
    pub fn take_net_events(&mut self) -> impl Iterator<Item = NetEvent> {
        self.points.take_net_events()
    }
}
