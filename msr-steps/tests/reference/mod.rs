//! Where the shared reference data are.

#![allow(dead_code)] // Each test file uses its part.

use std::path::PathBuf;

use serde_json::Value;

/// The directory of the reference data, or `None`, with a word to the reader of the log, where it is absent.
pub fn directory() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/steps"));
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: no shared reference data");
    None
}

/// A reference file, parsed.
pub fn json(name: &str) -> Option<Value> {
    let text = std::fs::read_to_string(directory()?.join(name)).expect("reference file");
    Some(serde_json::from_str(&text).expect("reference file"))
}

/// A list of numbers.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("list").iter().map(|x| x.as_f64().expect("number")).collect()
}

/// A point or vector.
pub fn point(value: &Value) -> [f64; 3] {
    numbers(value).try_into().expect("three numbers")
}
