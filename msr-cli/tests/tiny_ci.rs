//! The bundled circuit from `init` to results, all four simulators together.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use assert_cmd::Command;
use hdf5::types::VarLenUnicode;
use tempfile::TempDir;

fn msr(arguments: &[&str]) -> Output {
    Command::cargo_bin("msr-cli").expect("the binary is built").args(arguments).output().expect("it starts")
}

fn succeeds(arguments: &[&str]) -> String {
    let output = msr(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A finished run of the circuit, made once for all tests of this file.
struct Run {
    _directory: TempDir,
    path: PathBuf,
    summary: String,
}

fn run() -> &'static Run {
    static RUN: OnceLock<Run> = OnceLock::new();
    RUN.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("demo");
        let text = path.to_str().expect("the path is text");
        succeeds(&["init", text]);
        let summary = succeeds(&["compute", text]);
        Run { _directory: directory, path, summary }
    })
}

/// A report: data (rows, columns), node of each column, times in ms.
struct Report {
    rows: Vec<Vec<f64>>,
    nodes: Vec<u64>,
    step_ms: f64,
}

fn report(results: &Path, file: &str) -> Report {
    let file = hdf5::File::open(results.join(file)).expect("the report is there");
    let population = file.group("report").unwrap().groups().unwrap().remove(0);
    let data = population.dataset("data").unwrap().read_2d::<f32>().unwrap();
    let nodes = population.dataset("mapping/node_ids").unwrap().read_1d::<u64>().unwrap();
    let pointers = population.dataset("mapping/index_pointers").unwrap().read_1d::<u64>().unwrap();
    let time = population.dataset("mapping/time").unwrap().read_1d::<f64>().unwrap();
    let columns = nodes
        .iter()
        .enumerate()
        .flat_map(|(i, &node)| std::iter::repeat_n(node, (pointers[i + 1] - pointers[i]) as usize));
    Report {
        nodes: columns.collect(),
        rows: data.outer_iter().map(|row| row.iter().map(|&x| f64::from(x)).collect()).collect(),
        step_ms: time[2],
    }
}

fn spikes(results: &Path) -> Vec<(f64, u64)> {
    let file = hdf5::File::open(results.join("out.h5")).expect("the spikes are there");
    let population = file.group("spikes/neocortex_neurons").unwrap();
    let times = population.dataset("timestamps").unwrap().read_1d::<f64>().unwrap();
    let ids = population.dataset("node_ids").unwrap().read_1d::<u64>().unwrap();
    times.into_iter().zip(ids).collect()
}

fn results() -> PathBuf {
    run().path.join("RESULTS")
}

#[test]
fn the_summary_says_what_matters() {
    let summary = &run().summary;
    for expected in ["alive", "spikes", "ATP", "conserv", "results", "neurodamus", "metabolism", "steps", "bloodflow"] {
        assert!(summary.contains(expected), "'{expected}' in\n{summary}");
    }
    assert!(results().join("overview.svg").is_file());
}

#[test]
fn neurons_of_both_kinds_spike_at_plausible_rates() {
    let spikes = spikes(&results());
    let circuit = hdf5::File::open(run().path.join("circuit/networks/nodes/neocortex_neurons/nodes.h5")).unwrap();
    let classes = circuit.dataset("nodes/neocortex_neurons/0/synapse_class").unwrap();
    let classes: Vec<String> =
        classes.read_1d::<VarLenUnicode>().unwrap().iter().map(|class| class.as_str().to_owned()).collect();
    for class in ["EXC", "INH"] {
        let count = spikes.iter().filter(|(_, id)| classes[*id as usize] == class).count();
        assert!(count > 0, "no {class} neuron spiked");
    }
    // 100 ms: above 200 Hz no cortical cell of these kinds fires.
    for id in 0..classes.len() as u64 {
        let count = spikes.iter().filter(|(_, spiking)| *spiking == id).count();
        assert!(count <= 20, "neuron {id}: {count} spikes in 100 ms");
    }
    assert!(spikes.windows(2).all(|pair| pair[0].0 <= pair[1].0), "spikes are sorted by time");
}

