//! The JSON Schemas agree with the readers.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use msr_config::{CircuitConfig, NodeSets, SimulationConfig, schema};
use serde_json::{Value, json};

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::meta::validate(schema).unwrap_or_else(|error| panic!("{error}"));
    jsonschema::draft202012::new(schema).unwrap_or_else(|error| panic!("{error}"))
}

fn errors(validator: &Validator, document: &Value) -> Vec<String> {
    validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Files of this name below a directory.
fn files_named(name: &str, directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_named(name, &path));
        } else if path.file_name().is_some_and(|file| file.to_string_lossy().contains(name)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Whether the reader takes the text of a file.
type Reader = fn(&str, &Path) -> bool;

#[test]
fn files_that_load_fit_the_schemas() {
    let bundled = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../msr-cli/src/init/templates"));
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data"));
    let directories: Vec<PathBuf> = [bundled, own].into_iter().chain(crate::shared::circuit("")).collect();
    let kinds: [(&str, Value, Reader); 4] = [
        ("simulation_config", schema::simulation(&["oxygen"]), |text, path| {
            SimulationConfig::from_text(text, path).is_ok()
        }),
        ("flat.json", schema::simulation(&["oxygen"]), |text, path| SimulationConfig::from_text(text, path).is_ok()),
        ("circuit_config", schema::circuit(), |text, path| CircuitConfig::from_text(text, path).is_ok()),
        ("node_sets.json", schema::node_sets(), |text, path| NodeSets::from_text(text, path).is_ok()),
    ];
    for (name, schema, loads) in kinds {
        let validator = validator(&schema);
        let files = directories.iter().flat_map(|directory| files_named(name, directory));
        let mut fitting = 0;
        for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
            let text = fs::read_to_string(&file).expect("the file is readable");
            let Ok(document) = serde_json::from_str(&text) else { continue };
            let errors = errors(&validator, &document);
            if loads(&text, &file) {
                assert_eq!(errors, Vec::<String>::new(), "{}", file.display());
                fitting += 1;
            }
        }
        assert!(fitting > 0, "{name}: no file was checked");
    }
}

#[test]
fn editors_are_told_what_a_key_means() {
    let schema = schema::simulation(&[]);
    let run = &schema["$defs"]["run"]["properties"];
    assert_eq!(
        run["spike_threshold"]["description"],
        "Membrane voltage at which a spike is counted. Unit: mV. Default: -30."
    );
    assert_eq!((&run["spike_threshold"]["default"], &run["dt"]["exclusiveMinimum"]), (&json!(-30), &json!(0)));
    assert_eq!(run["integration_method"]["enum"], json!(["euler", "crank_nicolson", "crank_nicolson_ion"]));
    let module = &schema["$defs"]["input"]["properties"]["module"];
    let count = module["enum"].as_array().unwrap().len();
    assert_eq!(module["enumDescriptions"].as_array().unwrap().len(), count);
    assert_eq!(schema["$defs"]["input"]["allOf"].as_array().unwrap().len(), count);
    every_key_is_described(&schema, "");
    for schema in [schema::circuit(), schema::node_sets(), schema::compartment_sets()] {
        validator(&schema);
        every_key_is_described(&schema, "");
    }
}

fn every_key_is_described(schema: &Value, path: &str) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object).filter(|_| !path.ends_with("/if")) {
        for (name, property) in properties {
            let description = property["description"].as_str().unwrap_or_default();
            assert!(description.len() > 10, "{path}/{name} says nothing");
        }
    }
    let inner: Vec<(String, &Value)> = match schema {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        every_key_is_described(value, &format!("{path}/{name}"));
    }
}

/// A document with every key of a schema; `turn` chooses among alternatives.
fn sample(schema: &Value, root: &Value, turn: usize) -> Option<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        return sample(root.pointer(reference.trim_start_matches('#')).expect("a definition"), root, turn);
    }
    if let Some(alternatives) = schema["anyOf"].as_array() {
        return sample(&alternatives[turn % alternatives.len()], root, turn);
    }
    if schema["type"].is_array() {
        let alternatives = schema["allOf"].as_array().expect("alternatives by type");
        return sample(&alternatives[turn % alternatives.len()]["then"], root, turn / alternatives.len());
    }
    if let Some(words) = schema["enum"].as_array() {
        return Some(words[turn % words.len()].clone());
    }
    if schema.get("not").is_some() {
        return None;
    }
    Some(match schema["type"].as_str() {
        Some("object") => object(schema, root, turn),
        Some("array") => Value::Array(sample(&schema["items"], root, turn).into_iter().collect()),
        Some("string") => json!(schema["examples"][turn % 5].as_str().unwrap_or("x.h5")),
        Some("boolean") => json!(turn.is_multiple_of(2)),
        Some("null") => Value::Null,
        Some("number" | "integer") => json!(1),
        _ => json!({"anything": 1}),
    })
}

fn object(schema: &Value, root: &Value, turn: usize) -> Value {
    let mut members = serde_json::Map::new();
    let add = |schema: &Value, members: &mut serde_json::Map<String, Value>| {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            members.extend(sample(property, root, turn).map(|value| (name.clone(), value)));
        }
    };
    add(schema, &mut members);
    for case in schema["allOf"].as_array().into_iter().flatten() {
        let by = case["if"]["properties"].as_object().and_then(|by| by.iter().next()).expect("a deciding key");
        if members.get(by.0) == Some(&by.1["const"]) {
            let reference = case["then"]["$ref"].as_str().expect("a case is a definition");
            add(root.pointer(reference.trim_start_matches('#')).expect("a definition"), &mut members);
            members.insert(by.0.clone(), by.1["const"].clone());
        }
    }
    if let Some(others) = schema.get("additionalProperties").filter(|others| others.is_object()) {
        let name = schema["propertyNames"]["pattern"].as_str().map_or("name", |_| "$name");
        members.extend(sample(others, root, turn).map(|value| (name.to_owned(), value)));
    }
    Value::Object(members)
}

/// A key that the reader asks for and no table lists, or that a table lists and no reader asks for, panics in development;
/// documents with every key, under every alternative, reach all of them.
#[test]
fn readers_and_schemas_know_the_same_keys() {
    let told = |problems: &[msr_config::Problem]| -> Vec<String> {
        problems.iter().map(ToString::to_string).filter(|told| told.contains("unknown key")).collect()
    };
    let (simulation, circuit) = (schema::simulation(&["oxygen"]), schema::circuit());
    // As many turns as the longest list of words, the modules of inputs, has entries.
    for turn in 0..17 {
        let text = sample(&simulation, &simulation, turn).expect("a document").to_string();
        let found = match SimulationConfig::from_text(&text, "f") {
            Ok(config) => told(&config.notes),
            Err(problems) => told(&problems.0),
        };
        assert_eq!(found, Vec::<String>::new(), "{text}");
        let text = sample(&circuit, &circuit, turn).expect("a document").to_string();
        let found = match CircuitConfig::from_text(&text, "f") {
            Ok(config) => told(&config.notes),
            Err(problems) => told(&problems.0),
        };
        assert_eq!(found, Vec::<String>::new(), "{text}");
    }
}
