//! `msr-cli migrate`: an event-keyed configuration becomes a flat one that means the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

fn msr(arguments: &[&str]) -> Output {
    Command::cargo_bin("msr-cli").expect("the binary is built").args(arguments).output().expect("it starts")
}

fn read(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).expect("the file is there")).expect("it is JSON")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What series 0.8 numbers, in the published templates of both series.
const NUMBERS: [(&str, u64); 9] = [
    ("ina_density", 0),
    ("ik_density", 1),
    ("notBigg_FinDyn_W2017", 3),
    ("notBigg_Fout_W2017", 4),
    ("notBigg_vV_b_b", 5),
    ("ATP_n", 22),
    ("adp_c_n", 23),
    ("K_out", 95),
    ("Na_n", 98),
];

/// Names replaced by numbers everywhere.
fn numbered(value: &Value) -> Value {
    match value {
        Value::String(text) => match NUMBERS.iter().find(|(name, _)| name == text) {
            Some((_, number)) => json!(number),
            None => value.clone(),
        },
        Value::Array(items) => items.iter().map(numbered).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| {
                    let number = NUMBERS.iter().find(|(known, _)| known == name).map(|(_, number)| number.to_string());
                    (number.unwrap_or_else(|| name.clone()), numbered(value))
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

/// The bundled simulation in the form of series 0.8.
fn in_old_form(document: &Value) -> Value {
    let mut old = document.clone();
    let section = old["multiscale_run"].as_object_mut().unwrap();
    let mut events = json!({"after_metabolism_advance": [], "before_bloodflow_advance": [], "after_steps_advance": []});
    for connection in document["multiscale_run"]["connections"].as_array().unwrap() {
        let event = match connection["dest_simulator"].as_str().unwrap() {
            "steps" => "after_steps_advance",
            "bloodflow" => "before_bloodflow_advance",
            _ => "after_metabolism_advance",
        };
        events[event].as_array_mut().unwrap().push(numbered(connection));
    }
    section.insert("connections".into(), events);
    let metabolism = section["metabolism"].as_object_mut().unwrap();
    metabolism.remove("compatibility").unwrap();
    let mut reports = metabolism.remove("reports").unwrap();
    for report in reports.as_object_mut().unwrap().values_mut() {
        *report = numbered(report);
        report["when"] = json!("after_sync");
    }
    metabolism.insert("checks".into(), numbered(&document["multiscale_run"]["metabolism"]["checks"]));
    metabolism.insert("parameters".into(), json!([null, null, null, 0.012, 0.012, 0.023]));
    metabolism.insert("solver_kwargs".into(), json!({"reltol": 1e-6, "saveat": 1}));
    metabolism.insert("u0_path".into(), json!("${pkg_path}/data/metabolism/u0.csv"));
    metabolism.insert("model".into(), json!({"includes": ["x.jl"], "constants": {"xNEmod": 0.025}}));
    metabolism
        .insert("constants".into(), json!({"ATDPtot_n": 1.4449961078157665, "mito_volume_fraction": [0.0459, 0.0522, 0.064, 0.0774, 0.0575, 0.0403]}));
    section.insert("reports".into(), json!({"metabolism": reports}));
    old["run"]["integration_method"] = json!(0);
    old["connection_overrides"] = json!({"all": {"source": "Neurons", "target": "Neurons", "weight": 0.5}});
    old
}

#[test]
fn the_new_form_plans_to_the_same_connections() {
    let directory = tempfile::tempdir().unwrap();
    let text = directory.path().to_str().unwrap();
    assert!(msr(&["init", "--no-check", text]).status.success());
    let config = directory.path().join("simulation_config.json");
    let bundled = read(&config);
    let old = in_old_form(&bundled);
    fs::write(&config, old.to_string()).unwrap();
    let new = directory.path().join("new.json");
    let migrated = msr(&["migrate", text, "--output", new.to_str().unwrap()]);
    assert!(migrated.status.success(), "{}", stderr(&migrated));
    assert_eq!(read(&config), old, "the old file stays as it is");

    let document = read(&new);
    let section = &document["multiscale_run"];
    assert_eq!(section["connections"].as_array().unwrap().len(), 10);
    assert_eq!(section["connections"][0]["dest_simulator"], "steps");
    assert_eq!(section["connections"][3]["dest_set_kwargs"], json!({"idxs": "ATP_n"}));
    assert_eq!(section["metabolism"]["parameters"], bundled["multiscale_run"]["metabolism"]["parameters"]);
    assert_eq!(section["metabolism"]["checks"], bundled["multiscale_run"]["metabolism"]["checks"]);
    assert_eq!(section["metabolism"]["solver_kwargs"], json!({"rtol": 1e-6}));
    assert_eq!(
        section["metabolism"]["constants"],
        json!({"GeneralConstants": {"xNEmod": 0.025, "mito_volume_fraction": [0.0459, 0.0522, 0.064, 0.0774, 0.0575, 0.0403]},
               "ATDMP": {"ATDPtot_n": 1.4449961078157665}})
    );
    assert_eq!(section["metabolism"]["reports"]["metab_atpi"]["when"], "after_sync");
    assert_eq!(document["run"]["integration_method"], "euler");
    // A configuration of SONATA before 2.4 is not read, so its change has no counterpart in `check` below.
    assert_eq!(document["connection_overrides"][0]["name"], "all");
    let told = stderr(&migrated);
    for part in [
        "idx: 22 is 'ATP_n'",
        "run.integration_method: 0 is 'euler'",
        "u0_path: taken out",
        "saveat: taken out",
        "metabolism.compatibility: absent",
    ] {
        assert!(told.contains(part), "{part} in\n{told}");
    }

    let mut readable = old;
    readable["run"]["integration_method"] = json!("euler");
    readable["connection_overrides"] = document["connection_overrides"].clone();
    fs::write(&config, readable.to_string()).unwrap();
    let planned = |file: &Path| -> Vec<String> {
        let output = msr(&["check", file.to_str().unwrap()]);
        assert!(output.status.success(), "{}", stderr(&output));
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        let is_planned = |line: &&str| ["connection", "report", "simulator"].iter().any(|word| line.starts_with(word));
        lines.lines().filter(is_planned).map(named).collect()
    };
    let (mut before, mut after) = (planned(&config), planned(&new));
    for lines in [&mut before, &mut after] {
        // Reports are named by their keys, which change.
        lines.iter_mut().for_each(|line| *line = line.replace("reports.metabolism.", "metabolism.reports."));
        assert_eq!(lines.iter().filter(|line| line.starts_with("connection")).count(), 10);
    }
    before.iter_mut().chain(&mut after).for_each(|line| *line = line.split_whitespace().collect::<Vec<_>>().join(" "));
    before.sort();
    after.sort();
    assert_eq!(before, after);
}

/// A line of `check` with the names of numbers.
fn named(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let parts = word.trim_end_matches(',').split(',').map(|part| {
            let number = part.parse::<u64>().ok().filter(|_| line.contains("-> metabolism"));
            NUMBERS.iter().find(|(_, known)| Some(*known) == number).map_or(part, |(name, _)| name).to_owned()
        });
        parts.collect::<Vec<_>>().join(",") + if word.ends_with(',') { "," } else { "" }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_published_templates_agree() {
    let circuits = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/circuits/msr_tiny_CI_configs"));
    if !circuits.is_dir() {
        println!("skipped: no shared reference data");
        return;
    }
    let migrated = msr(&["migrate", circuits.join("generation_events_0.8").to_str().unwrap()]);
    assert!(migrated.status.success(), "{}", stderr(&migrated));
    let new: Value = serde_json::from_slice(&migrated.stdout).unwrap();
    let published = read(&circuits.join("generation_flat_0.9.0/simulation_config.json"));
    let (new, published) = (&new["multiscale_run"], &published["multiscale_run"]);
    // A list of one name is that name.
    let plain = |value: &Value| match value {
        Value::Array(items) if items.len() == 1 => items[0].clone(),
        other => other.clone(),
    };
    let connections = new["connections"].as_array().unwrap();
    // The first two go to steps and bloodflow, which the newer series did not drive.
    for (new, published) in connections[2..].iter().zip(published["connections"].as_array().unwrap()) {
        for (key, value) in published.as_object().unwrap() {
            if key == "dest_set_kwargs" {
                assert_eq!(plain(&new[key]["idxs"]), plain(&value["idxs"]));
            } else {
                assert_eq!(&new[key], value, "{key}");
            }
        }
    }
    assert_eq!(connections.len(), 11);
    let (new, published) = (&new["metabolism"], &published["metabolism"]);
    assert_eq!((&new["parameters"], &new["constants"]), (&published["parameters"], &published["constants"]));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for kind in ["parameters", "vm"] {
        assert_eq!(keys(&new["checks"][kind]), keys(&published["checks"][kind]));
    }
    for name in ["metab_ina", "metab_bf_Fin", "metab_nai", "metab_ko"] {
        assert_eq!(new["reports"][name]["src_get_kwargs"], published["reports"][name]["src_get_kwargs"]);
    }
}

#[test]
fn what_cannot_be_migrated_is_told_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("old.json");
    let text = "{\"run\": {\"tstop\": 1, \"dt\": 0.1, \"random_seed\": 0},\n \"multiscale_run\": {\"connections\": {},\n  \
                \"metabolism\": {\"ndts\": 1, \"checks\": {\"vm\": {\"9999\": {\"kwargs\": {}, \"response\": \"exclude_neuron\"}}}}}}";
    fs::write(&file, text).unwrap();
    let refused = msr(&["migrate", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    let told = stderr(&refused);
    assert!(
        told.contains(
            "old.json:3:55: multiscale_run.metabolism.checks.vm.9999: the metabolism model has no state 9999"
        ),
        "{told}"
    );
    assert!(refused.stdout.is_empty());
    // Connections at an event that there is not would be lost.
    let events = r#""connections": {"after_metabolism_advanec": [], "after_steps_advance": 3, "_aside": []}"#;
    fs::write(&file, text.replace("9999", "22").replace("\"connections\": {}", events)).unwrap();
    let told = stderr(&msr(&["migrate", file.to_str().unwrap()]));
    assert!(told.contains("connections.after_metabolism_advanec: "), "{told}");
    assert!(told.contains("connections.after_steps_advance: "), "{told}");
    assert!(!told.contains("_aside"), "{told}");

    fs::write(&file, text.replace("9999", "22").replace("\"ndts\": 1", "\"ndt\": 1")).unwrap();
    let output = directory.path().join("new.json");
    let rest = msr(&["migrate", file.to_str().unwrap(), "-o", output.to_str().unwrap()]);
    assert_eq!(rest.status.code(), Some(2));
    assert!(stderr(&rest).contains("unknown key 'ndt' (did you mean 'ndts'?)"), "{}", stderr(&rest));
    // An existing file is not replaced unasked.
    let again = msr(&["migrate", file.to_str().unwrap(), "-o", output.to_str().unwrap()]);
    assert!(stderr(&again).contains("give --force to replace it"), "{}", stderr(&again));
    // Parents are told, not followed.
    fs::write(&file, r#"{"parent_config_path": "base.json", "run": {"tstop": 1, "dt": 0.1, "random_seed": 0}}"#)
        .unwrap();
    let child = msr(&["migrate", file.to_str().unwrap()]);
    assert!(child.status.success() && stderr(&child).contains("\"base.json\" counts now"), "{}", stderr(&child));
    // A configuration of today stays as it is.
    fs::write(&file, "{\"run\": {\"tstop\": 1, \"dt\": 0.1, \"random_seed\": 0}}").unwrap();
    let same = msr(&["migrate", file.to_str().unwrap()]);
    assert!(same.status.success() && stderr(&same).contains("nothing to change"));
}
