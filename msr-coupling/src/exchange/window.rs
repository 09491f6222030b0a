//! What happened at the source of a connection since its last exchange.

use msr_config::multiscale::WindowOperator;

use super::state::WindowState;

/// The unit by which an integral multiplies that of its values.
pub(super) const UNIT_OF_TIME: &str = "ms";

/// Takes note of the source's values after each of its own steps, on the source's own space, before any transform or
/// mapping. A value counts for the whole step that it ends: for a simulator that steps by backward Euler, the sum of
/// current times step is then the very charge that its own balance of ions sees.
#[derive(Debug)]
pub(super) struct Window {
    operator: WindowOperator,
    state: WindowState,
}

impl Window {
    /// A window over `len` values; `None` where only the present counts.
    pub(super) fn new(operator: WindowOperator, len: usize) -> Option<Self> {
        (operator != WindowOperator::Last)
            .then(|| Self { operator, state: WindowState { base_steps: 0, accumulated: vec![0.0; len] } })
    }

    pub(super) fn state(&self) -> &WindowState {
        &self.state
    }

    pub(super) fn restore(&mut self, state: &WindowState) {
        self.state.clone_from(state);
    }

    /// Adds what was read after a step of so many base steps.
    pub(super) fn add(&mut self, values: &[f64], base_steps: u64) {
        let is_first = self.state.base_steps == 0;
        let length = base_steps as f64;
        // What is no number must not get lost: a comparison with it is false.
        let combine: fn(f64, f64, f64) -> f64 = match self.operator {
            WindowOperator::Minimum => |held, value, _| if held < value || held.is_nan() { held } else { value },
            WindowOperator::Maximum => |held, value, _| if held > value || held.is_nan() { held } else { value },
            _ => |held, value, length| held + value * length,
        };
        let is_extreme = matches!(self.operator, WindowOperator::Minimum | WindowOperator::Maximum);
        if is_first && is_extreme {
            self.state.accumulated.copy_from_slice(values);
        } else {
            for (held, &value) in self.state.accumulated.iter_mut().zip(values) {
                *held = combine(*held, value, length);
            }
        }
        self.state.base_steps += base_steps;
    }

    /// Whether it can be closed: an integral over no time is 0, other operators need time to have passed.
    pub(super) fn has_value(&self) -> bool {
        self.operator == WindowOperator::Integral || self.state.base_steps > 0
    }

    /// Writes the result into `values`, which is cleared first, and begins anew.
    pub(super) fn close(&mut self, base_dt_ms: f64, values: &mut Vec<f64>) {
        let factor = match self.operator {
            WindowOperator::Mean => 1.0 / self.state.base_steps as f64,
            WindowOperator::Integral => base_dt_ms,
            _ => 1.0,
        };
        values.clear();
        values.extend(self.state.accumulated.iter().map(|accumulated| accumulated * factor));
        self.state.accumulated.fill(0.0);
        self.state.base_steps = 0;
    }
}
