//! Edges as neurodamus makes synapses of them. Figures of NEURON 9.0.2 with the published mechanisms (EModelRunner 1.2.5,
//! neurodamus 4.2.9), printed by `benches/compare/edges_reference.py`.

mod published;

use std::path::Path;

use msr_config::circuit::{
    Circuit, CircuitConfig, Column, Components, EdgeKind, EdgePopulation, NodeKind, NodePopulation,
};
use msr_config::node_sets::NodeSets;
use msr_config::simulation::SimulationConfig;
use msr_coupling::space::NEURONS;
use msr_coupling::{Query, Response, Simulator, SimulatorError, Spike};
use msr_neuro::cell::PointId;
use msr_neuro::mechanisms::{BUNDLED, Registry};
use msr_neuro::nmodl::Options;
use msr_neuro::simulator::{ArtificialCellsBuilder, NeuroError, NeuroSimulator, Train};

use crate::circuit::{floats, table, texts};

const LEAKY: &str = r#"{"name": "leaky", "axon": "keep", "mechanisms": {"all": ["pas"]},
    "reversals": {"ena": {"fixed": 50}, "ek": {"fixed": -77}},
    "parameters": [{"sections": "all", "name": "pas.g", "value": 1e-4}, {"sections": "all", "name": "pas.e", "value": -70}]}"#;
const SPIKER: &str = r#"{"name": "spiker", "axon": "keep", "mechanisms": {"all": ["hh"]},
    "reversals": {"ena": {"fixed": 50}, "ek": {"fixed": -77}}, "parameters": []}"#;

pub fn integers(values: &[i64]) -> Column {
    Column::Integer(values.to_vec())
}

/// A population of cells of one compartment (20 um) with these e-models.
pub fn cells(folder: &Path, name: &str, templates: &[&str]) -> NodePopulation {
    std::fs::write(folder.join("ball.swc"), "1 1 0 0 0 10 -1\n").unwrap();
    for (name, text) in [("leaky", LEAKY), ("spiker", SPIKER)] {
        std::fs::write(folder.join(format!("{name}.json")), text).unwrap();
    }
    let zeros = || floats(&vec![0.0; templates.len()]);
    NodePopulation {
        name: name.to_owned(),
        kind: NodeKind::Biophysical,
        size: templates.len(),
        attributes: table(vec![
            ("x", zeros()),
            ("y", zeros()),
            ("z", zeros()),
            ("morphology", texts(&vec!["ball"; templates.len()])),
            ("model_template", texts(templates)),
        ]),
        dynamics: table(vec![]),
        paths: Components {
            morphologies_dir: Some(folder.to_owned()),
            biophysical_neuron_models_dir: Some(folder.to_owned()),
            ..Components::default()
        },
        file: folder.join(format!("{name}.h5")),
    }
}

/// Nodes without morphology.
pub fn points(folder: &Path, name: &str, kind: NodeKind, templates: &[&str]) -> NodePopulation {
    NodePopulation { kind, ..cells(folder, name, templates) }
}

pub fn edges(
    name: &str,
    kind: EdgeKind,
    ends: [&str; 2],
    sources: &[u64],
    targets: &[u64],
    columns: Vec<(&str, Column)>,
) -> EdgePopulation {
    EdgePopulation {
        name: name.to_owned(),
        kind,
        source_population: ends[0].to_owned(),
        target_population: ends[1].to_owned(),
        source_ids: sources.to_vec(),
        target_ids: targets.to_vec(),
        attributes: table(columns),
        dynamics: table(vec![]),
        synapse_population: None,
        paths: Components::default(),
        file: format!("{name}.h5").into(),
    }
}

pub fn circuit(folder: &Path, nodes: Vec<NodePopulation>, edges: Vec<EdgePopulation>) -> Circuit {
    let empty = r#"{"networks": {"nodes": [], "edges": []}}"#;
    let config = CircuitConfig::from_text(empty, folder.join("circuit_config.json")).unwrap();
    Circuit { config, nodes, edges, notes: Vec::new() }
}

pub fn build(
    folder: &Path,
    circuit: &Circuit,
    sets: &str,
    more: &str,
    registry: &Registry,
) -> Result<NeuroSimulator, NeuroError> {
    let text = format!(
        r#"{{"run": {{"tstop": 50, "dt": 0.025, "random_seed": 1122, "synapse_seed": 7, "minis_seed": 5}}{more}}}"#
    );
    let simulation = SimulationConfig::from_text(&text, folder.join("simulation_config.json")).unwrap();
    let sets = NodeSets::from_text(sets, folder.join("node_sets.json")).unwrap();
    NeuroSimulator::from_circuit(circuit, &simulation, &sets, registry)
}

pub fn spikes(simulator: &mut NeuroSimulator) -> Vec<Spike> {
    let mut spikes = Vec::new();
    simulator.take_spikes(&mut spikes);
    spikes
}

fn voltage(simulator: &NeuroSimulator, cell: usize) -> f64 {
    simulator.cells()[cell].voltage_mv(0)
}

/// Writes a SONATA spikes file.
pub fn write_spikes(path: &Path, population: &str, spikes: &[(u64, f64)]) {
    let file = hdf5::File::create(path).unwrap();
    let group = file.create_group("spikes").unwrap().create_group(population).unwrap();
    let (nodes, times): (Vec<u64>, Vec<f64>) = spikes.iter().copied().unzip();
    group.new_dataset_builder().with_data(&times).create("timestamps").unwrap();
    group.new_dataset_builder().with_data(&nodes).create("node_ids").unwrap();
}

/// Two synapses from node 0 and one from node 2 on node 1, all with everything that a chemical edge can have.
fn chemical(name: &str) -> EdgePopulation {
    edges(
        name,
        EdgeKind::Chemical,
        ["neurons", "neurons"],
        &[0, 2, 0],
        &[1, 1, 1],
        vec![
            ("delay", floats(&[1.03, 0.5, 2.0])),
            ("conductance", floats(&[2.0, 3.0, 1.0])),
            ("u_syn", floats(&[0.5, -0.25, 0.86])),
            ("depression_time", floats(&[60.0, 40.0, -25.0])),
            ("facilitation_time", floats(&[17.0, 350.0, 0.0])),
            ("decay_time", floats(&[1.7, 8.3, 1.9])),
            ("syn_type_id", integers(&[110, 10, 100])),
            ("n_rrp_vesicles", integers(&[3, 2, 1])),
            ("conductance_scale_factor", floats(&[0.4, 0.3, -1.0])),
            ("u_hill_coefficient", floats(&[2.8, 2.0, 2.8])),
            ("afferent_section_id", integers(&[0, 0, 0])),
            ("afferent_section_pos", floats(&[0.5, 0.5, 0.5])),
        ],
    )
}

const SETS: &str = r#"{"All": {"population": "neurons"}, "Drivers": {"node_id": [0, 2]}, "Zero": {"node_id": [0]}}"#;
/// Spikes of a file that are played besides those of the cells.
const PLAYED: [(u64, f64); 14] = [
    (0, 0.0),
    (2, 5.0),
    (0, 3.0),
    (0, 3.4),
    (2, 9.0),
    (2, 9.51),
    (0, 12.0),
    (2, 18.0),
    (0, 20.0),
    (0, 20.0125),
    (0, 31.0),
    (2, 33.0),
    (0, 40.0),
    (2, 41.0),
];

