//! The `multiscale_run.preprocessor` section: the mesh and node sets that are made where files are absent.

use crate::section::Section;
use crate::shape::{Domain, Key, Shape};

/// `preprocessor`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preprocessor {
    /// `mesh`.
    pub mesh: MeshPreparation,
    /// `node_sets`, where given.
    pub node_sets: Option<NodeSetPreparation>,
}

/// `preprocessor.mesh`: a box around all neurons and vessels.
#[derive(Debug, Clone, PartialEq)]
pub struct MeshPreparation {
    /// `explode_factor`: points are scaled about their mean by this before the box is drawn; default 1.001.
    pub explode_factor: f64,
    /// `base_length`: edge length of the first tetrahedra, um; `None` where absent.
    pub base_length_um: Option<f64>,
    /// `refinement_steps`: how often every tetrahedron is split; default 0.
    pub refinement_steps: u32,
}

/// `explode_factor` where absent.
const EXPLODE_FACTOR: f64 = 1.001;

/// `refinement_steps` where absent.
const REFINEMENT_STEPS: u32 = 0;

pub(super) static PREPROCESSOR: Shape = Shape::strict(
    "preprocessor",
    "What is made where files are absent.",
    &[&[Key::section("mesh", &MESH), Key::section("node_sets", &NODE_SETS)]],
);

static MESH: Shape = Shape::strict(
    "mesh_preparation",
    "The mesh that is made where mesh_path does not exist: a box around all neurons and vessels.",
    &[&[
        Key::number("explode_factor", Domain::Positive)
            .or_number(EXPLODE_FACTOR)
            .about("Points are scaled about their mean by this before the box is drawn."),
        Key::number("base_length", Domain::Positive)
            .unit("um")
            .about("Tenth of the edge length of the first tetrahedra; needed where a mesh is made."),
        Key::count("refinement_steps").or_number(REFINEMENT_STEPS as f64).about("How often edges are halved."),
    ]],
);

static NODE_SETS: Shape = Shape::strict(
    "node_set_preparation",
    "The node sets that are made where node_sets_file does not exist: Neurons, Astrocytes, and All of them.",
    &[&[
        Key::flag("filter_neuron").or_flag(false).about("Whether only neurons that meet an astrocyte are taken."),
        Key::text("neuron_population_name").mandatory().about("Population of the neurons."),
        Key::text("astrocyte_population_name").about("Population of the astrocytes."),
    ]],
);

impl Default for MeshPreparation {
    fn default() -> Self {
        Self { explode_factor: EXPLODE_FACTOR, base_length_um: None, refinement_steps: REFINEMENT_STEPS }
    }
}

/// `preprocessor.node_sets`: the node sets file that is made where it does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSetPreparation {
    /// `filter_neuron`: only neurons connected to an astrocyte; default false.
    pub filter_neuron: bool,
    /// `neuron_population_name`.
    pub neuron_population_name: String,
    /// `astrocyte_population_name`, where given.
    pub astrocyte_population_name: Option<String>,
}

impl Preprocessor {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let preprocessor = Self {
            mesh: section.object("mesh").map_or_else(MeshPreparation::default, |mesh| MeshPreparation::read(&mesh)),
            node_sets: section.object("node_sets").map(|node_sets| NodeSetPreparation::read(&node_sets)),
        };
        section.finish();
        preprocessor
    }
}

impl MeshPreparation {
    fn read(section: &Section<'_>) -> Self {
        let mesh = Self {
            explode_factor: section.number_or_standard("explode_factor"),
            base_length_um: section.number("base_length"),
            refinement_steps: section.count("refinement_steps").unwrap_or(REFINEMENT_STEPS),
        };
        section.finish();
        mesh
    }
}

impl NodeSetPreparation {
    fn read(section: &Section<'_>) -> Self {
        let node_sets = Self {
            filter_neuron: section.flag_or_standard("filter_neuron"),
            neuron_population_name: section.required_text("neuron_population_name"),
            astrocyte_population_name: section.owned_text("astrocyte_population_name"),
        };
        section.finish();
        node_sets
    }
}
