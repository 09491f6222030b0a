//! A run that stops at a checkpoint and goes on gives the same files.

use std::fs;

use msr_config::multiscale::RecordingMoment;
use msr_config::simulation::{Report, Scaling, Sections, SpikesSortOrder};
use msr_coupling::Simulator;
use msr_report::{Recorder, RecorderState, ReportError};

use crate::reader;
use crate::request::{Configuration, drive, getter, soma_voltage, summation};
use crate::toy::Toy;

fn configuration(folder: &std::path::Path, order: SpikesSortOrder) -> Configuration {
    let mut configuration = Configuration::new(folder);
    configuration.output.spikes_sort_order = order;
    configuration.reports.push(soma_voltage());
    configuration.reports.push(summation("sum", &["ina"], Sections::All, Scaling::Area));
    configuration.multiscale_reports.push(getter("toy", "get_atp", RecordingMoment::AfterSync));
    configuration
}

#[test]
fn the_same_files_as_without_a_stop() {
    for order in [SpikesSortOrder::ByTime, SpikesSortOrder::ById] {
        let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut simulator = Toy::new("toy", 8);
        let plan = configuration(whole.path(), order).plan(&[&simulator]).unwrap();
        let mut recorder = Recorder::create(plan).unwrap();
        drive(&mut simulator, &mut recorder, 80);
        recorder.finish().unwrap();

        let configuration = configuration(parts.path(), order);
        let mut simulator = Toy::new("toy", 8);
        let mut recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
        drive(&mut simulator, &mut recorder, 40);
        recorder.exclude(&[3]);
        let state = postcard::to_stdvec(&recorder.state().unwrap()).unwrap();
        let snapshot = simulator.snapshot().unwrap();
        // The first run goes on to its end before the second one takes up the checkpoint.
        drive(&mut simulator, &mut recorder, 80);
        recorder.finish().unwrap();

        let state: RecorderState = postcard::from_bytes(&state).unwrap();
        simulator.restore(&snapshot).unwrap();
        let mut recorder = Recorder::resume(configuration.plan(&[&simulator]).unwrap(), &state, 40).unwrap();
        assert_eq!(reader::report(&parts.path().join("v.h5"), "A").time, [0.0, 5.5, 0.5]);
        assert!(reader::spikes(&parts.path().join("out.h5"), "A").0.iter().all(|&time| time <= 5.0));
        drive(&mut simulator, &mut recorder, 80);
        let summary = recorder.finish().unwrap();
        assert_eq!(summary.excluded, [("B".to_owned(), 0)]);
        for file in ["v.h5", "sum.h5", "get_atp.h5"] {
            for population in ["A", "B"] {
                let read = |folder: &tempfile::TempDir| reader::report(&folder.path().join(file), population);
                assert_eq!(read(&whole), read(&parts), "{file} {population}");
            }
        }
        let read = |folder: &tempfile::TempDir| reader::spikes(&folder.path().join("out.h5"), "A");
        assert_eq!(read(&whole), read(&parts));
    }
}

#[test]
fn the_same_files_when_the_end_is_moved() {
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let until = |folder: &std::path::Path, tstop_ms: f64| {
        let mut configuration = configuration(folder, SpikesSortOrder::ById);
        // Begins after the first end.
        let late =
            Report { name: "late".to_owned(), start_time_ms: 6.0, file_name: "late.h5".into(), ..soma_voltage() };
        configuration.reports.push(late);
        configuration.run.tstop_ms = tstop_ms;
        configuration
    };
    let mut simulator = Toy::new("toy", 8);
    let mut recorder = Recorder::create(until(whole.path(), 10.0).plan(&[&simulator]).unwrap()).unwrap();
    drive(&mut simulator, &mut recorder, 80);
    recorder.finish().unwrap();

    let mut simulator = Toy::new("toy", 8);
    let mut recorder = Recorder::create(until(parts.path(), 5.0).plan(&[&simulator]).unwrap()).unwrap();
    drive(&mut simulator, &mut recorder, 24);
    let (state, snapshot) = (recorder.state().unwrap(), simulator.snapshot().unwrap());
    drive(&mut simulator, &mut recorder, 40);
    recorder.finish().unwrap();
    simulator.restore(&snapshot).unwrap();
    let plan = until(parts.path(), 10.0).plan(&[&simulator]).unwrap();
    let mut recorder = Recorder::resume(plan, &state, 24).unwrap();
    drive(&mut simulator, &mut recorder, 80);
    recorder.finish().unwrap();
    for file in ["v.h5", "sum.h5", "get_atp.h5", "late.h5"] {
        for population in ["A", "B"] {
            let read = |folder: &tempfile::TempDir| reader::report(&folder.path().join(file), population);
            assert_eq!(read(&whole), read(&parts), "{file} {population}");
        }
    }
    let read = |folder: &tempfile::TempDir| reader::spikes(&folder.path().join("out.h5"), "A");
    assert_eq!(read(&whole), read(&parts));
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let configuration = configuration(folder.path(), SpikesSortOrder::ByTime);
    let mut simulator = Toy::new("toy", 8);
    let mut recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
    drive(&mut simulator, &mut recorder, 40);
    let state = recorder.state().unwrap();
    drop(recorder);
    let resume = |state: &RecorderState| Recorder::resume(configuration.plan(&[&simulator]).unwrap(), state, 40).err();

    let reason = |error: ReportError| match error {
        ReportError::CannotContinue { reason, .. } => reason,
        other => panic!("{other}"),
    };
    // Rows that were saved and never came to the disk.
    let plan = configuration.plan(&[&simulator]).unwrap();
    let mut later = state.clone();
    for name in ["reports.v", "reports.sum"] {
        later.rows.insert(name.to_owned(), 12);
    }
    let error = Recorder::resume(plan, &later, 44).err();
    let expected = "data of 'A' has the shape [11, 3] instead of at least 12 rows of 3 columns";
    assert!(
        error.is_some_and(|error| matches!(&error, ReportError::CannotContinue { reason, .. } if reason == expected))
    );

    let mut fewer = state.clone();
    fewer.rows.insert("reports.v".to_owned(), 10);
    let expected = "10 rows of 'reports.v' were saved at step 40, it has 11 until there";
    assert_eq!(reason(resume(&fewer).unwrap()), expected);

    let mut other = state.clone();
    other.rows.remove("reports.v");
    let expected = "'reports.v' was not among the saved reports, and it has 11 rows until step 40";
    assert_eq!(reason(resume(&other).unwrap()), expected);

    let mut spikes = state.clone();
    spikes.spikes[0] += 1;
    assert!(matches!(resume(&spikes).unwrap(), ReportError::CannotContinue { .. }));

    fs::remove_file(folder.path().join("v.h5")).unwrap();
    assert!(resume(&state).unwrap().to_string().contains("there is no such file"));
}
