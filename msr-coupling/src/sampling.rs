//! Reading a simulator after each of its own steps, for connections that want what happened since they were last made.

use crate::exchange::Exchange;
use crate::query::Query;
use crate::simulator::{Simulator, SimulatorError};

/// Which simulator is read for which exchanges. What several exchanges want is read once.
#[derive(Debug)]
pub(crate) struct Sampling {
    /// For each simulator, what is read, and the positions of the exchanges that want it.
    wanted: Vec<Vec<(Query, Vec<usize>)>>,
    values: Vec<f64>,
}

impl Sampling {
    pub(crate) fn new(simulators: usize, exchanges: &[Exchange]) -> Self {
        let mut wanted: Vec<Vec<(Query, Vec<usize>)>> = vec![Vec::new(); simulators];
        for (position, exchange) in exchanges.iter().enumerate() {
            let Some(query) = exchange.sampled() else { continue };
            let of_source = &mut wanted[exchange.source];
            match of_source.iter_mut().find(|(known, _)| known == query) {
                Some((_, positions)) => positions.push(position),
                None => of_source.push((query.clone(), vec![position])),
            }
        }
        Self { wanted, values: Vec::new() }
    }

    /// Whether the simulator has to stop at each of its own steps.
    pub(crate) fn wants(&self, simulator: usize) -> bool {
        !self.wanted[simulator].is_empty()
    }

    /// Reads a simulator that has just made a step of so many base steps.
    pub(crate) fn take(
        &mut self,
        simulators: &[Box<dyn Simulator>],
        simulator: usize,
        base_steps: u64,
        exchanges: &mut [Exchange],
    ) -> Result<(), SimulatorError> {
        for (query, positions) in &self.wanted[simulator] {
            simulators[simulator].get_var(query, &mut self.values)?;
            for &position in positions {
                exchanges[position].sample(&self.values, base_steps);
            }
        }
        Ok(())
    }
}
