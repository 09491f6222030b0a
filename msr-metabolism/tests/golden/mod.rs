//! Reference data of the published model, where they are at hand.

use std::path::PathBuf;

/// A table of the reference: header, then rows. `None` (with a word about it) where the data are not at hand.
pub fn table(name: &str) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let path: PathBuf =
        [concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"), "reference", "metabolism", name].iter().collect();
    if !path.exists() {
        println!("skipped: no shared reference data");
        return None;
    }
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    Some((header, rows))
}

/// Numbers of the columns whose header starts with `prefix`.
#[allow(dead_code)]
pub fn numbers(header: &[String], row: &[String], prefix: &str) -> Vec<f64> {
    header.iter().zip(row).filter(|(name, _)| name.starts_with(prefix)).map(|(_, text)| text.parse().unwrap()).collect()
}
