//! Currents that an experimenter would measure: holding current and rheobase.

use super::Cell;
use crate::stimuli::{Stimulus, Waveform};

/// Protocol of the measurements: the cell rests for `settle_ms`, then a step at the soma lasts `step_ms`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Excitability {
    /// Time before the step, in ms, with the holding current.
    pub settle_ms: f64,
    /// Length of the step, in ms.
    pub step_ms: f64,
    /// Currents are found to this accuracy, in nA.
    pub accuracy_na: f64,
    /// The search goes no further, in nA.
    pub limit_na: f64,
    /// Voltage at the beginning, in mV.
    pub v_init_mv: f64,
}

impl Default for Excitability {
    fn default() -> Self {
        Self { settle_ms: 200.0, step_ms: 500.0, accuracy_na: 0.001, limit_na: 10.0, v_init_mv: -75.0 }
    }
}

/// Why a current cannot be measured.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ExcitabilityError {
    /// No current up to the limit makes the cell spike.
    #[error("the cell does not spike with {limit_na} nA at its soma")]
    Silent {
        /// The limit.
        limit_na: f64,
    },
    /// The cell spikes without a step.
    #[error("the cell spikes with the holding current of {holding_na} nA alone")]
    Spontaneous {
        /// The holding current.
        holding_na: f64,
    },
    /// No current up to the limit brings the soma to the voltage.
    #[error("no current up to {limit_na} nA brings the soma to {target_mv} mV")]
    OutOfReach {
        /// The limit.
        limit_na: f64,
        /// The voltage.
        target_mv: f64,
    },
}

impl Excitability {
    /// Rheobase: the smallest step at the soma, on top of `holding_na`, that makes the cell spike, by bisection. It
    /// spikes with the value returned and does not with `accuracy_na` less. The cell's state and electrodes are
    /// afterwards as before.
    ///
    /// # Errors
    /// [`ExcitabilityError::Silent`], [`ExcitabilityError::Spontaneous`].
    pub fn threshold_current_na(&self, cell: &mut Cell, holding_na: f64) -> Result<f64, ExcitabilityError> {
        self.undisturbed(cell, |cell| {
            if self.spikes(cell, holding_na, 0.0) {
                return Err(ExcitabilityError::Spontaneous { holding_na });
            }
            let mut low = 0.0;
            let mut high = 64.0 * self.accuracy_na;
            while !self.spikes(cell, holding_na, high) {
                low = high;
                high *= 2.0;
                if high > self.limit_na {
                    return Err(ExcitabilityError::Silent { limit_na: self.limit_na });
                }
            }
            while high - low > self.accuracy_na {
                let middle = 0.5 * (low + high);
                if self.spikes(cell, holding_na, middle) { high = middle } else { low = middle }
            }
            Ok(high)
        })
    }

    /// The steady current at the soma that holds it at `target_mv`, by bisection. The cell's state and electrodes are
    /// afterwards as before.
    ///
    /// # Errors
    /// [`ExcitabilityError::OutOfReach`].
    pub fn holding_current_na(&self, cell: &mut Cell, target_mv: f64) -> Result<f64, ExcitabilityError> {
        self.undisturbed(cell, |cell| {
            let rest_mv = self.held_mv(cell, 0.0);
            let sign = if target_mv < rest_mv { -1.0 } else { 1.0 };
            let reached =
                |cell: &mut Cell, amplitude: f64| (self.held_mv(cell, sign * amplitude) - target_mv) * sign >= 0.0;
            let (mut low, mut high) = (0.0, 64.0 * self.accuracy_na);
            while !reached(cell, high) {
                low = high;
                high *= 2.0;
                if high > self.limit_na {
                    return Err(ExcitabilityError::OutOfReach { limit_na: self.limit_na, target_mv });
                }
            }
            while high - low > self.accuracy_na {
                let middle = 0.5 * (low + high);
                if reached(cell, middle) { high = middle } else { low = middle }
            }
            Ok(sign * 0.5 * (low + high))
        })
    }

    /// Number of spikes during a step of `step_na` on top of `holding_na`. The cell's state and electrodes are
    /// afterwards as before.
    pub fn spike_count(&self, cell: &mut Cell, holding_na: f64, step_na: f64) -> usize {
        self.undisturbed(cell, |cell| {
            let mut spikes = Vec::new();
            self.prepare(cell, holding_na, step_na);
            cell.advance(self.steps(cell, self.settle_ms), &mut spikes);
            spikes.clear();
            cell.advance(self.steps(cell, self.settle_ms + self.step_ms), &mut spikes);
            spikes.len()
        })
    }

    fn undisturbed<R>(&self, cell: &mut Cell, measure: impl FnOnce(&mut Cell) -> R) -> R {
        let state = cell.state.clone();
        let stimuli = std::mem::take(&mut cell.stimuli);
        let result = measure(cell);
        cell.state = state;
        cell.stimuli = stimuli;
        result
    }

    fn steps(&self, cell: &Cell, time_ms: f64) -> u64 {
        (time_ms / cell.dt_ms).round() as u64
    }

    fn prepare(&self, cell: &mut Cell, holding_na: f64, step_na: f64) {
        let node = cell.node(cell.discretisation.soma_segment()) as u32;
        let whole_ms = self.settle_ms + self.step_ms;
        cell.clear_stimuli();
        cell.add_stimulus(Stimulus { node, waveform: Waveform::step(0.0, whole_ms, holding_na) });
        cell.add_stimulus(Stimulus { node, waveform: Waveform::step(self.settle_ms, self.step_ms, step_na) });
        cell.initialise(self.v_init_mv);
    }

    fn spikes(&self, cell: &mut Cell, holding_na: f64, step_na: f64) -> bool {
        /// Steps between looks at whether it has spiked.
        const CHUNK: u64 = 200;
        let before = cell.state.membrane.clone();
        let mut spikes = Vec::new();
        self.prepare(cell, holding_na, step_na);
        let last = self.steps(cell, self.settle_ms + self.step_ms);
        while cell.state.step < last && spikes.is_empty() {
            let until = (cell.state.step + CHUNK).min(last);
            cell.advance(until, &mut spikes);
        }
        // Concentrations are those before the measurement for each trial.
        cell.state.membrane = before;
        !spikes.is_empty()
    }

    fn held_mv(&self, cell: &mut Cell, current_na: f64) -> f64 {
        let before = cell.state.membrane.clone();
        self.prepare(cell, current_na, 0.0);
        cell.advance(self.steps(cell, self.settle_ms + self.step_ms), &mut Vec::new());
        let v = cell.voltage_mv(cell.discretisation.soma_segment());
        cell.state.membrane = before;
        v
    }
}
