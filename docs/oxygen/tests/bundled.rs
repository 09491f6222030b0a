//! The bundled circuit with oxygen, coupled in JSON.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

fn msr(arguments: &[&str]) -> String {
    let output = Command::cargo_bin("msr-oxygen").unwrap().args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The bundled simulation, shorter, with `sections.json` in it.
fn circuit(directory: &Path) {
    msr(&["init", "--no-check", directory.to_str().unwrap()]);
    let file = directory.join("simulation_config.json");
    let mut simulation: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let sections: Value = serde_json::from_str(include_str!("sections.json")).unwrap();
    simulation["run"]["tstop"] = json!(30.0);
    let run = &mut simulation["multiscale_run"];
    run["oxygen"] = sections["oxygen"].clone();
    run["connections"].as_array_mut().unwrap().extend(sections["connections"].as_array().unwrap().clone());
    fs::write(file, simulation.to_string()).unwrap();
}

fn rows(file: &Path) -> Vec<Vec<f64>> {
    let file = hdf5::File::open(file).unwrap();
    let population = file.group("report").unwrap().groups().unwrap().remove(0);
    let data = population.dataset("data").unwrap().read_2d::<f32>().unwrap();
    data.outer_iter().map(|row| row.iter().map(|&value| f64::from(value)).collect()).collect()
}

#[test]
fn neurons_use_the_oxygen_that_blood_brings() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    circuit(&path);
    let text = path.to_str().unwrap();
    let check = msr(&["check", text]);
    assert!(check.contains("oxygen"), "{check}");
    let variables = msr(&["variables", text]);
    assert!(variables.contains("  O2 [mM] level on oxygen_voxels, at least 0: free oxygen"), "{variables}");
    let plan = msr(&["plan", text]);
    assert!(plan.contains("vessel_segments > oxygen_voxels") && plan.contains("segments > oxygen_voxels"), "{plan}");

    let summary = msr(&["compute", text]);
    assert!(summary.contains("blood gave"), "{summary}");
    let results = path.join("RESULTS");
    let oxygen = rows(&results.join("tissue_oxygen.h5"));
    let (first, last) = (&oxygen[0], oxygen.last().unwrap());
    assert!(oxygen.len() == 3 && first.len() > 100);
    assert!(oxygen.iter().flatten().all(|&value| (0.0..=0.0585).contains(&value)));
    // Where no neuron is, only what tissue uses anyway is gone: 0.02 mM/s for what passed between the rows.
    let fallen: Vec<f64> = first.iter().zip(last).map(|(first, last)| first - last).collect();
    let most = fallen.iter().copied().fold(0.0, f64::max);
    let least = fallen.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(most > 4e-4 + 1e-6 && least < 4e-4 - 1e-6, "{most} {least}");

    let ledger: Vec<Value> = serde_json::from_str(&fs::read_to_string(results.join("ledger.json")).unwrap()).unwrap();
    let demand = ledger.iter().find(|entry| entry["destination"] == "oxygen set_demand").unwrap();
    let amount = |part: &str| demand[part].as_f64().unwrap();
    assert!(
        amount("sent") > 0.0 && amount("outside") < 1e-12 * amount("sent"),
        "every neuron lies in the voxels: {demand}"
    );
    assert!((amount("received") / amount("sent") - 1.0).abs() < 1e-12, "{demand}");
}

#[test]
fn a_slip_in_its_section_is_told_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    circuit(&path);
    let told = |key: &str| {
        let arguments = ["check", path.to_str().unwrap(), "--set", key];
        let output = Command::cargo_bin("msr-oxygen").unwrap().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let negative = told("multiscale_run.oxygen.voxel_um=-1");
    assert!(negative.contains("multiscale_run.oxygen: voxel_um = -1 must be a positive number"), "{negative}");
    let unknown = told("multiscale_run.oxygen.voxel=1");
    assert!(unknown.contains("unknown field `voxel`"), "{unknown}");
    let off = ["check", path.to_str().unwrap(), "--set", "multiscale_run.with_oxygen=false"];
    assert!(msr(&off).contains("oxygen"), "its connections are left out with a note");
}
