//! Point processes of mechanism files that are placed on one cell, the connections that reach them, and their events.
//!
//! They are grouped by mechanism, one block each, like density mechanisms. An event is delivered at the beginning of the
//! step whose middle is not before it (NEURON's rule), and sees its own time.

mod event;

pub use event::{NetEvent, PointEvent};

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::cell::{Keeper, Pointers, Values, fill_streams};
use crate::ions::Membrane;
use crate::mechanisms::{Block, Columns, Role};
use crate::nmodl::{Arrival, PointMechanism, Stop};
use crate::synapses::Queue;
use event::Outbox;

/// An event of a condition comes this much after the beginning of the step at which it holds, in ms (NEURON's).
const WATCH_DELAY_MS: f64 = 1e-10;
/// A point process delivers no more events in a step.
const MOST_EVENTS: u32 = 1_000_000;

/// Argument of NET_RECEIVE with the kind of a connection, and its value for neuromodulators (neurodamus').
const KIND: &str = "nc_type";
const MODULATOR: f64 = 10.0;
/// Value of synapses that is above 0 from a release until its vesicles recover.
const UNRECOVERED: &str = "Ustate";
/// What comes less than this part of a step before its beginning counts as at its beginning: spikes have delays of whole steps,
/// and in NEURON come 1e-10 ms later.
const AT_THE_START: f64 = 1e-6;
/// Parameter of synapses with the part of their vesicles that an event releases.
const UTILISATION: &str = "Use";

/// A point process to be placed.
pub(crate) struct Placed {
    pub mechanism: Arc<PointMechanism>,
    pub segment: usize,
    /// Column and value of the parameters that are set.
    pub values: Vec<(usize, f64)>,
    /// Names its random streams, where it is not the cell that does.
    pub streams: Option<[u32; 3]>,
}

/// What point processes reach of their cell.
pub(crate) struct Around<'a> {
    pub membrane: &'a mut Membrane,
    /// Columns of the mechanisms of segments.
    pub blocks: &'a mut [Vec<f64>],
    pub pointers: &'a mut Pointers,
}

impl Around<'_> {
    /// The pointers, and all that they may lead to.
    pub fn with<'a>(&'a mut self, points: &'a mut [Vec<f64>]) -> (&'a mut Pointers, Values<'a>) {
        (self.pointers, Values { membrane: self.membrane, blocks: self.blocks, points })
    }
}

/// Where a point process stands.
pub(crate) struct Site {
    pub node: u32,
    pub area_um2: f64,
    pub diameter_um: f64,
}

/// All that changes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct PointsState {
    /// Columns of each mechanism.
    blocks: Vec<Vec<f64>>,
    /// Values of all connections, one after the other.
    connections: Vec<f64>,
    events: Queue<PointEvent>,
    /// Whether each sensed value was above 0 when it was last looked at.
    above: Vec<bool>,
}

impl PointsState {
    /// The columns of each kind.
    pub fn columns(&mut self) -> impl Iterator<Item = &mut [f64]> {
        self.blocks.iter_mut().map(Vec::as_mut_slice)
    }

    /// Takes over the values of another state of the same point processes in the memory at hand.
    pub fn assign(&mut self, other: &Self) {
        self.blocks.clone_from(&other.blocks);
        self.connections.clone_from(&other.connections);
        self.events.clone_from(&other.events);
        self.above.clone_from(&other.above);
    }

    /// Columns of each kind of point process.
    pub(crate) fn blocks_mut(&mut self) -> &mut [Vec<f64>] {
        &mut self.blocks
    }

    /// Whether both can be states of the same point processes.
    pub fn same_shape(&self, other: &Self) -> bool {
        self.connections.len() == other.connections.len()
            && self.above.len() == other.above.len()
            && self.blocks.len() == other.blocks.len()
            && self.blocks.iter().zip(&other.blocks).all(|(a, b)| a.len() == b.len())
    }
}

/// All point processes of one mechanism.
struct Group {
    mechanism: Arc<PointMechanism>,
    nodes: Vec<u32>,
    /// Number of the point process of each instance.
    points: Vec<u32>,
}

/// What reaches a point process.
struct Connection {
    point: u32,
    /// Its first values at the beginning; the others are 0.
    initial: Vec<f64>,
    /// Its values in [`PointsState::connections`].
    first: usize,
    count: usize,
}

/// A point process whose events are noted.
#[derive(Debug, Clone, Copy)]
struct Heard {
    /// Which of a connection's values says what kind of connection it is, if one does.
    kind: Option<usize>,
    /// Block and position of the part of its vesicles that an event releases; without it all are.
    utilisation: Option<(usize, usize)>,
}

