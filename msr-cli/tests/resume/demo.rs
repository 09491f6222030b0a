//! The bundled circuit in a directory of its own, and the program to be run on it.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use tempfile::TempDir;

use crate::results;

/// End of the runs, ms, and where they are cut.
pub const END_MS: u64 = 40;
pub const HALF_MS: u64 = 20;

pub fn msr(arguments: &[&str]) -> Output {
    Command::cargo_bin("msr-cli").expect("the binary is built").args(arguments).output().expect("it starts")
}

pub fn succeeds(arguments: &[&str]) -> Output {
    let output = msr(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

pub fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The bundled circuit with all four simulators, in a directory of its own.
pub struct Demo {
    _directory: TempDir,
    pub path: PathBuf,
}

impl Demo {
    /// With these values of the configuration instead of the bundled ones.
    pub fn with(values: &[(&str, serde_json::Value)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("demo");
        succeeds(&["init", "--no-check", "--quiet", path.to_str().expect("the path is text")]);
        let demo = Self { _directory: directory, path };
        demo.edit(&[("/run/tstop", END_MS.into())]);
        demo.edit(values);
        demo
    }

    pub fn configuration(&self) -> PathBuf {
        self.path.join("simulation_config.json")
    }

    pub fn document(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.configuration()).unwrap()).unwrap()
    }

    pub fn edit(&self, values: &[(&str, serde_json::Value)]) {
        let mut document = self.document();
        for (pointer, value) in values {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            document.pointer_mut(parent).unwrap()[key] = value.clone();
        }
        fs::write(self.configuration(), document.to_string()).unwrap();
    }

    pub fn text(&self) -> &str {
        self.path.to_str().expect("the path is text")
    }

    pub fn results(&self) -> PathBuf {
        self.path.join("RESULTS")
    }

    pub fn checkpoints(&self) -> Vec<PathBuf> {
        let Ok(entries) = self.results().join("checkpoints").read_dir() else { return Vec::new() };
        let is_checkpoint = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "checkpoint");
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(is_checkpoint).collect();
        files.sort();
        files
    }

    /// A run without stop and without checkpoints.
    pub fn computed(self) -> Self {
        succeeds(&["compute", self.text()]);
        assert_eq!(self.checkpoints().len(), 0);
        self
    }

    /// A run that leaves a checkpoint at its start and in its middle, and nothing later.
    pub fn computed_with_checkpoint(self, threads: &str) -> Self {
        let every = HALF_MS.to_string();
        succeeds(&["--threads", threads, "compute", self.text(), "--checkpoint-every", &every]);
        assert_eq!(self.checkpoints().len(), 2);
        self
    }

    pub fn starts(&self, arguments: &[&str]) -> Child {
        started(&[&["compute", self.text()], arguments].concat())
    }

    pub fn continues(&self) -> Child {
        started(&["resume", self.text()])
    }

    /// Waits for the first checkpoint of a process.
    pub fn wait_for_checkpoint(&self, process: &mut Child) {
        let begun = Instant::now();
        while self.checkpoints().is_empty() {
            assert!(process.try_wait().unwrap().is_none(), "it ended before its first checkpoint");
            assert!(begun.elapsed() < Duration::from_secs(120), "no checkpoint comes");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

fn started(arguments: &[&str]) -> Child {
    std::process::Command::new(assert_cmd::cargo::cargo_bin("msr-cli"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

/// Compares all datasets of all result files, byte by byte, and what went over the connections.
pub fn assert_same_results(left: &Demo, right: &Demo) {
    results::assert_same(&left.results(), &right.results());
}