#[test]
fn sodium_and_atp_move_with_the_spikes() {
    let sodium = report(&results(), "ndam_nai.h5");
    let spikes = spikes(&results());
    let (first, last) = (&sodium.rows[0], sodium.rows.last().unwrap());
    let rise = |node: u64| {
        let column = sodium.nodes.iter().position(|&of| of == node).unwrap();
        last[column] - first[column]
    };
    let count = |node: u64| spikes.iter().filter(|(_, id)| *id == node).count();
    let mut nodes = sodium.nodes.clone();
    nodes.dedup();
    for &node in &nodes {
        if count(node) > 0 {
            assert!(rise(node) > 0.0, "sodium of neuron {node} after {} spikes: {}", count(node), rise(node));
        }
    }
    let busiest = nodes.iter().copied().max_by_key(|&node| count(node)).unwrap();
    let quietest = nodes.iter().copied().min_by_key(|&node| count(node)).unwrap();
    assert!(count(busiest) > count(quietest));

    let atp = report(&results(), "metab_atpi.h5");
    let fall = |node: usize| atp.rows[0][node] - atp.rows.last().unwrap()[node];
    assert!(atp.rows.iter().flatten().all(|&atp| (1.0..1.44).contains(&atp)), "ATP stays within its pool");
    for node in 0..nodes.len() {
        assert!(fall(node) > 0.0, "ATP of neuron {node} falls by {} mM while it is driven", fall(node));
    }
}

#[test]
fn potassium_rises_where_the_neurons_are() {
    let potassium = report(&results(), "steps_KK.h5");
    let (first, last) = (&potassium.rows[0], potassium.rows.last().unwrap());
    let (mut near, mut far) = (Vec::new(), Vec::new());
    let change: Vec<f64> = first.iter().zip(last).map(|(first, last)| last - first).collect();
    let largest = change.iter().copied().fold(0.0, f64::max);
    for change in change {
        if change > 0.1 * largest { near.push(change) } else { far.push(change) }
    }
    assert!(largest > 0.0 && !near.is_empty() && far.len() > near.len(), "{largest}, {} and {}", near.len(), far.len());
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert!(mean(&near) > 5.0 * mean(&far).abs(), "{} {}", mean(&near), mean(&far));
}

#[test]
fn the_ledger_accounts_for_every_connection() {
    let text = fs::read_to_string(results().join("ledger.json")).unwrap();
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(entries.len(), 10);
    for entry in &entries {
        // Levels are exchanged at the start, too.
        let windows = (100.0 / entry["period_ms"].as_f64().unwrap()).round() as u64;
        let count = if entry["action"] == "sum" { windows } else { windows + 1 };
        assert_eq!((&entry["count"], &entry["non_finite"]), (&count.into(), &0.into()), "{entry}");
        assert!(entry["minimum"].as_f64() <= entry["maximum"].as_f64() && entry["minimum"].is_f64(), "{entry}");
    }
    let potassium = entries.iter().find(|entry| entry["action"] == "sum").expect("potassium goes into the mesh");
    let amount = |part: &str| potassium[part].as_f64().unwrap();
    let accounted = amount("received") + amount("outside") + amount("excluded");
    assert!(amount("sent") > 0.0 && (accounted / amount("sent") - 1.0).abs() < 1e-12, "{potassium}");
    assert_eq!(potassium["amount_unit"], "mA/cm2*um2");
}

#[test]
fn blood_reaches_every_neuron_and_flow_is_conserved() {
    let inflow = report(&results(), "metab_bf_Fin.h5");
    assert!(inflow.rows.last().unwrap().iter().all(|&flow| flow > 0.0), "{:?}", inflow.rows.last());
    let summary = &run().summary;
    let line = summary.lines().find(|line| line.contains("conserv")).expect("conservation is summed up");
    let residual = line.split_whitespace().find_map(|word| word.parse::<f64>().ok()).expect("it gives a number");
    assert!(residual < 1e-10, "{line}");
}

