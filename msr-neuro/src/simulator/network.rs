//! Which cell's spikes reach which synapse after how long.

use super::NeuroError;
use crate::cell::{Cell, ConnectionId, PointId};
use crate::morphology::Placement;

/// A cell and where it stands.
pub struct PlacedCell {
    /// SONATA node id.
    pub node: u64,
    /// The cell.
    pub cell: Cell,
    /// Rotation and position.
    pub placement: Placement,
}

/// What spikes reach in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// Number of a synapse.
    Synapse(u32),
    /// A connection to a point process of a mechanism file.
    Point(ConnectionId),
}

/// Spikes of one cell reach one synapse of another (or of itself).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connection {
    /// Node id of the cell that spikes.
    pub source: u64,
    /// Node id of the cell with the synapse.
    pub target: u64,
    /// What they reach there.
    pub receiver: Receiver,
    /// Delay, in steps; at least 1 is taken.
    pub delay_steps: u64,
}

/// What a point process sends (`net_event`) reaches one synapse or point process of a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointConnection {
    /// Node id of the cell with the point process that sends.
    pub source: u64,
    /// The point process.
    pub point: PointId,
    /// Node id of the cell that it reaches.
    pub target: u64,
    /// What it reaches there.
    pub receiver: Receiver,
    /// Delay, in steps; at least 1 is taken.
    pub delay_steps: u64,
}

/// A synapse as its source sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    /// Position of the cell.
    pub cell: usize,
    /// What they reach there.
    pub receiver: Receiver,
    /// Delay, in steps.
    pub delay_steps: u64,
}

/// Targets of each cell.
pub(super) struct Network {
    targets: Vec<Vec<Target>>,
    /// Targets of the point processes of each cell that send, in the order of point processes.
    point_targets: Vec<Vec<(PointId, Target)>>,
    shortest_delay: u64,
}

fn position(ids: &[u64], node: u64) -> Result<usize, NeuroError> {
    ids.binary_search(&node).map_err(|_| NeuroError::UnknownCell { node })
}

/// Whether a cell has what is to be reached.
fn check_receiver(node: u64, target: &Cell, receiver: Receiver) -> Result<(), NeuroError> {
    let (synapses, connections) = (target.synapses().len(), target.point_connections());
    match receiver {
        Receiver::Synapse(synapse) if synapse as usize >= synapses => {
            Err(NeuroError::UnknownSynapse { node, synapse, synapses })
        }
        Receiver::Point(ConnectionId(connection)) if connection as usize >= connections => {
            Err(NeuroError::UnknownPointConnection { node, connection, connections })
        }
        _ => Ok(()),
    }
}

impl Network {
    /// `cells` sorted by node id.
    pub fn new(cells: &[PlacedCell], connections: &[Connection]) -> Result<Self, NeuroError> {
        let ids: Vec<u64> = cells.iter().map(|placed| placed.node).collect();
        let mut targets = vec![Vec::new(); cells.len()];
        let mut shortest_delay = u64::MAX;
        for connection in connections {
            let (source, cell) = (position(&ids, connection.source)?, position(&ids, connection.target)?);
            check_receiver(connection.target, &cells[cell].cell, connection.receiver)?;
            let delay_steps = connection.delay_steps.max(1);
            shortest_delay = shortest_delay.min(delay_steps);
            targets[source].push(Target { cell, receiver: connection.receiver, delay_steps });
        }
        Ok(Self { point_targets: vec![Vec::new(); targets.len()], targets, shortest_delay })
    }

    /// Adds what a point process sends.
    pub fn add(&mut self, ids: &[u64], cells: &[Cell], connection: &PointConnection) -> Result<(), NeuroError> {
        let (source, cell) = (position(ids, connection.source)?, position(ids, connection.target)?);
        let (point, points) = (connection.point, cells[source].points());
        if point.0 as usize >= points {
            return Err(NeuroError::UnknownPoint { node: connection.source, point: point.0, points });
        }
        check_receiver(connection.target, &cells[cell], connection.receiver)?;
        let delay_steps = connection.delay_steps.max(1);
        self.shortest_delay = self.shortest_delay.min(delay_steps);
        self.point_targets[source].push((point, Target { cell, receiver: connection.receiver, delay_steps }));
        Ok(())
    }

    /// What a point process of a cell reaches.
    pub fn point_targets(&self, cell: usize, point: PointId) -> impl Iterator<Item = &Target> {
        self.point_targets[cell].iter().filter(move |(sender, _)| *sender == point).map(|(_, target)| target)
    }

    /// Synapses that a cell's spikes reach.
    pub fn targets(&self, cell: usize) -> &[Target] {
        &self.targets[cell]
    }

    /// Steps that all cells can go without hearing of one another.
    pub fn shortest_delay(&self) -> u64 {
        self.shortest_delay
    }
}
