//! Why a circuit cannot be simulated.

use std::path::PathBuf;

use msr_config::circuit::AttributeError;
use msr_config::node_sets::NodeSetError;
use msr_config::{Problem, Problems};
use msr_coupling::query::nearest;

use crate::astrocytes::cells::AstrocyteError;
use crate::emodel::EmodelError;
use crate::mechanisms::UnknownMechanism;
use crate::morphology::MorphologyError;

/// A row of a SONATA file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity {
    /// A node.
    Node,
    /// An edge.
    Edge,
}

impl std::fmt::Display for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Node => "node",
            Self::Edge => "edge",
        })
    }
}

/// As many mistakes are told at once.
const MOST_TOLD: usize = 100;

fn listed(errors: &[NeuroError]) -> String {
    let mut lines: Vec<String> = errors.iter().take(MOST_TOLD).map(ToString::to_string).collect();
    if errors.len() > MOST_TOLD {
        lines.push(format!("and {} more", errors.len() - MOST_TOLD));
    }
    lines.join("\n")
}

impl NeuroError {
    /// All of them as one, where there are any.
    pub(super) fn all(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }
}

/// Populations, or why there are none.
fn present(available: &[String]) -> String {
    match available {
        [] => " none: a file in networks.nodes is invisible unless its 'populations' name those that it has".to_owned(),
        available => format!(": {}", available.join(", ")),
    }
}