#[test]
fn rows_are_those_of_the_time_grid() {
    let voltage = report(&results(), "ndam_v.h5");
    assert_eq!((voltage.rows.len(), voltage.step_ms), (1000, 0.1));
    let metabolism = report(&results(), "metab_atpi.h5");
    assert_eq!((metabolism.rows.len(), metabolism.step_ms), (10, 10.0));
    assert!(voltage.rows[0].iter().all(|&v| v == -65.0), "the first row is the state at the start");
}

/// All datasets of all files of two result directories, bit by bit.
fn same_results(left: &Path, right: &Path) {
    let mut names: Vec<_> = left.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert!(names.len() > 10);
    for name in names {
        let is_data = Path::new(&name).extension().is_some_and(|extension| extension == "h5");
        if is_data && name != "out.h5" {
            let name = name.to_str().unwrap();
            let (left, right) = (report(left, name), report(right, name));
            assert_eq!(left.nodes, right.nodes, "{name}");
            let bits = |report: &Report| report.rows.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
            assert!(bits(&left) == bits(&right), "{name} differs");
        }
    }
    assert_eq!(spikes(left), spikes(right));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("demo");
    succeeds(&["init", "--no-check", path.to_str().unwrap()]);
    let file = path.join("simulation_config.json");
    let mut simulation: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    simulation["run"]["tstop"] = 30.0.into();
    let mut results = Vec::new();
    for threads in ["1", "2"] {
        let name = format!("RESULTS_{threads}");
        simulation["output"]["output_dir"] = name.clone().into();
        fs::write(&file, simulation.to_string()).unwrap();
        succeeds(&["--threads", threads, "compute", path.to_str().unwrap()]);
        results.push(path.join(name));
    }
    same_results(&results[0], &results[1]);
}

#[test]
fn results_are_not_overwritten_unasked() {
    let path = run().path.to_str().unwrap();
    let output = msr(&["compute", path]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--force"));
}

#[test]
fn check_tells_what_lags() {
    let said = succeeds(&["check", run().path.to_str().unwrap()]);
    let note = said.lines().find(|line| line.contains("feedback loop")).expect("neurons and metabolism feed back");
    for lag in [
        "neurodamus -> metabolism by 10 ms (multiscale_run.connections[0] [1] [2]",
        "metabolism -> neurodamus by 10 ms (multiscale_run.connections[2])",
        "neurodamus -> steps by 2.5 ms",
    ] {
        assert!(note.contains(lag), "'{lag}' in {note}");
    }
    let group = "multiscale_run.iterations=[{\"simulators\": [\"neurodamus\", \"metabolism\"]}]";
    let refused = msr(&["check", run().path.to_str().unwrap(), "--set", group]);
    assert_eq!(refused.status.code(), Some(2));
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("connections[2] is a merge between iterated simulators"), "{message}");
}

#[test]
fn variables_are_listed_with_unit_space_and_bounds() {
    let variables = succeeds(&["variables", run().path.to_str().unwrap()]);
    for expected in [
        "  ki [mM] level on segments, greater than 0: potassium inside",
        "  ATP_n [mM] level on neurons, at least 0 and at most 1.44",
        "  KK.current [mA] amount on tetrahedra: ",
        "    read by get_radii, written by set_radii",
    ] {
        assert!(variables.contains(expected), "'{expected}' in\n{variables}");
    }
}

