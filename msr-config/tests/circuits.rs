//! Reference circuits: sizes, values and oddities that their descriptions state.
#![cfg(feature = "sonata")]

use msr_config::circuit::{EdgeKind, EdgePopulationConfig, NodeKind, NodePopulationConfig};
use msr_config::{Circuit, CircuitConfig, EdgePopulation, NodePopulation, NodeSets, SimulationConfig};

fn circuit(path: &str) -> Option<Circuit> {
    let config = CircuitConfig::load(crate::shared::circuit(path)?).unwrap_or_else(|problems| panic!("{problems}"));
    Some(Circuit::load(&config).unwrap_or_else(|problems| panic!("{problems}")))
}

type Sizes<'c> = Vec<(&'c str, usize)>;

/// Node and edge populations with their sizes.
fn sizes(circuit: &Circuit) -> (Sizes<'_>, Sizes<'_>) {
    let nodes = circuit.nodes.iter().map(|population| (population.name.as_str(), population.size));
    let edges = circuit.edges.iter().map(|population| (population.name.as_str(), population.size()));
    (nodes.collect(), edges.collect())
}

#[test]
fn ringtest() {
    let Some(circuit) = circuit("ringtest/circuit_config.json") else { return };
    assert_eq!(
        sizes(&circuit),
        (
            vec![("RingA", 3), ("RingB", 2)],
            vec![("RingA__RingA__chemical", 3), ("RingB__RingB__chemical", 2), ("RingA__RingB__chemical", 1)]
        )
    );
    let cells = circuit.node_population("RingA").unwrap();
    assert_eq!(cells.attributes.text("model_template").unwrap()[0], "hoc:TestCell");
    let edges = circuit.edge_population("RingA__RingA__chemical").unwrap();
    assert_eq!((&edges.source_ids[..], &edges.target_ids[..]), (&[0, 1, 2][..], &[1, 2, 0][..]));
    assert_eq!(edges.attributes.float("afferent_section_pos").unwrap()[..2], [0.75, 0.75]);
    assert_eq!(edges.attributes.integer("syn_type_id").unwrap()[..2], [60, 104]);
    // Integers are read as floats where that loses nothing, whole floats as integers.
    assert_eq!(edges.attributes.float("n_rrp_vesicles").unwrap()[0], 4.0);
    assert_eq!(edges.attributes.integer("conductance").unwrap()[..2], [11, 12]);
    assert!(edges.attributes.integer("afferent_section_pos").is_err());
    assert_eq!(edges.attributes.optional_float("afferent_center_x").unwrap(), None);
}

#[test]
fn ringtest_with_gap_junctions_and_neuromodulation() {
    let Some(junctions) = circuit("ringtest/circuit_config_gj.json") else { return };
    assert_eq!(junctions.edges[1].kind, EdgeKind::Electrical);
    assert_eq!((junctions.edges[0].size(), junctions.edges[1].size()), (3, 2));
    assert!(!junctions.edges[1].attributes.contains("afferent_section_pos"));
    let Some(modulated) = circuit("ringtest/circuit_config_neuromodulation.json") else { return };
    assert_eq!((&modulated.nodes[2].kind, modulated.nodes[2].size), (&NodeKind::Virtual, 2));
    assert_eq!((&modulated.edges[3].kind, modulated.edges[3].size()), (&EdgeKind::Neuromodulatory, 3));
    for other in ["circuit_config_bigA.json", "circuit_config_RingB.json"] {
        assert!(circuit(&format!("ringtest/{other}")).is_some());
    }
}

#[test]
fn point_processes() {
    let Some(circuit) = circuit("ringtest_allen_v1/circuit_config.json") else { return };
    assert_eq!(circuit.nodes[1].kind, NodeKind::PointProcess);
    let kinds: Vec<_> = circuit.edges.iter().map(|edges| (edges.kind.name(), edges.size())).collect();
    assert_eq!(kinds, [("Exp2Syn_synapse", 3), ("point_process", 3), ("point_process", 3), ("Exp2Syn_synapse", 3)]);
    assert!(circuit.edges[0].attributes.contains("tau1"));
}

