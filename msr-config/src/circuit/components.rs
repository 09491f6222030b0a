//! Directories and files that populations need.

use std::path::PathBuf;

use super::NodeKind;
use crate::section::Section;
use crate::shape::{Key, Shape};

/// Directories and files that a population needs; the circuit's `components` are defaults of each population.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Components {
    /// `morphologies_dir`: swc.
    pub morphologies_dir: Option<PathBuf>,
    /// `alternate_morphologies.neurolucida-asc`.
    pub neurolucida_asc_dir: Option<PathBuf>,
    /// `alternate_morphologies.h5v1`.
    pub h5v1_dir: Option<PathBuf>,
    /// `biophysical_neuron_models_dir`.
    pub biophysical_neuron_models_dir: Option<PathBuf>,
    /// `point_neuron_models_dir`.
    pub point_neuron_models_dir: Option<PathBuf>,
    /// `mechanisms_dir`.
    pub mechanisms_dir: Option<PathBuf>,
    /// `vasculature_file`.
    pub vasculature_file: Option<PathBuf>,
    /// `vasculature_mesh`.
    pub vasculature_mesh: Option<PathBuf>,
    /// `endfeet_meshes_file`.
    pub endfeet_meshes_file: Option<PathBuf>,
    /// `microdomains_file`.
    pub microdomains_file: Option<PathBuf>,
    /// `synaptic_models_dir`.
    pub synaptic_models_dir: Option<PathBuf>,
    /// `spine_morphologies_dir`.
    pub spine_morphologies_dir: Option<PathBuf>,
    /// `spatial_segment_index_dir` (nodes).
    pub spatial_segment_index_dir: Option<PathBuf>,
    /// `spatial_synapse_index_dir` (edges).
    pub spatial_synapse_index_dir: Option<PathBuf>,
}

/// Keys of `components` and of every population.
pub(super) const COMPONENTS: &[Key] = &[
    Key::path("morphologies_dir").about("Directory of SWC morphologies."),
    Key::section("alternate_morphologies", &ALTERNATE_MORPHOLOGIES),
    Key::path("biophysical_neuron_models_dir").about("Directory of the electrical models of cells."),
    Key::path("point_neuron_models_dir").about("Directory of the models of point neurons."),
    Key::path("mechanisms_dir").about("Directory of mechanisms."),
    Key::path("vasculature_file").about("Vessels, as points and edges."),
    Key::path("vasculature_mesh").about("Surface mesh of the vessels."),
    Key::path("endfeet_meshes_file").about("Surface meshes of endfeet."),
    Key::path("microdomains_file").about("Domains of astrocytes."),
    Key::path("spine_morphologies_dir").about("Directory of the morphologies of spines."),
    Key::path("spatial_segment_index_dir").about("Directory of the spatial index of segments (nodes)."),
    Key::path("spatial_synapse_index_dir").about("Directory of the spatial index of synapses (edges)."),
    Key::inert("provenance", "No effect: facts about how the circuit was made."),
    Key::path("synaptic_models_dir").about("Directory of the JSON files that edge types name in dynamics_params."),
    Key::inert("templates_dir", "No effect: a key of other programs."),
];

static ALTERNATE_MORPHOLOGIES: Shape = Shape::tolerant(
    "alternate_morphologies",
    "Directories of morphologies in other formats.",
    &[&[
        Key::path("neurolucida-asc").about("Directory of Neurolucida morphologies (.asc)."),
        Key::path("h5v1").about("Directory of HDF5 morphologies (.h5)."),
    ]],
);

