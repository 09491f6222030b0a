//! The simulations that the original ships for its `tiny_CI`, of both generations, on the bundled circuit.
//!
//! Their `simulation_config.json` is taken as it is: only the circuit that it names is ours. Its copy in `published/` holds
//! what of it has a meaning here; where the reference circuits are, the file itself is run, too.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/circuits/msr_tiny_CI_configs");

/// A generation of files: its folder among the reference circuits, our copy, keys of the connections that merge ATP and that
/// carry vessel radii.
struct Generation {
    folder: &'static str,
    facts: &'static str,
    merge: &'static str,
    /// Connections, and those of them between neurons and metabolism.
    connections: [usize; 2],
}

const EVENTS: Generation = Generation {
    folder: "generation_events_0.8",
    facts: include_str!("published/events.json"),
    merge: "multiscale_run.connections.after_metabolism_advance[2]",
    connections: [11, 6],
};

const FLAT: Generation = Generation {
    folder: "generation_flat_0.9.0",
    facts: include_str!("published/flat.json"),
    merge: "multiscale_run.connections[2]",
    connections: [9, 6],
};

const ALL_FOUR: [&str; 4] = ["--set", "multiscale_run.with_steps=true", "--set", "multiscale_run.with_bloodflow=true"];

fn msr(arguments: &[&str]) -> Output {
    Command::cargo_bin("msr-cli").unwrap().args(arguments).output().unwrap()
}

fn succeeds(arguments: &[&str]) -> String {
    let output = msr(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The bundled circuit with a simulation of the original.
struct Published {
    _directory: TempDir,
    path: PathBuf,
}

impl Published {
    fn new(simulation: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tiny_CI");
        succeeds(&["init", "--no-check", path.to_str().unwrap()]);
        fs::write(path.join("simulation_config.json"), simulation).unwrap();
        Self { _directory: directory, path }
    }

    fn run(&self, command: &str, settings: &[&str]) -> String {
        succeeds(&[&[command, self.path.to_str().unwrap()], settings].concat())
    }

    /// The ledger's entries by connection, of the last run.
    fn ledger(&self) -> BTreeMap<String, Value> {
        let text = fs::read_to_string(self.path.join("RESULTS/ledger.json")).unwrap();
        let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
        entries.into_iter().map(|entry| (entry["connection"].as_str().unwrap().to_owned(), entry)).collect()
    }

    fn rows(&self, file: &str) -> Vec<Vec<f64>> {
        let file = hdf5::File::open(self.path.join("RESULTS").join(file)).unwrap();
        let population = file.group("report").unwrap().groups().unwrap().remove(0);
        let data = population.dataset("data").unwrap().read_2d::<f32>().unwrap();
        data.outer_iter().map(|row| row.iter().map(|&value| f64::from(value)).collect()).collect()
    }

    fn spiking(&self) -> usize {
        let file = hdf5::File::open(self.path.join("RESULTS/out.h5")).unwrap();
        let ids = file.dataset("spikes/neocortex_neurons/node_ids").unwrap().read_1d::<u64>().unwrap();
        ids.into_iter().collect::<std::collections::BTreeSet<_>>().len()
    }
}

/// The published file, where it is.
fn reference(generation: &Generation) -> Option<String> {
    let file = Path::new(REFERENCE).join(generation.folder).join("simulation_config.json");
    if !file.is_file() {
        println!("skipped: no shared reference data");
        return None;
    }
    Some(fs::read_to_string(file).unwrap())
}

/// From `check` to results, as shipped: neurons and metabolism.
fn runs_as_shipped(generation: &Generation, simulation: &str) {
    let published = Published::new(simulation);
    assert!(published.run("check", &[]).contains("no mistakes found"));
    let plan: Value = serde_json::from_str(&published.run("plan", &["--json"])).unwrap();
    assert_eq!(plan["connections"].as_array().map(Vec::len), Some(generation.connections[1]), "{plan:#}");
    let summary = published.run("compute", &[]);
    assert!(summary.contains("10 of 10 alive"), "{summary}");
    assert_eq!(published.spiking(), 10, "the inputs make all neurons fire");
    let ledger = published.ledger();
    assert_eq!(ledger.len(), generation.connections[1]);
    for entry in ledger.values() {
        assert!(entry["count"].as_u64() > Some(1) && entry["non_finite"] == 0, "{entry}");
    }
    // Neurons that fire take sodium up and use ATP.
    let range = |key: &str| ["minimum", "maximum"].map(|bound| ledger[key][bound].as_f64().unwrap());
    let [least, most] = range(generation.merge);
    assert!(least > 1.2 && least < most && most < 1.3847, "ATP {least} to {most} mM");
    let sodium = ledger.values().find(|entry| entry["source"].as_str().unwrap().contains("\"nai\"")).unwrap();
    assert!(sodium["maximum"].as_f64() > Some(10.1), "{sodium}");
}

/// All four simulators.
fn runs_with_all_four(generation: &Generation, simulation: &str) {
    let published = Published::new(simulation);
    assert!(published.run("check", &ALL_FOUR).contains("no mistakes found"));
    let plan: Value = serde_json::from_str(&published.run("plan", &[&ALL_FOUR[..], &["--json"]].concat())).unwrap();
    assert_eq!(plan["connections"].as_array().map(Vec::len), Some(generation.connections[0]), "{plan:#}");
    let summary = published.run("compute", &ALL_FOUR);
    assert!(summary.contains("10 of 10 alive") && summary.contains("flow is conserved"), "{summary}");
    let ledger = published.ledger();
    assert_eq!(ledger.len(), generation.connections[0]);
    let of = |destination: &str| {
        let entry = ledger.values().find(|entry| entry["destination"].as_str().unwrap().starts_with(destination));
        entry.unwrap_or_else(|| panic!("something goes to {destination}")).clone()
    };
    let inflow = ledger.values().find(|entry| entry["source"] == "bloodflow get_flows").unwrap();
    assert!(inflow["minimum"].as_f64() > Some(0.0), "blood reaches every neuron: {inflow}");
    if generation.folder == EVENTS.folder {
        let radii = of("bloodflow set_radii");
        assert!(radii["minimum"].as_f64() > Some(1.0) && radii["maximum"].as_f64() < Some(20.0), "{radii}");
        let potassium = of("steps add_curr_to_conc");
        let amount = |part: &str| potassium[part].as_f64().unwrap();
        let accounted = amount("received") + amount("outside") + amount("excluded");
        assert!((accounted / amount("sent") - 1.0).abs() < 1e-12, "{potassium}");
        let mesh = ledger.values().find(|entry| entry["source"].as_str().unwrap().starts_with("steps")).unwrap();
        assert!(mesh["maximum"].as_f64() > Some(3.0), "potassium that left the neurons is in the mesh: {mesh}");
    }
}

#[test]
fn events_run_as_shipped() {
    runs_as_shipped(&EVENTS, EVENTS.facts);
}

#[test]
fn flat_runs_as_shipped() {
    runs_as_shipped(&FLAT, FLAT.facts);
}

#[test]
fn events_run_with_all_four_simulators() {
    runs_with_all_four(&EVENTS, EVENTS.facts);
}

#[test]
fn flat_runs_with_all_four_simulators() {
    runs_with_all_four(&FLAT, FLAT.facts);
}

/// The files themselves, and that our copies say nothing else.
#[test]
fn the_published_files_run() {
    for generation in [&EVENTS, &FLAT] {
        let Some(simulation) = reference(generation) else { return };
        let (theirs, ours): (Value, Value) =
            (serde_json::from_str(&simulation).unwrap(), serde_json::from_str(generation.facts).unwrap());
        assert!(is_part(&ours, &theirs), "{}", generation.folder);
        runs_as_shipped(generation, &simulation);
        runs_with_all_four(generation, &simulation);
    }
}

/// Whether every key of `part` has the same value in `whole`.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|other| is_part(value, other)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(part, whole)| is_part(part, whole))
        }
        _ => part == whole,
    }
}