#[test]
fn neurons_glia_vasculature() {
    let Some(circuit) = circuit("ngv/circuit_config.json") else { return };
    assert_eq!(
        sizes(&circuit).0,
        [("RingA", 7), ("AstrocyteA", 5), ("vasculature", 9)],
        "the file calls the vasculature 'VasculatureA'"
    );
    assert!(
        circuit.notes[0].ends_with("its only population 'VasculatureA' is used as 'vasculature'"),
        "{:?}",
        circuit.notes
    );
    let [chemical, neuroglial, endfeet] = &circuit.edges[..] else { panic!("three edge populations") };
    assert_eq!([chemical, neuroglial, endfeet].map(EdgePopulation::size), [5, 5, 5]);
    assert_eq!(neuroglial.synapse_population.as_deref(), Some("RingA__RingA__chemical"));
    assert_eq!((endfeet.source_population.as_str(), endfeet.kind.name()), ("vasculature", "endfoot"));
    let diameters_um = circuit.nodes[2].attributes.float("start_diameter").unwrap();
    assert!((diameters_um[0] - 1.1).abs() < 1e-6);
    assert!(
        circuit.nodes[2].attributes.float("start_x").unwrap_err().to_string().contains("has no attribute 'start_x'")
    );

    let Some(path) = crate::shared::circuit("ngv/simulation_config.json") else { return };
    let simulation = SimulationConfig::load(path).unwrap();
    let sets = NodeSets::for_simulation(&simulation, &circuit.config).unwrap();
    assert_eq!(sets.resolve("Mosaic", &circuit.nodes).unwrap().len(), 21);
}

/// Ids that libsonata 0.2.2 gives for every non-empty set of the circuit.
#[test]
fn node_sets_of_five_cortical_neurons() {
    let Some(circuit) = circuit("v5_mini5/sub_mini5/circuit_config.json") else { return };
    assert_eq!(sizes(&circuit).0, [("default", 5), ("external_default", 332)]);
    assert_eq!(sizes(&circuit).1, [("default", 24), ("external_default", 2180)]);
    assert_eq!(circuit.nodes[0].attributes.text("morph_class").unwrap()[..3], ["INT", "INT", "PYR"]);
    assert_eq!(circuit.nodes[0].dynamics.float("threshold_current").unwrap()[0], 0.035313);
    let sets = NodeSets::load(circuit.config.node_sets_file.as_ref().unwrap()).unwrap();
    assert_eq!(sets.sets.len(), 78);
    let expected: &[(&str, &[u64])] = &[
        ("BC", &[3]),
        ("Excitatory", &[2, 4]),
        ("Inhibitory", &[0, 1, 3]),
        ("L1_DAC", &[1]),
        ("L1_HAC", &[0]),
        ("L23_NBC", &[3]),
        ("L23_PC", &[2, 4]),
        ("Layer1", &[0, 1]),
        ("Layer2", &[2, 3, 4]),
        ("Mini5", &[0, 1, 2, 3, 4]),
        ("MiniColumn_703", &[0, 1, 2, 3, 4]),
        ("Mosaic", &[0, 1, 2, 3, 4]),
        ("PV_FS", &[3]),
        ("debug", &[2]),
    ];
    for name in sets.sets.keys() {
        let selection = sets.resolve(name, &circuit.nodes).unwrap();
        let ids = expected.iter().find(|(expected, _)| expected == name).map_or(&[][..], |(_, ids)| ids);
        assert_eq!(selection.ids("default"), ids, "{name}");
        assert!(selection.ids("external_default").is_empty(), "{name}");
    }
}

#[test]
fn use_cases_of_the_specification() {
    let Some(first) = circuit("sonata_usecases_1_2/usecase1/circuit_sonata.json") else { return };
    assert_eq!(sizes(&first), (vec![("nodeA", 2)], vec![("nodeA__nodeA__chemical", 4)]));
    let Some(second) = circuit("sonata_usecases_1_2/usecase2/circuit_sonata.json") else { return };
    assert_eq!(sizes(&second).0, [("NodeA", 2), ("VirtualPopA", 2)]);
    assert_eq!(sizes(&second).1, [("NodeA__NodeA__chemical", 4), ("VirtualPopA__NodeA__chemical", 4)]);
    let nodes = &second.nodes[0].attributes;
    assert_eq!(nodes.text("model_template").unwrap(), ["hoc:cADpyr_L2TPC", "hoc:cNAC_L23BTC"]);
    assert_eq!(nodes.text("mtype").unwrap(), ["L5_PC", "L4_MC"]);
    assert_eq!(second.nodes[1].attributes.text("model_template").unwrap(), ["", ""]);
    let asc = first.nodes[0].paths.neurolucida_asc_dir.as_ref().unwrap();
    assert!(asc.join("C210401C.asc").is_file());
}

