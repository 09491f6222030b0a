//! Diffusion against the exact chain on the mesh, the splitting scheme's own moments, and the continuum.

use crate::reference::{directory, json, numbers, point};
use msr_coupling::random::Stream;
use msr_steps::TetMesh;
use msr_steps::diffusion::{ChebyshevPropagator, JumpNetwork, JumpOperator, Kinetics, Molecules, OperatorSplitting};
use msr_steps::{Constants, Model, Species};
use rayon::prelude::*;

/// um2 in a m2.
const M2: f64 = 1e12;

fn operator(mesh: &TetMesh) -> JumpOperator {
    JumpOperator::new(mesh, vec![true; mesh.len()])
}

/// Diffusion of one species without reactions.
fn splitting(mesh: &TetMesh, diffusion_um2_s: f64) -> OperatorSplitting {
    let model = Model::new("extra", vec![Species::new("K")], Vec::new()).unwrap();
    let network = JumpNetwork::uniform(operator(mesh), vec![diffusion_um2_s]);
    OperatorSplitting::new(network, vec![Kinetics::new(&model, &Constants::default())])
}

#[test]
fn deterministic_solver_follows_the_exact_chain() {
    let Some(golden) = json("diffusion_fv.json") else { return };
    for (name, case) in golden["cases"].as_object().unwrap() {
        let mesh = TetMesh::read_gmsh(&directory().unwrap().join(case["mesh"].as_str().unwrap()), 1e-6).unwrap();
        let start = numbers(&case["n0"]);
        let diffusion_um2_s = case["D_m2_s"].as_f64().unwrap() * M2;
        let operator = operator(&mesh);
        let fastest = operator.largest_rate_per_um2() * diffusion_um2_s;
        assert!((fastest / case["rate_sum_max"].as_f64().unwrap() - 1.0).abs() < 1e-9);
        let mut propagator = ChebyshevPropagator::new(&operator, 1e-10);
        for exact in case["exact"].as_array().unwrap() {
            let mut densities: Vec<f64> = start.iter().zip(mesh.volumes_um3()).map(|(n, v)| n / v).collect();
            propagator.advance(&mut densities, diffusion_um2_s, exact["t"].as_f64().unwrap());
            let mean = numbers(&exact["mean"]);
            let largest = mean.iter().copied().fold(0.0, f64::max);
            for ((density, volume), mean) in densities.iter().zip(mesh.volumes_um3()).zip(&mean) {
                // Nine digits are given: up to 5e-9 of a value.
                assert!(
                    (density * volume - mean).abs() <= 5.1e-9 * mean + 1e-10 * largest,
                    "{name}: {} {mean}",
                    density * volume
                );
            }
            let total: f64 = densities.iter().zip(mesh.volumes_um3()).map(|(c, v)| c * v).sum();
            let before: f64 = start.iter().sum();
            assert!((total / before - 1.0).abs() < 1e-12, "{name}: {total} {before}");
        }
    }
}

