//! Reads SONATA files as another program would.

use std::path::Path;

use hdf5::types::{EnumMember, EnumType, IntSize, TypeDescriptor, VarLenUnicode};
use ndarray::Array2;

/// What is on the disk at this moment. A copy is read, for HDF5 would answer from memory where this process has the
/// file open.
fn on_disk(path: &Path) -> hdf5::File {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.h5");
    std::fs::copy(path, &copy).unwrap();
    hdf5::File::open(copy).unwrap()
}

/// One population of a report file.
#[derive(Debug, PartialEq)]
pub struct ReadReport {
    pub data: Array2<f32>,
    pub units: String,
    pub node_ids: Vec<u64>,
    pub index_pointers: Vec<u64>,
    pub element_ids: Vec<u32>,
    pub time: Vec<f64>,
}

/// Reads a population of a report, and checks what the format demands of every file.
pub fn report(path: &Path, population: &str) -> ReadReport {
    let file = on_disk(path);
    let group = file.group("report").unwrap().group(population).unwrap();
    let (data, mapping) = (group.dataset("data").unwrap(), group.group("mapping").unwrap());
    assert!(data.filters().is_empty(), "no compression");
    let types = [("data", TypeDescriptor::Float(hdf5::types::FloatSize::U4))]
        .map(|(name, expected)| (group.dataset(name).unwrap(), expected));
    let unsigned = |name: &str, size| (mapping.dataset(name).unwrap(), TypeDescriptor::Unsigned(size));
    let integers = [
        unsigned("node_ids", IntSize::U8),
        unsigned("index_pointers", IntSize::U8),
        unsigned("element_ids", IntSize::U4),
    ];
    for (dataset, expected) in types.into_iter().chain(integers) {
        assert_eq!(dataset.dtype().unwrap().to_descriptor().unwrap(), expected, "{}", dataset.name());
    }
    let time = mapping.dataset("time").unwrap();
    assert_eq!(text(&time, "units"), "ms");
    let read = ReadReport {
        units: text(&data, "units"),
        data: data.read_2d().unwrap(),
        node_ids: mapping.dataset("node_ids").unwrap().read_raw().unwrap(),
        index_pointers: mapping.dataset("index_pointers").unwrap().read_raw().unwrap(),
        element_ids: mapping.dataset("element_ids").unwrap().read_raw().unwrap(),
        time: time.read_raw().unwrap(),
    };
    assert_eq!(read.index_pointers.len(), read.node_ids.len() + 1);
    assert_eq!(read.index_pointers.last().copied(), Some(read.element_ids.len() as u64));
    assert_eq!(read.element_ids.len(), read.data.ncols());
    assert!(read.node_ids.is_sorted_by(|a, b| a < b), "node ids ascend");
    assert_eq!(rows_of(&read.time), read.data.nrows(), "time {:?} fits the rows", read.time);
    read
}

/// Rows that libsonata counts for `time`.
fn rows_of(time: &[f64]) -> usize {
    let mut t = time[0];
    let mut rows = 0;
    while t < time[1] - 1e-6 {
        rows += 1;
        t += time[2];
    }
    rows
}

/// Times, nodes and the attribute `sorting` of a population of a spikes file.
pub fn spikes(path: &Path, population: &str) -> (Vec<f64>, Vec<u64>, u8) {
    let file = on_disk(path);
    let group = file.group("spikes").unwrap().group(population).unwrap();
    let (times, nodes) = (group.dataset("timestamps").unwrap(), group.dataset("node_ids").unwrap());
    assert_eq!(text(&times, "units"), "ms");
    let sorting = group.attr("sorting").unwrap();
    let member = |name: &str, value| EnumMember { name: name.to_owned(), value };
    let members = vec![member("none", 0), member("by_id", 1), member("by_time", 2)];
    let expected = TypeDescriptor::Enum(EnumType { size: IntSize::U1, signed: false, members });
    assert_eq!(sorting.dtype().unwrap().to_descriptor().unwrap(), expected);
    let code = match sorting.read_scalar::<Sorting>().unwrap() {
        Sorting::none => 0,
        Sorting::by_id => 1,
        Sorting::by_time => 2,
    };
    (times.read_raw().unwrap(), nodes.read_raw().unwrap(), code)
}

#[derive(Clone, Copy, hdf5::H5Type)]
#[repr(u8)]
#[allow(non_camel_case_types, dead_code, reason = "members of the file format, read and never made here")]
enum Sorting {
    none = 0,
    by_id = 1,
    by_time = 2,
}

fn text(location: &hdf5::Location, attribute: &str) -> String {
    location.attr(attribute).unwrap().read_scalar::<VarLenUnicode>().unwrap().to_string()
}
