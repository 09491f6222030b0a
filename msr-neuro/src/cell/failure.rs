//! Why a cell cannot go on.

use super::Cell;
use crate::nmodl::Stop;

/// What is wrong with the state of a cell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CellFailure {
    /// A mechanism that could not compute its states.
    #[error(
        "mechanism '{mechanism}' cannot go on in section {section} at {position}: {stop}; take a shorter run.dt, or look \
         at its equations"
    )]
    Mechanism {
        /// The mechanism.
        mechanism: String,
        /// SONATA id of the section.
        section: u32,
        /// Middle of the segment as a fraction of its section.
        position: String,
        /// Why.
        stop: Stop,
    },
    /// Numbers that are none.
    #[error(
        "voltage or a concentration is no longer finite: the cell is unstable, for example by an extreme current or a \
         concentration of 0"
    )]
    NotFinite,
}

impl Cell {
    /// Why what the cell computes cannot be trusted any more, if so.
    pub fn failure(&self) -> Option<CellFailure> {
        if let Some(failure) = &self.state.membrane.failure {
            // Only segments carry mechanisms.
            let segment = self.cable.segment_nodes().iter().position(|node| *node == failure.node).unwrap_or(0);
            let section = &self.discretisation.sections[self.discretisation.segments[segment].section];
            let middle = (segment - section.segments.start) as f64 + 0.5;
            return Some(CellFailure::Mechanism {
                mechanism: failure.mechanism.clone(),
                section: section.id,
                position: format!("{:.3}", middle / section.segments.len() as f64),
                stop: failure.stop,
            });
        }
        (!self.is_finite()).then_some(CellFailure::NotFinite)
    }
}
