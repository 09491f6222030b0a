//! The results of two runs, compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hdf5::{Dataset, File, Group};

/// Name and bytes of every dataset below a group.
fn datasets(group: &Group, found: &mut BTreeMap<String, Vec<u8>>) {
    for dataset in group.datasets().unwrap() {
        found.insert(dataset.name(), bytes(&dataset));
    }
    for below in group.groups().unwrap() {
        datasets(&below, found);
    }
}

/// Name and bytes of every dataset of a file.
pub fn datasets_of(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    datasets(&file, &mut found);
    found
}

fn bytes(dataset: &Dataset) -> Vec<u8> {
    let kind = dataset.dtype().unwrap();
    let mut bytes: Vec<u8> = dataset.shape().iter().flat_map(|length| length.to_le_bytes()).collect();
    if kind.is::<f32>() {
        bytes.extend(dataset.read_raw::<f32>().unwrap().iter().flat_map(|value| value.to_le_bytes()));
    } else if kind.is::<f64>() {
        bytes.extend(dataset.read_raw::<f64>().unwrap().iter().flat_map(|value| value.to_le_bytes()));
    } else if kind.is::<u32>() {
        bytes.extend(dataset.read_raw::<u32>().unwrap().iter().flat_map(|value| value.to_le_bytes()));
    } else {
        bytes.extend(dataset.read_raw::<u64>().unwrap().iter().flat_map(|value| value.to_le_bytes()));
    }
    bytes
}

/// Compares all datasets of all result files of two directories, byte by byte, and what went over the connections.
pub fn assert_same(left: &Path, right: &Path) {
    let ledger = |results: &Path| fs::read_to_string(results.join("ledger.json")).unwrap();
    assert_eq!(ledger(left), ledger(right));
    let mut files: Vec<_> = left.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "h5"));
    assert!(files.len() > 15, "spikes and every report: {files:?}");
    for file in files {
        let name = file.file_name().unwrap();
        let (left, right) = (datasets_of(&file), datasets_of(&right.join(name)));
        assert!(left.keys().eq(right.keys()), "{name:?}");
        for (dataset, bytes) in &left {
            assert!(*bytes == right[dataset], "{name:?}: {dataset} differs");
        }
    }
}
