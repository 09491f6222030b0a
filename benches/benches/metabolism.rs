//! Metabolism: time per cell for one window of 10 ms, at rest and after coupling changed ATP; cells and threads vary.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use msr_config::multiscale::StateKey;
use msr_coupling::{Query, Simulator, Snapshot};
use msr_metabolism::{MetabolismSimulator, NeuronSite, Settings};

const CELLS: [u64; 2] = [64, 1024];
const THREADS: [usize; 2] = [1, 2];
/// 10 ms.
const NDTS: u64 = 400;
const BASE_DT_MS: f64 = 0.025;
/// Blood flow at which the initial state is at rest, 1/s.
const RESTING_FLOW: f64 = 0.012;

fn simulator(cells: u64) -> MetabolismSimulator {
    let neurons: Vec<NeuronSite> = (0..cells).map(|id| NeuronSite { id, layer: Some(1 + (id % 6) as u32) }).collect();
    let flow = StateKey::Name("notBigg_FinDyn_W2017".to_owned());
    let settings = Settings { parameters: vec![(flow, RESTING_FLOW)], ..Settings::default() };
    let mut simulator =
        MetabolismSimulator::new(&neurons, &settings, NDTS, BASE_DT_MS).expect("the settings are valid");
    // Past the first transient.
    simulator.advance(100 * NDTS).expect("cells at rest do not fail");
    simulator
}

/// ATP of each cell lowered by up to 1 %, as a window of activity does.
fn lower_atp(simulator: &mut MetabolismSimulator) {
    let mut atp = Vec::new();
    simulator.get_var(&Query::new("get_vm_idx").with("idx", "ATP_n"), &mut atp).expect("ATP_n is a state");
    let cells = atp.len() as f64;
    for (cell, atp) in atp.iter_mut().enumerate() {
        *atp *= 1.0 - 0.01 * cell as f64 / cells;
    }
    simulator.set_var(&Query::new("set_vm_idxs").with("idxs", "ATP_n"), &atp).expect("ATP_n is a state");
}

/// Time of windows that start from the same state.
fn windows(simulator: &mut MetabolismSimulator, start: &Snapshot, count: u64) -> Duration {
    let mut time = Duration::ZERO;
    for _ in 0..count {
        simulator.restore(start).expect("it is this simulator's own");
        let until = simulator.idts() + NDTS;
        let begin = Instant::now();
        simulator.advance(until).expect("cells do not fail");
        time += begin.elapsed();
        black_box(simulator.idts());
    }
    time
}

fn metabolism(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("metabolism, one cell, 10 ms");
    for threads in THREADS {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        for cells in CELLS {
            // How cells are shared out follows from the threads at hand when it is made.
            let mut simulator = pool.install(|| simulator(cells));
            let rest = simulator.snapshot().expect("it can be encoded");
            lower_atp(&mut simulator);
            let active = simulator.snapshot().expect("it can be encoded");
            for (name, start) in [("at rest", &rest), ("active", &active)] {
                let id = BenchmarkId::new(name, format!("{cells} cells, {threads} threads"));
                group.bench_function(id, |bencher| {
                    bencher.iter_custom(|count| pool.install(|| windows(&mut simulator, start, count)) / cells as u32);
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, metabolism);
criterion_main!(benches);
