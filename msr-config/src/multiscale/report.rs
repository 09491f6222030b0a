//! Reports of the coupled simulators.

use super::Call;

/// One report of a simulator of `multiscale_run`.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiscaleReport {
    /// The simulator that is asked.
    pub simulator: String,
    /// The report's key.
    pub name: String,
    /// `src_get_func`, `src_get_kwargs`.
    pub get: Call,
    /// `unit`, written as it is; default empty.
    pub unit: String,
    /// `file_name` with `.h5`, inside the output directory; default the report's key.
    pub file_name: String,
    /// When values are recorded.
    pub when: RecordingMoment,
    /// Where it stands in the file, for example `multiscale_run.metabolism.reports.metab_ina`.
    pub key: String,
}

/// When a report of a coupled simulator is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingMoment {
    /// `when: before_sync` (0.8): after the simulator's step, before the exchange; row 0 is the initial state.
    BeforeSync,
    /// `when: after_sync` (0.8): after the exchange that follows the step; row 0 is the initial state.
    AfterSync,
    /// 0.9, two files: `<file_name>` with the state before each step (after the exchange), and `<stem>_after_adv.h5` with the
    /// state right after each step (before the exchange).
    BeforeAndAfterAdvance,
}
