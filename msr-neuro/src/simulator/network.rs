//! Which cell's spikes reach which synapse after how long.

use super::NeuroError;
use crate::cell::{Cell, ConnectionId, PointId, PointPlace, Receiver};
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

/// Spikes of one cell reach one synapse of another (or of itself).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Connection {
    /// Node id of the cell that spikes.
    pub source: u64,
    /// Node id of the cell with the synapse.
    pub target: u64,
    /// What they reach there.
    pub receiver: Receiver,
    /// Delay, in whole steps.
    pub delay_steps: u64,
    /// What the delay is beyond these, in ms. What arrives between steps is due at the step whose middle follows.
    pub rest_ms: f64,
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
    /// Delay, in steps.
    pub delay_steps: u64,
}

/// Spikes of one cell reach one artificial cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArtificialConnection {
    /// Id of the cell that spikes.
    pub source: u64,
    /// A connection to the artificial cells.
    pub connection: ConnectionId,
    /// Delay, in whole steps.
    pub delay_steps: u64,
    /// What the delay is beyond these, in ms: events reach artificial cells between steps, too.
    pub rest_ms: f64,
}

/// Spikes that are played.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Train {
    /// When, in ms, ascending.
    pub times_ms: Vec<f64>,
    /// What they reach: id of the cell, its receiver, and the delay in ms.
    pub targets: Vec<(u64, Receiver, f64)>,
    /// Connections to artificial cells that they reach, and the delay in ms.
    pub artificial: Vec<(ConnectionId, f64)>,
}

/// A gap junction as one of its two cells sees it: a point process with the voltage of the other cell in a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapJunction {
    /// Id of the cell with the point process.
    pub cell: u64,
    /// Where the point process keeps the voltage of the other side.
    pub voltage: PointPlace,
    /// Id of the other cell.
    pub other: u64,
    /// Segment of the other cell.
    pub segment: usize,
}

/// What a spike reaches.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// Position of a cell, and what is reached there.
    Cell(u32, Receiver),
    Artificial(ConnectionId),
}

/// A synapse as its source sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub place: Place,
    /// Delay, in steps.
    pub delay_steps: u64,
    /// What the delay is beyond these, in ms.
    pub rest_ms: f64,
}

impl Target {
    /// What has happened at a step reaches it at this time, in ms.
    pub fn after_step(&self, step: u64, dt_ms: f64) -> f64 {
        (step + self.delay_steps) as f64 * dt_ms + self.rest_ms
    }

    /// What has happened at a time, between steps or not, reaches it at this time, in ms.
    pub fn after(&self, time_ms: f64, dt_ms: f64) -> f64 {
        time_ms + self.delay_steps as f64 * dt_ms + self.rest_ms
    }
}

/// A train whose targets were looked up.
pub(super) struct PlacedTrain {
    pub times_ms: Vec<f64>,
    pub targets: Vec<(Place, f64)>,
}

/// A gap junction whose cells were looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlacedGap {
    pub cell: usize,
    pub voltage: PointPlace,
    pub other: usize,
    pub node: usize,
}

/// Targets of each cell.
pub(super) struct Network {
    targets: Vec<Vec<Target>>,
    /// Targets of the point processes of each cell that send, in the order of point processes.
    point_targets: Vec<Vec<(PointId, Target)>>,
    /// Targets of each artificial cell.
    artificial_targets: Vec<Vec<Target>>,
    pub trains: Vec<PlacedTrain>,
    pub gaps: Vec<PlacedGap>,
    shortest_delay: u64,
}

/// Ids of the cells and of the artificial cells, both ascending.
#[derive(Clone, Copy)]
pub(super) struct Ids<'a> {
    pub cells: &'a [u64],
    pub artificial: &'a [u64],
}

impl Ids<'_> {
    fn cell(&self, node: u64) -> Result<usize, NeuroError> {
        self.cells.binary_search(&node).map_err(|_| NeuroError::UnknownCell { node })
    }
}

fn check_receiver(node: u64, cell: &Cell, receiver: Receiver) -> Result<(), NeuroError> {
    match receiver {
        Receiver::Synapse(synapse) => {
            let synapses = cell.synapses().len();
            if synapse as usize >= synapses {
                return Err(NeuroError::UnknownSynapse { node, synapse, synapses });
            }
        }
        Receiver::Point(ConnectionId(connection)) => {
            let connections = cell.point_connections();
            if connection as usize >= connections {
                return Err(NeuroError::UnknownPointConnection { node, connection, connections });
            }
        }
    }
    Ok(())
}