#[test]
fn stats_and_index() {
    let stats = succeeds(&["stats", run().path.to_str().unwrap()]);
    for expected in
        ["neocortex_neurons (biophysical): 10 selected of 10", "layer", "mtype", "etype", "cADpyr", "vasculature"]
    {
        assert!(stats.contains(expected), "'{expected}' in\n{stats}");
    }
    let index = succeeds(&["index", "ATP_n"]);
    assert!(index.contains("UIdx.ATP_n (22): "), "{index}");
    assert_eq!(msr(&["index", "no_such_state"]).status.code(), Some(2));
}

/// The page of a run's results, and the data in it.
fn page(results: &Path) -> (String, serde_json::Value) {
    let page = fs::read_to_string(results.join("report.html")).expect("the page is there");
    let begin = page.find("id=\"data\">").expect("the page holds data") + "id=\"data\">".len();
    let data = &page[begin..begin + page[begin..].find("</script>").expect("they end")];
    let data = serde_json::from_str(data).expect("they are JSON");
    (page, data)
}

#[test]
fn a_page_shows_everything_that_a_run_has_left() {
    let results = run().path.join("RESULTS");
    let said = succeeds(&["post-processing", run().path.to_str().unwrap()]);
    assert_eq!(Path::new(said.trim()), fs::canonicalize(&results).unwrap().join("report.html"));
    let (text, data) = page(&results);
    for outside in ["http://", "https://", "src=", "@import"] {
        let is_name = |at: usize| text[at..].starts_with("http://www.w3.org/2000/svg");
        let found = text.match_indices(outside).find(|&(at, _)| !is_name(at));
        assert!(found.is_none(), "the page asks for {outside} at {found:?}");
    }
    assert_eq!(data["manifest"]["outcome"]["state"], "complete");
    assert!(data["manifest"]["outcome"]["seconds"]["neurodamus"].as_f64().unwrap() > 0.0);
    assert!(data["manifest"]["outcome"]["peak_bytes"].as_u64().is_none_or(|bytes| bytes > 1_000_000));
    assert!(data["manifest"]["inputs"].as_object().unwrap().contains_key("nodes of neocortex_neurons"));
    // The numbers are those of the files.
    let voltage = report(&results, "ndam_v.h5");
    let drawn = data["series"].as_array().unwrap().iter().find(|series| series["name"] == "ndam_v").unwrap();
    assert_eq!(drawn["elements"], voltage.nodes.len());
    let rows = drawn["times"].as_array().unwrap().len();
    let step = voltage.rows.len().div_ceil(rows);
    for (place, row) in voltage.rows.iter().step_by(step).enumerate() {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        let found = drawn["mean"][place].as_f64().unwrap();
        assert!((found - mean).abs() < 1e-4, "{found} for {mean}");
        assert!((drawn["times"][place].as_f64().unwrap() - (place * step) as f64 * voltage.step_ms).abs() < 1e-9);
    }
    assert_eq!(drawn["layers"].as_array().unwrap().len(), 5);
    let spikes: u64 = data["spikes"].as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum();
    assert!(run().summary.contains(&format!("spikes       {spikes} from")), "{}", run().summary);
    let scene = &data["scene"];
    assert_eq!(scene["neurons"].as_array().unwrap().len(), 10);
    let vessels = scene["vessels"]["lines"].as_array().unwrap().len();
    assert_eq!(scene["vessels"]["depths"].as_array().unwrap().len(), vessels);
    let names: Vec<&str> =
        scene["vessels"]["columns"].as_array().unwrap().iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert!(["flows", "pressures", "radii"].iter().all(|name| names.contains(name)), "{names:?}");
    let frames = data["slices"][0]["frames"].as_array().unwrap();
    assert!(frames.len() > 2 && frames.iter().all(|frame| frame["values"].as_array().unwrap().len() > 100));
    assert_eq!(data["ledger"].as_array().unwrap().len(), 10);
}

