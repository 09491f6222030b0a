//! Astrocytes that are cells, from mechanism files: their spikes and reports beside those of neurons.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

fn msr(arguments: &[&str], directory: &Path) -> (bool, String) {
    let output = Command::cargo_bin("msr-cli").unwrap().args(arguments).arg(directory).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), text.concat())
}

/// Neurons and astrocytes of the generated circuit alone; one glutamate that is heard drives an astrocyte far above 10 mV.
fn demo(parent: &Path, with_files: bool, reports: &Value) -> PathBuf {
    let path = parent.join("demo");
    assert!(msr(&["init", "--no-check", "--quiet"], &path).0);
    let file = path.join("simulation_config.json");
    let mut simulation: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    simulation["reports"] = reports.clone();
    let radii = json!({"src_get_func": "get_endfoot_var", "src_get_kwargs": {"var": "vascouplingB.Rad"}, "unit": "um"});
    simulation["multiscale_run"] = match with_files {
        true => json!({"neurodamus": {"reports": {"radii": radii}}}),
        false => json!({}),
    };
    simulation["run"]["tstop"] = json!(30.0);
    fs::write(&file, simulation.to_string()).unwrap();
    if with_files {
        let folder = path.join("mod");
        fs::create_dir(&folder).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../msr-neuro/tests/mechanisms/glia");
        for name in ["cadifus", "vascouplingB", "GlutReceive", "GlutReceiveSoma"] {
            let text = fs::read_to_string(source.join(format!("{name}.mod"))).unwrap();
            fs::write(folder.join(format!("{name}.mod")), text.replace("pull = 4e-4", "pull = 1")).unwrap();
        }
    }
    path
}

fn report(kind: &str, cells: &str, variable: &str, sections: &str) -> Value {
    json!({"type": kind, "cells": cells, "variable_name": variable, "sections": sections, "dt": 0.025, "start_time": 0.0, "end_time": 30.0})
}

#[test]
fn astrocytes_with_mechanism_files_spike_and_are_reported() {
    let parent = tempfile::tempdir().unwrap();
    let reports = json!({
        "both": report("compartment", "All", "v", "soma"),
        "calcium": report("compartment", "All", "cadifus.cai", "all"),
    });
    let path = demo(parent.path(), true, &reports);
    let (fine, told) = msr(&["compute"], &path);
    assert!(fine, "{told}");
    assert!(told.contains("reports.calcium: neurons are left out, cadifus.cai cannot be read of them"), "{told}");

    let results = path.join("RESULTS");
    let spikes = hdf5::File::open(results.join("out.h5")).unwrap();
    let nodes: Vec<u64> = spikes.dataset("spikes/astrocytes/node_ids").unwrap().read_raw().unwrap();
    let times: Vec<f64> = spikes.dataset("spikes/astrocytes/timestamps").unwrap().read_raw().unwrap();
    assert!(!spikes.group("spikes/neocortex_neurons").unwrap().is_empty());
    let mut spiked = nodes.clone();
    spiked.sort_unstable();
    spiked.dedup();
    let told_spikes = format!("{} from {} astrocytes", nodes.len(), spiked.len());
    assert!(!nodes.is_empty() && told.contains(&told_spikes), "{told_spikes}: {told}");

    let both = hdf5::File::open(results.join("both.h5")).unwrap();
    let ids = |population: &str| -> Vec<u64> {
        both.dataset(&format!("report/{population}/mapping/node_ids")).unwrap().read_raw().unwrap()
    };
    assert_eq!((ids("neocortex_neurons").len(), ids("astrocytes")), (10, (0..6).collect()));
    let voltages = both.dataset("report/astrocytes/data").unwrap().read_2d::<f32>().unwrap();
    for (&node, time_ms) in nodes.iter().zip(times) {
        // A row is the state at the beginning of a step. The end of the soma, where spikes are, is close to its middle.
        let row = (time_ms / 0.025).round() as usize;
        let [before, after] = [row.saturating_sub(4), (row + 4).min(voltages.nrows() - 1)];
        let [before, after] = [before, after].map(|row| voltages[[row, node as usize]]);
        assert!(before < 10.0 && after > 10.0, "{node} at {time_ms} ms: {before} {after}");
    }
    let calcium = hdf5::File::open(results.join("calcium.h5")).unwrap();
    assert_eq!(calcium.group("report").unwrap().member_names().unwrap(), ["astrocytes"]);
    let radii = hdf5::File::open(results.join("radii.h5")).unwrap();
    let feet: Vec<u32> = radii.dataset("report/astrocytes/mapping/element_ids").unwrap().read_raw().unwrap();
    assert_eq!(feet.len(), 18);
}

