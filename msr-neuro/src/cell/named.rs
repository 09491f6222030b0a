//! Synapses of a cell by the numbers that reports call them by.

use super::{Cell, CellState, PointId};
use crate::synapses::Transmitter;

/// What a synapse is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SynapsePlace {
    /// A synapse of this crate, by number.
    Own(u32),
    /// A point process of a mechanism file.
    Point(PointId),
}

/// A synapse with its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedSynapse {
    /// Position among the edges of its population that end on the cell.
    pub id: u32,
    /// Segment that it sits on.
    pub segment: u32,
    /// What it is.
    pub place: SynapsePlace,
}

impl Cell {
    /// Gives synapses their numbers.
    pub fn name_synapses(&mut self, synapses: impl IntoIterator<Item = NamedSynapse>) {
        self.named.extend(synapses);
    }

    /// All synapses that have numbers.
    pub fn named_synapses(&self) -> &[NamedSynapse] {
        &self.named
    }

    /// The mechanism of a synapse.
    pub fn synapse_mechanism(&self, synapse: &NamedSynapse) -> &str {
        match synapse.place {
            SynapsePlace::Own(number) => self.synapses.list()[number as usize].transmitter.mechanism(),
            SynapsePlace::Point(point) => self.points.mechanism(point.0).name(),
        }
    }

    /// Names and units of what can be read of a synapse.
    pub fn synapse_values(&self, synapse: &NamedSynapse) -> Vec<(String, String)> {
        match synapse.place {
            SynapsePlace::Own(number) => {
                let values = Transmitter::value_names(self.synapses.list()[number as usize].transmitter);
                values.map(|(name, unit)| (name.to_owned(), unit.to_owned())).collect()
            }
            SynapsePlace::Point(point) => {
                let columns = self.points.mechanism(point.0).columns().iter();
                let shown = columns.filter(|column| column.role.is_variable());
                shown.map(|column| (column.name.to_string(), column.unit.to_string())).collect()
            }
        }
    }

    /// A value of a synapse; `None` where there is none of this name.
    pub fn synapse_value(&self, synapse: &NamedSynapse, name: &str) -> Option<f64> {
        let CellState { synapses, points, membrane, .. } = &self.state;
        match synapse.place {
            SynapsePlace::Own(number) => self.synapses.value(synapses, number, name, membrane),
            SynapsePlace::Point(point) => self.points.value(points, point.0, name),
        }
    }
}