#[test]
fn splitting_has_the_moments_of_its_scheme() {
    const RUNS: u64 = 64;
    let Some(golden) = json("diffusion_fv.json") else { return };
    for (name, case) in golden["cases"].as_object().unwrap() {
        let mesh = TetMesh::read_gmsh(&directory().unwrap().join(case["mesh"].as_str().unwrap()), 1e-6).unwrap();
        let start: Vec<u64> = numbers(&case["n0"]).into_iter().map(|n| n as u64).collect();
        let splitting = splitting(&mesh, case["D_m2_s"].as_f64().unwrap() * M2);
        assert!((splitting.step_s() / case["dt_split_s"].as_f64().unwrap() - 1.0).abs() < 1e-9);
        for scheme in case["operator_split"].as_array().unwrap() {
            let dt_s = scheme["t"].as_f64().unwrap();
            let [mut sum, mut squares] = [vec![0.0; mesh.len()], vec![0.0; mesh.len()]];
            let [mean, variance] = [numbers(&scheme["mean"]), numbers(&scheme["var"])];
            let all: Vec<Vec<u64>> = (0..RUNS)
                .into_par_iter()
                .map_init(
                    || splitting.clone(),
                    |splitting, seed| {
                        let mut counts = start.clone();
                        let mut steps = 0;
                        splitting.advance(&mut counts, dt_s, seed, &mut steps).unwrap();
                        assert_eq!(steps, scheme["full_steps"].as_u64().unwrap() + 1);
                        counts
                    },
                )
                .collect();
            for counts in all {
                assert_eq!(counts.iter().sum::<u64>(), case["N"].as_u64().unwrap());
                for (tet, &count) in counts.iter().enumerate() {
                    sum[tet] += count as f64;
                    squares[tet] += (count as f64 - mean[tet]).powi(2);
                }
            }
            let runs = RUNS as f64;
            // Where fewer are expected, the normal distribution does not hold.
            let tets: Vec<usize> = (0..mesh.len()).filter(|&tet| variance[tet] * runs > 5.0).collect();
            let z: Vec<f64> =
                tets.iter().map(|&tet| (sum[tet] / runs - mean[tet]) / (variance[tet] / runs).sqrt()).collect();
            let rms = (z.iter().map(|z| z * z).sum::<f64>() / z.len() as f64).sqrt();
            let largest = z.iter().fold(0.0f64, |largest, z| largest.max(z.abs()));
            println!("{name} t = {dt_s}: rms z {rms:.3}, largest {largest:.2} of {}", z.len());
            assert!((rms - 1.0).abs() < 4.0 / (2.0 * z.len() as f64).sqrt(), "{name} {dt_s}: rms z {rms}");
            // One of three thousand normal variates is beyond 4.5 in two of a hundred cases.
            assert!(largest < 4.5, "{name} {dt_s}: {largest}");
            let ratios: Vec<f64> = tets
                .iter()
                .filter(|&&tet| variance[tet] > 1.0)
                .map(|&tet| squares[tet] / runs / variance[tet])
                .collect();
            let ratio = ratios.iter().sum::<f64>() / ratios.len() as f64;
            println!("{name} t = {dt_s}: variance ratio {ratio:.4} over {}", ratios.len());
            let error = (3.0 / (runs * ratios.len() as f64)).sqrt();
            assert!((ratio - 1.0).abs() < 4.0 * error, "{name} {dt_s}: variance ratio {ratio} +- {error}");
        }
    }
}

#[test]
fn splitting_at_real_counts_follows_the_mean() {
    // 3 mM in the left half: 10^6 ions in a tetrahedron, as the users' models have.
    let mesh = TetMesh::box_lattice([0.0; 3], [4.0, 2.0, 2.0], 0.5, "extra").unwrap();
    let density = 3e-3 * Constants::default().molecules_per_um3_at_1_molar();
    let start: Vec<u64> =
        (0..mesh.len())
            .map(|tet| {
                if mesh.barycentres_um()[tet][0] < 2.0 { (density * mesh.volumes_um3()[tet]).round() as u64 } else { 0 }
            })
            .collect();
    let mut counts = start.clone();
    let mut splitting = splitting(&mesh, 2000.0);
    let dt_s = 40.0 * splitting.step_s();
    splitting.advance(&mut counts, dt_s, 1, &mut 0).unwrap();
    assert_eq!(counts.iter().sum::<u64>(), start.iter().sum::<u64>());

    let operator = operator(&mesh);
    let mut mean: Vec<f64> = start.iter().map(|&n| n as f64).collect();
    for _ in 0..40 {
        let before = mean.clone();
        for tet in 0..mesh.len() {
            for face in 0..4 {
                let other = operator.neighbours()[tet][face] as usize;
                let moved = before[tet] * operator.rates_per_um2()[tet][face] * 2000.0 * splitting.step_s();
                mean[tet] -= moved;
                mean[other] += moved;
            }
        }
    }
    // A count is the sum of independent molecules: its variance is at most its mean.
    let worst =
        (0..mesh.len()).map(|tet| (counts[tet] as f64 - mean[tet]).abs() / mean[tet].sqrt()).fold(0.0, f64::max);
    assert!(worst < 4.5, "{worst} standard deviations");
}

