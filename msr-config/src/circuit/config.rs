//! The SONATA circuit configuration (`circuit_config.json`), typed.

use std::path::{Path, PathBuf};

use super::components::{COMPONENTS, Components};
use super::{EdgeKind, NodeKind};
use crate::document::{self, Duplicates};
use crate::findings::{Files, Findings};
use crate::json::Content;
use crate::manifest;
use crate::name::nearest;
use crate::path::directory_of;
use crate::problem::{Places, Problem, Problems};
use crate::section::Section;
use crate::shape::{Key, Kind, Shape, Word};
use crate::simulation::{DOCUMENT, TargetSimulator};

/// A whole circuit configuration; relative paths are joined to the file's directory.
#[derive(Debug, Clone, PartialEq)]
pub struct CircuitConfig {
    /// The file that was read.
    pub path: PathBuf,
    /// `metadata.status`; default `complete`.
    pub status: CircuitStatus,
    /// `target_simulator`, where given.
    pub target_simulator: Option<TargetSimulator>,
    /// `node_sets_file`, where given.
    pub node_sets_file: Option<PathBuf>,
    /// Node populations, in file order.
    pub nodes: Vec<NodePopulationConfig>,
    /// Edge populations, in file order.
    pub edges: Vec<EdgePopulationConfig>,
    /// Where each key stands in the file, for mistakes that are found later.
    pub places: Places,
    /// Warnings: keys that nobody reads, populations that are invisible.
    pub notes: Vec<Problem>,
}

/// `metadata.status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CircuitStatus {
    /// `complete`: mandatory keys are checked.
    #[default]
    Complete,
    /// `partial`: they are not.
    Partial,
}

/// One node population of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePopulationConfig {
    /// Its name.
    pub name: String,
    /// `type`.
    pub kind: NodeKind,
    /// `nodes_file`.
    pub file: PathBuf,
    /// `node_types_file`, where given.
    pub types_file: Option<PathBuf>,
    /// Its own components, else the circuit's.
    pub paths: Components,
    /// Where it stands in the file, for example `networks.nodes[0].populations.RingA`.
    pub key: String,
    /// Line of the population in the file, from 1.
    pub line: usize,
    /// Column of the population in the file, from 1.
    pub column: usize,
}

/// One edge population of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgePopulationConfig {
    /// Its name.
    pub name: String,
    /// `type`.
    pub kind: EdgeKind,
    /// `edges_file`.
    pub file: PathBuf,
    /// `edge_types_file`, where given.
    pub types_file: Option<PathBuf>,
    /// Its own components, else the circuit's.
    pub paths: Components,
    /// Where it stands in the file, for example `networks.nodes[0].populations.RingA`.
    pub key: String,
    /// Line of the population in the file, from 1.
    pub line: usize,
    /// Column of the population in the file, from 1.
    pub column: usize,
}

impl NodePopulationConfig {
    /// A population of a file, without components, outside of any circuit.
    pub fn new(name: impl Into<String>, kind: NodeKind, file: impl Into<PathBuf>) -> Self {
        let (name, file, paths) = (name.into(), file.into(), Components::default());
        Self { name, kind, file, types_file: None, paths, key: String::new(), line: 0, column: 0 }
    }
}

impl EdgePopulationConfig {
    /// A population of a file, without components, outside of any circuit.
    pub fn new(name: impl Into<String>, kind: EdgeKind, file: impl Into<PathBuf>) -> Self {
        let (name, file, paths) = (name.into(), file.into(), Components::default());
        Self { name, kind, file, types_file: None, paths, key: String::new(), line: 0, column: 0 }
    }
}

impl Word for CircuitStatus {
    const WORDS: &'static [(&'static str, Self)] = &[("complete", Self::Complete), ("partial", Self::Partial)];
}

/// A SONATA circuit configuration.
pub(crate) static CIRCUIT: Shape = Shape::tolerant(
    "circuit",
    "A SONATA circuit configuration. Relative paths count from the directory of the file.",
    &[
        DOCUMENT,
        &[
            Key::section("metadata", &METADATA),
            Key::path("node_sets_file").about("Node sets of the circuit."),
            Key::section("components", &DEFAULTS),
            Key::section("networks", &NETWORKS).mandatory(),
        ],
    ],
);