#[test]
fn test_data_of_libsonata() {
    let Some(file) = crate::shared::circuit("libsonata_testdata/nodes1.h5") else { return };
    let load = |name: &str| NodePopulation::load(&NodePopulationConfig::new(name, NodeKind::Virtual, &file));
    let nodes = load("nodes-A").unwrap();
    assert_eq!(nodes.size, 6);
    assert_eq!(nodes.attributes.float("attr-X").unwrap()[..], [11.0, 12.0, 13.0, 14.0, 15.0, 16.0]);
    assert_eq!(nodes.attributes.integer("attr-Y").unwrap()[5], 26);
    assert_eq!(nodes.attributes.text("attr-Z").unwrap()[5], "ff");
    assert_eq!(nodes.attributes.text("E-mapping-good").unwrap(), ["C", "B", "C", "A", "C", "C"]);
    assert_eq!(nodes.dynamics.float("dparam-X").unwrap()[0], 1011.0);
    let bad = nodes.attributes.text("E-mapping-bad").unwrap_err().to_string();
    assert!(bad.ends_with("cannot be read: enumeration value 3 is beyond the 3 entries of its @library"), "{bad}");
    assert!(!nodes.attributes.contains("E-mapping-ugly"), "a library entry without an attribute is ignored");
    let two_groups = load("nodes-B").unwrap_err().to_string();
    assert!(
        two_groups.ends_with("/nodes/nodes-B: only the group of attributes '0' is supported, found: 0, 1"),
        "{two_groups}"
    );
    let unknown = load("nodes-C").unwrap_err().to_string();
    assert!(unknown.contains("there is no population 'nodes-C' (did you mean 'nodes-"), "{unknown}");

    for file in ["libsonata_testdata/edges1.h5", "libsonata_testdata/edges-no-index.h5"] {
        let Some(file) = crate::shared::circuit(file) else { return };
        let edges = EdgePopulation::load(&EdgePopulationConfig::new("edges-AB", EdgeKind::Chemical, file)).unwrap();
        assert_eq!((edges.source_population.as_str(), edges.target_population.as_str()), ("nodes-A", "nodes-B"));
        assert_eq!((&edges.source_ids[..3], &edges.target_ids[..3]), (&[1, 1, 2][..], &[1, 2, 1][..]));
    }
}

#[test]
fn allen_examples_say_what_they_lack() {
    let Some(directory) = crate::shared::circuit("allen_5_cells_iclamp") else { return };
    let five = CircuitConfig::load(directory.join("5_cells_iclamp/circuit_config.json")).unwrap();
    assert_eq!((five.nodes.len(), five.edges.len(), five.notes.len()), (0, 0, 1));
    let nine = CircuitConfig::load(directory.join("9_cells/circuit_config.json")).unwrap();
    assert_eq!((nine.nodes.len(), nine.edges.len(), nine.notes.len()), (0, 0, 5));
    assert!(nine.notes[0].message.contains("has no 'populations' and is therefore invisible"));
    for simulation in ["5_cells_iclamp", "9_cells"] {
        let problems = SimulationConfig::load(directory.join(simulation)).unwrap_err();
        assert!(problems.0.iter().any(|problem| problem.key == "run.random_seed"));
        assert!(problems.0.iter().any(|problem| problem.key.ends_with(".module")));
    }
    // The files themselves are read when they are named.
    let file = directory.join("9_cells/network/excvirt_cortex_edges.h5");
    let edges =
        EdgePopulation::load(&EdgePopulationConfig::new("excvirt_to_cortex", EdgeKind::Chemical, file)).unwrap();
    assert_eq!((edges.size(), edges.attributes.integer("sec_id").unwrap()[0]), (659, 83));
}

#[test]
fn vessels() {
    let Some(file) = crate::shared::circuit("vascpy_vasculature/h5/fork_diameters_sonata_spec.h5") else { return };
    let config = NodePopulationConfig::new("vasculature", NodeKind::Vasculature, file);
    let vessels = NodePopulation::load(&config).unwrap();
    assert_eq!(vessels.size, 3);
    assert_eq!(vessels.attributes.integer("end_node_id").unwrap()[..], [1, 2, 3]);
}
