//! `msr-cli plan`: what it says is what a run then does.

mod bundled;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

fn msr(arguments: &[&str]) -> Output {
    Command::cargo_bin("msr-cli").unwrap().args(arguments).output().unwrap()
}

fn succeeds(arguments: &[&str]) -> String {
    let output = msr(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn planned(directory: &Path, further: &[&str]) -> Value {
    let mut arguments = vec!["plan", "--json", directory.to_str().unwrap()];
    arguments.extend(further);
    serde_json::from_str(&succeeds(&arguments)).unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap_or_else(|| panic!("{key} in {value}"))
}

/// Base steps at which something happens, by the timetable: what, and the position or name of it.
fn steps(plan: &Value, what: &str, which: &Value) -> BTreeSet<u64> {
    let number = |row: &Value, key: &str| row[key].as_u64().unwrap();
    let rows = list(&plan["timetable"], "rows").iter().filter(|row| list(row, what).contains(which));
    let stops = rows.flat_map(|row| (0..number(row, "count")).map(|i| number(row, "first") + i * number(row, "every")));
    stops.collect()
}

#[test]
fn the_timetable_is_that_of_the_bundled_circuit() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    bundled::init(&path);
    let plan = planned(&path, &[]);
    assert_eq!(plan["timetable"]["period"], 400);
    let every = |step: u64| (1..=400 / step).map(|i| i * step).collect::<BTreeSet<u64>>();
    assert_eq!(steps(&plan, "advance", &json!("steps")), every(100));
    assert_eq!(steps(&plan, "advance", &json!("metabolism")), every(400));
    // The amount that flows into the mesh is not handed over before the first window; everything else is, at the start.
    let connections = list(&plan, "connections");
    for (position, connection) in connections.iter().enumerate() {
        let mut expected = every(connection["ndts"].as_u64().unwrap());
        if connection["action"] != "sum" {
            expected.insert(0);
        }
        assert_eq!(steps(&plan, "sync", &json!(position)), expected, "{connection}");
        assert!(connection["covered_fraction"].as_f64().unwrap() > 0.0);
    }
    let flow = connections.iter().find(|it| it["source"] == "bloodflow get_flows").unwrap();
    assert_eq!(flow["path"], json!(["vessel_segments", "tetrahedra", "segments", "neurons"]));
    assert_eq!((&flow["source_unit"], &flow["destination_unit"]), (&json!("um3/s"), &json!("1/s")));

    // The same, to be read.
    let text = succeeds(&["plan", path.to_str().unwrap()]);
    for expected in [
        "period       10 ms (400 base steps), 10 times in this run",
        "advance neurodamus, bloodflow, steps, metabolism; sync #0-#9; record",
        "9 times, every 4: advance neurodamus; record r0",
        "vessel_segments > tetrahedra > segments > neurons [um3/s] to [1/s] by abs(tetXbfFlowsMat.dot(vals)) * 3.5e-7",
        "set the same value (metabolism set_vm_idxs {\"idxs\":\"K_out\"}); the later one wins",
    ] {
        assert!(text.contains(expected), "'{expected}' in\n{text}");
    }
    assert!(!path.join("RESULTS").exists());
}

/// Bytes of the datasets of a report: values, and what tells which node and time each belongs to.
fn dataset_bytes(file: &Path) -> u64 {
    let file = hdf5::File::open(file).unwrap();
    let mut bytes = 0;
    for population in file.group("report").unwrap().groups().unwrap() {
        for name in ["data", "mapping/node_ids", "mapping/index_pointers", "mapping/element_ids", "mapping/time"] {
            let dataset = population.dataset(name).unwrap();
            bytes += (dataset.size() * dataset.dtype().unwrap().size()) as u64;
        }
    }
    bytes
}

#[test]
fn the_size_of_the_results_is_exact_and_rows_are_where_they_were_planned() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    bundled::init(&path);
    let short = ["--set", "run.tstop=15"];
    let plan = planned(&path, &short);
    let mut arguments = vec!["compute", path.to_str().unwrap()];
    arguments.extend(short);
    succeeds(&arguments);
    let mut sum = 0;
    for report in list(&plan, "reports") {
        let name = report["name"].as_str().unwrap().rsplit('.').next().unwrap();
        let bytes = dataset_bytes(&path.join("RESULTS").join(format!("{name}.h5")));
        assert_eq!(report["bytes"], bytes, "{name}");
        sum += bytes;
    }
    assert_eq!(plan["bytes"]["results"], sum);
    let ledger: Value = serde_json::from_str(&fs::read_to_string(path.join("RESULTS/ledger.json")).unwrap()).unwrap();
    for (position, entry) in ledger.as_array().unwrap().iter().enumerate() {
        // 600 base steps: one period of 400 from the start, and half of the next.
        let planned = steps(&plan, "sync", &json!(position));
        let again = planned.iter().filter(|&&idts| idts > 0 && 400 + idts <= 600).count();
        assert_eq!(entry["count"].as_u64(), Some((planned.len() + again) as u64), "{entry}");
    }
}

#[test]
fn rates_that_meet_rarely_are_said_by_plan_and_check() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    bundled::init(&path);
    let rates = ["--set", "multiscale_run.steps.ndts=101", "--set", "multiscale_run.steps.reports={}"];
    for command in ["plan", "check"] {
        let mut arguments = vec![command, path.to_str().unwrap()];
        arguments.extend(rates);
        let text = succeeds(&arguments);
        let expected = "multiscale_run.connections[8]: made once, at the start: it is due every 1010 ms (steps steps every \
                        2.525 ms, metabolism every 10 ms), and the run ends at 100 ms";
        assert!(text.contains(expected), "{text}");
        if command == "plan" {
            assert!(text.contains("longer than the run; the run, stop by stop:"), "{text}");
        }
    }
}