#[test]
fn a_page_is_made_of_what_a_killed_run_has_left() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("demo");
    let text = path.to_str().expect("the path is text");
    succeeds(&["init", "--no-check", text]);
    assert_eq!(msr(&["post-processing", text]).status.code(), Some(3));
    succeeds(&["compute", text, "--report", "--set", "run.tstop=10"]);
    let results = path.join("RESULTS");
    assert_eq!(page(&results).1["manifest"]["outcome"]["state"], "complete");
    // As it is left where nothing is written at the end; and one file is not what it was.
    let mut manifest: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(results.join("manifest.json")).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("outcome");
    // A path that HTML would take for its own.
    manifest["configuration_file"] = "a/x<!--<script>y/simulation_config.json".into();
    fs::write(results.join("manifest.json"), manifest.to_string()).unwrap();
    fs::remove_file(results.join("ledger.json")).unwrap();
    fs::write(results.join("ndam_v.h5"), "half a file").unwrap();
    let report = hdf5::File::open_rw(results.join("ndam_nai.h5")).unwrap();
    let mapping = report.group("report/neocortex_neurons/mapping").unwrap();
    mapping.unlink("time").unwrap();
    mapping.new_dataset_builder().with_data(&[0.0, 1.0]).create("time").unwrap();
    drop((mapping, report));
    fs::remove_dir_all(path.join("circuit")).unwrap();
    succeeds(&["post-processing", text]);
    let (text, data) = page(&results);
    assert!(data["manifest"]["outcome"].is_null() && data["ledger"].is_null());
    assert!(
        !text.contains("<!--") && data["manifest"]["configuration_file"].as_str().unwrap().contains("<!--<script>")
    );
    let warnings = data["warnings"].to_string();
    assert!(warnings.contains("mapping/time or mapping/index_pointers is damaged"), "{warnings}");
    assert!(warnings.contains("ndam_v.h5: ") && warnings.contains("no drawings of neurons"), "{warnings}");
    assert!(data["series"].as_array().unwrap().len() > 10);
}

#[test]
fn programs_are_told_in_json() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("demo");
    let text = path.to_str().expect("the path is text");
    succeeds(&["init", "--no-check", text]);
    let told = succeeds(&["compute", text, "--json", "--set", "run.tstop=10"]);
    let events: Vec<serde_json::Value> =
        told.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
    let (begin, end) = (&events[0], events.last().unwrap());
    assert_eq!((&begin["event"], &begin["end_ms"]), (&"begin".into(), &10.0.into()));
    assert!(!begin["notes"].as_array().unwrap().is_empty());
    assert_eq!((&end["event"], &end["outcome"]["state"]), (&"end".into(), &"complete".into()));
    assert_eq!(end["outcome"]["simulated_ms"], 10.0);
    assert_eq!(msr(&["compute", text, "--json", "--quiet"]).status.code(), Some(2));
}

#[test]
fn the_manifest_says_what_was_simulated() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("demo");
    let text = path.to_str().expect("the path is text");
    succeeds(&["init", "--no-check", text]);
    let short = ["--set", "run.tstop=0.5", "--set", "multiscale_run.connections[0].ndts=800"];
    let run = |command: &str| msr(&[&[command, text, "--quiet"], &short[..]].concat());
    assert!(run("check").status.success() && run("compute").status.success());
    let manifest = fs::read_to_string(path.join("RESULTS/manifest.json")).expect("the manifest is there");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("it is JSON");
    assert_eq!(manifest["configuration"]["run"]["tstop"], 0.5);
    assert_eq!(manifest["time_grid"]["steps"], 20);
    assert_eq!((&manifest["random_seed"], &manifest["msr_version"]), (&0.into(), &env!("CARGO_PKG_VERSION").into()));
    let entry = &manifest["provenance"][0];
    assert_eq!((&entry["key"], &entry["source"]), (&"run.tstop".into(), &"--set".into()));
    assert_eq!(entry["replaced"][0]["value"], 100.0);
    let file = entry["replaced"][0]["source"].as_str().expect("a place");
    assert!(file.contains("simulation_config.json:"), "{file}");
    // The manifest is a result: it is not replaced unasked.
    assert_eq!(run("compute").status.code(), Some(2));

    let refused = msr(&["check", text, "--set", "multiscale_run.metabolism.ndt=1"]);
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        told.starts_with("--set multiscale_run.metabolism.ndt: unknown key 'ndt' (did you mean 'ndts'?)"),
        "{told}"
    );
}

