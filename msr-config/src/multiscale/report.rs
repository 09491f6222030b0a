//! Reports of the coupled simulators.

use super::Call;
use crate::section::Section;
use crate::shape::{Key, Kind, Shape, Word};
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

impl Word for RecordingMoment {
    const WORDS: &'static [(&'static str, Self)] =
        &[("before_sync", Self::BeforeSync), ("after_sync", Self::AfterSync)];
}

const WHEN: Key = Key::word::<RecordingMoment>("when");

const COMMON: &[Key] = &[
    Key::text("src_get_func").mandatory().about("What is asked of the simulator, for example 'get_vm_idx'."),
    Key::named("src_get_kwargs", &Kind::Anything).about("Arguments, for example {\"idx\": \"ATP_n\"}."),
    Key::text("unit").or_text("").about("Unit, written into the file as it is; values are not converted."),
    Key::text("file_name").or("the report's key").about("Name of the file in output_dir; '.h5' is added."),
];

/// A report in the section of its simulator (0.9).
pub(super) static REPORT: Shape = Shape::strict(
    "simulator_report",
    "What is recorded from a simulator, into a file of its own.",
    &[
        COMMON,
        &[WHEN
            .or("before each step, and with --after-advance right after it into a second file")
            .about("Before or after the exchange that follows a step.")],
    ],
);

/// A report in `multiscale_run.reports` (0.8).
pub(super) static REPORT_BY_SIMULATOR: Shape = Shape::strict(
    "report_by_simulator",
    "What is recorded from a simulator, into a file of its own.",
    &[COMMON, &[WHEN.mandatory().about("Before or after the exchange that follows a step.")]],
);

impl MultiscaleReport {
    /// `multiscale_run.reports.<simulator>.<name>` (0.8).
    pub(super) fn read_by_simulator(section: &Section<'_>) -> Vec<Self> {
        let Some(reports) = section.object("reports") else { return Vec::new() };
        let mut read = Vec::new();
        for (simulator, own) in reports.entries() {
            for (member, entry) in own.entries() {
                let when = entry.word("when").unwrap_or(RecordingMoment::AfterSync);
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
            let when = entry.word("when").unwrap_or(RecordingMoment::BeforeAndAfterAdvance);
            Self::read(simulator, &member.name, entry, when)
        });
        read.collect()
    }

    fn read(simulator: &str, name: &str, entry: &Section<'_>, when: RecordingMoment) -> Self {
        let report = Self {
            simulator: simulator.to_owned(),
            name: name.to_owned(),
            get: Call::read_required(entry, "src_get_func", "src_get_kwargs"),
            unit: entry.text_or_standard("unit").to_owned(),
            file_name: report_file_name(entry.text("file_name").unwrap_or(name)),
            when,
            key: entry.key.clone(),
        };
        note_directories(entry, "file_name", &report.file_name);
        entry.finish();
        report
    }
}
