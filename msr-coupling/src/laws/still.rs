//! A simulator that stands still while its clock goes on, and of which it is known what was written into it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::query::{Query, QueryError};
use crate::simulator::{Simulator, SimulatorError, Snapshot};
use crate::space::{Mapping, Space};
use crate::variable::{Access, Port, Variable};

/// A simulator that two hold: a run, which only sees it [`Still`], and who looks at what the run does to it.
#[derive(Clone)]
pub(super) struct Observed(Arc<Mutex<Watched>>);

pub(super) struct Watched {
    pub(super) simulator: Box<dyn Simulator>,
    /// What was written, in order.
    pub(super) written: Vec<(Query, Vec<f64>)>,
}

impl Observed {
    pub(super) fn new(simulator: Box<dyn Simulator>) -> Self {
        Self(Arc::new(Mutex::new(Watched { simulator, written: Vec::new() })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Watched> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, that stands still.
    pub(super) fn still(&self) -> Still {
        let Watched { simulator, .. } = &*self.lock();
        Still {
            name: simulator.name().to_owned(),
            base_dt_ms: simulator.base_dt_ms(),
            ndts: simulator.ndts(),
            variables: simulator.variables().to_vec(),
            idts: 0,
            observed: self.clone(),
        }
    }
}

/// Advances nothing but its clock.
pub(super) struct Still {
    name: String,
    base_dt_ms: f64,
    ndts: u64,
    idts: u64,
    variables: Vec<Variable>,
    observed: Observed,
}

impl Simulator for Still {
    fn name(&self) -> &str {
        &self.name
    }

    fn base_dt_ms(&self) -> f64 {
        self.base_dt_ms
    }

    fn ndts(&self) -> u64 {
        self.ndts
    }

    fn idts(&self) -> u64 {
        self.idts
    }

    fn advance(&mut self, until: u64) -> Result<(), SimulatorError> {
        if until < self.idts {
            return Err(SimulatorError::Backwards { simulator: self.name.clone(), idts: self.idts, until });
        }
        self.idts = until;
        Ok(())
    }

    fn spaces(&self) -> Vec<Space> {
        self.observed.lock().simulator.spaces()
    }

    fn mappings(&self, spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        self.observed.lock().simulator.mappings(spaces)
    }

    fn variables(&self) -> &[Variable] {
        &self.variables
    }

    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError> {
        self.observed.lock().simulator.resolve(query, access)
    }

    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError> {
        self.observed.lock().simulator.get_var(query, values)
    }

    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError> {
        let mut watched = self.observed.lock();
        watched.simulator.set_var(query, values)?;
        watched.written.push((query.clone(), values.to_vec()));
        Ok(())
    }

    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError> {
        self.observed.lock().simulator.exclude(neurons)
    }

    fn snapshot(&self) -> Result<Snapshot, SimulatorError> {
        self.observed.lock().simulator.snapshot()
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError> {
        self.observed.lock().simulator.restore(snapshot)
    }
}
