//! Spikes of a SONATA file, to be played.

use std::collections::BTreeMap;
use std::path::Path;

use crate::problem::{Problem, Problems};

/// The spikes of one population of a file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpikeTrains {
    /// The population.
    pub population: String,
    /// Times of each node that spikes, in ms, ascending.
    pub trains: BTreeMap<u64, Vec<f64>>,
}

impl SpikeTrains {
    /// From nodes and times of spikes in any order.
    pub fn new(population: impl Into<String>, spikes: impl IntoIterator<Item = (u64, f64)>) -> Self {
        let mut trains: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
        for (node, time_ms) in spikes {
            trains.entry(node).or_default().push(time_ms);
        }
        trains.values_mut().for_each(|times| times.sort_by(f64::total_cmp));
        Self { population: population.into(), trains }
    }

    /// Reads all populations of a file.
    ///
    /// # Errors
    /// What of it is no SONATA spikes file; without the feature `sonata`, always.
    pub fn read(path: &Path) -> Result<Vec<Self>, Problems> {
        let problem = |object: &str, message: &str| Problem {
            file: path.to_owned(),
            line: 0,
            column: 0,
            key: object.to_owned(),
            message: message.to_owned(),
        };
        if !path.is_file() {
            return Err(Problems::from(problem("", "file not found")));
        }
        read(path).map_err(|(object, message)| Problems::from(problem(&object, &message)))
    }
}

#[cfg(not(feature = "sonata"))]
fn read(_path: &Path) -> Result<Vec<SpikeTrains>, (String, String)> {
    Err((String::new(), "this build reads no HDF5 files (feature sonata)".to_owned()))
}

#[cfg(feature = "sonata")]
fn read(path: &Path) -> Result<Vec<SpikeTrains>, (String, String)> {
    let at = |object: &str| {
        let object = object.to_owned();
        move |error: hdf5::Error| (object, error.to_string())
    };
    let file = hdf5::File::open(path).map_err(at(""))?;
    let spikes = file.group("spikes").map_err(|_| ("/spikes".to_owned(), "this group is missing".to_owned()))?;
    let mut populations = Vec::new();
    for name in spikes.member_names().map_err(at("/spikes"))? {
        let object = format!("/spikes/{name}");
        let Ok(group) = spikes.group(&name) else { continue };
        let read = |dataset: &str| group.dataset(dataset).map_err(at(&format!("{object}/{dataset}")));
        let times = read("timestamps")?.read_raw::<f64>().map_err(at(&object))?;
        let nodes = read("node_ids")?.read_raw::<u64>().map_err(at(&object))?;
        if times.len() != nodes.len() {
            return Err((object, format!("has {} timestamps and {} node_ids", times.len(), nodes.len())));
        }
        if let Some(time) = times.iter().find(|time| !time.is_finite()) {
            return Err((object, format!("has a spike at {time} ms")));
        }
        populations.push(SpikeTrains::new(name, nodes.into_iter().zip(times)));
    }
    Ok(populations)
}
