//! The simulator seen from outside: promises, queries, checks, failures.

use msr_config::multiscale::{Bounds, Check, CheckResponse, Constant, Generation, StateKey};
use msr_coupling::{Access, Query, QueryError, Response, Simulator, SimulatorError};
use msr_metabolism::{Corrections, MetabolismSimulator, ModelChoice, NeuronSite, Settings, SettingsError};
use serde_json::json;

const NDTS: u64 = 400;
const BASE_DT_MS: f64 = 0.025;
/// Blood flow at which the initial state is close to a steady state, 1/s.
const RESTING_FLOW: f64 = 0.012;

fn sites(count: u64) -> Vec<NeuronSite> {
    (0..count).map(|id| NeuronSite { id: 10 * id, layer: Some(1 + (id % 6) as u32) }).collect()
}

/// The published model near its rest.
fn resting() -> Settings {
    let name = |name: &str| StateKey::Name(name.to_owned());
    Settings {
        corrections: Corrections::none(),
        parameters: vec![(name("notBigg_FinDyn_W2017"), RESTING_FLOW)],
        owns_neurons: true,
        ..Settings::default()
    }
}

fn simulator(count: u64, settings: &Settings) -> MetabolismSimulator {
    MetabolismSimulator::new(&sites(count), settings, NDTS, BASE_DT_MS).unwrap()
}

fn state_query(name: &str) -> (Query, Query) {
    (Query::new("get_vm_idx").with("idx", name), Query::new("set_vm_idxs").with("idxs", name))
}

fn read(simulator: &MetabolismSimulator, query: &Query) -> Vec<f64> {
    let mut values = Vec::new();
    simulator.get_var(query, &mut values).unwrap();
    values
}

#[test]
fn keeps_the_promises_of_a_simulator() {
    let build = || -> Box<dyn Simulator> {
        let mut simulator = simulator(21, &resting());
        let (get, set) = state_query("ATP_n");
        let kicked: Vec<f64> =
            read(&simulator, &get).iter().enumerate().map(|(i, v)| v * (1.0 - 0.01 * i as f64)).collect();
        simulator.set_var(&set, &kicked).unwrap();
        Box::new(simulator)
    };
    msr_coupling::conformance::check(&build).unwrap();
}

/// Cells share vectors of the processor and nothing else.
#[test]
fn a_cell_does_not_feel_its_neighbours() {
    let (get, set) = state_query("ATP_n");
    let kick = |simulator: &mut MetabolismSimulator| {
        let kicked: Vec<f64> =
            read(simulator, &get).iter().enumerate().map(|(i, v)| v * (1.0 - 0.03 * i as f64)).collect();
        simulator.set_var(&set, &kicked).unwrap();
    };
    let (mut many, mut fewer) = (simulator(20, &resting()), simulator(20, &resting()));
    kick(&mut many);
    kick(&mut fewer);
    fewer.exclude(&[10, 30, 50, 70]).unwrap();
    many.advance(10 * NDTS).unwrap();
    fewer.advance(10 * NDTS).unwrap();
    for neuron in [0, 20, 40, 190] {
        assert_eq!(many.states_of(neuron), fewer.states_of(neuron), "neuron {neuron}");
    }
    assert_ne!(many.states_of(30), fewer.states_of(30));
    let mut alone = simulator(1, &resting());
    alone.advance(10 * NDTS).unwrap();
    assert_eq!(many.states_of(0), alone.states_of(0));
}

/// The number of threads decides how cells are shared out and which of them stand side by side.
#[test]
fn threads_change_no_bit_wherever_the_simulator_is_made() {
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut simulator = simulator(35, &resting());
            let (get, set) = state_query("ATP_n");
            let atp = read(&simulator, &get);
            let kicked: Vec<f64> = atp.iter().enumerate().map(|(i, atp)| atp * (1.0 - 0.001 * i as f64)).collect();
            simulator.set_var(&set, &kicked).unwrap();
            simulator.advance(5 * NDTS).unwrap();
            let states: Vec<f64> = (0..35).flat_map(|id| simulator.states_of(10 * id).unwrap().to_vec()).collect();
            (states, simulator.work())
        })
    };
    let one = run(1);
    assert!(one.1.accepted > 0);
    for threads in [2, 3] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

