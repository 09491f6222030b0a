//! Mechanism files of a user: written by `edit-mod-files`, read by every command from there on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use msr_neuro::mechanisms::BUNDLED;

fn msr(arguments: &[&str], directory: &Path) -> Output {
    Command::cargo_bin("msr-cli").unwrap().args(arguments).arg(directory).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn demo(parent: &Path) -> PathBuf {
    let path = parent.join("demo");
    assert!(msr(&["init", "--no-check", "--quiet"], &path).status.success());
    path
}

#[test]
fn the_library_is_written_once_and_used_from_there() {
    let parent = tempfile::tempdir().unwrap();
    let path = demo(parent.path());
    let output = msr(&["edit-mod-files"], &path);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let folder = path.join("mod");
    let names = fs::read_dir(&folder).unwrap().count();
    assert_eq!(names, BUNDLED.len());
    for (name, expected) in BUNDLED {
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), *expected);
    }
    let output = msr(&["check"], &path);
    assert!(text(&output.stdout).contains("mod replaces "), "{}{}", text(&output.stdout), text(&output.stderr));

    let again = msr(&["edit-mod-files"], &path);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("mod exists; edit the files in it"), "{}", text(&again.stderr));
}

#[test]
fn a_broken_file_is_named_at_line_and_column() {
    let parent = tempfile::tempdir().unwrap();
    let path = demo(parent.path());
    assert!(msr(&["edit-mod-files", "--quiet"], &path).status.success());
    let file = path.join("mod").join("pas.mod");
    let broken = fs::read_to_string(&file).unwrap().replace("v - e)", "v - ee)");
    let (number, line) = (1..).zip(broken.lines()).find(|(_, line)| line.contains("v - ee)")).unwrap();
    let place = format!("{}:{number}:{}: error: 'ee' is not declared", file.display(), line.find("ee)").unwrap() + 1);
    fs::write(&file, broken).unwrap();
    for command in ["check", "compute"] {
        let output = msr(&[command], &path);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(&place), "{place} in\n{}", text(&output.stderr));
        assert!(!path.join("RESULTS").exists());
    }
}

#[test]
fn a_broken_file_that_no_cell_uses_is_told_and_left_out() {
    let parent = tempfile::tempdir().unwrap();
    let path = demo(parent.path());
    fs::create_dir(path.join("mod")).unwrap();
    let file = path.join("mod").join("squid.mod");
    fs::write(&file, "NEURON { SUFFIX hh }\nBREAKPOINT { nothing = 1 }\n").unwrap();
    let told = format!("'hh' is left out, and nothing can use it: {}:2:", file.display());
    let output = msr(&["check"], &path);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains(&told), "{told} in\n{}{}", text(&output.stdout), text(&output.stderr));
    let output = msr(&["compute", "--quiet", "--set", "run.tstop=1"], &path);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn a_run_goes_on_with_the_files_that_it_began_with() {
    let parent = tempfile::tempdir().unwrap();
    let path = demo(parent.path());
    assert!(msr(&["edit-mod-files", "--quiet"], &path).status.success());
    let compute = ["compute", "--quiet", "--set", "run.tstop=10", "--checkpoint-every", "5"];
    let output = msr(&compute, &path);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let file = path.join("mod").join("pas.mod");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "\n: edited\n").unwrap();
    let output = msr(&["resume", "--set", "run.tstop=20"], &path);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("mechanism file pas.mod: "), "{}", text(&output.stderr));
}
