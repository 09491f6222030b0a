//! Currents of what is imposed on a cell, and those through its membrane.

use super::Cell;
use crate::stimuli::Origin;

/// Time that is taken for none, in ms.
const JUST_MS: f64 = 1e-9;

/// What is imposed on a cell from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Imposed {
    /// Currents.
    Current(Origin),
    /// Voltages and conductances.
    Clamp(Origin),
}

impl Cell {
    /// Adds the currents into all nodes (nA, depolarising) that are imposed on the cell as of the last step; clamps at the
    /// voltages of now.
    pub fn add_imposed_na(&self, imposed: Imposed, sums_na: &mut [f64]) {
        match imposed {
            Imposed::Current(origin) => self.stimuli.add_currents(origin, self.middle_ms(), sums_na),
            Imposed::Clamp(origin) => {
                // What begins now has not flowed yet.
                let now_ms = (self.state.step as f64 * self.dt_ms - JUST_MS).max(0.0);
                let v_mv = |node: usize| {
                    let outside_mv = match (&self.layers, origin) {
                        // Electrodes clamp the inside against the ground.
                        (Some(layers), Origin::Electrode) => layers.outside_mv(&self.state, node),
                        _ => 0.0,
                    };
                    self.state.membrane.v[node] + outside_mv
                };
                self.stimuli.add_clamp_currents(origin, now_ms, v_mv, sums_na);
            }
        }
    }

    /// Adds the net current out of each node through the membrane (nA), capacitive current included and that of electrodes not:
    /// what flows in along the cable at the voltages of now and from electrodes (NEURON's `i_membrane_`). The sum over the cell is
    /// that of the electrodes.
    pub fn add_membrane_na(&self, sums_na: &mut [f64]) {
        self.cable.add_axial_currents(&self.state.membrane.v, sums_na);
        if let Some(layers) = &self.layers {
            layers.add_axial_currents(&self.cable, &self.state, sums_na);
        }
        self.stimuli.add_fields(self.middle_ms(), sums_na);
        self.add_imposed_na(Imposed::Current(Origin::Electrode), sums_na);
        self.add_imposed_na(Imposed::Clamp(Origin::Electrode), sums_na);
    }

    /// The middle of the step that was made: its currents are those of that time.
    fn middle_ms(&self) -> f64 {
        (self.state.step as f64 - 0.5).max(0.0) * self.dt_ms
    }
}