/// With `spont_minis`, `synapse_configure`, weights that change, spikes of cells and of a file, random rise times and calcium.
fn everything(folder: &Path, registry: &Registry) -> NeuroSimulator {
    write_spikes(&folder.join("played.h5"), "neurons", &PLAYED);
    let nodes = vec![cells(folder, "neurons", &["json:spiker", "json:leaky", "json:spiker"])];
    let circuit = circuit(folder, nodes, vec![chemical("neurons__neurons__chemical")]);
    let more = r#", "conditions": {"celsius": 6.3, "v_init": -70, "extracellular_calcium": 1.8, "randomize_gaba_rise_time": true},
        "connection_overrides": [
            {"name": "all", "source": "All", "target": "All", "weight": 5, "spont_minis": 10},
            {"name": "again", "source": "All", "target": "All", "weight": 2, "spont_minis": 80},
            {"name": "block", "source": "Zero", "target": "All", "weight": 2, "spont_minis": 80, "synapse_configure": "%s.mg = 0.8"},
            {"name": "late", "source": "All", "target": "All", "weight": 6, "delay": 30}],
        "inputs": {
            "kick": {"module": "pulse", "input_type": "current_clamp", "delay": 5, "duration": 45, "amp_start": 1, "width": 1,
                     "frequency": 80, "node_set": "Drivers"},
            "play": {"module": "synapse_replay", "input_type": "spikes", "delay": 0, "duration": 50, "spike_file": "played.h5",
                     "node_set": "All"}}"#;
    build(folder, &circuit, SETS, more, registry).unwrap()
}

/// Times of the spikes of nodes 0 and 2 with these pulses.
const DRIVERS: [f64; 4] = [5.075, 18.0, 30.5, 43.0];
const VOLTAGES: [(f64, f64); 18] = [
    (1.0, -70.0),
    (2.0, -64.37525147272073),
    (5.0, -41.72141656701505),
    (8.0, -53.85194907450264),
    (10.0, -64.3688089124743),
    (14.0, -69.77557038609842),
    (20.0, -75.42140530794582),
    (22.0, -63.91332546604799),
    (27.0, -78.89876502152724),
    (30.0, -83.66385665933402),
    (32.0, -85.20254180023295),
    (35.0, -73.66085607114947),
    (37.0, -75.79719823837996),
    (39.0, -79.93839466123353),
    (42.0, -84.24283833771806),
    (45.0, -86.31357408148666),
    (48.0, -87.23627435694833),
    (50.0, -87.55296272677835),
];

/// With synapses of the program, and with those of the mechanism files.
#[test]
fn synapses_release_what_those_of_neurodamus_release() {
    let mut files = Registry::default();
    for (file, text) in BUNDLED.iter().filter(|(file, _)| file.starts_with("Prob")) {
        let options = Options { numeric_conductance: true, ..Options::default() };
        files.register_file(&text.replace("verboseLevel = 0", "verboseLevel = 0 own = 1"), file, &options).unwrap();
    }
    let mut spontaneous = Vec::new();
    for (registry, tolerance_mv, synapses) in [(Registry::default(), 1e-5, 3), (files, 1e-9, 0)] {
        let folder = tempfile::tempdir().unwrap();
        let mut simulator = everything(folder.path(), &registry);
        assert_eq!(simulator.cells()[1].synapses().len(), synapses);
        spontaneous.push(simulator.cells()[1].spontaneous().len());
        for (time_ms, expected) in VOLTAGES {
            simulator.advance((time_ms / 0.025_f64).round() as u64).unwrap();
            let found = voltage(&simulator, 1);
            assert!((found - expected).abs() < tolerance_mv, "{time_ms} ms: {found}, NEURON {expected}");
        }
        let all = spikes(&mut simulator);
        let of = |node: u64| all.iter().filter(|one| one.neuron == node).map(|one| one.time_ms).collect::<Vec<f64>>();
        assert_eq!([of(0), of(2)], [DRIVERS, DRIVERS]);
    }
    assert_eq!(spontaneous, [3, 3]);
}

#[test]
fn what_is_played_and_spontaneous_keeps_the_promises() {
    let folder = tempfile::tempdir().unwrap();
    msr_coupling::conformance::check(&|| {
        let mut simulator = everything(folder.path(), &Registry::default());
        // Before a weight changes.
        simulator.advance(1190).unwrap();
        Box::new(simulator)
    })
    .unwrap();
}

/// Conductance (nS), and nothing else that matters.
fn plain(name: &str, ends: [&str; 2], sources: &[u64], targets: &[u64], conductance_ns: f64) -> EdgePopulation {
    let all = |value: f64| floats(&vec![value; sources.len()]);
    let columns = vec![
        ("delay", all(1.0)),
        ("conductance", all(conductance_ns)),
        ("u_syn", all(1.0)),
        ("depression_time", all(0.0)),
        ("facilitation_time", all(0.0)),
        ("decay_time", all(2.0)),
        ("syn_type_id", integers(&vec![100; sources.len()])),
        ("n_rrp_vesicles", integers(&vec![1; sources.len()])),
        ("afferent_section_id", integers(&vec![0; sources.len()])),
        ("afferent_section_pos", all(0.5)),
    ];
    edges(name, EdgeKind::Chemical, ends, sources, targets, columns)
}