impl Network {
    /// Of cells that nothing connects.
    pub fn new(cells: usize) -> Self {
        Self {
            targets: vec![Vec::new(); cells],
            point_targets: vec![Vec::new(); cells],
            artificial_targets: Vec::new(),
            trains: Vec::new(),
            gaps: Vec::new(),
            shortest_delay: u64::MAX,
        }
    }

    fn shorten(&mut self, delay_steps: u64) {
        self.shortest_delay = self.shortest_delay.min(delay_steps.max(1));
    }

    /// Room for the targets of artificial cells.
    pub fn with_artificial(&mut self, count: usize) {
        self.artificial_targets.resize(count, Vec::new());
    }

    /// Adds a connection to a cell.
    pub fn add(&mut self, ids: Ids<'_>, cells: &[Cell], connection: &Connection) -> Result<(), NeuroError> {
        let Connection { source, target, receiver, delay_steps, rest_ms } = *connection;
        let cell = ids.cell(target)?;
        check_receiver(target, &cells[cell], receiver)?;
        let target = Target { place: Place::Cell(cell as u32, receiver), delay_steps, rest_ms };
        self.add_target(ids, source, target)
    }

    /// Adds a connection to an artificial cell.
    pub fn add_artificial(&mut self, ids: Ids<'_>, connection: &ArtificialConnection) -> Result<(), NeuroError> {
        let ArtificialConnection { source, connection, delay_steps, rest_ms } = *connection;
        self.add_target(ids, source, Target { place: Place::Artificial(connection), delay_steps, rest_ms })
    }

    fn add_target(&mut self, ids: Ids<'_>, source: u64, target: Target) -> Result<(), NeuroError> {
        self.shorten(target.delay_steps);
        match ids.artificial.binary_search(&source) {
            Ok(artificial) => self.artificial_targets[artificial].push(target),
            Err(_) => {
                let source = ids.cell(source)?;
                self.targets[source].push(target);
            }
        }
        Ok(())
    }

    /// Adds what a point process sends.
    pub fn add_point(&mut self, ids: Ids<'_>, cells: &[Cell], connection: &PointConnection) -> Result<(), NeuroError> {
        let (source, cell) = (ids.cell(connection.source)?, ids.cell(connection.target)?);
        let (point, points) = (connection.point, cells[source].points());
        if point.0 as usize >= points {
            return Err(NeuroError::UnknownPoint { node: connection.source, point: point.0, points });
        }
        check_receiver(connection.target, &cells[cell], connection.receiver)?;
        self.shorten(connection.delay_steps);
        let place = Place::Cell(cell as u32, connection.receiver);
        let target = Target { place, delay_steps: connection.delay_steps, rest_ms: 0.0 };
        self.point_targets[source].push((point, target));
        Ok(())
    }

    /// Adds spikes that are played.
    pub fn add_train(&mut self, ids: Ids<'_>, cells: &[Cell], train: Train) -> Result<(), NeuroError> {
        let mut targets = Vec::with_capacity(train.targets.len() + train.artificial.len());
        for (node, receiver, delay_ms) in train.targets {
            let cell = ids.cell(node)?;
            check_receiver(node, &cells[cell], receiver)?;
            targets.push((Place::Cell(cell as u32, receiver), delay_ms));
        }
        targets.extend(train.artificial.into_iter().map(|(connection, delay)| (Place::Artificial(connection), delay)));
        self.trains.push(PlacedTrain { times_ms: train.times_ms, targets });
        Ok(())
    }

    /// Adds one side of a gap junction. Cells with such have to hear of one another after each step.
    pub fn add_gap(&mut self, ids: Ids<'_>, cells: &[Cell], gap: &GapJunction) -> Result<(), NeuroError> {
        let (cell, other) = (ids.cell(gap.cell)?, ids.cell(gap.other)?);
        let node = cells[other].node(gap.segment);
        self.gaps.push(PlacedGap { cell, voltage: gap.voltage, other, node });
        self.shortest_delay = 1;
        Ok(())
    }

    /// What a point process of a cell reaches.
    pub fn point_targets(&self, cell: usize, point: PointId) -> impl Iterator<Item = &Target> {
        self.point_targets[cell].iter().filter(move |(sender, _)| *sender == point).map(|(_, target)| target)
    }

    /// What a cell's spikes reach.
    pub fn targets(&self, cell: usize) -> &[Target] {
        &self.targets[cell]
    }

    /// What the spikes of an artificial cell reach.
    pub fn artificial_targets(&self, cell: usize) -> &[Target] {
        &self.artificial_targets[cell]
    }

    /// Steps that all cells can go without hearing of one another.
    pub fn shortest_delay(&self) -> u64 {
        self.shortest_delay
    }
}
