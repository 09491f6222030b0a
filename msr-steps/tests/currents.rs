//! Ions that currents bring and take.

use crate::fixtures::{SOLVERS, get, mesh, model, query, settings, simulator};
use msr_coupling::{QueryError, Simulator, SimulatorError};
use msr_steps::{Constants, Settings, Shortage, Solver, StepsSimulator};

#[test]
fn currents_bring_their_charge() {
    for solver in SOLVERS {
        let mut simulator = simulator(solver);
        let tets = simulator.mesh().len();
        let total = |simulator: &StepsSimulator, name: &str| get(simulator, "get_tet_counts", name).iter().sum::<f64>();
        let before = ["KK", "Cl"].map(|name| total(&simulator, name));
        // 1 pA out of the cells in each of two tetrahedra, for ten steps of 2.5 ms.
        let mut currents = vec![0.0; tets];
        currents[0] = 1e-9;
        currents[5] = 1e-9;
        for step in 1..=10 {
            simulator.advance(step * 100).unwrap();
            simulator.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap();
            simulator.set_var(&query("add_curr_to_conc", "Cl"), &currents).unwrap();
        }
        let ions = 2.0 * 1e-12 * 10.0 * 2.5e-3 / Constants::SI_2019.elementary_charge_c;
        for ((name, sign), before) in [("KK", 1.0), ("Cl", -1.0)].into_iter().zip(before) {
            let added = total(&simulator, name) - before;
            // Whole ions: the rest waits in its tetrahedron.
            let allowed = if solver != Solver::Deterministic { 2.0 } else { 1e-12 * before };
            assert!((added - sign * ions).abs() <= allowed, "{solver:?} {name}: {added} {ions}");
        }
        assert_eq!(simulator.shortfalls().count(), 0);
    }
}

#[test]
fn small_currents_are_not_lost_to_rounding() {
    let mut simulator = simulator(Solver::OperatorSplitting);
    let mut currents = vec![0.0; simulator.mesh().len()];
    // A quarter of an ion a step.
    currents[2] = 0.25 * Constants::SI_2019.elementary_charge_c / 2.5e-3 * 1e3 * (1.0 + 1e-12);
    let before: f64 = get(&simulator, "get_tet_counts", "KK").iter().sum();
    for _ in 0..40 {
        simulator.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap();
    }
    assert_eq!(get(&simulator, "get_tet_counts", "KK").iter().sum::<f64>() - before, 10.0);
}

#[test]
fn an_empty_tetrahedron_gives_no_more() {
    for solver in SOLVERS {
        let mut simulator = simulator(solver);
        let tets = simulator.mesh().len();
        let mut counts = vec![0.0; tets];
        counts[4] = 1000.0;
        simulator.set_var(&query("set_tet_counts", "KK"), &counts).unwrap();
        let mut currents = vec![0.0; tets];
        // 2500 ions inwards, out of 1000.
        currents[4] = -2500.0 * Constants::SI_2019.elementary_charge_c / 2.5e-3 * 1e3;
        simulator.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap();
        assert!(get(&simulator, "get_tet_counts", "KK").iter().all(|&count| count == 0.0));
        let shortfalls: Vec<_> = simulator.shortfalls().collect();
        assert_eq!((shortfalls.len(), shortfalls[0].species.as_str(), shortfalls[0].tet), (1, "KK", 4));
        assert!((shortfalls[0].molecules - 1500.0).abs() < 1.0, "{shortfalls:?}");
        assert!(simulator.summary().last().unwrap().contains("1 tetrahedra"), "{:?}", simulator.summary());
    }
}

#[test]
fn what_is_missing_is_owed_or_refused_where_that_is_asked_for() {
    for solver in SOLVERS {
        let build = |shortage| {
            let settings = Settings { shortage, ..settings(solver) };
            let mut simulator = StepsSimulator::new(mesh(), &model(), settings, 7, 100, 0.025).unwrap();
            let mut counts = vec![0.0; simulator.mesh().len()];
            counts[4] = 1000.0;
            simulator.set_var(&query("set_tet_counts", "KK"), &counts).unwrap();
            simulator
        };
        let current = |simulator: &StepsSimulator, ions: f64| {
            let mut currents = vec![0.0; simulator.mesh().len()];
            currents[4] = ions * Constants::SI_2019.elementary_charge_c / 2.5e-3 * 1e3;
            currents
        };
        let mut owing = build(Shortage::Carry);
        for (ions, count, owed) in [(-2500.0, 0.0, 1500.0), (1000.0, 0.0, 500.0), (800.0, 300.0, 0.0)] {
            let currents = current(&owing, ions);
            owing.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap();
            let found: f64 = get(&owing, "get_tet_counts", "KK").iter().sum();
            let still: f64 = owing.shortfalls().map(|one| one.molecules).sum();
            assert!((found - count).abs() <= 1.0 && (still - owed).abs() <= 1.0, "{solver:?}: {found} {still}");
        }
        let mut strict = build(Shortage::Abort);
        let currents = current(&strict, -2500.0);
        let error = strict.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap_err();
        assert!(
            matches!(&error, SimulatorError::Query { source: QueryError::BadValue { position: 4, .. }, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("steps.shortage"), "{error}");
        assert_eq!(get(&strict, "get_tet_counts", "KK").iter().sum::<f64>(), 1000.0, "nothing is taken");
    }
}