#[test]
fn a_cell_gets_no_more_steps_than_are_allowed() {
    let kwargs = json!({"maxiters": 3});
    let settings = Settings { solver_kwargs: kwargs.as_object().unwrap().clone(), ..resting() };
    let mut simulator = simulator(2, &settings);
    let before = simulator.states_of(0).unwrap().to_vec();
    let error = simulator.advance(NDTS).unwrap_err();
    let SimulatorError::Neurons { failures, .. } = error else { panic!("{error}") };
    assert_eq!(failures.iter().map(|failure| failure.neuron).collect::<Vec<_>>(), [0, 10]);
    assert!(failures[0].message.contains("3 steps did not reach the end of the window"), "{}", failures[0].message);
    assert_eq!((simulator.states_of(0).unwrap(), simulator.idts()), (&*before, 0));
}

/// With a sink of 0.02375 mM/s, the surplus of the neuron's ATP at rest, the initial state stays for 1000 s (figures of
/// an independent integration of the published model).
#[test]
fn rests_for_a_thousand_seconds() {
    let window_ms = 100.0;
    let mut simulator = MetabolismSimulator::new(&sites(1), &resting(), 4000, BASE_DT_MS).unwrap();
    let (get, set) = state_query("ATP_n");
    for window in 1..=10_000 {
        simulator.advance(4000 * window).unwrap();
        let atp = read(&simulator, &get)[0] - 0.02375 * window_ms * 1e-3;
        simulator.set_var(&set, &[atp]).unwrap();
        assert!((1.380..=1.386).contains(&atp), "{atp} in window {window}");
    }
    let value = |name: &str| read(&simulator, &state_query(name).0)[0];
    assert!((value("O2cap") - 7.105).abs() < 1e-3, "{}", value("O2cap"));
    assert!((value("SUCmito_n") - 0.267).abs() < 2e-3, "{}", value("SUCmito_n"));
    assert!((value("PCr_n") - 5.05).abs() < 0.01, "{}", value("PCr_n"));
    assert_eq!(simulator.notes(), Vec::<String>::new());
}

/// Times at which a drain of ATP reaches the bound 0.2 mM, from an independent integration of the published model.
#[test]
fn drains_reach_the_bound_when_they_should() {
    for (drain_mm_s, expected_s, tolerance_s) in [(0.4, 6.0, 0.06), (0.8, 2.1, 0.06), (1.6, 0.9, 0.06)] {
        let mut settings = resting();
        settings.checks.vm.push(Check {
            key: StateKey::Name("ATP_n".to_owned()),
            label: None,
            bounds: Bounds { lb: Some(0.2), hb: Some(2.5), ..Bounds::default() },
            response: CheckResponse::AbortSimulation,
        });
        let mut simulator = simulator(1, &settings);
        let (get, set) = state_query("ATP_n");
        let mut window = 0;
        let failures = loop {
            window += 1;
            assert!(window < 2000, "the drain of {drain_mm_s} mM/s never reaches the bound");
            simulator.advance(NDTS * window).unwrap();
            let atp = read(&simulator, &get)[0] - drain_mm_s * 0.01;
            simulator.set_var(&set, &[atp]).unwrap();
            let failures = simulator.check();
            if !failures.is_empty() {
                break failures;
            }
        };
        let reached_s = window as f64 * 0.01;
        assert!((reached_s - expected_s).abs() <= tolerance_s, "{drain_mm_s} mM/s: {reached_s} s");
        assert_eq!((failures[0].neuron, failures[0].response), (0, Response::AbortSimulation));
        let message = &failures[0].message;
        assert!(message.contains("ATP_n is 0.1") && message.contains("mM, below lb = 0.2 (at "), "{message}");
    }
}

