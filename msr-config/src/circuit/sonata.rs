//! Populations read from SONATA HDF5 files.

mod column;
mod types;

use std::path::Path;

use hdf5::types::{TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5::{Dataset, File, Group};

use super::{
    Circuit, CircuitConfig, CircuitStatus, EdgePopulation, EdgePopulationConfig, NodeKind, NodePopulation,
    NodePopulationConfig, Table,
};
use crate::name::{listed, nearest};
use crate::problem::{Problem, Problems, present_instead};

/// The only group of attributes that a population may have.
const GROUP: &str = "0";
/// Attributes of the cell's dynamics, inside the group.
const DYNAMICS: &str = "dynamics_params";
/// Texts of enumerations, inside the group.
const LIBRARY: &str = "@library";
/// Attribute of the id datasets of edges.
const NODE_POPULATION: &str = "node_population";
/// Attribute of `synapse_id`.
const EDGE_POPULATION: &str = "edge_population";

impl Circuit {
    /// Reads all populations of a circuit into memory.
    ///
    /// # Errors
    /// All mistakes: files that are not there, populations that the files do not have or that cannot be read, edges between
    /// populations or nodes that do not exist (populations: unless the circuit's status is `partial`).
    pub fn load(config: &CircuitConfig) -> Result<Self, Problems> {
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        let mut nodes = Vec::new();
        for declared in &config.nodes {
            match read_nodes(declared, &config.path) {
                Ok(read) => nodes.push(read),
                Err(problem) => problems.push(problem),
            }
        }
        let mut edges = Vec::new();
        for declared in &config.edges {
            match read_edges(declared, &config.path) {
                Ok(population) => edges.push(population),
                Err(problem) => problems.push(problem),
            }
        }
        for (name_in_file, population) in &nodes {
            if *name_in_file != population.name {
                let (file, name) = (population.file.display(), &population.name);
                notes.push(format!("{file}: its only population '{name_in_file}' is used as '{name}'"));
                // Edges made with the file name the population as the file does.
                for edges in &mut edges {
                    for end in [&mut edges.source_population, &mut edges.target_population] {
                        if end == name_in_file {
                            end.clone_from(name);
                        }
                    }
                }
            }
        }
        let nodes: Vec<_> = nodes.into_iter().map(|(_, population)| population).collect();
        if problems.is_empty() {
            problems = edges.iter().flat_map(|edges| end_problems(edges, &nodes, config.status)).collect();
        }
        let config = config.clone();
        if problems.is_empty() { Ok(Self { config, nodes, edges, notes }) } else { Err(Problems(problems)) }
    }
}

fn end_problems(edges: &EdgePopulation, nodes: &[NodePopulation], status: CircuitStatus) -> Vec<Problem> {
    let ends = [
        ("source_node_id", &edges.source_population, &edges.source_ids),
        ("target_node_id", &edges.target_population, &edges.target_ids),
    ];
    let problem =
        |dataset: &str, message: String| at_object(&edges.file, &format!("/edges/{}/{dataset}", edges.name), message);
    let check = |(dataset, end, ids): (&str, &String, &Vec<u64>)| {
        let Some(population) = nodes.iter().find(|population| population.name == *end) else {
            let names: Vec<_> = nodes.iter().map(|population| &population.name).collect();
            let message = format!("node_population '{end}' is no population of the circuit{}", nearest(end, &names));
            return (status == CircuitStatus::Complete).then(|| problem(dataset, message));
        };
        let beyond = ids.iter().position(|id| *id >= population.size as u64)?;
        let message = format!("edge {beyond} has node {}, but '{end}' has {} nodes", ids[beyond], population.size);
        Some(problem(dataset, message))
    };
    ends.into_iter().filter_map(check).collect()
}

impl NodePopulation {
    /// Reads one population.
    ///
    /// # Errors
    /// One problem: no such file or population, more than one group of attributes, no `node_type_id`.
    pub fn load(config: &NodePopulationConfig) -> Result<Self, Problems> {
        read_nodes(config, &config.file).map(|(_, population)| population).map_err(Problems::from)
    }
}

impl EdgePopulation {
    /// Reads one population.
    ///
    /// # Errors
    /// One problem: as for nodes, or no `source_node_id` or `target_node_id` with the attribute `node_population`.
    pub fn load(config: &EdgePopulationConfig) -> Result<Self, Problems> {
        read_edges(config, &config.file).map_err(Problems::from)
    }
}

/// A problem of an HDF5 object.
fn at_object(file: &Path, object: &str, message: impl Into<String>) -> Problem {
    Problem { file: file.to_owned(), line: 0, column: 0, key: object.to_owned(), message: message.into() }
}

/// Opens a file that a configuration names; a file that is not there is a problem of the configuration.
fn open(file: &Path, declared: Problem) -> Result<File, Problem> {
    if !file.is_file() {
        let message = format!("file not found: {}{}", file.display(), present_instead(file));
        return Err(Problem { message, ..declared });
    }
    File::open(file).map_err(|error| at_object(file, "", format!("is no readable HDF5 file: {error}")))
}

fn read_nodes(config: &NodePopulationConfig, declared_in: &Path) -> Result<(String, NodePopulation), Problem> {
    let declared = Problem {
        file: declared_in.to_owned(),
        line: config.line,
        column: config.column,
        key: config.key.clone(),
        message: String::new(),
    };
    let file = open(&config.file, declared)?;
    // The file of a vasculature has one population, and programs open it whatever its name.
    let any_name = config.kind == NodeKind::Vasculature;
    let population = StoredPopulation::open(&file, &config.file, "nodes", &config.name, any_name)?;
    let size = population.size("node_type_id")?;
    let (mut attributes, mut dynamics) = population.tables(size)?;
    if let Some(types_file) = &config.types_file {
        let types = population.types("node_type_id", size)?;
        types::add(&mut attributes, types_file, "node_type_id", &types, None, &mut dynamics)?;
    }
    let read = NodePopulation {
        name: config.name.clone(),
        kind: config.kind.clone(),
        size,
        attributes,
        dynamics,
        paths: config.paths.clone(),
        file: config.file.clone(),
    };
    Ok((population.name, read))
}

fn read_edges(config: &EdgePopulationConfig, declared_in: &Path) -> Result<EdgePopulation, Problem> {
    let declared = Problem {
        file: declared_in.to_owned(),
        line: config.line,
        column: config.column,
        key: config.key.clone(),
        message: String::new(),
    };
    let file = open(&config.file, declared)?;
    let population = StoredPopulation::open(&file, &config.file, "edges", &config.name, false)?;
    let size = population.size("edge_type_id")?;
    let (source_ids, source_population) = population.end("source_node_id", size)?;
    let (target_ids, target_population) = population.end("target_node_id", size)?;
    let (mut attributes, mut dynamics) = population.tables(size)?;
    if let Some(types_file) = &config.types_file {
        let types = population.types("edge_type_id", size)?;
        let models = config.paths.synaptic_models_dir.as_deref();
        types::add(&mut attributes, types_file, "edge_type_id", &types, models, &mut dynamics)?;
    }
    let synapse_id = population.group.dataset(&format!("{GROUP}/synapse_id"));
    Ok(EdgePopulation {
        name: config.name.clone(),
        kind: config.kind.clone(),
        source_population,
        target_population,
        source_ids,
        target_ids,
        attributes,
        dynamics,
        synapse_population: synapse_id.ok().and_then(|dataset| text_attribute(&dataset, EDGE_POPULATION)),
        paths: config.paths.clone(),
        file: config.file.clone(),
    })
}

/// A population in an open file.
struct StoredPopulation<'f> {
    path: &'f Path,
    name: String,
    /// Path of the object in the file, for messages.
    object: String,
    group: Group,
}

