//! Times blood flow on CSV files: reading, first solution, solutions with new radii; the last two by the clock and by the
//! processor (Linux; elsewhere by the clock alone). Prints one line of JSON, and writes the flows at rest where a third path is
//! given. `benches/compare/bloodflow.py` runs it beside other programs.
//!
//! `bloodflow_timing NODES SEGMENTS ENTRIES REPEATS [FLOWS]`, with the number of entries and of solutions with new radii.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use msr_bloodflow::{Axis, Boundary, EntryRule, FlowSolver, Settings, Vasculature};

/// Radii of all vessels are multiplied by one of these in turn.
const DILATIONS: [f64; 2] = [1.1, 1.05];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [nodes, segments, entries, repeats, flows @ ..] = arguments.as_slice() else {
        return Err("arguments: NODES SEGMENTS ENTRIES REPEATS [FLOWS]".into());
    };
    let begin = Instant::now();
    let v = Vasculature::from_csv(nodes.as_ref(), segments.as_ref())?;
    let read_s = begin.elapsed().as_secs_f64();

    let entry = EntryRule { count: entries.parse()?, depth_ratio: 0.05, axis: Axis::Y };
    let settings = Settings::new(1.2e-6, entry, 35_000.0);
    let entries = settings.entry.select(&v)?;
    let inflows = settings.inflow.flows_um3_per_s(&v, &entries, settings.input_v);
    let boundary = Boundary::flows_by_area(&v, &entries, &inflows)?;

    let (begin, busy) = (Instant::now(), busy_s());
    let mut solver = FlowSolver::new(&v, []);
    let mut conductances = vec![0.0; v.segment_count()];
    settings.write_conductances(&v, v.rest_radii_um(), &mut conductances)?;
    let mut flow = solver.solve(&v, &conductances, &boundary, 0.0)?;
    let (first_s, first_busy_s) = (begin.elapsed().as_secs_f64(), busy_s() - busy);

    let repeats: usize = repeats.parse()?;
    let rest = flow.clone();
    let mut again_s = Vec::new();
    let mut again_busy_s = 0.0;
    for repeat in 0..repeats {
        let dilation: f64 = DILATIONS[repeat % DILATIONS.len()];
        let radii: Vec<f64> = v.rest_radii_um().iter().map(|radius| dilation * radius).collect();
        let (begin, busy) = (Instant::now(), busy_s());
        settings.write_conductances(&v, &radii, &mut conductances)?;
        solver.solve_into(&v, &conductances, &boundary, 0.0, &mut flow)?;
        again_s.push(begin.elapsed().as_secs_f64());
        again_busy_s += (busy_s() - busy) / repeats as f64;
    }
    again_s.sort_by(f64::total_cmp);
    let again_s = again_s.get(again_s.len() / 2).copied().unwrap_or(f64::NAN);
    println!(
        "{{\"nodes\": {}, \"segments\": {}, \"core\": {}, \"read_s\": {read_s}, \
         \"first_s\": {first_s}, \"again_s\": {again_s}, \"first_busy_s\": {first_busy_s}, \
         \"again_busy_s\": {again_busy_s}, \"refinements\": {}, \"residual\": {:e}, \"solver_bytes\": {}, \"peak_kib\": {}}}",
        v.node_count(),
        v.segment_count(),
        solver.core_unknowns(),
        solver.refinements(),
        rest.conservation(&v),
        solver.memory_bytes(),
        peak_kib().unwrap_or(0),
    );
    if let [path, ..] = flows {
        let text: String = rest.flows_um3_per_s.iter().map(|flow| format!("{flow:e}\n")).collect();
        std::fs::write(PathBuf::from(path), text)?;
    }
    Ok(())
}

/// Time that the processor was at this process's work, in s, all threads together; 0 where the system does not tell.
fn busy_s() -> f64 {
    let busy_ns = |thread: std::fs::DirEntry| {
        let told = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        told.split_whitespace().next()?.parse::<f64>().ok()
    };
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    threads.filter_map(busy_ns).sum::<f64>() * 1e-9
}

/// Largest resident memory of this process, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