/// Series solution of the slab: `0 <= x < a` filled to 1, box of length L.
fn slab(x: f64, a: f64, length: f64, dt: f64) -> f64 {
    use std::f64::consts::PI;
    let series = (1..400).map(|n| {
        let k = f64::from(n) * PI / length;
        2.0 / (f64::from(n) * PI) * (k * a).sin() * (k * x).cos() * (-dt * k * k).exp()
    });
    a / length + series.sum::<f64>()
}

#[test]
fn slab_converges_to_the_continuum() {
    let [length, half, diffusion] = [20.0, 10.0, 2000.0];
    if let Some(golden) = json("continuum.json") {
        let golden = &golden["slab"];
        for (t, row) in numbers(&golden["times_s"]).into_iter().zip(golden["c_over_c0"].as_array().unwrap()) {
            for (x, expected) in numbers(&golden["x_m"]).into_iter().zip(numbers(row)) {
                assert!((slab(x * 1e6, half, length, diffusion * t) - expected).abs() < 1e-9);
            }
        }
    }
    for t in [1e-3, 5e-3, 2e-2] {
        let errors = [2.0, 1.0, 0.5].map(|edge_um| {
            let mesh = TetMesh::box_lattice([0.0; 3], [length, 4.0, 4.0], edge_um, "extra").unwrap();
            // Tetrahedra astride the middle are half full.
            let mut c: Vec<f64> = mesh
                .barycentres_um()
                .iter()
                .map(|x| if (x[0] - half).abs() < 1e-9 { 0.5 } else { f64::from(u8::from(x[0] < half)) })
                .collect();
            ChebyshevPropagator::new(&operator(&mesh), 1e-10).advance(&mut c, diffusion, t);
            let squares = c.iter().zip(mesh.barycentres_um()).zip(mesh.volumes_um3());
            let sum: f64 = squares.map(|((c, x), v)| v * (c - slab(x[0], half, length, diffusion * t)).powi(2)).sum();
            (sum / mesh.volume_um3()).sqrt()
        });
        println!("slab t = {t}: {errors:?}");
        assert!(errors[2] < 6e-3, "{t}: {errors:?}");
        // First order, from the layer at the surface; the interior alone would have second.
        assert!(errors[0] / errors[1] > 1.8 && errors[1] / errors[2] > 1.85, "{t}: {errors:?}");
    }
}

#[test]
fn point_source_converges_to_the_continuum() {
    let source = [9.0, 5.0, 5.5];
    let size = [20.0, 10.0, 10.0];
    let diffusion = 2000.0;
    let image_sum = |x: f64, x0: f64, length: f64, spread: f64| -> f64 {
        let g = |s: f64| (-s * s / (4.0 * spread)).exp() / (4.0 * std::f64::consts::PI * spread).sqrt();
        (-6..=6).map(|k| g(x - x0 - 2.0 * f64::from(k) * length) + g(x + x0 - 2.0 * f64::from(k) * length)).sum()
    };
    let density = |x: [f64; 3], t: f64| {
        (0..3).map(|axis| image_sum(x[axis], source[axis], size[axis], diffusion * t)).product::<f64>()
    };
    if let Some(golden) = json("continuum.json") {
        let golden = &golden["point_source"];
        for (t, row) in numbers(&golden["times_s"]).into_iter().zip(golden["density_per_m3"].as_array().unwrap()) {
            for (x, expected) in golden["points_m"].as_array().unwrap().iter().zip(numbers(row)) {
                let found = density(point(x).map(|x| x * 1e6), t) * 1e18;
                assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
            }
        }
    }
    for t in [1e-3, 5e-3] {
        let errors = [2.0, 1.0, 0.5].map(|edge_um| {
            let mesh = std::sync::Arc::new(TetMesh::box_lattice([0.0; 3], size, edge_um, "extra").unwrap());
            let tets = msr_steps::Intersector::new(mesh.clone()).containing(source);
            let mut c = vec![0.0; mesh.len()];
            for &tet in &tets {
                c[tet as usize] = 1.0 / (tets.len() as f64 * mesh.volumes_um3()[tet as usize]);
            }
            ChebyshevPropagator::new(&operator(&mesh), 1e-10).advance(&mut c, diffusion, t);
            assert!(c.iter().all(|&c| c >= 0.0));
            let difference: f64 = c
                .iter()
                .zip(mesh.barycentres_um())
                .zip(mesh.volumes_um3())
                .map(|((c, &x), v)| v * (c - density(x, t)).abs())
                .sum();
            difference
        });
        println!("point source t = {t}: {errors:?}");
        // The difference as a part of all molecules.
        assert!(errors[2] < 0.01 && errors[0] / errors[2] > 3.8, "{t}: {errors:?}");
    }
}

