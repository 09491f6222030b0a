//! Files stay readable when the writer dies, the disk is full, or the folder is not writable.

use std::path::{Path, PathBuf};
use std::process::Command;

use msr_config::simulation::{Compartments, Report, Sections};
use msr_coupling::Moment;
use msr_coupling::Simulator;
use msr_report::{Recorder, ReportError};

use crate::reader;
use crate::request::{Configuration, drive, soma_voltage};
use crate::toy::Toy;

/// Where the process that is to die writes to.
const FOLDER: &str = "MSR_REPORT_TEST_FOLDER";

fn long_run(folder: &Path) -> (Toy, Recorder) {
    let mut configuration = Configuration::new(folder);
    configuration.run.tstop_ms = 100_000.0;
    let report = Report { sections: Sections::All, compartments: Compartments::All, dt_ms: 0.125, ..soma_voltage() };
    configuration.reports.push(Report { end_time_ms: 100_000.0, ..report });
    let simulator = Toy::new("toy", 8);
    let recorder = Recorder::create(configuration.plan(&[&simulator]).unwrap()).unwrap();
    (simulator, recorder)
}

fn this_test(name: &str) -> Vec<String> {
    let exact = format!("interrupted::{name}");
    vec![exact, "--exact".to_owned(), "--ignored".to_owned(), "--nocapture".to_owned()]
}

#[test]
#[ignore = "dies; started by a_killed_writer_leaves_readable_files"]
fn writer_that_dies() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let (mut simulator, mut recorder) = long_run(&folder);
    drive(&mut simulator, &mut recorder, 4000);
    recorder.flush().unwrap();
    // Not enough for a block: lost.
    drive(&mut simulator, &mut recorder, 4100);
    std::process::abort();
}

#[test]
fn a_killed_writer_leaves_readable_files() {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(this_test("writer_that_dies"))
        .env(FOLDER, folder.path())
        .status()
        .unwrap();
    assert!(!status.success());
    let a = reader::report(&folder.path().join("v.h5"), "A");
    assert_eq!((a.data.nrows(), a.time[1]), (4001, 4001.0 * 0.125));
    assert_eq!(a.data[[4000, 0]], 435.0);
    let (times, _, _) = reader::spikes(&folder.path().join("out.h5"), "A");
    // Neurons 0, 1 and 2 in 500 ms.
    assert_eq!(times.len(), 500 + 250 + 166);
}

#[test]
#[ignore = "reads what another process writes; started by another_process_reads_while_the_run_goes_on"]
fn reader_of_a_growing_file() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    assert_eq!(reader::report(&folder.join("v.h5"), "A").time, [0.0, 2.625, 0.125]);
    assert_eq!(reader::spikes(&folder.join("out.h5"), "A").1, [0, 0, 1]);
}

#[test]
fn another_process_reads_while_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (mut simulator, mut recorder) = long_run(folder.path());
    drive(&mut simulator, &mut recorder, 20);
    recorder.flush().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(this_test("reader_of_a_growing_file"))
        .env(FOLDER, folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    drive(&mut simulator, &mut recorder, 4000);
    recorder.finish().unwrap();
    assert_eq!(reader::report(&folder.path().join("v.h5"), "A").data.nrows(), 4001);
}

#[test]
#[ignore = "needs a limit on file sizes; started by a_full_disk_leaves_readable_files"]
fn writer_without_room() {
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let (mut simulator, mut recorder) = long_run(&folder);
    let error = (1..)
        .find_map(|idts| {
            recorder.record(idts - 1, Moment::Exchanged, &[&simulator]).err().or_else(|| {
                simulator.advance(idts).unwrap();
                None
            })
        })
        .unwrap();
    assert!(matches!(&error, ReportError::NoRoom { path, .. } if path.ends_with("v.h5")), "{error}");
    assert!(recorder.finish().is_err());
}

/// A limit on file sizes fails like a full disk.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_readable_files() {
    let folder = tempfile::tempdir().unwrap();
    // 4000 blocks of 512 bytes or of 1 KiB, depending on the shell.
    let limited = "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .args(this_test("writer_without_room"))
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let a = reader::report(&folder.path().join("v.h5"), "A");
    assert!(a.data.nrows() > 15_000 && a.data.nrows() < 60_000, "{}", a.data.nrows());
    let last = a.data.nrows() - 1;
    assert_eq!(a.data[[last, 0]], -65.0 + 0.125 * last as f32);
}

#[test]
fn a_folder_that_cannot_be_made() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("results");
    std::fs::write(&blocked, "a file where a folder should be").unwrap();
    let plan = Configuration::new(&blocked).plan(&[&Toy::new("toy", 8)]).unwrap();
    let error = Recorder::create(plan).err().unwrap();
    assert!(matches!(&error, ReportError::CreateFolder { path, .. } if *path == blocked), "{error}");
}

#[test]
fn a_file_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("out.h5")).unwrap();
    let plan = Configuration::new(folder.path()).plan(&[&Toy::new("toy", 8)]).unwrap();
    let error = Recorder::create(plan).err().unwrap();
    assert!(matches!(&error, ReportError::Open { path, .. } if path.ends_with("out.h5")), "{error}");
}