fn overridden(folder: &Path, overrides: &str) -> Result<NeuroSimulator, NeuroError> {
    let nodes = vec![cells(folder, "neurons", &["json:leaky"; 3])];
    let circuit = circuit(folder, nodes, vec![plain("syn", ["neurons"; 2], &[0, 1, 2], &[1, 1, 1], 10.0)]);
    build(folder, &circuit, SETS, &format!(r#", "connection_overrides": [{overrides}]"#), &Registry::default())
}

#[test]
fn overrides_say_which_synapses_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let conductances = |overrides: &str| {
        let simulator = overridden(folder.path(), overrides).unwrap();
        let weights: Vec<f64> = simulator.cells()[1].synapses().iter().map(|one| one.conductance_us).collect();
        (weights, simulator.notes().to_vec())
    };
    let entry = |name: &str, source: &str, more: &str| {
        format!(r#"{{"name": "{name}", "source": "{source}", "target": "All"{more}}}"#)
    };
    assert_eq!(conductances("").0, [0.01; 3]);
    let (made, notes) = conductances(&entry("a", "Drivers", r#", "weight": 3"#));
    assert_eq!(made, [0.03, 0.03]);
    assert!(notes.iter().any(|note| note.contains("'syn': 1 synapses are in no connection_override")), "{notes:?}");
    // A later one without weight brings 1 back.
    let (made, _) = conductances(&[entry("a", "All", r#", "weight": 3"#), entry("b", "Zero", "")].join(","));
    assert_eq!(made, [0.01, 0.03, 0.03]);
    let (made, notes) = conductances(&entry("a", "All", r#", "weight": 0"#));
    assert!(made.is_empty());
    assert!(
        notes.iter().any(|note| note.contains("the only connection_override that meets them has weight 0")),
        "{notes:?}"
    );
    // Overrides with a delay make nothing.
    assert!(conductances(&entry("a", "All", r#", "delay": 5, "weight": 2"#)).0.is_empty());
    let told = |more: &str, message: &str| {
        let error = overridden(folder.path(), &entry("a", "All", more)).err().expect("a mistake").to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    };
    told(
        r#", "synapse_configure": "%s.mg 3""#,
        "connection_overrides 'a': synapse_configure: '%s.mg 3' is no assignment",
    );
    told(
        r#", "synapse_configure": "%s.NMDA_rat = 3""#,
        "edge population 'syn', edge 0: synapse_configure sets 'NMDA_rat', which 'ProbAMPANMDA_EMS' does not have (did you mean 'NMDA_ratio'?)",
    );
    for (change, message) in [
        (
            "%s.NMDA_ratio = NaN",
            "connection_overrides 'a': synapse_configure makes NMDA_ratio = NaN, which must be a number",
        ),
        ("%s.Nrrp = 1e12", "synapse_configure makes Nrrp = 1000000000000, which must be between 0 and 10000 vesicles"),
        ("%s.tau_d_AMPA *= 0", "synapse_configure makes tau_d_AMPA = 0, which must be positive (ms)"),
        ("%s.Dep -= 1", "synapse_configure makes Dep = -1, which must be at least 0"),
        ("%s.tau_r_AMPA = 2", "synapse_configure makes tau_r_AMPA and tau_d_AMPA equal"),
    ] {
        told(&format!(r#", "synapse_configure": "{change}""#), message);
    }
    told(r#", "modoverride": "Exp3Syn""#, "edge 0: unknown point process 'Exp3Syn' (did you mean 'ExpSyn'?)");
}

#[test]
fn a_synapse_can_be_any_point_process() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = || vec![cells(folder.path(), "neurons", &["json:leaky", "json:leaky"])];
    let mut of_type = plain("typed", ["neurons"; 2], &[0], &[1], 0.002);
    of_type.kind = EdgeKind::Exp2Syn;
    for (name, value) in [("tau1", 0.5), ("tau2", 3.0), ("erev", -60.0)] {
        of_type.attributes.columns.insert(name.to_owned(), floats(&[value]));
    }
    let mut by_template = EdgePopulation { name: "named".to_owned(), kind: EdgeKind::Chemical, ..of_type.clone() };
    by_template.attributes.columns.insert("model_template".to_owned(), texts(&["exp2syn"]));
    // As bmtk writes them.
    let columns = &mut by_template.attributes.columns;
    let weight = columns.remove("conductance").unwrap();
    columns.insert("syn_weight".to_owned(), weight);
    for (from, to) in [("afferent_section_id", "sec_id"), ("afferent_section_pos", "sec_x")] {
        let column = columns.remove(from).unwrap();
        columns.insert(to.to_owned(), column);
    }
    let overridden = plain("overridden", ["neurons"; 2], &[0], &[1], 0.002);
    let mut overridden = EdgePopulation { attributes: of_type.attributes.clone(), ..overridden };
    overridden.kind = EdgeKind::Chemical;
    let change = r#", "connection_overrides": [{"name": "a", "source": "All", "target": "All", "modoverride": "Exp2Syn",
        "synapse_configure": "%s.e -= 4"}]"#;
    for (edges, more, reversal) in [(of_type, "", -60.0), (by_template, "", -60.0), (overridden, change, -64.0)] {
        let name = edges.name.clone();
        let circuit = circuit(folder.path(), nodes(), vec![edges]);
        let simulator = build(folder.path(), &circuit, SETS, more, &Registry::default());
        if name == "overridden" && simulator.is_err() {
            // Chemical edges have all attributes of such.
            panic!("{}", simulator.err().unwrap());
        }
        let mut simulator = simulator.unwrap();
        let cell = &simulator.cells()[1];
        let values = ["tau1", "tau2", "e"].map(|parameter| cell.point_value(PointId(0), parameter).unwrap());
        assert_eq!(values, [0.5, 3.0, reversal], "{name}");
        simulator.advance(10).unwrap();
    }
}

/// A ring over two populations of cells and one without membrane.
#[test]
fn populations_of_all_kinds_run_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = points(folder.path(), "C", NodeKind::PointProcess, &["json:fire", "nrn:IntFire1"]);
    model.dynamics = table(vec![("refrac", floats(&[3.0, 4.0]))]);
    std::fs::write(
        folder.path().join("fire.json"),
        r#"{"mechanism": "IntFire1", "parameters": {"tau": 7, "refrac": 1}}"#,
    )
    .unwrap();
    let nodes = vec![
        cells(folder.path(), "A", &["json:spiker", "json:leaky"]),
        points(folder.path(), "V", NodeKind::Virtual, &["virtual"]),
        cells(folder.path(), "B", &["json:leaky"]),
        model,
    ];
    let onto_points = |name: &str, from: &str, sources: &[u64], targets: &[u64], delay_ms: f64| {
        let columns =
            vec![("delay", floats(&vec![delay_ms; sources.len()])), ("conductance", floats(&vec![1.5; sources.len()]))];
        edges(name, EdgeKind::PointProcess, [from, "C"], sources, targets, columns)
    };
    let all = vec![
        // One synapse between two cells, whatever the file says.
        onto_points("A_C", "A", &[0, 0], &[0, 0], 2.0),
        onto_points("C_C", "C", &[0], &[1], 1.5),
        onto_points("V_C", "V", &[0], &[1], 0.5),
        plain("C_B", ["C", "B"], &[1], &[0], 0.5),
        plain("V_A", ["V", "A"], &[0], &[1], 0.5),
    ];
    let circuit = circuit(folder.path(), nodes, all);
    write_spikes(&folder.path().join("played.h5"), "V", &[(0, 20.3), (0, 2.0)]);
    let more = r#", "conditions": {"celsius": 6.3, "v_init": -70}, "inputs": {
        "kick": {"module": "pulse", "input_type": "current_clamp", "delay": 5, "duration": 45, "amp_start": 1, "width": 1,
                 "frequency": 80, "node_set": "Zero"},
        "play": {"module": "synapse_replay", "input_type": "spikes", "delay": 10, "duration": 50, "spike_file": "played.h5",
                 "node_set": "Everything"}}"#;
    let sets = r#"{"Zero": {"population": "A", "node_id": [0]}, "Everything": {"population": ["A", "B", "C", "V"]}}"#;
    let mut simulator = build(folder.path(), &circuit, sets, more, &Registry::default()).unwrap();
    let spaces = simulator.spaces();
    let neurons = spaces.iter().find(|space| space.name == NEURONS).unwrap();
    assert_eq!((&neurons.ids[..], &neurons.population), (&[0, 1, 2][..], &None));
    let artificial = simulator.artificial().unwrap();
    assert_eq!(artificial.ids(), [3, 4]);
    assert_eq!([0, 1].map(|cell| artificial.value(cell, "tau").unwrap()), [7.0, 10.0]);
    assert_eq!([0, 1].map(|cell| artificial.value(cell, "refrac").unwrap()), [3.0, 4.0]);
    // A spikes at 5.075 ms, C0 hears of it 2 ms later, C1 1.5 ms later, B another 1 ms: step 383.
    simulator.advance(383).unwrap();
    assert_eq!(voltage(&simulator, 2), -70.0);
    simulator.advance(385).unwrap();
    assert!(voltage(&simulator, 2) > -70.0);
    // What is played before its delay is not; the spike at 20.3 ms arrives at 20.8 in C1 and at 21.3 in A1.
    simulator.advance(852).unwrap();
    assert_eq!(voltage(&simulator, 1), -70.0);
    simulator.advance(2000).unwrap();
    assert!(voltage(&simulator, 1) > -70.0);
    let near = |found: &[Spike], expected: &[(f64, u64)]| {
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, (time_ms, neuron)) in found.iter().zip(expected) {
            assert!((found.time_ms - time_ms).abs() < 1e-9 && found.neuron == *neuron, "{found:?} {time_ms} {neuron}");
        }
    };
    let mut expected: Vec<(f64, u64)> =
        DRIVERS.iter().flat_map(|&time| [(time, 0), (time + 2.0, 3), (time + 3.5, 4)]).collect();
    // In C1 the spike of V comes 0.7 ms before that of C0, at 21.5, which it does not hear then.
    expected.retain(|&spike| spike != (21.5, 4));
    expected.push((20.8, 4));
    expected.sort_by(|a, b| a.0.total_cmp(&b.0));
    near(&spikes(&mut simulator), &expected);
}

#[test]
fn populations_of_all_kinds_keep_the_promises() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = vec![
        cells(folder.path(), "A", &["json:spiker"]),
        points(folder.path(), "C", NodeKind::PointNeuron, &["nrn:IntFire2", "nrn:IntFire1"]),
    ];
    let columns = vec![("delay", floats(&[1.0, 1.3])), ("conductance", floats(&[3.0, 1.5]))];
    let all = vec![
        edges("A_C", EdgeKind::PointProcess, ["A", "C"], &[0, 0], &[0, 1], columns),
        plain("C_A", ["C", "A"], &[1], &[0], 50.0),
    ];
    let circuit = circuit(folder.path(), nodes, all);
    let more = r#", "conditions": {"celsius": 6.3, "v_init": -65}, "inputs": {"kick": {"module": "pulse",
        "input_type": "current_clamp", "delay": 0, "duration": 9, "amp_start": 1, "width": 1, "frequency": 200, "node_set": "A"}}"#;
    let sets = r#"{"A": {"population": "A"}}"#;
    msr_coupling::conformance::check(&|| {
        Box::new(build(folder.path(), &circuit, sets, more, &Registry::default()).unwrap())
    })
    .unwrap();
}

/// `benches/compare/edges_reference.py`: events of weight 0.34 or 0.3 at 1 + 1.7 k ms, 1 ms of delay.
#[test]
fn artificial_cells_fire_when_those_of_neuron_do() {
    let registry = Registry::default();
    let cases = [
        (
            "IntFire1",
            vec![("tau".to_owned(), 12.0), ("refrac".to_owned(), 3.0)],
            0.34,
            vec![7.1, 15.6, 24.1, 32.6, 41.1],
        ),
        (
            "IntFire2",
            vec![("taum".to_owned(), 10.0), ("taus".to_owned(), 20.0), ("ib".to_owned(), 0.2)],
            0.3,
            vec![
                14.585083530387976,
                20.68932494287622,
                25.628585465451923,
                30.01765004731036,
                34.120302199794786,
                37.98680199561251,
                41.69401094179361,
                45.399824152087504,
                49.97805987910564,
                56.43659039461195,
            ],
        ),
    ];
    for (kind, parameters, weight, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        let nodes = vec![cells(folder.path(), "A", &["json:leaky"])];
        let silent = circuit(folder.path(), nodes, Vec::new());
        let simulator = build(folder.path(), &silent, "{}", "", &registry).unwrap();
        let mut builder = ArtificialCellsBuilder::default();
        let mechanism = registry.build_artificial(kind, 34.0).unwrap();
        builder.add(7, &mechanism, &parameters, [1, 0, 0]).unwrap();
        let connection = builder.connect(0, weight).unwrap();
        let times_ms = (0..25).map(|k| 1.0 + 1.7 * f64::from(k)).collect();
        let train = Train { times_ms, targets: Vec::new(), artificial: vec![(connection, 1.0)] };
        let mut simulator =
            simulator.with_artificial(builder.build(0, 0.025), &[], &[]).unwrap().with_trains([train]).unwrap();
        simulator.advance(2400).unwrap();
        let found = spikes(&mut simulator);
        assert_eq!(found.len(), expected.len(), "{kind}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            // NEURON looks for the root of IntFire2 to 1e-6 or so of m.
            assert!((found.time_ms - expected).abs() < 2e-5, "{kind}: {} {expected}", found.time_ms);
        }
    }
}

/// Two leaky cells, one with a current, joined by 2 nS: the steady state of two linear equations.
#[test]
fn gap_junctions_join_cells() {
    let folder = tempfile::tempdir().unwrap();
    let junctions = |efferent: [i64; 2]| {
        let mut gaps = plain("gaps", ["neurons"; 2], &[0, 1], &[1, 0], 2.0);
        gaps.kind = EdgeKind::Electrical;
        gaps.attributes.columns.insert("afferent_junction_id".to_owned(), integers(&[0, 1]));
        gaps.attributes.columns.insert("efferent_junction_id".to_owned(), integers(&efferent));
        circuit(folder.path(), vec![cells(folder.path(), "neurons", &["json:leaky"; 3])], vec![gaps])
    };
    let more = r#", "conditions": {"v_init": -70}, "inputs": {"hold": {"module": "linear", "input_type": "current_clamp",
        "delay": 0, "duration": 500, "amp_start": 0.01, "node_set": "Zero"}}"#;
    let mut simulator = build(folder.path(), &junctions([1, 0]), SETS, more, &Registry::default()).unwrap();
    simulator.advance(16_000).unwrap();
    // Leak of 1e-4 S/cm2 on pi 20^2 um2 and junction, in nS; 10 pA.
    let (leak, junction, current) = (1e-4 * std::f64::consts::PI * 400.0 * 10.0, 2.0, 10.0);
    let determinant = (leak + junction) * (leak + junction) - junction * junction;
    let expected = [current * (leak + junction) / determinant, current * junction / determinant, 0.0];
    let near = |simulator: &NeuroSimulator| {
        for (cell, above_rest) in expected.into_iter().enumerate() {
            let found = voltage(simulator, cell) + 70.0;
            assert!((found - above_rest).abs() < 1e-6, "cell {cell}: {found} {above_rest}");
        }
    };
    near(&simulator);
    // A file of one's own, in which the voltage of the other side is no parameter.
    let own = "NEURON {\n POINT_PROCESS Gap\n NONSPECIFIC_CURRENT i\n RANGE g, i, vgap }
        PARAMETER { g = 1 (nanosiemens) }\n ASSIGNED { v (millivolt) vgap (millivolt) i (nanoamp) }
        BREAKPOINT { i = 1e-3 * g * (v - vgap) }";
    let mut registry = Registry::default();
    registry.register_file(own, "gap.mod", &Options::default()).unwrap();
    let mut simulator = build(folder.path(), &junctions([1, 0]), SETS, more, &registry).unwrap();
    simulator.advance(16_000).unwrap();
    near(&simulator);
    let blind = own.replace("vgap", "vother");
    registry.register_file(&blind, "gap.mod", &Options::default()).unwrap();
    let error = build(folder.path(), &junctions([1, 0]), SETS, more, &registry).err().unwrap().to_string();
    assert!(error.contains("'Gap' has no variable 'vgap'"), "{error}");
    let mut shared = junctions([1, 0]);
    shared.edges.push(EdgePopulation { name: "more".to_owned(), ..shared.edges[0].clone() });
    let error = build(folder.path(), &shared, SETS, more, &Registry::default()).err().unwrap().to_string();
    assert!(error.contains("'more', edge 0: afferent_junction_id = 0 of node 1 is that of another edge"), "{error}");
    let alone = format!(r#"{more}, "node_set": "Zero""#);
    let simulator = build(folder.path(), &junctions([1, 0]), SETS, &alone, &Registry::default()).unwrap();
    let notes = simulator.notes().join("\n");
    assert!(
        notes.contains("'gaps': 1 synapses are sides of gap junctions whose other side is not simulated"),
        "{notes}"
    );
    let error = build(folder.path(), &junctions([1, 5]), SETS, more, &Registry::default()).err().unwrap().to_string();
    let message = "edge population 'gaps', edge 1: efferent_junction_id = 5 of node 1 has no other side";
    assert!(error.contains(message), "{error}");
    msr_coupling::conformance::check(&|| {
        Box::new(build(folder.path(), &junctions([1, 0]), SETS, more, &Registry::default()).unwrap())
    })
    .unwrap();
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut simulator = build(folder.path(), &junctions([1, 0]), SETS, more, &Registry::default()).unwrap();
            simulator.advance(400).unwrap();
            simulator.snapshot().unwrap()
        })
    };
    assert!(bits(1) == bits(4));
}

/// Parameters of the plastic synapse of Chindemi et al. 2022.
const PLASTIC: &str = "NEURON { POINT_PROCESS GluSynapse NONSPECIFIC_CURRENT i RANGE Use, Use_d, Use_p, rho0_GB, volume_CR, theta_d_GB,
        theta_p_GB, gmax_d_AMPA, gmax_p_AMPA, gmax0_AMPA, gmax_NMDA, tau_d_AMPA, Dep, Fac, Nrrp RANDOM rng }
    PARAMETER { Use = 0 Use_d = 0 Use_p = 0 rho0_GB = 0 volume_CR = 0 theta_d_GB = 0 theta_p_GB = 0 gmax_d_AMPA = 0 gmax_p_AMPA = 0
        gmax0_AMPA = 0 gmax_NMDA = 0 tau_d_AMPA = 0 Dep = 0 Fac = 0 Nrrp = 1 } ASSIGNED { v (mV) i (nA) }
    BREAKPOINT { i = 0 } NET_RECEIVE(weight) { }";

/// As neurodamus' helper for this synapse sets it.
#[test]
fn plastic_synapses_begin_in_their_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut registry = Registry::default();
    registry.register_file(PLASTIC, "GluSynapse.mod", &Options::default()).unwrap();
    let mut synapses = plain("syn", ["neurons"; 2], &[0, 0], &[1, 1], 1.0);
    let columns = [
        ("volume_CR", [0.1, 0.2]),
        ("rho0_GB", [0.0, 1.0]),
        ("Use_d_TM", [0.2, 0.25]),
        ("Use_p_TM", [0.5, 0.55]),
        ("gmax_d_AMPA", [1.0, 1.1]),
        ("gmax_p_AMPA", [2.0, 2.1]),
        ("theta_d", [0.006, 0.007]),
        ("theta_p", [0.008, 0.009]),
        ("conductance_scale_factor", [0.7, 0.5]),
        ("u_hill_coefficient", [2.0, 2.0]),
    ];
    for (name, values) in columns {
        synapses.attributes.columns.insert(name.to_owned(), floats(&values));
    }
    let circuit = circuit(folder.path(), vec![cells(folder.path(), "neurons", &["json:leaky"; 2])], vec![synapses]);
    let more = r#", "conditions": {"extracellular_calcium": 1.0},
        "connection_overrides": [{"name": "a", "source": "All", "target": "All", "modoverride": "GluSynapse"}]"#;
    let simulator = build(folder.path(), &circuit, SETS, more, &registry).unwrap();
    let cell = &simulator.cells()[1];
    let names = ["Use", "gmax0_AMPA", "gmax_NMDA", "theta_p_GB", "volume_CR", "tau_d_AMPA"];
    // (2^4 + 16) / 16 / (2^4 + 1).
    let hill = 2.0 / 17.0;
    for (point, expected) in
        [[0.2 * hill, 1.0, 0.7, 0.008, 0.1, 2.0], [0.55 * hill, 2.1, 1.05, 0.009, 0.2, 2.0]].into_iter().enumerate()
    {
        for (name, expected) in names.into_iter().zip(expected) {
            let found = cell.point_value(PointId(point as u32), name).unwrap();
            assert!((found - expected).abs() < 1e-12, "{point} {name}: {found} {expected}");
        }
    }
}