/// Node and time of each spike of the astrocytes, and what was reported of them.
fn found(results: &Path) -> (Vec<u64>, Vec<f64>, [Vec<f32>; 3]) {
    let spikes = hdf5::File::open(results.join("out.h5")).unwrap().group("spikes/astrocytes").unwrap();
    let reported = ["both.h5", "calcium.h5", "radii.h5"].map(|file| {
        hdf5::File::open(results.join(file)).unwrap().dataset("report/astrocytes/data").unwrap().read_raw().unwrap()
    });
    let [nodes, times] = ["node_ids", "timestamps"].map(|name| spikes.dataset(name).unwrap());
    (nodes.read_raw().unwrap(), times.read_raw().unwrap(), reported)
}

#[test]
fn a_run_that_goes_on_tells_the_same_of_astrocytes_as_a_whole_one() {
    let reports = json!({
        "both": report("compartment", "All", "v", "soma"),
        "calcium": report("compartment", "Astrocytes", "cadifus.cai", "all"),
    });
    let run = |parts: &[&[&str]]| {
        let parent = tempfile::tempdir().unwrap();
        let path = demo(parent.path(), true, &reports);
        for part in parts {
            let (fine, told) = msr(part, &path);
            assert!(fine, "{part:?}: {told}");
        }
        found(&path.join("RESULTS"))
    };
    let whole = run(&[&["compute"]]);
    let parts =
        run(&[&["compute", "--set", "run.tstop=20", "--checkpoint-every", "5"], &["resume", "--set", "run.tstop=30"]]);
    let is_before = |time: &f64| *time < 20.0;
    assert!(whole.1.iter().any(is_before) && !whole.1.iter().all(is_before), "{:?}", whole.1);
    assert!(whole == parts, "{:?} {:?}", (&whole.0, &whole.1), (&parts.0, &parts.1));
}

#[test]
fn what_cannot_be_reported_of_astrocytes_is_told() {
    let parent = tempfile::tempdir().unwrap();
    let reports = json!({
        "vessel": report("compartment", "Astrocytes", "vascouplingB.Rad", "all"),
        "calcium": report("compartment", "Astrocytes", "cai", "all"),
    });
    let path = demo(parent.path(), true, &reports);
    let (fine, told) = msr(&["check"], &path);
    assert!(!fine);
    for expected in [
        "reports.vessel: variable 'vascouplingB.Rad' lives on 'endfeet', not on segments; ask for it in multiscale_run reports \
         (get_endfoot_var)",
        "reports.calcium: neurodamus: get_astrocyte_var: unknown var 'cai'",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }

    let parent = tempfile::tempdir().unwrap();
    let path = demo(parent.path(), false, &json!({"both": report("compartment", "All", "v", "soma")}));
    let (fine, told) = msr(&["compute", "--set", "run.tstop=1"], &path);
    assert!(fine, "{told}");
    let expected = "reports.both: 'astrocytes' is left out, astrocytes of this model have no segments";
    assert!(told.contains(expected), "{told}");
    let spikes = hdf5::File::open(path.join("RESULTS/out.h5")).unwrap();
    assert_eq!(spikes.group("spikes").unwrap().member_names().unwrap(), ["neocortex_neurons"]);
}
