//! Who looks at a run while it goes on.

use std::time::Duration;

use crate::simulator::Simulator;

/// Wall time spent.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// In each simulator: its name, its time.
    pub simulators: Vec<(String, Duration)>,
    /// In connections.
    pub exchanges: Duration,
    /// In the observer (reports, progress).
    pub observer: Duration,
}

/// Moments at which an observer may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Simulators have been advanced, connections are not made yet.
    Advanced,
    /// Connections have been made; at the start, once before the first advance.
    Exchanged,
}

/// Looks at a run: writes reports, shows progress.
pub trait Observer {
    /// Base steps between two of its looks, for each thing that it looks at; the run stops at their multiples.
    fn periods(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Looks at the simulators at base step `idts`.
    ///
    /// # Errors
    /// Any; the run stops.
    fn look(
        &mut self,
        moment: Moment,
        idts: u64,
        simulators: &mut [Box<dyn Simulator>],
        times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

    /// Whether the run is to stop at the moment that was looked at last: what it did until then stays.
    fn is_stopping(&self) -> bool {
        false
    }
}

/// Nobody looks.
impl Observer for () {
    fn look(
        &mut self,
        _moment: Moment,
        _idts: u64,
        _simulators: &mut [Box<dyn Simulator>],
        _times: &Times,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}