#[test]
fn a_solver_failure_names_the_neuron_and_leaves_everything_as_it_was() {
    let mut simulator = simulator(12, &resting());
    let (get, set) = state_query("ATP_n");
    simulator.advance(NDTS).unwrap();
    let mut values = read(&simulator, &get);
    // Above 1.877 mM the adenylate kinase equilibrium has no real solution.
    values[5] = 2.0;
    simulator.set_var(&set, &values).unwrap();
    let before = simulator.snapshot().unwrap();
    let error = simulator.advance(5 * NDTS).unwrap_err();
    let told = error.to_string();
    assert!(told.contains("neuron 50: the solver Rodas3 stopped at 10 ms: no step is small enough"), "{told}");
    assert!(told.contains("the state that fails is ") && told.ends_with(" mM"), "{told}");
    let SimulatorError::Neurons { failures, .. } = error else { panic!("{told}") };
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].neuron, failures[0].response), (50, Response::ExcludeNeuron));
    assert_eq!(simulator.snapshot().unwrap(), before);
    simulator.exclude(&[50, 999]).unwrap();
    simulator.advance(5 * NDTS).unwrap();
    assert_eq!(read(&simulator, &get)[5], 2.0);
    assert_eq!(read(&simulator, &Query::new("alive_gids"))[4..7], [1.0, 0.0, 1.0]);
    assert!(simulator.check().is_empty());
}

#[test]
fn names_the_first_state_that_turns_negative_and_clips_nothing() {
    // The published model with its default blood flow: fumarate turns negative at 16 s.
    let published = Settings { corrections: Corrections::none(), ..Settings::default() };
    let mut simulator = MetabolismSimulator::new(&sites(1), &published, 4000, BASE_DT_MS).unwrap();
    simulator.advance(4000 * 150).unwrap();
    assert!(simulator.notes().is_empty(), "{:?}", simulator.notes());
    simulator.advance(4000 * 180).unwrap();
    let notes = simulator.notes();
    assert!(notes.len() == 1 && notes[0].contains("neuron 0: FUMmito_") && notes[0].contains("at 16"), "{notes:?}");
    assert!(simulator.summary().contains(&notes[0]), "{:?}", simulator.summary());
    let state = if notes[0].contains("FUMmito_a") { "FUMmito_a" } else { "FUMmito_n" };
    assert!(read(&simulator, &state_query(state).0)[0] < -1e-3, "it goes on to fall");
}

#[test]
fn values_that_are_no_numbers_stop_the_run() {
    let mut simulator = simulator(2, &resting());
    let before = simulator.snapshot().unwrap();
    let (_, set) = state_query("ATP_n");
    let refused = simulator.set_var(&set, &[1.0, f64::NAN]);
    assert!(matches!(refused, Err(SimulatorError::Query { source: QueryError::BadValue { position: 1, .. }, .. })));
    assert_eq!(simulator.snapshot().unwrap(), before);
}

/// ATP is a part of the pool of adenine nucleotides: beyond it, ADP would be negative.
#[test]
fn atp_cannot_exceed_its_pool() {
    let limited = Settings { corrections: Corrections::all(), ..resting() };
    let (get, set) = state_query("ATP_n");
    let fail = |settings: &Settings| {
        let mut simulator = simulator(2, settings);
        simulator.set_var(&set, &[1.4, 1.5]).unwrap();
        (simulator.resolve(&get, Access::Get).unwrap().bounds.greatest, simulator.check())
    };
    let (greatest, failures) = fail(&limited);
    assert_eq!((greatest, failures.len(), failures[0].neuron), (1.4449961078157665, 1, 10));
    let expected = "ATP_n is 1.5 mM, above its limit ATDMP.ATDPtot_n = 1.4449961078157665 (at 0 ms)";
    assert_eq!((failures[0].message.as_str(), failures[0].response), (expected, Response::ExcludeNeuron));
    // It is answered as the user's check of the same state is, and follows the user's pool.
    let mut asked = limited.clone();
    asked.checks.vm.push(Check {
        key: StateKey::Name("ATP_n".to_owned()),
        label: None,
        bounds: Bounds { lb: Some(0.2), hb: Some(2.5), ..Bounds::default() },
        response: CheckResponse::AbortSimulation,
    });
    assert_eq!(fail(&asked).1[0].response, Response::AbortSimulation);
    let pool = Constant::Number(1.6);
    asked.constants.entry("ATDMP".to_owned()).or_default().insert("ATDPtot_n".to_owned(), pool);
    assert!(fail(&asked).1.is_empty());
    // As published, nothing is said.
    let (greatest, failures) = fail(&resting());
    assert!(greatest.is_infinite() && failures.is_empty());
}

