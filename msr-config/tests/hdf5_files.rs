//! SONATA files with the oddities that occur, written here.
#![cfg(feature = "sonata")]

use std::path::{Path, PathBuf};

use hdf5::types::{EnumMember, EnumType, FixedAscii, IntSize, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5::{File, Group};
use msr_config::circuit::{EdgeKind, EdgePopulationConfig, NodeKind, NodePopulationConfig};
use msr_config::{Circuit, CircuitConfig, EdgePopulation, NodePopulation};

struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn population(file: &File, path: &str, types: &str, size: usize) -> Group {
    let group = file.create_group(path).unwrap();
    group.new_dataset_builder().with_data(&vec![-1_i64; size]).create(types).unwrap();
    group.create_group("0").unwrap()
}

fn nodes(path: &Path) -> Result<NodePopulation, String> {
    NodePopulation::load(&NodePopulationConfig::new("P", NodeKind::Virtual, path))
        .map_err(|problems| problems.to_string())
}

#[test]
fn compressed_chunks_and_every_width_are_read() {
    let directory = Directory::new();
    let path = directory.path("nodes.h5");
    let file = File::create(&path).unwrap();
    let group = population(&file, "nodes/P", "node_type_id", 3);
    group.new_dataset_builder().with_data(&[1.5_f32, 2.5, 3.5]).chunk(2).deflate(6).create("gzip").unwrap();
    group.new_dataset_builder().with_data(&[1_u8, 2, 255]).create("u8").unwrap();
    group.new_dataset_builder().with_data(&[-1_i16, 2, 3]).create("i16").unwrap();
    group.new_dataset_builder().with_data(&[0_u64, 1, u64::MAX]).create("u64").unwrap();
    group.new_dataset_builder().with_data(&[1_i64 << 60, 1, 2]).create("wide").unwrap();
    group
        .new_dataset_builder()
        .with_data(&["ä", "", "c"].map(|text| text.parse::<VarLenUnicode>().unwrap()))
        .create("text")
        .unwrap();
    let ascii = ["x", "y", "z"].map(|text| VarLenAscii::from_ascii(text).unwrap());
    group.new_dataset_builder().with_data(&ascii).create("ascii").unwrap();
    let fixed = ["x", "y", "z"].map(|text| FixedAscii::<4>::from_ascii(text).unwrap());
    group.new_dataset_builder().with_data(&fixed).create("fixed").unwrap();
    group.new_dataset_builder().with_data(&[true, false, true]).create("bool").unwrap();
    group.new_dataset_builder().with_data(&[1.0, 2.0]).create("short").unwrap();
    drop(file);

    let table = nodes(&path).unwrap().attributes;
    assert_eq!(table.float("gzip").unwrap()[..], [1.5, 2.5, 3.5]);
    assert_eq!(table.integer("u8").unwrap()[..], [1, 2, 255]);
    assert_eq!(table.integer("i16").unwrap()[..], [-1, 2, 3]);
    assert_eq!(table.text("text").unwrap(), ["ä", "", "c"]);
    assert_eq!(table.text("ascii").unwrap(), ["x", "y", "z"]);
    let reason = |name: &str| {
        let message = table.column(name).unwrap_err().to_string();
        message.split("cannot be read: ").nth(1).unwrap().to_owned()
    };
    assert_eq!(reason("u64"), format!("{} is greater than 2^63 - 1", u64::MAX));
    assert_eq!(
        reason("fixed"),
        "unexpected type string (len 4); SONATA has texts of variable length only (h5py.string_dtype())"
    );
    assert_eq!(reason("bool"), "unexpected type bool; write 0 and 1 as int8");
    assert_eq!(reason("short"), "its shape is [2], but the population has 3 rows");
    assert!(table.float("wide").unwrap_err().to_string().ends_with("which has no exact float"));
}

#[test]
fn broken_populations_are_refused() {
    let directory = Directory::new();
    let write = |name: &str, fill: &dyn Fn(&File)| {
        let path = directory.path(name);
        fill(&File::create(&path).unwrap());
        let error = nodes(&path).unwrap_err();
        error.replace(&path.display().to_string(), "F")
    };
    assert_eq!(write("empty.h5", &|_| {}), "F: /nodes: the file has no group '/nodes': it holds no nodes");
    assert_eq!(
        write("other.h5", &|file| drop(population(file, "nodes/Q", "node_type_id", 1))),
        "F: /nodes: there is no population 'P'; the file has: Q"
    );
    assert_eq!(
        write("typeless.h5", &|file| drop(population(file, "nodes/P", "other", 1))),
        "F: /nodes/P/node_type_id: this mandatory dataset is missing"
    );
    assert_eq!(
        write("groupless.h5", &|file| drop(file.create_group("nodes/P").unwrap())),
        "F: /nodes/P/0: this group of attributes is missing (it may be empty)"
    );
    let path = directory.path("text.h5");
    std::fs::write(&path, "no HDF5").unwrap();
    assert!(nodes(&path).unwrap_err().contains("text.h5: is no readable HDF5 file: "));
}

fn write_circuit(directory: &Directory, target_node: u64, node_population: &str) -> CircuitConfig {
    let file = File::create(directory.path("nodes.h5")).unwrap();
    population(&file, "nodes/P", "node_type_id", 2);
    let file = File::create(directory.path("edges.h5")).unwrap();
    population(&file, "edges/E", "edge_type_id", 1);
    let edges = file.group("edges/E").unwrap();
    for (name, id) in [("source_node_id", 0), ("target_node_id", target_node)] {
        let dataset = edges.new_dataset_builder().with_data(&[id]).create(name).unwrap();
        let attribute = dataset.new_attr::<VarLenUnicode>().create("node_population").unwrap();
        attribute.write_scalar(&node_population.parse::<VarLenUnicode>().unwrap()).unwrap();
    }
    let text = r#"{"networks": {"nodes": [{"nodes_file": "nodes.h5", "populations": {"P": {"type": "virtual"}}}],
 "edges": [{"edges_file": "edges.h5", "populations": {"E": {}}}]}}"#;
    CircuitConfig::from_text(text, directory.path("circuit_config.json")).unwrap()
}

