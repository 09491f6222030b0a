//! Astrocytes from SONATA data.

use std::path::Path;

use crate::astrocytes::registry;
use crate::circuit::{circuit, floats, table, texts};
use msr_config::circuit::{Circuit, Column, Components, EdgeKind, EdgePopulation, NodeKind, NodePopulation, Table};
use msr_config::node_sets::NodeSets;
use msr_config::simulation::SimulationConfig;
use msr_coupling::Simulator;
use msr_neuro::astrocytes::CoveredSynapse;
use msr_neuro::cell::PointId;
use msr_neuro::mechanisms::Registry;
use msr_neuro::nmodl::Options;
use msr_neuro::simulator::{NeuroError, NeuroSimulator};

fn nodes(name: &str, kind: NodeKind, size: usize, attributes: Table) -> NodePopulation {
    NodePopulation {
        name: name.to_owned(),
        kind,
        size,
        attributes,
        dynamics: table(vec![]),
        paths: Components::default(),
        file: format!("{name}.h5").into(),
    }
}

fn edges(name: &str, kind: EdgeKind, ends: [&str; 2], ids: [&[u64]; 2], attributes: Table) -> EdgePopulation {
    EdgePopulation {
        name: name.to_owned(),
        kind,
        source_population: ends[0].to_owned(),
        target_population: ends[1].to_owned(),
        source_ids: ids[0].to_vec(),
        target_ids: ids[1].to_vec(),
        attributes,
        dynamics: table(vec![]),
        synapse_population: None,
        paths: Components::default(),
        file: format!("{name}.h5").into(),
    }
}

/// Neurons with three synapses, the last one inhibitory; three astrocytes; four vessel segments.
fn with_astrocytes(folder: &Path) -> Circuit {
    let mut circuit = circuit(folder);
    circuit.nodes.push(nodes("glia", NodeKind::Astrocyte, 3, table(vec![])));
    let diameters =
        vec![("start_diameter", floats(&[4.0, 6.0, 8.0, 9.0])), ("end_diameter", floats(&[6.0, 6.0, 8.0, 0.0]))];
    circuit.nodes.push(nodes("vessels", NodeKind::Vasculature, 4, table(diameters)));
    // Astrocyte 1 covers synapses 2 (inhibitory) and 1, astrocyte 0 synapse 0, astrocyte 2 synapse 1.
    let synapses = table(vec![("synapse_id", Column::Integer(vec![2, 1, 0, 1]))]);
    circuit.edges.push(edges(
        "glia__neurons",
        EdgeKind::SynapseAstrocyte,
        ["glia", "neurons"],
        [&[1, 1, 0, 2], &[1; 4]],
        synapses,
    ));
    circuit.edges.push(edges(
        "vessels__glia",
        EdgeKind::Endfoot,
        ["vessels", "glia"],
        [&[2, 0, 2], &[0, 1, 2]],
        table(vec![]),
    ));
    circuit
}

fn build(folder: &Path, change: impl FnOnce(&mut Circuit), node_set: &str) -> Result<NeuroSimulator, NeuroError> {
    let mut circuit = with_astrocytes(folder);
    change(&mut circuit);
    let text = format!(r#"{{"run": {{"tstop": 10, "dt": 0.025, "random_seed": 3}}, "node_set": "{node_set}"}}"#);
    let simulation = SimulationConfig::from_text(&text, folder.join("simulation_config.json")).unwrap();
    let sets = r#"{"Neurons": {"population": "neurons"}, "Glia": {"population": ["glia", "more"]}, "All": ["Neurons", "Glia"],
        "Two": {"population": "glia", "node_id": [0, 1]}, "Some": ["Neurons", "Two"]}"#;
    let node_sets = NodeSets::from_text(sets, folder.join("node_sets.json")).unwrap();
    NeuroSimulator::from_circuit(&circuit, &simulation, &node_sets, &Registry::default())
}

#[test]
fn astrocytes_find_their_synapses_and_vessels() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = build(folder.path(), |_| {}, "All").unwrap();
    let astrocytes = simulator.astrocytes().unwrap();
    let synapse = |synapse| CoveredSynapse { cell: 1, synapse };
    let covered: Vec<&[CoveredSynapse]> = astrocytes.list().iter().map(|one| &one.synapses[..]).collect();
    assert_eq!(covered, [[synapse(0)], [synapse(1)], [synapse(1)]]);
    assert_eq!((astrocytes.population(), astrocytes.vasculature()), ("glia", Some("vessels")));
    let radii: Vec<f64> = astrocytes.endfeet().iter().map(|endfoot| endfoot.rest_radius_um).collect();
    assert_eq!((astrocytes.vessels(), &radii[..]), (&[0, 2][..], &[4.0, 2.5, 4.0][..]));
    let note = "3 astrocytes cover 3 glutamatergic synapses; 3 endfeet on 2 vessel segments";
    assert!(simulator.notes().iter().any(|found| found == note), "{:?}", simulator.notes());
}

