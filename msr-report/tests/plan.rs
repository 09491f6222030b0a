//! Mistakes found before the run.

use std::path::Path;

use msr_config::Selection;
use msr_config::multiscale::RecordingMoment;
use msr_config::simulation::{Report, ReportType, Scaling, Sections};
use msr_report::{Notice, PlanError, PlanErrors};

use crate::request::{Configuration, getter, soma_voltage, summation};
use crate::toy::Toy;

fn errors_of(configuration: &Configuration) -> Vec<PlanError> {
    configuration.plan(&[&Toy::new("toy", 8)]).unwrap_err().0
}

fn named(name: &str, report: Report) -> Report {
    Report { name: name.to_owned(), file_name: format!("{name}.h5").into(), ..report }
}

#[test]
fn all_mistakes_at_once() {
    let mut configuration = Configuration::new(Path::new("nowhere"));
    let report = soma_voltage;
    let unknown = Report { variables: vec!["vv".to_owned()], sections: Sections::Axon, dt_ms: 0.1, ..report() };
    configuration.reports = vec![
        named("unknown", unknown),
        named("uneven", Report { dt_ms: 0.3, ..report() }),
        named("backwards", Report { start_time_ms: 3.0, end_time_ms: 2.0, ..report() }),
        named("early", Report { start_time_ms: -1.0, ..report() }),
        named("several", Report { variables: vec!["ina".to_owned(), "ik".to_owned()], ..report() }),
        named("lfp", Report { report_type: ReportType::Lfp { electrodes_file: "e.h5".into() }, ..report() }),
        named(
            "set",
            Report { report_type: ReportType::CompartmentSet { compartment_set: "S".to_owned() }, ..report() },
        ),
        named("fine", report()),
        Report { name: "same".to_owned(), ..named("fine", report()) },
    ];
    configuration.multiscale_reports = vec![
        getter("toys", "get_atp", RecordingMoment::AfterSync),
        getter("toy", "get_apt", RecordingMoment::AfterSync),
    ];
    let errors = errors_of(&configuration);
    assert_eq!((errors[0].key(), errors[9].key()), ("reports.unknown", "multiscale_run.toys.reports.get_atp"));
    assert_eq!(errors[0].to_string(), "dt 0.1 ms is less than run.dt 0.125 ms; use at least run.dt");
    let text = PlanErrors(errors).to_string();
    // What HDF5 says of a missing file is its own.
    let messages: Vec<&str> = text.lines().map(|line| line.split(": H5Fopen").next().unwrap()).collect();
    let expected = [
        "reports.unknown: dt 0.1 ms is less than run.dt 0.125 ms; use at least run.dt",
        "reports.unknown: toy: get_var: unknown var 'vv' (did you mean 'v'?); available: v, ina, ik, IClamp, \
         i_membrane, pas.i",
        "reports.unknown: the segments have no sections 'axon.center'; available: all, all.center, apic, apic.center, \
         dend, dend.center, soma, soma.center",
        "reports.uneven: dt 0.3 ms is no multiple of run.dt 0.125 ms; the nearest is 0.25 ms",
        "reports.backwards: start_time 3 ms is after end_time 2 ms",
        "reports.early: start_time -1 ms is negative; a run starts at 0",
        "reports.several: it takes one variable_name, found ina, ik; type 'summation' adds several up",
        "reports.lfp: electrodes_file e.h5: cannot be read",
        "reports.set: compartment_set: the configuration has no compartment_sets_file",
        "multiscale_run.toys.reports.get_atp: there is no simulator 'toys' (did you mean 'toy'?); available: toy",
        "multiscale_run.toy.reports.get_apt: toy: unknown function 'get_apt' (did you mean 'get_atp'?); available: \
         get_atp, get_flows, get_synapse_var, get_var",
        "reports.same: would overwrite reports.fine in nowhere/fine.h5; give it another file_name",
    ];
    assert_eq!(messages, expected);
    assert!(!Path::new("nowhere").exists(), "planning opens nothing");
}

#[test]
fn no_simulator_with_segments() {
    let mut configuration = Configuration::new(Path::new("nowhere"));
    configuration.reports.push(soma_voltage());
    let errors = configuration.plan(&[]).unwrap_err().0;
    assert_eq!(errors, [PlanError::NoSegments { report: "reports.v".to_owned(), simulators: Vec::new() }]);
}

#[test]
fn a_report_over_the_spikes_is_refused() {
    let mut configuration = Configuration::new(Path::new("nowhere"));
    configuration.reports.push(Report { file_name: "out.h5".into(), ..soma_voltage() });
    assert!(matches!(&errors_of(&configuration)[..], [PlanError::SameFile { .. }]));
}

#[test]
fn what_is_not_written_is_told() {
    let mut configuration = Configuration::new(Path::new("nowhere"));
    configuration.reports = vec![
        named("late", Report { start_time_ms: 10.0, end_time_ms: 20.0, ..soma_voltage() }),
        named("empty", soma_voltage()),
        named("off", Report { enabled: false, variables: vec!["nonsense".to_owned()], ..soma_voltage() }),
        summation("kept", &["ina"], Sections::Soma, Scaling::Area),
    ];
    configuration.selections.insert("empty".to_owned(), Selection::default());
    let plan = configuration.plan(&[&Toy::new("toy", 8)]).unwrap();
    let late = Notice::NoRow { report: "reports.late".to_owned(), start_ms: 10.0, end_ms: 10.0 };
    assert_eq!(plan.notices(), [late, Notice::NoElement { report: "reports.empty".to_owned() }]);
    assert_eq!(plan.reports().len(), 1);
}

