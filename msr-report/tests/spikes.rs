//! Spikes files.

use msr_config::simulation::SpikesSortOrder;
use msr_coupling::Spike;
use msr_report::{Populations, ReportError, SpikesFile};

use crate::reader;

fn populations() -> Populations {
    Populations::following([("A", 3), ("silent", 10), ("B", 2)])
}

fn spikes(spikes: &[(f64, u64)]) -> Vec<Spike> {
    spikes.iter().map(|&(time_ms, neuron)| Spike { time_ms, neuron }).collect()
}

#[test]
fn by_time_then_by_node_and_a_group_for_the_silent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/out.h5");
    let mut file = SpikesFile::create(&path, SpikesSortOrder::ByTime, &populations()).unwrap();
    assert_eq!(reader::spikes(&path, "B"), (vec![], vec![], 2));
    file.append(&spikes(&[(1.0, 2), (1.0, 0), (0.5, 14), (1.5, 13)])).unwrap();
    file.flush().unwrap();
    // Another program reads while the file is open.
    assert_eq!(reader::spikes(&path, "A"), (vec![1.0, 1.0], vec![0, 2], 2));
    file.append(&spikes(&[(2.0, 1)])).unwrap();
    assert_eq!(file.counts(), [3, 0, 2]);
    file.finish().unwrap();
    assert_eq!(reader::spikes(&path, "A"), (vec![1.0, 1.0, 2.0], vec![0, 2, 1], 2));
    assert_eq!(reader::spikes(&path, "silent"), (vec![], vec![], 2));
    assert_eq!(reader::spikes(&path, "B"), (vec![0.5, 1.5], vec![1, 0], 2));
}

#[test]
fn by_id_after_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let mut file = SpikesFile::create(&path, SpikesSortOrder::ById, &populations()).unwrap();
    for time in [1.0, 2.0, 3.0] {
        file.append(&spikes(&[(time, 2), (time + 0.25, 0)])).unwrap();
        file.flush().unwrap();
    }
    assert_eq!(reader::spikes(&path, "A").2, 2);
    file.finish().unwrap();
    assert_eq!(reader::spikes(&path, "A"), (vec![1.25, 2.25, 3.25, 1.0, 2.0, 3.0], vec![0, 0, 0, 2, 2, 2], 1));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else stays in the folder");
}

#[test]
fn a_late_spike_is_put_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let mut file = SpikesFile::create(&path, SpikesSortOrder::ByTime, &populations()).unwrap();
    file.append(&spikes(&[(1.0, 2)])).unwrap();
    file.flush().unwrap();
    file.append(&spikes(&[(1.0, 1)])).unwrap();
    file.flush().unwrap();
    // Until the end the file says that it is not sorted.
    assert_eq!(reader::spikes(&path, "A"), (vec![1.0, 1.0], vec![2, 1], 0));
    file.finish().unwrap();
    assert_eq!(reader::spikes(&path, "A"), (vec![1.0, 1.0], vec![1, 2], 2));
}

#[test]
fn unsorted_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let mut file = SpikesFile::create(&path, SpikesSortOrder::None, &populations()).unwrap();
    file.append(&spikes(&[(3.0, 2), (1.0, 1)])).unwrap();
    file.finish().unwrap();
    assert_eq!(reader::spikes(&path, "A"), (vec![3.0, 1.0], vec![2, 1], 0));
}

#[test]
fn more_spikes_than_fit_into_memory_and_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.h5");
    let mut file = SpikesFile::create(&path, SpikesSortOrder::ByTime, &populations()).unwrap();
    let all: Vec<(f64, u64)> = (0..100_000).map(|n| (f64::from(n) * 0.01, u64::from(n as u32 % 3))).collect();
    for block in all.chunks(777) {
        file.append(&spikes(block)).unwrap();
    }
    file.finish().unwrap();
    let (times, nodes, _) = reader::spikes(&path, "A");
    assert_eq!(times.into_iter().zip(nodes).collect::<Vec<_>>(), all);
}

#[test]
fn a_spike_of_nobody_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut file = SpikesFile::create(&folder.path().join("out.h5"), SpikesSortOrder::ByTime, &populations()).unwrap();
    let error = file.append(&spikes(&[(1.0, 0), (2.0, 15)])).unwrap_err();
    assert!(matches!(error, ReportError::SpikeOfNobody { neuron: 15, .. }));
    assert_eq!(
        error.to_string(),
        "a spike at 2 ms of neuron 15, which is in no population; populations: A (ids 0 to 2), silent (ids 3 to 12), \
         B (ids 13 to 14)"
    );
    assert_eq!(file.counts(), [0, 0, 0]);
}
