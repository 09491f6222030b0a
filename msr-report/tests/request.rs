//! Parts of configurations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use msr_config::Selection;
use msr_config::multiscale::{Call, MultiscaleReport, RecordingMoment};
use msr_config::simulation::{
    BmtkCells, Compartments, IntegrationMethod, Output, Report, ReportType, Run, Scaling, Sections, SpikesSortOrder,
};
use msr_coupling::Moment;
use msr_coupling::Simulator;
use msr_report::{Plan, PlanErrors, Recorder, Request};

use crate::toy::{self, Toy};

/// A configuration in parts.
pub struct Configuration {
    pub run: Run,
    pub output: Output,
    pub reports: Vec<Report>,
    pub multiscale_reports: Vec<MultiscaleReport>,
    pub selections: BTreeMap<String, Selection>,
    pub after_advance: bool,
    pub compartment_sets_file: Option<PathBuf>,
}

impl Configuration {
    /// No reports, spikes by time, 10 ms (80 steps).
    pub fn new(output_dir: &Path) -> Self {
        Self {
            run: Run {
                tstop_ms: 10.0,
                dt_ms: toy::DT_MS,
                random_seed: 0,
                spike_threshold_mv: -30.0,
                integration_method: IntegrationMethod::Euler,
                stimulus_seed: 0,
                ionchannel_seed: 0,
                minis_seed: 0,
                synapse_seed: 0,
                bmtk: BmtkCells::default(),
            },
            output: Output {
                output_dir: output_dir.to_owned(),
                spikes_file: output_dir.join("out.h5"),
                spikes_sort_order: SpikesSortOrder::ByTime,
                log_file: None,
            },
            reports: Vec::new(),
            multiscale_reports: Vec::new(),
            selections: BTreeMap::new(),
            after_advance: false,
            compartment_sets_file: None,
        }
    }

    pub fn plan(&self, simulators: &[&dyn Simulator]) -> Result<Plan, PlanErrors> {
        let request = Request {
            run: &self.run,
            output: &self.output,
            reports: &self.reports,
            compartment_sets_file: self.compartment_sets_file.as_deref(),
            multiscale_reports: self.multiscale_reports.iter().collect(),
            output_dir: None,
            after_advance: self.after_advance,
        };
        Plan::new(&request, &self.selections, &toy::populations(), simulators)
    }
}

/// `v` of the soma every 0.5 ms from 0 to 10 ms, in `v.h5`.
pub fn soma_voltage() -> Report {
    Report {
        name: "v".to_owned(),
        report_type: ReportType::Compartment,
        cells: None,
        sections: Sections::Soma,
        compartments: Compartments::Center,
        variables: vec!["v".to_owned()],
        unit: "mV".to_owned(),
        scaling: Scaling::Area,
        dt_ms: 0.5,
        start_time_ms: 0.0,
        end_time_ms: 10.0,
        file_name: "v.h5".into(),
        enabled: true,
    }
}

/// Sums of these variables, in `<name>.h5`.
pub fn summation(name: &str, variables: &[&str], sections: Sections, scaling: Scaling) -> Report {
    Report {
        name: name.to_owned(),
        report_type: ReportType::Summation,
        sections,
        compartments: if sections == Sections::Soma { Compartments::Center } else { Compartments::All },
        variables: variables.iter().map(|&variable| variable.to_owned()).collect(),
        unit: "nA".to_owned(),
        scaling,
        file_name: format!("{name}.h5").into(),
        ..soma_voltage()
    }
}

/// What a getter of a simulator without arguments gives, in `<name>.h5`.
pub fn getter(simulator: &str, name: &str, when: RecordingMoment) -> MultiscaleReport {
    MultiscaleReport {
        simulator: simulator.to_owned(),
        name: name.to_owned(),
        get: Call { function: name.to_owned(), kwargs: Default::default() },
        unit: "mM".to_owned(),
        file_name: format!("{name}.h5"),
        when,
        key: format!("multiscale_run.{simulator}.reports.{name}"),
    }
}

/// Advances and records every step after `simulator.idts()` (and step 0) up to `until`.
pub fn drive(simulator: &mut Toy, recorder: &mut Recorder, until: u64) {
    let first = if simulator.idts() == 0 { 0 } else { simulator.idts() + 1 };
    let mut spikes = Vec::new();
    for idts in first..=until {
        simulator.advance(idts).unwrap();
        recorder.record(idts, Moment::Advanced, &[simulator]).unwrap();
        recorder.record(idts, Moment::Exchanged, &[simulator]).unwrap();
        spikes.clear();
        simulator.take_spikes(&mut spikes);
        recorder.record_spikes(&spikes).unwrap();
    }
}
