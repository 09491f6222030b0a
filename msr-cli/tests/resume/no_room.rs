//! Disks that are full and directories that cannot be written to: what fails names its file and ends with exit code 4, what was
//! there stays, and the run goes on once there is room.
//!
//! The disks are file systems in memory, which only root may mount; elsewhere those tests say that they are left out. Where they are,
//! a limit on the size of a file takes the place of a full disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::demo::{Demo, END_MS, HALF_MS, assert_same_results, msr, succeeds, told};
use super::kills::readable_files;

const EXIT_OUTPUT: Option<i32> = Some(4);

/// A small disk, gone when it is dropped.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// `None` where this user may not mount one.
    fn mounted(path: PathBuf, bytes: u64) -> Option<Self> {
        fs::create_dir_all(&path).unwrap();
        let disk = Self { path };
        let outcome = disk.mount(&format!("size={bytes}"));
        if outcome.as_ref().is_ok_and(|outcome| outcome.status.success()) {
            return Some(disk);
        }
        let reason = outcome.map_or_else(|error| error.to_string(), |outcome| told(&outcome));
        println!("left out, for no file system can be mounted here: {}", reason.trim());
        std::mem::forget(disk);
        None
    }

    fn mount(&self, options: &str) -> std::io::Result<Output> {
        Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(&self.path).output()
    }

    fn remount(&self, options: &str) {
        let outcome = self.mount(&format!("remount,{options}")).unwrap();
        assert!(outcome.status.success(), "{}", told(&outcome));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.path).status();
    }
}

/// Asserts that a command could not write, and says the name of a file in `place` and why.
fn assert_unwritten(output: &Output, place: &Path, reason: &str) {
    let message = told(output);
    assert_eq!(output.status.code(), EXIT_OUTPUT, "{message}");
    assert!(message.contains(&place.display().to_string()), "{message}");
    assert!(message.contains(reason), "{message}");
    assert!(!message.contains("panicked"), "{message}");
}

/// Bytes that the files of a directory take on a disk in memory.
fn disk_bytes(directory: &Path) -> u64 {
    const PAGE_BYTES: u64 = 4096;
    let size = |path: PathBuf| match path.metadata().unwrap() {
        metadata if metadata.is_dir() => disk_bytes(&path) + PAGE_BYTES,
        metadata => metadata.len().next_multiple_of(PAGE_BYTES),
    };
    directory.read_dir().unwrap().map(|entry| size(entry.unwrap().path())).sum()
}

#[test]
fn a_full_disk_leaves_what_was_written_and_the_run_goes_on_with_more_room() {
    const ALL: [&str; 5] = ["--checkpoint-every", "5", "--vtk", "--report", "--after-advance"];
    let whole = Demo::with(&[]);
    succeeds(&[&["compute", whole.text()], &ALL[..]].concat());
    let bytes = disk_bytes(&whole.results());
    // No room for the manifest, to open the first report, to open the last, for the first checkpoint, for later ones.
    for part in [0.0, 0.02, 0.1, 0.3, 0.7, 0.97] {
        let demo = Demo::with(&[]);
        let size = (part * bytes as f64) as u64 + 4096;
        let Some(disk) = Disk::mounted(demo.results(), size) else { return };
        let output = msr(&[&["compute", demo.text()], &ALL[..]].concat());
        println!("{part} of {bytes} bytes: {}", told(&output).trim());
        assert_unwritten(&output, &demo.results(), "No space left on device");
        readable_files(&demo.results());
        let saved = !demo.checkpoints().is_empty();
        if saved {
            // There is still no room, and still nothing lost.
            let again = msr(&["resume", demo.text(), "--vtk", "--report"]);
            assert_unwritten(&again, &demo.results(), "No space left on device");
            readable_files(&demo.results());
            assert!(!demo.checkpoints().is_empty());
        }
        disk.remount(&format!("size={}", 4 * bytes));
        if saved {
            succeeds(&["resume", demo.text(), "--vtk", "--report"]);
        } else {
            succeeds(&[&["compute", demo.text(), "--force"], &ALL[..]].concat());
        }
        assert_same_results(&whole, &demo);
    }
}

#[test]
fn a_page_without_room_is_told_and_leaves_the_results() {
    let arguments = ["--report", "--set", "run.tstop=5"];
    let whole = Demo::with(&[]);
    succeeds(&[&["compute", whole.text()], &arguments[..]].concat());
    let page_bytes = whole.results().join("report.html").metadata().unwrap().len();
    let demo = Demo::with(&[]);
    let Some(disk) = Disk::mounted(demo.results(), disk_bytes(&whole.results()) - page_bytes / 2) else { return };
    let output = msr(&[&["compute", demo.text()], &arguments[..]].concat());
    assert_unwritten(&output, &demo.results().join("report.html"), "No space left on device");
    assert_same_results(&whole, &demo);
    assert!(!demo.results().join("report.html.unfinished").exists());
    disk.remount("size=1G");
    succeeds(&["post-processing", demo.text()]);
}

