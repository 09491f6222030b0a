//! When what happens in a run, in base steps: known before the run begins.

use msr_config::TimeGrid;
use msr_config::grid::lcm;

/// Steps of simulators and connections, and the stops that follow from them.
///
/// The run stops at every multiple of every period: the steps of simulators above 1, those of connections, and whatever
/// else is asked for (reports). At a stop, simulators are advanced in their order to their last own step that is not
/// beyond it, then the connections that are due there are made in theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Own step of each simulator.
    simulators: Vec<u64>,
    /// Period of each connection, and whether it is left out before the first advance.
    connections: Vec<(u64, bool)>,
    /// All periods at which the run stops, ascending.
    periods: Vec<u64>,
    /// Last base step.
    end: u64,
}

/// What happens at one stop, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// Base step.
    pub idts: u64,
    /// Simulators that are advanced, by position, and the base step that each reaches.
    pub advances: Vec<(usize, u64)>,
    /// Connections that are made, by position.
    pub connections: Vec<usize>,
}

impl Schedule {
    /// A schedule over `grid` of simulators with these steps and connections with these periods; `true` for a connection
    /// that hands over the amounts of the window that has passed, and is not made before the first one.
    pub fn new(simulators: Vec<u64>, connections: Vec<(u64, bool)>, grid: TimeGrid) -> Self {
        let periods = simulators.iter().copied().filter(|&ndts| ndts > 1).collect();
        let schedule = Self { simulators, periods, connections: Vec::new(), end: grid.steps };
        let own: Vec<u64> = connections.iter().map(|&(ndts, _)| ndts).collect();
        Self { connections, ..schedule }.stopping_every(own)
    }

    /// The same with further periods at which it stops.
    #[must_use]
    pub fn stopping_every(mut self, periods: impl IntoIterator<Item = u64>) -> Self {
        self.periods.extend(periods);
        self.periods.retain(|&period| period > 0);
        self.periods.sort_unstable();
        self.periods.dedup();
        self
    }

    /// Base steps after which everything happens in the same order again: the least common multiple of all periods;
    /// `u64::MAX` where it is larger than that.
    pub fn period(&self) -> u64 {
        self.periods.iter().copied().fold(1, lcm)
    }

    /// The first stop after base step `idts`; `None` at the end.
    pub fn next_stop(&self, idts: u64) -> Option<u64> {
        let next = self.periods.iter().map(|period| (idts / period + 1).saturating_mul(*period)).min();
        (idts < self.end).then(|| next.unwrap_or(self.end).min(self.end))
    }

    /// Where a simulator stands after the stop at `idts`: its last own step, or the end.
    pub fn target(&self, simulator: usize, idts: u64) -> u64 {
        let ndts = self.simulators[simulator];
        if idts == self.end { idts } else { idts / ndts * ndts }
    }

    /// Whether a connection is made at base step `idts`.
    pub fn is_due(&self, connection: usize, idts: u64) -> bool {
        let (ndts, after_window) = self.connections[connection];
        idts.is_multiple_of(ndts) && !(idts == 0 && after_window)
    }

    /// All stops, from the exchange before the first advance to the end.
    pub fn stops(&self) -> impl Iterator<Item = Stop> {
        let mut stands = vec![0; self.simulators.len()];
        std::iter::successors(Some(0), |&idts| self.next_stop(idts)).map(move |idts| {
            let mut advances = Vec::new();
            for (simulator, stands) in stands.iter_mut().enumerate() {
                let until = self.target(simulator, idts);
                if until > *stands {
                    *stands = until;
                    advances.push((simulator, until));
                }
            }
            let connections = (0..self.connections.len()).filter(|&connection| self.is_due(connection, idts)).collect();
            Stop { idts, advances, connections }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(simulators: &[u64], connections: &[(u64, bool)], steps: u64) -> Schedule {
        Schedule::new(simulators.to_vec(), connections.to_vec(), TimeGrid { dt_ms: 0.025, steps })
    }

    #[test]
    fn a_short_run_is_told_stop_by_stop() {
        let stops: Vec<Stop> = schedule(&[1, 2, 3], &[(2, false), (6, true)], 7).stops().collect();
        let stop = |idts, advances: &[(usize, u64)], connections: &[usize]| Stop {
            idts,
            advances: advances.to_vec(),
            connections: connections.to_vec(),
        };
        let expected = [
            stop(0, &[], &[0]),
            stop(2, &[(0, 2), (1, 2)], &[0]),
            stop(3, &[(0, 3), (2, 3)], &[]),
            stop(4, &[(0, 4), (1, 4)], &[0]),
            stop(6, &[(0, 6), (1, 6), (2, 6)], &[0, 1]),
            // The end comes before the next own step of two of them.
            stop(7, &[(0, 7), (1, 7), (2, 7)], &[]),
        ];
        assert_eq!(stops, expected);
    }

    #[test]
    fn the_period_is_the_least_common_multiple() {
        assert_eq!(schedule(&[1, 400, 100], &[(400, false)], 1).period(), 400);
        assert_eq!(schedule(&[4, 6], &[], 1).stopping_every([10]).period(), 60);
        assert_eq!(schedule(&[1], &[], 1).period(), 1);
        assert_eq!(schedule(&[1, u64::MAX / 2, u64::MAX / 3], &[], 1).period(), u64::MAX);
    }

    #[test]
    fn nothing_to_wait_for_is_one_window() {
        assert_eq!(schedule(&[1], &[], 5).stops().map(|stop| stop.idts).collect::<Vec<_>>(), [0, 5]);
        assert_eq!(schedule(&[7], &[], 0).stops().count(), 1);
        assert_eq!(
            schedule(&[u64::MAX], &[(u64::MAX, true)], 9).stops().map(|stop| stop.idts).collect::<Vec<_>>(),
            [0, 9]
        );
    }
}
