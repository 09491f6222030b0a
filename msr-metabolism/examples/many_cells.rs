//! Ten thousand neurons for 1 s of biological time, their ATP lowered before each window of 10 ms: time and memory.
//!
//! `cargo run --release -p msr-metabolism --example many_cells [-- CELLS]`

use std::error::Error;
use std::time::Instant;

use msr_config::multiscale::StateKey;
use msr_coupling::{Query, Simulator};
use msr_metabolism::{MetabolismSimulator, NeuronSite, Settings};

const CELLS: u64 = 10_000;
const WINDOWS: u64 = 100;
/// 10 ms.
const NDTS: u64 = 400;
const BASE_DT_MS: f64 = 0.025;
/// Blood flow at which the initial state is at rest, 1/s.
const RESTING_FLOW: f64 = 0.012;
/// Largest part of its ATP that a neuron uses in a window.
const MOST_USED: f64 = 0.001;

fn main() -> Result<(), Box<dyn Error>> {
    let cells = std::env::args().nth(1).map_or(Ok(CELLS), |text| text.parse())?;
    let neurons: Vec<NeuronSite> = (0..cells).map(|id| NeuronSite { id, layer: None }).collect();
    let flow = StateKey::Name("notBigg_FinDyn_W2017".to_owned());
    let settings = Settings { parameters: vec![(flow, RESTING_FLOW)], ..Settings::default() };
    let before = resident_kib()?;
    let mut simulator = MetabolismSimulator::new(&neurons, &settings, NDTS, BASE_DT_MS)?;
    let (get, set) = (Query::new("get_vm_idx").with("idx", "ATP_n"), Query::new("set_vm_idxs").with("idxs", "ATP_n"));
    let mut atp = Vec::new();
    let start = Instant::now();
    for window in 1..=WINDOWS {
        simulator.get_var(&get, &mut atp)?;
        for (cell, atp) in atp.iter_mut().enumerate() {
            // Another neuron is the most active one in each window.
            let activity = (cell as u64 + 7 * window) % 100;
            *atp *= 1.0 - MOST_USED * activity as f64 / 100.0;
        }
        simulator.set_var(&set, &atp)?;
        simulator.advance(NDTS * window)?;
        if [1, 10, WINDOWS / 2, WINDOWS].contains(&window) {
            println!(
                "{:4} ms: {:6.1} s, {:.1} KiB a cell",
                10 * window,
                start.elapsed().as_secs_f64(),
                (resident_kib()? - before) / cells as f64
            );
        }
    }
    let per_cell_us = 1e6 * start.elapsed().as_secs_f64() / (cells * WINDOWS) as f64;
    println!(
        "{per_cell_us:.1} us a cell and window on {} threads, {:?}",
        rayon::current_num_threads(),
        simulator.work()
    );
    Ok(())
}

/// Memory of this process that is in use.
fn resident_kib() -> Result<f64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
