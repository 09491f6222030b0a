//! The bundled circuit with a metabolism of one's own, and with the variants, from `init` to results.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

fn msr(arguments: &[&str]) -> std::process::Output {
    Command::cargo_bin("msr-cli").unwrap().args(arguments).output().unwrap()
}

/// The circuit with neurons and metabolism alone, for 20 ms, in which `change` is made to the section of metabolism and to
/// the connections.
fn circuit(directory: &Path, change: &dyn Fn(&mut Value)) -> PathBuf {
    let path = directory.join("demo");
    crate::bundled::init(&path);
    crate::bundled::edit(&path, "simulation_config.json", &|simulation| {
        simulation["run"]["tstop"] = 20.into();
        for report in simulation["reports"].as_object_mut().unwrap().values_mut() {
            report["end_time"] = 20.into();
        }
        simulation["multiscale_run"]["with_steps"] = false.into();
        simulation["multiscale_run"]["with_bloodflow"] = false.into();
        change(&mut simulation["multiscale_run"]);
    });
    path
}

/// Merges ATP of the neurons with the state of this name.
fn merge(state: &str) -> Value {
    json!([{
        "src_simulator": "neurodamus", "src_get_func": "get_var", "src_get_kwargs": {"var": "atpi", "weight": "volume"},
        "src_set_func": "set_var", "src_set_kwargs": {"var": "atpi"},
        "dest_simulator": "metabolism", "dest_get_func": "get_vm_idx", "dest_get_kwargs": {"idx": state},
        "dest_set_func": "set_vm_idxs", "dest_set_kwargs": {"idxs": state}, "action": "merge"
    }])
}

fn last_row(file: &Path) -> Vec<f32> {
    let file = hdf5::File::open(file).unwrap();
    let population = file.group("report").unwrap().groups().unwrap().remove(0);
    let data = population.dataset("data").unwrap().read_2d::<f32>().unwrap();
    data.row(data.nrows() - 1).to_vec()
}

fn with_two_states(multiscale: &mut Value) {
    multiscale["connections"] = merge("ATP");
    multiscale["metabolism"] = json!({
        "ndts": 400, "model": "models/two_states.eqn", "u0": {"fuel": 0.9}, "parameters": {"inflow": 0.03},
        "constants": {"Use": {"rate": 0.04}},
        "checks": {"vm": {"ATP": {"kwargs": {"lb": 0.2}, "response": "abort_simulation"}}},
        "reports": {"fuel": {"src_get_func": "get_vm_idx", "src_get_kwargs": {"idx": "fuel"}, "unit": "mM"}}
    });
}

#[test]
fn a_model_of_two_states_runs_with_its_own_names() {
    let directory = tempfile::tempdir().unwrap();
    let path = circuit(directory.path(), &with_two_states);
    fs::create_dir(path.join("models")).unwrap();
    let model = include_str!("../../msr-metabolism/examples/two_states.eqn");
    fs::write(path.join("models/two_states.eqn"), model).unwrap();
    let output = msr(&["compute", path.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(summary.contains("two_states.eqn"), "{summary}");
    // d fuel/dt = 0.03 - 0.07*0.9/(1 + ATP/1.4), with ATP near 1.385; the last row is that of 10 ms, the end has none.
    let slope = 0.03 - 0.07 * 0.9 / (1.0 + 1.385 / 1.4);
    for fuel in last_row(&path.join("RESULTS/fuel.h5")) {
        assert!((f64::from(fuel) - (0.9 + slope * 0.01)).abs() < 5e-7, "{fuel}");
    }
}

#[test]
fn a_mistake_in_a_model_is_told_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = circuit(directory.path(), &|multiscale| multiscale["metabolism"]["model"] = "own.eqn".into());
    let check = || String::from_utf8_lossy(&msr(&["check", path.to_str().unwrap()]).stderr).into_owned();
    let absent = check();
    assert!(absent.contains("there is no bundled model 'own.eqn'") && absent.contains("demo/own.eqn"), "{absent}");
    fs::write(path.join("own.eqn"), "base standard\nflux J_HEX_n *= 2\n").unwrap();
    let wrong = check();
    assert!(wrong.contains("own.eqn, line 2: there is no 'J_HEX_n' to change (did you mean 'J_HEX1_n'?)"), "{wrong}");
}

#[test]
fn a_checkpoint_knows_the_equations_of_its_model() {
    let directory = tempfile::tempdir().unwrap();
    let path = circuit(directory.path(), &with_two_states);
    fs::create_dir(path.join("models")).unwrap();
    let model = include_str!("../../msr-metabolism/examples/two_states.eqn");
    let file = path.join("models/two_states.eqn");
    fs::write(&file, model).unwrap();
    let text = path.to_str().unwrap();
    let output = msr(&["compute", text, "--checkpoint-every", "10"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let resumed = || msr(&["resume", text, "--set", "run.tstop=30"]);
    let (comment, other) =
        (format!("# as before\n{model}"), model.replace("Synthesis.rate = 0.07", "Synthesis.rate = 0.08"));
    assert_ne!(model, other);
    fs::write(&file, other).unwrap();
    let refused = resumed();
    assert!(!refused.status.success());
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("equations of metabolism: "), "{told}");
    // The same equations in a file that says more about them.
    fs::write(&file, comment).unwrap();
    let output = resumed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn variants_and_corrections_are_chosen_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("aged");
    let text = path.to_str().unwrap();
    assert!(msr(&["init", "--no-check", "--metabolism", "aged", text]).status.success());
    let config: Value =
        serde_json::from_str(&fs::read_to_string(path.join("simulation_config.json")).unwrap()).unwrap();
    assert_eq!(config["multiscale_run"]["metabolism"]["model"], "aged");
    let summary = |overrides: &[&str]| {
        let output = msr(&[&["compute", text, "--force", "--set", "run.tstop=10"], overrides].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let aged = summary(&[]);
    assert!(aged.contains("aged model, corrected"), "{aged}");
    let published = summary(&["--set", "multiscale_run.metabolism.compatibility=published"]);
    assert!(published.contains("aged model, as published"), "{published}");
    let wrong = msr(&["check", text, "--set", "multiscale_run.metabolism.compatibility=[\"neuronal_pum\"]"]);
    let wrong = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(wrong.contains("unknown correction 'neuronal_pum' (did you mean 'neuronal_pump'?)"), "{wrong}");
}