/// Synapses of mechanism files are heard, too: what reaches them raises calcium as releases of the built-in ones do.
#[test]
fn astrocytes_hear_synapses_of_mechanism_files() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &str| {
        let circuit = with_astrocytes(folder.path());
        let text = format!(
            r#"{{"run": {{"tstop": 100, "dt": 0.025, "random_seed": 3}}, "node_set": "All", "inputs": {{"kick": {{"module": "linear",
                "input_type": "current_clamp", "delay": 0, "duration": 20, "amp_start": 2, "node_set": "Neurons"}}}}{more}}}"#
        );
        let simulation = SimulationConfig::from_text(&text, folder.path().join("simulation_config.json")).unwrap();
        let sets = r#"{"Neurons": {"population": "neurons"}, "All": {"population": ["neurons", "glia"]}}"#;
        let node_sets = NodeSets::from_text(sets, folder.path().join("node_sets.json")).unwrap();
        let make = || NeuroSimulator::from_circuit(&circuit, &simulation, &node_sets, &Registry::default()).unwrap();
        let mut simulator = make();
        simulator.advance(2000).unwrap();
        let astrocytes = simulator.astrocytes().unwrap();
        let covered: Vec<Vec<u32>> =
            astrocytes.list().iter().map(|one| one.synapses.iter().map(|synapse| synapse.synapse).collect()).collect();
        let glutamate = astrocytes.glutamate_um().collect::<Vec<f64>>();
        msr_coupling::conformance::check(&|| Box::new(make())).unwrap();
        (covered, glutamate)
    };
    // Of the first three point processes of a cell without built-in synapses two are excitatory.
    let change = r#", "connection_overrides": [{"name": "a", "source": "Neurons", "target": "Neurons", "modoverride": "ExpSyn"}]"#;
    let (covered, glutamate) = run(change);
    assert_eq!(covered, [[0], [1], [1]]);
    assert!(glutamate.iter().all(|&glutamate| glutamate > 1.0), "{glutamate:?}");
    let (own, of_own) = run("");
    assert_eq!(own, covered);
    assert!(of_own.iter().all(|&glutamate| glutamate > 0.0), "{of_own:?}");
    let silent = r#", "connection_overrides": [{"name": "a", "source": "Neurons", "target": "Neurons", "modoverride": "ExpSyn",
        "synapse_delay_override": 90}]"#;
    assert_eq!(run(silent).1, [0.0; 3]);
}

/// Sections, endfeet and morphologies for astrocytes that are cells.
fn with_sections(folder: &Path) -> Circuit {
    let mut circuit = with_astrocytes(folder);
    let paths = Components { morphologies_dir: Some(folder.to_owned()), ..Components::default() };
    let glia = circuit.nodes.iter_mut().find(|population| population.name == "glia").unwrap();
    (glia.paths, glia.attributes) = (paths, table(vec![("morphology", texts(&["cell"; 3]))]));
    let columns = &mut circuit.edges[1].attributes.columns;
    columns.insert("astrocyte_section_id".to_owned(), Column::Integer(vec![1, 2, 3, 0]));
    let sizes = [("endfoot_compartment_length", [10.0, 11.0, 12.0]), ("endfoot_compartment_diameter", [5.0, 4.0, 3.0])];
    let columns = &mut circuit.edges[2].attributes.columns;
    columns.insert("astrocyte_section_id".to_owned(), Column::Integer(vec![0, 1, 2]));
    columns.extend(sizes.map(|(name, values)| (name.to_owned(), floats(&values))));
    circuit
}

