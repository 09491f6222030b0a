//! Changes of the parameters of a cell's mechanisms that are no part of its model: an experiment on it. They are made when all
//! else is settled, so that what balances the model at rest does not make up for them.

use super::{BuildError, Cell, CellBuilder};
use crate::mechanisms::Role;

/// A value of a parameter in a segment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    mechanism: String,
    parameter: String,
    segment: usize,
    value: f64,
}

impl CellBuilder<'_> {
    /// Mechanism and parameter that a name in NEURON's form (`gNaTgbar_NaTg`) means in a segment.
    pub fn parameter_of(&self, name: &str, segment: usize) -> Option<(&str, &str)> {
        self.insertions.iter().filter(|known| known.carries[segment]).find_map(|known| {
            let parameter = name.strip_suffix(known.mechanism.name())?.strip_suffix('_')?;
            let mut columns = known.mechanism.columns().iter().filter(|column| column.role == Role::Parameter);
            let column = columns.find(|column| column.name == parameter)?;
            Some((known.mechanism.name(), &*column.name))
        })
    }

    /// Names of all parameters in NEURON's form.
    pub fn parameter_names(&self) -> Vec<String> {
        let names = self.insertions.iter().flat_map(|known| {
            let columns = known.mechanism.columns().iter().filter(|column| column.role == Role::Parameter);
            columns.map(|column| format!("{}_{}", column.name, known.mechanism.name()))
        });
        names.collect()
    }

    /// The value of a parameter in a segment with the changes so far; `None` where the segment does not have it.
    pub fn parameter(&self, mechanism: &str, parameter: &str, segment: usize) -> Option<f64> {
        let known = self.insertions.iter().find(|known| known.mechanism.name() == mechanism)?;
        let column = known.mechanism.columns().iter().position(|column| column.name == parameter)?;
        let changed = |change: &&Change| {
            change.segment == segment && change.mechanism == mechanism && change.parameter == parameter
        };
        if let Some(change) = self.changes.iter().rev().find(changed) {
            return Some(change.value);
        }
        let set = known.settings.iter().rev().find(|set| set.column == column && set.segment == segment);
        known.carries[segment].then(|| set.map_or(known.mechanism.columns()[column].default, |set| set.value))
    }

    /// Changes a parameter of a mechanism in a segment after the pump was balanced.
    ///
    /// # Errors
    /// [`BuildError::BadParameter`] where the value is no number, [`BuildError::NotCarried`] where there is no such parameter.
    pub fn change(&mut self, mechanism: &str, parameter: &str, segment: usize, value: f64) -> Result<(), BuildError> {
        let (mechanism, parameter) = (mechanism.to_owned(), parameter.to_owned());
        if self.parameter(&mechanism, &parameter, segment).is_none() {
            return Err(BuildError::NotCarried { mechanism, variable: parameter, segment });
        }
        if !value.is_finite() {
            return Err(BuildError::BadParameter { mechanism, parameter, value, reason: "must be a number" });
        }
        self.changes.push(Change { mechanism, parameter, segment, value });
        Ok(())
    }

    /// Whether a mechanism of the cell uses an ion that not every membrane has.
    pub fn uses_ion(&self, ion: &str) -> bool {
        self.insertions.iter().any(|known| known.mechanism.foreign_ions().iter().any(|foreign| foreign.name == ion))
    }
}

impl Cell {
    /// Makes changes, in order.
    pub(super) fn change(&mut self, changes: &[Change]) {
        for Change { mechanism, parameter, segment, value } in changes {
            let index = self.mechanisms.iter().position(|known| known.name() == mechanism).expect("it is carried");
            let columns = self.mechanisms[index].columns();
            let column = columns.iter().position(|column| column.name == *parameter).expect("it is a parameter");
            let nodes = &self.nodes[index];
            let place = nodes.binary_search(&(self.node(*segment) as u32)).expect("the segment carries it");
            self.state.blocks[index][column * nodes.len() + place] = *value;
        }
    }
}