/// A synapse that notes the last neuromodulator that reached it.
const MODULATED: &str = "NEURON { POINT_PROCESS Modulated NONSPECIFIC_CURRENT i RANGE last, strength, decay, heard }
    PARAMETER { heard = 0 } ASSIGNED { v (mV) i (nA) last strength decay }
    INITIAL { last = 0 strength = 0 decay = 0 heard = 0 } BREAKPOINT { i = 0 }
    NET_RECEIVE(weight, first, second, third, nc_type) {
        if (nc_type == 10) { last = weight strength = first decay = second } else { heard = heard + 1 } }";

#[test]
fn neuromodulators_reach_the_nearest_synapse_that_knows_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut registry = Registry::default();
    registry.register_file(MODULATED, "modulated.mod", &Options::default()).unwrap();
    let nodes = || {
        vec![
            cells(folder.path(), "neurons", &["json:leaky"; 2]),
            points(folder.path(), "fibres", NodeKind::Virtual, &["virtual"; 2]),
        ]
    };
    let mut synapses = plain("syn", ["neurons"; 2], &[0, 0], &[1, 1], 1.0);
    synapses.attributes.columns.insert("afferent_section_pos".to_owned(), floats(&[0.45, 0.52]));
    let modulators = || {
        let columns = vec![
            ("delay", floats(&[2.0, 2.0])),
            ("neuromod_strength", floats(&[0.7, 0.2])),
            ("neuromod_dtc", floats(&[60.0, 70.0])),
            ("afferent_section_id", integers(&[0, 0])),
            ("afferent_section_pos", floats(&[0.5, 0.9])),
        ];
        edges("mod", EdgeKind::Neuromodulatory, ["fibres", "neurons"], &[0, 1], &[1, 1], columns)
    };
    write_spikes(&folder.path().join("played.h5"), "fibres", &[(0, 3.0), (1, 3.0)]);
    let with = |more: &str| {
        format!(
            r#", "connection_overrides": [{{"name": "a", "source": "All", "target": "All", "modoverride": "Modulated"}}{more}],
            "inputs": {{"play": {{"module": "synapse_replay", "input_type": "spikes", "delay": 0, "duration": 50,
                "spike_file": "played.h5", "node_set": "All"}}}}"#
        )
    };
    let sets = r#"{"All": {"population": "neurons"}, "Fibres": {"population": "fibres"}}"#;
    let circuit = circuit(folder.path(), nodes(), vec![modulators(), synapses]);
    let changed = r#", {"name": "b", "source": "Fibres", "target": "All", "neuromodulation_strength": 0.9}"#;
    for (more, strength) in [("", 0.7), (changed, 0.9)] {
        let mut simulator = build(folder.path(), &circuit, sets, &with(more), &registry).unwrap();
        let notes = simulator.notes().join("\n");
        assert!(notes.contains("'mod': 1 synapses find no synapse near them"), "{notes}");
        simulator.advance(400).unwrap();
        let values = |point| {
            ["last", "strength", "decay", "heard"]
                .map(|name| simulator.cells()[1].point_value(PointId(point), name).unwrap())
        };
        assert_eq!((values(0), values(1)), ([0.0; 4], [1.0, strength, 60.0, 0.0]));
    }
}