/// With their mechanism files astrocytes are cells. A synapse is heard when its `Ustate` comes above 0: in the step after the one in which a
/// spike arrives (1 ms after it was made, and at its end), unless less than 3 ms have passed since the spike before; 0.05 ms later.
#[test]
fn astrocytes_of_mechanism_files_hear_what_rises() {
    let folder = tempfile::tempdir().unwrap();
    let circuit = with_sections(folder.path());
    let text = r#"{"run": {"tstop": 100, "dt": 0.025, "random_seed": 3}, "node_set": "All", "inputs": {"kick": {"module": "linear",
        "input_type": "current_clamp", "delay": 0, "duration": 40, "amp_start": 4, "node_set": "Neurons"}}, "connection_overrides": [
        {"name": "a", "source": "Neurons", "target": "Neurons", "modoverride": "Quantal"}]}"#;
    let simulation = SimulationConfig::from_text(text, folder.path().join("simulation_config.json")).unwrap();
    let sets = r#"{"Neurons": {"population": "neurons"}, "All": {"population": ["neurons", "glia"]}}"#;
    let node_sets = NodeSets::from_text(sets, folder.path().join("node_sets.json")).unwrap();
    let make = || NeuroSimulator::from_circuit(&circuit, &simulation, &node_sets, &registry()).unwrap();
    let mut simulator = make();
    let note = "astrocytes of 'glia' are cells with cadifus, vascouplingB, GlutReceive, GlutReceiveSoma";
    assert!(simulator.notes().iter().any(|found| found == note), "{:?}", simulator.notes());
    simulator.advance(2000).unwrap();
    let (mut spikes, mut heard, mut rise, mut recovery) = (Vec::new(), 0, 0, 0);
    simulator.take_spikes(&mut spikes);
    for spike in spikes.iter().filter(|spike| spike.neuron == 0) {
        let step = (spike.time_ms / 0.025).round() as u64 + 40;
        if step >= recovery {
            (heard, rise) = (heard + 1, step + 1);
        }
        recovery = step + 120;
    }
    assert!(heard > 2 && rise + 2 < 2000, "{heard} {rise} {spikes:?}");
    let cells = simulator.astrocytes().unwrap().cells().unwrap().list();
    let soma = |cell: usize, name| cells[cell].point_value(PointId(0), name).unwrap();
    assert_eq!(soma(0, "glut"), f64::from(heard));
    assert!((soma(0, "last") - (rise as f64 * 0.025 + 0.05)).abs() < 1e-9, "{} {rise}", soma(0, "last"));
    // The receiver of the synapse stands on section 3, of which `cadifus` has taken what it received.
    assert_eq!(cells[0].point_value(PointId(1), "glut"), Some(0.0));
    let (nodes, opened) = cells[0].mechanism_values("cadifus", "opened").unwrap();
    let taken: Vec<u32> =
        nodes.iter().zip(opened).filter(|(_, opened)| **opened > 0.0).map(|(node, _)| *node).collect();
    assert_eq!(taken, [3]);
    // Endfeet begin one section after the one of their edges.
    let foot = |cell: usize| {
        let section = cells[cell].discretisation().sections.last().unwrap();
        (section.id, section.parent.unwrap().0, section.length_um.round(), cells[cell].discretisation().sections.len())
    };
    assert_eq!([0, 1, 2].map(foot), [(4, 1, 10.0, 5), (4, 2, 11.0, 5), (4, 3, 12.0, 5)]);
    msr_coupling::conformance::check(&|| Box::new(make())).unwrap();
}

