//! What a run will record: checked before anything is opened or advanced.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use msr_config::multiscale::MultiscaleReport;
use msr_config::simulation::{Output, Report, Run, SpikesSortOrder};
use msr_config::{Selection, SimulationConfig};
use msr_coupling::{Simulator, Unit};

use crate::source::{Part, Sources};
use crate::{Layout, PlanError, PlanErrors, Populations, Schedule, element_report, multiscale, selection};

/// All files of results of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) spikes_path: PathBuf,
    pub(crate) spikes_order: SpikesSortOrder,
    pub(crate) populations: Populations,
    reports: Vec<PlannedReport>,
    notices: Vec<Notice>,
}

/// What is to be recorded, and where.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Times of the run.
    pub run: &'a Run,
    /// Folder, and the spikes file.
    pub output: &'a Output,
    /// Entries of `reports`; those that are not enabled are skipped.
    pub reports: &'a [Report],
    /// File of the compartment sets that reports name.
    pub compartment_sets_file: Option<&'a Path>,
    /// Reports of coupled simulators.
    pub multiscale_reports: Vec<&'a MultiscaleReport>,
    /// Folder of all files instead of `output.output_dir`.
    pub output_dir: Option<&'a Path>,
    /// Whether coupled simulators' reports also get a file `_after_adv` with the state right after each step.
    pub after_advance: bool,
}

impl<'a> Request<'a> {
    /// Everything that a configuration asks for, in its own folder. Reports of simulators that take no part in the run
    /// (`with_<simulator>` is false) are skipped.
    pub fn of(config: &'a SimulationConfig) -> Self {
        let multiscale_reports = config.multiscale.iter().flat_map(|multiscale| {
            multiscale.reports.iter().filter(|report| {
                !multiscale.sections.contains_key(&report.simulator) || multiscale.is_active(&report.simulator)
            })
        });
        Self {
            run: &config.run,
            output: &config.output,
            reports: &config.reports,
            compartment_sets_file: config.compartment_sets_file.as_deref(),
            multiscale_reports: multiscale_reports.collect(),
            output_dir: None,
            after_advance: false,
        }
    }
}

/// One report file to be.
#[derive(Debug, Clone)]
pub struct PlannedReport {
    /// Key in the configuration: `reports.X` or `multiscale_run.S.reports.X`, with `_after_adv` for that file.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Unit written, as configured.
    pub unit: String,
    /// When its rows are.
    pub schedule: Schedule,
    pub(crate) parts: Vec<Part>,
}

/// A report that is right and yet may not be what its author expects: not written, or written with a misleading unit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Notice {
    /// No cell of the report is simulated, or none has the sections.
    #[error("{report}: not written, no simulated cell of the selection has an element to report")]
    NoElement {
        /// Key of the report.
        report: String,
    },
    /// The report starts when the run, or the report itself, is over.
    #[error("{report}: not written, its first row would be at {start_ms} ms and it ends at {end_ms} ms")]
    NoRow {
        /// Key of the report.
        report: String,
        /// First row, ms.
        start_ms: f64,
        /// End, ms.
        end_ms: f64,
    },
    /// Some of the cells do not have what is asked.
    #[error("{report}: {cells} are left out, {} read of them", unreadable(variables))]
    WithoutVariable {
        /// Key of the report.
        report: String,
        /// Which cells.
        cells: &'static str,
        /// The variables of the report.
        variables: Vec<String>,
    },
    /// The unit in the file is not that of the values.
    #[error("{report}: unit '{configured}' is written as configured, the values are {}", in_unit(unit))]
    OtherUnit {
        /// Key of the report.
        report: String,
        /// The unit that the file gets.
        configured: String,
        /// The unit of the values.
        unit: Unit,
    },
}

fn unreadable(variables: &[String]) -> String {
    match variables {
        [one] => format!("{one} cannot be"),
        several => format!("not all of {} can be", several.join(", ")),
    }
}

fn in_unit(unit: &Unit) -> String {
    if unit.text().is_empty() { "pure numbers".to_owned() } else { format!("in {unit}") }
}

/// Relative difference of scales that is taken for rounding.
const SCALE_TOLERANCE: f64 = 1e-9;

/// Whether a text means the unit; an empty one promises nothing.
fn means(configured: &str, unit: &Unit) -> bool {
    let same = |parsed: Unit| parsed.factor_to(unit).is_some_and(|factor| (factor - 1.0).abs() < SCALE_TOLERANCE);
    configured.trim().is_empty() || Unit::parse(configured).is_ok_and(same)
}

impl Plan {
    /// Plans all enabled reports of the request, and the spikes file.
    ///
    /// `selections` has the nodes of `cells` by name of the report; a report without selection records every simulated
    /// node. Nodes that are not simulated are left out.
    ///
    /// # Errors
    /// [`PlanErrors`] with every mistake of every report.
    pub fn new(
        request: &Request,
        selections: &BTreeMap<String, Selection>,
        populations: &Populations,
        simulators: &[&dyn Simulator],
    ) -> Result<Self, PlanErrors> {
        let mut planner = Planner {
            request,
            populations,
            sources: Sources::new(simulators),
            reports: Vec::new(),
            notices: Vec::new(),
            errors: Vec::new(),
        };
        for report in request.reports.iter().filter(|report| report.enabled) {
            planner.add_report(report, selections.get(&report.name));
        }
        for report in &request.multiscale_reports {
            planner.add_multiscale_report(report);
        }
        let spikes_path = planner.path(&request.output.spikes_file);
        planner.check_file_names(&spikes_path);
        if !planner.errors.is_empty() {
            return Err(PlanErrors(planner.errors));
        }
        Ok(Self {
            spikes_path,
            spikes_order: request.output.spikes_sort_order,
            populations: populations.clone(),
            reports: planner.reports,
            notices: planner.notices,
        })
    }

