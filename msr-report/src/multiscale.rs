//! Reports of `multiscale_run.<simulator>.reports`: what any getter of any simulator gives.

use std::path::Path;

use msr_config::multiscale::{MultiscaleReport, RecordingMoment};
use msr_config::simulation::Run;
use msr_coupling::{Access, Query, Simulator};

use crate::layout::Grouping;
use crate::source::{Part, Source, Sources, Term};
use crate::{Layout, PlanError, Populations, Schedule};
use msr_coupling::Moment;

/// What a report reads: every element of the space that its getter gives values for. The values are those of the
/// getter, element by element, under the space's population, or the space's name where it has none.
///
/// # Errors
/// [`PlanError`] where the simulator, the getter or the space does not exist.
pub(crate) fn resolve(
    report: &MultiscaleReport,
    simulator: &dyn Simulator,
    populations: &Populations,
    sources: &Sources,
) -> Result<Part, PlanError> {
    let query = Query { function: report.get.function.clone(), args: report.get.kwargs.clone() };
    let port = simulator.resolve(&query, Access::Get).map_err(|source| PlanError::Query {
        report: report.key.clone(),
        simulator: simulator.name().to_owned(),
        source: Box::new(source),
    })?;
    let (_, space) = sources.space(&port.space).ok_or_else(|| PlanError::SpaceAbsent {
        report: report.key.clone(),
        space: port.space.clone(),
        available: sources.space_names(),
    })?;
    let positions: Vec<usize> = (0..space.len()).collect();
    let layouts = Layout::of(space, populations, &positions, Grouping::Element);
    let terms = vec![Term { query, factor: 1.0, unit: port.unit }];
    let source = Source { simulator: simulator.name().to_owned(), elements: space.len(), terms };
    Ok(Part { source, layouts })
}

/// Files of a report: suffix of the stem, and when its rows are taken.
///
/// The plain file has a row for each step of the simulator: the state from which it takes the step, that is, after the
/// exchanges there (before them for `when: before_sync`); time `[0, tstop, dt]`. The file `_after_adv` has the state
/// that each step led to, before the exchanges there; time `[dt, tstop + dt, dt]`. It is made only where
/// asked for: its rows differ from the next ones of the plain file by the exchanges alone.
pub(crate) fn files(when: RecordingMoment, after_advance: bool, ndts: u64, run: &Run) -> Vec<(&'static str, Schedule)> {
    match when {
        RecordingMoment::BeforeSync => vec![("", Schedule::before_steps(ndts, Moment::Advanced, run))],
        RecordingMoment::AfterSync => vec![("", Schedule::before_steps(ndts, Moment::Exchanged, run))],
        RecordingMoment::BeforeAndAfterAdvance => {
            let mut files = vec![("", Schedule::before_steps(ndts, Moment::Exchanged, run))];
            if after_advance {
                files.push((AFTER_ADVANCE_SUFFIX, Schedule::after_steps(ndts, run)));
            }
            files
        }
    }
}

/// What the stem of a file with the states after each step ends with.
pub(crate) const AFTER_ADVANCE_SUFFIX: &str = "_after_adv";

/// `file_name` with a suffix to its stem.
pub(crate) fn with_suffix(file_name: &Path, suffix: &str) -> std::path::PathBuf {
    let mut stem = file_name.file_stem().unwrap_or_default().to_owned();
    stem.push(suffix);
    stem.push(".h5");
    file_name.with_file_name(stem)
}