/// An event that reached a point process, and what part of its vesicles that released.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heeded {
    pub step: u64,
    pub point: u32,
    pub fraction: f64,
}

/// Point processes of one cell: what does not change, and what was noted.
#[derive(Default)]
pub(crate) struct Points {
    groups: Vec<Group>,
    /// Group and instance of each point process.
    places: Vec<(usize, usize)>,
    connections: Vec<Connection>,
    watched: Vec<bool>,
    net_events: Vec<NetEvent>,
    /// Point processes whose events are noted as arrivals; shorter than all where the last are not.
    heard: Vec<Option<Heard>>,
    arrivals: Vec<Heeded>,
    /// Point processes whose [`UNRECOVERED`] is looked at, with its block and position.
    sensed: Vec<(u32, (usize, usize))>,
    /// Values of a connection for events that come over none.
    nothing: Vec<f64>,
    dt_ms: f64,
}

impl Points {
    /// From point processes with their sites, connections (point process and first values) and the seed of random streams.
    pub fn new(
        placed: Vec<(Placed, Site)>,
        connections: &[(u32, Vec<f64>)],
        seed: u32,
        dt_ms: f64,
    ) -> (Self, PointsState) {
        let mut points = Self { dt_ms, ..Self::default() };
        let mut settings: Vec<Vec<(usize, usize, f64)>> = Vec::new();
        for (number, (placed, site)) in (0..).zip(placed) {
            let name = placed.mechanism.name();
            let group = points.groups.iter().position(|group| group.mechanism.name() == name).unwrap_or_else(|| {
                let mechanism = Arc::clone(&placed.mechanism);
                points.groups.push(Group { mechanism, nodes: Vec::new(), points: Vec::new() });
                settings.push(Vec::new());
                points.groups.len() - 1
            });
            let index = points.groups[group].nodes.len();
            points.groups[group].nodes.push(site.node);
            points.groups[group].points.push(number);
            points.places.push((group, index));
            let geometry =
                placed.mechanism.columns().iter().enumerate().filter(|(_, column)| column.role == Role::Geometry);
            for (column, declared) in geometry {
                let value = if declared.name == "area" { site.area_um2 } else { site.diameter_um };
                settings[group].push((column, index, value));
            }
            let ids = placed.streams.unwrap_or_default();
            fill_streams(placed.mechanism.columns(), seed, ids, |column, value| {
                settings[group].push((column, index, value));
            });
            settings[group].extend(placed.values.into_iter().map(|(column, value)| (column, index, value)));
        }
        let mut state = PointsState::default();
        for (group, settings) in points.groups.iter().zip(settings) {
            let mut block = Block::new(group.nodes.clone(), group.mechanism.columns());
            for (column, index, value) in settings {
                block.column_mut(column)[index] = value;
            }
            state.blocks.push(block.values);
        }
        for (point, initial) in connections {
            let (point, initial) = (*point, initial.clone());
            let (group, _) = points.places[point as usize];
            let count = points.groups[group].mechanism.arguments().map_or(0, <[String]>::len);
            points.connections.push(Connection { point, initial, first: state.connections.len(), count });
            state.connections.resize(state.connections.len() + count, 0.0);
        }
        (points, state)
    }

    /// Number of point processes.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Number of connections.
    pub fn connections(&self) -> usize {
        self.connections.len()
    }

    /// Each kind.
    pub fn mechanisms(&self) -> impl Iterator<Item = &PointMechanism> {
        self.groups.iter().map(|group| &*group.mechanism)
    }

    /// Nodes of the instances of each kind.
    pub fn nodes(&self) -> impl Iterator<Item = &[u32]> {
        self.groups.iter().map(|group| group.nodes.as_slice())
    }

    /// Kind of a point process, and its number among them.
    pub fn place(&self, point: u32) -> (usize, usize) {
        self.places[point as usize]
    }

    /// Group of a point process, and position of a value in its block.
    pub fn position(&self, point: u32, column: &str) -> Option<(usize, usize)> {
        let &(group, index) = self.places.get(point as usize)?;
        let Group { mechanism, nodes, .. } = &self.groups[group];
        let column = mechanism.columns().iter().position(|known| known.name == column)?;
        Some((group, column * nodes.len() + index))
    }

    /// The mechanism of a point process.
    pub fn mechanism(&self, point: u32) -> &PointMechanism {
        &self.groups[self.places[point as usize].0].mechanism
    }

    /// A value of a point process.
    pub fn value(&self, state: &PointsState, point: u32, column: &str) -> Option<f64> {
        let (group, position) = self.position(point, column)?;
        Some(state.blocks[group][position])
    }