#[test]
fn every_variable_tells_name_unit_and_description() {
    let simulator = simulator(1, &resting());
    let variables = simulator.variables();
    // 181 states, 6 parameters, and who is alive.
    assert_eq!(variables.len(), 188);
    let without_unit = ["mito_scale", "notBigg_vV_b_b", "alive_gids", "h", "n", "pgate"];
    for variable in variables {
        assert!(!variable.description.is_empty(), "{}", variable.name);
        let is_ratio = variable.name.ends_with("Ratio_a")
            || ["nBK_a", "hIP3Ca_a", "sTRP_a"].contains(&variable.name.as_str())
            || without_unit.contains(&variable.name.as_str());
        let unit = variable.unit.to_string();
        assert_eq!(unit.is_empty() || unit == "1", is_ratio, "{} has the unit '{unit}'", variable.name);
    }
}

#[test]
fn numbers_follow_the_generation_of_the_configuration() {
    let number = |number: usize| Query::new("get_vm_idx").with("idx", number);
    let flat = simulator(1, &resting());
    let events = simulator(1, &Settings { generation: Generation::Events, ..resting() });
    let potassium = read(&flat, &state_query("K_out").0);
    assert_eq!(read(&flat, &number(94)), potassium);
    assert_eq!(read(&events, &number(95)), potassium);
    assert_eq!(read(&events, &number(98)), read(&flat, &state_query("Na_n").0));
    assert_eq!(read(&events, &number(22)), read(&flat, &number(22)));
    // The blood volume was state 110 and is a parameter now.
    assert!(matches!(events.resolve(&number(110), Access::Get), Err(QueryError::UnknownName { .. })));
    let port = flat.resolve(&Query::new("set_parameters_idxs").with("idxs", json!([3, 4])), Access::Set).unwrap();
    assert_eq!(port.variables, ["notBigg_FinDyn_W2017", "notBigg_Fout_W2017"]);
}

#[test]
fn mistakes_in_queries_name_what_is_near() {
    let mut simulator = simulator(2, &resting());
    let message = |query: &Query, access| simulator.resolve(query, access).unwrap_err().to_string();
    assert!(message(&Query::new("get_vm_idx").with("idx", "ATP_m"), Access::Get).contains("did you mean 'ATP_m"));
    assert!(message(&Query::new("get_vm"), Access::Get).contains("did you mean 'get_vm_idx'"));
    assert!(message(&Query::new("get_vm_idx"), Access::Get).contains("needs the argument 'idx'"));
    assert!(message(&Query::new("get_vm_idx").with("idx", 1.5), Access::Get).contains("a name or a number"));
    assert!(message(&Query::new("set_vm_idxs").with("idx", "ATP_n"), Access::Set).contains("'idx'"));
    let (_, set) = state_query("ATP_n");
    assert!(matches!(
        simulator.set_var(&set, &[1.0]),
        Err(SimulatorError::Query { source: QueryError::WrongLength { expected: 2, found: 1, .. }, .. })
    ));
}

#[test]
fn settings_reach_states_parameters_and_constants() {
    let mut settings = resting();
    settings.initial_states.insert("Glc_n".to_owned(), 0.5);
    let simulator = simulator(6, &settings);
    assert_eq!(read(&simulator, &state_query("Glc_n").0), [0.5; 6]);
    // 0.0774 is the largest fraction, that of layer 4.
    let scale = read(&simulator, &Query::new("get_parameters_idx").with("idx", "mito_scale"));
    assert_eq!((scale[3], scale[0]), (1.0, 0.0459 / 0.0774));

    // Hexokinase is proportional to its Vmax.
    let glucose_use = |factor: f64| {
        let mut settings = resting();
        let vmax = Constant::Number(0.5 * factor);
        settings.constants.entry("Glycolysis".to_owned()).or_default().insert("VmaxHK_n".to_owned(), vmax);
        let simulator = MetabolismSimulator::new(&sites(1), &settings, NDTS, BASE_DT_MS).unwrap();
        let (states, parameters) = (simulator.states_of(0).unwrap(), simulator.parameters_of(0).unwrap());
        simulator.model().quantity("J_HEX1_n", states, parameters).unwrap()
    };
    assert!((glucose_use(3.0) / glucose_use(1.0) - 3.0).abs() < 1e-12);
}

