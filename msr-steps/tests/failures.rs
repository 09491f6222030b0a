//! What grows without bound is an error that names species and tetrahedron, and leaves everything as it was.

use std::sync::Arc;

use msr_coupling::{Query, Simulator};
use msr_steps::diffusion::{Cause, RateEquations, Workspace};
use msr_steps::{
    Constants, Flux, Model, RateConstant, Reaction, Settings, Solver, Species, StepsSimulator, TetMesh, Unsolved,
};

/// `2 A -> 3 A` at k: `dA/dt = k A^2`, which is `A0 / (1 - k A0 t)` and infinite at `1 / (k A0)`.
fn explosive(rate_per_molar_s: f64) -> Model {
    Model::builder("extra")
        .species(Species::new("K").with_concentration_mm(3.0).with_diffusion_m2_s(1e-9))
        .species(Species::new("A").with_concentration_mm(1.0).with_diffusion_m2_s(1e-10))
        .reaction(Reaction::irreversible("2 A -> 3 A", RateConstant::per_molar_s(rate_per_molar_s)).unwrap())
        .build()
        .unwrap()
}

fn simulator(model: &Model, solver: Solver, flux: Flux) -> StepsSimulator {
    let mesh = Arc::new(TetMesh::box_lattice([0.0; 3], [2.0, 1.0, 1.0], 1.0, "extra").unwrap());
    let settings = Settings { solver, flux, ..Settings::default() };
    StepsSimulator::new(mesh, model, settings, 3, 100, 0.1).unwrap()
}

fn unsolved(simulator: &mut StepsSimulator, until: u64) -> Unsolved {
    let error = simulator.advance(until).unwrap_err();
    let source = std::error::Error::source(&error).expect("a reason");
    source.downcast_ref::<Unsolved>().unwrap_or_else(|| panic!("{source}")).clone()
}

#[test]
fn rate_equations_stop_before_their_singularity() {
    let model = explosive(1e3);
    let constants = Constants::default();
    let kinetics = msr_steps::diffusion::kinetics(&model, &constants).remove(0);
    let equations = RateEquations::new(&kinetics, 1e-6);
    // 1 mM at 1e3 /(M s): it is infinite after a second.
    let start = 1e-3 * constants.molecules_per_um3_at_1_molar();
    let mut densities = [start, start];
    equations.advance(&mut densities, 0.5, &mut Workspace::default()).unwrap();
    assert!((densities[1] / start - 2.0).abs() < 1e-4, "{}", densities[1] / start);
    let mut densities = [start, start];
    let failure = equations.advance(&mut densities, 5.0, &mut Workspace::default()).unwrap_err();
    assert_eq!(failure.species, 1);
    let Cause::Runaway { after_s } = failure.cause else { panic!("{failure:?}") };
    assert!((after_s - 1.0).abs() < 1e-4, "{after_s}");
}

#[test]
fn runaway_reactions_fail_and_change_nothing() {
    // After a millisecond there is no solution; a window is ten.
    let model = explosive(1e6);
    let cases = [
        (Solver::Deterministic, Flux::TwoPoint),
        (Solver::Deterministic, Flux::Consistent),
        (Solver::TauLeaping, Flux::TwoPoint),
    ];
    for (solver, flux) in cases {
        let mut simulator = simulator(&model, solver, flux);
        let before = simulator.snapshot().unwrap();
        let error = unsolved(&mut simulator, 250);
        assert_eq!(error.species, "A", "{solver:?}: {error}");
        assert!(error.tet < simulator.mesh().len());
        assert_eq!(simulator.idts(), 0, "{solver:?}");
        assert_eq!(simulator.snapshot().unwrap(), before, "{solver:?} {flux:?}");
    }
}

#[test]
fn a_window_that_fails_takes_back_those_before() {
    // 1 mM at 6e4 /(M s): infinite after 16.7 ms, in the second window of ten.
    for solver in [Solver::Deterministic, Solver::TauLeaping] {
        let mut simulator = simulator(&explosive(6e4), solver, Flux::TwoPoint);
        let before = simulator.snapshot().unwrap();
        unsolved(&mut simulator, 400);
        assert_eq!(simulator.snapshot().unwrap(), before, "{solver:?}");
        simulator.advance(100).unwrap();
        assert_eq!(simulator.idts(), 100);
    }
}

#[test]
fn more_events_than_can_be_drawn_are_refused() {
    // 6e5 molecules in a um3, each reacting 1e14 times a second.
    let model = Model::builder("extra")
        .species(Species::new("A").with_concentration_mm(1.0))
        .reactions(Reaction::reversible("A <-> B", RateConstant::per_s(1e14), RateConstant::per_s(1e14)).unwrap())
        .species(Species::new("B"))
        .build()
        .unwrap();
    for solver in [Solver::ExactSsa, Solver::OperatorSplitting] {
        let mut simulator = simulator(&model, solver, Flux::TwoPoint);
        let before = simulator.snapshot().unwrap();
        let error = unsolved(&mut simulator, 100);
        assert!(matches!(error.cause, Cause::Events { .. }), "{error}");
        assert!(error.to_string().contains("steps.solver"), "{error}");
        assert_eq!(simulator.snapshot().unwrap(), before, "{solver:?}");
    }
}

#[test]
fn what_overflows_is_reported_with_its_place() {
    // Without diffusion, `0 -> A` at 1e200 M/s fills every tetrahedron beyond all bounds.
    let model = Model::builder("extra")
        .species(Species::new("A"))
        .reaction(Reaction::irreversible("0 -> A", RateConstant::of_order(0, 1e200)).unwrap())
        .build()
        .unwrap();
    let mut simulator = simulator(&model, Solver::Deterministic, Flux::TwoPoint);
    let error = unsolved(&mut simulator, 100);
    assert!(error.species == "A" && matches!(error.cause, Cause::Amount { molecules } if molecules > 1e100), "{error}");
    let mut counts = Vec::new();
    simulator.get_var(&Query::new("get_tet_counts").with("species_name", "A"), &mut counts).unwrap();
    assert!(counts.iter().all(|&count| count == 0.0));
}

/// Two tetrahedra, one three times as large as the other: equal numbers do not stay.
#[test]
fn diffusion_beyond_what_can_be_counted_fails_and_changes_nothing() {
    const MOST: f64 = (1u64 << 53) as f64;
    let vertices = vec![[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 1.0, 2.0]];
    let mesh = Arc::new(TetMesh::new(vertices, vec![[0, 1, 2, 3], [1, 2, 3, 4]], Vec::new()).unwrap());
    let species = Species::new("A").with_diffusion_m2_s(1e-9);
    let model = Model::builder("extra").species(species).build().unwrap();
    let settings = Settings { solver: Solver::TauLeaping, ..Settings::default() };
    let mut simulator = StepsSimulator::new(mesh, &model, settings, 3, 100, 0.1).unwrap();
    simulator.set_var(&Query::new("set_tet_counts").with("species_name", "A"), &[MOST; 2]).unwrap();
    let before = simulator.snapshot().unwrap();
    let error = unsolved(&mut simulator, 100);
    assert!(error.species == "A" && error.to_string().contains("more than can be counted"), "{error}");
    assert_eq!(simulator.snapshot().unwrap(), before);
}
