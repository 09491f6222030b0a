//! Which cell's spikes reach which synapse after how long.

use super::NeuroError;
use crate::cell::{Cell, ConnectionId};
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
    shortest_delay: u64,
}

impl Network {
    /// `cells` sorted by node id.
    pub fn new(cells: &[PlacedCell], connections: &[Connection]) -> Result<Self, NeuroError> {
        let position = |node: u64| {
            cells.binary_search_by_key(&node, |placed| placed.node).map_err(|_| NeuroError::UnknownCell { node })
        };
        let mut targets = vec![Vec::new(); cells.len()];
        let mut shortest_delay = u64::MAX;
        for connection in connections {
            let (source, cell) = (position(connection.source)?, position(connection.target)?);
            let (node, target) = (connection.target, &cells[cell].cell);
            let (synapses, connections) = (target.synapses().len(), target.point_connections());
            match connection.receiver {
                Receiver::Synapse(synapse) if synapse as usize >= synapses => {
                    return Err(NeuroError::UnknownSynapse { node, synapse, synapses });
                }
                Receiver::Point(ConnectionId(connection)) if connection as usize >= connections => {
                    return Err(NeuroError::UnknownPointConnection { node, connection, connections });
                }
                _ => {}
            }
            let delay_steps = connection.delay_steps.max(1);
            shortest_delay = shortest_delay.min(delay_steps);
            targets[source].push(Target { cell, receiver: connection.receiver, delay_steps });
        }
        Ok(Self { targets, shortest_delay })
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
