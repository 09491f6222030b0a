//! One HTML page of everything that a run has left: a file that needs nothing else, for any browser.

mod recorded;
mod scene;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use self::recorded::{Recorded, Spikes};
use self::scene::Column;
pub use self::scene::{Moment, Scene};
use crate::failure::Failure;
use crate::results::{LEDGER_FILE, MANIFEST_FILE, write_whole};

/// The page, in the output directory.
pub const PAGE_FILE: &str = "report.html";

/// Spikes that are drawn at most.
const SPIKES: usize = 100_000;
/// Elements of a report that have a line of their own at most; all of them make the mean.
const TRACES: usize = 8;
/// Moments at which the slice is shown at most.
const FRAMES: usize = 24;

const TEMPLATE: &str = include_str!("assets/page.html");
const STYLE: &str = include_str!("assets/page.css");
const SCRIPT: &str = include_str!("assets/page.js");

/// Writes the page of the results in a directory, whether their run came to its end or not. What cannot be read is said on the
/// page.
pub fn write(results: &Path, scene: &Scene, notes: &[String]) -> Result<PathBuf, Failure> {
    let content = content(results, scene, notes);
    // What begins with `<` could end the element of the data or hide its end.
    let data = content.to_string().replace('<', "\\u003c");
    let page = TEMPLATE.replace("/*STYLE*/", STYLE).replace("/*SCRIPT*/", SCRIPT).replace("/*DATA*/", &data);
    let path = results.join(PAGE_FILE);
    write_whole(&path, &page)?;
    Ok(path)
}

fn content(results: &Path, scene: &Scene, notes: &[String]) -> Value {
    let mut warnings = notes.to_vec();
    let mut read_json = |name: &str| {
        let text = match fs::read_to_string(results.join(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Value::Null,
            text => text.map_err(|error| error.to_string()),
        };
        text.and_then(|text| serde_json::from_str(&text).map_err(|error| error.to_string())).unwrap_or_else(|error| {
            warnings.push(format!("{name}: {error}"));
            Value::Null
        })
    };
    let [manifest, ledger] = [MANIFEST_FILE, LEDGER_FILE].map(&mut read_json);
    let getters = getters(&manifest);
    let mut drawn = scene.clone();
    let is_of = |report: &Recorded, (name, size): &(String, usize)| {
        *size > 0 && report.nodes.len() == *size && report.population == *name
    };
    let (mut spikes, mut all, mut slices, mut on_vessels) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for path in files(results) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let mut take = || -> hdf5::Result<()> {
            spikes.extend(recorded::spikes(&path)?.iter().map(drawn_spikes));
            for report in recorded::reports(&path)? {
                all.push(series(&name, &report, scene));
                if is_of(&report, &scene.tetrahedra) {
                    slices.push(frames(&name, &report, scene));
                }
                if is_of(&report, &scene.vessel_segments) {
                    let values = last_row(&report, scene);
                    let getter = getters.get(&name);
                    let is_it = |column: &&mut Column| getter == Some(&column.getter);
                    if scene.vessels.moment == Moment::Rest
                        && let Some(column) = drawn.vessels.columns.iter_mut().find(is_it)
                    {
                        column.values.clone_from(&values);
                    }
                    on_vessels.push(recorded_column(&name, &report, &values));
                }
            }
            Ok(())
        };
        if let Err(error) = take() {
            warnings.push(format!("{name}.h5: {error}"));
        }
    }
    json!({
        "manifest": without_document(manifest),
        "ledger": ledger,
        "warnings": warnings,
        "spikes": spikes,
        "series": all,
        "slices": slices,
        "recorded_vessels": on_vessels,
        "scene": drawn,
    })
}

/// The HDF5 files of a directory, by name; those of states right after a step are left out.
fn files(results: &Path) -> Vec<PathBuf> {
    let entries = results.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let is_shown = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".h5") && !name.ends_with("_after_adv.h5")
    };
    let mut files: Vec<PathBuf> = entries.filter(is_shown).collect();
    files.sort();
    files
}

/// The manifest without what the page does not show.
fn without_document(mut manifest: Value) -> Value {
    if let Some(members) = manifest.as_object_mut() {
        members.remove("configuration");
    }
    manifest
}

fn drawn_spikes(spikes: &Spikes) -> Value {
    let step = spikes.times_ms.len().div_ceil(SPIKES).max(1);
    json!({
        "population": spikes.population,
        "count": spikes.times_ms.len(),
        "times": spikes.times_ms.iter().step_by(step).collect::<Vec<_>>(),
        "nodes": spikes.nodes.iter().step_by(step).collect::<Vec<_>>(),
    })
}

