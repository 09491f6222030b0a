//! Records a run into all its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use msr_coupling::{Simulator, Spike};
use serde::{Deserialize, Serialize};

use crate::source::Part;
use crate::{ElementReport, Layout, Plan, PlannedReport, Populations, ReportError, SpikesFile};
use msr_coupling::Moment;

/// Writes the files of a [`Plan`].
///
/// At every step that a report asks for ([`Plan::periods`]), call [`record`](Recorder::record) with
/// [`Moment::Advanced`], make the exchanges, and call it with [`Moment::Exchanged`]; so also at step 0.
pub struct Recorder {
    reports: Vec<OpenReport>,
    spikes: SpikesFile,
    populations: Populations,
    excluded: BTreeSet<u64>,
    values: Vec<f64>,
    part: Vec<f64>,
}

struct OpenReport {
    planned: PlannedReport,
    file: ElementReport,
    /// The next row, for each population.
    row: Vec<Vec<f32>>,
}

/// Where a recorder stands: what a checkpoint keeps of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecorderState {
    /// Rows in the file of each report, by name of the report.
    pub rows: BTreeMap<String, u64>,
    /// Spikes in the file, for each population.
    pub spikes: Vec<u64>,
    /// Neurons (ids of the space `neurons`) that were excluded so far.
    pub excluded: BTreeSet<u64>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The spikes file.
    pub spikes_path: PathBuf,
    /// Name and number of spikes of each population.
    pub spikes: Vec<(String, u64)>,
    /// All reports.
    pub reports: Vec<ReportSummary>,
    /// Population and node of neurons that were excluded: their columns keep the last value from then on.
    pub excluded: Vec<(String, u64)>,
}

/// What was written of one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSummary {
    /// Name of the report.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Rows written.
    pub rows: u64,
    /// Rows of a whole run: more than `rows` where the run ended early.
    pub planned_rows: u64,
}

impl Recorder {
    /// Creates all files, with no rows and no spikes; files of these names are replaced.
    ///
    /// # Errors
    /// [`ReportError`] naming the file.
    pub fn create(plan: Plan) -> Result<Self, ReportError> {
        let spikes = SpikesFile::create(&plan.spikes_path, plan.spikes_order, &plan.populations)?;
        let open = |planned: &PlannedReport| {
            ElementReport::create(&planned.path, &planned.unit, planned.layouts(), &planned.schedule)
        };
        Self::with(plan, spikes, BTreeSet::new(), open)
    }

    /// Goes on with the files of an earlier run of the same plan, or of one that ends later; what they have after `state`,
    /// the state at base step `idts`, is cut off. A report that begins later may be a new one.
    ///
    /// # Errors
    /// [`ReportError::CannotContinue`] where a file or a report of the plan is not that of the state.
    pub fn resume(plan: Plan, state: &RecorderState, idts: u64) -> Result<Self, ReportError> {
        for planned in plan.reports() {
            continuable(planned, state, idts)?;
        }
        let spikes = SpikesFile::resume(&plan.spikes_path, plan.spikes_order, &plan.populations, &state.spikes)?;
        let open = |planned: &PlannedReport| match state.rows.get(&planned.name) {
            Some(&rows) => ElementReport::resume(&planned.path, planned.layouts(), &planned.schedule, rows),
            None => ElementReport::create(&planned.path, &planned.unit, planned.layouts(), &planned.schedule),
        };
        Self::with(plan, spikes, state.excluded.clone(), open)
    }

    fn with(
        plan: Plan,
        spikes: SpikesFile,
        excluded: BTreeSet<u64>,
        open: impl Fn(&PlannedReport) -> Result<ElementReport, ReportError>,
    ) -> Result<Self, ReportError> {
        let reports = plan
            .reports()
            .iter()
            .map(|planned| {
                let row = planned.layouts().map(|layout| Vec::with_capacity(layout.columns())).collect();
                Ok(OpenReport { planned: planned.clone(), file: open(planned)?, row })
            })
            .collect::<Result<_, ReportError>>()?;
        Ok(Self { reports, spikes, populations: plan.populations, excluded, values: Vec::new(), part: Vec::new() })
    }

    /// Writes the rows that are due at base step `idts`. A row that is there already is not written again.
    ///
    /// # Errors
    /// [`ReportError::RowMissed`] where the run went past a row; [`ReportError::NotFinite`]; errors of the simulators
    /// and of the files.
    pub fn record(&mut self, idts: u64, moment: Moment, simulators: &[&dyn Simulator]) -> Result<(), ReportError> {
        for report in self.reports.iter_mut().filter(|report| report.planned.schedule.moment == moment) {
            let Some(expected) = report.file.next_step() else {
                continue;
            };
            let name = &report.planned.name;
            if idts > expected {
                return Err(ReportError::RowMissed { report: name.clone(), expected, found: idts });
            }
            if idts == expected {
                report.append(simulators, &mut self.values, &mut self.part)?;
            }
        }
        Ok(())
    }

