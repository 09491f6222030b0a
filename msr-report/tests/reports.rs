//! Values, columns and times of reports against the formulas of the toy simulator.

use std::collections::BTreeMap;

use msr_config::Selection;
use msr_config::multiscale::RecordingMoment;
use msr_config::simulation::{Compartments, Report, ReportType, Scaling, Sections};
use msr_coupling::Moment;
use msr_coupling::Simulator;
use msr_report::{Recorder, ReportError};

use crate::reader;
use crate::request::{Configuration, drive, getter, soma_voltage, summation};
use crate::toy::Toy;

fn record_all(configuration: &Configuration) {
    let mut simulator = Toy::new("toy", 8);
    let mut recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
    drive(&mut simulator, &mut recorder, 80);
    recorder.finish().unwrap();
}

#[test]
fn soma_voltages_of_two_populations() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.reports.push(soma_voltage());
    record_all(&configuration);
    let a = reader::report(&folder.path().join("v.h5"), "A");
    assert_eq!((a.units.as_str(), a.time.as_slice()), ("mV", [0.0, 10.0, 0.5].as_slice()));
    assert_eq!((a.node_ids, a.element_ids), (vec![0, 1, 2], vec![0, 0, 0]));
    assert_eq!(a.data.dim(), (20, 3));
    // The first row is the state at the start, the last one the state one dt before the end.
    assert_eq!(a.data.row(0).to_vec(), [-65.0, -57.0, -49.0]);
    assert_eq!(a.data.row(19).to_vec(), [-55.5, -47.5, -39.5]);
    let b = reader::report(&folder.path().join("v.h5"), "B");
    assert_eq!((b.node_ids, b.data.row(0).to_vec()), (vec![0, 1], vec![-41.0, -33.0]));
}

#[test]
fn all_compartments_of_chosen_cells_in_a_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.reports.push(Report {
        sections: Sections::All,
        compartments: Compartments::All,
        start_time_ms: 2.1,
        end_time_ms: 5.25,
        ..soma_voltage()
    });
    // Node 7 is not simulated.
    let selection = Selection(BTreeMap::from([("A".to_owned(), vec![1, 2, 7]), ("B".to_owned(), vec![1])]));
    configuration.selections.insert("v".to_owned(), selection);
    record_all(&configuration);
    let a = reader::report(&folder.path().join("v.h5"), "A");
    // 2.1 is rounded to 2.0; 2.0, 2.5, ... 5.0 are before 5.25.
    assert_eq!(a.time, [2.0, 5.25, 0.5]);
    assert_eq!((a.node_ids, a.index_pointers), (vec![1, 2], vec![0, 4, 9]));
    assert_eq!(a.element_ids, [0, 1, 1, 1, 0, 1, 1, 1, 2]);
    assert_eq!(a.data.dim(), (7, 9));
    assert_eq!(a.data.row(0).to_vec(), [-55.0, -54.5, -54.0, -53.5, -47.0, -46.5, -46.0, -45.5, -45.0]);
    let b = reader::report(&folder.path().join("v.h5"), "B");
    assert_eq!((b.node_ids, b.data[[6, 0]]), (vec![1], -28.0));
}

#[test]
fn center_of_dendrites() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    let (sections, compartments) = (Sections::Dend, Compartments::Center);
    configuration.reports.push(Report { sections, compartments, ..soma_voltage() });
    record_all(&configuration);
    let a = reader::report(&folder.path().join("v.h5"), "A");
    assert_eq!((a.element_ids, a.data.row(0).to_vec()), (vec![1, 1, 1], vec![-64.0, -56.0, -48.0]));
}

#[test]
fn sums_over_the_whole_cell_are_currents() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.reports.push(summation("sum", &["ina"], Sections::Soma, Scaling::Area));
    configuration.reports.push(summation("density", &["ina"], Sections::Soma, Scaling::None));
    record_all(&configuration);
    let sum = reader::report(&folder.path().join("sum.h5"), "A");
    assert_eq!((sum.element_ids, sum.node_ids), (vec![0, 0, 0], vec![0, 1, 2]));
    // -0.25 (k + 1) mA/cm2 on 100 (k + 1) um2: -0.25 (k + 1)^2 nA, over 5 or 4 segments.
    assert_eq!(sum.data.row(0).to_vec(), [-13.75, -7.5, -13.75]);
    let density = reader::report(&folder.path().join("density.h5"), "A");
    assert_eq!(density.data.row(0).to_vec(), [-3.75, -2.5, -3.75]);
}