/// What is wrong with a circuit or a simulation, seen from its neurons.
#[derive(Debug, thiserror::Error)]
pub enum NeuroError {
    /// Nothing to simulate.
    #[error("no cell of population '{population}' is selected; check node_set")]
    NoCells {
        /// The population.
        population: String,
    },
    /// No biophysical population is selected.
    #[error("no biophysical population is selected by {selector}; the circuit has{}", present(available))]
    NoPopulation {
        /// The node set, or that there is none.
        selector: String,
        /// Populations with their types and numbers of selected nodes.
        available: Vec<String>,
    },
    /// A node set that does not exist or cannot be evaluated.
    #[error("{key}: {source}")]
    NodeSet {
        /// The key that names it.
        key: String,
        /// What is wrong.
        source: NodeSetError,
    },
    /// A file of compartment sets that cannot be read.
    #[error("compartment_sets_file: {0}")]
    CompartmentSetsFile(Problems),
    /// A value of the simulation configuration that cannot be, with its place in the file.
    #[error("{0}")]
    Configuration(Problem),
    /// Astrocytes of more than one population.
    #[error("astrocytes of several populations are selected ({}); select those of one with node_set", populations.join(", "))]
    SeveralAstrocytePopulations {
        /// The populations.
        populations: Vec<String>,
    },
    /// An edge population that counts synapses of a population that is not there.
    #[error("edge population '{population}': its synapse_id counts in '{found}', which is no chemical edge population; there are: {}", available.join(", "))]
    UnknownSynapsePopulation {
        /// The edge population.
        population: String,
        /// What it names.
        found: String,
        /// The chemical edge populations between simulated neurons.
        available: Vec<String>,
    },
    /// Synapses that could be of several populations.
    #[error("edge population '{population}': the attribute edge_population of its synapse_id must name one of: {}", available.join(", "))]
    UnnamedSynapsePopulation {
        /// The edge population.
        population: String,
        /// The chemical edge populations between simulated neurons.
        available: Vec<String>,
    },
    /// A node id given twice.
    #[error("population '{population}': node {node} is given twice")]
    DuplicateNode {
        /// The population.
        population: String,
        /// The node.
        node: u64,
    },
    /// A connection of a cell that does not exist.
    #[error("a connection names node {node}, which is not simulated")]
    UnknownCell {
        /// The node.
        node: u64,
    },
    /// A connection to a synapse that does not exist.
    #[error("a connection names synapse {synapse} of node {node}, which has {synapses} synapses")]
    UnknownSynapse {
        /// The node.
        node: u64,
        /// The synapse.
        synapse: u32,
        /// Number of its synapses.
        synapses: usize,
    },
    /// A connection from a point process that does not exist.
    #[error("a connection starts at point process {point} of node {node}, which has {points}")]
    UnknownPoint {
        /// The node.
        node: u64,
        /// Number of the point process in its cell.
        point: u32,
        /// Number of its point processes.
        points: usize,
    },
    /// A global variable of a mechanism that cannot be set.
    #[error("conditions.mechanisms.{mechanism}: {reason}")]
    Global {
        /// The mechanism.
        mechanism: String,
        /// What is wrong.
        reason: String,
    },
    /// A connection to a point process that does not exist.
    #[error("a connection names connection {connection} to point processes of node {node}, which has {connections}")]
    UnknownPointConnection {
        /// The node.
        node: u64,
        /// Number of the connection in its cell.
        connection: u32,
        /// Number of its connections.
        connections: usize,
    },
    /// An attribute that is missing or of the wrong type.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// An attribute with a value that cannot be.
    #[error("{}: population '{population}', {entity} {row}: {attribute} = {value} {reason}", file.display())]
    BadAttribute {
        /// The file.
        file: PathBuf,
        /// The population.
        population: String,
        /// Whether it is a node or an edge.
        entity: Entity,
        /// Node id or row of the edge, from 0.
        row: u64,
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        reason: &'static str,
    },
    /// A directory that the circuit configuration does not name.
    #[error("population '{population}' has no {key} in the circuit configuration")]
    MissingPath {
        /// The population.
        population: String,
        /// The key.
        key: &'static str,
    },
    /// A morphology that cannot be read.
    #[error("node {node}: {source}")]
    Morphology {
        /// A node with this morphology.
        node: u64,
        /// Why.
        source: MorphologyError,
    },
    /// An e-model that cannot be used.
    #[error("node {node}: {source}")]
    Emodel {
        /// A node with this e-model.
        node: u64,
        /// Why.
        source: EmodelError,
    },
    /// An attribute that an e-model needs, with a value that cannot be.
    #[error("node {node}: dynamics_params/{attribute} = {value} must be a number")]
    BadDynamics {
        /// The node.
        node: u64,
        /// The attribute.
        attribute: String,
        /// Its value.
        value: f64,
    },
    /// A synapse on a section that does not exist.
    #[error("edge population '{population}', edge {edge}: node {node} has no section {section} (it has {sections})")]
    UnknownSection {
        /// The edge population.
        population: String,
        /// The edge.
        edge: usize,
        /// The node.
        node: u64,
        /// The section.
        section: i64,
        /// Number of its sections.
        sections: usize,
    },
    /// A `synapse_configure` that is no list of assignments.
    #[error(
        "connection_overrides '{name}': synapse_configure: '{part}' is no assignment of a number, such as '%s.NMDA_ratio = 0.4'"
    )]
    SynapseConfigure {
        /// The override.
        name: String,
        /// What is no assignment.
        part: String,
    },
    /// A parameter that a synapse does not have.
    #[error(
        "edge population '{population}', edge {edge}: synapse_configure sets '{name}', which '{mechanism}' does not have{}; available: {}",
        nearest(name, available),
        available.join(", ")
    )]
    SynapseParameter {
        /// The edge population.
        population: String,
        /// The edge.
        edge: usize,
        /// The mechanism of the synapse.
        mechanism: String,
        /// The parameter.
        name: String,
        /// What it has.
        available: Vec<String>,
    },
    /// A synapse that cannot be placed.
    #[error("edge population '{population}', edge {edge}: {reason}")]
    Synapse {
        /// The edge population.
        population: String,
        /// The edge.
        edge: usize,
        /// Why.
        reason: String,
    },
    /// A gap junction with one side.
    #[error(
        "edge population '{population}', edge {edge}: efferent_junction_id = {junction} of node {node} has no other side: no \
         edge to that node has this afferent_junction_id"
    )]
    GapJunction {
        /// The edge population.
        population: String,
        /// The edge.
        edge: usize,
        /// The junction.
        junction: i64,
        /// The node that should have it.
        node: u64,
    },
    /// Two gap junctions of a cell with the same name.
    #[error(
        "edge population '{population}', edge {edge}: afferent_junction_id = {junction} of node {node} is that of another edge, \
         too; it must be given once"
    )]
    SharedGapJunction {
        /// The edge population.
        population: String,
        /// The second edge.
        edge: usize,
        /// The junction.
        junction: i64,
        /// The node.
        node: u64,
    },
    /// A cell without morphology that cannot be made.
    #[error("population '{population}', node {node}: {reason}")]
    PointNeuron {
        /// The population.
        population: String,
        /// The node.
        node: u64,
        /// Why.
        reason: String,
    },
    /// An astrocyte whose cell cannot be built.
    #[error("population '{population}', node {node}: {source}")]
    Astrocyte {
        /// The population.
        population: String,
        /// The node.
        node: u64,
        /// Why.
        source: AstrocyteError,
    },
    /// A mechanism file of astrocytes that cannot be used.
    #[error("population '{population}': {source}")]
    AstrocyteMechanism {
        /// The population.
        population: String,
        /// Why.
        source: UnknownMechanism,
    },
    /// Everything that is wrong.
    #[error("{}", listed(.0))]
    Several(Vec<NeuroError>),
    /// A condition under which no neuron lives.
    #[error("{key} = {value} must lie between {low} and {high} {unit}")]
    BadCondition {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
        /// Unit.
        unit: &'static str,
    },
    /// A condition or run key that is not supported.
    #[error("{key}: {found} is not supported; supported: {supported}")]
    Unsupported {
        /// The key.
        key: &'static str,
        /// What was asked.
        found: String,
        /// What can be asked.
        supported: &'static str,
    },
}

impl From<Problem> for NeuroError {
    fn from(problem: Problem) -> Self {
        Self::Configuration(problem)
    }
}
