//! Deterministic reactions and the consistent flux against closed forms.

use std::sync::Arc;

use msr_coupling::random::Stream;
use msr_coupling::{Query, Simulator};
use msr_steps::diffusion::{ChebyshevPropagator, JumpOperator, MixedFlux};
use msr_steps::{Flux, Model, RateConstant, Reaction, Settings, Species, StepsSimulator, TetMesh};

fn query(function: &str, name: &str) -> Query {
    Query::new(function).with("species_name", name)
}

fn counts(simulator: &StepsSimulator, name: &str) -> Vec<f64> {
    let mut values = Vec::new();
    simulator.get_var(&query("get_tet_counts", name), &mut values).unwrap();
    values
}

fn millimolar(simulator: &StepsSimulator, name: &str) -> Vec<f64> {
    let mut values = Vec::new();
    simulator.get_var(&query("get_tet_concs", name), &mut values).unwrap();
    values.iter().map(|molar| 1e3 * molar).collect()
}

/// A box whose inner vertices are moved at random by up to `part` of an edge: faces are no longer orthogonal to the lines of
/// barycentres.
fn irregular_box(size_um: [f64; 3], edge_um: f64, part: f64) -> TetMesh {
    let lattice = TetMesh::box_lattice([0.0; 3], size_um, edge_um, "extra").unwrap();
    let moved = |(vertex, point): (usize, &[f64; 3])| {
        let mut stream = Stream::new(17, vertex as u32, 0);
        std::array::from_fn(|axis| {
            let shift = edge_um * part * (2.0 * stream.uniform() - 1.0);
            let on_surface = point[axis] == 0.0 || point[axis] == size_um[axis];
            if on_surface { point[axis] } else { point[axis] + shift }
        })
    };
    let vertices = lattice.vertices_um().iter().enumerate().map(moved).collect();
    TetMesh::new(vertices, lattice.tetrahedra().to_vec(), Vec::new()).unwrap()
}

/// `1 + cos(pi x / L)` decays with the rate `D pi^2 / L^2`.
fn wave(x: f64, length: f64, spread_um2: f64) -> f64 {
    let k = std::f64::consts::PI / length;
    1.0 + (k * x).cos() * (-k * k * spread_um2).exp()
}

#[test]
fn consistent_flux_converges_on_irregular_meshes() {
    let size = [8.0, 4.0, 4.0];
    let [diffusion, t] = [2000.0, 2e-3];
    let mut last = [f64::INFINITY; 2];
    for edge_um in [2.0, 1.0, 0.5] {
        let mesh = irregular_box(size, edge_um, 0.15);
        let operator = JumpOperator::new(&mesh, vec![true; mesh.len()]);
        let corners: Vec<_> = (0..mesh.len()).map(|tet| mesh.corners_um(tet)).collect();
        let start: Vec<f64> = mesh.barycentres_um().iter().map(|x| wave(x[0], size[0], 0.0)).collect();
        let error = |c: &[f64]| {
            let squares = c.iter().zip(mesh.barycentres_um()).zip(mesh.volumes_um3());
            let sum: f64 = squares.map(|((c, x), v)| v * (c - wave(x[0], size[0], diffusion * t)).powi(2)).sum();
            (sum / mesh.volume_um3()).sqrt()
        };
        let amount = |c: &[f64]| c.iter().zip(mesh.volumes_um3()).map(|(c, v)| c * v).sum::<f64>();
        let mut two_point = start.clone();
        ChebyshevPropagator::new(&operator, 1e-10).advance(&mut two_point, diffusion, t);
        let mut mixed = start.clone();
        let steps = MixedFlux::new(&operator, &corners, |_, _| 1.0, 1e-6).advance(&mut mixed, diffusion, t).unwrap();
        assert!((amount(&mixed) / amount(&start) - 1.0).abs() < 1e-12, "{}", amount(&mixed) / amount(&start) - 1.0);
        let errors = [error(&two_point), error(&mixed)];
        println!(
            "{} tetrahedra: two-point {:.2e}, consistent {:.2e} in {steps} steps",
            mesh.len(),
            errors[0],
            errors[1]
        );
        if edge_um < 2.0 {
            // Second order for one, an error that stays for the other.
            assert!(last[1] / errors[1] > 3.0, "{last:?} {errors:?}");
        }
        last = errors;
    }
    assert!(last[0] > 5.0 * last[1], "{last:?}");
}

