//! Mistakes of configuration files and what is said about them.

use msr_config::{CircuitConfig, NodeSets, SimulationConfig};

/// Problems of a simulation configuration, without the file's name.
fn problems(text: &str) -> Vec<String> {
    let problems = SimulationConfig::from_text(text, "f").expect_err("the configuration has mistakes");
    problems.to_string().lines().map(|line| line.trim_start_matches("f:").to_owned()).collect()
}

/// What is said about a text: the word at each place, and the message without the place.
fn told(text: &str, problems: &str) -> Vec<String> {
    let told = |line: &str| {
        let mut parts = line.splitn(4, ':');
        let (_, row, column) = (parts.next(), parts.next().unwrap(), parts.next().unwrap());
        let row = text.lines().nth(row.parse::<usize>().unwrap() - 1).unwrap();
        let rest: String = row.chars().skip(column.parse::<usize>().unwrap() - 1).collect();
        let end = rest.find([',', ':', '}', ']', ' ']).unwrap_or(rest.len()).max(1);
        format!("{} |{}", &rest[..end], parts.next().unwrap())
    };
    problems.lines().map(told).collect()
}

/// As [`told`], for the problems of a simulation configuration.
fn simulation(text: &str) -> Vec<String> {
    told(text, &SimulationConfig::from_text(text, "f").expect_err("the configuration has mistakes").to_string())
}

/// Notes of a simulation configuration, without the file's name.
fn notes(text: &str) -> Vec<String> {
    let config = SimulationConfig::from_text(text, "f").unwrap_or_else(|problems| panic!("{problems}"));
    config.notes.iter().map(|note| note.to_string().trim_start_matches("f:").to_owned()).collect()
}

const RUN: &str = r#""run": {"tstop": 1, "dt": 0.1, "random_seed": 1}"#;

/// A document with a good `run` and one more section, which begins on line 2.
fn with(section: &str) -> String {
    format!("{{{RUN},\n{section}}}")
}

fn input(parameters: &str) -> String {
    with(&format!(
        r#""inputs": {{"i": {{"node_set": "A", "delay": 0, "duration": 10, "input_type": "current_clamp", {parameters}}}}}"#
    ))
}

