//! A sync of 100 000 segments to 10 000 neurons through a mapping and an expression, beside the bare sparse product.

#[path = "../../msr-coupling/tests/plain/mod.rs"]
mod plain;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use msr_config::TimeGrid;
use msr_config::multiscale::{Action, Connection};
use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::Orchestrator;
use msr_coupling::space::{NEURONS, SEGMENTS};
use msr_coupling::{Composition, Plan, Simulator};
use sprs::prod::mul_acc_mat_vec_csr;

use plain::{Plain, connection};

const SEGMENT_COUNT: usize = 100_000;
const NEURON_COUNT: usize = 10_000;

fn orchestrator(connection: Connection) -> Orchestrator {
    let simulators: Vec<Box<dyn Simulator>> =
        vec![Box::new(Plain::parts(SEGMENT_COUNT, NEURON_COUNT)), Box::new(Plain::cells(NEURON_COUNT))];
    let plan = Plan::new(simulators, &[], &Composition::of(&[connection])).expect("the connection can be made");
    let grid = TimeGrid { dt_ms: 0.025, steps: 1 << 40 };
    Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator))
}

fn benchmark(c: &mut Criterion) {
    let mut group = c.benchmark_group("coupling");
    group.throughput(Throughput::Elements(SEGMENT_COUNT as u64));

    let level = || connection("level", "set_level", Action::Set, None);
    let matrix =
        orchestrator(level()).spaces().mapping(SEGMENTS, NEURONS).expect("it is there").transpose_view().to_csr();
    let values: Vec<f64> = (0..SEGMENT_COUNT).map(|i| (i as f64 * 0.37).sin()).collect();
    let mut result = vec![0.0; NEURON_COUNT];
    group.bench_function("bare product", |b| {
        b.iter(|| {
            result.fill(0.0);
            mul_acc_mat_vec_csr(matrix.view(), black_box(&values), &mut result);
        });
    });

    let expression = Some("np.maximum(vals, 0.1) * (1.0 / 1.0e-3) + 2.5");
    for (name, connection) in [
        ("level", level()),
        ("weighted mean and expression", connection("amount", "set_level", Action::Set, expression)),
        ("expression and level", connection("level", "set_level", Action::Set, Some("vals * 1e-8"))),
        ("sum of amounts and expression", connection("amount", "add_amount", Action::Sum, Some("vals * 1e-8"))),
    ] {
        let mut run = orchestrator(connection);
        group.bench_function(format!("sync: {name}"), |b| {
            b.iter(|| run.run_until(run.idts() + 1, &mut ()).expect("it is made"));
        });
    }
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