/// Lines of a report over time: its mean and range, the mean of each layer, and some elements.
fn series(name: &str, report: &Recorded, scene: &Scene) -> Value {
    let mean = |columns: &[usize]| -> Vec<f64> {
        let row = |row: ndarray::ArrayView1<'_, f32>| mean_of(columns.iter().map(|&column| row[column]));
        report.values.rows().into_iter().map(row).collect()
    };
    let all: Vec<usize> = (0..report.nodes.len()).collect();
    let mut by_layer = BTreeMap::<&str, Vec<usize>>::new();
    if let Some(layers) = scene.layers.get(&report.population) {
        for (column, &node) in report.nodes.iter().enumerate() {
            if let Some(layer) = layers.get(node as usize) {
                by_layer.entry(layer).or_default().push(column);
            }
        }
    }
    // The first column of a node stands for it: of a neuron, the soma.
    let firsts: Vec<usize> =
        all.iter().copied().filter(|&at| at == 0 || report.nodes[at] != report.nodes[at - 1]).collect();
    let shown = firsts.len().min(TRACES);
    let traces = (0..shown).map(|i| firsts[i * firsts.len() / shown]).map(|column| {
        let values: Vec<f64> = report.values.column(column).iter().map(|&value| short(value)).collect();
        json!({"label": format!("node {}", report.nodes[column]), "values": values})
    });
    let extreme = |choose: fn(f32, f32) -> f32, from: f32| -> Vec<f64> {
        let rows = report.values.rows().into_iter();
        rows.map(|row| short(row.iter().copied().filter(|value| !value.is_nan()).fold(from, choose))).collect()
    };
    json!({
        "name": name,
        "population": report.population,
        "unit": report.unit,
        "elements": report.nodes.len(),
        "times": report.times_ms,
        "mean": mean(&all),
        "low": extreme(f32::min, f32::INFINITY),
        "high": extreme(f32::max, f32::NEG_INFINITY),
        "layers": by_layer.iter().map(|(layer, columns)| json!({"label": format!("layer {layer}"), "values": mean(columns)})).collect::<Vec<_>>(),
        "traces": traces.collect::<Vec<_>>(),
    })
}

/// Mean of what is a number.
fn mean_of(values: impl Iterator<Item = f32>) -> f64 {
    let (sum, count) =
        values.filter(|value| !value.is_nan()).fold((0.0, 0), |(sum, count), x| (sum + f64::from(x), count + 1));
    short((sum / f64::from(count)) as f32)
}

/// The digits that a drawing shows.
fn short(value: f32) -> f64 {
    format!("{value:.6e}").parse().unwrap_or(f64::NAN)
}

/// What the tetrahedra of the slice held at some moments.
fn frames(name: &str, report: &Recorded, scene: &Scene) -> Value {
    let rows = report.values.nrows();
    let shown = rows.min(FRAMES);
    let frames = (0..shown).map(|i| if shown == 1 { 0 } else { i * (rows - 1) / (shown - 1) }).map(|row| {
        let values: Vec<f64> = scene.slice.tetrahedra.iter().map(|&tet| short(report.values[[row, tet]])).collect();
        json!({"time": report.times_ms[row], "values": values})
    });
    json!({"name": name, "unit": report.unit, "frames": frames.collect::<Vec<_>>()})
}

/// What a report tells of the drawn vessel segments last.
fn last_row(report: &Recorded, scene: &Scene) -> Vec<f64> {
    let row = report.values.row(report.values.nrows() - 1);
    scene.drawn_vessels.iter().map(|&at| short(row[at])).collect()
}

fn recorded_column(name: &str, report: &Recorded, values: &[f64]) -> Value {
    let time = report.times_ms.last();
    let name = time.map_or_else(|| name.to_owned(), |time| format!("{name} at {time} ms"));
    json!({"name": name, "unit": report.unit, "values": values})
}

/// The function that each report of a simulator reads, by the name of its file.
fn getters(manifest: &Value) -> BTreeMap<String, String> {
    let sections = manifest["configuration"]["multiscale_run"].as_object().into_iter().flatten();
    let reports = sections.filter_map(|(_, section)| section["reports"].as_object()).flatten();
    let getter = |(name, report): (&String, &Value)| {
        let file = report["file_name"].as_str().unwrap_or(name);
        Some((file.trim_end_matches(".h5").to_owned(), report["src_get_func"].as_str()?.to_owned()))
    };
    reports.filter_map(getter).collect()
}