    /// Adds spikes, as [`Simulator::take_spikes`] gives them.
    ///
    /// # Errors
    /// [`ReportError::SpikeOfNobody`], and errors of the file.
    pub fn record_spikes(&mut self, spikes: &[Spike]) -> Result<(), ReportError> {
        self.spikes.append(spikes)
    }

    /// Notes neurons (ids of the space `neurons`) that were taken out of the simulation. Their columns stay, with the
    /// last value that the simulators give for them.
    pub fn exclude(&mut self, neurons: &[u64]) {
        self.excluded.extend(neurons);
    }

    /// Brings everything to the files. All files are tried, whatever happens to one of them.
    ///
    /// # Errors
    /// The first [`ReportError`].
    pub fn flush(&mut self) -> Result<(), ReportError> {
        let spikes = self.spikes.flush();
        self.reports.iter_mut().map(|report| report.file.flush()).fold(spikes, Result::and)
    }

    /// Brings everything to the disk and says where the files stand: they hold it after a power cut, too.
    ///
    /// # Errors
    /// As [`flush`](Recorder::flush).
    pub fn state(&mut self) -> Result<RecorderState, ReportError> {
        let spikes = self.spikes.sync();
        self.reports.iter_mut().map(|report| report.file.sync()).fold(spikes, Result::and)?;
        Ok(self.position())
    }

    /// Where the files stand, whether or not the disk holds them until there.
    pub fn position(&self) -> RecorderState {
        RecorderState {
            rows: self.reports.iter().map(|report| (report.planned.name.clone(), report.file.rows())).collect(),
            spikes: self.spikes.counts(),
            excluded: self.excluded.clone(),
        }
    }

    /// Finishes all files, after a whole run or one that was stopped: reports that are complete get the configured
    /// end, others that of their last row; spikes get the order asked for. All files are tried.
    ///
    /// # Errors
    /// The first [`ReportError`].
    pub fn finish(self) -> Result<Summary, ReportError> {
        let names = self.populations.as_slice().iter().map(|population| population.name.clone());
        let excluded = self.excluded.iter().filter_map(|&neuron| {
            let (population, node) = self.populations.locate(neuron)?;
            Some((self.populations.as_slice()[population].name.clone(), node))
        });
        let summary = Summary {
            spikes_path: self.spikes.path().to_owned(),
            spikes: names.zip(self.spikes.counts()).collect(),
            reports: self.reports.iter().map(OpenReport::summary).collect(),
            excluded: excluded.collect(),
        };
        let spikes = self.spikes.finish();
        self.reports.into_iter().map(|report| report.file.finish()).fold(spikes, Result::and)?;
        Ok(summary)
    }
}

/// Refuses a report of which other rows were saved than it has until base step `idts`.
fn continuable(planned: &PlannedReport, state: &RecorderState, idts: u64) -> Result<(), ReportError> {
    let (saved, expected) = (state.rows.get(&planned.name), planned.schedule.rows_until(idts));
    let name = &planned.name;
    let reason = match saved {
        Some(saved) if *saved == expected => return Ok(()),
        None if expected == 0 => return Ok(()),
        Some(saved) => format!("{saved} rows of '{name}' were saved at step {idts}, it has {expected} until there"),
        None => format!("'{name}' was not among the saved reports, and it has {expected} rows until step {idts}"),
    };
    Err(ReportError::CannotContinue { path: planned.path.clone(), reason })
}

impl OpenReport {
    /// Reads the next row and writes it; `values` and `part` are room for what is read.
    fn append(
        &mut self,
        simulators: &[&dyn Simulator],
        values: &mut Vec<f64>,
        part: &mut Vec<f64>,
    ) -> Result<(), ReportError> {
        let mut rows = self.row.iter_mut();
        for Part { source, layouts } in &self.planned.parts {
            source.read(&self.planned.name, simulators, values, part)?;
            for (layout, row) in layouts.iter().zip(&mut rows) {
                row.clear();
                for (column, value) in layout.row(values).enumerate() {
                    let stored = value as f32;
                    if !stored.is_finite() {
                        return Err(not_finite(&self.planned, layout, column, value, self.file.rows()));
                    }
                    row.push(stored);
                }
            }
        }
        self.file.append(&self.row)
    }

    fn summary(&self) -> ReportSummary {
        ReportSummary {
            name: self.planned.name.clone(),
            path: self.planned.path.clone(),
            rows: self.file.rows(),
            planned_rows: self.planned.schedule.rows,
        }
    }
}

fn not_finite(report: &PlannedReport, layout: &Layout, column: usize, value: f64, row: u64) -> ReportError {
    ReportError::NotFinite {
        report: report.name.clone(),
        population: layout.population().to_owned(),
        node: layout.node_of(column),
        element: layout.element_ids()[column],
        value,
        time_ms: report.schedule.start_ms + row as f64 * report.schedule.dt_ms,
    }
}
