//! What a run has recorded, read back: spikes, and reports thinned out to what can be drawn.

use std::path::Path;

use hdf5::types::VarLenUnicode;
use hdf5::{Group, Hyperslab, SliceOrIndex};
use ndarray::Array2;

/// Rows of a report that are read at most.
const ROWS: usize = 600;
/// Values of a report that are read at most, in as many whole rows as that allows.
const VALUES: usize = 50_000_000;

/// The spikes of one population.
pub struct Spikes {
    pub population: String,
    pub times_ms: Vec<f64>,
    pub nodes: Vec<u64>,
}

/// One population of a report.
pub struct Recorded {
    pub population: String,
    pub unit: String,
    pub times_ms: Vec<f64>,
    /// Node that each column is or belongs to.
    pub nodes: Vec<u64>,
    /// A row a time, a column an element.
    pub values: Array2<f32>,
}

/// Reads the spikes of a file; nothing where it holds none.
pub fn spikes(path: &Path) -> hdf5::Result<Vec<Spikes>> {
    let file = hdf5::File::open(path)?;
    if !file.link_exists("spikes") {
        return Ok(Vec::new());
    }
    let read = |group: &Group| {
        Ok(Spikes {
            population: name_of(group),
            times_ms: group.dataset("timestamps")?.read_raw()?,
            nodes: group.dataset("node_ids")?.read_raw()?,
        })
    };
    file.group("spikes")?.groups()?.iter().map(read).collect()
}

/// Reads the reports of a file; nothing where it holds none. Of many rows every so manieth is read.
pub fn reports(path: &Path) -> hdf5::Result<Vec<Recorded>> {
    let file = hdf5::File::open(path)?;
    if !file.link_exists("report") {
        return Ok(Vec::new());
    }
    let populations = file.group("report")?.groups()?;
    let all = populations.iter().map(report).collect::<hdf5::Result<Vec<_>>>()?;
    Ok(all.into_iter().flatten().collect())
}

fn report(group: &Group) -> hdf5::Result<Option<Recorded>> {
    let data = group.dataset("data")?;
    let [rows, columns] = data.shape()[..] else { return Ok(None) };
    if rows == 0 || columns == 0 {
        return Ok(None);
    }
    let step = rows.div_ceil(ROWS.min(VALUES / columns).max(1));
    let thinned = SliceOrIndex::SliceTo { start: 0, step, end: rows, block: 1 };
    let values: Array2<f32> = data.read_slice(Hyperslab::from(vec![thinned, (..).into()]))?;
    let unit: VarLenUnicode = data.attr("units")?.read_scalar()?;
    let mapping = group.group("mapping")?;
    let time: Vec<f64> = mapping.dataset("time")?.read_raw()?;
    let pointers: Vec<u64> = mapping.dataset("index_pointers")?.read_raw()?;
    let ids: Vec<u64> = mapping.dataset("node_ids")?.read_raw()?;
    let ascends = pointers.windows(2).all(|pair| pair[0] <= pair[1]);
    if time.len() != 3 || !ascends {
        return Err(format!("{}: mapping/time or mapping/index_pointers is damaged", group.name()).into());
    }
    let mut nodes = vec![0; columns];
    for (&id, ends) in ids.iter().zip(pointers.windows(2)) {
        nodes[(ends[0] as usize).min(columns)..(ends[1] as usize).min(columns)].fill(id);
    }
    Ok(Some(Recorded {
        population: name_of(group),
        unit: if unit.is_empty() { "1".to_owned() } else { unit.to_string() },
        times_ms: (0..values.nrows()).map(|row| time[0] + time[2] * (row * step) as f64).collect(),
        nodes,
        values,
    }))
}

fn name_of(group: &Group) -> String {
    group.name().rsplit('/').next().unwrap_or_default().to_owned()
}
