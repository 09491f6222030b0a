//! The integer clock: time is counted in base steps (`run.dt`), milliseconds are derived and never accumulated.

/// The base steps of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeGrid {
    /// Base step, ms; positive and finite.
    pub dt_ms: f64,
    /// Number of base steps of the run.
    pub steps: u64,
}