#[test]
fn a_directory_that_cannot_be_written_to_keeps_what_it_holds() {
    let demo = Demo::with(&[("/run/tstop", 5.0.into())]);
    let Some(disk) = Disk::mounted(demo.results(), 1 << 28) else { return };
    succeeds(&["compute", demo.text(), "--checkpoint-every", "2.5"]);
    let before = contents(&demo.results());
    disk.remount("ro");
    let results = demo.results();
    let longer = ["--set", "run.tstop=10"];
    for arguments in [
        vec!["compute", demo.text(), "--force"],
        [vec!["resume", demo.text()], longer.to_vec()].concat(),
        vec!["post-processing", demo.text()],
        vec!["init", results.to_str().unwrap(), "--force"],
        vec!["edit-mod-files", results.to_str().unwrap()],
        vec!["man", results.to_str().unwrap()],
        vec!["migrate", demo.text(), "--force", "--output", results.join("migrated.json").to_str().unwrap()],
        vec!["plan", demo.text(), "--export-mappings", results.join("mappings").to_str().unwrap()],
    ] {
        let output = msr(&arguments);
        println!("{arguments:?}: {}", told(&output).trim());
        assert_unwritten(&output, &results, "Read-only file system");
        assert!(contents(&results) == before, "{arguments:?} changes nothing");
    }
    disk.remount("rw");
    succeeds(&[&["resume", demo.text()], &longer[..]].concat());
}

/// The command, where no file may become larger than this.
#[cfg(unix)]
fn limited(bytes: u64, arguments: &[&str]) -> Output {
    // The unit of POSIX.
    const BLOCK_BYTES: u64 = 512;
    let output = Command::new("sh")
        .args(["-c", "ulimit -f \"$1\"; shift; exec \"$0\" \"$@\""])
        .arg(assert_cmd::cargo::cargo_bin("msr-cli"))
        .arg(bytes.div_ceil(BLOCK_BYTES).to_string())
        .args(arguments)
        .output()
        .unwrap();
    println!("{arguments:?} with {bytes} bytes a file: {}", told(&output).trim());
    output
}

fn size(path: &Path) -> u64 {
    path.metadata().unwrap().len()
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_grow_leaves_what_was_written_and_the_run_goes_on_where_it_may() {
    const REASON: &str = "File too large";
    let whole = Demo::with(&[]);
    succeeds(&["compute", whole.text(), "--checkpoint-every", "15", "--report"]);
    let checkpoint_bytes = size(&whole.checkpoints()[0]);
    let report = "steps_KK.h5";

    // Nothing can be written.
    let demo = Demo::with(&[]);
    let output = limited(512, &["compute", demo.text()]);
    assert_unwritten(&output, &demo.results().join("manifest.json"), REASON);
    assert_eq!(readable_files(&demo.results()), 0);

    // A checkpoint is larger than all that is written before it.
    let output = limited(checkpoint_bytes / 2, &["compute", demo.text(), "--force", "--checkpoint-every", "15"]);
    assert_unwritten(&output, &demo.results().join("checkpoints"), REASON);
    assert!(readable_files(&demo.results()) > 10 && demo.checkpoints().is_empty());

    // A report has no room for what comes after half of the run.
    let half = HALF_MS.to_string();
    let until_half = format!("run.tstop={half}");
    succeeds(&["compute", demo.text(), "--force", "--checkpoint-every", "15", "--set", &until_half]);
    let (checkpoints, before) = (demo.checkpoints(), contents(&demo.results().join("checkpoints")));
    let until_end = format!("run.tstop={END_MS}");
    let resume = ["resume", demo.text(), "--set", &until_end];
    let output = limited(size(&demo.results().join(report)), &resume);
    assert_unwritten(&output, &demo.results().join(report), REASON);
    readable_files(&demo.results());
    assert_eq!(demo.checkpoints(), checkpoints);
    assert!(contents(&demo.results().join("checkpoints")) == before, "earlier checkpoints stay");
    succeeds(&resume);
    assert_same_results(&whole, &demo);

    // The page is what is too large.
    let results = contents(&demo.results());
    let output = limited(size(&whole.results().join("report.html")) / 2, &["post-processing", demo.text()]);
    assert_unwritten(&output, &demo.results().join("report.html"), REASON);
    assert!(contents(&demo.results()) == results, "nothing is touched");
    succeeds(&["post-processing", demo.text()]);
}

/// Every file below a directory with its bytes.
fn contents(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for path in directory.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(contents(&path));
        } else {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}
