//! What is on the disk.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::{InitError, Summary, write_tiny_ci};

fn written() -> (tempfile::TempDir, Summary) {
    let dir = tempfile::tempdir().unwrap();
    let summary = write_tiny_ci(dir.path(), "standard", false).unwrap();
    (dir, summary)
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn texts(group: &hdf5::Group, name: &str) -> Vec<String> {
    let values = group.dataset(name).unwrap().read_raw::<hdf5::types::VarLenUnicode>().unwrap();
    values.iter().map(ToString::to_string).collect()
}

#[test]
fn two_runs_give_the_same_bytes() {
    let ((first, summary), (second, other)) = (written(), written());
    assert_eq!(summary, other);
    for file in &summary.files {
        let bytes = [&first, &second].map(|dir| fs::read(dir.path().join(file)).unwrap());
        assert!(bytes[0] == bytes[1], "{} differs", file.display());
        assert!(!bytes[0].is_empty());
    }
}

#[test]
fn content_is_refused_and_force_replaces_only_the_circuit() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join(".logs")).unwrap();
    write_tiny_ci(dir.path(), "standard", false).unwrap();
    fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    let refused = write_tiny_ci(dir.path(), "standard", false).unwrap_err();
    assert!(matches!(refused, InitError::NotEmpty { .. }), "{refused}");
    fs::write(dir.path().join("node_sets.json"), "{}").unwrap();
    write_tiny_ci(dir.path(), "standard", true).unwrap();
    assert!(json(&dir.path().join("node_sets.json")).get("Neurons").is_some());
    assert_eq!(fs::read_to_string(dir.path().join("notes.txt")).unwrap(), "mine");
    assert!(!dir.path().join(".msr-init").exists());
}

#[test]
fn a_file_is_no_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    fs::write(&path, "").unwrap();
    assert!(matches!(write_tiny_ci(&path, "standard", true), Err(InitError::NotADirectory { .. })));
}

#[test]
fn the_configuration_names_files_that_exist() {
    let (dir, _) = written();
    let circuit = json(&dir.path().join("circuit_config.json"));
    let base = circuit["manifest"]["$BASE_DIR"].as_str().unwrap();
    let path = |value: &Value| dir.path().join(value.as_str().unwrap().replace("$BASE_DIR", base));
    for (list, key) in [("nodes", "nodes_file"), ("edges", "edges_file")] {
        for entry in circuit["networks"][list].as_array().unwrap() {
            let file = hdf5::File::open(path(&entry[key])).unwrap();
            for (name, population) in entry["populations"].as_object().unwrap() {
                let group = file.group(list).unwrap().group(name).unwrap();
                assert!(group.dataset(&list.replace('s', "_type_id")).unwrap().size() > 0);
                if let Some(directory) = population.get("morphologies_dir") {
                    for morphology in texts(&group.group("0").unwrap(), "morphology") {
                        assert!(path(directory).join(format!("{morphology}.swc")).is_file(), "{morphology}");
                    }
                }
                if population["type"] == "biophysical" {
                    for template in texts(&group.group("0").unwrap(), "model_template") {
                        let name = template.strip_prefix("json:").unwrap();
                        let emodel = path(&population["biophysical_neuron_models_dir"]).join(format!("{name}.json"));
                        assert_eq!(json(&emodel)["name"], name);
                    }
                }
            }
        }
    }
}

#[test]
fn indices_lead_to_the_edges_of_each_node() {
    let (dir, summary) = written();
    let mut edges = 0;
    for name in ["neocortex_neurons__chemical_synapse", "neuroglial", "gliovascular"] {
        let path = dir.path().join(format!("circuit/networks/edges/{name}/edges.h5"));
        let file = hdf5::File::open(path).unwrap();
        let population = file.group(&format!("edges/{name}")).unwrap();
        for (index, ids) in [("source_to_target", "source_node_id"), ("target_to_source", "target_node_id")] {
            let ids = population.dataset(ids).unwrap().read_raw::<u64>().unwrap();
            let table = |name: &str| {
                let dataset = population.dataset(&format!("indices/{index}/{name}")).unwrap();
                dataset
                    .read_raw::<u64>()
                    .unwrap()
                    .chunks(2)
                    .map(|row| [row[0] as usize, row[1] as usize])
                    .collect::<Vec<_>>()
            };
            let ranges = table("range_to_edge_id");
            let mut found = vec![];
            for (node, [first, last]) in table("node_id_to_ranges").into_iter().enumerate() {
                for &[begin, end] in &ranges[first..last] {
                    assert!(ids[begin..end].iter().all(|&id| id == node as u64));
                    found.extend(begin..end);
                }
            }
            found.sort_unstable();
            assert_eq!(found, (0..ids.len()).collect::<Vec<_>>());
            edges += found.len();
        }
    }
    assert_eq!(edges, 2 * (summary.synapses + summary.astrocytic_contacts + summary.endfeet));
}

#[test]
fn every_node_set_of_an_attribute_selects_neurons() {
    let (dir, _) = written();
    let file = hdf5::File::open(dir.path().join("circuit/networks/nodes/neocortex_neurons/nodes.h5")).unwrap();
    let nodes = file.group("nodes/neocortex_neurons/0").unwrap();
    for (name, rule) in json(&dir.path().join("node_sets.json")).as_object().unwrap() {
        for (attribute, wanted) in rule.as_object().into_iter().flatten().filter(|(key, _)| *key != "population") {
            let wanted: Vec<String> = match wanted {
                Value::Array(values) => values.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
                Value::Object(regex) => vec![regex["$regex"].as_str().unwrap().replace(".*", "L")],
                value => vec![value.as_str().unwrap().to_owned()],
            };
            assert!(texts(&nodes, attribute).iter().any(|value| wanted.contains(value)), "{name} selects nothing");
        }
    }
}

#[test]
fn the_simulation_reports_inside_its_time() {
    let (dir, _) = written();
    let simulation = json(&dir.path().join("simulation_config.json"));
    let tstop = simulation["run"]["tstop"].as_f64().unwrap();
    for report in simulation["reports"].as_object().unwrap().values() {
        assert_eq!(report["end_time"].as_f64().unwrap(), tstop);
    }
    let multiscale = &simulation["multiscale_run"];
    assert_eq!(multiscale["msr_version"], env!("CARGO_PKG_VERSION"));
    for simulator in ["steps", "bloodflow", "metabolism"] {
        assert_eq!(multiscale[format!("with_{simulator}")], true);
        assert!(!multiscale[simulator]["reports"].as_object().unwrap().is_empty());
        let used =
            multiscale["connections"].as_array().unwrap().iter().any(|connection| {
                connection["src_simulator"] == simulator || connection["dest_simulator"] == simulator
            });
        assert!(used, "{simulator} exchanges nothing");
    }
}
