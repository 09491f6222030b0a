//! Runs that are killed at random moments: what they leave can be read, and is continued to the results of a run that never
//! stopped.
//!
//! `MSR_TEST_KILLS=20 cargo nextest run -p msr-cli --test all resume::kills` kills twenty times (three times where it is not set),
//! `MSR_TEST_KILL_SEED` chooses other moments.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use super::demo::{Demo, assert_same_results, msr, succeeds, told};
use crate::results::datasets_of;

const KILLS: u64 = 3;
const SEED: u64 = 2015;
/// In ms: windows are short, so that most of the time files are being written.
const CHECKPOINT_EVERY: &str = "2.5";
/// Of a number of rows that comes from times.
const ROUNDING: f64 = 1e-6;

#[test]
fn runs_killed_at_random_moments_are_continued_to_the_same_bytes() {
    let number = |name: &str, otherwise| env::var(name).map_or(otherwise, |text| text.parse().unwrap());
    let (kills, seed) = (number("MSR_TEST_KILLS", KILLS), number("MSR_TEST_KILL_SEED", SEED));
    let whole = Demo::with(&[]);
    let begun = Instant::now();
    succeeds(&["compute", whole.text(), "--checkpoint-every", CHECKPOINT_EVERY]);
    let duration = begun.elapsed();
    assert!(readable_files(&whole.results()) > 15, "spikes and every report");

    let mut left = kills;
    let mut moments = (1..).map(|draw| duration.mul_f64(uniform(seed, draw)));
    let mut moment = || moments.next().unwrap();
    while left > 0 {
        let killed = Demo::with(&[]);
        let time = moment();
        kill_after(killed.starts(&["--checkpoint-every", CHECKPOINT_EVERY, "--vtk", "--report"]), time);
        left -= 1;
        let files = readable_files(&killed.results());
        let checkpoints = killed.checkpoints().len();
        println!("seed {seed}, after {time:?} of {duration:?}: {files} readable files, {checkpoints} checkpoints");
        if checkpoints == 0 {
            // It had not come to its first step.
            let output = msr(&["resume", killed.text()]);
            assert_eq!(output.status.code(), Some(2), "{}", told(&output));
            assert!(told(&output).starts_with("there is no checkpoint in "), "{}", told(&output));
            succeeds(&["compute", killed.text(), "--force", "--checkpoint-every", CHECKPOINT_EVERY]);
        } else if left > 0 {
            // What continues it is killed, too.
            let time = moment();
            kill_after(killed.continues(), time);
            left -= 1;
            let files = readable_files(&killed.results());
            println!("seed {seed}, continued for {time:?}: {files} readable files");
        }
        // As one that dies while it writes the last files.
        std::fs::create_dir_all(killed.results().join("vtk.unfinished")).unwrap();
        std::fs::write(killed.results().join("vtk.unfinished/vessels.vtp"), "half of").unwrap();
        std::fs::write(killed.results().join("report.html.unfinished"), "half of").unwrap();
        succeeds(&["resume", killed.text()]);
        assert_same_results(&whole, &killed);
        let leftovers = unfinished_files(&killed.path);
        assert!(leftovers.is_empty(), "{leftovers:?}");
    }
}

fn kill_after(mut process: Child, time: Duration) {
    std::thread::sleep(time);
    process.kill().unwrap();
    process.wait().unwrap();
}

/// A number from 0 to 1: SplitMix64 (Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators), with its
/// constants.
fn uniform(seed: u64, draw: u64) -> f64 {
    let mut bits = seed.wrapping_add(draw.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    bits as f64 / u64::MAX as f64
}

/// Reads everything in the HDF5 files of a directory and says how many there are. Reports have the rows that their `time` speaks of.
pub fn readable_files(results: &Path) -> usize {
    let Ok(entries) = results.read_dir() else { return 0 };
    let is_hdf5 = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "h5");
    let files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(is_hdf5).collect();
    for path in &files {
        datasets_of(path);
        let file = hdf5::File::open(path).unwrap();
        let populations = file.group("report").and_then(|report| report.groups()).unwrap_or_default();
        for population in populations.iter().filter(|population| population.link_exists("mapping/time")) {
            let rows = population.dataset("data").unwrap().shape()[0] as f64;
            let time = population.dataset("mapping/time").unwrap().read_raw::<f64>().unwrap();
            let claimed = ((time[1] - time[0]) / time[2] - ROUNDING).ceil();
            assert!(claimed <= rows, "{}: {claimed} rows for {rows}", path.display());
        }
    }
    files.len()
}

/// What was being written when a process died.
fn unfinished_files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in directory.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
        if path.to_string_lossy().ends_with("unfinished") {
            found.push(path);
        } else if path.is_dir() {
            found.extend(unfinished_files(&path));
        }
    }
    found
}