/// What metabolism makes reaches the neurons: with `set` in the place of `merge` it is thrown away, as in series 0.9.0.
#[test]
fn merging_keeps_what_metabolism_makes() {
    let published = Published::new(FLAT.facts);
    let least_atp = |settings: &[&str]| {
        published.run("compute", &[&["--force", "--set", "run.tstop=100"], settings].concat());
        published.rows("ndam_atpi.h5").last().unwrap().iter().copied().sum::<f64>()
    };
    let merged = least_atp(&[]);
    let set = least_atp(&["--set", "multiscale_run.connections[2].action=set"]);
    assert!(merged > set + 1e-3, "{merged} and {set} mM, summed over the somata");
}

/// Only what the test is about is switched on, and vessels are recorded.
#[test]
fn active_synapses_widen_vessels_and_the_flow_follows() {
    let published = Published::new(EVENTS.facts);
    let reports = r#"multiscale_run.reports.bloodflow={
        "radii": {"src_get_func": "get_radii", "src_get_kwargs": {}, "unit": "um", "file_name": "radii.h5", "when": "after_sync"},
        "flows": {"src_get_func": "get_flows", "src_get_kwargs": {}, "unit": "um^3/s", "file_name": "flows.h5", "when": "after_sync"}}"#;
    let settings = [
        ["--set", "multiscale_run.with_bloodflow=true"],
        ["--set", "multiscale_run.with_metabolism=false"],
        ["--set", "run.tstop=700"],
        ["--set", reports],
    ];
    published.run("compute", &settings.concat());
    let (radii, flows) = (published.rows("radii.h5"), published.rows("flows.h5"));
    let last = radii.last().unwrap();
    let circuit = hdf5::File::open(published.path.join("circuit/networks/nodes/vasculature/nodes.h5")).unwrap();
    let diameter =
        |end: &str| circuit.dataset(&format!("nodes/vasculature/0/{end}_diameter")).unwrap().read_1d::<f32>().unwrap();
    let rest = diameter("start").iter().zip(diameter("end")).map(|(a, b)| f64::from(a + b) / 4.0).collect::<Vec<_>>();
    for (segment, (radius, rest)) in radii[0].iter().zip(&rest).enumerate() {
        assert!((radius / rest - 1.0).abs() < 1e-6, "segment {segment} begins at rest: {radius} {rest} um");
    }
    let widened = last.iter().zip(&radii[0]).filter(|(last, first)| **last > **first * (1.0 + 1e-5)).count();
    let narrowed = last.iter().zip(&radii[0]).filter(|(last, first)| last < first).count();
    assert!((3..=18).contains(&widened) && narrowed == 0, "{widened} of 18 segments with endfeet widened");
    let largest = |row: &[f64]| row.iter().copied().map(f64::abs).fold(0.0, f64::max);
    let change: Vec<f64> = flows.last().unwrap().iter().zip(&flows[0]).map(|(last, first)| last - first).collect();
    assert!(largest(&change) > 1e-6 * largest(&flows[0]), "{} um3/s", largest(&change));
}
