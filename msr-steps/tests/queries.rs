//! Concentrations and counts that are read and written.

use crate::fixtures::{SOLVERS, get, mesh, model, query, settings, simulator};
use msr_coupling::space::TETRAHEDRA;
use msr_coupling::{Access, Quantity, Query, QueryError, Simulator, SimulatorError};
use msr_steps::{Constants, Settings, Solver, StepsSimulator};

#[test]
fn concentrations_are_scaled_and_counts_are_true() {
    for solver in SOLVERS {
        let simulator = simulator(solver);
        let [concentrations, counts] =
            ["get_tet_concs", "get_tet_counts"].map(|function| get(&simulator, function, "KK"));
        let volumes = {
            let mut values = Vec::new();
            simulator.get_var(&Query::new("tet_vols"), &mut values).unwrap();
            values
        };
        for tet in 0..volumes.len() {
            // The transform of users' files: back to mM.
            let millimolar = concentrations[tet] * (1.0 / (1.0e-3 * 1e-9));
            assert!((millimolar - 3.0).abs() < 1e-5, "{solver:?}: {millimolar}");
            // 3 mM are 1.8e6 ions in a um3.
            assert!((counts[tet] / volumes[tet] / 1.806_642_228e6 - 1.0).abs() < 1e-5);
        }
        assert!(simulator.notes()[0].contains("1e-9"));
    }
}

#[test]
fn concentrations_are_set_in_some_tetrahedra() {
    for solver in SOLVERS {
        let mut simulator = simulator(solver);
        let before = get(&simulator, "get_tet_counts", "KK");
        simulator.set_concentration_mm("KK", &[3, 8], 6.0).unwrap();
        let after = get(&simulator, "get_tet_counts", "KK");
        for tet in 0..before.len() {
            let factor = if [3, 8].contains(&tet) { 2.0 } else { 1.0 };
            assert!((after[tet] - factor * before[tet]).abs() <= 2.0, "{solver:?}");
        }
        assert!(
            simulator.set_concentration_mm("Na", &[3], 6.0).unwrap_err().to_string().contains("available: KK, Cl, O2")
        );
        assert!(matches!(simulator.set_concentration_mm("KK", &[3], -1.0), Err(QueryError::BadValue { .. })));
        assert!(matches!(
            simulator.set_concentration_mm("KK", &[3, 1 << 30], 1.0),
            Err(QueryError::BadValue { position: 1, .. })
        ));
        assert_eq!(get(&simulator, "get_tet_counts", "KK"), after, "nothing is written");
        assert_eq!(simulator.bounds().upper_um, [20.0, 10.0, 10.0]);
    }
}

#[test]
fn scaled_counts_are_those_of_the_original() {
    for solver in SOLVERS {
        let settings = Settings { scaled_counts: true, ..settings(solver) };
        let mut simulator = StepsSimulator::new(mesh(), &model(), settings, 7, 100, 0.025).unwrap();
        // 2000 um3 at 3 mM and 1e-9: 3.6 ions.
        let total: f64 = get(&simulator, "get_tet_counts", "KK").iter().sum();
        let expected = 2000.0 * 1.806_642_228e6 * 1e-9;
        assert!((total - expected).abs() < 4.0 * expected.sqrt() + 1e-6, "{solver:?}: {total}");
        let concentration: f64 =
            get(&simulator, "get_tet_concs", "KK").iter().zip(simulator.mesh().volumes_um3()).map(|(c, v)| c * v).sum();
        assert!((concentration / 2000.0 / 3e-12 - total / expected).abs() < 1e-6, "{solver:?}");
        assert!(simulator.notes()[0].contains("scaled_counts"));
        // The same current brings the billionth part.
        let mut currents = vec![0.0; simulator.mesh().len()];
        currents[2] = 5e9 * Constants::SI_2019.elementary_charge_c / 2.5e-3 * 1e3 * (1.0 + 1e-12);
        simulator.set_var(&query("add_curr_to_conc", "KK"), &currents).unwrap();
        let added = get(&simulator, "get_tet_counts", "KK").iter().sum::<f64>() - total;
        assert!((added - 5.0).abs() < 1e-6, "{solver:?}: {added}");
    }
}

#[test]
fn queries_declare_and_refuse() {
    let mut simulator = simulator(Solver::Deterministic);
    let port = simulator.resolve(&query("get_tet_concs", "KK"), Access::Get).unwrap();
    assert_eq!((port.space.as_str(), port.unit.text(), port.quantity), (TETRAHEDRA, "M", Quantity::Intensive));
    let port = simulator.resolve(&query("add_curr_to_conc", "Cl"), Access::Set).unwrap();
    assert_eq!((port.unit.text(), port.quantity, port.read_back), ("mA", Quantity::Extensive, None));

    let refused = |query: &Query, access| simulator.resolve(query, access).unwrap_err();
    assert_eq!(
        refused(&query("get_tet_concs", "K"), Access::Get).to_string(),
        "get_tet_concs: unknown species_name 'K' (did you mean 'KK'?); available: KK, Cl, O2"
    );
    // A neutral species carries no current.
    assert!(refused(&query("add_curr_to_conc", "O2"), Access::Set).to_string().ends_with("available: KK, Cl"));
    assert!(matches!(refused(&query("add_curr_to_conc", "KK"), Access::Get), QueryError::UnknownFunction { .. }));
    assert!(matches!(refused(&query("get_tet_conc", "KK"), Access::Get), QueryError::UnknownFunction { .. }));
    assert!(matches!(refused(&Query::new("get_tet_concs"), Access::Get), QueryError::MissingArgument { .. }));
    assert!(matches!(
        refused(&query("get_tet_concs", "KK").with("idx", 3), Access::Get),
        QueryError::UnknownArgument { .. }
    ));
    assert!(matches!(
        refused(&Query::new("get_tet_concs").with("species_name", 3), Access::Get),
        QueryError::WrongType { .. }
    ));

    let good = get(&simulator, "get_tet_concs", "KK");
    for (position, value) in [(0, f64::NAN), (1, f64::INFINITY), (2, -1e-20), (3, 1e200)] {
        let mut values = good.clone();
        values[position] = value;
        let error = simulator.set_var(&query("set_tet_concs", "KK"), &values).unwrap_err();
        assert!(
            matches!(error, SimulatorError::Query { source: QueryError::BadValue { position: p, .. }, .. } if p == position)
        );
        assert_eq!(get(&simulator, "get_tet_concs", "KK"), good, "nothing is written");
    }
    let error = simulator.set_var(&query("set_tet_concs", "KK"), &[1.0]).unwrap_err();
    assert!(matches!(error, SimulatorError::Query { source: QueryError::WrongLength { found: 1, .. }, .. }));
}