#[test]
fn consistent_flux_keeps_what_is_uniform_and_reaches_the_mean() {
    let mesh = irregular_box([3.0; 3], 1.0, 0.15);
    let operator = JumpOperator::new(&mesh, vec![true; mesh.len()]);
    let corners: Vec<_> = (0..mesh.len()).map(|tet| mesh.corners_um(tet)).collect();
    let mut flux = MixedFlux::new(&operator, &corners, |_, _| 1.0, 1e-6);
    let mut c = vec![0.3; mesh.len()];
    assert_eq!(flux.advance(&mut c, 2000.0, 10.0).unwrap(), 0);
    assert!(c.iter().all(|&c| c == 0.3));
    c[5] += 1.0;
    let amount = |c: &[f64]| c.iter().zip(mesh.volumes_um3()).map(|(c, v)| c * v).sum::<f64>();
    let mean = amount(&c) / mesh.volume_um3();
    flux.advance(&mut c, 2000.0, 1.0).unwrap();
    assert!(c.iter().all(|c| (c / mean - 1.0).abs() < 1e-4), "{c:?} {mean}");
    assert!((amount(&c) / mesh.volume_um3() / mean - 1.0).abs() < 1e-12);
}

#[test]
fn decay_and_diffusion_multiply() {
    // dc/dt = D laplace c - k c: the solution without decay times exp(-k t).
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [10.0, 4.0, 4.0], 1.0, "extra").unwrap());
    let species = || vec![Species::new("A").with_diffusion_m2_s(1e-9)];
    let decay = vec![Reaction::irreversible("A -> 0", RateConstant::per_s(40.0)).unwrap()];
    let start: Vec<f64> = mesh.barycentres_um().iter().map(|x| 1e-3 * wave(x[0], 10.0, 0.0)).collect();
    for flux in [Flux::TwoPoint, Flux::Consistent] {
        let [plain, decaying] = [vec![], decay.clone()].map(|reactions| {
            let model = Model::new("extra", species(), reactions).unwrap();
            let settings = Settings { flux, ..Settings::default() };
            let mut simulator = StepsSimulator::new(mesh.clone(), &model, settings, 1, 100, 0.1).unwrap();
            simulator.set_var(&query("set_tet_concs", "A"), &start).unwrap();
            simulator.advance(300).unwrap();
            millimolar(&simulator, "A")
        });
        for (plain, decaying) in plain.iter().zip(&decaying) {
            let expected = plain * f64::exp(-40.0 * 30e-3);
            assert!((decaying / expected - 1.0).abs() < 2e-4, "{flux:?}: {decaying} {expected}");
        }
    }
}

fn uniform(species: Vec<Species>, reactions: Vec<Reaction>, tolerance: f64) -> StepsSimulator {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [2.0; 3], 1.0, "extra").unwrap());
    let settings = Settings { reaction_tolerance: tolerance, ..Settings::default() };
    StepsSimulator::new(mesh, &Model::new("extra", species, reactions).unwrap(), settings, 1, 10, 0.1).unwrap()
}

#[test]
fn bimolecular_kinetics_follow_the_closed_form() {
    // A + B -> C with A0 = 2 mM, B0 = 1 mM: B = B0 (A0 - B0) / (A0 e^(k (A0 - B0) t) - B0).
    let rate = 5e4;
    for (tolerance, allowed) in [(1e-3, 1e-3), (1e-6, 1e-6)] {
        let species = vec![
            Species::new("A").with_concentration_mm(2.0).with_diffusion_m2_s(1e-9),
            Species::new("B").with_concentration_mm(1.0).with_diffusion_m2_s(1e-10),
            Species::new("C"),
        ];
        let reactions = vec![Reaction::irreversible("A + B -> C", RateConstant::per_molar_s(rate)).unwrap()];
        let mut simulator = uniform(species, reactions, tolerance);
        for (step, t) in [(100, 0.01), (500, 0.05)] {
            simulator.advance(step).unwrap();
            let [a0, b0] = [2e-3, 1e-3];
            let b = b0 * (a0 - b0) / (a0 * f64::exp(rate * (a0 - b0) * t) - b0);
            for (name, expected) in [("A", a0 - b0 + b), ("B", b), ("C", b0 - b)] {
                for found in millimolar(&simulator, name) {
                    assert!((1e-3 * found - expected).abs() < allowed * b0, "{name} at {t}: {found} {expected}");
                }
            }
        }
    }
}

