//! Metabolism: 64 cells over one window of 10 ms, at rest and after coupling changed their ATP.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use msr_config::multiscale::StateKey;
use msr_coupling::{Query, Simulator, Snapshot};
use msr_metabolism::{MetabolismSimulator, NeuronSite, Settings};

const CELLS: u64 = 64;
/// 10 ms.
const NDTS: u64 = 400;
const BASE_DT_MS: f64 = 0.025;
/// Blood flow at which the initial state is at rest, 1/s.
const RESTING_FLOW: f64 = 0.012;

fn simulator() -> MetabolismSimulator {
    let neurons: Vec<NeuronSite> = (0..CELLS).map(|id| NeuronSite { id, layer: Some(1 + (id % 6) as u32) }).collect();
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
    for (cell, atp) in atp.iter_mut().enumerate() {
        *atp *= 1.0 - 0.01 * cell as f64 / CELLS as f64;
    }
    simulator.set_var(&Query::new("set_vm_idxs").with("idxs", "ATP_n"), &atp).expect("ATP_n is a state");
}

fn window(simulator: &mut MetabolismSimulator, start: &Snapshot) {
    simulator.restore(start).expect("it is this simulator's own");
    let until = simulator.idts() + NDTS;
    simulator.advance(until).expect("cells do not fail");
    black_box(simulator.idts());
}

fn metabolism(criterion: &mut Criterion) {
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread");
    let mut group = criterion.benchmark_group("metabolism, 64 cells, 10 ms, one thread");
    let mut simulator = simulator();
    let rest = simulator.snapshot().expect("it can be encoded");
    lower_atp(&mut simulator);
    let active = simulator.snapshot().expect("it can be encoded");
    group.bench_function("at rest", |bencher| bencher.iter(|| one_thread.install(|| window(&mut simulator, &rest))));
    group.bench_function("active", |bencher| bencher.iter(|| one_thread.install(|| window(&mut simulator, &active))));
    group.finish();
}

criterion_group!(benches, metabolism);
criterion_main!(benches);
