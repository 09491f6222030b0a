//! `msr-cli plan`: what it says is what a run then does.

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
    crate::bundled::init(&path);
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
    crate::bundled::init(&path);
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
fn matrices_are_exported_with_their_names_and_sums() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
    let folder = directory.path().join("matrices/here");
    let out = folder.to_str().unwrap();
    let printed = succeeds(&["plan", path.to_str().unwrap(), "--export-mappings", out]);
    assert!(
        printed.contains("mapping      segments > tetrahedra: ") && printed.contains(", 100 % lies inside"),
        "{printed}"
    );
    assert!(!path.join("RESULTS").exists());

    let (plan, _) = crate::bundled::plan(&path);
    let table = fs::read_to_string(folder.join("matrices.csv")).unwrap();
    let mut rows = table.lines();
    let header: Vec<&str> = rows.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split(',').collect()).collect();
    let of = |row: &[&str], column: &str| row[header.iter().position(|name| *name == column).unwrap()].to_owned();
    let names: Vec<String> = rows.iter().map(|row| of(row, "name")).collect();
    for expected in msr_coupling::space_graph::matrix_names().chain(["segments_in_tetrahedra", "connection_9"]) {
        assert!(names.iter().any(|name| name == expected), "{expected} in {names:?}");
    }
    for row in &rows {
        let name = of(row, "name");
        let text = fs::read_to_string(folder.join(format!("{name}.mtx"))).unwrap();
        let read = sprs::io::read_matrix_market_from_bufread::<f64, usize, _>(&mut text.as_bytes()).unwrap();
        let read = read.to_csr::<usize>();
        let number = |column: &str| of(row, column).parse::<f64>().unwrap();
        let shape = (number("row_count") as usize, number("column_count") as usize);
        assert_eq!((read.shape(), read.nnz()), (shape, number("entries") as usize), "{name}");
        let sums: Vec<f64> = read.outer_iterator().map(|row| row.data().iter().sum()).collect();
        let least = sums.iter().copied().fold(f64::INFINITY, f64::min);
        assert!((least - number("least_row_sum")).abs() < 1e-9, "{name}: {least}");
        for (side, space) in [("rows", of(row, "rows")), ("columns", of(row, "columns"))] {
            let len = plan.spaces().space(&space).unwrap().len();
            let comment = format!("\n% {side}: {space}, {len} elements in the order of space_{space}.csv\n");
            assert!(text.contains(&comment), "{name}: {comment}");
            let elements = fs::read_to_string(folder.join(format!("space_{space}.csv"))).unwrap();
            assert_eq!(elements.lines().count(), 1 + len, "{space}");
        }
        if let Some(matrix) = plan.spaces().matrix(&name) {
            assert_eq!(read, matrix, "{name}");
        }
    }
    let first = fs::read_to_string(folder.join("connection_0.mtx")).unwrap();
    assert!(
        first.contains(
            "% connection_0: multiscale_run.connections[0]: values of segments become those of neurons, 'mA/cm2' to "
        ),
        "{}",
        &first[..300]
    );
}

#[test]
fn rates_that_meet_rarely_are_said_by_plan_and_check() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    crate::bundled::init(&path);
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
