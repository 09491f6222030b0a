//! The simulator: its promises, time, seeds, snapshots, compartments.

use std::sync::Arc;

use crate::fixtures::{SOLVERS, get, mesh, model, query, settings, simulator, species};
use msr_coupling::{Simulator, SimulatorError};
use msr_steps::{Constants, Flux, Model, Reaction, Settings, Solver, StepsSimulator, TetMesh};

#[test]
fn keeps_the_promises_of_a_simulator() {
    for solver in SOLVERS {
        let build = || -> Box<dyn Simulator> {
            let mut simulator = simulator(solver);
            let mut concentrations = get(&simulator, "get_tet_concs", "KK");
            concentrations[3] *= 40.0;
            simulator.set_var(&query("set_tet_concs", "KK"), &concentrations).unwrap();
            Box::new(simulator)
        };
        msr_coupling::conformance::check(&build).unwrap_or_else(|violations| panic!("{solver:?}: {violations}"));
    }
}

#[test]
fn the_last_window_may_be_shorter() {
    for solver in SOLVERS {
        let mut simulator = simulator(solver);
        let total = get(&simulator, "get_tet_counts", "KK").iter().sum::<f64>();
        simulator.advance(250).unwrap();
        assert_eq!(simulator.idts(), 250);
        assert!((get(&simulator, "get_tet_counts", "KK").iter().sum::<f64>() / total - 1.0).abs() < 1e-12);
        let mut currents = vec![0.0; simulator.mesh().len()];
        // A current flows for as long as the last window was: 50 base steps, 1.25 ms.
        currents[0] = 1e4 * Constants::SI_2019.elementary_charge_c / 1.25e-3 * 1e3;
        simulator.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap();
        let added = get(&simulator, "get_tet_counts", "KK").iter().sum::<f64>() - total;
        assert!((added - 1e4).abs() < 1.5, "{added}");
        assert!(matches!(simulator.advance(100), Err(SimulatorError::Backwards { idts: 250, until: 100, .. })));
    }
}

#[test]
fn a_model_lives_in_its_compartment() {
    let whole = mesh();
    let [left, right]: [Vec<u32>; 2] =
        (0..whole.len() as u32).partition::<Vec<_>, _>(|&tet| whole.barycentres_um()[tet as usize][0] < 10.0).into();
    let part = |name: &str, tag, tetrahedra: &[u32]| msr_steps::mesh::Compartment {
        name: name.to_owned(),
        tag,
        tetrahedra: tetrahedra.to_vec(),
    };
    let parts = vec![part("extra", 1, &left), part("intra", 2, &right)];
    let mesh = Arc::new(TetMesh::new(whole.vertices_um().to_vec(), whole.tetrahedra().to_vec(), parts).unwrap());
    for solver in SOLVERS {
        let mut simulator = StepsSimulator::new(mesh.clone(), &model(), settings(solver), 7, 100, 0.025).unwrap();
        simulator.advance(1000).unwrap();
        let counts = get(&simulator, "get_tet_counts", "KK");
        assert!(right.iter().all(|&tet| counts[tet as usize] == 0.0));
        assert!(left.iter().all(|&tet| counts[tet as usize] > 0.0));
        let mut currents = vec![0.0; mesh.len()];
        currents[right[0] as usize] = 1e-9;
        let error = simulator.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap_err();
        assert!(error.to_string().contains("outside the compartment"), "{error}");
    }
    let unknown = Model::new("extar", vec![species("KK", 1, 2e-9)], Vec::new()).unwrap();
    let error = StepsSimulator::new(mesh, &unknown, Settings::default(), 7, 100, 0.025).unwrap_err();
    assert_eq!(
        error.to_string(),
        "steps.compname: the mesh has no physical volume 'extar' (did you mean 'extra'?); available: extra, intra"
    );
}

