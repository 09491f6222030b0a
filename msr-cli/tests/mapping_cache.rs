//! Mappings that are kept on disk change nothing but the time that a run takes to begin.

use std::fs;
use std::path::PathBuf;

use assert_cmd::Command;

struct Demo {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Demo {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo");
        crate::bundled::init(&path);
        Self { _folder: folder, path }
    }

    /// Runs a command with these values; what it printed.
    fn does(&self, command: &str, values: &[&str]) -> String {
        let values = values.iter().flat_map(|value| ["--set", value]);
        let output = Command::cargo_bin("msr-cli").unwrap().arg(command).arg(&self.path).args(values).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs for one window, with results in a directory of their own; the line of the summary about mappings.
    fn computes(&self, results: &str, values: &[&str]) -> String {
        let place = format!("output.output_dir={results}");
        let told = self.does("compute", &[&["run.tstop=10", &place], values].concat());
        let line = told.lines().find(|line| line.trim_start().starts_with("mappings ")).expect("a line about mappings");
        line.to_owned()
    }

    fn kept(&self, directory: &str) -> Vec<PathBuf> {
        let entries = self.path.join(directory).read_dir().into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn results(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

const BOTH: [&str; 2] = ["multiscale_run.cache_save=true", "multiscale_run.cache_load=true"];

#[test]
fn kept_mappings_give_the_bytes_of_computed_ones() {
    let demo = Demo::new();
    let plain = demo.computes("plain", &[]);
    assert!(
        plain.contains("tetrahedra: ") && plain.contains(" entries computed in ") && !plain.contains("kept"),
        "{plain}"
    );
    // A look keeps nothing.
    demo.does("check", &BOTH);
    assert!(demo.kept("cache").is_empty());
    let first = demo.computes("first", &BOTH);
    let [file] = &demo.kept("cache")[..] else { panic!("one entry") };
    assert!(first.contains(" entries computed in ") && first.contains(&file.display().to_string()), "{first}");
    let second = demo.computes("second", &BOTH);
    assert!(second.contains(" entries loaded in ") && second.contains(&file.display().to_string()), "{second}");
    for other in ["first", "second"] {
        crate::results::assert_same(&demo.results("plain"), &demo.results(other));
    }
    // Another mesh, and other neurons in the same mesh, have other mappings; the old ones stay for who needs them.
    for (entries, change) in [(2, "multiscale_run.preprocessor.mesh.base_length=25"), (3, "node_set=Excitatory")] {
        let line = demo.computes(&format!("other_{entries}"), &[&BOTH[..], &[change]].concat());
        assert!(line.contains(", kept ("), "{line}");
        assert_eq!(demo.kept("cache").len(), entries);
    }
}

#[test]
fn a_damaged_entry_is_told_and_mended() {
    let demo = Demo::new();
    let values = [BOTH[0], BOTH[1], "multiscale_run.cache_path=kept"];
    demo.computes("first", &values);
    let [file] = &demo.kept("kept")[..] else { panic!("one entry") };
    let whole = fs::read(file).unwrap();
    fs::write(file, &whole[..whole.len() / 2]).unwrap();
    let told = demo.does("compute", &[&["run.tstop=10", "output.output_dir=second"], &values[..]].concat());
    let note = format!("note: {} is damaged: ", file.display());
    assert!(told.contains(&note) && told.contains("; its mappings are computed anew\n"), "{told}");
    assert_eq!(fs::read(file).unwrap(), whole);
    crate::results::assert_same(&demo.results("first"), &demo.results("second"));
}
