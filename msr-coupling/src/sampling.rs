//! Which simulators are read after each of their own steps, for connections that want what happened since they were last
//! made.

use crate::exchange::Exchange;
use crate::samples::Samples;
use crate::simulator::{Simulator, SimulatorError};

/// The exchanges that want to know the steps of each simulator.
#[derive(Debug)]
pub(crate) struct Sampling {
    /// Positions of the exchanges by simulator; those that read the same follow one another.
    wanted: Vec<Vec<usize>>,
    /// Memory used again.
    samples: Vec<Samples>,
}

impl Sampling {
    pub(crate) fn new(simulators: usize, exchanges: &[Exchange]) -> Self {
        let mut wanted: Vec<Vec<usize>> = vec![Vec::new(); simulators];
        for (position, exchange) in exchanges.iter().enumerate().filter(|(_, exchange)| exchange.samples.is_some()) {
            let query = |position: usize| exchanges[position].samples.as_ref().map(Samples::query);
            let of_source = &mut wanted[exchange.source];
            let last = of_source.iter().rposition(|&other| query(other) == query(position));
            of_source.insert(last.map_or(of_source.len(), |last| last + 1), position);
        }
        Self { wanted, samples: Vec::new() }
    }

    /// Advances a simulator, and lets the exchanges that want it know its steps.
    pub(crate) fn advance(
        &mut self,
        simulator: &mut dyn Simulator,
        position: usize,
        until: u64,
        exchanges: &mut [Exchange],
    ) -> Result<(), SimulatorError> {
        let wanted = &self.wanted[position];
        if wanted.is_empty() {
            return simulator.advance(until);
        }
        self.samples.extend(wanted.iter().filter_map(|&exchange| exchanges[exchange].samples.take()));
        let outcome = simulator.advance_sampled(until, &mut self.samples);
        for (&exchange, samples) in wanted.iter().zip(self.samples.drain(..)) {
            exchanges[exchange].samples = Some(samples);
        }
        outcome
    }
}