fn report(parameters: &str) -> String {
    with(&format!(r#""reports": {{"r": {{"dt": 0.1, "start_time": 0, "end_time": 1, {parameters}}}}}"#))
}

fn multiscale(parameters: &str) -> String {
    with(&format!(r#""multiscale_run": {{{parameters}}}"#))
}

#[test]
fn all_mistakes_are_told_together() {
    let text = "{\n  \"run\": {\"tstopp\": 10, \"dt\": \"0.1\"},\n  \"output\": {\"spikes_sort_order\": \"time\"},\n  \
                \"node_set\": null,\n  \"conections_overrides\": [],\n  \"my_notes\": 1\n}";
    assert_eq!(
        problems(text),
        [
            "2:10: run.random_seed: mandatory key is missing",
            "2:11: run.tstopp: unknown key 'tstopp' (did you mean 'tstop'?)",
            "2:31: run.dt: must be a number greater than 0, found the text \"0.1\"",
            "3:35: output.spikes_sort_order: unknown value 'time'; valid: none, by_id, by_time",
            "4:15: node_set: must be a text, found null",
            "5:3: conections_overrides: unknown key 'conections_overrides' (did you mean 'connection_overrides'?)",
        ]
    );
}

#[test]
fn duplicate_keys_are_refused() {
    assert_eq!(
        problems("{\"run\": {\"tstop\": 1, \"dt\": 0.1,\n \"random_seed\": 1, \"tstop\": 2}}"),
        ["2:20: run.tstop: duplicate key 'tstop' in 'run', first on line 1"]
    );
}

#[test]
fn unknown_keys_are_noted_and_put_aside_keys_too() {
    let text =
        r#"{"version": 2, "author": "me", "run": {"tstop": 1, "dt": 0.1, "random_seed": 1, "_tstop": 5, "tstart": 0}}"#;
    assert_eq!(
        notes(text),
        ["1:16: author: unknown key 'author' has no effect", "1:81: run._tstop: unknown key '_tstop' has no effect"]
    );
}

#[test]
fn mistakes_of_run() {
    for (run, expected) in [
        (
            r#""tstop": -1, "dt": 0.1, "random_seed": 1"#,
            "-1 | run.tstop: must be a number not less than 0, found the number -1",
        ),
        (r#""tstop": 1, "dt": 0, "random_seed": 1"#, "0 | run.dt: must be a number greater than 0, found the number 0"),
        (
            r#""tstop": 1, "dt": 0.1, "random_seed": 1.7"#,
            "1.7 | run.random_seed: must be an integer from -2147483648 to 2147483647, found the number 1.7",
        ),
        (
            r#""tstop": 1, "dt": 0.1, "random_seed": 1099511627776"#,
            "1099511627776 | run.random_seed: must be an integer from -2147483648 to 2147483647, found the number 1099511627776",
        ),
        (
            r#""tstop": 1, "dt": 0.1, "random_seed": true"#,
            "true | run.random_seed: must be an integer from -2147483648 to 2147483647, found true",
        ),
        (
            r#""tstop": 1, "dt": 0.1, "random_seed": 1, "integration_method": "Euler""#,
            "\"Euler\" | run.integration_method: unknown value 'Euler' (did you mean 'euler'?); valid: euler, crank_nicolson, \
             crank_nicolson_ion",
        ),
        (
            r#""tstop": 1, "dt": 0.1, "random_seed": 1, "dL": 0"#,
            "0 | run.dL: must be a number greater than 0, found the number 0",
        ),
        (
            r#""tstop": 1, "dt": 0.1, "random_seed": 1, "electrodes_file": "e.h5""#,
            "\"e.h5\" | run.electrodes_file: belongs into each report of type lfp: reports.<name>.electrodes_file",
        ),
    ] {
        assert_eq!(simulation(&format!("{{\"run\": {{{run}}}}}")), [expected]);
    }
    assert_eq!(simulation("{}"), ["{ | run: mandatory key is missing"]);
    assert_eq!(simulation("[1]"), ["[1 | must be an object, found a list"]);
    assert_eq!(simulation("{\"run\": 5}"), ["5 | run: must be an object, found the number 5"]);
}

#[test]
fn an_end_between_two_steps_is_noted() {
    assert_eq!(
        notes(r#"{"run": {"tstop": 1.03, "dt": 0.025, "random_seed": 5.0}}"#),
        ["1:19: run.tstop: is no multiple of dt = 0.025 ms; the run ends after 42 steps at 1.05 ms"]
    );
}

#[test]
fn mistakes_of_inputs() {
    for (parameters, expected) in [
        (
            r#""module": "puls", "amp_start": 1"#,
            "inputs.i.module: unknown value 'puls' (did you mean 'pulse'?); valid: ",
        ),
        (r#""module": "linear""#, "inputs.i.amp_start: mandatory key is missing"),
        (
            r#""module": "linear", "amp_strat": 1"#,
            "inputs.i.amp_strat: unknown key 'amp_strat' (did you mean 'amp_start'?)",
        ),
        (
            r#""module": "seclamp", "voltage": 1"#,
            "inputs.i.input_type: module seclamp takes voltage_clamp, found current_clamp",
        ),
        (
            r#""module": "pulse", "amp_start": 1, "width": 30, "frequency": 50"#,
            "inputs.i.width: 30 ms is longer than the period of 20 ms (1000 / frequency)",
        ),
        (
            r#""module": "noise", "variance": 1"#,
            "inputs.i: noise needs mean (nA) or mean_percent (of the threshold current)",
        ),
        (
            r#""module": "noise", "mean": 1, "mean_percent": 2"#,
            "inputs.i.mean_percent: noise has either mean or mean_percent; remove one of them",
        ),
        (
            r#""module": "shot_noise", "rise_time": 4, "decay_time": 2, "rate": 1, "amp_mean": 1, "amp_var": 1"#,
            "inputs.i.rise_time: 4 ms must be less than decay_time = 2 ms",
        ),
        (
            r#""module": "shot_noise", "rise_time": 1, "decay_time": 2, "rate": 1, "amp_mean": 0, "amp_var": 1"#,
            "inputs.i.amp_mean: must not be 0",
        ),
        (
            r#""module": "absolute_shot_noise", "rise_time": 1, "decay_time": 2, "mean": 1, "sigma": 0"#,
            "inputs.i.sigma: must be a number greater than 0, found the number 0",
        ),
        (
            r#""module": "absolute_shot_noise", "rise_time": 1, "decay_time": 2, "mean": 1, "sigma": 1, "relative_skew": 2"#,
            "inputs.i.relative_skew: must be a number from 0 to 1, found the number 2",
        ),
        (
            r#""module": "linear", "amp_start": 1, "compartment_set": "B""#,
            "inputs.i.compartment_set: an input has either node_set or compartment_set; remove one of them",
        ),
    ] {
        let problems = problems(&input(parameters));
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].contains(expected), "{} / {expected}", problems[0]);
    }
}

#[test]
fn mistakes_of_other_input_types() {
    let typed = |input_type: &str, parameters: &str| {
        let common = r#""node_set": "A", "delay": 1, "duration": 10"#;
        simulation(&with(&format!(r#""inputs": {{"i": {{{common}, "input_type": "{input_type}", {parameters}}}}}"#)))
    };
    assert_eq!(
        typed(
            "voltage_clamp",
            r#""module": "seclamp", "voltage": 1, "duration_levels": [9, 3], "voltage_levels": [1]"#
        ),
        [
            "1 | inputs.i.delay: must be 0 for a seclamp, found 1",
            "[9 | inputs.i.duration_levels: sum of 12 ms exceeds duration = 10 ms",
            "[1 | inputs.i.voltage_levels: has 1 values, but duration_levels has 2",
        ]
    );
    assert_eq!(
        typed("spikes", r#""module": "synapse_replay", "spike_file": "out.dat""#),
        ["\"out.dat\" | inputs.i.spike_file: must be a SONATA file with the extension .h5"]
    );
    assert_eq!(
        typed(
            "extracellular_stimulation",
            r#""module": "spatially_uniform_e_field", "fields": [{"Ex": 1, "Ey": 0, "Ez": 0, "frequency": 5000}]"#
        ),
        ["5000 | inputs.i.fields[0].frequency: 5000 Hz must be less than 1/(2 run.dt) = 5000 Hz"]
    );
    assert_eq!(
        typed("extracellular_stimulation", r#""module": "spatially_uniform_e_field", "fields": []"#),
        [r#"[ | inputs.i.fields: must have at least one field {"Ex": .., "Ey": .., "Ez": ..} in V/m"#]
    );
    assert_eq!(
        simulation(&with(
            r#""inputs": {"i": {"module": "hyperpolarizing", "input_type": "current_clamp", "delay": 0}}"#
        )),
        [
            "{\"module\" | inputs.i.duration: mandatory key is missing",
            "{\"module\" | inputs.i.node_set: mandatory key is missing",
        ]
    );
    assert_eq!(simulation(&with(r#""inputs": []"#)), ["[ | inputs: must be an object, found a list"]);
}

#[test]
fn mistakes_of_reports() {
    for (parameters, expected) in [
        (
            r#""type": "compartmnt", "variable_name": "v""#,
            "\"compartmnt\" | reports.r.type: unknown value 'compartmnt' (did you mean 'compartment'?); valid: compartment, summation, \
             synapse, lfp, compartment_set",
        ),
        (r#""type": "summation""#, "{\"dt\" | reports.r.variable_name: mandatory key is missing"),
        (
            r#""type": "compartment", "variable_name": "a b""#,
            "\"a | reports.r.variable_name: 'a b' is no list of variables; write one (v, Mechanism.variable) or several (ina, ik)",
        ),
        (
            r#""type": "compartment", "variable_name": "v", "sections": ["soma"]"#,
            "[\"soma\" | reports.r.sections: must be a text, found a list",
        ),
        (
            r#""type": "compartment", "variable_name": "v", "electrodes_file": "x""#,
            "\"x\" | reports.r.electrodes_file: only a report of type lfp has this key",
        ),
        (
            r#""type": "lfp", "electrodes_file": "x", "variable_name": "v""#,
            "\"v\" | reports.r.variable_name: a report of type lfp has no variable; remove this key",
        ),
        (
            r#""type": "compartment_set", "compartment_set": "x", "variable_name": "v", "sections": "soma""#,
            "\"soma\" | reports.r.sections: a report of type compartment_set takes its sections from the set; remove this key",
        ),
    ] {
        assert_eq!(simulation(&report(parameters)), [expected]);
    }
    let times = r#""reports": {"r": {"type": "compartment", "variable_name": "v", "dt": 0.05, "start_time": 3, "end_time": 2}}"#;
    assert_eq!(
        simulation(&with(times)),
        [
            "0.05 | reports.r.dt: 0.05 ms is less than run.dt = 0.1 ms",
            "3 | reports.r.start_time: 3 ms is after end_time = 2 ms",
        ]
    );
}

#[test]
fn mistakes_of_conditions_and_overrides() {
    for (section, expected) in [
        (
            r#""conditions": {"mechanisms": {"CaDyn": {"gamma": null}}}"#,
            "null | conditions.mechanisms.CaDyn.gamma: must be true, false, a number or a text, found null",
        ),
        (
            r#""conditions": {"celcius": 34}"#,
            "\"celcius\" | conditions.celcius: unknown key 'celcius' (did you mean 'celsius'?)",
        ),
        (
            r#""conditions": {"modifications": [{"name": "a", "type": "section_list", "node_set": "x"}]}"#,
            "{\"name\" | conditions.modifications[0].section_configure: mandatory key is missing",
        ),
        (
            r#""conditions": {"modifications": [{"name": "a", "type": "ttx", "node_set": "x"}, {"name": "a", "type": "ttx", "node_set": "x"}]}"#,
            "\"a\" | conditions.modifications[1].name: 'a' is the name of an earlier modification",
        ),
        (r#""connection_overrides": {}"#, "{ | connection_overrides: must be a list, found an object"),
        (
            r#""connection_overrides": [{"name": "a", "source": "x", "target": "x"}, {"name": "a", "source": "x", "target": "x"}]"#,
            "\"a\" | connection_overrides[1].name: 'a' is the name of an earlier override",
        ),
        (
            r#""target_simulator": "NEST""#,
            "\"NEST\" | target_simulator: unknown value 'NEST'; valid: NEURON, CORENEURON, LearningEngine, Brian2, unspecified",
        ),
        (r#""metadata": {"a": [1]}"#, "[1 | metadata.a: must be true, false, a number or a text, found a list"),
    ] {
        assert_eq!(simulation(&with(section)), [expected]);
    }
    // A null calcium concentration counts as absent.
    let text = with(r#""conditions": {"extracellular_calcium": null}"#);
    assert_eq!(SimulationConfig::from_text(&text, "f").unwrap().conditions.extracellular_calcium_mm, None);
}

#[test]
fn mistakes_of_the_multiscale_run() {
    for (parameters, expected) in [
        (
            r#""metabolims": {"ndts": 1}"#,
            "\"metabolims\" | multiscale_run.metabolims: unknown key 'metabolims' (did you mean 'metabolism'?)",
        ),
        (r#""with_steps": true"#, "true | multiscale_run.with_steps: is true, but the section 'steps' is missing"),
        (
            r#""ndts": 0"#,
            "0 | multiscale_run.ndts: must be an integer from 1 to 4294967295 (base steps of run.dt), found the number 0",
        ),
        (
            r#""connections": {"after_metabolism": []}"#,
            "\"after_metabolism\" | multiscale_run.connections.after_metabolism: unknown key 'after_metabolism' (did you mean \
             'after_metabolism_advance'?); available: after_metabolism_advance, after_steps_advance, before_bloodflow_advance",
        ),
        (
            r#""connections": [{"src_simulator": "a", "src_get_func": "g", "dest_simulator": "b", "dest_set_func": "s", "action": "merge"}]"#,
            "\"merge\" | multiscale_run.connections[0].action: merge writes to both ends; it needs 'src_set_func'",
        ),
        (
            r#""connections": [{"src_simulator": "a", "src_get_func": "g", "dest_simulator": "b", "dest_set_func": "s", "action": "add"}]"#,
            "\"add\" | multiscale_run.connections[0].action: unknown value 'add'; valid: sum, set, merge",
        ),
        (
            r#""connections": [{"src_simulator": "a", "src_get_func": "g", "dest_simulator": "b", "dest_set_func": "s", "action": "set", "window": "maen"}]"#,
            "\"maen\" | multiscale_run.connections[0].window: unknown value 'maen' (did you mean 'mean'?); valid: last, mean, integral, min, max",
        ),
        (
            r#""connections": [{"src_simulator": "a", "src_get_func": "g", "dest_simulator": "b", "dest_set_func": "s", "action": "set", "when": 1}]"#,
            "\"when\" | multiscale_run.connections[0].when: unknown key 'when'; available: action, dest_get_func, dest_get_kwargs, \
             dest_set_func, dest_set_kwargs, dest_simulator, ndts, src_get_func, src_get_kwargs, src_set_func, src_set_kwargs, \
             src_simulator, transform_expression, transform_unit, window",
        ),
        (
            r#""preprocessor": {"mesh": {"base_lenght": 1}}"#,
            "\"base_lenght\" | multiscale_run.preprocessor.mesh.base_lenght: unknown key 'base_lenght' (did you mean 'base_length'?)",
        ),
        (
            r#""metabolism": {"ndts": 1, "constants": {"glycogen": 1}}"#,
            "\"glycogen\" | multiscale_run.metabolism.constants.glycogen: unknown constant 'glycogen' (did you mean 'glycogen_au'?); \
             outside of groups there are: ATDPtot_n, glycogen_au, mito_volume_fraction; all others stand in groups \
             {\"Group\": {\"field\": value}}",
        ),
        (
            r#""metabolism": {"ndts": 1, "checks": {"vm": {"ATP_n": {"kwargs": {"min": 1}, "response": "abort_simulation"}}}}"#,
            "\"min\" | multiscale_run.metabolism.checks.vm.ATP_n.kwargs.min: unknown key 'min'; available: hb, heb, lb, leb",
        ),
        (
            r#""metabolism": {"ndts": 1, "compatibility": "correct"}"#,
            "\"correct\" | multiscale_run.metabolism.compatibility: unknown value 'correct' (did you mean 'corrected'?); valid: \
             corrected, published, or a list of corrections",
        ),
        (
            r#""metabolism": {"ndts": 1, "compatibility": [3]}"#,
            "3 | multiscale_run.metabolism.compatibility[0]: must be a text, found the number 3",
        ),
        (
            r#""metabolism": {"ndts": 1, "model": 3}"#,
            "3 | multiscale_run.metabolism.model: must be a text, found the number 3",
        ),
        (
            r#""mesh_path": "$results/mesh.msh""#,
            "\"$results/mesh.msh\" | multiscale_run.mesh_path: unknown token '$results': no key with a text has this name",
        ),
        (
            r#""reports": {"steps": {"k": {"src_get_func": "get_tet_concs", "when": "after"}}}"#,
            "\"after\" | multiscale_run.reports.steps.k.when: unknown value 'after' (did you mean 'after_sync'?); valid: \
             before_sync, after_sync",
        ),
    ] {
        assert_eq!(simulation(&multiscale(parameters)), [expected]);
    }
}

#[test]
fn a_misspelt_section_that_connections_name_is_a_custom_simulator() {
    let connection = r#"{"src_simulator": "metabolism2", "src_get_func": "g", "dest_simulator": "b", "dest_set_func": "s", "action": "set"}"#;
    let text = multiscale(&format!(r#""connections": [{connection}], "metabolism2": {{"ndts": 7}}"#));
    let config = SimulationConfig::from_text(&text, "f").unwrap();
    assert_eq!(config.multiscale.unwrap().sections["metabolism2"]["ndts"], 7);
}

#[test]
fn absent_files_are_told_with_their_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("simulation_config.json");
    let text = with(
        "\"network\": \"circuit_confg.json\", \"node_sets_file\": \"sets.json\",\n\
         \"inputs\": {\"i\": {\"node_set\": \"A\", \"delay\": 0, \"duration\": 1, \"input_type\": \"spikes\", \
         \"module\": \"synapse_replay\", \"spike_file\": \"in/s.h5\"}},\n\
         \"multiscale_run\": {\"metabolism\": {\"ndts\": 1, \"u0_path\": \"u0.csv\"}}",
    );
    std::fs::write(&path, text).unwrap();
    std::fs::write(directory.path().join("circuit_config.json"), "{}").unwrap();
    let shown = SimulationConfig::load(directory.path()).unwrap_err().to_string();
    let directory = directory.path().display().to_string();
    let shown: Vec<_> = shown.lines().map(|line| line.replace(&directory, "D")).collect();
    assert_eq!(
        shown,
        [
            "D/simulation_config.json:2:12: network: file not found: D/circuit_confg.json (did you mean 'circuit_config.json'?)",
            "D/simulation_config.json:2:52: node_sets_file: file not found: D/sets.json (the directory has: \
             circuit_config.json, simulation_config.json)",
            "D/simulation_config.json:3:128: inputs.i.spike_file: file not found: D/in/s.h5 (no directory D/in)",
            "D/simulation_config.json:4:57: multiscale_run.metabolism.u0_path: file not found: D/u0.csv",
        ]
    );
    assert!(
        SimulationConfig::load("/nowhere/x.json")
            .unwrap_err()
            .to_string()
            .starts_with("/nowhere/x.json: cannot be read")
    );
}

#[test]
fn mistakes_of_circuits() {
    let circuit = |text: &str| CircuitConfig::from_text(text, "c").expect_err("mistakes").to_string();
    assert_eq!(circuit("{}"), "c:1:1: networks: mandatory key is missing");
    assert_eq!(circuit(r#"{"networks": {"edges": []}}"#), "c:1:14: networks.nodes: mandatory key is missing");
    assert!(CircuitConfig::from_text(r#"{"networks": {"nodes": []}}"#, "c").unwrap().edges.is_empty());
    assert_eq!(
        circuit(r#"{"networks": {"nodes": [{"nodes_file": "n.h5", "populations": {"A": {}}}], "edges": []}}"#),
        "c:1:69: networks.nodes[0].populations.A.morphologies_dir: is mandatory for a population of type biophysical\n\
         c:1:69: networks.nodes[0].populations.A.biophysical_neuron_models_dir: is mandatory for a population of type biophysical"
    );
    assert_eq!(
        circuit(
            r#"{"networks": {"nodes": [{"populations": {"A": {"type": "virtual"}}},
 {"nodes_file": "n.h5", "populations": {"A": {"type": "virtual"}}}], "edges": [{"edges_file": "e.h5", "populations": {"E": {"type": "endfoot"}}}]}}"#
        ),
        "c:1:25: networks.nodes[0].nodes_file: mandatory key is missing\n\
         c:2:46: networks.nodes[1].populations.A: population 'A' is declared before\n\
         c:2:124: networks.edges[0].populations.E.endfeet_meshes_file: is mandatory for a population of type endfoot"
    );
    assert_eq!(
        circuit(r#"{"metadata": {"status": "done"}, "node_sets_file": null, "networks": {"nodes": [], "edges": []}}"#),
        "c:1:25: metadata.status: unknown value 'done'; valid: complete, partial\n\
         c:1:52: node_sets_file: must be a text, found null"
    );
    let partial = r#"{"metadata": {"status": "partial"}, "networks": {"nodes": [{"nodes_file": "n.h5", "populations": {"A": {}}}], "edges": []}}"#;
    assert!(CircuitConfig::from_text(partial, "c").is_ok());
}

#[test]
fn mistakes_of_node_sets() {
    for (text, expected) in [
        (r#"[]"#, "n:1:1: must be an object, found a list"),
        (r#"{"A": ["B"], "Bee": {"population": "p"}}"#, "n:1:7: A: there is no node set 'B' (did you mean 'Bee'?)"),
        (r#"{"A": {}, "B": ["A"]}"#, "n:1:16: B: there is no node set 'A'"),
        (
            r#"{"A": 1}"#,
            "n:1:7: A: must be rules {\"attribute\": value} or a list of names of node sets, found the number 1",
        ),
        (r#"{"A": [{"layer": 1}]}"#, "n:1:8: A[0]: must be the name of a node set, found an object"),
        (
            r#"{"A": {"x": {"$eq": 1}}}"#,
            "n:1:14: A.x.$eq: unknown operation '$eq'; valid: $regex, $gt, $lt, $gte, $lte",
        ),
        (
            r#"{"A": {"x": {"$gt": 1, "$lt": 3}}}"#,
            "n:1:13: A.x: must have exactly one of $regex, $gt, $lt, $gte, $lte, found an object",
        ),
        (r#"{"A": {"x": {"$gt": "1"}}}"#, "n:1:21: A.x.$gt: must be a number, found the text \"1\""),
        (r#"{"A": {"x": {"$regex": "(a"}}}"#, "n:1:24: A.x.$regex: no valid regular expression '(a': unclosed group"),
        (
            r#"{"A": {"x": 1.5}}"#,
            "n:1:13: A.x: must be a text, an integer, a list of either, or an operation, found the number 1.5",
        ),
        (r#"{"A": {"x": ["a", 1]}}"#, "n:1:13: A.x: must be texts alone or integers alone, found a list"),
        (
            r#"{"A": {"x": null}}"#,
            "n:1:13: A.x: must be a text, an integer, a list of either, or an operation, found null",
        ),
        (
            r#"{"A": {"node_id": [1, -1]}}"#,
            "n:1:23: A.node_id[1]: must be a node id from 0 or a list of ids, found the number -1",
        ),
        (
            r#"{"A": {"node_id": "1"}}"#,
            "n:1:19: A.node_id: must be a node id from 0 or a list of ids, found the text \"1\"",
        ),
        (
            r#"{"A": {"population": 1}}"#,
            "n:1:22: A.population: must be the name of a population or a list of names, found the number 1",
        ),
    ] {
        assert_eq!(NodeSets::from_text(text, "n").unwrap_err().to_string(), expected);
    }
    let sets = NodeSets::from_text(r#"{"A": {}, "B": {"layer": 1}, "B": {"layer": 2}}"#, "n").unwrap();
    let notes: Vec<_> = sets.notes.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "n:1:7: A: is empty and dropped: a set without rules selects nothing, not everything",
            "n:1:30: B: duplicate key 'B', first on line 1; the last one counts",
        ]
    );
}

#[test]
fn what_has_no_effect_is_noted_once() {
    let text = multiscale(r#""cache_save": false, "cache_path": "c", "with_neurodamus": false"#);
    assert_eq!(
        notes(&text),
        [
            "2:55: multiscale_run.cache_path: nothing is kept there or taken from there unless cache_save or cache_load \
             is true",
            "2:79: multiscale_run.with_neurodamus: neurons always take part; this key has no effect",
        ]
    );
    assert!(notes(&multiscale(r#""with_neurodamus": true"#)).is_empty());
}

#[test]
fn directories_of_result_files_are_noted() {
    let said =
        |parameters: &str| notes(&report(&format!(r#""type": "compartment", "variable_name": "v", {parameters}"#)));
    let [note] = &said(r#""file_name": "a/b/soma.h5""#)[..] else { panic!("no note") };
    assert!(note.ends_with("reports.r.file_name: directories are dropped: the file is 'soma.h5' in output.output_dir"));
    let [note] = &said(r#""file_name": "/soma""#)[..] else { panic!("no note") };
    assert!(note.contains("'soma.h5'"), "{note}");
    assert!(said(r#""file_name": "./soma.h5""#).is_empty() && said(r#""file_name": "soma""#).is_empty());
    let own = r#""metabolism": {"ndts": 1, "reports": {"k": {"src_get_func": "g", "file_name": "x/k.h5"}}}"#;
    assert!(notes(&multiscale(own))[0].contains("'k.h5' in output.output_dir"));
    let [note] = &notes(&with(r#""output": {"spikes_file": "x/out.h5"}"#))[..] else { panic!("no note") };
    assert!(note.contains("output.spikes_file: directories are dropped: the file is 'out.h5'"), "{note}");
}

#[test]
fn blood_does_not_enter_backwards() {
    let section = |input_v: &str| {
        multiscale(&format!(
            r#""bloodflow": {{"ndts": 1, "blood_viscosity": 1.2e-6, "depth_ratio": 0.1, "max_nb_inputs": 1,
                "min_subgraph_size": 1, "max_capillaries_diameter": 7, "edge_scale": 2, "node_scale": 20,
                "input_v": {input_v}, "vasc_axis": 1, "base_pressure": 1.33}}"#
        ))
    };
    assert!(SimulationConfig::from_text(&section("0"), "f").is_ok());
    let said = problems(&section("-3.5"));
    assert!(said.len() == 1 && said[0].ends_with("input_v: must be a number not less than 0, found the number -3.5"));
}

#[test]
fn a_mark_of_the_byte_order_is_no_mistake() {
    let config = SimulationConfig::from_text(&format!("\u{feff}{{{RUN}}}"), "f").unwrap();
    assert_eq!(config.places.of("run"), (1, 9));
}

#[test]
fn undefined_variables_and_directories_are_no_files() {
    let directory = tempfile::tempdir().unwrap();
    let load = |rest: &str| {
        std::fs::write(directory.path().join("circuit_config.json"), "{}").unwrap();
        std::fs::write(directory.path().join("simulation_config.json"), with(rest)).unwrap();
        let problems = SimulationConfig::load(directory.path()).unwrap_err().to_string();
        problems.replace(&directory.path().display().to_string(), "D")
    };
    assert_eq!(
        load(r#""manifest": {"$BASE_DIR": ".", "$OUT": "o"}, "network": "$BASEDIR/circuit_config.json""#),
        "D/simulation_config.json:2:57: network: $BASEDIR is not defined in the manifest (did you mean '$BASE_DIR'?); \
         defined: $BASE_DIR, $OUT"
    );
    assert!(
        load(r#""network": "$X/circuit_config.json""#)
            .ends_with("network: $X is not defined in the manifest; defined: none")
    );
    assert!(
        load(r#""multiscale_run": {"mesh_path": "."}"#)
            .ends_with("mesh_path: D is a directory; name the mesh file in it")
    );
}

#[test]
fn kinds_of_populations_and_variables_of_circuits() {
    let circuit = |file: &str, kind: &str| {
        let text = format!(
            r#"{{"manifest": {{"$BASE_DIR": "."}}, "networks": {{"edges": [], "nodes": [{{"nodes_file": "{file}",
  "populations": {{"A": {{"type": "{kind}", "morphologies_dir": "m", "biophysical_neuron_models_dir": "h"}}}}}}]}}}}"#
        );
        CircuitConfig::from_text(&text, "c").map_err(|problems| problems.to_string())
    };
    assert_eq!(
        circuit("$BASE_DIR/n.h5", "bio").unwrap_err(),
        "c:2:33: networks.nodes[0].populations.A.type: unknown type 'bio' (did you mean 'biophysical'?); valid: biophysical, \
         virtual, point_process, point_neuron, single_compartment, astrocyte, vasculature"
    );
    assert!(circuit("$BASE_DIR/n.h5", "Biophysical").unwrap_err().contains("did you mean 'biophysical'"));
    assert!(circuit("n.h5", "biophysical").is_ok() && circuit("n.h5", "oligodendrocyte").is_ok());
    assert!(circuit("$BASEDIR/n.h5", "virtual").unwrap_err().ends_with(
        "nodes[0].nodes_file: $BASEDIR is not defined in the manifest (did you mean '$BASE_DIR'?); defined: $BASE_DIR"
    ));
}

#[test]
fn mistakes_in_iterations() {
    let text = multiscale(
        "\"iterations\": [\n\
         {\"simulators\": [\"neurodamus\", 3], \"tolerance\": 0, \"max_iterations\": 0, \"relaxation\": -1},\n\
         {\"simulator\": [\"neurodamus\"]},\n{}]",
    );
    assert_eq!(
        problems(&text),
        [
            "3:31: multiscale_run.iterations[0].simulators[1]: must be a text, found the number 3",
            "3:48: multiscale_run.iterations[0].tolerance: must be a number greater than 0, found the number 0",
            "3:69: multiscale_run.iterations[0].max_iterations: must be at least 1",
            "3:86: multiscale_run.iterations[0].relaxation: must be a number greater than 0, found the number -1",
            "4:2: multiscale_run.iterations[1].simulator: unknown key 'simulator' (did you mean 'simulators'?)",
            "5:1: multiscale_run.iterations[2].simulators: mandatory key is missing",
        ]
    );
}