#[test]
fn edges_must_end_in_nodes_that_exist() {
    let directory = Directory::new();
    let load = |config: &CircuitConfig| {
        let shown = Circuit::load(config).unwrap_err().to_string();
        shown.replace(&directory.0.path().display().to_string(), "D")
    };
    assert!(Circuit::load(&write_circuit(&directory, 1, "P")).is_ok());
    assert_eq!(
        load(&write_circuit(&directory, 2, "P")),
        "D/edges.h5: /edges/E/target_node_id: edge 0 has node 2, but 'P' has 2 nodes"
    );
    assert_eq!(
        load(&write_circuit(&directory, 1, "Q")),
        "D/edges.h5: /edges/E/source_node_id: node_population 'Q' is no population of the circuit\n\
         D/edges.h5: /edges/E/target_node_id: node_population 'Q' is no population of the circuit"
    );
    let config = write_circuit(&directory, 1, "P");
    std::fs::remove_file(directory.path("nodes.h5")).unwrap();
    std::fs::remove_file(directory.path("edges.h5")).unwrap();
    assert_eq!(
        load(&config),
        "D/circuit_config.json:1:73: networks.nodes[0].populations.P: file not found: D/nodes.h5\n\
         D/circuit_config.json:2:60: networks.edges[0].populations.E: file not found: D/edges.h5"
    );
}

#[test]
fn enumerations_have_their_texts_in_the_library() {
    let directory = Directory::new();
    let path = directory.path("nodes.h5");
    let file = File::create(&path).unwrap();
    let group = population(&file, "nodes/P", "node_type_id", 2);
    let member = |name: &str, value| EnumMember { name: name.into(), value };
    let members = vec![member("a", 0), member("b", 1), member("c", 2)];
    let kind = TypeDescriptor::Enum(EnumType { size: IntSize::U1, signed: false, members });
    group.new_dataset_builder().empty_as(&kind).shape(2).create("native").unwrap();
    group.new_dataset_builder().with_data(&[0_u32, 1]).create("numbered").unwrap();
    group.new_dataset_builder().with_data(&[0_u32, 1]).create("beyond").unwrap();
    let library = group.create_group("@library").unwrap();
    library.new_dataset_builder().with_data(&[0.5, 1.5]).create("numbered").unwrap();
    let text: VarLenUnicode = "only".parse().unwrap();
    library.new_dataset_builder().with_data(&[text]).create("beyond").unwrap();
    drop(file);
    let table = nodes(&path).unwrap().attributes;
    let reason = |name: &str| {
        let message = table.column(name).unwrap_err().to_string();
        message.split("cannot be read: ").nth(1).unwrap().to_owned()
    };
    assert_eq!(reason("native"), "unexpected type enum (uint8); SONATA enumerations have their texts in @library");
    assert_eq!(reason("numbered"), "its @library: unexpected type float64");
    assert_eq!(reason("beyond"), "enumeration value 1 is beyond the 1 entries of its @library");
}

#[test]
fn ids_are_numbers_of_nodes_of_a_population() {
    let directory = Directory::new();
    let load = |name: &str, fill: &dyn Fn(&Group)| {
        let path = directory.path(name);
        let file = File::create(&path).unwrap();
        population(&file, "edges/E", "edge_type_id", 1);
        fill(&file.group("edges/E").unwrap());
        drop(file);
        let error = EdgePopulation::load(&EdgePopulationConfig::new("E", EdgeKind::Chemical, &path)).unwrap_err();
        error.to_string().replace(&path.display().to_string(), "F")
    };
    assert_eq!(load("absent.h5", &|_| {}), "F: /edges/E/source_node_id: this mandatory dataset is missing");
    assert_eq!(
        load("nameless.h5", &|edges| {
            edges.new_dataset_builder().with_data(&[0_u64]).create("source_node_id").unwrap();
        }),
        "F: /edges/E/source_node_id: needs the text attribute 'node_population'"
    );
    assert_eq!(
        load("negative.h5", &|edges| {
            edges.new_dataset_builder().with_data(&[-1_i64]).create("source_node_id").unwrap();
        }),
        "F: /edges/E/source_node_id: has negative node ids"
    );
    assert_eq!(
        load("float.h5", &|edges| {
            edges.new_dataset_builder().with_data(&[1.5]).create("source_node_id").unwrap();
        }),
        "F: /edges/E/source_node_id: must be integers, found float64"
    );
}

