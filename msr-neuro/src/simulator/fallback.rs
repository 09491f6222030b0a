//! The way back of an advance that fails.

use rayon::prelude::*;

use super::{ArtificialCells, ArtificialState};
use crate::astrocytes::{Astrocytes, AstrocytesState};
use crate::cell::{Cell, CellState};

/// The state at an earlier step, since which nothing but advances have changed it.
///
/// How it stood at any step since then is found again by advancing from there, which gives the same bits. A copy at the beginning of
/// each advance would cost as much as a fraction of a step, at each of the many stops of a run with reports.
#[derive(Default)]
pub(super) struct Fallback {
    /// The step; `None` where there is no such state.
    idts: Option<u64>,
    cells: Vec<CellState>,
    astrocytes: Option<AstrocytesState>,
    artificial: Option<ArtificialState>,
}

/// Everything of a simulator that advances.
pub(super) struct Advancing<'a> {
    pub cells: &'a mut [Cell],
    pub astrocytes: Option<&'a mut Astrocytes>,
    pub artificial: Option<&'a mut ArtificialCells>,
}

/// Steps that are made again at most.
const REPEATED_STEPS: u64 = 64;

impl Fallback {
    /// Something else than an advance changes the state.
    pub fn forget(&mut self) {
        self.idts = None;
    }

    /// An advance begins at a step.
    pub fn keep(&mut self, idts: u64, state: Advancing<'_>) {
        if self.idts.is_some_and(|kept| idts - kept <= REPEATED_STEPS) {
            return;
        }
        self.idts = Some(idts);
        if self.cells.is_empty() {
            self.cells.extend(state.cells.iter().map(|cell| cell.state().clone()));
        } else {
            self.cells.par_iter_mut().zip(state.cells).for_each(|(kept, cell)| kept.assign(cell.state()));
        }
        match (&mut self.astrocytes, state.astrocytes) {
            (Some(kept), Some(astrocytes)) => astrocytes.save(kept),
            (kept, astrocytes) => *kept = astrocytes.map(|astrocytes| astrocytes.state()),
        }
        self.artificial = state.artificial.map(|artificial| artificial.state().clone());
    }

    /// Brings back the state that is kept, and says at which step that is.
    ///
    /// # Panics
    /// Where none is: an advance that can fail [keeps](Self::keep) one.
    pub fn restore(&self, state: Advancing<'_>) -> u64 {
        for (cell, kept) in state.cells.iter_mut().zip(&self.cells) {
            cell.state_mut().assign(kept);
            cell.take_releases().for_each(drop);
            cell.take_net_events().for_each(drop);
        }
        if let (Some(astrocytes), Some(kept)) = (state.astrocytes, &self.astrocytes) {
            astrocytes.assign(kept);
        }
        if let (Some(artificial), Some(kept)) = (state.artificial, &self.artificial) {
            artificial.assign(kept);
        }
        self.idts.expect("an advance keeps a state")
    }
}
