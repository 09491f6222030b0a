//! The `multiscale_run.preprocessor` section: the mesh and node sets that are made where files are absent.

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
