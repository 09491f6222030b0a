//! `multiscale_run` sections of both generations.

use std::path::{Path, PathBuf};

use msr_config::SimulationConfig;
use msr_config::multiscale::{
    Action, Bounds, Check, CheckResponse, Compatibility, Constant, Generation, ModelName, MultiscaleRun,
    RecordingMoment, StateKey, SyncEvent, WriteBackMode,
};
use serde_json::json;

fn read(text: &str) -> SimulationConfig {
    SimulationConfig::from_text(text, "/base/simulation_config.json").unwrap_or_else(|problems| panic!("{problems}"))
}

fn events() -> (SimulationConfig, MultiscaleRun) {
    let config = read(include_str!("data/events.json"));
    let multiscale = config.multiscale.clone().unwrap();
    (config, multiscale)
}

fn flat() -> (SimulationConfig, MultiscaleRun) {
    let config = read(include_str!("data/flat.json"));
    let multiscale = config.multiscale.clone().unwrap();
    (config, multiscale)
}

#[test]
fn connections_by_event_are_in_the_order_of_the_main_loop() {
    let (_, run) = events();
    assert_eq!(run.generation, Generation::Events);
    let order: Vec<_> = run.connections.iter().map(|connection| (connection.event, connection.key.as_str())).collect();
    assert_eq!(
        order,
        [
            (Some(SyncEvent::AfterStepsAdvance), "multiscale_run.connections.after_steps_advance[0]"),
            (Some(SyncEvent::BeforeBloodflowAdvance), "multiscale_run.connections.before_bloodflow_advance[0]"),
            (Some(SyncEvent::AfterMetabolismAdvance), "multiscale_run.connections.after_metabolism_advance[0]"),
            (Some(SyncEvent::AfterMetabolismAdvance), "multiscale_run.connections.after_metabolism_advance[1]"),
        ]
    );
    let sum = &run.connections[0];
    assert_eq!((sum.action, sum.transform_expression.as_deref()), (Action::Sum, Some("vals * 1e-8")));
    assert_eq!(sum.dest_set.kwargs["species_name"], "KK");
    let merge = &run.connections[2];
    assert_eq!((merge.action, merge.line, merge.column), (Action::Merge, 18, 17));
    assert_eq!(merge.src_set.as_ref().unwrap().function, "set_var");
    assert_eq!(merge.dest_get.as_ref().unwrap().kwargs["idx"], 22);
    assert_eq!(merge.src_get.kwargs, *json!({"var": "atpi", "weight": "volume"}).as_object().unwrap());
}

#[test]
fn settings_of_the_event_generation() {
    let (_, run) = events();
    assert!(run.with_bloodflow && run.with_metabolism && !run.with_steps && run.cache_load && run.cache_save);
    assert!(run.is_active("neurodamus") && run.is_active("metabolism") && !run.is_active("steps"));
    assert_eq!(run.mesh_path.as_deref(), Some(Path::new("/base/mesh/autogen_mesh.msh")));
    assert_eq!(run.cache_path, Path::new("/base/RESULTS/cache"));
    assert_eq!((run.mesh_scale, run.ndts, run.write_back), (1e-6, None, WriteBackMode::Shift));
    assert_eq!(run.preprocessor.mesh.base_length_um, Some(30.0));
    assert_eq!(run.preprocessor.node_sets.as_ref().unwrap().neuron_population_name, "neocortex_neurons");
    let bloodflow = run.bloodflow.as_ref().unwrap();
    assert_eq!((bloodflow.ndts, bloodflow.vasc_axis, bloodflow.input_v_um_per_s), (4000, 1, 3.5e4));
    let moments: Vec<_> = run.reports.iter().map(|report| (report.file_name.as_str(), report.when)).collect();
    assert_eq!(
        moments,
        [("metab_ina.h5", RecordingMoment::AfterSync), ("atpi_before.h5", RecordingMoment::BeforeSync)]
    );
}