    /// Notes `net_event` of a point process from now on.
    pub fn watch(&mut self, point: u32) {
        let index = point as usize;
        self.watched.resize(self.watched.len().max(index + 1), false);
        self.watched[index] = true;
    }

    /// What was noted since this was last called.
    pub fn take_net_events(&mut self) -> impl Iterator<Item = NetEvent> {
        self.net_events.drain(..)
    }

    /// The point process of a connection.
    pub fn of_connection(&self, connection: u32) -> u32 {
        self.connections[connection as usize].point
    }

    /// Notes events that reach a point process from now on, but for those of neuromodulators.
    pub fn hear(&mut self, point: u32) {
        self.heard.resize(self.heard.len().max(point as usize + 1), None);
        let names = self.mechanism(point).arguments();
        let kind = names.and_then(|names| names.iter().position(|name| name == KIND));
        self.heard[point as usize] = Some(Heard { kind, utilisation: self.position(point, UTILISATION) });
    }

    /// Notes from now on when the value [`UNRECOVERED`] of a point process comes above 0, if it has one: each step looks at what
    /// events before its beginning have left, as NEURON's threshold detectors do.
    pub fn sense(&mut self, state: &mut PointsState, point: u32) -> bool {
        let Err(place) = self.sensed.binary_search_by_key(&point, |&(known, _)| known) else { return true };
        let Some((block, position)) = self.position(point, UNRECOVERED) else { return false };
        self.sensed.insert(place, (point, (block, position)));
        state.above.insert(place, state.blocks[block][position] > 0.0);
        true
    }

    fn look(&mut self, state: &mut PointsState, step: u64) {
        for (&(point, (block, position)), above) in self.sensed.iter().zip(&mut state.above) {
            let was_above = std::mem::replace(above, state.blocks[block][position] > 0.0);
            if *above && !was_above {
                // It was released in the step before.
                self.arrivals.push(Heeded { step: step.saturating_sub(1), point, fraction: 1.0 });
            }
        }
    }

    /// What an event that comes over a connection now releases, where it is to be noted.
    fn heard(&self, state: &PointsState, step: u64, connection: u32) -> Option<Heeded> {
        let connection = &self.connections[connection as usize];
        let heard = self.heard.get(connection.point as usize).copied().flatten()?;
        let is_modulator = heard.kind.and_then(|kind| connection.initial.get(kind)) == Some(&MODULATOR);
        let fraction = heard.utilisation.map_or(1.0, |(block, position)| state.blocks[block][position]);
        (!is_modulator).then_some(Heeded { step, point: connection.point, fraction: fraction.clamp(0.0, 1.0) })
    }

    /// What was heard since this was last called, in the order of time.
    pub fn take_arrivals(&mut self) -> impl Iterator<Item = Heeded> {
        self.arrivals.drain(..)
    }

    /// An event that will arrive over a connection.
    pub fn send(&self, state: &mut PointsState, connection: u32, time_ms: f64) {
        let point = self.connections[connection as usize].point;
        state.events.push(PointEvent { time_ms, point, is_own: false, connection: Some(connection), flag: 0.0 });
    }

    /// Gives a connection another weight.
    pub fn set_weight(&self, state: &mut PointsState, connection: u32, weight: f64) {
        let Connection { first, count, .. } = self.connections[connection as usize];
        if count > 0 {
            state.connections[first] = weight;
        }
    }

    /// INITIAL of all mechanisms, then of all connections.
    pub fn initialise(&mut self, state: &mut PointsState, around: &mut Around<'_>) {
        let PointsState { blocks, connections, events, .. } = state;
        *events = Queue::default();
        self.net_events.clear();
        self.arrivals.clear();
        for (group, Group { mechanism, nodes, points }) in self.groups.iter().enumerate() {
            let (pointers, mut values) = around.with(blocks);
            pointers.run(Keeper::Points(group), nodes, &mut values, |instances, block, membrane| {
                let mut outbox = Outbox {
                    events: &mut *events,
                    net_events: &mut self.net_events,
                    watched: &self.watched,
                    points: &points[instances],
                    time_ms: 0.0,
                    index: 0,
                    connection: None,
                };
                mechanism.initialise(block, membrane, &mut outbox);
            });
        }
        for (number, connection) in (0..).zip(&self.connections) {
            let values = &mut connections[connection.first..connection.first + connection.count];
            values.fill(0.0);
            for (value, initial) in values.iter_mut().zip(&connection.initial) {
                *value = *initial;
            }
            let (group, index) = self.places[connection.point as usize];
            let Group { mechanism, nodes, points } = &self.groups[group];
            let mut outbox = Outbox {
                events: &mut *events,
                net_events: &mut self.net_events,
                watched: &self.watched,
                points,
                time_ms: 0.0,
                index,
                connection: Some(number),
            };
            let to = Arrival { index, time_ms: 0.0, flag: 0.0 };
            let (pointers, mut reached) = around.with(blocks);
            pointers.run_one(Keeper::Points(group), index, &mut reached, |block, membrane| {
                mechanism.connect(&mut Columns { nodes, values: block }, membrane, to, values, &mut outbox);
            });
        }
        for (&(_, (block, position)), above) in self.sensed.iter().zip(&mut state.above) {
            *above = state.blocks[block][position] > 0.0;
        }
    }

