//! The simulator: its promises, its queries, charge balance, mappings.

use std::sync::Arc;

use msr_coupling::space::{SEGMENTS, TETRAHEDRA, VESSEL_SEGMENTS};
use msr_coupling::{Access, Geometry, Quantity, Query, QueryError, Simulator, SimulatorError, Space};
use msr_steps::{
    Constants, Flux, Model, ModelError, Reaction, Settings, Shortage, Solver, Species, StepsError, StepsSimulator,
    TetMesh, TetrahedralSpace,
};

fn species(name: &str, charge_number: i32, diffusion_coefficient_m2_s: f64) -> Species {
    let species = Species::new(name).with_concentration_mm(3.0).with_diffusion_m2_s(diffusion_coefficient_m2_s);
    species.with_charge_number(charge_number)
}

fn model() -> Model {
    let species = vec![species("KK", 1, 2e-9), species("Cl", -1, 1e-9), species("O2", 0, 0.0)];
    Model::new("extra", species, Vec::new()).unwrap()
}

fn mesh() -> Arc<TetMesh> {
    Arc::new(TetMesh::box_lattice([0.0; 3], [20.0, 10.0, 10.0], 5.0, "extra").unwrap())
}

fn settings(solver: Solver) -> Settings {
    Settings { solver, conc_factor: 1e-9, ..Settings::default() }
}

/// Steps of 100 base steps of 0.025 ms, as users' files have them.
fn simulator(solver: Solver) -> StepsSimulator {
    StepsSimulator::new(mesh(), &model(), settings(solver), 7, 100, 0.025).unwrap()
}

const SOLVERS: [Solver; 3] = [Solver::Deterministic, Solver::OperatorSplitting, Solver::TauLeaping];

fn query(function: &str, name: &str) -> Query {
    Query::new(function).with("species_name", name)
}