#[test]
fn as_much_is_told_as_is_asked_for_and_colours_where_they_are_seen() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("demo");
    let text = path.to_str().expect("the path is text");
    succeeds(&["init", "--no-check", text]);
    let compute = ["compute", text, "--force", "--checkpoint-every", "1", "--set", "run.tstop=1"];
    let told = |level: &str| succeeds(&[&compute[..], &["--log-level", level]].concat());
    let parts =
        |said: &str| ["note: ", "  spikes ", "emodel  ", "checkpoint   at 0 ms in "].map(|part| said.contains(part));
    assert_eq!(told("error"), "");
    assert_eq!(parts(&told("warning")), [true, false, false, false]);
    assert_eq!(parts(&told("info")), [true, true, false, false]);
    assert_eq!(parts(&told("debug")), [true, true, true, true]);
    assert_eq!(succeeds(&[&compute[..], &["--quiet"]].concat()), "");
    assert_eq!(msr(&["check", text, "--quiet", "--log-level", "info"]).status.code(), Some(2));
    let notes = succeeds(&["check", text, "--log-level", "warning"]);
    assert!(notes.lines().count() > 1 && notes.lines().all(|line| line.starts_with("note: ")), "{notes}");
    assert_eq!(succeeds(&["plan", text, "--log-level", "warning"]), notes);
    for command in ["check", "plan", "stats", "variables"] {
        assert_ne!(succeeds(&[command, text]), "", "{command}");
        assert_eq!(succeeds(&[command, text, "--quiet"]), "", "{command}");
    }
    assert_eq!(succeeds(&["index", "ATP_n", "--quiet"]), "");
    // What is asked for as a document comes whatever is told beside it.
    for document in [&["plan", text, "--json"][..], &["schema", "simulation"]] {
        let printed = succeeds(&[document, &["--quiet"]].concat());
        assert!(serde_json::from_str::<serde_json::Value>(&printed).is_ok(), "{document:?}: {printed}");
    }

    let escapes = |arguments: &[&str], no_color: bool| {
        let mut command = Command::cargo_bin("msr-cli").unwrap();
        command.args(arguments).env_remove("NO_COLOR");
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let output = command.output().unwrap();
        [output.stdout, output.stderr].map(|stream| stream.contains(&0x1b))
    };
    // A pipe is no terminal; what is asked for goes before the environment.
    assert_eq!(escapes(&["check", text], false), [false, false]);
    assert_eq!(escapes(&["check", text, "--color", "always"], false), [true, false]);
    assert_eq!(escapes(&["check", text, "--color", "always"], true), [true, false]);
    assert_eq!(escapes(&["check", text, "--color=never"], false), [false, false]);
    assert_eq!(escapes(&["check", "nowhere", "--color", "always"], false), [false, true]);
    assert_eq!(escapes(&["check", "nowhere", "--color", "auto"], true), [false, false]);
    assert_eq!(escapes(&["--help", "--color=always"], true), [true, false]);
    assert_eq!(escapes(&["nonsense", "--color", "always"], false), [false, true]);
}