#[test]
fn mistakes_of_astrocytes_that_are_cells_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let build = |registry: &Registry, change: &dyn Fn(&mut Circuit)| {
        let mut circuit = with_sections(folder.path());
        change(&mut circuit);
        let text = r#"{"run": {"tstop": 10, "dt": 0.025, "random_seed": 3}, "node_set": "All"}"#;
        let simulation = SimulationConfig::from_text(text, folder.path().join("simulation_config.json")).unwrap();
        let sets = r#"{"All": {"population": ["neurons", "glia"]}}"#;
        let node_sets = NodeSets::from_text(sets, folder.path().join("node_sets.json")).unwrap();
        NeuroSimulator::from_circuit(&circuit, &simulation, &node_sets, registry)
    };
    let sections = |edges: usize, values: [i64; 4]| {
        move |circuit: &mut Circuit| {
            let values = values[..circuit.edges[edges].size()].to_vec();
            let columns = &mut circuit.edges[edges].attributes.columns;
            columns.insert("astrocyte_section_id".to_owned(), Column::Integer(values));
        }
    };
    let told = |change: &dyn Fn(&mut Circuit), message: &str| {
        let error = build(&registry(), change).err().expect("a mistake").to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    };
    told(&sections(1, [1, 2, 4, 0]), "population 'glia', node 0: section 4 does not exist; its morphology has 4");
    told(&sections(2, [0, 3, 2, 0]), "population 'glia', node 1: section 4 does not exist; its morphology has 4");
    told(&sections(1, [-1, 2, 3, 0]), "edge 0: astrocyte_section_id = -1 must be the number of a section");
    let thin = |circuit: &mut Circuit| {
        let columns = &mut circuit.edges[2].attributes.columns;
        columns.insert("endfoot_compartment_diameter".to_owned(), floats(&[5.0, 0.0, 3.0]));
    };
    told(&thin, "edge 1: endfoot_compartment_diameter = 0 must be a positive number of um");
    // Some of the files: astrocytes are those of this crate, which is told; a broken one is a mistake.
    let mods = tempfile::tempdir().unwrap();
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mechanisms/glia"));
    std::fs::copy(source.join("cadifus.mod"), mods.path().join("cadifus.mod")).unwrap();
    let registry = |broken: bool| {
        if broken {
            std::fs::write(mods.path().join("v.mod"), "NEURON { SUFFIX vascouplingB }\nBREAKPOINT { nothing = 1 }")
                .unwrap();
        }
        let mut registry = Registry::default();
        registry.register_folder(mods.path(), &Options::default()).unwrap();
        registry
    };
    let simulator = build(&registry(false), &|_| {}).unwrap();
    assert!(simulator.astrocytes().unwrap().cells().is_none());
    let note = "to be cells with mechanism files they would need vascouplingB, GlutReceive, GlutReceiveSoma, too";
    assert!(simulator.notes().iter().any(|found| found.contains(note)), "{:?}", simulator.notes());
    let error = build(&registry(true), &|_| {}).err().unwrap().to_string();
    assert!(error.contains("population 'glia': mechanism 'vascouplingB' cannot be used:"), "{error}");
    assert!(error.contains("v.mod:2:"), "{error}");
}

#[test]
fn only_selected_astrocytes_take_part() {
    let folder = tempfile::tempdir().unwrap();
    let simulator = build(folder.path(), |_| {}, "Some").unwrap();
    let astrocytes = simulator.astrocytes().unwrap();
    assert_eq!((astrocytes.list().len(), astrocytes.endfeet().len()), (2, 2));
    assert!(build(folder.path(), |_| {}, "Neurons").unwrap().astrocytes().is_none());
}

#[test]
fn gap_junctions_of_astrocytes_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let join = |circuit: &mut Circuit| {
        let junctions = edges("glia__glia", EdgeKind::Glialglial, ["glia", "glia"], [&[0], &[1]], table(vec![]));
        circuit.edges.push(junctions);
    };
    let simulator = build(folder.path(), join, "All").unwrap();
    let note = "edge population 'glia__glia' is left out: gap junctions of astrocytes are not simulated";
    assert!(simulator.notes().iter().any(|found| found == note), "{:?}", simulator.notes());
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let told = |change: &dyn Fn(&mut Circuit), message: &str| {
        let error = build(folder.path(), change, "All").err().expect("a mistake").to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    };
    told(
        &|circuit| circuit.edges[1].synapse_population = Some("synapses".to_owned()),
        "edge population 'glia__neurons': its synapse_id counts in 'synapses', which is no chemical edge population; there \
         are: neurons__neurons__chemical",
    );
    told(
        &|circuit| {
            let more = EdgePopulation { name: "more".to_owned(), ..circuit.edges[0].clone() };
            circuit.edges.push(more);
        },
        "edge population 'glia__neurons': the attribute edge_population of its synapse_id must name one of: more, \
         neurons__neurons__chemical",
    );
    told(
        &|circuit| {
            let more = nodes("more", NodeKind::Astrocyte, 1, table(vec![]));
            circuit.nodes.push(more);
        },
        "astrocytes of several populations are selected (glia, more); select those of one with node_set",
    );
    told(
        &|circuit| circuit.edges[1].attributes = table(vec![("synapse_id", Column::Integer(vec![2, 3, 0, 1]))]),
        "edge 1: synapse_id = 3 must be a row of the chemical edge population",
    );
    told(&|circuit| circuit.edges[2].source_ids[1] = 4, "edge 1: source_node_id = 4 must be a node of the vasculature");
    told(
        &|circuit| circuit.edges[2].source_ids[1] = 3,
        "population 'vessels', node 3: end_diameter = 0 must be a positive number of um",
    );
    told(&|circuit| circuit.edges[1].attributes = table(vec![]), "has no attribute 'synapse_id'");
}