#[test]
fn populations_are_groups_of_columns() {
    let directory = Directory::new();
    let path = directory.path("nodes.h5");
    let file = File::create(&path).unwrap();
    file.create_group("nodes").unwrap().new_dataset_builder().with_data(&[1]).create("P").unwrap();
    drop(file);
    let error = nodes(&path).unwrap_err().replace(&path.display().to_string(), "F");
    assert!(error.starts_with("F: /nodes/P: is no readable group: "), "{error}");

    let path = directory.path("square.h5");
    let file = File::create(&path).unwrap();
    let group = file.create_group("nodes/P").unwrap();
    group.create_group("0").unwrap();
    group.new_dataset_builder().empty::<i64>().shape((2, 2)).create("node_type_id").unwrap();
    drop(file);
    assert!(nodes(&path).unwrap_err().ends_with("square.h5: /nodes/P/node_type_id: must have one dimension"));

    let config = write_circuit(&directory, 1, "P");
    let mut with_types = config.clone();
    let types = directory.path("types.csv");
    with_types.nodes[0].types_file = Some(types.clone());
    let error = |text: &str| {
        std::fs::write(&types, text).unwrap();
        let error = Circuit::load(&with_types).unwrap_err().to_string();
        error.replace(&types.display().to_string(), "T")
    };
    assert!(error("node_type kind\n0 a\n").contains("T:1"), "{}", error("node_type kind\n0 a\n"));
    assert!(error("node_type_id kind\n0\n").contains("has 1 fields, and the first line 2"));
    assert!(error("node_type_id kind\nx y\n").contains("node_type_id 'x' is no integer"));
    let none = error("node_type_id kind\n77 y\n").replace(&with_types.nodes[0].file.display().to_string(), "F");
    assert!(none.contains("has no type -1, which F has") || none.contains("has no type 0, which F has"), "{none}");
    assert!(error("kind\na\n").contains("has no column 'node_type_id'"));
    let types_of: Vec<String> = (-1..3).map(|id| format!("{id} \"a kind\" NULL 2.5\n")).collect();
    std::fs::write(&types, format!("node_type_id kind model rate\n{}", types_of.concat())).unwrap();
    let read = Circuit::load(&with_types).unwrap();
    let table = &read.nodes[0].attributes;
    assert_eq!((table.text("kind").unwrap()[0].as_str(), table.text("model").unwrap()[0].as_str()), ("a kind", ""));
    assert_eq!(table.float("rate").unwrap()[0], 2.5);
    let path = directory.path("spikes.h5");
    let told = || msr_config::circuit::SpikeTrains::read(&path).unwrap_err().to_string();
    assert!(told().contains("file not found"));
    drop(File::create(&path).unwrap());
    assert!(told().contains("/spikes: this group is missing"), "{}", told());
    let file = File::create(&path).unwrap();
    let group = file.create_group("spikes/P").unwrap();
    group.new_dataset_builder().with_data(&[1.0, 2.0]).create("timestamps").unwrap();
    group.new_dataset_builder().with_data(&[0_u64]).create("node_ids").unwrap();
    drop((group, file));
    assert!(told().contains("has 2 timestamps and 1 node_ids"), "{}", told());
    let file = File::create(&path).unwrap();
    let group = file.create_group("spikes/P").unwrap();
    group.new_dataset_builder().with_data(&[f64::INFINITY]).create("timestamps").unwrap();
    group.new_dataset_builder().with_data(&[0_u64]).create("node_ids").unwrap();
    drop((group, file));
    assert!(told().contains("has a spike at inf ms"), "{}", told());
    let mut misspelt = config;
    misspelt.nodes[0].file = directory.path("node.h5");
    assert!(Circuit::load(&misspelt).unwrap_err().to_string().ends_with("(did you mean 'nodes.h5'?)"));

    let path = directory.path("vessels.h5");
    let file = File::create(&path).unwrap();
    population(&file, "nodes/Vessels", "node_type_id", 1);
    drop(file);
    let text = r#"{"networks": {"nodes": [{"nodes_file": "vessels.h5", "populations": {"vasculature": {"type": "vasculature",
                  "vasculature_file": "v.h5", "vasculature_mesh": "v.obj"}}}], "edges": []}}"#;
    let config = CircuitConfig::from_text(text, directory.path("c.json")).unwrap();
    assert_eq!(
        Circuit::load(&config).unwrap().notes,
        [format!("{}: its only population 'Vessels' is used as 'vasculature'", path.display())]
    );
}