#[test]
fn units_that_are_not_those_of_the_values_are_told() {
    let mut configuration = Configuration::new(Path::new("nowhere"));
    let with_unit = |name: &str, unit: &str| named(name, Report { unit: unit.to_owned(), ..soma_voltage() });
    let summed = |name: &str, unit: &str| Report {
        unit: unit.to_owned(),
        ..summation(name, &["ina"], Sections::Soma, Scaling::Area)
    };
    configuration.reports = vec![
        with_unit("right", "mV"),
        with_unit("silent", ""),
        with_unit("nonsense", "10^-3"),
        with_unit("scaled", "V"),
        with_unit("other", "mM"),
        summed("summed", "nA"),
        summed("density", "mA/cm2"),
    ];
    configuration.reports.extend([named(
        "plain",
        Report { unit: "nA".to_owned(), ..summation("plain", &["ina"], Sections::Soma, Scaling::None) },
    )]);
    let plan = configuration.plan(&[&Toy::new("toy", 8)]).unwrap();
    let notices: Vec<String> = plan.notices().iter().map(ToString::to_string).collect();
    let expected = [
        "reports.nonsense: unit '10^-3' is written as configured, the values are in mV",
        "reports.scaled: unit 'V' is written as configured, the values are in mV",
        "reports.other: unit 'mM' is written as configured, the values are in mV",
        "reports.density: unit 'mA/cm2' is written as configured, the values are in nA",
        "reports.plain: unit 'nA' is written as configured, the values are in mA/cm2",
    ];
    assert_eq!(notices, expected);
    assert_eq!(plan.reports().len(), 8, "nothing is refused");
    assert_eq!(plan.reports()[3].unit, "V");
}

#[test]
fn periods_and_times_are_exact() {
    let mut configuration = Configuration::new(Path::new("nowhere"));
    // 40 decimal steps of 0.025 ms, where neither is a binary fraction.
    configuration.run.dt_ms = 0.025;
    configuration.run.tstop_ms = 1000.0;
    configuration.reports = vec![
        named("fine", Report { dt_ms: 0.025, end_time_ms: 1000.0, ..soma_voltage() }),
        named("middle", Report { dt_ms: 0.1, start_time_ms: 0.3, end_time_ms: 2000.0, ..soma_voltage() }),
        named("coarse", Report { dt_ms: 1.0, end_time_ms: 999.5, ..soma_voltage() }),
    ];
    let plan = configuration.plan(&[&Toy::new("toy", 8)]).unwrap();
    assert_eq!(plan.periods(), [1, 4, 40]);
    let facts = |index: usize| {
        let schedule = &plan.reports()[index].schedule;
        (schedule.first, schedule.rows, schedule.end_ms)
    };
    assert_eq!(facts(0), (0, 40_000, 1000.0));
    assert_eq!(facts(1), (12, 9_997, 1000.0));
    assert_eq!(facts(2), (0, 1000, 999.5));
}

/// What astrocytes or neurons alone have is recorded of these; what nobody has is a mistake.
#[test]
fn variables_that_only_some_cells_have() {
    let toy = Toy::new("toy", 8).with_astrocytes();
    let cells = |populations: &[&str]| {
        Selection(populations.iter().map(|name| ((*name).to_owned(), (0..8).collect())).collect())
    };
    let planned = |variable: &str, populations: &[&str]| {
        let mut configuration = Configuration::new(Path::new("nowhere"));
        configuration.reports.push(Report { variables: vec![variable.to_owned()], ..soma_voltage() });
        configuration.selections.insert("v".to_owned(), cells(populations));
        configuration.plan(&[&toy]).map(|plan| {
            let of = |report: &msr_report::PlannedReport| {
                report.layouts().map(|layout| (layout.population().to_owned(), layout.columns())).collect()
            };
            let notes: Vec<String> = plan.notices().iter().map(ToString::to_string).collect();
            (plan.reports().iter().map(of).collect::<Vec<Vec<_>>>(), notes)
        })
    };
    let recorded = |names: &[(&str, usize)]| vec![names.iter().map(|&(name, size)| (name.to_owned(), size)).collect()];
    let all = &["A", "B", "glia"];
    assert_eq!(planned("v", all), Ok((recorded(&[("A", 3), ("B", 2), ("glia", 2)]), Vec::new())));
    assert_eq!(planned("v", &["glia"]), Ok((recorded(&[("glia", 2)]), Vec::new())));
    assert_eq!(planned("v", &["B"]), Ok((recorded(&[("B", 2)]), Vec::new())));
    let (columns, notes) = planned("ina", all).unwrap();
    assert_eq!(columns, recorded(&[("A", 3), ("B", 2)]));
    assert_eq!(notes[0], "reports.v: astrocytes are left out, ina cannot be read of them");
    let (columns, notes) = planned("cadifus.cai", all).unwrap();
    assert_eq!(columns, recorded(&[("glia", 2)]));
    assert_eq!(notes[0], "reports.v: neurons are left out, cadifus.cai cannot be read of them");

    let told = |variable: &str, populations: &[&str]| planned(variable, populations).unwrap_err().to_string();
    let of_astrocytes = "reports.v: toy: get_astrocyte_var: unknown var 'ina'; available: v, i_membrane, cadifus.cai";
    assert_eq!(told("ina", &["glia"]), of_astrocytes);
    let both = told("vv", all);
    assert!(
        both.contains("get_var: unknown var 'vv'") && both.contains("get_astrocyte_var: unknown var 'vv'"),
        "{both}"
    );
    let on_endfeet = "reports.v: variable 'vascouplingB.Rad' lives on 'endfeet', not on segments; ask for it in multiscale_run \
                      reports (get_endfoot_var)";
    assert_eq!(told("vascouplingB.Rad", all), on_endfeet);
}