#[test]
fn minis_have_the_rates_of_their_cells() {
    let folder = tempfile::tempdir().unwrap();
    let mut population = cells(folder.path(), "neurons", &["json:leaky"; 2]);
    population.attributes.columns.insert("exc_mini_frequency".to_owned(), floats(&[1.0, 2.5]));
    population.attributes.columns.insert("inh_mini_frequency".to_owned(), floats(&[1.0, 0.0]));
    let mut synapses = plain("syn", ["neurons"; 2], &[0, 0, 1], &[1, 1, 0], 1.0);
    synapses.attributes.columns.insert("syn_type_id".to_owned(), integers(&[120, 3, 3]));
    let mut circuit = circuit(folder.path(), vec![population], vec![synapses]);
    let rates = |circuit: &Circuit| -> Vec<Vec<f64>> {
        let simulator = build(folder.path(), circuit, "{}", "", &Registry::default()).unwrap();
        simulator.cells().iter().map(|cell| cell.spontaneous().iter().map(|one| one.rate_hz).collect()).collect()
    };
    assert_eq!(rates(&circuit), [vec![1.0], vec![2.5]]);
    // Without syn_type_id they are inhibitory.
    let edges = &mut circuit.edges[0];
    edges.kind = EdgeKind::Exp2Syn;
    edges.attributes.columns.remove("syn_type_id");
    assert_eq!(rates(&circuit), [vec![1.0], vec![]]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut population = cells(folder.path(), "neurons", &["json:leaky", "json:missing", "json:wrong", "json:leaky"]);
    let wrong = LEAKY.replace("pas", "pass");
    std::fs::write(folder.path().join("wrong.json"), wrong).unwrap();
    population.attributes.columns.insert("morphology".to_owned(), texts(&["ball", "ball", "ball", "elsewhere"]));
    let mut synapses = plain("syn", ["neurons"; 2], &[0, 1, 2], &[0, 0, 0], 1.0);
    synapses.attributes.columns.insert("afferent_section_id".to_owned(), integers(&[0, 9, 0]));
    synapses.attributes.columns.insert("decay_time".to_owned(), floats(&[0.5, 0.5, 0.0]));
    let silent = points(folder.path(), "points", NodeKind::PointNeuron, &["nrn:IntFire9"]);
    let circuit = circuit(folder.path(), vec![population, silent], vec![synapses]);
    let error = build(folder.path(), &circuit, "{}", "", &Registry::default()).err().unwrap().to_string();
    let expected = [
        "node 1: ",
        "missing.json: cannot be read",
        "node 2: ",
        "unknown mechanism 'pass' (did you mean 'pas'?)",
        "node 3: morphology 'elsewhere' is not there",
        "edge 1: node 0 has no section 9 (it has 1)",
        "edge 2: decay_time = 0 must be positive",
        "population 'points', node 0: unknown artificial cell 'IntFire9'",
    ];
    for message in expected {
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
    assert_eq!(error.lines().count(), 6, "{error}");
}

/// Streams of synapses have offsets after all populations that are simulated, those of channels have none.
#[test]
fn gids_count_astrocytes_and_vessels() {
    let folder = tempfile::tempdir().unwrap();
    let noisy = LEAKY.replace(r#"["pas"]"#, r#"["pas", "StochKv"]"#).replace(
        r#""parameters": ["#,
        r#""parameters": [{"sections": "all", "name": "StochKv.gkbar", "value": 0.01}, "#,
    );
    let run = |others: &[(&str, NodeKind, usize)], set: &str| {
        let mut nodes = vec![cells(folder.path(), "neurons", &["json:noisy"; 2])];
        std::fs::write(folder.path().join("noisy.json"), &noisy).unwrap();
        nodes.extend(
            others.iter().map(|(name, kind, size)| points(folder.path(), name, kind.clone(), &vec!["none"; *size])),
        );
        let circuit = circuit(folder.path(), nodes, vec![plain("syn", ["neurons"; 2], &[0], &[1], 1.0)]);
        let sets = r#"{"Neurons": {"population": "neurons"}, "Both": {"population": ["neurons", "glia"]}}"#;
        let more = format!(r#", "conditions": {{"v_init": -20}}{set}"#);
        let mut simulator = build(folder.path(), &circuit, sets, &more, &Registry::default()).unwrap();
        let gid = simulator.cells()[1].synapses()[0].stream.ids[0];
        simulator.advance(400).unwrap();
        (gid, [voltage(&simulator, 0), voltage(&simulator, 1)])
    };
    let (alone, voltages) = run(&[], "");
    assert_eq!(alone, 2 + 250);
    assert_ne!(voltages[0], voltages[1]);
    let glia = [
        ("glia", NodeKind::Astrocyte, 3),
        ("astro", NodeKind::Vasculature, 1001),
        ("vessels", NodeKind::Vasculature, 9),
    ];
    assert_eq!(run(&glia, ""), (alone + 3000, voltages));
    assert_eq!(run(&glia, r#", "node_set": "Both""#), (alone + 1000, voltages));
    assert_eq!(run(&glia, r#", "node_set": "Neurons""#), (alone, voltages));
}

/// NEURON 9.0.2: IntFire1 fires at 2.01 ms, between two steps, and ExpSyn (0.01 uS) on the `leaky` cell hears it 1.012 ms later, at the step
/// whose middle follows 3.022 ms; with the delay rounded to steps it would be the one before. Voltage after 5 ms.
#[test]
fn delays_of_overrides_from_cells_without_membrane_are_exact() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = vec![
        cells(folder.path(), "A", &["json:leaky"]),
        points(folder.path(), "C", NodeKind::PointProcess, &["nrn:IntFire1"]),
        points(folder.path(), "V", NodeKind::Virtual, &["virtual"]),
    ];
    let columns = vec![("delay", floats(&[1.0])), ("conductance", floats(&[1.5]))];
    let driving = edges("V_C", EdgeKind::PointProcess, ["V", "C"], &[0], &[0], columns);
    let circuit = circuit(folder.path(), nodes, vec![driving, plain("C_A", ["C", "A"], &[0], &[0], 0.01)]);
    write_spikes(&folder.path().join("played.h5"), "V", &[(0, 1.01)]);
    let sets = r#"{"A": {"population": "A"}, "C": {"population": "C"}}"#;
    for (delay_ms, expected) in [(1.012, -65.03760040595589), (1.0, -65.0499754638712)] {
        let more = format!(
            r#", "conditions": {{"celsius": 6.3, "v_init": -70}}, "inputs": {{"play": {{"module": "synapse_replay", "input_type": "spikes",
                "delay": 0, "duration": 50, "spike_file": "played.h5", "node_set": "C"}}}}, "connection_overrides": [{{"name": "a",
                "source": "C", "target": "A", "modoverride": "ExpSyn", "synapse_delay_override": {delay_ms}}}]"#
        );
        let mut simulator = build(folder.path(), &circuit, sets, &more, &Registry::default()).unwrap();
        simulator.advance(200).unwrap();
        let found = voltage(&simulator, 0);
        assert!((found - expected).abs() < 1e-8, "{delay_ms} ms: {found} {expected}");
    }
}

/// What the delay of an override adds to whole steps counts, that of the file is cut to steps.
#[test]
fn delays_of_overrides_are_not_cut() {
    let folder = tempfile::tempdir().unwrap();
    let arrival = |delay_ms: f64, more: &str| {
        let nodes = vec![
            cells(folder.path(), "neurons", &["json:leaky"]),
            points(folder.path(), "fibres", NodeKind::Virtual, &["virtual"]),
        ];
        let mut synapses = plain("syn", ["fibres", "neurons"], &[0], &[0], 10.0);
        synapses.attributes.columns.insert("delay".to_owned(), floats(&[delay_ms]));
        let circuit = circuit(folder.path(), nodes, vec![synapses]);
        write_spikes(&folder.path().join("played.h5"), "fibres", &[(0, 1.0)]);
        let more = format!(
            r#", "conditions": {{"v_init": -70}}, "inputs": {{"play": {{"module": "synapse_replay", "input_type": "spikes", "delay": 0,
                "duration": 50, "spike_file": "played.h5", "node_set": "All"}}}}{more}"#
        );
        let mut simulator = build(folder.path(), &circuit, SETS_OF_FIBRES, &more, &Registry::default()).unwrap();
        (1..400)
            .find(|&step| {
                simulator.advance(step).unwrap();
                voltage(&simulator, 0) > -70.0
            })
            .unwrap()
    };
    let changed = |delay_ms: f64| {
        format!(
            r#", "connection_overrides": [{{"name": "a", "source": "Fibres", "target": "All",
                "synapse_delay_override": {delay_ms}}}]"#
        )
    };
    // 0.99 of a step more: cut away in the file, nearly the next step in an override.
    assert_eq!(arrival(1.02475, ""), arrival(1.0, ""));
    assert_eq!(arrival(1.0, &changed(2.02475)), arrival(2.025, ""));
    assert_eq!(arrival(1.0, &changed(2.0)), arrival(2.0, ""));
}