#[test]
fn sums_of_several_variables_in_each_segment() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.reports.push(summation("sum", &["ina", "IClamp"], Sections::All, Scaling::Area));
    record_all(&configuration);
    let a = reader::report(&folder.path().join("sum.h5"), "A");
    assert_eq!(a.index_pointers, [0, 5, 9, 14]);
    // The electrode's 0.5 nA flow into the soma: -0.5 nA as a membrane current, and no area.
    assert_eq!(a.data.row(3).to_vec()[..5], [-0.75, -1.0, -2.25, -4.0, -6.25]);
}

#[test]
fn sums_over_dendrites_leave_out_cells_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.reports.push(summation("apic", &["ik"], Sections::Apic, Scaling::Area));
    configuration.reports.push(summation("v_sum", &["v"], Sections::Dend, Scaling::Area));
    record_all(&configuration);
    let apic = reader::report(&folder.path().join("apic.h5"), "A");
    assert_eq!((apic.node_ids, apic.element_ids), (vec![0, 2], vec![0, 0]));
    // 0.125 (n + 1) mA/cm2 on 500 um2.
    assert_eq!(apic.data.row(0).to_vec(), [0.625, 1.875]);
    // A voltage is no density: it is added up as it is.
    let voltage = reader::report(&folder.path().join("v_sum.h5"), "A");
    assert_eq!(voltage.data[[0, 0]], 3.0 * -65.0 + 0.5 * 6.0);
}

#[test]
fn getters_of_neurons_and_vessels() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.after_advance = true;
    configuration.multiscale_reports.push(getter("toy", "get_atp", RecordingMoment::BeforeAndAfterAdvance));
    configuration.multiscale_reports.push(getter("toy", "get_flows", RecordingMoment::AfterSync));
    record_all(&configuration);
    let atp = reader::report(&folder.path().join("get_atp.h5"), "B");
    assert_eq!((atp.time, atp.units.as_str()), (vec![0.0, 10.0, 1.0], "mM"));
    assert_eq!(atp.data.column(1).to_vec(), (0..10).map(|t| 1.5 + 0.25 * t as f32).collect::<Vec<_>>());
    let after = reader::report(&folder.path().join("get_atp_after_adv.h5"), "B");
    assert_eq!(after.time, [1.0, 11.0, 1.0]);
    assert_eq!(after.data.column(0).to_vec(), (1..=10).map(|t| 1.5 + 0.25 * t as f32).collect::<Vec<_>>());
    let flows = reader::report(&folder.path().join("get_flows.h5"), "vasculature");
    assert_eq!((flows.node_ids, flows.data.row(2).to_vec()), (vec![10, 20], vec![116.0, 200.0]));
}

#[test]
fn before_and_after_an_exchange() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.multiscale_reports.push(getter("toy", "get_flows", RecordingMoment::BeforeSync));
    configuration.multiscale_reports.push(getter("toy", "get_atp", RecordingMoment::AfterSync));
    let mut simulator = Toy::new("toy", 80);
    let mut recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
    recorder.record(0, Moment::Advanced, &[&simulator]).unwrap();
    // What an exchange would change.
    simulator.advance(4).unwrap();
    recorder.record(0, Moment::Exchanged, &[&simulator]).unwrap();
    recorder.finish().unwrap();
    assert_eq!(reader::report(&folder.path().join("get_flows.h5"), "vasculature").data[[0, 0]], 100.0);
    assert_eq!(reader::report(&folder.path().join("get_atp.h5"), "A").data[[0, 0]], 1.625);
}

#[test]
fn many_rows_in_several_blocks() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.run.tstop_ms = 1500.0;
    let report = Report { sections: Sections::All, compartments: Compartments::All, ..soma_voltage() };
    configuration.reports.push(Report { dt_ms: 0.125, end_time_ms: 1500.0, ..report });
    let mut simulator = Toy::new("toy", 8);
    let plan = configuration.plan(&[&simulator]).unwrap();
    // 23 columns of 4 bytes and the mappings of 3 and 2 nodes.
    assert_eq!(plan.bytes(), 12_000 * 23 * 4 + (7 + 5) * 8 + 23 * 4 + 2 * 24);
    let mut recorder = Recorder::create(plan).unwrap();
    drive(&mut simulator, &mut recorder, 12_000);
    recorder.finish().unwrap();
    let b = reader::report(&folder.path().join("v.h5"), "B");
    assert_eq!(b.data.dim(), (12_000, 9));
    let expected: Vec<f32> = (0..12_000).map(|step| -41.0 + step as f32 * 0.125).collect();
    assert_eq!(b.data.column(0).to_vec(), expected);
}