impl Components {
    /// Reads the component keys of a section; other keys are left to the caller.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let alternate = section.object("alternate_morphologies");
        let alternate_dir = |name| alternate.as_ref().and_then(|alternate| alternate.path(name));
        let (neurolucida_asc_dir, h5v1_dir) = (alternate_dir("neurolucida-asc"), alternate_dir("h5v1"));
        if let Some(alternate) = alternate {
            alternate.finish();
        }
        Self {
            morphologies_dir: section.path("morphologies_dir"),
            neurolucida_asc_dir,
            h5v1_dir,
            biophysical_neuron_models_dir: section.path("biophysical_neuron_models_dir"),
            point_neuron_models_dir: section.path("point_neuron_models_dir"),
            mechanisms_dir: section.path("mechanisms_dir"),
            vasculature_file: section.path("vasculature_file"),
            vasculature_mesh: section.path("vasculature_mesh"),
            endfeet_meshes_file: section.path("endfeet_meshes_file"),
            microdomains_file: section.path("microdomains_file"),
            synaptic_models_dir: section.path("synaptic_models_dir"),
            spine_morphologies_dir: section.path("spine_morphologies_dir"),
            spatial_segment_index_dir: section.path("spatial_segment_index_dir"),
            spatial_synapse_index_dir: section.path("spatial_synapse_index_dir"),
        }
    }

    /// These components, and the defaults for what is absent; alternate morphologies are taken as a whole.
    pub(super) fn or(self, defaults: &Self) -> Self {
        let has_alternates = self.neurolucida_asc_dir.is_some() || self.h5v1_dir.is_some();
        let alternate = |own: Option<PathBuf>, default: &Option<PathBuf>| {
            if has_alternates { own } else { default.clone() }
        };
        let either = |own: Option<PathBuf>, default: &Option<PathBuf>| own.or_else(|| default.clone());
        Self {
            morphologies_dir: either(self.morphologies_dir, &defaults.morphologies_dir),
            neurolucida_asc_dir: alternate(self.neurolucida_asc_dir, &defaults.neurolucida_asc_dir),
            h5v1_dir: alternate(self.h5v1_dir, &defaults.h5v1_dir),
            biophysical_neuron_models_dir: either(
                self.biophysical_neuron_models_dir,
                &defaults.biophysical_neuron_models_dir,
            ),
            point_neuron_models_dir: either(self.point_neuron_models_dir, &defaults.point_neuron_models_dir),
            mechanisms_dir: either(self.mechanisms_dir, &defaults.mechanisms_dir),
            vasculature_file: either(self.vasculature_file, &defaults.vasculature_file),
            vasculature_mesh: either(self.vasculature_mesh, &defaults.vasculature_mesh),
            endfeet_meshes_file: either(self.endfeet_meshes_file, &defaults.endfeet_meshes_file),
            microdomains_file: either(self.microdomains_file, &defaults.microdomains_file),
            synaptic_models_dir: either(self.synaptic_models_dir, &defaults.synaptic_models_dir),
            spine_morphologies_dir: either(self.spine_morphologies_dir, &defaults.spine_morphologies_dir),
            spatial_segment_index_dir: self.spatial_segment_index_dir,
            spatial_synapse_index_dir: self.spatial_synapse_index_dir,
        }
    }

    /// Keys that a complete circuit must give for this kind of nodes and does not.
    pub(super) fn missing_for_nodes(&self, kind: &NodeKind) -> Vec<&'static str> {
        let morphologies = [&self.morphologies_dir, &self.neurolucida_asc_dir, &self.h5v1_dir];
        let mandatory = match kind {
            NodeKind::Biophysical => vec![
                ("morphologies_dir", morphologies.iter().any(|dir| dir.is_some())),
                ("biophysical_neuron_models_dir", self.biophysical_neuron_models_dir.is_some()),
            ],
            NodeKind::Astrocyte => vec![("microdomains_file", self.microdomains_file.is_some())],
            NodeKind::Vasculature => vec![
                ("vasculature_file", self.vasculature_file.is_some()),
                ("vasculature_mesh", self.vasculature_mesh.is_some()),
            ],
            _ => Vec::new(),
        };
        mandatory.into_iter().filter(|(_, is_given)| !is_given).map(|(key, _)| key).collect()
    }
}
