//! `parent_config_path`, values of the command line, and what is remembered of both.

use std::fs;
use std::path::Path;

use msr_config::{Override, SimulationConfig, Source};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A directory with these files.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let file = directory.path().join(name);
        fs::create_dir_all(file.parent().expect("it lies in the directory")).expect("a directory is made");
        fs::write(file, text).expect("a file is written");
    }
    directory
}

fn load(directory: &Path, overrides: &[&str]) -> Result<SimulationConfig, String> {
    let overrides: Vec<Override> = overrides.iter().map(|text| text.parse().expect("an override")).collect();
    SimulationConfig::load_with(directory, &overrides)
        .map_err(|problems| problems.to_string().replace(&directory.display().to_string(), "D"))
}

const BASE: &str = r#"{
  "network": "circuit.json",
  "run": {"tstop": 100, "dt": 0.025, "random_seed": 1},
  "output": {"output_dir": "base_results"},
  "multiscale_run": {
    "with_metabolism": true,
    "mesh_path": "mesh.msh",
    "metabolism": {"ndts": 400, "solver_kwargs": {"rtol": 1e-6}},
    "connections": [
      {"src_simulator": "neurodamus", "src_get_func": "get_var", "src_get_kwargs": {"var": "ina", "weight": "area"},
       "dest_simulator": "metabolism", "dest_set_func": "set_parameters_idxs", "dest_set_kwargs": {"idxs": "ina_density"},
       "action": "set"}
    ]
  }
}"#;

#[test]
fn cells_of_bmtk_are_made_as_the_run_says() {
    let directory = directory(&[("simulation_config.json", BASE), ("circuit.json", "{}")]);
    let bmtk = |overrides: &[&str]| load(directory.path(), overrides).unwrap().run.bmtk;
    let usual = bmtk(&[]);
    assert_eq!((usual.dl_um, usual.is_import_old), (20.0, false));
    let told = bmtk(&["run.dL=12.5", "run.use_old_import3d=true"]);
    assert_eq!((told.dl_um, told.is_import_old), (12.5, true));
}

