//! What a run will hold in memory and leave on disk.

use msr_coupling::Plan;
use serde::Serialize;

/// Sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Footprint {
    /// Estimate for each simulator, by its name.
    pub simulators: Vec<(String, u64)>,
    /// Spaces, mappings and what is composed of them.
    pub spaces: u64,
    /// What this process holds now, with everything built, where the system tells it.
    pub process: Option<u64>,
    /// Reports after a whole run, without the headers of their format and without spikes.
    pub results: u64,
}

impl Footprint {
    /// Of a plan, and of what it records.
    pub fn of(plan: &Plan, recording: &msr_report::Plan) -> Self {
        let simulators = plan.simulators().iter();
        Self {
            simulators: simulators.map(|it| (it.name().to_owned(), it.memory_bytes())).collect(),
            spaces: plan.spaces().memory_bytes(),
            process: resident_bytes(),
            results: recording.bytes(),
        }
    }
}

/// Resident memory of this process, where the system has it in a file as Linux does.
fn resident_bytes() -> Option<u64> {
    told_bytes("VmRSS:")
}

/// The most that it held at any time, where the system tells it.
pub fn peak_bytes() -> Option<u64> {
    told_bytes("VmHWM:")
}

fn told_bytes(key: &str) -> Option<u64> {
    const BYTES_PER_KIB: u64 = 1024;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * BYTES_PER_KIB)
}

/// A size in the unit that keeps it short.
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut size = count as f64;
    let mut unit = 0;
    while size >= 1000.0 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}