    /// The reports that will be written.
    pub fn reports(&self) -> &[PlannedReport] {
        &self.reports
    }

    /// The reports that will not be written and why, and units that are not those of the values.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The populations that spike.
    pub fn populations(&self) -> &Populations {
        &self.populations
    }

    /// The spikes file.
    pub fn spikes_path(&self) -> &Path {
        &self.spikes_path
    }

    /// Base steps between rows, ascending, without repeats: a main loop that stops at every multiple of each of them
    /// meets every row.
    pub fn periods(&self) -> Vec<u64> {
        let mut periods: Vec<u64> = self.reports.iter().map(|report| report.schedule.step).collect();
        periods.sort_unstable();
        periods.dedup();
        periods
    }

    /// Bytes of all report files after a whole run, without the headers of the format and without spikes.
    pub fn bytes(&self) -> u64 {
        self.reports.iter().map(PlannedReport::bytes).sum()
    }
}

impl PlannedReport {
    /// Its columns, for each population.
    pub fn layouts(&self) -> impl Iterator<Item = &Layout> + Clone {
        self.parts.iter().flat_map(|part| &part.layouts)
    }

    /// Bytes of the file after a whole run, without the headers of the format.
    pub fn bytes(&self) -> u64 {
        element_report::bytes(self.layouts(), &self.schedule)
    }

    /// Number of columns, all populations together.
    pub fn columns(&self) -> usize {
        self.layouts().map(Layout::columns).sum()
    }
}

struct Planner<'a> {
    request: &'a Request<'a>,
    populations: &'a Populations,
    sources: Sources<'a>,
    reports: Vec<PlannedReport>,
    notices: Vec<Notice>,
    errors: Vec<PlanError>,
}

impl Planner<'_> {
    fn add_report(&mut self, report: &Report, selection: Option<&Selection>) {
        let schedule = Schedule::of_report(report, self.request.run);
        let sets = self.request.compartment_sets_file;
        let resolved = selection::resolve(report, selection, sets, self.populations, &self.sources);
        match (schedule, resolved) {
            (Ok(schedule), Ok(resolved)) => {
                let name = format!("reports.{}", report.name);
                self.notices.extend(resolved.left_out.into_iter().map(|cells| Notice::WithoutVariable {
                    report: name.clone(),
                    cells,
                    variables: report.variables.clone(),
                }));
                self.add(PlannedReport {
                    name: name.clone(),
                    path: self.path(&report.file_name),
                    unit: report.unit.clone(),
                    schedule,
                    parts: resolved.parts,
                });
                self.compare_units(&name);
            }
            (schedule, resolved) => {
                self.errors.extend(schedule.err());
                self.errors.extend(resolved.err().into_iter().flatten());
            }
        }
    }

    fn add_multiscale_report(&mut self, report: &MultiscaleReport) {
        let Some(simulator) = self.sources.simulator(&report.simulator) else {
            self.errors.push(PlanError::UnknownSimulator {
                report: report.key.clone(),
                simulator: report.simulator.clone(),
                available: self.sources.simulator_names(),
            });
            return;
        };
        let part = match multiscale::resolve(report, simulator, self.populations, &self.sources) {
            Ok(resolved) => resolved,
            Err(error) => {
                self.errors.push(error);
                return;
            }
        };
        let (after_advance, run) = (self.request.after_advance, self.request.run);
        for (suffix, schedule) in multiscale::files(report.when, after_advance, simulator.ndts(), run) {
            self.add(PlannedReport {
                name: format!("{}{suffix}", report.key),
                path: self.path(&multiscale::with_suffix(Path::new(&report.file_name), suffix)),
                unit: report.unit.clone(),
                schedule,
                parts: vec![part.clone()],
            });
        }
        self.compare_units(&report.key);
    }

    /// A notice where a report that is written has values in another unit than the file says.
    fn compare_units(&mut self, key: &str) {
        let Some(report) = self.reports.iter().find(|report| report.name == key) else { return };
        let mut terms = report.parts.iter().flat_map(|part| &part.source.terms);
        if let Some(term) = terms.find(|term| !means(&report.unit, &term.unit)) {
            let (configured, unit) = (report.unit.clone(), term.unit.clone());
            self.notices.push(Notice::OtherUnit { report: key.to_owned(), configured, unit });
        }
    }

    fn add(&mut self, report: PlannedReport) {
        let (start_ms, end_ms) = (report.schedule.start_ms, report.schedule.end_ms);
        if report.columns() == 0 {
            self.notices.push(Notice::NoElement { report: report.name });
        } else if report.schedule.rows == 0 {
            self.notices.push(Notice::NoRow { report: report.name, start_ms, end_ms });
        } else {
            self.reports.push(report);
        }
    }

    /// A file of the configuration, moved to the folder asked for.
    fn path(&self, file: &Path) -> PathBuf {
        let configured = &self.request.output.output_dir;
        let inside = file.strip_prefix(configured).unwrap_or(file);
        self.request.output_dir.unwrap_or(configured).join(inside)
    }

    fn check_file_names(&mut self, spikes_path: &Path) {
        let mut owners = BTreeMap::from([(spikes_path, "output.spikes_file")]);
        for report in &self.reports {
            if let Some(first) = owners.insert(&report.path, &report.name) {
                self.errors.push(PlanError::SameFile {
                    first: first.to_owned(),
                    second: report.name.clone(),
                    path: report.path.clone(),
                });
            }
        }
    }
}
