//! Node sets resolved on populations.

use msr_config::circuit::{Components, EdgeKind, NodeKind};
use msr_config::multiscale::NodeSetPreparation;
use msr_config::node_sets::NodeSetError;
use msr_config::{CircuitConfig, Column, EdgePopulation, NodePopulation, NodeSets, SimulationConfig, Table};

fn population(name: &str, columns: &[(&str, Column)]) -> NodePopulation {
    let mut attributes = Table::new("nodes.h5", name);
    attributes.columns = columns.iter().map(|(name, column)| ((*name).to_owned(), column.clone())).collect();
    NodePopulation {
        name: name.to_owned(),
        kind: NodeKind::Biophysical,
        size: columns.first().map_or(3, |(_, column)| column.len()),
        attributes,
        dynamics: Table::new("nodes.h5", name),
        paths: Components::default(),
        file: "nodes.h5".into(),
    }
}

fn texts(values: &[&str]) -> Column {
    Column::Text(values.iter().map(|value| (*value).to_owned()).collect())
}

/// Values of the reference population `nodes-A` of libsonata's test data, and a virtual one without attributes.
fn populations() -> Vec<NodePopulation> {
    vec![
        population(
            "nodes-A",
            &[
                ("attr-X", Column::Float(vec![11.0, 12.0, 13.0, 14.0, 15.0, 16.0])),
                ("attr-Y", Column::Integer(vec![21, 22, 23, 24, 25, 26])),
                ("attr-Z", texts(&["aa", "bb", "cc", "dd", "ee", "ff"])),
                ("E", texts(&["C", "B", "C", "A", "C", "C"])),
            ],
        ),
        population("virtual", &[]),
    ]
}

fn resolve(sets: &str, name: &str) -> Result<Vec<(String, Vec<u64>)>, NodeSetError> {
    let sets = NodeSets::from_text(sets, "node_sets.json").unwrap_or_else(|problems| panic!("{problems}"));
    sets.resolve(name, &populations()).map(|selection| selection.0.into_iter().collect())
}

