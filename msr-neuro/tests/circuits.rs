//! From SONATA data to simulated cells.

mod circuit;
mod edges;

use std::path::Path;

use circuit::{circuit, floats, texts};
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
    let text = format!(r#"{{"run": {{"tstop": 10, "dt": 0.025, "random_seed": 3}}{more}}}"#);
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
    let values = values(simulator, "IClamp");
    let mut first = 0;
    let sums = simulator.cells().iter().map(|cell| {
        let count = cell.discretisation().segments.len();
        first += count;
        values[first - count..first].iter().sum()
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
        build(path, set("model_template", texts(&["nml:x"; 3])), ""),
        "model_template 'nml:x' is not supported; in <biophysical_neuron_models_dir>, 'hoc:<name>' is <name>.hoc",
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
    let shot = r#", "inputs": {"s": {"module": "ornstein_uhlenbeck", "input_type": "current_clamp", "delay": 0, "duration": 1,
        "node_set": "All", "tau": 1, "mean": 0, "sigma": 1}}"#;
    told(
        build(path, |_| {}, shot),
        "input 's': module ornstein_uhlenbeck is not supported; supported modules: linear,",
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
