//! Cells without membrane (ARTIFICIAL_CELL of mechanism files): they have no voltage, only events.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cell::{ConnectionId, Pointers};
use crate::ions::{InitialConcentrations, Membrane};
use crate::mechanisms::Role;
use crate::nmodl::PointMechanism;
use crate::points::{Around, NetEvent, Placed, Points, PointsState, Site};

/// All artificial cells, of any mechanisms. An event reaches one at its own time, between steps or not.
pub struct ArtificialCells {
    ids: Vec<u64>,
    points: Points,
    /// One node a cell, for mechanisms that fail.
    membrane: Membrane,
    pointers: Pointers,
    state: ArtificialState,
}

/// All that changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ArtificialState(PointsState);

impl ArtificialState {
    /// Whether both can be states of the same cells.
    pub fn same_shape(&self, other: &Self) -> bool {
        self.0.same_shape(&other.0)
    }
}

/// Collects artificial cells and the connections to them.
#[derive(Default)]
pub struct ArtificialCellsBuilder {
    ids: Vec<u64>,
    placed: Vec<Placed>,
    connections: Vec<(u32, Vec<f64>)>,
}

/// Why an artificial cell cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ArtificialError {
    /// A parameter that its mechanism does not have.
    #[error("'{mechanism}' has no parameter '{parameter}'; available: {}", available.join(", "))]
    UnknownParameter {
        /// The mechanism.
        mechanism: String,
        /// The parameter.
        parameter: String,
        /// What it has.
        available: Vec<String>,
    },
    /// A parameter that is no number.
    #[error("{mechanism}.{parameter} = {value} must be a number")]
    BadParameter {
        /// The mechanism.
        mechanism: String,
        /// The parameter.
        parameter: String,
        /// Its value.
        value: f64,
    },
    /// A connection to what takes no events.
    #[error("'{mechanism}' receives no events: it has no NET_RECEIVE block")]
    ReceivesNothing {
        /// The mechanism.
        mechanism: String,
    },
}

/// Parameters of a mechanism that can be set.
pub(super) fn parameters(mechanism: &PointMechanism) -> impl Iterator<Item = &str> {
    mechanism.columns().iter().filter(|column| column.role == Role::Parameter).map(|column| &*column.name)
}

impl ArtificialCellsBuilder {
    /// Adds a cell with some of its parameters; ids must ascend.
    ///
    /// # Errors
    /// [`ArtificialError::UnknownParameter`], [`ArtificialError::BadParameter`].
    pub fn add(
        &mut self,
        id: u64,
        mechanism: &Arc<PointMechanism>,
        values: &[(String, f64)],
        streams: [u32; 3],
    ) -> Result<(), ArtificialError> {
        let mut set = Vec::with_capacity(values.len());
        for (parameter, value) in values {
            let column = mechanism
                .columns()
                .iter()
                .position(|column| column.role == Role::Parameter && column.name == parameter.as_str());
            let name = || (mechanism.name().to_owned(), parameter.clone());
            let Some(column) = column else {
                let (mechanism_name, parameter) = name();
                let available = parameters(mechanism).map(str::to_owned).collect();
                return Err(ArtificialError::UnknownParameter { mechanism: mechanism_name, parameter, available });
            };
            if !value.is_finite() {
                let (mechanism, parameter) = name();
                return Err(ArtificialError::BadParameter { mechanism, parameter, value: *value });
            }
            set.push((column, *value));
        }
        self.ids.push(id);
        let mechanism = Arc::clone(mechanism);
        self.placed.push(Placed { mechanism, segment: 0, values: set, streams: Some(streams) });
        Ok(())
    }

    /// Connects to a cell by its position.
    ///
    /// # Errors
    /// [`ArtificialError::ReceivesNothing`]
    pub fn connect(&mut self, cell: usize, weight: f64) -> Result<ConnectionId, ArtificialError> {
        let mechanism = &self.placed[cell].mechanism;
        if mechanism.arguments().is_none() {
            return Err(ArtificialError::ReceivesNothing { mechanism: mechanism.name().to_owned() });
        }
        self.connections.push((cell as u32, vec![weight]));
        Ok(ConnectionId(self.connections.len() as u32 - 1))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Number of cells so far.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The cells at step 0; `seed` is that of the run.
    pub fn build(self, seed: u32, dt_ms: f64) -> ArtificialCells {
        let site = |node: usize| Site { node: node as u32, area_um2: 1.0, diameter_um: 1.0 };
        let count = self.ids.len();
        let placed = self.placed.into_iter().enumerate().map(|(node, placed)| (placed, site(node))).collect();
        let (mut points, state) = Points::new(placed, &self.connections, seed, dt_ms);
        (0..count as u32).for_each(|point| points.watch(point));
        let mut membrane = Membrane::new(0.0, &InitialConcentrations::default(), vec![0.0; count]);
        membrane.step_ms = dt_ms;
        let (pointers, state) = (Pointers::none(0, points.nodes().count()), ArtificialState(state));
        let mut cells = ArtificialCells { ids: self.ids, points, membrane, pointers, state };
        let ArtificialCells { points, membrane, pointers, state, .. } = &mut cells;
        points.initialise(&mut state.0, &mut Around { membrane, blocks: &mut [], pointers });
        cells
    }
}

impl ArtificialCells {
    /// Ids of the cells, ascending.
    pub fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// State.
    pub fn state(&self) -> &ArtificialState {
        &self.state
    }

    /// Takes over the values of another state.
    pub fn assign(&mut self, other: &ArtificialState) {
        self.state.0.assign(&other.0);
        self.membrane.failure = None;
        self.points.take_net_events().for_each(drop);
    }

    /// A parameter, state or RANGE variable of a cell, by its position.
    pub fn value(&self, cell: usize, name: &str) -> Option<f64> {
        self.points.value(&self.state.0, cell as u32, name)
    }

    /// An event that will arrive over a connection.
    pub(super) fn send(&mut self, connection: ConnectionId, time_ms: f64) {
        self.points.send(&mut self.state.0, connection.0, time_ms);
    }

    pub(super) fn advance(&mut self, steps: Range<u64>) {
        let Self { points, membrane, pointers, state, .. } = self;
        for step in steps {
            points.deliver(&mut state.0, &mut Around { membrane, blocks: &mut [], pointers }, step);
        }
    }

    /// Spikes since this was last called, in the order in which they were sent; the point process is the cell's position.
    pub(super) fn take_spikes(&mut self) -> impl Iterator<Item = NetEvent> {
        self.points.take_net_events()
    }

    pub(super) fn failure(&self) -> Option<(u64, String)> {
        let failure = self.membrane.failure.as_ref()?;
        Some((self.ids[failure.node as usize], format!("{} cannot go on: {}", failure.mechanism, failure.stop)))
    }
}