#[test]
fn threads_and_compartments_change_nothing_they_should_not() {
    let mesh = TetMesh::box_lattice([0.0; 3], [8.0; 3], 0.8, "extra").unwrap();
    assert!(mesh.len() > 8192, "the mesh must be large enough for several tasks");
    let mut stream = Stream::new(3, 0, 0);
    let start: Vec<f64> = (0..mesh.len()).map(|_| stream.uniform()).collect();
    let counts: Vec<u64> = start.iter().map(|c| (c * 1e4) as u64).collect();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut c = start.clone();
            ChebyshevPropagator::new(&operator(&mesh), 1e-10).advance(&mut c, 2000.0, 1e-3);
            let mut n = counts.clone();
            splitting(&mesh, 2000.0).advance(&mut n, 1e-4, 9, &mut 0).unwrap();
            (c.iter().map(|c| c.to_bits()).collect::<Vec<_>>(), n)
        })
    };
    assert_eq!(run(1), run(2));

    // A wall at x = 4: what is left of it stays there.
    let left: Vec<bool> = mesh.barycentres_um().iter().map(|x| x[0] < 4.0).collect();
    let walled = JumpOperator::new(&mesh, left.clone());
    let mut c: Vec<f64> = left.iter().map(|&left| f64::from(u8::from(left))).collect();
    c[0] += 5.0;
    let amount = |c: &[f64]| c.iter().zip(mesh.volumes_um3()).map(|(c, v)| c * v).sum::<f64>();
    let before = amount(&c);
    ChebyshevPropagator::new(&walled, 1e-10).advance(&mut c, 2000.0, 0.1);
    assert!((amount(&c) / before - 1.0).abs() < 1e-12);
    assert!(c.iter().zip(&left).all(|(&c, &left)| left || c == 0.0));
}

#[test]
fn uniform_concentrations_stay_to_the_last_bit() {
    let mesh = TetMesh::box_lattice([0.0; 3], [3.0; 3], 0.7, "extra").unwrap();
    let mut c = vec![0.1; mesh.len()];
    assert_eq!(ChebyshevPropagator::new(&operator(&mesh), 1e-10).advance(&mut c, 2000.0, 10.0), 0);
    assert!(c.iter().all(|&c| c == 0.1));
}

#[test]
fn very_long_steps_reach_the_mean() {
    let mesh = TetMesh::box_lattice([0.0; 3], [3.0; 3], 0.5, "extra").unwrap();
    let mut c = vec![0.0; mesh.len()];
    c[7] = 1.0 / mesh.volumes_um3()[7];
    let mean = 1.0 / mesh.volume_um3();
    ChebyshevPropagator::new(&operator(&mesh), 1e-10).advance(&mut c, 2000.0, 10.0);
    for c in c {
        assert!((c / mean - 1.0).abs() < 1e-6, "{c} {mean}");
    }
}
