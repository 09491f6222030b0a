//! What a variable did over the steps of its simulator.

use msr_config::multiscale::WindowOperator;
use serde::{Deserialize, Serialize};

use crate::query::Query;

/// The unit by which an integral multiplies that of its values.
pub(crate) const UNIT_OF_TIME: &str = "ms";

/// Takes note of what a query reads after each own step of its simulator, on the simulator's own space, before any
/// transform or mapping. A value counts for the whole step that it ends: for a simulator that steps by backward Euler, the
/// sum of current times step is then the very charge that its own balance of ions sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    query: Query,
    operator: WindowOperator,
    state: SamplesState,
}

/// What [`Samples`] hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SamplesState {
    /// Base steps since they were begun.
    base_steps: u64,
    /// For each element of the source, the sum of value times base steps, or the least or greatest value.
    accumulated: Vec<f64>,
}

/// How one more value is combined with what is held.
#[derive(Debug, Clone, Copy)]
pub struct Fold {
    operator: WindowOperator,
    is_first: bool,
}

impl Samples {
    /// Samples of a query that reads `len` values. Without steps, every operator gives 0.
    pub fn new(query: Query, operator: WindowOperator, len: usize) -> Self {
        Self { query, operator, state: SamplesState { base_steps: 0, accumulated: vec![0.0; len] } }
    }

    /// What is to be read.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Adds what was read after a step of so many base steps.
    ///
    /// # Panics
    /// Where there are not as many values as [`Samples::new`] was told.
    pub fn add(&mut self, values: &[f64], base_steps: u64) {
        assert_eq!(values.len(), self.state.accumulated.len(), "{} gives as many values as ever", self.query);
        self.fold().add(&mut self.state.accumulated, values, base_steps);
        self.state.base_steps += base_steps;
    }

    /// For simulators whose elements advance independently: how values are to be added to what is held of each element,
    /// and what is held. When all elements have made the same steps, tell so by [`Samples::passed`].
    pub fn elements(&mut self) -> (Fold, &mut [f64]) {
        (self.fold(), &mut self.state.accumulated)
    }

    /// Base steps for which values were added to all [`elements`](Samples::elements).
    pub fn passed(&mut self, base_steps: u64) {
        self.state.base_steps += base_steps;
    }

    fn fold(&self) -> Fold {
        Fold { operator: self.operator, is_first: self.state.base_steps == 0 }
    }

    pub(crate) fn state(&self) -> &SamplesState {
        &self.state
    }

    pub(crate) fn restore(&mut self, state: &SamplesState) {
        self.state.clone_from(state);
    }

    /// Whether they can be closed: an integral over no time is 0, other operators need time to have passed.
    pub(crate) fn has_value(&self) -> bool {
        self.operator == WindowOperator::Integral || self.state.base_steps > 0
    }

    /// Writes the result into `values`, which is cleared first, and begins anew.
    pub(crate) fn close(&mut self, base_dt_ms: f64, values: &mut Vec<f64>) {
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

impl Fold {
    /// Adds one value for each element after a step of so many base steps.
    pub fn add(&mut self, held: &mut [f64], values: &[f64], base_steps: u64) {
        let pairs = held.iter_mut().zip(values);
        match self.operator {
            // What is no number must not get lost: a comparison with it is false.
            WindowOperator::Minimum if !self.is_first => {
                pairs.for_each(|(held, &value)| *held = if *held < value || held.is_nan() { *held } else { value });
            }
            WindowOperator::Maximum if !self.is_first => {
                pairs.for_each(|(held, &value)| *held = if *held > value || held.is_nan() { *held } else { value });
            }
            WindowOperator::Last | WindowOperator::Minimum | WindowOperator::Maximum => {
                pairs.for_each(|(held, &value)| *held = value);
            }
            WindowOperator::Mean | WindowOperator::Integral => {
                let length = base_steps as f64;
                pairs.for_each(|(held, &value)| *held += value * length);
            }
        }
        self.is_first = false;
    }
}