#[test]
fn a_chain_of_files_is_one_configuration() {
    let directory = directory(&[
        ("base/simulation_config.json", BASE),
        ("base/circuit.json", "{}"),
        ("middle.json", r#"{"parent_config_path": "base/simulation_config.json", "run": {"tstop": 50}}"#),
        (
            "simulation_config.json",
            "{\"parent_config_path\": \"$dir/middle.json\", \"dir\": \".\",\n \"run\": {\"tstop\": 25},\n \
             \"multiscale_run\": {\"metabolism\": {\"ndts\": 200}}}",
        ),
    ]);
    let path = directory.path();
    let config = load(path, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((config.run.tstop_ms, config.run.dt_ms), (25.0, 0.025));
    // Relative paths count from the file that has them.
    assert_eq!(config.network, path.join("base/circuit.json"));
    assert_eq!(config.output.output_dir, path.join("base/base_results"));
    let run = config.multiscale.as_ref().unwrap();
    assert_eq!(run.mesh_path.as_deref(), Some(path.join("base/mesh.msh").as_path()));
    let metabolism = run.metabolism.as_ref().unwrap();
    assert_eq!((metabolism.ndts, &metabolism.solver_kwargs["rtol"]), (200, &json!(1e-6)));
    assert_eq!(config.document.get("parent_config_path"), None);

    let told = |key: &str| config.provenance.iter().find(|entry| entry.key == key).unwrap_or_else(|| panic!("{key}"));
    let place = |source: &Source| match source {
        Source::File { path: file, line, .. } => format!("{}:{line}", file.strip_prefix(path).unwrap().display()),
        Source::CommandLine => "--set".to_owned(),
    };
    let tstop = told("run.tstop");
    assert_eq!((&tstop.value, place(&tstop.source)), (&json!(25), "simulation_config.json:2".to_owned()));
    let replaced: Vec<_> = tstop.replaced.iter().map(|(value, source)| (value.clone(), place(source))).collect();
    assert_eq!(
        replaced,
        [(json!(50), "middle.json:1".to_owned()), (json!(100), "base/simulation_config.json:3".to_owned())]
    );
    let dt = told("run.dt");
    assert_eq!((place(&dt.source), dt.replaced.len()), ("base/simulation_config.json:3".to_owned(), 0));
    assert_eq!(place(&told("multiscale_run.connections").source), "base/simulation_config.json:9");
}

#[test]
fn a_section_inherits_from_a_section_or_from_a_whole_file() {
    let own = |parent: &str| {
        format!(
            r#"{{"network": "c.json", "run": {{"tstop": 7, "dt": 0.1, "random_seed": 0}},
                    "multiscale_run": {{"parent_config_path": "{parent}", "with_metabolism": false}}}}"#
        )
    };
    let bare = r#"{"with_metabolism": true, "metabolism": {"ndts": 300}}"#;
    for (parent, ndts) in [("bare.json", 300), ("whole.json", 400)] {
        let directory = directory(&[
            ("simulation_config.json", &own(parent)),
            ("bare.json", bare),
            ("whole.json", BASE),
            ("c.json", "{}"),
        ]);
        let config = load(directory.path(), &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let run = config.multiscale.unwrap();
        assert_eq!((run.with_metabolism, run.metabolism.unwrap().ndts), (false, ndts));
        assert_eq!(config.run.tstop_ms, 7.0);
    }
}

#[test]
fn mistakes_are_told_where_they_stand() {
    let directory = directory(&[
        ("c.json", "{}"),
        ("simulation_config.json", r#"{"parent_config_path": "p.json", "network": "c.json", "run": {"tstop": [1]}}"#),
        ("p.json", "{\"run\": {\"tstop\": 1,\n \"dt\": -1, \"random_sed\": 1}}"),
    ]);
    let expected = "D/simulation_config.json:1:72: run.tstop: is a list, but what it replaces is the number 1 (D/p.json:1)\n\
                    D/simulation_config.json:1:72: run.tstop: must be a number not less than 0, found a list\n\
                    D/p.json:2:8: run.dt: must be a number greater than 0, found the number -1\n\
                    D/p.json:2:12: run.random_sed: unknown key 'random_sed' (did you mean 'random_seed'?)";
    assert_eq!(load(directory.path(), &[]).unwrap_err(), expected);
}

#[test]
fn circles_and_absent_parents_are_refused() {
    let run = r#""network": "c.json", "run": {"tstop": 1, "dt": 0.1, "random_seed": 0}"#;
    let own = format!(r#"{{"parent_config_path": "a.json", {run}}}"#);
    let circle = directory(&[
        ("simulation_config.json", &own),
        ("c.json", "{}"),
        ("a.json", r#"{"parent_config_path": "simulation_config.json"}"#),
    ]);
    assert_eq!(
        load(circle.path(), &[]).unwrap_err(),
        "D/a.json:1:24: parent_config_path: files inherit from one another in a circle: D/simulation_config.json -> D/a.json \
         -> D/simulation_config.json"
    );
    let absent = directory(&[("simulation_config.json", &own), ("c.json", "{}"), ("aa.json", "{}")]);
    assert_eq!(
        load(absent.path(), &[]).unwrap_err(),
        "D/simulation_config.json:1:24: parent_config_path: file not found: D/a.json (did you mean 'aa.json'?)"
    );
    let broken = directory(&[("simulation_config.json", &own), ("c.json", "{}"), ("a.json", "{\n,}")]);
    assert!(load(broken.path(), &[]).unwrap_err().starts_with("D/a.json:2:1: no valid JSON"));
}

#[test]
fn the_command_line_wins_and_is_remembered() {
    let directory = directory(&[("simulation_config.json", BASE), ("circuit.json", "{}")]);
    let set = [
        "multiscale_run.metabolism.ndts=200",
        "multiscale_run.connections[0].ndts=800",
        "multiscale_run.connections.0.src_get_kwargs.var=ik",
        "run.tstop=5",
        "run.tstop=6",
        "output.log_file=log.txt",
    ];
    let config = load(directory.path(), &set).unwrap_or_else(|problems| panic!("{problems}"));
    let run = config.multiscale.as_ref().unwrap();
    assert_eq!((run.metabolism.as_ref().unwrap().ndts, run.connections[0].ndts), (200, Some(800)));
    assert_eq!(run.connections[0].src_get.kwargs["var"], "ik");
    assert_eq!((config.run.tstop_ms, &config.document["run"]["tstop"]), (6.0, &json!(6)));
    let told: Vec<(&str, &Value, usize)> =
        config.provenance.iter().map(|entry| (entry.key.as_str(), &entry.value, entry.replaced.len())).collect();
    assert_eq!(
        told,
        [
            ("run.tstop", &json!(6), 2),
            ("output.log_file", &json!("log.txt"), 0),
            ("multiscale_run.metabolism.ndts", &json!(200), 1),
            ("multiscale_run.connections[0].src_get_kwargs.var", &json!("ik"), 1),
            ("multiscale_run.connections[0].ndts", &json!(800), 0),
        ]
    );
    let ndts = &config.provenance[2];
    assert_eq!(ndts.source, Source::CommandLine);
    let (before, Source::File { line, .. }) = &ndts.replaced[0] else { panic!("{ndts:?}") };
    assert_eq!((before, *line), (&json!(400), 8));
}

/// A list that takes the place of a parent's is one value, and what the command line changes in it another.
#[test]
fn the_command_line_is_seen_in_a_list_that_replaced_another() {
    let child = r#"{"parent_config_path": "base.json", "multiscale_run": {"with_steps": false, "connections": []}}"#;
    let mut child: Value = serde_json::from_str(child).unwrap();
    let mut connections = serde_json::from_str::<Value>(BASE).unwrap()["multiscale_run"]["connections"].clone();
    connections[0]["ndts"] = json!(1600);
    child["multiscale_run"]["connections"] = connections;
    let directory =
        directory(&[("base.json", BASE), ("circuit.json", "{}"), ("simulation_config.json", &child.to_string())]);
    let config = load(directory.path(), &["multiscale_run.connections[0].ndts=800"]).unwrap();
    assert_eq!(config.multiscale.as_ref().unwrap().connections[0].ndts, Some(800));
    let told = |key: &str| config.provenance.iter().find(|entry| entry.key == key);
    let list = told("multiscale_run.connections").expect("the list replaced that of the parent");
    assert_eq!(list.replaced.len(), 1);
    let ndts = told("multiscale_run.connections[0].ndts").expect("the command line changed it");
    assert_eq!((&ndts.source, &ndts.value, &ndts.replaced[0].0), (&Source::CommandLine, &json!(800), &json!(1600)));
}

#[test]
fn mistakes_of_the_command_line_name_it() {
    let directory = directory(&[("simulation_config.json", BASE), ("circuit.json", "{}")]);
    let refused = |set: &[&str]| load(directory.path(), set).unwrap_err();
    for (set, expected) in [
        (
            "multiscale_run.metabolims.ndts=200",
            "--set multiscale_run.metabolims: unknown key 'metabolims' (did you mean 'metabolism'?)",
        ),
        (
            "multiscale_run.metabolism.ndts=0",
            "--set multiscale_run.metabolism.ndts: must be an integer from 1 to 4294967295 (base steps of run.dt), found the \
             number 0",
        ),
        ("run.dt=fast", "--set run.dt: must be a number greater than 0, found the text \"fast\""),
        ("run.dt.x=1", "--set run.dt.x: 'run.dt' is the number 0.025 and has no key 'x'"),
        (
            "multiscale_run.connections[1].ndts=1",
            "--set multiscale_run.connections[1]: 'multiscale_run.connections' is a list of one item, \
             'multiscale_run.connections[0]'",
        ),
    ] {
        assert_eq!(refused(&[set]), expected);
    }
    // A note in a file is harmless, but who types an unknown key wants an effect.
    assert!(refused(&["run.colour=red"]).starts_with("--set run.colour: unknown key 'colour'; available: "));
    assert_eq!(refused(&["run.dt=-1", "run.tstop=-2"]).lines().count(), 2);
}