/// Every expression with the ids that libsonata 0.2.2 selects on the same population.
#[test]
fn expressions_select_what_libsonata_selects() {
    for (rules, ids) in [
        (r#"{"attr-Y": [21, 23, 99]}"#, vec![0, 2]),
        (r#"{"attr-X": {"$gt": 12}}"#, vec![2, 3, 4, 5]),
        (r#"{"attr-Z": {"$regex": "^[a-c]"}}"#, vec![0, 1, 2]),
        (r#"{"attr-Z": {"$regex": "d"}}"#, vec![3]),
        (r#"{"E": "C"}"#, vec![0, 2, 4, 5]),
        (r#"{"E": ["A", "B"]}"#, vec![1, 3]),
        (r#"{"attr-Y": {"$lte": 22}}"#, vec![0, 1]),
        (r#"{"population": "nodes-A", "attr-Y": {"$gte": 25}}"#, vec![4, 5]),
        (r#"{"E": "C", "attr-X": {"$lt": 14}}"#, vec![0, 2]),
        (r#"{"attr-Z": []}"#, vec![]),
    ] {
        let selected = resolve(&format!(r#"{{"a": {rules}}}"#), "a").unwrap();
        let expected = if ids.is_empty() { vec![] } else { vec![("nodes-A".to_owned(), ids)] };
        assert_eq!(selected, expected, "{rules}");
    }
}

#[test]
fn ids_populations_and_unions() {
    let sets = r#"{"ids": {"node_id": [99, 2, 2, 0]}, "both": {"population": ["nodes-A", "virtual", "elsewhere"]},
                   "one": {"population": "virtual", "node_id": 1}, "union": ["one", "ids"], "nothing": []}"#;
    let pair = |a: &[u64], virtual_ids: &[u64]| {
        vec![("nodes-A".to_owned(), a.to_vec()), ("virtual".to_owned(), virtual_ids.to_vec())]
    };
    assert_eq!(resolve(sets, "ids").unwrap(), pair(&[0, 2], &[0, 2]));
    assert_eq!(resolve(sets, "both").unwrap(), pair(&[0, 1, 2, 3, 4, 5], &[0, 1, 2]));
    assert_eq!(resolve(sets, "union").unwrap(), pair(&[0, 2], &[0, 1, 2]));
    assert_eq!(resolve(sets, "nothing").unwrap(), []);
    // The name of a population stands for all its nodes.
    assert_eq!(resolve(sets, "virtual").unwrap(), [("virtual".to_owned(), vec![0, 1, 2])]);
}

#[test]
fn errors_list_what_there_is() {
    let sets = r#"{"Neurons": {"population": "nodes-A"}, "loop": ["loop"], "text": {"attr-Y": "x"}, "number": {"attr-Z": 1},
                   "float": {"attr-X": 11}, "nope": {"atr-Z": "x"}, "compared": {"attr-Z": {"$gt": 1}}}"#;
    let message = |name| resolve(sets, name).unwrap_err().to_string();
    assert_eq!(
        message("Neurns"),
        "there is no node set 'Neurns' (did you mean 'Neurons'?); node sets: Neurons, compared, float, loop, nope, number, \
         text; populations: nodes-A, virtual"
    );
    assert_eq!(
        message("loop"),
        "node set 'loop': sets of sets are nested deeper than 10; does one of them contain itself?"
    );
    let attribute = |set: &str, rest: &str| format!("node set '{set}': nodes.h5: population 'nodes-A'{rest}");
    assert_eq!(message("text"), attribute("text", ": attribute 'attr-Y' must be text, found integer"));
    assert_eq!(message("number"), attribute("number", ": attribute 'attr-Z' must be integer, found text"));
    assert_eq!(message("float"), attribute("float", ": attribute 'attr-X' must be integer, found float"));
    assert_eq!(message("compared"), attribute("compared", ": attribute 'attr-Z' must be float, found text"));
    assert_eq!(
        message("nope"),
        attribute("nope", " has no attribute 'atr-Z' (did you mean 'attr-Z'?); available: E, attr-X, attr-Y, attr-Z")
    );
}

#[test]
fn the_simulation_wins_over_the_circuit() {
    let circuit = NodeSets::from_text(r#"{"A": {"node_id": 0}, "B": {"node_id": 1}}"#, "circuit.json").unwrap();
    let simulation = NodeSets::from_text(r#"{"A": {"node_id": 2}, "C": {"node_id": 3}}"#, "simulation.json").unwrap();
    let merged = circuit.merged_with(simulation);
    assert_eq!(merged.sets.keys().collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(merged.resolve("A", &populations()).unwrap().ids("nodes-A"), [2]);
    let notes: Vec<_> = merged.notes.iter().map(ToString::to_string).collect();
    assert_eq!(notes, ["simulation.json: A: replaces the node set of the same name of the circuit"]);
}

#[test]
fn a_file_that_circuit_and_simulation_name_is_read_once() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    write("circuit.json", r#"{"node_sets_file": "x/../sets.json", "networks": {"nodes": [], "edges": []}}"#);
    write(
        "simulation_config.json",
        r#"{"run": {"tstop": 1, "dt": 0.1, "random_seed": 1}, "network": "circuit.json", "node_sets_file": "sets.json"}"#,
    );
    write("sets.json", r#"{"A": {"node_id": -1}, "B": ["A"], "C": {"node_id": 1}, "C": {"node_id": 2}}"#);
    let simulation = SimulationConfig::load(directory.path()).unwrap();
    let circuit = CircuitConfig::load(&simulation.network).unwrap();
    // One mistake, told once, and none about B, whose part exists.
    let problems = NodeSets::for_simulation(&simulation, &circuit).unwrap_err();
    assert_eq!(problems.0.len(), 1, "{problems}");
    assert_eq!(problems.0[0].key, "A.node_id");
    write("sets.json", r#"{"C": {"node_id": 1}, "C": {"node_id": 2}}"#);
    let sets = NodeSets::for_simulation(&simulation, &circuit).unwrap();
    assert_eq!((sets.notes.len(), sets.files.len()), (1, 1), "{:?}", sets.notes);
}

#[test]
fn prepared_sets_filter_neurons_by_astrocytes() {
    let glial = EdgePopulation {
        name: "neuroglial".into(),
        kind: EdgeKind::SynapseAstrocyte,
        source_population: "virtual".into(),
        target_population: "nodes-A".into(),
        source_ids: vec![0, 1, 1],
        target_ids: vec![4, 1, 4],
        attributes: Table::default(),
        dynamics: Table::default(),
        synapse_population: None,
        paths: Components::default(),
        file: "edges.h5".into(),
    };
    let mut preparation = NodeSetPreparation {
        filter_neuron: true,
        neuron_population_name: "nodes-A".into(),
        astrocyte_population_name: Some("virtual".into()),
    };
    let sets = NodeSets::prepared(&preparation, std::slice::from_ref(&glial));
    let all = sets.resolve("All", &populations()).unwrap();
    assert_eq!((all.ids("nodes-A"), all.ids("virtual")), (&[1, 4][..], &[0, 1, 2][..]));
    preparation.filter_neuron = false;
    let sets = NodeSets::prepared(&preparation, &[glial]);
    assert_eq!(sets.resolve("Neurons", &populations()).unwrap().len(), 6);
}