#[test]
fn excluded_neurons_keep_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.reports.push(soma_voltage());
    let mut simulator = Toy::new("toy", 8);
    let mut recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
    drive(&mut simulator, &mut recorder, 40);
    simulator.exclude(&[4]).unwrap();
    recorder.exclude(&[4]);
    drive(&mut simulator, &mut recorder, 80);
    let summary = recorder.finish().unwrap();
    assert_eq!(summary.excluded, [("B".to_owned(), 1)]);
    assert_eq!((summary.reports[0].rows, summary.reports[0].planned_rows), (20, 20));
    let b = reader::report(&folder.path().join("v.h5"), "B");
    assert_eq!((b.data[[10, 1]], b.data[[19, 1]], b.data[[19, 0]]), (-28.0, -28.0, -31.5));
}

#[test]
fn a_row_that_is_missed_or_not_finite_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    configuration.reports.push(soma_voltage());
    let mut simulator = Toy::new("toy", 8);
    let mut recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
    recorder.record(0, Moment::Exchanged, &[&simulator]).unwrap();
    recorder.record(0, Moment::Exchanged, &[&simulator]).unwrap();
    let error = recorder.record(5, Moment::Exchanged, &[&simulator]).unwrap_err();
    assert!(matches!(error, ReportError::RowMissed { expected: 4, found: 5, .. }), "{error}");
    simulator.advance(4).unwrap();
    simulator.spoil(3);
    let error = recorder.record(4, Moment::Exchanged, &[&simulator]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "report 'reports.v': node 0 of 'B', element 0, has the value NaN at 0.5 ms; the row was not written"
    );
    recorder.finish().unwrap();
    assert_eq!(reader::report(&folder.path().join("v.h5"), "B").time, [0.0, 0.5, 0.5]);
}

/// A plan with a report of another type.
fn of_type(folder: &std::path::Path, report_type: ReportType, variable: &str) -> Configuration {
    let mut configuration = Configuration::new(folder);
    configuration.compartment_sets_file = Some(folder.join("sets.json"));
    configuration.reports.push(Report { report_type, variables: vec![variable.to_owned()], ..soma_voltage() });
    configuration
}

#[test]
fn locations_of_a_compartment_set() {
    let folder = tempfile::tempdir().unwrap();
    // Section 1 has three segments.
    let sets = r#"{"S": {"population": "A", "compartment_set": [[0, 0, 0.5], [0, 1, 0.2], [0, 1, 0.9], [2, 2, 1.0], [7, 0, 0.5]]},
        "Wrong": {"population": "B", "compartment_set": [[1, 5, 0.5]]}}"#;
    std::fs::write(folder.path().join("sets.json"), sets).unwrap();
    let set = |name: &str| ReportType::CompartmentSet { compartment_set: name.to_owned() };
    record_all(&of_type(folder.path(), set("S"), "v"));
    let a = reader::report(&folder.path().join("v.h5"), "A");
    assert_eq!((a.node_ids, a.index_pointers, a.element_ids), (vec![0, 2], vec![0, 3, 4], vec![0, 1, 1, 2]));
    // -65 + 8 node + 0.5 place.
    assert_eq!(a.data.row(0).to_vec(), [-65.0, -64.5, -63.5, -47.0]);
    let told = |name: &str| {
        let errors = of_type(folder.path(), set(name), "v").plan(&[&Toy::new("toy", 8)]).unwrap_err();
        errors.to_string()
    };
    assert_eq!(told("Wrong"), "reports.v: compartment_set: node 1 has no section 5; it has: 0, 1, 2");
    assert!(told("Q").starts_with("reports.v: compartment_set: there is no compartment set 'Q'"));
}

