//! One reference case: a graph with its expected values.

use std::path::PathBuf;

use msr_bloodflow::vasculature::{read_nodes, read_segments};
use msr_bloodflow::{Axis, EntryRule, Settings, Vasculature};
use serde_json::Value;

pub const CASES: [&str; 4] = ["toy", "synA", "synB", "synC"];

/// The directory of the reference data, or `None` after saying so.
pub fn reference() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/reference/bloodflow"));
    if !path.is_dir() {
        println!("skipped: no shared reference data");
        return None;
    }
    Some(path)
}

pub struct Case {
    pub name: String,
    pub path: PathBuf,
    pub vasculature: Vasculature,
    pub expected: Value,
}

impl Case {
    pub fn load(name: &str) -> Option<Self> {
        let path = reference()?.join(name);
        let mut nodes = read_nodes(&path.join("nodes.csv")).unwrap();
        // The generated graphs are stored in single precision, printed with nine digits.
        if name != "toy" {
            let single = |value: &mut f64| *value = f64::from(*value as f32);
            nodes.diameters_um.iter_mut().for_each(single);
            nodes.positions_um.iter_mut().flatten().for_each(single);
        }
        let segments = read_segments(&path.join("edges.csv")).unwrap();
        Some(Self {
            name: name.to_owned(),
            expected: json(&path.join("expected.json")),
            vasculature: Vasculature::new(nodes, segments).unwrap(),
            path,
        })
    }

    pub fn all() -> Vec<Self> {
        CASES.iter().filter_map(|name| Self::load(name)).collect()
    }

    pub fn settings(&self) -> Settings {
        let params = &self.expected["params"];
        let entry = EntryRule {
            count: params["max_nb_inputs"].as_u64().unwrap() as usize,
            depth_ratio: params["depth_ratio"].as_f64().unwrap(),
            axis: Axis::from_number(params["vasc_axis"].as_u64().unwrap()).unwrap(),
        };
        let speed = self.expected["entry_speed_um_per_s"].as_f64().unwrap();
        let mut settings = Settings::new(params["blood_viscosity"].as_f64().unwrap(), entry, speed);
        settings.base_pressure_kpa = params["base_pressure"].as_f64().unwrap();
        settings
    }

    pub fn entry_nodes(&self) -> Vec<usize> {
        numbers(&self.expected["entry_nodes"]).into_iter().map(|node| node as usize).collect()
    }

    pub fn column(&self, file: &str, column: &str) -> Vec<f64> {
        column_of(&self.path.join(file), column)
    }

    pub fn json(&self, file: &str) -> Value {
        json(&self.path.join(file))
    }
}

pub fn json(path: &std::path::Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

pub fn column_of(path: &std::path::Path, column: &str) -> Vec<f64> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let position = reader.headers().unwrap().iter().position(|name| name == column).unwrap();
    reader.records().map(|row| row.unwrap()[position].parse().unwrap_or(f64::NAN)).collect()
}

/// Fails where two columns differ by more than `tolerance * scale` anywhere.
pub fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64, scale: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let worst =
        found.iter().zip(expected).map(|(found, expected)| (found - expected).abs() / scale).fold(0.0, |worst, x| {
            assert!(!f64::is_nan(x), "{what}: no number");
            f64::max(worst, x)
        });
    println!("{what}: largest deviation {worst:e} (limit {tolerance:e})");
    assert!(worst <= tolerance, "{what}: {worst:e}");
}

pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest, value| f64::max(largest, value.abs()))
}

/// A file of the shared circuits.
pub fn circuit_file(path: &str) -> Option<PathBuf> {
    reference()?;
    Some(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/circuits")).join(path))
}