#[test]
fn metabolism_by_number() {
    let (config, run) = events();
    let metabolism = run.metabolism.as_ref().unwrap();
    // Null parameters keep their standard values.
    let parameters = [(3, 0.0001), (4, 0.0001), (5, 0.023)].map(|(index, value)| (StateKey::Index(index), value));
    assert_eq!(metabolism.parameters, parameters);
    assert_eq!(metabolism.constants["ATDMP"]["ATDPtot_n"], Constant::Number(1.4449961078157665));
    assert_eq!(metabolism.constants["Glycogen"]["au"], Constant::List(vec![128.0, 75.0]));
    assert_eq!(metabolism.constants["GeneralConstants"]["mito_volume_fraction"], Constant::List(vec![0.0459]));
    assert_eq!(metabolism.constants["GeneralConstants"]["xNEmod"], Constant::Number(0.025));
    assert_eq!(metabolism.u0_path, None);
    assert_eq!(metabolism.solver_kwargs["maxiters"], 1e6);
    let check = Check {
        key: StateKey::Index(22),
        label: Some("atpi".into()),
        bounds: Bounds { lb: Some(0.25), hb: Some(2.5), ..Bounds::default() },
        response: CheckResponse::AbortSimulation,
    };
    assert_eq!(metabolism.checks.vm, [check]);
    assert_eq!(metabolism.checks.parameters[0].bounds.leb, Some(0.0));
    let [note] = &config.notes[..] else { panic!("{:?}", config.notes) };
    assert_eq!(note.key, "multiscale_run.metabolism.u0_path");
    assert!(note.message.contains("built-in initial values"));
}

