//! Writes the spikes and two reports of a toy simulator.
//!
//! `cargo run -p msr-report --example toy_report -- OUTPUT_DIR`

mod toy;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

use msr_config::multiscale::{Call, MultiscaleReport, RecordingMoment};
use msr_config::simulation::{
    BmtkCells, Compartments, IntegrationMethod, Output, Report, ReportType, Run, Scaling, Sections, SpikesSortOrder,
};
use msr_coupling::Moment;
use msr_coupling::Simulator;
use msr_report::{Plan, Recorder, Request};

fn main() -> Result<(), Box<dyn Error>> {
    let output_dir = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "output".to_owned()));
    let run = Run {
        tstop_ms: 20.0,
        dt_ms: toy::DT_MS,
        random_seed: 0,
        spike_threshold_mv: -30.0,
        integration_method: IntegrationMethod::Euler,
        stimulus_seed: 0,
        ionchannel_seed: 0,
        minis_seed: 0,
        synapse_seed: 0,
        bmtk: BmtkCells::default(),
    };
    let output = Output {
        spikes_file: output_dir.join("out.h5"),
        output_dir,
        spikes_sort_order: SpikesSortOrder::ByTime,
        log_file: None,
    };
    let voltage = Report {
        name: "v".to_owned(),
        report_type: ReportType::Compartment,
        cells: None,
        sections: Sections::All,
        compartments: Compartments::All,
        variables: vec!["v".to_owned()],
        unit: "mV".to_owned(),
        scaling: Scaling::None,
        dt_ms: 0.5,
        start_time_ms: 0.0,
        end_time_ms: 20.0,
        file_name: "v.h5".into(),
        enabled: true,
    };
    let flows = MultiscaleReport {
        simulator: "toy".to_owned(),
        name: "flows".to_owned(),
        get: Call { function: "get_flows".to_owned(), kwargs: Default::default() },
        unit: "um3/s".to_owned(),
        file_name: "flows.h5".to_owned(),
        when: RecordingMoment::AfterSync,
        key: "multiscale_run.toy.reports.flows".to_owned(),
    };

    let mut simulator = toy::Toy::new("toy", 8);
    let request = Request {
        run: &run,
        output: &output,
        reports: &[voltage],
        compartment_sets_file: None,
        multiscale_reports: vec![&flows],
        output_dir: None,
        after_advance: false,
    };
    let plan = Plan::new(&request, &BTreeMap::new(), &toy::populations(), &[&simulator])?;
    println!("{} bytes of values, rows every {:?} steps", plan.bytes(), plan.periods());

    let mut recorder = Recorder::create(plan)?;
    let mut spikes = Vec::new();
    for idts in (0..=160).step_by(4) {
        simulator.advance(idts)?;
        recorder.record(idts, Moment::Advanced, &[&simulator])?;
        recorder.record(idts, Moment::Exchanged, &[&simulator])?;
        spikes.clear();
        simulator.take_spikes(&mut spikes);
        recorder.record_spikes(&spikes)?;
        recorder.flush()?;
    }
    let summary = recorder.finish()?;
    for report in &summary.reports {
        println!("{}: {} of {} rows in {}", report.name, report.rows, report.planned_rows, report.path.display());
    }
    println!("spikes {:?} in {}", summary.spikes, summary.spikes_path.display());
    Ok(())
}