const SETS_OF_FIBRES: &str = r#"{"All": {"population": "neurons"}, "Fibres": {"population": "fibres"}}"#;

/// IntFire1 fires at 1: excitation of 0.6 twice, with and without inhibition between; no cell with a membrane is there.
#[test]
fn cells_without_membrane_run_alone() {
    let folder = tempfile::tempdir().unwrap();
    let run = |weights: &[f64], more: &str| {
        let nodes = vec![
            points(folder.path(), "C", NodeKind::PointProcess, &["nrn:IntFire1", "nrn:IntFire1"]),
            points(folder.path(), "V", NodeKind::Virtual, &["virtual"; 3]),
        ];
        let columns = || vec![("delay", floats(&[1.0; 3])), ("conductance", floats(weights))];
        let onto = edges("V_C", EdgeKind::PointProcess, ["V", "C"], &[0, 1, 2], &[0, 0, 0], columns());
        let within = edges(
            "C_C",
            EdgeKind::PointProcess,
            ["C", "C"],
            &[0],
            &[1],
            vec![("delay", floats(&[1.5])), ("conductance", floats(&[2.0]))],
        );
        let circuit = circuit(folder.path(), nodes, vec![onto, within]);
        write_spikes(&folder.path().join("played.h5"), "V", &[(0, 1.0), (1, 1.5), (2, 2.0)]);
        let more = format!(
            r#", "inputs": {{"play": {{"module": "synapse_replay", "input_type": "spikes", "delay": 0, "duration": 50,
                "spike_file": "played.h5", "node_set": "C"}}, "hold": {{"module": "linear", "input_type": "current_clamp",
                "delay": 0, "duration": 9, "amp_start": 1, "node_set": "C"}}, "none": {{"module": "linear",
                "input_type": "current_clamp", "delay": 0, "duration": 9, "amp_start": 1, "node_set": "V"}}}}{more}"#
        );
        let sets = r#"{"C": {"population": "C"}, "V": {"population": "V"}}"#;
        build(folder.path(), &circuit, sets, &more, &Registry::default())
    };
    let mut simulator = run(&[0.6, 0.0, 0.6], "").unwrap();
    assert!(simulator.cells().is_empty());
    let notes = simulator.notes().join("\n");
    assert!(notes.contains("inputs.hold: 2 cells of node_set 'C' have no membrane"), "{notes}");
    assert!(notes.contains("inputs.none has no effect: node_set 'V' has no simulated cell"), "{notes}");
    simulator.advance(400).unwrap();
    let found: Vec<(u64, f64)> = spikes(&mut simulator).iter().map(|one| (one.neuron, one.time_ms)).collect();
    assert_eq!(found, [(0, 3.0), (1, 4.5)]);
    msr_coupling::conformance::check(&|| Box::new(run(&[0.6, 0.0, 0.6], "").unwrap())).unwrap();
    let mut simulator = run(&[0.6, -0.5, 0.6], "").unwrap();
    simulator.advance(400).unwrap();
    assert!(spikes(&mut simulator).is_empty());
    let error = run(&[0.6, f64::NAN, 0.6], "").err().unwrap().to_string();
    assert!(error.contains("edge 1: conductance = NaN must be a number"), "{error}");
    let change =
        r#", "connection_overrides": [{"name": "a", "source": "C", "target": "C", "spont_minis": 3, "delay": 5}]"#;
    let notes = run(&[0.6, 0.0, 0.6], change).unwrap().notes().join("\n");
    assert!(notes.contains("'C_C': 1 synapses are in no connection_override"), "{notes}");
    assert!(notes.contains("without effect: 'a' (spont_minis, delay)"), "{notes}");
}

