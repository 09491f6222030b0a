//! Mistakes of users: each a message with file, key and what would be right, a non-zero exit, nothing half-written.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

struct Circuit {
    _directory: TempDir,
    path: PathBuf,
}

impl Circuit {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("demo");
        Command::cargo_bin("msr-cli").unwrap().args(["init", "--no-check"]).arg(&path).assert().success();
        Self { _directory: directory, path }
    }

    fn edit(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let file = self.path.join(file);
        let mut document: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        change(&mut document);
        fs::write(file, serde_json::to_string_pretty(&document).unwrap()).unwrap();
    }

    /// `check` and `compute` refuse with exit code `code` and a message that has all of `parts`; nothing is written.
    fn refused(&self, code: i32, parts: &[&str]) {
        for command in ["check", "compute"] {
            let output = Command::cargo_bin("msr-cli").unwrap().arg(command).arg(&self.path).output().unwrap();
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(code), "{command}: {message}");
            for part in parts {
                assert!(message.contains(part), "{command}: '{part}' in\n{message}");
            }
            assert!(!self.path.join("RESULTS").exists(), "{command} wrote something");
        }
    }
}

fn simulation(change: impl FnOnce(&mut Value)) -> Circuit {
    let circuit = Circuit::new();
    circuit.edit("simulation_config.json", change);
    circuit
}

#[test]
fn a_misspelt_key() {
    simulation(|s| {
        let run = s["run"].as_object_mut().unwrap();
        let tstop = run.remove("tstop").unwrap();
        run.insert("tstopp".into(), tstop);
    })
    .refused(2, &["simulation_config.json:", "run", "tstopp", "tstop"]);
}

#[test]
fn a_misspelt_key_of_a_simulator() {
    simulation(|s| {
        let steps = s["multiscale_run"]["steps"].as_object_mut().unwrap();
        steps.insert("conc_facter".into(), json!(1));
    })
    .refused(2, &["simulation_config.json:", "multiscale_run.steps.conc_facter", "conc_factor"]);
}

#[test]
fn a_wrong_type() {
    simulation(|s| s["run"]["dt"] = json!("0.025")).refused(2, &["simulation_config.json:", "run.dt", "number"]);
}

#[test]
fn several_mistakes_at_once() {
    simulation(|s| {
        s["run"]["dt"] = json!("0.025");
        s["inputs"]["pInj"]["module"] = json!("pulses");
    })
    .refused(2, &["run.dt", "inputs.pInj.module", "pulse"]);
}

#[test]
fn a_missing_file() {
    simulation(|s| s["network"] = json!("no_circuit.json"))
        .refused(2, &["simulation_config.json:", "network", "no_circuit.json"]);
}

#[test]
fn a_missing_morphology() {
    let circuit = Circuit::new();
    let folder = circuit.path.join("circuit/morphologies/neurons");
    let morphology = folder.read_dir().unwrap().next().unwrap().unwrap();
    fs::remove_file(morphology.path()).unwrap();
    let name = morphology.file_name().into_string().unwrap();
    circuit.refused(2, &["neurodamus", name.trim_end_matches(".swc"), "did you mean '"]);
}

#[test]
fn an_unknown_variable_in_a_connection() {
    simulation(|s| s["multiscale_run"]["connections"][0]["src_get_kwargs"]["var"] = json!("inna")).refused(
        2,
        &[
            "simulation_config.json:",
            "multiscale_run.connections[0]",
            "unknown var 'inna' (did you mean 'ina'?)",
            "available: ",
        ],
    );
}

#[test]
fn an_unknown_simulator_in_a_connection() {
    simulation(|s| s["multiscale_run"]["connections"][0]["dest_simulator"] = json!("metabolismus")).refused(
        2,
        &["multiscale_run.connections[0]", "unknown simulator 'metabolismus' (did you mean 'metabolism'?)"],
    );
}

#[test]
fn a_wrong_transform() {
    simulation(|s| s["multiscale_run"]["connections"][3]["transform_expression"] = json!("valls * 2"))
        .refused(2, &["multiscale_run.connections[3]", "unknown name 'valls' (did you mean 'vals'?)", "^^^^^"]);
}

#[test]
fn an_unknown_node_set() {
    simulation(|s| s["node_set"] = json!("Al")).refused(2, &["node_set", "Al", "All", "Neurons"]);
    simulation(|s| s["reports"]["ndam_v"]["cells"] = json!("Neuron")).refused(2, &["ndam_v", "Neuron", "Neurons"]);
}

#[test]
fn an_unknown_report_variable() {
    simulation(|s| s["reports"]["ndam_v"]["variable_name"] = json!("vv")).refused(2, &["reports.ndam_v", "vv"]);
}

#[test]
fn an_unknown_state_of_the_metabolism() {
    simulation(|s| {
        s["multiscale_run"]["metabolism"]["checks"]["vm"]["ATPn"] =
            json!({"kwargs": {"lb": 0.2}, "response": "abort_simulation"})
    })
    .refused(2, &["metabolism", "ATPn", "ATP_n"]);
}

/// A mesh of one tetrahedron far away from everything.
fn mesh_elsewhere(file: &Path) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mesh = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n3 1 \"extra\"\n$EndPhysicalNames\n$Nodes\n4\n\
                1 9000 9000 9000\n2 9100 9000 9000\n3 9000 9100 9000\n4 9000 9000 9100\n$EndNodes\n$Elements\n1\n\
                1 4 2 1 1 1 2 3 4\n$EndElements\n";
    fs::write(file, mesh).unwrap();
}

#[test]
fn a_mesh_that_does_not_hold_the_neurons() {
    let circuit = Circuit::new();
    mesh_elsewhere(&circuit.path.join("mesh/autogen_mesh.msh"));
    circuit.refused(2, &["autogen_mesh.msh", "segments", "outside"]);
}

#[test]
fn an_occupied_directory_is_not_filled() {
    let circuit = Circuit::new();
    let output = Command::cargo_bin("msr-cli").unwrap().arg("init").arg(&circuit.path).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("--force"));
}