    /// Sends the events of conditions that hold since the step before.
    fn check_watches(&self, state: &mut PointsState, around: &mut Around<'_>, step: u64) {
        let time_ms = step as f64 * self.dt_ms + WATCH_DELAY_MS;
        let PointsState { blocks, events, .. } = state;
        for (group, Group { mechanism, nodes, points }) in self.groups.iter().enumerate() {
            if mechanism.watches() {
                let (pointers, mut values) = around.with(blocks);
                pointers.run(Keeper::Points(group), nodes, &mut values, |instances, block, membrane| {
                    mechanism.check_watches(block, membrane, |index, flag| {
                        let point = points[instances.start + index];
                        events.push(PointEvent { time_ms, point, is_own: true, connection: None, flag });
                    });
                });
            }
        }
    }

    /// Looks at conditions, then delivers all events that are due in a step.
    pub fn deliver(&mut self, state: &mut PointsState, around: &mut Around<'_>, step: u64) {
        self.check_watches(state, around, step);
        let until_ms = (step as f64 + 0.5) * self.dt_ms;
        let start_ms = step as f64 * self.dt_ms - AT_THE_START * self.dt_ms;
        let mut is_to_look = !self.sensed.is_empty();
        let mut left = MOST_EVENTS;
        while let Some(event) = state.events.pop_if(|event| event.time_ms <= until_ms) {
            if is_to_look && event.time_ms >= start_ms {
                self.look(state, step);
                is_to_look = false;
            }
            if let Some(connection) = event.connection.filter(|_| !event.is_own) {
                self.arrivals.extend(self.heard(state, step, connection));
            }
            let (group, index) = self.places[event.point as usize];
            let Group { mechanism, nodes, points } = &self.groups[group];
            left -= 1;
            if left == 0 {
                around.membrane.fail(mechanism.name(), nodes[index], Stop::Flood);
                return;
            }
            let values = match event.connection.map(|connection| &self.connections[connection as usize]) {
                Some(Connection { first, count, .. }) => &mut state.connections[*first..first + count],
                // INITIAL and WATCH send without connection.
                None => {
                    self.nothing.clear();
                    self.nothing.resize(mechanism.arguments().map_or(0, <[String]>::len), 0.0);
                    self.nothing.as_mut_slice()
                }
            };
            let mut outbox = Outbox {
                events: &mut state.events,
                net_events: &mut self.net_events,
                watched: &self.watched,
                points,
                time_ms: event.time_ms,
                index,
                connection: event.connection,
            };
            let arrival = Arrival { index, time_ms: event.time_ms, flag: event.flag };
            let (pointers, mut reached) = around.with(&mut state.blocks);
            pointers.run_one(Keeper::Points(group), index, &mut reached, |block, membrane| {
                mechanism.receive(&mut Columns { nodes, values: block }, membrane, arrival, values, &mut outbox);
            });
        }
        if is_to_look {
            self.look(state, step);
        }
    }

    /// Adds all currents to the membrane.
    pub fn currents(&self, state: &mut PointsState, around: &mut Around<'_>) {
        for (group, Group { mechanism, nodes, .. }) in self.groups.iter().enumerate() {
            let (pointers, mut values) = around.with(&mut state.blocks);
            pointers.run(Keeper::Points(group), nodes, &mut values, |_, block, membrane| {
                mechanism.currents(block, membrane);
            });
        }
    }

    /// Advances all by one step.
    pub fn advance(&self, state: &mut PointsState, around: &mut Around<'_>) {
        for (group, Group { mechanism, nodes, .. }) in self.groups.iter().enumerate() {
            let (pointers, mut values) = around.with(&mut state.blocks);
            pointers.run(Keeper::Points(group), nodes, &mut values, |_, block, membrane| {
                mechanism.advance(block, membrane, self.dt_ms);
            });
        }
    }
}