#[test]
fn mistakes_in_settings_name_what_is_near() {
    let build = |change: &dyn Fn(&mut Settings)| {
        let mut settings = resting();
        change(&mut settings);
        MetabolismSimulator::new(&sites(1), &settings, NDTS, BASE_DT_MS).unwrap_err()
    };
    let constant = |group: &str, name: &str, value: Constant| {
        let (group, name) = (group.to_owned(), name.to_owned());
        build(&move |s| {
            s.constants.entry(group.clone()).or_default().insert(name.clone(), value.clone());
        })
        .to_string()
    };
    let message = constant("Glycolisis", "VmaxHK_n", Constant::Number(1.0));
    assert!(message.contains("did you mean 'Glycolysis'"), "{message}");
    let message = constant("Glycolysis", "VmaxHK", Constant::Number(1.0));
    assert!(message.contains("did you mean 'VmaxHK_"), "{message}");
    assert!(message.starts_with("multiscale_run.metabolism.constants.Glycolysis.VmaxHK: "), "{message}");
    assert!(constant("ETC", "x_C1", Constant::List(vec![1.0])).contains("must be one number"));
    assert!(constant("GeneralConstants", "mito_volume_fraction", Constant::Number(1.0)).contains("a list"));
    let nowhere = |name: &str| ModelChoice::Files(name.into());
    let message = build(&|s| s.model = nowhere("no/such/model.eqn")).to_string();
    assert!(message.contains("cannot read the model no/such/model.eqn"), "{message}");
    let message = build(&|s| s.initial_states.extend([("ATPn".to_owned(), 1.0)])).to_string();
    assert!(message.starts_with("multiscale_run.metabolism.u0.ATPn: ") && message.contains("did you mean 'ATP_n'"));
    let message = build(&|s| s.initial_states.extend([("ATP_n".to_owned(), -1.0)])).to_string();
    let expected = "multiscale_run.metabolism.u0.ATP_n: a concentration cannot be negative, but ATP_n starts at -1 mM";
    assert_eq!(message, expected);
    let depolarised = Settings { initial_states: [("Va".to_owned(), -50.0)].into(), ..resting() };
    assert!(MetabolismSimulator::new(&sites(1), &depolarised, NDTS, BASE_DT_MS).is_ok());
    let message = build(&|s| s.parameters.push((StateKey::Name("mito".to_owned()), 1.0))).to_string();
    assert!(message.contains("mito_scale"), "{message}");
    let too_deep = MetabolismSimulator::new(&[NeuronSite { id: 0, layer: Some(7) }], &resting(), NDTS, BASE_DT_MS);
    assert!(matches!(too_deep, Err(SettingsError::UnknownLayer { layer: 7, layers: 6, .. })));
    let twice = [NeuronSite { id: 3, layer: None }; 2];
    assert!(matches!(
        MetabolismSimulator::new(&twice, &resting(), NDTS, BASE_DT_MS),
        Err(SettingsError::NeuronOrder { first: 3, second: 3 })
    ));
}

#[test]
fn tables_of_initial_values_in_either_order() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("u0.csv");
    let build = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let settings = Settings { initial_table: Some(path.clone()), ..resting() };
        MetabolismSimulator::new(&sites(1), &settings, NDTS, BASE_DT_MS)
    };
    let numbers = |count: usize| (0..count).map(|number| format!("{number}\n")).collect::<String>();
    let potassium = |simulator: &MetabolismSimulator| read(simulator, &state_query("K_out").0)[0];
    assert_eq!(potassium(&build(&numbers(181)).unwrap()), 94.0);
    assert_eq!(potassium(&build(&numbers(183)).unwrap()), 95.0);
    let error = build(&numbers(100)).unwrap_err();
    assert!(error.to_string().contains("u0.csv has 100 values; expected 181 or 183"), "{error}");
    let negative = numbers(181).replacen("7\n", "-7\n", 1);
    let error = build(&negative).unwrap_err();
    assert!(matches!(&error, SettingsError::NegativeConcentration { value: -7.0, .. }), "{error}");
    assert!(matches!(build("1, two"), Err(SettingsError::TableValue { .. })));
}