impl<'f> StoredPopulation<'f> {
    fn open(file: &File, path: &'f Path, kind: &str, name: &str, any_name: bool) -> Result<Self, Problem> {
        let problem = |message: String| at_object(path, &format!("/{kind}"), message);
        let populations =
            file.group(kind).map_err(|_| problem(format!("the file has no group '/{kind}': it holds no {kind}")))?;
        let names = populations.member_names().map_err(|error| problem(error.to_string()))?;
        let name = match &names[..] {
            [only] if any_name => only.clone(),
            _ if names.iter().any(|stored| stored == name) => name.to_owned(),
            _ => {
                let message = format!(
                    "there is no population '{name}'{}; the file has: {}",
                    nearest(name, &names),
                    listed(&names)
                );
                return Err(problem(message));
            }
        };
        let object = format!("/{kind}/{name}");
        let group = populations
            .group(&name)
            .map_err(|error| at_object(path, &object, format!("is no readable group: {error}")))?;
        let population = Self { path, name, object, group };
        population.check_groups()?;
        Ok(population)
    }

    fn problem(&self, object: &str, message: impl Into<String>) -> Problem {
        at_object(self.path, &format!("{}/{object}", self.object), message)
    }

    fn check_groups(&self) -> Result<(), Problem> {
        let members = self.members(&self.group, "")?;
        let is_group = |name: &&String| name.bytes().all(|digit| digit.is_ascii_digit());
        let groups: Vec<_> = members.iter().filter(is_group).collect();
        match &groups[..] {
            [only] if *only == GROUP => Ok(()),
            [] => Err(self.problem(GROUP, "this group of attributes is missing (it may be empty)")),
            _ => {
                let message =
                    format!("only the group of attributes '{GROUP}' is supported, found: {}", listed(&groups));
                Err(at_object(self.path, &self.object, message))
            }
        }
    }