fn get(simulator: &StepsSimulator, function: &str, name: &str) -> Vec<f64> {
    let mut values = vec![f64::NAN];
    simulator.get_var(&query(function, name), &mut values).unwrap();
    values
}

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
fn impossible_models_are_refused() {
    let new = |species, reactions| Model::new("extra", species, reactions);
    assert_eq!(new(vec![], vec![]), Err(ModelError::NoSpecies));
    assert!(matches!(
        new(vec![species("A", 1, 1e-9), species("A", 1, 1e-9)], vec![]),
        Err(ModelError::DoubledSpecies { .. })
    ));
    assert!(matches!(new(vec![species("A", 1, -1e-9)], vec![]), Err(ModelError::BadValue { .. })));
    let reaction = |name, rate| vec![Reaction::new(&[(name, 1)], &[], rate)];
    assert!(matches!(new(vec![species("A", 1, 1e-9)], reaction("B", 1.0)), Err(ModelError::UnknownSpecies { .. })));
    assert!(matches!(new(vec![species("A", 1, 1e-9)], reaction("A", f64::NAN)), Err(ModelError::BadRate { .. })));

    let build =
        |model: &Model, settings, ndts| StepsSimulator::new(mesh(), model, settings, 0, ndts, 0.025).err().unwrap();
    assert!(matches!(build(&model(), settings(Solver::OperatorSplitting), 0), StepsError::Step { .. }));
    assert!(matches!(
        build(&model(), Settings { conc_factor: 0.0, ..Settings::default() }, 1),
        StepsError::ConcFactor { .. }
    ));
    assert!(matches!(
        build(&model(), Settings { tolerance: 2.0, ..Settings::default() }, 1),
        StepsError::Tolerance { .. }
    ));
    let crowded = new(vec![Species { initial_concentration_mm: 1e12, ..species("A", 1, 1e-9) }], vec![]).unwrap();
    assert!(matches!(build(&crowded, settings(Solver::OperatorSplitting), 1), StepsError::TooManyMolecules { .. }));
    assert!("determinist".parse::<Solver>().unwrap_err().to_string().contains("did you mean 'deterministic'?"));
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

fn lines(name: &str, lines: Vec<[[f64; 3]; 2]>) -> Space {
    Space { geometry: Geometry::Lines(lines.clone()), ..Space::of_nodes(name, None, (0..lines.len() as u64).collect()) }
}

#[test]
fn segments_map_to_tetrahedra() {
    let simulator = simulator(Solver::Deterministic);
    let spaces = simulator.spaces();
    assert_eq!((spaces[0].name.as_str(), spaces[0].len()), (TETRAHEDRA, simulator.mesh().len()));
    assert_eq!(spaces[0].subsets["extra"].len(), simulator.mesh().len());

    let nowhere = [[f64::NAN; 3]; 2];
    let segments =
        lines(SEGMENTS, vec![[[1.0, 1.0, 1.0], [19.0, 9.0, 8.0]], nowhere, [[3.0, 4.0, 5.0], [3.5, 4.0, 5.1]]]);
    let vessels = lines(VESSEL_SEGMENTS, vec![[[-10.0, 5.0, 5.0], [10.0, 5.0, 5.0]], [[50.0; 3], [60.0; 3]]]);
    let nodes = Space::of_nodes("neurons", None, vec![0, 1]);
    let points = Space {
        geometry: Geometry::Points(vec![[5.0; 3], [0.1, 0.2, 0.3]]),
        ..Space::of_nodes("endfeet", None, vec![4, 9])
    };
    let (mappings, coverages) =
        TetrahedralSpace::new(mesh()).place_all(&[segments, vessels, nodes, points, spaces[0].clone()]).unwrap();
    let names: Vec<_> = mappings.iter().map(|mapping| mapping.from.as_str()).collect();
    assert_eq!(names, [SEGMENTS, VESSEL_SEGMENTS, "endfeet"]);
    let sums = |position: usize| -> Vec<f64> {
        mappings[position]
            .fractions
            .outer_iterator()
            .map(|row| row.iter().map(|(_, fraction)| fraction).sum())
            .collect()
    };
    for (found, expected) in [(sums(0), vec![1.0, 0.0, 1.0]), (sums(1), vec![0.5, 0.0]), (sums(2), vec![1.0, 1.0])] {
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
    }
    assert_eq!(coverages[0].to_string(), "segments: all 3 elements lie in the tetrahedra; 1 have no coordinates");
    assert_eq!((coverages[1].outside, coverages[1].partly_outside), (1, 1));
    assert!(
        coverages[1]
            .to_string()
            .starts_with("vessel_segments: of 2 elements, 1 lie outside the tetrahedra and 1 partly")
    );
    assert!(mappings[0].fractions.outer_iterator().next().unwrap().nnz() > 4);
}

#[test]
fn a_mesh_elsewhere_is_refused() {
    let segments = lines(SEGMENTS, vec![[[1.0; 3], [2.0; 3]], [[300.0; 3], [301.0; 3]]]);
    let error = simulator(Solver::Deterministic).mappings(&[segments]).unwrap_err().to_string();
    assert!(error.contains("1 of 2 neuron segments lie wholly outside the mesh"), "{error}");
    assert!(error.contains("[0.000, 0.000, 0.000] to [20.000, 10.000, 10.000] um"), "{error}");
    assert!(error.contains("[1.000, 1.000, 1.000] to [301.000, 301.000, 301.000] um"), "{error}");
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
fn a_section_of_a_users_file_builds_the_simulator() {
    let species = |name: &str, charges| msr_config::multiscale::Species {
        name: name.to_owned(),
        concentration_mm: 3.0,
        diffusion_m2_per_s: 2e-9,
        charges,
    };
    let section = |charges| msr_config::multiscale::Steps {
        solver: None,
        flux: None,
        shortage: None,
        scaled_counts: false,
        ndts: 1000,
        conc_factor: 1e-9,
        compartment: "extra".to_owned(),
        volume_system: msr_config::multiscale::VolumeSystem {
            name: "extra_volsys".to_owned(),
            species: vec![species("KK", charges)],
            reactions: Vec::new(),
        },
    };
    let simulator = StepsSimulator::from_config(mesh(), &section(1), Solver::default(), 1, 0.025).unwrap();
    assert_eq!((simulator.name(), simulator.ndts(), simulator.dt_ms()), ("steps", 1000, 25.0));
    let concentrations = get(&simulator, "get_tet_concs", "KK");
    assert!(concentrations.iter().all(|c| (c / 3e-12 - 1.0).abs() < 1e-12));
    let error = StepsSimulator::from_config(mesh(), &section(1 << 40), Solver::default(), 1, 0.025).unwrap_err();
    assert!(matches!(error, StepsError::Charge { .. }));

    let mut reacting = section(1);
    reacting.volume_system.species.push(species("Cl", -1));
    reacting.volume_system.species.push(species("KCl", 0));
    let reaction = |equation: &str, reverse_rate| msr_config::multiscale::Reaction {
        name: "binding".to_owned(),
        equation: equation.to_owned(),
        rate: 1e3,
        reverse_rate,
    };
    reacting.volume_system.reactions = vec![reaction("KK + Cl <-> KCl", Some(2.0))];
    reacting.solver = Some("tau_leaping".to_owned());
    let built = StepsSimulator::from_config(mesh(), &reacting, Solver::TauLeaping, 1, 0.025).unwrap();
    assert_eq!(
        built.model().reactions(),
        [
            Reaction::new(&[("KK", 1), ("Cl", 1)], &[("KCl", 1)], 1e3),
            Reaction::new(&[("KCl", 1)], &[("KK", 1), ("Cl", 1)], 2.0)
        ]
    );
    let error_of = |section: &msr_config::multiscale::Steps, solver| {
        StepsSimulator::from_config(mesh(), section, solver, 1, 0.025).unwrap_err().to_string()
    };
    reacting.volume_system.reactions = vec![reaction("KK + Cl <-> KCl", None)];
    assert!(error_of(&reacting, Solver::TauLeaping).starts_with("steps.Volsys.reactions.binding: 'KK + Cl <-> KCl'"));
    reacting.volume_system.reactions = vec![reaction("KK + Na -> KCl", None)];
    assert!(error_of(&reacting, Solver::TauLeaping).contains("unknown species 'Na'"));
    reacting.volume_system.reactions.clear();
    reacting.flux = Some("consistant".to_owned());
    assert!(error_of(&reacting, Solver::Deterministic).contains("did you mean 'consistent'?"));
    reacting.flux = Some("consistent".to_owned());
    assert!(error_of(&reacting, Solver::TauLeaping).contains("set steps.solver to \"deterministic\""));
    reacting.flux = None;
    reacting.shortage = Some("ignore".to_owned());
    assert!(error_of(&reacting, Solver::TauLeaping).contains("available: report, carry, abort"));
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
