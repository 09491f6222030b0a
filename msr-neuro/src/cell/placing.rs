//! Point processes of a cell: placing and connecting them, events to them, what they hold.

use std::sync::Arc;

use super::{BuildError, Cell, CellBuilder};
use crate::mechanisms::Role;
use crate::nmodl::PointMechanism;
use crate::points::{NetEvent, Placed};

/// A point process of a cell: its number in the order of placing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PointId(pub u32);

/// A connection to a point process of a cell: its number in the order of connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(pub u32);

/// Where a value of a point process is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointPlace {
    group: usize,
    position: usize,
}

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
        self.check_segment(mechanism, segment)?;
        let built = self.registry.build_point_with(mechanism, self.celsius, self.ion_slopes())?;
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
        self.points.push(Placed { mechanism: built, segment, values, streams: None });
        Ok(PointId(self.points.len() as u32 - 1))
    }

    /// Gives the random streams of a point process the three numbers of NEURON's Random123 (the third is one more for each
    /// further stream), instead of those of [`StreamKeys`](super::StreamKeys).
    ///
    /// # Errors
    /// [`BuildError::UnknownPoint`]
    pub fn set_stream(&mut self, point: PointId, ids: [u32; 3]) -> Result<(), BuildError> {
        let points = self.points.len();
        match self.points.get_mut(point.0 as usize) {
            Some(placed) => placed.streams = Some(ids),
            None => return Err(BuildError::UnknownPoint { point: point.0, points }),
        }
        Ok(())
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
        self.connections.push((point.0, vec![weight]));
        Ok(ConnectionId(self.connections.len() as u32 - 1))
    }

    /// The point process of this name, as it would be placed.
    ///
    /// # Errors
    /// [`BuildError::Mechanism`]
    pub fn point_mechanism(&self, mechanism: &str) -> Result<Arc<PointMechanism>, BuildError> {
        Ok(self.registry.build_point_with(mechanism, self.celsius, self.ion_slopes())?)
    }

    /// Names of the values of a connection, its weight first.
    ///
    /// # Panics
    /// Where the connection is another builder's.
    pub fn arguments(&self, connection: ConnectionId) -> Vec<String> {
        self.arguments_of(PointId(self.connections[connection.0 as usize].0))
    }

    /// Names of the values of connections to a point process; none where it receives no events.
    ///
    /// # Panics
    /// Where the point process is another builder's.
    pub fn arguments_of(&self, point: PointId) -> Vec<String> {
        self.points[point.0 as usize].mechanism.arguments().unwrap_or_default().to_vec()
    }

    /// Sets another value of a connection by the name that NET_RECEIVE gives it, before INITIAL of NET_RECEIVE; 0 before.
    ///
    /// # Errors
    /// [`BuildError::UnknownVariable`], [`BuildError::BadParameter`].
    ///
    /// # Panics
    /// Where the connection is another builder's.
    pub fn set_argument(&mut self, connection: ConnectionId, argument: &str, value: f64) -> Result<(), BuildError> {
        let (point, values) = &mut self.connections[connection.0 as usize];
        let mechanism = &self.points[*point as usize].mechanism;
        let known = mechanism.arguments().unwrap_or_default();
        let Some(position) = known.iter().position(|known| known == argument) else {
            return Err(BuildError::UnknownVariable {
                owner: format!("a connection to {}", mechanism.name()),
                variable: argument.to_owned(),
                available: known.to_vec(),
            });
        };
        values.resize(values.len().max(position + 1), 0.0);
        values[position] = finite(mechanism.name(), argument, value)?;
        Ok(())
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

    /// Where a parameter, state or RANGE variable of a point process is kept.
    pub fn point_place(&self, point: PointId, name: &str) -> Option<PointPlace> {
        let (group, position) = self.points.position(point.0, name)?;
        Some(PointPlace { group, position })
    }

    /// Sets a value of a point process.
    ///
    /// # Panics
    /// Where the place is another cell's.
    pub fn set_point_value(&mut self, place: PointPlace, value: f64) {
        self.state.points.blocks_mut()[place.group][place.position] = value;
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