/// Templates in hoc that leave an artificial cell in `pointcell`, as circuits with cells of integrate and fire have them.
#[test]
fn templates_in_hoc_make_cells_without_membrane() {
    let folder = tempfile::tempdir().unwrap();
    let run = |statements: &str, templates: &[&str]| {
        let text = format!(
            "{{load_file(\"stdrun.hoc\")}}\nbegintemplate Fire\n  public CellRef, pointcell\n  objref this, CellRef, pointcell\n\
             proc init() {{\n  CellRef = this\n  gid = $1\n  biophys()\n}}\nproc biophys() {{\n{statements}\n}}\nendtemplate Fire\n"
        );
        std::fs::write(folder.path().join("Fire.hoc"), text).unwrap();
        let nodes = vec![points(folder.path(), "C", NodeKind::PointProcess, templates)];
        let circuit = circuit(folder.path(), nodes, Vec::new());
        build(folder.path(), &circuit, "{}", "", &Registry::default())
    };
    let statements = "pointcell = new IntFire1()\npointcell.tau = 20 + gid\npointcell.refrac = pointcell.refrac - 2";
    let simulator = run(statements, &["hoc:Fire", "nrn:IntFire1", "hoc:Fire"]).unwrap();
    let artificial = simulator.artificial().unwrap();
    let values = |name: &str| [0, 1, 2].map(|cell| artificial.value(cell, name).unwrap());
    assert_eq!((values("tau"), values("refrac")), ([21.0, 10.0, 23.0], [3.0, 5.0, 3.0]));
    for (statements, message) in [
        ("pointcell = new IntFire1()\npointcell.tua = 3", "'IntFire1' has no parameter 'tua'; available: "),
        ("pointcell = new IntFire9()", "Fire.hoc:11: class 'IntFire9' is not supported"),
        (
            "pointcell = new SectionList()",
            "template 'Fire' leaves no artificial cell in 'pointcell'; there are: IntFire1",
        ),
        ("create soma[1]\nsoma L = pointcell.tau", "Fire.hoc:12: "),
    ] {
        let error = run(statements, &["hoc:Fire"]).err().expect("it cannot be").to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
    let error = run(statements, &["hoc:Flare"]).err().expect("it cannot be").to_string();
    assert!(error.contains("model_template 'hoc:Flare': unknown artificial cell 'Flare'"), "{error}");
}

/// NEURON 9.0.2 with two templates of IntFire1 in a ring (24 and 7 ms, 3 ms of rest; delays of 23, 24 and 25 ms) that hear a file after 3 ms.
/// At 26 and 41 ms an event comes when the rest ends, and is not heard.
#[test]
fn a_ring_of_templates_fires_as_in_neuron() {
    let folder = tempfile::tempdir().unwrap();
    for (name, tau_ms) in [("Fast", 7), ("Slow", 24)] {
        let text = format!(
            "begintemplate {name}\npublic pointcell\nobjref pointcell\nproc init() {{\n  pointcell = new IntFire1()\n  \
             pointcell.tau = {tau_ms}\n  pointcell.refrac = 3\n}}\nendtemplate {name}\n"
        );
        std::fs::write(folder.path().join(format!("{name}.hoc")), text).unwrap();
    }
    let nodes = vec![
        points(folder.path(), "C", NodeKind::PointProcess, &["hoc:Slow", "hoc:Fast", "hoc:Slow"]),
        points(folder.path(), "V", NodeKind::Virtual, &["virtual"; 3]),
    ];
    let onto = |name: &str, from: &str, targets: &[u64], delays: &[f64], weights: &[f64]| {
        let columns = vec![("delay", floats(delays)), ("conductance", floats(weights))];
        edges(name, EdgeKind::PointProcess, [from, "C"], &[0, 1, 2], targets, columns)
    };
    let all = vec![
        onto("V_C", "V", &[0, 1, 2], &[3.0; 3], &[500.0; 3]),
        onto("C_C", "C", &[1, 2, 0], &[23.0, 24.0, 25.0], &[21.0, 22.0, 23.0]),
    ];
    let circuit = circuit(folder.path(), nodes, all);
    let played: Vec<(u64, f64)> = (0..9).map(|spike| (spike % 3, 5.0 * spike as f64)).collect();
    write_spikes(&folder.path().join("played.h5"), "V", &played);
    let more = r#", "inputs": {"play": {"module": "synapse_replay", "input_type": "spikes", "delay": 0, "duration": 50,
        "spike_file": "played.h5", "node_set": "C"}}"#;
    let mut simulator =
        build(folder.path(), &circuit, r#"{"C": {"population": "C"}}"#, more, &Registry::default()).unwrap();
    simulator.advance(2000).unwrap();
    let found: Vec<(f64, u64)> = spikes(&mut simulator).iter().map(|spike| (spike.time_ms, spike.neuron)).collect();
    let golden = [
        (3.0, 0),
        (8.0, 1),
        (13.0, 2),
        (18.0, 0),
        (23.0, 1),
        (28.0, 2),
        (32.0, 2),
        (33.0, 0),
        (38.0, 0),
        (38.0, 1),
        (43.0, 2),
        (47.0, 2),
    ];
    assert_eq!(found, golden);
}