    fn members(&self, group: &Group, object: &str) -> Result<Vec<String>, Problem> {
        group.member_names().map_err(|error| self.problem(object, format!("cannot be listed: {error}")))
    }

    /// Number of elements: the length of the type dataset.
    fn size(&self, types: &str) -> Result<usize, Problem> {
        let dataset =
            self.group.dataset(types).map_err(|_| self.problem(types, "this mandatory dataset is missing"))?;
        match dataset.shape()[..] {
            [size] => Ok(size),
            _ => Err(self.problem(types, "must have one dimension")),
        }
    }

    /// The type of each element.
    fn types(&self, name: &str, size: usize) -> Result<Vec<i64>, Problem> {
        let dataset = self.group.dataset(name).map_err(|_| self.problem(name, "this mandatory dataset is missing"))?;
        column::integers(&dataset, size).map_err(|reason| self.problem(name, reason))
    }

    /// Node ids of one end of the edges, and the population that they count in.
    fn end(&self, name: &str, size: usize) -> Result<(Vec<u64>, String), Problem> {
        let dataset = self.group.dataset(name).map_err(|_| self.problem(name, "this mandatory dataset is missing"))?;
        let ids = match column::integers(&dataset, size).map_err(|reason| self.problem(name, reason))? {
            ids if ids.iter().all(|id| *id >= 0) => ids.into_iter().map(i64::unsigned_abs).collect(),
            _ => return Err(self.problem(name, "has negative node ids")),
        };
        let population = text_attribute(&dataset, NODE_POPULATION)
            .ok_or_else(|| self.problem(name, format!("needs the text attribute '{NODE_POPULATION}'")))?;
        Ok((ids, population))
    }

    /// The attributes and the attributes of dynamics.
    fn tables(&self, size: usize) -> Result<(Table, Table), Problem> {
        let group = self.group.group(GROUP).map_err(|error| self.problem(GROUP, error.to_string()))?;
        let attributes = self.table(&group, GROUP, size)?;
        let dynamics = match group.group(DYNAMICS) {
            Ok(dynamics) => self.table(&dynamics, &format!("{GROUP}/{DYNAMICS}"), size)?,
            Err(_) => Table::new(self.path, &self.name),
        };
        Ok((attributes, dynamics))
    }

    fn table(&self, group: &Group, object: &str, size: usize) -> Result<Table, Problem> {
        let library = group.group(LIBRARY).ok();
        let mut table = Table::new(self.path, &self.name);
        for name in self.members(group, object)? {
            let Ok(dataset) = group.dataset(&name) else { continue };
            let entries = library.as_ref().and_then(|library| library.dataset(&name).ok());
            match column::read(&dataset, entries.as_ref(), size) {
                Ok(column) => {
                    table.columns.insert(name, column);
                }
                Err(reason) => {
                    table.unreadable.insert(name, reason);
                }
            }
        }
        Ok(table)
    }
}

/// A text attribute of a dataset, of variable or fixed length.
fn text_attribute(dataset: &Dataset, name: &str) -> Option<String> {
    let attribute = dataset.attr(name).ok()?;
    match attribute.dtype().ok()?.to_descriptor().ok()? {
        TypeDescriptor::VarLenUnicode => {
            attribute.read_scalar::<VarLenUnicode>().ok().map(|text| lossy(text.as_bytes()))
        }
        TypeDescriptor::VarLenAscii => attribute.read_scalar::<VarLenAscii>().ok().map(|text| lossy(text.as_bytes())),
        TypeDescriptor::FixedAscii(_) | TypeDescriptor::FixedUnicode(_) => column::fixed_text(&attribute),
        _ => None,
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