static METADATA: Shape = Shape::tolerant(
    "circuit_metadata",
    "Facts about the circuit.",
    &[&[Key::word::<CircuitStatus>("status")
        .or_text("complete")
        .about("Whether everything that populations need is named; in a partial circuit that is not checked.")]],
)
.with_others(Kind::Anything);

static DEFAULTS: Shape =
    Shape::tolerant("components", "Directories and files that populations use where they name none.", &[COMPONENTS]);

static NETWORKS: Shape = Shape::tolerant(
    "networks",
    "Populations of nodes and edges.",
    &[&[
        Key::list("nodes", &Kind::Section(&NODES)).mandatory().about("Node populations, by file."),
        Key::list("edges", &Kind::Section(&EDGES)).about("Edge populations, by file; none without."),
    ]],
);

static NODES: Shape = Shape::tolerant(
    "nodes",
    "Node populations of one file.",
    &[&[
        Key::path("nodes_file").mandatory().about("SONATA nodes file (.h5)."),
        Key::either("node_types_file", &[Kind::Path, Kind::Null])
            .about("CSV file of node types: attributes that all nodes of a type have."),
        Key::named("populations", &Kind::Section(&NODE_POPULATION))
            .about("The file's populations, by name; without them the file is invisible."),
    ]],
);

static EDGES: Shape = Shape::tolerant(
    "edges",
    "Edge populations of one file.",
    &[&[
        Key::path("edges_file").mandatory().about("SONATA edges file (.h5)."),
        Key::either("edge_types_file", &[Kind::Path, Kind::Null])
            .about("CSV file of edge types: attributes that all edges of a type have."),
        Key::named("populations", &Kind::Section(&EDGE_POPULATION))
            .about("The file's populations, by name; without them the file is invisible."),
    ]],
);

static NODE_POPULATION: Shape = Shape::tolerant(
    "node_population",
    "A node population.",
    &[
        COMPONENTS,
        &[Key::of_kind("type", Kind::WordOrText(NodeKind::names)).or_text("biophysical").about("What the nodes are.")],
    ],
);

static EDGE_POPULATION: Shape = Shape::tolerant(
    "edge_population",
    "An edge population.",
    &[
        COMPONENTS,
        &[Key::of_kind("type", Kind::WordOrText(EdgeKind::names)).or_text("chemical").about("What the edges are.")],
    ],
);

impl CircuitConfig {
    /// Reads a circuit configuration. Files that it names are not looked for: that is done when populations are read.
    ///
    /// # Errors
    /// All mistakes of the file: no JSON, missing or misspelt keys, wrong types, populations declared twice, components that a
    /// kind of population needs (unless `metadata.status` is `partial`).
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        Self::from_text(&document::text_of(path)?, path)
    }

    /// As [`CircuitConfig::load`] with the text given; `path` is the file that it stands for.
    ///
    /// # Errors
    /// As [`CircuitConfig::load`].
    pub fn from_text(text: &str, path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        let findings = Findings::new(path, &directory_of(path), Files::Unchecked);
        let mut root = document::parse(text, &findings, Duplicates::Noted)?;
        manifest::substitute(&mut root, &findings);
        let config = Section::new(&findings, "", &root, &CIRCUIT).map(|top| Self::read(&top));
        let places = document::places(&root, &findings);
        let notes = findings.finish()?;
        let config = config.expect("a document that is no object is a problem");
        Ok(Self { notes, places, ..config })
    }

    fn read(top: &Section<'_>) -> Self {
        let status = top.object("metadata").map_or_else(CircuitStatus::default, |metadata| status(&metadata));
        let defaults = top.object("components").map_or_else(Components::default, |section| {
            let components = Components::read(&section);
            section.finish();
            components
        });
        let networks = top.object("networks");
        let (mut nodes, mut edges) = (Vec::new(), Vec::new());
        if let Some(networks) = &networks {
            for population in Declared::read_all(networks, "nodes", "nodes_file", "node_types_file") {
                nodes.extend(population.node(&defaults, status));
            }
            for population in Declared::read_all(networks, "edges", "edges_file", "edge_types_file") {
                edges.extend(population.edge(&defaults, status));
            }
            networks.finish();
        }
        let config = Self {
            path: top.findings.file.clone(),
            status,
            target_simulator: top.word("target_simulator"),
            node_sets_file: top.defined_path("node_sets_file"),
            nodes,
            edges,
            places: Places::default(),
            notes: Vec::new(),
        };
        top.finish();
        config
    }

    /// The node population of this name.
    pub fn node_population(&self, name: &str) -> Option<&NodePopulationConfig> {
        self.nodes.iter().find(|population| population.name == name)
    }

    /// The edge population of this name.
    pub fn edge_population(&self, name: &str) -> Option<&EdgePopulationConfig> {
        self.edges.iter().find(|population| population.name == name)
    }
}

