//! The `multiscale_run.preprocessor` section: the mesh and node sets that are made where files are absent.

use crate::section::{Domain, Section, Unknown};

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

impl Default for MeshPreparation {
    fn default() -> Self {
        Self { explode_factor: 1.001, base_length_um: None, refinement_steps: 0 }
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
        section.finish(Unknown::Refused);
        preprocessor
    }
}

impl MeshPreparation {
    fn read(section: &Section<'_>) -> Self {
        let standard = Self::default();
        let mesh = Self {
            explode_factor: section.number("explode_factor", Domain::Positive).unwrap_or(standard.explode_factor),
            base_length_um: section.number("base_length", Domain::Positive),
            refinement_steps: section.count("refinement_steps").unwrap_or(standard.refinement_steps),
        };
        section.finish(Unknown::Refused);
        mesh
    }
}

impl NodeSetPreparation {
    fn read(section: &Section<'_>) -> Self {
        let node_sets = Self {
            filter_neuron: section.flag("filter_neuron").unwrap_or(false),
            neuron_population_name: section.required_text("neuron_population_name"),
            astrocyte_population_name: section.owned_text("astrocyte_population_name"),
        };
        section.finish(Unknown::Refused);
        node_sets
    }
}
