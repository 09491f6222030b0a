//! The arrows between crates, as `docs/src/architecture.md` draws them.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

const SIMULATORS: [&str; 4] = ["msr-neuro", "msr-steps", "msr-metabolism", "msr-bloodflow"];

fn metadata() -> Metadata {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("the workspace has a manifest")
}

/// Crates of ours that a crate depends on at run time.
fn ours(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let package = metadata.packages.iter().find(|package| package.name == name);
    package
        .unwrap_or_else(|| panic!("there is a crate {name}"))
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal && dependency.name.starts_with("msr-"))
        .map(|dependency| dependency.name.clone())
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn simulators_know_coupling_and_configuration_and_never_one_another() {
    let metadata = metadata();
    assert_eq!(ours(&metadata, "msr-config"), set(&[]));
    assert_eq!(ours(&metadata, "msr-coupling"), set(&["msr-config"]));
    for simulator in SIMULATORS.into_iter().chain(["msr-report"]) {
        assert_eq!(ours(&metadata, simulator), set(&["msr-config", "msr-coupling"]), "{simulator}");
    }
}

#[test]
fn only_files_of_sonata_need_hdf5() {
    let metadata = metadata();
    let direct: BTreeSet<String> = metadata
        .packages
        .iter()
        .filter(|package| {
            package.dependencies.iter().any(|dependency| {
                dependency.name == "hdf5-metno" && !dependency.optional && dependency.kind == DependencyKind::Normal
            })
        })
        .map(|package| package.name.to_string())
        .collect();
    assert_eq!(direct, set(&["msr-report", "msr-cli"]));
}

/// What a crate needs at run time, without development and build dependencies, on this platform.
fn needed_by(name: &str) -> BTreeSet<String> {
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--package", name, "--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline"])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml")])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names are text");
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Whoever takes one simulator for itself needs neither HDF5 nor MPI.
#[test]
fn metabolism_needs_neither_hdf5_nor_mpi() {
    let foreign = |names: &BTreeSet<String>| -> Vec<String> {
        let is_foreign = |name: &&String| name.contains("hdf5") || *name == "mpi" || name.starts_with("mpi-");
        names.iter().filter(is_foreign).cloned().collect()
    };
    let needed = needed_by("msr-metabolism");
    assert!(needed.contains("msr-coupling") && needed.contains("pulp"), "{needed:?}");
    assert_eq!(foreign(&needed), Vec::<String>::new());
    // The question finds what it asks for.
    assert!(!foreign(&needed_by("msr-cli")).is_empty());
}

#[test]
fn concrete_simulators_are_named_in_the_registry_alone() {
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let mut folders = vec![std::path::PathBuf::from(sources)];
    let mut naming = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("sources are readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let simulators = SIMULATORS.map(|simulator| simulator.replace('-', "_") + "::");
            if simulators.iter().any(|simulator| text.contains(simulator.as_str())) {
                let file = path.strip_prefix(sources).expect("it lies in the sources");
                naming.insert(file.to_string_lossy().into_owned());
            }
        }
    }
    // The generator of the bundled circuit writes the e-models of msr-neuro to disk and measures them.
    naming.retain(|file| !file.starts_with("init/"));
    assert_eq!(naming, set(&["registry.rs"]));
}

/// One test program a crate: quick to link and small. A file that nobody names would never run.
#[test]
fn every_test_file_is_part_of_its_crates_test_program() {
    for package in metadata().packages {
        let tests = package.manifest_path.parent().expect("a manifest lies in a folder").join("tests");
        let Ok(entries) = std::fs::read_dir(&tests) else { continue };
        let main = std::fs::read_to_string(tests.join("main.rs")).expect("tests have a main.rs");
        for entry in entries {
            let path = entry.expect("the folder can be read").path();
            let is_module =
                path.extension().is_some_and(|extension| extension == "rs") || path.join("mod.rs").is_file();
            let name = path.file_stem().expect("files have names").to_string_lossy();
            assert!(
                !is_module || name == "main" || main.contains(&format!("mod {name};")),
                "{}: main.rs beside it does not name it",
                path.display()
            );
        }
        let programs = package.targets.iter().filter(|target| target.is_test()).count();
        assert_eq!(programs, 1, "{}: one test program, tests/main.rs", package.name);
    }
}
