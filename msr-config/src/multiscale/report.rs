//! Reports of the coupled simulators.

use super::Call;
use crate::section::{Section, Unknown};
use crate::simulation::{note_directories, report_file_name};

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
    /// Name of the file in the output directory: the last component of `file_name` (default the report's key) with `.h5`.
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

/// Values of `when`.
const MOMENTS: [(&str, RecordingMoment); 2] =
    [("before_sync", RecordingMoment::BeforeSync), ("after_sync", RecordingMoment::AfterSync)];

impl MultiscaleReport {
    /// `multiscale_run.reports.<simulator>.<name>` (0.8).
    pub(super) fn read_by_simulator(section: &Section<'_>) -> Vec<Self> {
        let Some(reports) = section.object("reports") else { return Vec::new() };
        let mut read = Vec::new();
        for (simulator, own) in reports.entries() {
            for (member, entry) in own.entries() {
                let when = entry.required_choice("when", &MOMENTS).unwrap_or(RecordingMoment::AfterSync);
                read.push(Self::read(&simulator.name, &member.name, &entry, when));
            }
        }
        read
    }

    /// `multiscale_run.<simulator>.reports.<name>` (0.9).
    pub(super) fn read_own(simulator: &str, section: &Section<'_>) -> Vec<Self> {
        let Some(reports) = section.object("reports") else { return Vec::new() };
        let entries = reports.entries();
        let read = entries.iter().map(|(member, entry)| {
            let when = entry.choice("when", &MOMENTS).unwrap_or(RecordingMoment::BeforeAndAfterAdvance);
            Self::read(simulator, &member.name, entry, when)
        });
        read.collect()
    }

    fn read(simulator: &str, name: &str, entry: &Section<'_>, when: RecordingMoment) -> Self {
        let report = Self {
            simulator: simulator.to_owned(),
            name: name.to_owned(),
            get: Call::read_required(entry, "src_get_func", "src_get_kwargs"),
            unit: entry.text("unit").unwrap_or_default().to_owned(),
            file_name: report_file_name(entry.text("file_name").unwrap_or(name)),
            when,
            key: entry.key.clone(),
        };
        note_directories(entry, "file_name", &report.file_name);
        entry.finish(Unknown::Refused);
        report
    }
}