/// NEURON 9.0.2: a spike of a cell reaches IntFire1 when its delay has passed, and from there the next, whatever the step is: with
/// delays of 2.01 and 1.007 ms and a cell that fires at 5.05 ms these fire at 7.06 and 8.067 ms.
#[test]
fn spikes_reach_cells_without_membrane_between_steps() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = vec![
        cells(folder.path(), "A", &["json:spiker"]),
        points(folder.path(), "C", NodeKind::PointProcess, &["nrn:IntFire1"; 2]),
    ];
    let onto = |name: &str, from: &str, target: u64| {
        let columns = vec![("delay", floats(&[9.0])), ("conductance", floats(&[1.5]))];
        edges(name, EdgeKind::PointProcess, [from, "C"], &[0], &[target], columns)
    };
    let circuit = circuit(folder.path(), nodes, vec![onto("A_C", "A", 0), onto("C_C", "C", 1)]);
    let more = r#", "conditions": {"celsius": 6.3, "v_init": -70}, "inputs": {"kick": {"module": "pulse", "input_type": "current_clamp",
        "delay": 5, "duration": 5, "amp_start": 1, "width": 1, "frequency": 80, "node_set": "A"}}, "connection_overrides": [
        {"name": "a", "source": "A", "target": "C", "synapse_delay_override": 2.01},
        {"name": "c", "source": "C", "target": "C", "synapse_delay_override": 1.007}]"#;
    let sets = r#"{"A": {"population": "A"}, "C": {"population": "C"}}"#;
    let make = || build(folder.path(), &circuit, sets, more, &Registry::default()).unwrap();
    let mut simulator = make();
    simulator.advance(500).unwrap();
    let found = spikes(&mut simulator);
    let after: Vec<f64> = found.iter().map(|spike| spike.time_ms - found[0].time_ms).collect();
    assert_eq!(found.iter().map(|spike| spike.neuron).collect::<Vec<_>>(), [0, 1, 2]);
    assert!((after[1] - 2.01).abs() < 1e-9 && (after[2] - 3.017).abs() < 1e-9, "{after:?}");
    msr_coupling::conformance::check(&|| Box::new(make())).unwrap();
}

/// An artificial cell cannot be taken out as neurons are: where it fails, the run ends.
#[test]
fn a_cell_without_membrane_that_fails_ends_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let echo = "NEURON { ARTIFICIAL_CELL Echo }\nINITIAL { net_send(1, 1) }\nNET_RECEIVE (w) { net_send(0, 1) }";
    let mut registry = Registry::default();
    registry.register_file(echo, "echo.mod", &Options::default()).unwrap();
    let nodes = vec![points(folder.path(), "C", NodeKind::PointProcess, &["nrn:Echo"])];
    let circuit = circuit(folder.path(), nodes, Vec::new());
    let mut simulator = build(folder.path(), &circuit, "{}", "", &registry).unwrap();
    simulator.advance(30).unwrap();
    let Err(SimulatorError::Neurons { failures, .. }) = simulator.advance(50) else { panic!("it cannot go on") };
    assert_eq!((failures[0].neuron, failures[0].response), (0, Response::AbortSimulation));
    assert!(failures[0].message.contains("Echo cannot go on: "), "{}", failures[0].message);
}

#[test]
fn modifications_change_reversal_potentials_that_are_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let build = |statements: &str| {
        let circuit = circuit(folder.path(), vec![cells(folder.path(), "neurons", &["json:spiker"; 2])], Vec::new());
        let more = format!(
            r#", "conditions": {{"modifications": [{{"name": "m", "type": "configure_all_sections", "node_set": "Zero",
                "section_configure": "{statements}"}}]}}"#
        );
        build(folder.path(), &circuit, SETS, &more, &Registry::default())
    };
    let read = |simulator: &NeuroSimulator, name: &str| {
        let mut values = Vec::new();
        simulator.get_var(&Query::new("get_var").with("var", name), &mut values).unwrap();
        values
    };
    let mut simulator = build("%s.ena = 60; %s.ek -= 3").unwrap();
    simulator.advance(100).unwrap();
    assert_eq!((read(&simulator, "ena"), read(&simulator, "ek")), (vec![60.0, 50.0], vec![-80.0, -77.0]));
    // Calcium's follows its concentrations.
    let notes = build("%s.eca = 60").unwrap().notes().join("\n");
    assert!(notes.contains("conditions.modifications 'm' has changed nothing"), "{notes}");
}

/// Counts and intervals of Poisson processes: mean and variance of the counts are rate times duration, an interval is as long as the mean or
/// longer with probability 1/e.
#[test]
fn poisson_events_reach_cells_without_membrane() {
    let folder = tempfile::tempdir().unwrap();
    const CELLS: usize = 400;
    let make = |inputs: &str| {
        let nodes = vec![points(folder.path(), "C", NodeKind::PointProcess, &["nrn:IntFire1"; CELLS])];
        let mut nodes = nodes;
        nodes[0].dynamics = table(vec![("refrac", floats(&[0.0; CELLS]))]);
        let circuit = circuit(folder.path(), nodes, Vec::new());
        let more = format!(r#", "inputs": {{{inputs}}}"#);
        let sets = r#"{"C": {"population": "C"}, "Few": {"population": "C", "node_id": [3, 5]}}"#;
        build(folder.path(), &circuit, sets, &more, &Registry::default())
    };
    let input = |name: &str, set: &str, rate_hz: f64| {
        format!(
            r#""{name}": {{"module": "poisson", "input_type": "spikes", "delay": 10, "duration": 30, "node_set": "{set}",
                "rate": {rate_hz}, "weight": 1.5}}"#
        )
    };
    let run = |inputs: &str| {
        let mut simulator = make(inputs).unwrap();
        simulator.advance(2000).unwrap();
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); CELLS];
        spikes(&mut simulator).iter().for_each(|spike| times[spike.neuron as usize].push(spike.time_ms));
        times
    };
    // Each event makes a cell fire that does not rest.
    let times = run(&input("a", "C", 500.0));
    assert!(times.iter().flatten().all(|&time| (10.0..40.0).contains(&time)));
    let counts: Vec<f64> = times.iter().map(|times| times.len() as f64).collect();
    let mean = counts.iter().sum::<f64>() / CELLS as f64;
    let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / CELLS as f64;
    // 500 Hz for 30 ms; standard errors are 0.19 of the mean and about 1.1 of the variance.
    assert!((mean - 15.0).abs() < 0.8 && (variance - 15.0).abs() < 4.4, "{mean} {variance}");
    let intervals: Vec<f64> = times.iter().flat_map(|times| times.windows(2).map(|pair| pair[1] - pair[0])).collect();
    let longer = intervals.iter().filter(|&&interval| interval > 2.0).count() as f64 / intervals.len() as f64;
    // Of what fits into 30 ms long intervals are a little fewer.
    assert!((longer - (-1.0_f64).exp()).abs() < 0.05, "{longer}");
    let few = run(&input("a", "Few", 500.0));
    assert!(few[3] == times[3] && few.iter().flatten().count() == times[3].len() + times[5].len());
    let both = run(&format!("{}, {}", input("a", "Few", 500.0), input("b", "Few", 500.0)));
    assert!(both[3].len() > few[3].len() && both[3] != both[5]);
    assert!(run(&input("a", "C", 0.0)).iter().all(Vec::is_empty));
    let error = make(&input("a", "C", 1e13)).err().unwrap().to_string();
    assert!(error.contains("inputs.a.rate: asks for 3e11 events at each cell"), "{error}");
    msr_coupling::conformance::check(&|| Box::new(make(&input("a", "Few", 500.0)).unwrap())).unwrap();
}
