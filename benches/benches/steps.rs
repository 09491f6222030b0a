//! Reaction-diffusion: 100 ms of potassium on about ten thousand tetrahedra; box meshes of, and segments in, a hundred thousand.
//! The `speed` example of msr-steps has more cases, and `compare/steps.py` runs them beside other programs.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use msr_coupling::random::Stream;
use msr_coupling::{Query, Simulator};
use msr_steps::{Intersector, Model, Settings, Solver, Species, StepsSimulator, TetMesh};

/// A box of (100 um)^3 filled to 3 mM in one half.
fn half_filled(solver: Solver) -> StepsSimulator {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [100.0; 3], 11.2, "extra").expect("a box"));
    let potassium = Species::new("KK").with_concentration_mm(3.0).with_diffusion_m2_s(2e-9).with_charge_number(1);
    let model = Model::new("extra", vec![potassium], Vec::new()).expect("a model");
    let settings = Settings { solver, ..Settings::default() };
    let mut steps = StepsSimulator::new(mesh.clone(), &model, settings, 1, 1000, 0.025).expect("a simulator");
    let front: Vec<f64> = mesh.barycentres_um().iter().map(|x| if x[0] < 50.0 { 3e-3 } else { 0.0 }).collect();
    steps.set_var(&Query::new("set_tet_concs").with("species_name", "KK"), &front).expect("concentrations");
    steps
}

fn diffusion(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("diffusion_100_ms_10k_tetrahedra");
    group.sample_size(10);
    for (name, solver) in [
        ("deterministic", Solver::Deterministic),
        ("tau_leaping_real_counts", Solver::TauLeaping),
        ("operator_splitting_real_counts", Solver::OperatorSplitting),
    ] {
        let mut steps = half_filled(solver);
        let start = steps.snapshot().expect("a snapshot");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                steps.restore(&start).expect("its own snapshot");
                steps.advance(4000).expect("100 ms");
            });
        });
    }
}

fn meshing(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("box_mesh");
    group.sample_size(10);
    group.bench_function("100k_tetrahedra", |bencher| {
        bencher.iter(|| black_box(TetMesh::box_lattice([0.0; 3], [100.0; 3], 5.0, "extra")))
    });
}

fn intersections(criterion: &mut Criterion) {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [100.0; 3], 5.0, "extra").expect("a box"));
    let intersector = Intersector::new(mesh.clone());
    let mut group = criterion.benchmark_group("intersections_100k_tetrahedra");
    group.sample_size(10);
    for (name, length_um) in [("10k_segments_1_um", 1.0), ("10k_segments_10_um", 10.0)] {
        let segments: Vec<[[f64; 3]; 2]> = (0..10_000)
            .map(|segment| {
                let mut stream = Stream::new(1, segment, 0);
                let start: [f64; 3] = std::array::from_fn(|_| 10.0 + 80.0 * stream.uniform());
                let direction: [f64; 3] = std::array::from_fn(|_| stream.normal());
                let scale = length_um / direction.iter().map(|x| x * x).sum::<f64>().sqrt();
                [start, std::array::from_fn(|axis| start[axis] + scale * direction[axis])]
            })
            .collect();
        group.bench_function(name, |bencher| bencher.iter(|| black_box(intersector.intersect_all(&segments))));
    }
    group.bench_function("build", |bencher| bencher.iter(|| black_box(Intersector::new(mesh.clone()))));
}

criterion_group!(benches, diffusion, meshing, intersections);
criterion_main!(benches);