#[test]
fn potentials_at_electrodes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("electrodes.h5");
    let write = |rows: usize| {
        let file = hdf5::File::create(&path).unwrap();
        let (electrodes, nodes) = (file.create_group("electrodes/A").unwrap(), file.create_group("A").unwrap());
        // Nodes 1 and 2, two electrodes.
        let factors = ndarray::Array2::from_shape_fn((rows, 2), |(row, electrode)| (row + 10 * electrode) as f64 * 0.5);
        electrodes.new_dataset_builder().with_data(&factors).create("scaling_factors").unwrap();
        nodes.new_dataset_builder().with_data(&[1_u64, 2]).create("node_ids").unwrap();
        nodes.new_dataset_builder().with_data(&[0_u64, 4, rows as u64]).create("offsets").unwrap();
    };
    write(9);
    let mut configuration = of_type(folder.path(), ReportType::Lfp { electrodes_file: path.clone() }, "");
    configuration.reports[0].variables.clear();
    record_all(&configuration);
    let a = reader::report(&folder.path().join("v.h5"), "A");
    assert_eq!((a.node_ids, a.index_pointers, a.element_ids), (vec![1, 2], vec![0, 2, 4], vec![0, 1, 0, 1]));
    // Of segment `place` of a node leave 2 place + node through the membrane; the current of electrodes (0.5 in the soma) is no
    // part of it: neurodamus' references of ringtest have the whole membrane current while IClamp injects.
    let potential = |node: f64, first_row: f64, segments: u32, electrode: f64| {
        let of_segment = |place: u32| {
            let place = f64::from(place);
            (first_row + place + 10.0 * electrode) * 0.5 * (2.0 * place + node)
        };
        (0..segments).map(of_segment).sum::<f64>() as f32
    };
    let expected = [
        potential(1.0, 0.0, 4, 0.0),
        potential(1.0, 0.0, 4, 1.0),
        potential(2.0, 4.0, 5, 0.0),
        potential(2.0, 4.0, 5, 1.0),
    ];
    assert_eq!(a.data.row(0).to_vec(), expected);
    write(8);
    let errors = configuration.plan(&[&Toy::new("toy", 8)]).unwrap_err().to_string();
    assert!(errors.ends_with("population 'A', node 2: it has factors for 4 segments, the cell has 5"), "{errors}");
}

#[test]
fn values_of_synapses_and_names_in_neurons_form() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = of_type(folder.path(), ReportType::Synapse, "Syn.g");
    configuration.reports[0].sections = Sections::All;
    for (name, variable) in [("alone", "pas"), ("joined", "i_pas"), ("parted", "pas.i")] {
        let report = Report { name: name.to_owned(), file_name: format!("{name}.h5").into(), ..soma_voltage() };
        configuration.reports.push(Report { variables: vec![variable.to_owned()], ..report });
    }
    record_all(&configuration);
    let a = reader::report(&folder.path().join("v.h5"), "A");
    assert_eq!((a.node_ids, a.index_pointers, a.element_ids), (vec![0, 2], vec![0, 2, 3], vec![7, 4, 0]));
    assert_eq!(a.data.row(1).to_vec(), [0.5, 0.25, 0.625]);
    for name in ["alone", "joined", "parted"] {
        let report = reader::report(&folder.path().join(format!("{name}.h5")), "A");
        assert_eq!(report.data.row(0).to_vec(), [0.0625; 3]);
    }
    let mut in_soma = of_type(folder.path(), ReportType::Synapse, "Syn.g");
    in_soma.reports[0].sections = Sections::Soma;
    record_all(&in_soma);
    assert_eq!(reader::report(&folder.path().join("v.h5"), "A").element_ids, [4]);
}

/// One file has the populations of neurons and of astrocytes, each read by its own getter.
#[test]
fn neurons_and_astrocytes_in_one_report() {
    let folder = tempfile::tempdir().unwrap();
    let mut configuration = Configuration::new(folder.path());
    let (sections, compartments) = (Sections::All, Compartments::All);
    configuration.reports.push(Report { sections, compartments, ..soma_voltage() });
    let total = Report { report_type: ReportType::Summation, scaling: Scaling::None, ..soma_voltage() };
    let (name, file_name) = ("sum".to_owned(), folder.path().join("sum.h5"));
    configuration.reports.push(Report { name, file_name, ..total });
    let mut simulator = Toy::new("toy", 8).with_astrocytes();
    let mut recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
    drive(&mut simulator, &mut recorder, 80);
    recorder.finish().unwrap();
    let glia = reader::report(&folder.path().join("v.h5"), "glia");
    assert_eq!((glia.node_ids, glia.index_pointers, glia.element_ids), (vec![4, 7], vec![0, 2, 4], vec![0, 1, 0, 1]));
    // 0.5 ms are four steps.
    assert_eq!((glia.data.row(0).to_vec(), glia.data[[19, 3]]), (vec![0.25, 0.5, 0.75, 1.0], 77.0));
    assert_eq!(reader::report(&folder.path().join("v.h5"), "A").data[[0, 1]], -64.5);
    let glia = reader::report(&folder.path().join("sum.h5"), "glia");
    assert_eq!((glia.element_ids, glia.data.row(0).to_vec()), (vec![0, 0], vec![0.75, 1.75]));
}
