//! From SONATA data to simulated cells.

use std::path::Path;

use crate::circuit::{circuit, floats, texts};
use msr_config::circuit::{Circuit, Column};
use msr_config::node_sets::NodeSets;
use msr_config::simulation::SimulationConfig;
use msr_coupling::space::SEGMENTS;
use msr_coupling::{Geometry, Query, Simulator};
use msr_neuro::mechanisms::Registry;
use msr_neuro::simulator::{NeuroError, NeuroSimulator};

fn node_sets(folder: &Path) -> NodeSets {
    let text = r#"{"All": {"population": "neurons"}, "PC": {"mtype": "L5_PC"}, "One": {"node_id": [1]}, "None": {"mtype": "L6"}}"#;
    NodeSets::from_text(text, folder.join("node_sets.json")).unwrap()
}

fn build(folder: &Path, change: impl FnOnce(&mut Circuit), more: &str) -> Result<NeuroSimulator, NeuroError> {
    let mut circuit = circuit(folder);
    change(&mut circuit);
    let text = format!(r#"{{"run": {{"tstop": 20, "dt": 0.025, "random_seed": 3, "stimulus_seed": 7}}{more}}}"#);
    let simulation = SimulationConfig::from_text(&text, folder.join("simulation_config.json")).unwrap();
    NeuroSimulator::from_circuit(&circuit, &simulation, &node_sets(folder), &Registry::default())
}

fn values(simulator: &NeuroSimulator, name: &str) -> Vec<f64> {
    let mut values = Vec::new();
    simulator.get_var(&Query::new("get_var").with("var", name), &mut values).unwrap();
    values
}

/// Current into each cell at the end of a step.
fn injected(simulator: &NeuroSimulator) -> Vec<f64> {
    let values = values(simulator, "MembraneCurrentSource");
    let mut first = 0;
    let sums = simulator.cells().iter().map(|cell| {
        let count = cell.discretisation().segments.len();
        first += count;
        -values[first - count..first].iter().sum::<f64>()
    });
    sums.collect()
}

#[test]
fn cells_stand_where_their_nodes_are() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = build(folder.path(), |_| {}, r#", "node_set": "PC""#).unwrap();
    let spaces = simulator.spaces();
    assert_eq!(spaces[0].ids, [0, 1]);
    assert_eq!(spaces[0].population.as_deref(), Some("neurons"));
    let segments = spaces.iter().find(|space| space.name == SEGMENTS).unwrap();
    let Geometry::Lines(lines) = &segments.geometry else { panic!("segments are lines") };
    let end_of_basal = |node| {
        let last = segments.subsets["dend"].iter().rfind(|&&segment| segments.addresses[segment].node == node).unwrap();
        lines[*last][1]
    };
    let close = |a: [f64; 3], b: [f64; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(close(end_of_basal(0), [208.0, 0.0, 0.0]));
    assert!(close(end_of_basal(1), [1000.0, 208.0, 0.0]), "{:?}", end_of_basal(1));
}

#[test]
fn alternate_morphologies_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let asc = "(\"CellBody\" (8 0 0) (0 7 0) (-8 0 0) (0 -7 0)) ((Axon) (0 -7 0 1.2) (0 -90 0 1))
        ((Dendrite) (8 0 0 2.4) (108 0 0 1.2) (208 0 0 1.2)) ((Apical) (0 7 0 3.6) (0 300 0 2.4))";
    let alternates = folder.path().join("asc");
    std::fs::create_dir(&alternates).unwrap();
    std::fs::write(alternates.join("cell.asc"), asc).unwrap();
    let change = |circuit: &mut Circuit| {
        let paths = &mut circuit.nodes[0].paths;
        paths.neurolucida_asc_dir = Some(alternates.clone());
        // Circuits name it even where they have no such files.
        paths.morphologies_dir = Some(folder.path().join("swc"));
    };
    let simulator = build(folder.path(), change, r#", "node_set": "PC""#).unwrap();
    let reference = build(folder.path(), |_| {}, r#", "node_set": "PC""#).unwrap();
    let segments = |simulator: &NeuroSimulator| simulator.cells()[0].discretisation().segments.clone();
    let (found, swc) = (segments(&simulator), segments(&reference));
    assert_eq!(found.len(), swc.len());
    // The same neurites, another soma.
    let neurites =
        |segments: &[msr_neuro::discretisation::Segment]| segments[1..12].iter().map(|s| s.area_um2).sum::<f64>();
    assert!((neurites(&found) / neurites(&swc) - 1.0).abs() < 1e-12);
    assert!((found[0].area_um2 / swc[0].area_um2 - 1.0).abs() > 1e-3);
}

#[test]
fn synapses_have_their_attributes_and_places() {
    let folder = tempfile::tempdir().unwrap();
    let conditions = r#", "conditions": {"extracellular_calcium": 1.2}, "connection_overrides": [
        {"name": "weaker", "source": "One", "target": "One", "weight": 9},
        {"name": "all", "source": "All", "target": "All"},
        {"name": "stronger", "source": "PC", "target": "PC", "weight": 2.0}]"#;
    let simulator = build(folder.path(), |_| {}, conditions).unwrap();
    let cell = &simulator.cells()[1];
    let synapses = cell.synapses();
    assert_eq!(synapses.len(), 3);
    // 150 and 10 of 200 um of the basal dendrite of 11 segments, and the soma.
    let basal = cell.discretisation().segment_at(2, 0.0).unwrap();
    let places = [cell.node(basal + 8), cell.node(basal), cell.node(0)].map(|node| node as u32);
    assert_eq!(synapses.iter().map(|synapse| synapse.node).collect::<Vec<_>>(), places);
    let conductances: Vec<f64> = synapses.iter().map(|synapse| synapse.conductance_us).collect();
    assert_eq!(conductances, [4e-3, 6e-3, 1e-3]);
    assert_eq!(synapses.iter().map(|synapse| synapse.slow_ratio).collect::<Vec<_>>(), [0.4, 0.71, 0.0]);
    assert_eq!(synapses.iter().map(|synapse| synapse.plasticity.vesicles).collect::<Vec<_>>(), [3, 1, 1]);
    // (2.8^4 + 16) / 16 * 1.2^4 / (2.8^4 + 1.2^4), by hand.
    let hill = (61.4656 + 16.0) / 16.0 * 2.0736 / (61.4656 + 2.0736);
    assert!((synapses[0].plasticity.utilisation - 0.5 * hill).abs() < 1e-12);
    assert!((synapses[2].plasticity.utilisation - 0.4 * hill).abs() < 1e-12);
}

#[test]
fn a_spike_crosses_a_synapse_after_its_delay() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = r#", "conditions": {"v_init": -75}, "inputs": {"kick": {"module": "pulse", "input_type": "current_clamp",
        "delay": 0, "duration": 2, "amp_start": 3, "width": 2, "frequency": 10, "node_set": "Zero"}}"#;
    let text = format!(r#"{{"run": {{"tstop": 10, "dt": 0.025, "random_seed": 3}}{inputs}}}"#);
    let simulation = SimulationConfig::from_text(&text, folder.path().join("simulation_config.json")).unwrap();
    let sets = NodeSets::from_text(r#"{"Zero": {"node_id": [0]}}"#, folder.path().join("node_sets.json")).unwrap();
    let mut circuit = circuit(folder.path());
    let certain = [("u_syn", 1.0), ("delay", 1.01)];
    for (name, value) in certain {
        circuit.edges[0].attributes.columns.insert(name.to_owned(), floats(&[value; 3]));
    }
    let mut simulator = NeuroSimulator::from_circuit(&circuit, &simulation, &sets, &Registry::default()).unwrap();
    let mut spikes = Vec::new();
    let mut step = 0;
    while spikes.is_empty() && step < 400 {
        step += 1;
        simulator.advance(step).unwrap();
        simulator.take_spikes(&mut spikes);
    }
    assert_eq!(spikes[0].neuron, 0);
    let node = simulator.cells()[1].synapses()[0].node as usize;
    let voltage = |simulator: &NeuroSimulator| simulator.cells()[1].state().membrane.v[node];
    // 1.01 ms are cut to 40 steps. Conductances open at the beginning of step 40 and are above zero one step later.
    simulator.advance(step + 41).unwrap();
    let before = voltage(&simulator);
    assert!((before + 75.0).abs() < 0.05, "{before}");
    simulator.advance(step + 60).unwrap();
    assert!(voltage(&simulator) > before + 1.0, "{}", voltage(&simulator));
}

#[test]
fn inputs_inject_their_currents() {
    let folder = tempfile::tempdir().unwrap();
    let input = |module: &str| {
        format!(
            r#", "inputs": {{"stim": {{"input_type": "current_clamp", "delay": 1, "duration": 2, "node_set": "All", {module}}}}}"#
        )
    };
    // Middle of the step that ends at 2 ms: 0.9875 ms after the beginning.
    let cases = [
        (r#""module": "linear", "amp_start": 0.1, "amp_end": 0.3"#, [0.19875; 3]),
        (r#""module": "relative_linear", "percent_start": 50"#, [0.05, 0.1, 0.15]),
        (r#""module": "subthreshold", "percent_less": 20"#, [0.08, 0.16, 0.24]),
        (r#""module": "hyperpolarizing""#, [-0.01, -0.02, -0.03]),
        (r#""module": "pulse", "amp_start": 0.2, "width": 0.5, "frequency": 1000"#, [0.0; 3]),
        (r#""module": "pulse", "amp_start": 0.2, "width": 1, "frequency": 1000"#, [0.2; 3]),
    ];
    for (module, expected) in cases {
        let mut simulator = build(folder.path(), |_| {}, &input(module)).unwrap();
        simulator.advance(80).unwrap();
        for (found, expected) in injected(&simulator).iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{module}: {found} {expected}");
        }
        simulator.advance(121).unwrap();
        assert_eq!(injected(&simulator), [0.0; 3], "{module} has ended");
    }
    let mut noise =
        build(folder.path(), |_| {}, &input(r#""module": "noise", "mean_percent": 100, "variance": 0.01"#)).unwrap();
    noise.advance(80).unwrap();
    let found = injected(&noise);
    for (found, threshold) in found.iter().zip([0.1, 0.2, 0.3]) {
        // Variance 0.01 % of the threshold in nA^2.
        assert!((found - threshold).abs() < 5.0 * (1e-4_f64 * threshold).sqrt() && *found != threshold);
    }
    assert!((found[1] - 0.2) / 2.0_f64.sqrt() != found[0] - 0.1, "each cell has its own noise");
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let set = |name: &'static str, column: Column| {
        move |circuit: &mut Circuit| {
            circuit.nodes[0].attributes.columns.insert(name.to_owned(), column);
        }
    };
    let told = |result: Result<NeuroSimulator, NeuroError>, message: &str| {
        let error = result.err().expect("a mistake").to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    };
    told(build(path, |_| {}, r#", "node_set": "Al""#), "'Al'");
    told(
        build(path, |_| {}, r#", "node_set": "None""#),
        "no biophysical population is selected by node_set 'None'; the circuit has: neurons (biophysical, 0 of 3 nodes",
    );
    told(
        build(path, |circuit| circuit.nodes.clear(), r#", "node_set": "All""#),
        "; the circuit has none: a file in networks.nodes is invisible unless its 'populations' name those that it has",
    );
    let input = r#", "inputs": {"kick": {"module": "linear", "input_type": "current_clamp", "delay": 0, "duration": 1,
        "amp_start": 1, "node_set": "Alll"}}"#;
    told(
        build(path, |_| {}, input),
        "inputs.kick.node_set: there is no node set 'Alll' (did you mean 'All'?); node sets: ",
    );
    for (conditions, message) in [
        (r#"{"celsius": 61}"#, "conditions.celsius = 61 must lie between -50 and 60 degrees Celsius"),
        (r#"{"v_init": -201}"#, "conditions.v_init = -201 must lie between -200 and 100 mV"),
    ] {
        told(build(path, |_| {}, &format!(r#", "conditions": {conditions}"#)), message);
    }
    for wrong in [f64::NAN, f64::INFINITY, -1.1e6] {
        told(
            build(path, set("y", floats(&[0.0, wrong, 0.0])), ""),
            &format!("nodes.h5: population 'neurons', node 1: y = {wrong} must be a number between -1e6 and 1e6 um"),
        );
    }
    assert!(build(path, set("y", floats(&[0.0, 0.0, f64::NAN])), r#", "node_set": "PC""#).is_ok(), "not simulated");
    let edges = [
        ("conductance", -1.0, "must be a number of at least 0"),
        ("delay", f64::NAN, "must be a number of at least 0"),
        ("depression_time", f64::INFINITY, "must be a number"),
        ("decay_time", 0.0, "must be positive"),
        ("afferent_section_pos", 1.00001, "must lie between 0 and 1"),
        ("afferent_section_pos", f64::NAN, "must lie between 0 and 1"),
    ];
    for (name, wrong, reason) in edges {
        let change = |circuit: &mut Circuit| {
            let column = floats(&[0.5, wrong, 0.5]);
            circuit.edges[0].attributes.columns.insert(name.to_owned(), column);
        };
        let place = format!("edges.h5: population 'neurons__neurons__chemical', edge 1: {name} = {wrong} {reason}");
        told(build(path, change, ""), &place);
    }
    told(
        build(path, set("model_template", texts(&["xml:x"; 3])), ""),
        "model_template 'xml:x' is not supported; in <biophysical_neuron_models_dir>, 'hoc:<name>' is <name>.hoc",
    );
    told(build(path, set("model_template", texts(&["hoc:x"; 3])), ""), "x.hoc: cannot be read");
    let many = |circuit: &mut Circuit| {
        set("model_template", texts(&["json:x", "json:y", "json:cNAC"]))(circuit);
        set("morphology", texts(&["other", "cell", "another"]))(circuit);
    };
    let error = build(path, many, "").err().expect("mistakes").to_string();
    for part in ["x.json: cannot be read", "y.json: cannot be read", "morphology 'other'", "morphology 'another'"] {
        assert!(error.contains(part), "{error}");
    }
    told(build(path, set("model_template", texts(&["json:x"; 3])), ""), "x.json: cannot be read");
    told(build(path, set("morphology", texts(&["other"; 3])), ""), "morphology 'other' is not there; looked for");
    told(build(path, set("orientation_w", floats(&[0.0; 3])), ""), "orientation = [0.0, 0.0, 0.0, 0.0] must be");
    told(
        build(path, |circuit| circuit.nodes[0].paths.morphologies_dir = None, ""),
        "population 'neurons' has no morphologies_dir",
    );
    let section = |circuit: &mut Circuit| {
        let column = Column::Integer(vec![2, 77, 0]);
        circuit.edges[0].attributes.columns.insert("afferent_section_id".to_owned(), column);
    };
    told(build(path, section, ""), "edge 1: node 1 has no section 77 (it has 4)");
    let poisson = r#", "inputs": {"s": {"module": "poisson", "input_type": "spikes", "delay": 0, "duration": 1,
        "node_set": "All", "rate": 1, "weight": 1}}"#;
    told(
        build(path, |_| {}, poisson),
        "simulation_config.json:1:102: inputs.s.module: 'poisson' reaches cells without membrane; of 'neurons' 3 have one",
    );
    let current = r#", "inputs": {"s": {"module": "replay", "input_type": "current_clamp", "delay": 0, "duration": 1,
        "node_set": "All", "path": "current.h5", "interpolate": true}}"#;
    told(
        build(path, |_| {}, current),
        "simulation_config.json:1:102: inputs.s.module: 'replay' is not simulated; possible: linear,",
    );
    let noise = |kind: &str, module: &str| {
        format!(
            r#", "inputs": {{"s": {{"input_type": "{kind}", "delay": 0, "duration": 1, "node_set": "All", "module": {module}}}}}"#
        )
    };
    let relative = r#""relative_ornstein_uhlenbeck", "tau": 1, "mean_percent": 10, "sd_percent": 1"#;
    told(
        build(path, |_| {}, &noise("conductance", relative)),
        "inputs.s.node_set: population 'neurons' has no dynamics_params/input_resistance, which \
         relative_ornstein_uhlenbeck is relative to",
    );
    let skewed =
        r#""absolute_shot_noise", "rise_time": 0.4, "decay_time": 4, "mean": 1, "sigma": 0.1, "relative_skew": 1"#;
    told(
        build(path, |_| {}, &noise("current_clamp", skewed)),
        "inputs.s.relative_skew: with the other parameters it asks for",
    );
}

#[test]
fn templates_take_the_attributes_of_their_nodes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tapered.hoc"), include_str!("templates/tapered.hoc")).unwrap();
    let shape = include_str!("morphology_files/cell.asc");
    let change = |scalers: Vec<f64>| {
        let folder = folder.path().to_owned();
        move |circuit: &mut Circuit| {
            std::fs::write(folder.join("axon.asc"), shape).unwrap();
            let columns = &mut circuit.nodes[0].attributes.columns;
            columns.insert("model_template".to_owned(), texts(&["hoc:tapered", "hoc:tapered", "json:cNAC"]));
            columns.insert("morphology".to_owned(), texts(&["axon", "axon", "cell"]));
            circuit.nodes[0].dynamics.columns.insert("AIS_scaler".to_owned(), floats(&scalers));
            circuit.edges.clear();
        }
    };
    let simulator = build(folder.path(), change(vec![1.0, 0.7, f64::NAN]), "").unwrap();
    for (cell, scaler) in simulator.cells()[..2].iter().zip([1.0, 0.7]) {
        let axon = cell.discretisation().sections.iter().find(|section| section.kind.name() == "axon").unwrap();
        let diameters = cell.discretisation().segments[axon.segments.clone()].iter().map(|segment| segment.diameter_um);
        for (number, diameter) in diameters.enumerate() {
            let expected = 1.25 * (-6.0 * number as f64 / 10.78960441477696).exp() + 0.4534256046207839 * scaler;
            assert!((diameter - expected).abs() < 1e-12, "{number}: {diameter} {expected}");
        }
    }
    // The first cell of each e-model is described.
    let lines = simulator.emodels();
    assert!(lines.iter().any(|line| line.starts_with("hoc:tapered, node 0: axon: replaced by axon[0]")), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("json:cNAC, node 2: mechanisms: ")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("node 1")), "{lines:?}");
    let told = |result: Result<NeuroSimulator, NeuroError>| result.err().expect("a mistake").to_string();
    let error = told(build(folder.path(), change(vec![1.0, f64::NAN, 1.0]), ""));
    assert!(error.contains("node 1: dynamics_params/AIS_scaler = NaN must be a number"), "{error}");
    let without = |circuit: &mut Circuit| {
        change(vec![1.0; 3])(circuit);
        circuit.nodes[0].dynamics.columns.remove("AIS_scaler");
    };
    assert!(told(build(folder.path(), without, "")).contains("has no attribute 'AIS_scaler'"));
    // All e-models and morphologies that are wrong are told at once, each once.
    std::fs::write(
        folder.path().join("tapered.hoc"),
        "begintemplate tapered\nproc init() { iterator x }\nendtemplate t\n",
    )
    .unwrap();
    let many = |circuit: &mut Circuit| {
        change(vec![1.0; 3])(circuit);
        let columns = &mut circuit.nodes[0].attributes.columns;
        columns.insert("morphology".to_owned(), texts(&["gone", "gone", "lost"]));
    };
    let error = told(build(folder.path(), many, ""));
    for part in
        ["tapered.hoc:2: 'iterator' is not supported in templates: `proc init() { iterator x }`", "'gone'", "'lost'"]
    {
        assert_eq!(error.matches(part).count(), 1, "{part}\n{error}");
    }
}

#[test]
fn conditions_set_global_parameters_of_mechanisms() {
    let folder = tempfile::tempdir().unwrap();
    let voltage = |more: &str| {
        let mut simulator = build(folder.path(), |_| {}, more).unwrap();
        simulator.advance(200).unwrap();
        (values(&simulator, "v"), simulator.notes().to_vec())
    };
    let (usual, _) = voltage("");
    let (same, notes) = voltage(r#", "conditions": {"mechanisms": {"NaTg": {"q10": 2.3}, "Na7": {"q10": 1}}}"#);
    assert_eq!(usual, same);
    assert!(
        notes.iter().any(|note| note.contains("mechanisms.Na7 has no effect: no mechanism file is called 'Na7'")),
        "{notes:?}"
    );
    let (slow, _) = voltage(r#", "conditions": {"mechanisms": {"NaTg": {"q10": 1}}}"#);
    assert_ne!(usual, slow);
    for (more, message) in [
        (r#"{"NaTg": {"Q10": 1}}"#, "'NaTg' has no global parameter 'Q10' (did you mean 'q10'?)"),
        (r#"{"NaTg": {"q10": "fast"}}"#, "conditions.mechanisms.NaTg: 'q10' is \"fast\"; give a number"),
    ] {
        let more = format!(r#", "conditions": {{"mechanisms": {more}}}"#);
        let error = build(folder.path(), |_| {}, &more).err().expect("it cannot be").to_string();
        assert!(error.contains(message), "{error}");
    }
}

/// Values of a variable in the segments of the sections of one kind of a node.
fn of_sections(simulator: &NeuroSimulator, name: &str, node: u64, kind: &str) -> Vec<f64> {
    let values = values(simulator, name);
    let spaces = simulator.spaces();
    let segments = spaces.iter().find(|space| space.name == SEGMENTS).unwrap();
    let of_node = segments.subsets[kind].iter().filter(|&&segment| segments.addresses[segment].node == node);
    of_node.map(|&segment| values[segment]).collect()
}

/// A current after 2.025 ms, which is that of 2.0125 ms: a twentieth of the way from the first sample to the second of samples
/// every 0.25 ms.
fn after_first_sample(values: [f64; 2], step_ms: f64) -> f64 {
    values[0] + (values[1] - values[0]) * 0.0125 / step_ms
}

/// Samples of neurodamus (`core/stimuli.py`) for random_seed 3, stimulus_seed 7, node 1.
#[test]
fn noise_of_a_node_is_that_of_neurodamus() {
    let folder = tempfile::tempdir().unwrap();
    let input = |name: &str, target: &str, module: &str| {
        format!(
            r#""{name}": {{"input_type": "current_clamp", "delay": 2, "duration": 10.2, {target}, "module": {module}}}"#
        )
    };
    let one = r#""node_set": "One""#;
    let of_node = |inputs: &[String], name: &str| {
        let more = format!(r#", "inputs": {{{}}}"#, inputs.join(", "));
        let mut simulator = build(folder.path(), |_| {}, &more).unwrap();
        simulator.advance(81).unwrap();
        assert_eq!(of_sections(&simulator, name, 0, "all").iter().sum::<f64>(), 0.0, "node 0 has none");
        of_sections(&simulator, name, 1, "soma")[0]
    };
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    // Of what goes on long after the simulation only the beginning is made: it is the same.
    let endless = |input: &str| input.replace("10.2", "1e12");
    let noise = input("n", one, r#""noise", "mean": 0.5, "variance": 0.01"#);
    let values = [0.40199516213974423, 0.5119000453329526];
    for noise in [endless(&noise), noise] {
        close(of_node(&[noise], "MembraneCurrentSource"), -after_first_sample(values, 0.5));
    }
    let relative = r#""relative_ornstein_uhlenbeck", "tau": 3, "mean_percent": 50, "sd_percent": 100"#;
    // Threshold 0.2 nA.
    let process = input("o", one, relative);
    let values = [0.1, 0.05842541886067573];
    for process in [endless(&process), process] {
        close(of_node(&[process], "MembraneCurrentSource"), -after_first_sample(values, 0.25));
    }
    // The second block of a family; the first goes to nobody, and a silent one does not count.
    let shot = |rate: f64| {
        format!(
            r#""shot_noise", "rise_time": 0.4, "decay_time": 4, "rate": {rate}, "amp_mean": 0.04, "amp_var": 0.0004"#
        )
    };
    // The numbers of shot noise depend on its end.
    let more = format!(r#", "inputs": {{{}}}"#, endless(&input("a", one, &shot(500.0))));
    let error = build(folder.path(), |_| {}, &more).err().unwrap().to_string();
    assert!(
        error.contains("inputs.a.rate: with the other parameters it asks for 500 pulses a second, 5e11 in all"),
        "{error}"
    );
    let first = input("a", r#""node_set": "None""#, &shot(500.0));
    let silent = input("b", one, &shot(0.0));
    let mut second = input("c", one, &shot(500.0)).replace("10.2", "40.0");
    second.insert_str(second.len() - 1, r#", "represents_physical_electrode": true"#);
    let more = format!(r#", "inputs": {{{}}}"#, [first, silent, second].join(", "));
    let mut simulator = build(folder.path(), |_| {}, &more).unwrap();
    simulator.advance(171).unwrap();
    // Samples at 4.25 and 4.5 ms, the first after silence.
    close(
        of_sections(&simulator, "IClamp", 1, "soma")[0],
        after_first_sample([0.051115260189543786, 0.07537837031934215], 0.25),
    );
    assert_eq!(of_sections(&simulator, "MembraneCurrentSource", 1, "soma")[0], 0.0);
}

#[test]
fn inputs_reach_compartment_sets_clamp_and_bend() {
    let folder = tempfile::tempdir().unwrap();
    let sets = r#"{"Ends": {"population": "neurons", "compartment_set": [[0, 2, 0.0], [0, 2, 1.0], [2, 0, 0.5]]},
        "Cut": {"population": "neurons", "compartment_set": [[0, 9, 0.5]]},
        "Other": {"population": "others", "compartment_set": [[0, 0, 0.5]]}}"#;
    std::fs::write(folder.path().join("sets.json"), sets).unwrap();
    let more = |inputs: &str| format!(r#", "compartment_sets_file": "sets.json", "inputs": {{{inputs}}}"#);
    let linear = |set: &str| {
        more(&format!(
            r#""l": {{"module": "linear", "input_type": "current_clamp", "delay": 0, "duration": 5,
                "amp_start": 0.5, "compartment_set": "{set}", "represents_physical_electrode": true}}"#
        ))
    };
    let mut simulator = build(folder.path(), |_| {}, &linear("Ends")).unwrap();
    simulator.advance(1).unwrap();
    let dendrite = of_sections(&simulator, "IClamp", 0, "dend");
    let injected: Vec<usize> = (0..dendrite.len()).filter(|&segment| dendrite[segment] == 0.5).collect();
    assert_eq!(injected, [0, dendrite.len() - 1]);
    assert_eq!(values(&simulator, "IClamp").iter().sum::<f64>(), 1.5);
    let notes = build(folder.path(), |_| {}, &linear("Other")).unwrap().notes().join("\n");
    assert!(
        notes.contains("inputs.l has no effect: compartment_set 'Other' has no place on a simulated cell"),
        "{notes}"
    );
    assert!(!simulator.notes().join("\n").contains("has no effect"));
    let told = |more: &str, message: &str| {
        let error = build(folder.path(), |_| {}, more).err().expect("it cannot be").to_string();
        assert!(error.contains(message), "{error}");
    };
    told(&linear("Cut"), "inputs.l.compartment_set: node 0 has no section 9; it has: [0, 2, 3, 1, 2]");
    told(&linear("End"), "inputs.l.compartment_set: there is no compartment set 'End' (did you mean 'Ends'?)");
    // A clamp without resistance to speak of holds the soma.
    let clamp = r#""c": {"module": "seclamp", "input_type": "voltage_clamp", "delay": 0, "duration": 5, "voltage": -50,
        "series_resistance": 1e-4, "duration_levels": [2], "voltage_levels": [-90], "node_set": "One"}"#;
    let mut simulator = build(folder.path(), |_| {}, &more(clamp)).unwrap();
    for (step, expected) in [(60, -50.0), (140, -90.0)] {
        simulator.advance(step).unwrap();
        let soma = of_sections(&simulator, "v", 1, "soma")[0];
        assert!((soma - expected).abs() < 0.01, "{soma} {expected}");
    }
    assert!(of_sections(&simulator, "SEClamp", 1, "soma")[0] < 0.0);
    simulator.advance(400).unwrap();
    assert_eq!(of_sections(&simulator, "SEClamp", 1, "soma"), [0.0]);
    // Node 1 is node 0, turned by 90 degrees about z: what x is to the one, y is to the other.
    let field = |x: f64, y: f64| {
        let field = format!(
            r#""f": {{"module": "spatially_uniform_e_field", "input_type": "extracellular_stimulation", "delay": 0, "duration": 5,
                "ramp_up_time": 1, "node_set": "PC", "fields": [{{"Ex": {x}, "Ey": {y}, "Ez": 0, "frequency": 50}}]}}"#
        );
        let mut simulator = build(folder.path(), |_| {}, &more(&field)).unwrap();
        simulator.advance(80).unwrap();
        [0, 1].map(|node| of_sections(&simulator, "v", node, "dend"))
    };
    let ([along, _], [_, turned], [across, _]) = (field(100.0, 0.0), field(0.0, 100.0), field(0.0, 100.0));
    assert!(along.iter().zip(&turned).all(|(a, b)| (a - b).abs() < 1e-9), "{along:?} {turned:?}");
    let [first, last] = [along[0], along[along.len() - 1]];
    assert!((first - last).abs() > 1.0 && (across[0] - across[across.len() - 1]).abs() < (first - last).abs() / 2.0);
}

#[test]
fn fields_beside_layers_of_a_cell_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), |_| {}, "").unwrap();
    let emodel = folder.path().join("cADpyr.json");
    let mut with_layers: serde_json::Value = serde_json::from_slice(&std::fs::read(&emodel).unwrap()).unwrap();
    with_layers["mechanisms"]["all"].as_array_mut().unwrap().push("extracellular".into());
    // What is there is replaced where a circuit is made.
    let change = |_: &mut Circuit| std::fs::write(&emodel, with_layers.to_string()).unwrap();
    let field = r#", "inputs": {"f": {"module": "spatially_uniform_e_field", "input_type": "extracellular_stimulation", "delay": 0,
        "duration": 5, "ramp_up_time": 1, "node_set": "PC", "fields": [{"Ex": 1, "Ey": 0, "Ez": 0}]}}"#;
    let error = build(folder.path(), change, field).err().expect("it cannot be").to_string();
    assert!(error.contains("inputs.f.module: 'spatially_uniform_e_field' would be the ground of layers"), "{error}");
    assert!(build(folder.path(), change, "").unwrap().cells()[0].has_layers());
}

#[test]
fn modifications_change_cells() {
    let folder = tempfile::tempdir().unwrap();
    let sets = r#"{"S": {"population": "neurons", "compartment_set": [[1, 0, 0.5]]}}"#;
    std::fs::write(folder.path().join("sets.json"), sets).unwrap();
    let more = |modifications: &str| {
        format!(r#", "compartment_sets_file": "sets.json", "conditions": {{"modifications": [{modifications}]}}"#)
    };
    let configured = |kind: &str, target: &str, text: &str| {
        format!(r#"{{"name": "{kind}{}", "type": "{kind}", {target}, "section_configure": "{text}"}}"#, text.len())
    };
    let pyramidal = r#""node_set": "PC""#;
    let all = [
        configured(
            "configure_all_sections",
            pyramidal,
            "%s.gNaTgbar_NaTg *= 0.5; %s.vshiftm_NaTg = %s.vshifth_NaTg + 1",
        ),
        configured("section_list", pyramidal, "apical.gImbar_Im = 0.001; apical.cm = 1.5"),
        configured("section", pyramidal, "axon[1].gNaTgbar_NaTg = 2"),
        configured("compartment_set", r#""compartment_set": "S""#, "gNaTgbar_NaTg -= 0.2"),
        configured("section", pyramidal, "axon[7].gNaTgbar_NaTg = 2; axon[7].cm = 1"),
        configured("configure_all_sections", pyramidal, "%s.gbar_Nothing = 1"),
    ];
    let simulator = build(folder.path(), |_| {}, &more(&all.join(", "))).unwrap();
    let same = |name: &str, node: u64, kind: &str, expected: f64| {
        let found = of_sections(&simulator, name, node, kind);
        assert!(found.iter().all(|value| (value - expected).abs() < 1e-12), "{name} in {kind} of {node}: {found:?}");
    };
    same("NaTg.gNaTgbar", 0, "soma", 0.245);
    same("NaTg.gNaTgbar", 1, "soma", 0.045);
    same("NaTg.gNaTgbar", 0, "apic", 0.006);
    let axon = of_sections(&simulator, "NaTg.gNaTgbar", 0, "axon");
    assert_eq!([axon[0], axon[axon.len() - 1]], [0.785, 2.0]);
    same("NaTg.vshiftm", 0, "soma", 7.0);
    same("NaTg.vshiftm", 0, "axon", 1.0);
    same("Im.gImbar", 1, "apic", 0.001);
    let idle: Vec<&String> = simulator.notes().iter().filter(|note| note.contains("has changed nothing")).collect();
    assert_eq!(idle.len(), 2, "{idle:?}");
    assert!(idle[1].contains("no selected section has all attributes"));
    // Capacitance of the apical dendrite: the same charge moves it further.
    let charged = |more: &str| {
        let inputs = r#", "inputs": {"l": {"module": "linear", "input_type": "current_clamp", "delay": 0, "duration": 5,
            "amp_start": 0.1, "node_set": "PC"}}"#;
        let mut simulator = build(folder.path(), |_| {}, &format!("{more}{inputs}")).unwrap();
        simulator.advance(40).unwrap();
        of_sections(&simulator, "v", 0, "soma")[0]
    };
    let small = configured("section_list", pyramidal, "all.cm = 0.5");
    assert!(charged(&more(&small)) > charged("") + 0.1);

    let spikes = |more: &str| {
        let inputs = r#", "inputs": {"l": {"module": "linear", "input_type": "current_clamp", "delay": 0, "duration": 20,
            "amp_start": 1, "node_set": "PC"}}"#;
        let mut simulator = build(folder.path(), |_| {}, &format!("{more}{inputs}")).unwrap();
        simulator.advance(800).unwrap();
        let mut spikes = Vec::new();
        simulator.take_spikes(&mut spikes);
        spikes.iter().filter(|spike| spike.neuron == 0).count()
    };
    // The current alone may cross the threshold once.
    let blocked = spikes(&more(r#"{"name": "tetrodotoxin", "type": "ttx", "node_set": "PC"}"#));
    assert!(spikes("") > 1 && blocked <= 1, "{} {blocked}", spikes(""));

    for (modification, message) in [
        (
            configured("configure_all_sections", pyramidal, "%s.L = 3"),
            "conditions.modifications[0].section_configure: 'L' of sections cannot be changed; possible: cm, Ra, ena,",
        ),
        (configured("section_list", pyramidal, "soma.cm = 3"), "unknown section list 'soma'"),
        (configured("section", pyramidal, "soma[0].cm = -3"), "cm = -3 must be positive"),
        (configured("section", pyramidal, "soma.cm = 3"), "'soma' is no section; write 'apic[10].attribute = number'"),
        (configured("compartment_set", r#""compartment_set": "T""#, "cm = 3"), "there is no compartment set 'T'"),
        (
            configured("section", r#""node_set": "P""#, "soma[0].cm = 3"),
            "conditions.modifications[0].node_set: there is no node set 'P'",
        ),
    ] {
        let error = build(folder.path(), |_| {}, &more(&modification)).err().expect("it cannot be").to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
}

/// A channel of a file that knows of tetrodotoxin.
#[test]
fn tetrodotoxin_reaches_channels_that_read_its_ion() {
    let folder = tempfile::tempdir().unwrap();
    let channel =
        "NEURON {\n SUFFIX Blocked\n USEION ttx READ ttxo, ttxi VALENCE 1\n NONSPECIFIC_CURRENT i\n RANGE open }
        ASSIGNED { v (mV) i (mA/cm2) ttxo (mM) ttxi (mM) open }
        BREAKPOINT {\n if (ttxi == 0.015625 && ttxo > 1e-12) { open = 0 } else { open = 1 }\n i = 0 * v }";
    let mut registry = Registry::default();
    registry.register_file(channel, "Blocked.mod", &msr_neuro::nmodl::Options::default()).unwrap();
    let circuit = circuit(folder.path());
    let emodel = std::fs::read_to_string(folder.path().join("cADpyr.json")).unwrap();
    let emodel = emodel.replacen(r#""pas""#, r#""pas", "Blocked""#, 1);
    std::fs::write(folder.path().join("cADpyr.json"), emodel).unwrap();
    let open = |more: &str| {
        let text = format!(r#"{{"node_set": "PC", "run": {{"tstop": 20, "dt": 0.025, "random_seed": 3}}{more}}}"#);
        let simulation = SimulationConfig::from_text(&text, folder.path().join("simulation_config.json")).unwrap();
        let sets = node_sets(folder.path());
        let mut simulator = NeuroSimulator::from_circuit(&circuit, &simulation, &sets, &registry).unwrap();
        simulator.advance(2).unwrap();
        of_sections(&simulator, "Blocked.open", 1, "all")
    };
    assert!(open("").iter().all(|&open| open == 1.0));
    let ttx = r#", "conditions": {"modifications": [{"name": "t", "type": "ttx", "node_set": "One"}]}"#;
    assert!(open(ttx).iter().all(|&open| open == 0.0));
}

#[test]
fn synapses_can_be_read_one_by_one_and_summed() {
    let folder = tempfile::tempdir().unwrap();
    // Releases are certain.
    let change = |circuit: &mut Circuit| {
        circuit.edges[0].attributes.columns.insert("u_syn".to_owned(), floats(&[1.0; 3]));
    };
    let inputs = r#", "inputs": {"kick": {"module": "linear", "input_type": "current_clamp", "delay": 0, "duration": 3,
        "amp_start": 3, "node_set": "All"}}"#;
    let mut simulator = build(folder.path(), change, inputs).unwrap();
    let spaces = simulator.spaces();
    let space = |name: &str| spaces.iter().find(|space| space.name == name).unwrap();
    let glutamate = space("synapses.ProbAMPANMDA_EMS");
    let places: Vec<(u64, u32)> = glutamate.addresses.iter().map(|address| (address.node, address.element)).collect();
    assert_eq!(places, [(1, 0), (1, 1)]);
    assert_eq!((&glutamate.subsets["dend"], &glutamate.subsets["soma"]), (&vec![0, 1], &vec![]));
    let gaba = space("synapses.ProbGABAAB_EMS");
    assert_eq!((gaba.addresses[0].element, &gaba.subsets["soma"]), (2, &vec![0]));
    simulator.advance(200).unwrap();
    let of_synapses = |name: &str| {
        let mut values = Vec::new();
        simulator.get_var(&Query::new("get_synapse_var").with("var", name), &mut values).unwrap();
        values
    };
    let (g, ampa, nmda) = (
        of_synapses("ProbAMPANMDA_EMS.g"),
        of_synapses("ProbAMPANMDA_EMS.g_AMPA"),
        of_synapses("ProbAMPANMDA_EMS.g_NMDA"),
    );
    let current = of_synapses("ProbAMPANMDA_EMS.i");
    let cell = &simulator.cells()[1];
    let mut sum = 0.0;
    for (index, synapse) in cell.synapses()[..2].iter().enumerate() {
        assert!(ampa[index] > 0.0 && nmda[index] > 0.0 && (ampa[index] + nmda[index] - g[index]).abs() < 1e-15);
        // The reversal potential is 0 mV.
        let v = cell.state().membrane.v[synapse.node as usize];
        assert!((current[index] / (g[index] * v) - 1.0).abs() < 0.02, "{} {}", current[index], g[index] * v);
        sum += current[index];
    }
    let summed = of_sections(&simulator, "ProbAMPANMDA_EMS.i", 1, "dend");
    assert!((summed.iter().sum::<f64>() - sum).abs() < 1e-12);
    assert_eq!(summed.iter().filter(|&&current| current != 0.0).count(), 2);
    let chloride = of_synapses("ProbGABAAB_EMS.i_GABAA")[0];
    let v = of_sections(&simulator, "v", 1, "soma")[0];
    assert!((chloride - of_synapses("ProbGABAAB_EMS.g_GABAA")[0] * (v + 80.0)).abs() < 1e-12);
    let mut values = Vec::new();
    let unknown = Query::new("get_synapse_var").with("var", "ProbAMPANMDA_EMS.h");
    assert!(simulator.get_var(&unknown, &mut values).unwrap_err().to_string().contains("unknown var"));
}