fn status(metadata: &Section<'_>) -> CircuitStatus {
    metadata.word_or_standard("status")
}

/// One population as the file declares it.
struct Declared<'a> {
    name: &'a str,
    section: Section<'a>,
    file: PathBuf,
    types_file: Option<PathBuf>,
}

impl<'a> Declared<'a> {
    fn read_all(
        networks: &Section<'a>,
        list: &'static str,
        file_key: &'static str,
        types_key: &'static str,
    ) -> Vec<Self> {
        let mut declared: Vec<Self> = Vec::new();
        for entry in networks.sections(list) {
            let file = entry.defined_path(file_key).unwrap_or_default();
            let is_null = entry.find(types_key).is_some_and(|node| node.content == Content::Null);
            let types_file = if is_null { None } else { entry.path(types_key) };
            if !entry.has("populations") {
                entry.findings.note(
                    entry.position,
                    entry.key.clone(),
                    "has no 'populations' and is therefore invisible",
                );
            }
            for (member, section) in entry.object("populations").iter().flat_map(Section::entries) {
                if declared.iter().any(|earlier| earlier.name == member.name) {
                    section.own_problem(format!("population '{}' is declared before", member.name));
                }
                declared.push(Self { name: &member.name, section, file: file.clone(), types_file: types_file.clone() });
            }
            entry.finish();
        }
        declared
    }

    fn node(&self, defaults: &Components, status: CircuitStatus) -> Option<NodePopulationConfig> {
        let kind = match self.section.find("type") {
            None => NodeKind::default(),
            Some(_) => self.node_kind(self.section.text("type")?),
        };
        let paths = self.components(defaults);
        if status == CircuitStatus::Complete {
            for missing in paths.missing_for_nodes(&kind) {
                let message = format!("is mandatory for a population of type {}", kind.name());
                self.section.problem(missing, message);
            }
        }
        Some(NodePopulationConfig {
            name: self.name.to_owned(),
            kind,
            file: self.file.clone(),
            types_file: self.types_file.clone(),
            paths,
            key: self.section.key.clone(),
            line: self.section.position.line,
            column: self.section.position.column,
        })
    }

    /// The kind of this name. What resembles a known name is taken for a slip and refused; what does not is a kind of the
    /// user's own.
    fn node_kind(&self, name: &str) -> NodeKind {
        let kind = NodeKind::from_name(name);
        let meant = nearest(name, &NodeKind::NAMES);
        if matches!(kind, NodeKind::Other(_)) && !meant.is_empty() {
            let message = format!("unknown type '{name}'{meant}; valid: {}", NodeKind::NAMES.join(", "));
            self.section.problem("type", message);
        }
        kind
    }

    fn edge(&self, defaults: &Components, status: CircuitStatus) -> Option<EdgePopulationConfig> {
        let kind = match self.section.find("type") {
            None => EdgeKind::default(),
            Some(_) => EdgeKind::from_name(self.section.text("type")?),
        };
        let paths = self.components(defaults);
        if status == CircuitStatus::Complete && kind == EdgeKind::Endfoot && paths.endfeet_meshes_file.is_none() {
            self.section.problem("endfeet_meshes_file", "is mandatory for a population of type endfoot");
        }
        Some(EdgePopulationConfig {
            name: self.name.to_owned(),
            kind,
            file: self.file.clone(),
            types_file: self.types_file.clone(),
            paths,
            key: self.section.key.clone(),
            line: self.section.position.line,
            column: self.section.position.column,
        })
    }

    fn components(&self, defaults: &Components) -> Components {
        let own = Components::read(&self.section);
        self.section.finish();
        own.or(defaults)
    }
}
