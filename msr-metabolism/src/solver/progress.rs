//! Where the cells of an integrator stand within the window, and their next steps.

use super::integrator::{CellFailure, StepFailure};
use crate::expression::Lanes;

/// First step of a cell, in s.
const FIRST_STEP_S: f64 = 1e-5;

/// Where each lane stands within the window.
pub(super) struct Progress<const L: usize> {
    pub(super) time_s: Lanes<L>,
    /// Step that the error control proposes.
    pub(super) proposed_s: Lanes<L>,
    /// Step being tried.
    pub(super) step_s: Lanes<L>,
    pub(super) tried: [u32; L],
    pub(super) running: [bool; L],
    pub(super) just_rejected: [bool; L],
    pub(super) failure: [Option<CellFailure>; L],
}

impl<const L: usize> Progress<L> {
    pub(super) fn idle(window_s: f64) -> Self {
        Self {
            time_s: [0.0; L],
            proposed_s: [window_s; L],
            step_s: [window_s; L],
            tried: [0; L],
            running: [false; L],
            just_rejected: [false; L],
            failure: [None; L],
        }
    }

    pub(super) fn start(&mut self, lane: usize, step_s: f64, window_s: f64) {
        self.time_s[lane] = 0.0;
        self.proposed_s[lane] = if step_s > 0.0 { step_s } else { FIRST_STEP_S }.min(window_s);
        self.tried[lane] = 0;
        self.running[lane] = true;
        self.just_rejected[lane] = false;
        self.failure[lane] = None;
    }

    /// The proposed step of each lane, or what is left of the window, or half of it where two steps will do.
    pub(super) fn choose_steps(&mut self, window_s: f64) {
        for lane in 0..L {
            if self.running[lane] {
                let left = window_s - self.time_s[lane];
                let proposed = self.proposed_s[lane];
                self.step_s[lane] = if proposed >= left {
                    left
                } else if 2.0 * proposed > left {
                    0.5 * left
                } else {
                    proposed
                };
            }
        }
    }

    pub(super) fn accept(&mut self, lane: usize, step: f64, change: f64, window_s: f64) {
        let change = if self.just_rejected[lane] { change.min(1.0) } else { change };
        self.just_rejected[lane] = false;
        // A step cut at the end of the window says nothing against the longer one that was proposed.
        let shortened = step < self.proposed_s[lane];
        let next = step * change;
        self.proposed_s[lane] = if shortened { next.max(self.proposed_s[lane]) } else { next }.min(window_s);
        if step >= window_s - self.time_s[lane] {
            self.time_s[lane] = window_s;
            self.running[lane] = false;
        } else {
            self.time_s[lane] += step;
        }
    }

    pub(super) fn fail(&mut self, lane: usize, reason: StepFailure, state: usize, value: f64) {
        self.failure[lane] = Some(CellFailure { reason, time_s: self.time_s[lane], state, value });
        self.running[lane] = false;
    }
}