#[test]
fn stiff_equilibria_are_reached_and_mass_is_conserved() {
    // Equilibrium within a microsecond, over a second: an explicit method would need a million steps.
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [4.0, 2.0, 2.0], 1.0, "extra").unwrap());
    let [on, off] = [1e10, 1e6];
    let model = Model::builder("extra")
        .species(Species::new("A").with_diffusion_m2_s(1e-9))
        .species(Species::new("B").with_diffusion_m2_s(5e-10).with_concentration_mm(0.1))
        .species(Species::new("C").with_diffusion_m2_s(1e-10))
        .reactions(
            Reaction::reversible("A + B <-> C", RateConstant::per_molar_s(on), RateConstant::per_s(off)).unwrap(),
        )
        .build()
        .unwrap();
    let settings = Settings { reaction_tolerance: 1e-4, ..Settings::default() };
    let mut simulator = StepsSimulator::new(mesh.clone(), &model, settings, 1, 1000, 0.1).unwrap();
    let left: Vec<f64> = mesh.barycentres_um().iter().map(|x| if x[0] < 2.0 { 2e-4 } else { 0.0 }).collect();
    simulator.set_var(&query("set_tet_concs", "A"), &left).unwrap();
    let total = |simulator: &StepsSimulator, names: [&str; 2]| {
        names.iter().flat_map(|name| counts(simulator, name)).sum::<f64>()
    };
    let before = [["A", "C"], ["B", "C"]].map(|names| total(&simulator, names));
    let a0 = 1e-3 * millimolar(&simulator, "A").iter().zip(mesh.volumes_um3()).map(|(c, v)| c * v).sum::<f64>()
        / mesh.volume_um3();
    simulator.advance(10_000).unwrap();
    for (names, before) in [["A", "C"], ["B", "C"]].into_iter().zip(before) {
        assert!((total(&simulator, names) / before - 1.0).abs() < 1e-12, "{names:?}");
    }
    // c (K + a0 + b0 - c) = a0 b0, the smaller root; detailed balance in every tetrahedron.
    let [b0, k] = [1e-4, off / on];
    let sum = a0 + b0 + k;
    let c = 0.5 * (sum - (sum * sum - 4.0 * a0 * b0).sqrt());
    let [a, b, found] = ["A", "B", "C"].map(|name| millimolar(&simulator, name));
    for tet in 0..mesh.len() {
        assert!((1e-3 * found[tet] / c - 1.0).abs() < 1e-3, "{} {c}", found[tet]);
        assert!((1e-3 * a[tet] * b[tet] / found[tet] / k - 1.0).abs() < 1e-6);
    }
}

#[test]
fn splitting_of_reaction_and_diffusion_is_of_second_order() {
    // Without a closed form: against a run a thousand times as exact. The tolerance is of a step; errors follow it.
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [6.0, 2.0, 2.0], 1.0, "extra").unwrap());
    let run = |reaction_tolerance: f64| {
        let model = Model::builder("extra")
            .species(Species::new("A").with_diffusion_m2_s(1e-9))
            .species(Species::new("B").with_diffusion_m2_s(2e-10).with_concentration_mm(0.5))
            .reaction(Reaction::irreversible("A + B -> 2 A", RateConstant::per_molar_s(1e6)).unwrap())
            .build()
            .unwrap();
        let settings = Settings { reaction_tolerance, ..Settings::default() };
        let mut simulator = StepsSimulator::new(mesh.clone(), &model, settings, 1, 100, 0.1).unwrap();
        let seed: Vec<f64> = mesh.barycentres_um().iter().map(|x| if x[0] < 1.0 { 1e-4 } else { 0.0 }).collect();
        simulator.set_var(&query("set_tet_concs", "A"), &seed).unwrap();
        simulator.advance(100).unwrap();
        millimolar(&simulator, "A")
    };
    let exact = run(1e-8);
    let errors = [1e-3, 1e-5].map(|tolerance| {
        run(tolerance).iter().zip(&exact).map(|(found, exact)| (found - exact).abs()).fold(0.0, f64::max)
    });
    println!("{errors:?} mM");
    assert!(errors[0] < 2e-2 && errors[1] < 1e-3 && errors[0] > 8.0 * errors[1], "{errors:?}");
}