#[test]
fn a_circuit_of_ones_own_gets_a_commented_configuration() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let place = |name: &str| directory.path().join(name).to_str().expect("the path is text").to_owned();
    let (theirs, mine) = (place("theirs"), place("mine"));
    succeeds(&["init", "--no-check", &theirs]);
    let circuit = format!("{theirs}/circuit_config.json");
    let read = |file: &str| -> serde_json::Value { serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap() };

    // All that the circuit has takes part: its neurons have thresholds, layers, astrocytes and vessels.
    let said = succeeds(&["init", &mine, "--circuit", &circuit, "--metabolism", "young"]);
    assert!(said.contains("simulation.sbatch, simulation_config.json, simulation_node_sets.json"), "{said}");
    assert!(said.ends_with(&format!("next: msr-cli compute {mine}\n")), "{said}");
    let configuration = read(&format!("{mine}/simulation_config.json"));
    let multiscale = &configuration["multiscale_run"];
    assert!(configuration["_about"].as_str().unwrap().contains("circuit_config.json"));
    assert!(configuration["_inputs"].as_str().unwrap().contains("threshold_current"));
    assert_eq!(multiscale["metabolism"]["model"], "young");
    assert_eq!(multiscale["with_bloodflow"], true);
    assert_eq!(multiscale["connections"].as_array().unwrap().len(), 10);
    let computed = succeeds(&["compute", &mine, "--set", "run.tstop=10"]);
    assert!(
        computed.contains("10 of 10 neurons fed to the end") && computed.contains("bloodflow    inflow"),
        "{computed}"
    );
    // The circuit is not touched, and a directory with something in it neither.
    assert_eq!(msr(&["init", &mine, "--circuit", &circuit]).status.code(), Some(2));
    succeeds(&["init", &mine, "--circuit", &theirs, "--force", "--no-check"]);

    // Neurons alone: no vessels, no astrocytes, no layers to take the mitochondria from.
    let mut document = read(&circuit);
    let networks = &mut document["networks"];
    networks["nodes"].as_array_mut().unwrap().truncate(1);
    networks["edges"].as_array_mut().unwrap().truncate(1);
    fs::write(format!("{theirs}/neurons.json"), document.to_string()).unwrap();
    let nodes = hdf5::File::open_rw(format!("{theirs}/circuit/networks/nodes/neocortex_neurons/nodes.h5")).unwrap();
    nodes.group("nodes/neocortex_neurons/0").unwrap().unlink("layer").unwrap();
    drop(nodes);
    let alone = place("alone");
    succeeds(&["init", &alone, "--circuit", &format!("{theirs}/neurons.json"), "--metabolism", "young"]);
    let configuration = read(&format!("{alone}/simulation_config.json"));
    let multiscale = &configuration["multiscale_run"];
    assert_eq!((&multiscale["with_bloodflow"], multiscale.get("bloodflow")), (&false.into(), None));
    assert_eq!(multiscale["metabolism"]["parameters"]["mito_scale"], 1.0);
    assert_eq!(read(&format!("{alone}/simulation_node_sets.json"))["All"], serde_json::json!(["Neurons"]));
    succeeds(&["compute", &alone, "--set", "run.tstop=10"]);

    // Nothing to simulate, nothing at all.
    document["networks"]["nodes"][0]["populations"]["neocortex_neurons"]["type"] = "virtual".into();
    fs::write(format!("{theirs}/neurons.json"), document.to_string()).unwrap();
    let nobody = msr(&["init", &place("nobody"), "--circuit", &format!("{theirs}/neurons.json")]);
    let told = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert_eq!(nobody.status.code(), Some(2), "{told}");
    assert!(told.contains("it has: neocortex_neurons (virtual)"), "{told}");
    let unknown = msr(&["init", &place("nobody"), "--circuit", "rat_sscxS1HL_V6"]);
    let told = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert_eq!(unknown.status.code(), Some(2), "{told}");
    assert!(told.contains("neither tiny_CI"), "{told}");
    assert!(!Path::new(&place("nobody")).exists());
}

/// Names of files need not be text.
#[cfg(unix)]
#[test]
fn an_argument_that_is_no_text_is_an_absent_file() {
    use std::os::unix::ffi::OsStrExt;
    let mut command = Command::cargo_bin("msr-cli").unwrap();
    let output = command.arg("check").arg(std::ffi::OsStr::from_bytes(b"a\xffb")).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}