#[test]
fn models_of_the_metabolism() {
    let read = |keys: &str| {
        let text = format!(
            r#"{{"run": {{"tstop": 1, "dt": 0.1, "random_seed": 1}}, "network": "c.json",
                "multiscale_run": {{"metabolism": {{"ndts": 1{keys}}}}}}}"#
        );
        let metabolism = read(&text).multiscale.unwrap().metabolism.unwrap();
        (metabolism.model, metabolism.compatibility)
    };
    let named = |name: &str, path: &str| Some(ModelName { name: name.to_owned(), path: path.into() });
    assert_eq!(read(""), (None, Compatibility::Corrected));
    // The program of series 0.8 is no model.
    assert_eq!(read(r#", "model": {"includes": ["x.jl"]}"#).0, None);
    assert_eq!(read(r#", "model": "aged""#).0, named("aged", "/base/aged"));
    assert_eq!(read(r#", "model": "models/own.eqn""#).0, named("models/own.eqn", "/base/models/own.eqn"));
    assert_eq!(read(r#", "compatibility": "published""#).1, Compatibility::Published);
    let only = ["a", "b"].map(str::to_owned).to_vec();
    assert_eq!(read(r#", "compatibility": ["a", "b"]"#).1, Compatibility::Only(only));
}

#[test]
fn flat_connections_and_custom_simulators() {
    let (config, run) = flat();
    assert_eq!((run.generation, run.ndts), (Generation::Flat, Some(200)));
    assert_eq!(run.connections[0].key, "multiscale_run.connections[0]");
    assert_eq!((run.connections[0].ndts, run.connections[1].ndts), (Some(800), None));
    assert_eq!(run.connections[1].src_get.kwargs.len(), 0);
    assert_eq!(run.connections[1].src_simulator, "oxygen");
    assert!(run.is_active("oxygen") && run.with_custom["oxygen"]);
    assert_eq!(run.sections["oxygen"]["anything"][1], "user");
    assert_eq!(run.sections.keys().collect::<Vec<_>>(), ["steps", "metabolism", "oxygen"]);
    assert_eq!(config.document["multiscale_run"]["oxygen"]["solubility"], 1.3e-3);
    assert_eq!(config.notes, []);
}

#[test]
fn metabolism_by_name() {
    let (_, run) = flat();
    let metabolism = run.metabolism.as_ref().unwrap();
    assert_eq!(metabolism.u0["ATP_n"], 1.4);
    assert_eq!(metabolism.parameters, [(StateKey::Name("notBigg_vV_b_b".into()), 0.023)]);
    assert_eq!(metabolism.checks.vm[0].key, StateKey::Name("K_out".into()));
    let species = &run.steps.as_ref().unwrap().volume_system.species[0];
    assert_eq!((species.name.as_str(), species.concentration_mm, species.charges), ("KK", 3.0, 1));
    assert_eq!(run.steps.as_ref().unwrap().conc_factor, 1e-9);
    let reports: Vec<_> =
        run.reports.iter().map(|report| (report.simulator.as_str(), report.file_name.as_str(), report.when)).collect();
    let when = RecordingMoment::BeforeAndAfterAdvance;
    assert_eq!(reports, [("metabolism", "metab_ina.h5", when), ("metabolism", "metab_alive_gids.h5", when)]);
    assert_eq!(run.reports[1].unit, "");
}

#[test]
fn places_are_kept_for_later_mistakes() {
    let (config, _) = flat();
    let problem = config.places.problem("multiscale_run.connections[1].dest_set_kwargs.idxs[0]", "no such state");
    assert_eq!(
        problem.to_string(),
        "/base/simulation_config.json:18:78: multiscale_run.connections[1].dest_set_kwargs.idxs[0]: no such state"
    );
    // A key that is not in the file is told where the nearest key above it stands.
    assert_eq!(config.places.problem("multiscale_run.connections[1].ndts", "").line, 14);
}

fn tiny_ci(generation: &str) -> Option<SimulationConfig> {
    let directory: PathBuf = crate::shared::circuit("msr_tiny_CI_configs")?.join(generation);
    Some(SimulationConfig::load(directory).unwrap_or_else(|problems| panic!("{problems}")))
}

#[test]
fn tiny_ci_of_the_event_generation() {
    let Some(config) = tiny_ci("generation_events_0.8") else { return };
    let run = config.multiscale.as_ref().unwrap();
    assert_eq!(config.time_grid().steps, 11_600);
    assert_eq!((config.inputs.len(), config.reports.len(), run.connections.len(), run.reports.len()), (2, 8, 11, 11));
    assert_eq!(run.metabolism.as_ref().unwrap().ndts, 4000);
    assert_eq!(run.metabolism.as_ref().unwrap().constants["GeneralConstants"].len(), 5);
    assert_eq!(run.connections.iter().filter(|connection| connection.action == Action::Merge).count(), 1);
    assert_eq!(config.conditions.v_init_mv, -65.0);
    assert_eq!(config.output.output_dir, config.base_dir.join("RESULTS"));
    assert_eq!(config.output.spikes_file, config.base_dir.join("RESULTS/out.h5"));
    let circuit = msr_config::CircuitConfig::load(&config.network).unwrap();
    assert_eq!((circuit.nodes.len(), circuit.edges.len()), (3, 4));
    assert_eq!(
        circuit.nodes[0].paths.h5v1_dir,
        Some(config.base_dir.join("tiny_CI_neurodamus/build/morphologies/neurons"))
    );
}

#[test]
fn tiny_ci_of_the_flat_generation() {
    let Some(config) = tiny_ci("generation_flat_0.9.0") else { return };
    let run = config.multiscale.as_ref().unwrap();
    assert_eq!(config.time_grid().steps, 12_000);
    assert_eq!((run.connections.len(), run.reports.len()), (9, 9));
    let metabolism = run.metabolism.as_ref().unwrap();
    assert_eq!((metabolism.ndts, metabolism.checks.vm.len(), metabolism.parameters.len()), (400, 3, 3));
    assert_eq!(metabolism.constants["Glycogen"]["au"], Constant::List(vec![128.0, 100.0, 100.0, 90.0, 80.0, 75.0]));
    assert_eq!(config.document["multiscale_run"]["steps"]["conc_factor"], 1e-9);
    assert!(config.notes.is_empty(), "{:?}", config.notes);
}

#[test]
fn iterations_and_what_they_leave_open() {
    let text = r#"{"run": {"tstop": 1, "dt": 0.1, "random_seed": 1}, "multiscale_run": {"iterations": [
        {"simulators": ["neurodamus", "bloodflow"]},
        {"simulators": ["oxygen"], "tolerance": 1e-9, "max_iterations": 5, "relaxation": 1.2}]}}"#;
    let run = SimulationConfig::from_text(text, "f").unwrap().multiscale.unwrap();
    let [open, given] = &run.iterations[..] else { panic!("{:?}", run.iterations) };
    assert_eq!(open.simulators, ["neurodamus", "bloodflow"]);
    assert_eq!((open.tolerance, open.max_iterations, open.relaxation), (1e-6, 20, 0.5));
    assert_eq!((given.tolerance, given.max_iterations, given.relaxation), (1e-9, 5, 1.2));
    assert_eq!((given.key.as_str(), given.line, given.column), ("multiscale_run.iterations[1]", 3, 9));
}
