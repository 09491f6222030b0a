//! Node and edge populations as SONATA HDF5 files. Time stamps are left out, so that equal populations give equal bytes.

use std::path::Path;

use hdf5::types::VarLenUnicode;
use hdf5::{File, Group, H5Type};

/// The values of one attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    Float(Vec<f32>),
    Unsigned(Vec<u64>),
    Signed(Vec<i32>),
    Text(Vec<String>),
    /// Indices into a library of texts.
    Enumeration(Vec<i8>, Vec<String>),
}

impl Values {
    pub fn floats(values: impl IntoIterator<Item = f64>) -> Self {
        Self::Float(values.into_iter().map(|value| value as f32).collect())
    }

    pub fn unsigned(values: impl IntoIterator<Item = usize>) -> Self {
        Self::Unsigned(values.into_iter().map(|value| value as u64).collect())
    }

    pub fn text(values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::Text(values.into_iter().map(Into::into).collect())
    }
}

/// Attributes by name.
pub type Attributes = Vec<(&'static str, Values)>;

/// A node population of `count` nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct NodePopulation {
    pub name: &'static str,
    pub count: usize,
    pub attributes: Attributes,
    pub dynamics: Attributes,
}

/// One end of the edges: its population, the number of that population's nodes, and the node of each edge.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgeEnd {
    pub population: &'static str,
    pub count: usize,
    pub node_ids: Vec<u64>,
}

/// An edge population.
#[derive(Debug, Clone, PartialEq)]
pub struct EdgePopulation {
    pub name: &'static str,
    pub source: EdgeEnd,
    pub target: EdgeEnd,
    pub attributes: Attributes,
    /// The population that `synapse_id` points into.
    pub synapse_population: Option<&'static str>,
}

/// Writes a node population into a new file.
pub fn write_nodes(path: &Path, population: &NodePopulation) -> hdf5::Result<()> {
    let file = File::create(path)?;
    let root = file.create_group("nodes")?.create_group(population.name)?;
    dataset(&root, "node_type_id", &vec![-1_i64; population.count])?;
    let group = root.create_group("0")?;
    write_attributes(&group, &population.attributes)?;
    if !population.dynamics.is_empty() {
        write_attributes(&group.create_group("dynamics_params")?, &population.dynamics)?;
    }
    file.close()
}

/// Writes an edge population with both indices into a new file.
pub fn write_edges(path: &Path, population: &EdgePopulation) -> hdf5::Result<()> {
    let file = File::create(path)?;
    let root = file.create_group("edges")?.create_group(population.name)?;
    dataset(&root, "edge_type_id", &vec![-1_i64; population.source.node_ids.len()])?;
    for (name, end) in [("source_node_id", &population.source), ("target_node_id", &population.target)] {
        let ids = dataset(&root, name, &end.node_ids)?;
        text_attribute(&ids, "node_population", end.population)?;
    }
    let group = root.create_group("0")?;
    write_attributes(&group, &population.attributes)?;
    if let Some(synapses) = population.synapse_population {
        text_attribute(&*group.dataset("synapse_id")?, "edge_population", synapses)?;
    }
    let indices = root.create_group("indices")?;
    for (name, end) in [("source_to_target", &population.source), ("target_to_source", &population.target)] {
        let group = indices.create_group(name)?;
        let (nodes, ranges) = runs_of(end);
        pairs_dataset(&group, "node_id_to_ranges", &nodes)?;
        pairs_dataset(&group, "range_to_edge_id", &ranges)?;
    }
    file.close()
}

/// For each node its range of rows in the second table; that table: half-open runs of edges with that node, in node order.
fn runs_of(end: &EdgeEnd) -> (Vec<[u64; 2]>, Vec<[u64; 2]>) {
    let mut runs_of_node = vec![Vec::new(); end.count];
    let mut begin = 0;
    for chunk in end.node_ids.chunk_by(|a, b| a == b) {
        let stop = begin + chunk.len() as u64;
        runs_of_node[chunk[0] as usize].push([begin, stop]);
        begin = stop;
    }
    let mut nodes = Vec::with_capacity(end.count);
    let mut ranges = Vec::new();
    for runs in runs_of_node {
        let first = ranges.len() as u64;
        ranges.extend(runs);
        nodes.push([first, ranges.len() as u64]);
    }
    (nodes, ranges)
}

fn write_attributes(group: &Group, attributes: &Attributes) -> hdf5::Result<()> {
    for (name, values) in attributes {
        match values {
            Values::Float(values) => dataset(group, name, values).map(drop)?,
            Values::Unsigned(values) => dataset(group, name, values).map(drop)?,
            Values::Signed(values) => dataset(group, name, values).map(drop)?,
            Values::Text(values) => text_dataset(group, name, values)?,
            Values::Enumeration(values, library) => {
                dataset(group, name, values)?;
                let libraries = match group.group("@library") {
                    Ok(libraries) => libraries,
                    Err(_) => group.create_group("@library")?,
                };
                text_dataset(&libraries, name, library)?;
            }
        }
    }
    Ok(())
}

fn dataset<T: H5Type>(group: &Group, name: &str, values: &[T]) -> hdf5::Result<hdf5::Dataset> {
    group.new_dataset_builder().obj_track_times(false).with_data(values).create(name)
}

fn pairs_dataset(group: &Group, name: &str, rows: &[[u64; 2]]) -> hdf5::Result<()> {
    let dataset = group.new_dataset::<u64>().obj_track_times(false).shape((rows.len(), 2)).create(name)?;
    dataset.write_raw(rows.as_flattened())
}

fn text_dataset(group: &Group, name: &str, values: &[String]) -> hdf5::Result<()> {
    let values: Vec<VarLenUnicode> = values.iter().map(|value| unicode(value)).collect();
    dataset(group, name, &values).map(drop)
}

fn text_attribute(location: &hdf5::Location, name: &str, value: &str) -> hdf5::Result<()> {
    location.new_attr::<VarLenUnicode>().create(name)?.write_scalar(&unicode(value))
}

fn unicode(text: &str) -> VarLenUnicode {
    text.parse().expect("the circuit's names hold no zero byte")
}
