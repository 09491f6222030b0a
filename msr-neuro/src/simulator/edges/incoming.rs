//! What edges make of one cell.

use super::Delay;
use crate::cell::{Cell, NamedSynapse, PointId, PointPlace, Receiver, Spontaneous};
use crate::synapses::Synapse;

/// Variable of one side of a gap junction with the voltage of the other.
pub(super) const GAP_VOLTAGE: &str = "vgap";

/// Spikes of the source of an edge reach something in its target.
pub(in crate::simulator) struct Link {
    /// Position in [`Afferents::list`].
    pub edges: u32,
    pub row: u32,
    pub receiver: Receiver,
    pub delay: Delay,
}

/// Spikes of a file reach something in a cell.
pub(in crate::simulator) struct ReplayLink {
    pub train: u32,
    pub receiver: Receiver,
    pub delay_ms: f64,
}

/// One end of a gap junction.
pub(in crate::simulator) struct GapEnd {
    pub edges: u32,
    pub row: u32,
    pub point: PointId,
    pub segment: u32,
    pub afferent: i64,
    pub efferent: i64,
    /// Where the point process keeps the voltage of the other side, once it is on its cell.
    pub voltage: Option<PointPlace>,
}

/// What edges make of one cell.
#[derive(Default)]
pub(in crate::simulator) struct Incoming {
    pub links: Vec<Link>,
    pub replays: Vec<ReplayLink>,
    pub gaps: Vec<GapEnd>,
    pub spontaneous: Vec<Spontaneous>,
    /// Times and weights of what reaches something.
    pub late: Vec<(Receiver, f64, f64)>,
    /// Synapses whose node is the number of their segment.
    pub synapses: Vec<Synapse>,
    /// All synapses with their numbers among the edges of their population that end on the cell.
    pub named: Vec<NamedSynapse>,
    /// Edge population and number of synapses that sit where the e-model has cut the axon off.
    pub removed: Vec<(u32, u32)>,
    /// The same for edges that no override has.
    pub left_out: Vec<(u32, u32)>,
    /// Sides of gap junctions whose other side is not simulated.
    pub unjoined: Vec<(u32, u32)>,
    /// Neuromodulatory edges that find no synapse that can take them.
    pub unmodulated: Vec<(u32, u32)>,
}

impl Incoming {
    /// Puts on the cell what it can only have when it is built.
    pub fn put_on(&mut self, cell: &mut Cell) {
        for mut synapse in self.synapses.drain(..) {
            synapse.node = cell.node(synapse.node as usize) as u32;
            cell.add_synapse(synapse);
        }
        cell.name_synapses(self.named.drain(..));
        for process in self.spontaneous.drain(..) {
            cell.add_spontaneous(process);
        }
        for (receiver, time_ms, weight) in self.late.drain(..) {
            cell.change_weight(receiver, time_ms, weight);
        }
        for gap in &mut self.gaps {
            gap.voltage = cell.point_place(gap.point, GAP_VOLTAGE);
        }
    }
}