#[test]
fn reactions_and_diffusion_reach_their_equilibrium() {
    // A <-> B at 30/s and 10/s: a quarter stays A, everywhere.
    let reactions = vec![Reaction::new(&[("A", 1)], &[("B", 1)], 30.0), Reaction::new(&[("B", 1)], &[("A", 1)], 10.0)];
    let model = Model::new("extra", vec![species("A", 0, 1e-10), species("B", 0, 1e-10)], reactions).unwrap();
    let mut simulator = StepsSimulator::new(mesh(), &model, settings(Solver::OperatorSplitting), 3, 1000, 0.1).unwrap();
    let tets = simulator.mesh().len();
    let mut counts = vec![0.0; tets];
    simulator.set_var(&query("set_tet_counts", "B"), &counts).unwrap();
    counts[0] = 20_000.0;
    simulator.set_var(&query("set_tet_counts", "A"), &counts).unwrap();
    simulator.advance(20_000).unwrap();
    let [a, b] = ["A", "B"].map(|name| get(&simulator, "get_tet_counts", name));
    let [sum_a, sum_b] = [a.iter().sum::<f64>(), b.iter().sum::<f64>()];
    assert_eq!(sum_a + sum_b, 20_000.0);
    assert!((sum_a - 5000.0).abs() < 4.0 * (20_000.0f64 * 0.25 * 0.75).sqrt(), "{sum_a}");
    for (tet, volume) in simulator.mesh().volumes_um3().iter().enumerate() {
        let expected = 20_000.0 * volume / 2000.0;
        assert!((a[tet] + b[tet] - expected).abs() < 5.0 * expected.sqrt(), "{tet}: {} {expected}", a[tet] + b[tet]);
    }
}

#[test]
fn snapshots_of_something_else_are_refused() {
    let mut deterministic = simulator(Solver::Deterministic);
    let stochastic = simulator(Solver::OperatorSplitting).snapshot().unwrap();
    assert!(matches!(deterministic.restore(&stochastic), Err(SimulatorError::WrongSnapshot { .. })));
    let finer = Arc::new(TetMesh::box_lattice([0.0; 3], [20.0, 10.0, 10.0], 2.5, "extra").unwrap());
    for solver in SOLVERS {
        let other = StepsSimulator::new(finer.clone(), &model(), settings(solver), 7, 100, 0.025).unwrap();
        let error = simulator(solver).restore(&other.snapshot().unwrap()).unwrap_err();
        assert!(matches!(error, SimulatorError::WrongSnapshot { .. }));
    }
}

#[test]
fn the_seed_decides() {
    let run = |seed| {
        let mut simulator =
            StepsSimulator::new(mesh(), &model(), settings(Solver::OperatorSplitting), seed, 100, 0.025).unwrap();
        simulator.advance(200).unwrap();
        get(&simulator, "get_tet_counts", "KK")
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn every_solver_and_flux_keeps_the_promises_of_a_simulator_with_reactions() {
    let reactions = Reaction::reversible("A + B <-> C", 1e6, 50.0).unwrap();
    let species = ["A", "B", "C"].map(|name| species(name, 0, 1e-11).with_concentration_mm(1e-5));
    let model = Model::new("extra", species.to_vec(), reactions.to_vec()).unwrap();
    let two_point = SOLVERS.map(|solver| (solver, Flux::TwoPoint));
    for (solver, flux) in
        two_point.into_iter().chain([(Solver::ExactSsa, Flux::TwoPoint), (Solver::Deterministic, Flux::Consistent)])
    {
        let build = || -> Box<dyn Simulator> {
            let settings = Settings { solver, flux, ..Settings::default() };
            let mut simulator = StepsSimulator::new(mesh(), &model, settings, 3, 100, 0.025).unwrap();
            simulator.set_concentration_mm("A", &[0, 1, 2], 1e-3).unwrap();
            Box::new(simulator)
        };
        msr_coupling::conformance::check(&build)
            .unwrap_or_else(|violations| panic!("{solver:?} {flux:?}: {violations}"));
    }
}
