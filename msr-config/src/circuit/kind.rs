//! Kinds of node and edge populations.

/// `type` of a node population.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NodeKind {
    /// `biophysical`: cells with morphology and electrical model.
    #[default]
    Biophysical,
    /// `virtual`: sources of spikes.
    Virtual,
    /// `point_process`: integrate-and-fire cells.
    PointProcess,
    /// `point_neuron`.
    PointNeuron,
    /// `single_compartment`.
    SingleCompartment,
    /// `astrocyte`.
    Astrocyte,
    /// `vasculature`: vessel segments.
    Vasculature,
    /// Any other text.
    Other(String),
}

impl NodeKind {
    /// The kind with this name in the file.
    pub fn from_name(name: &str) -> Self {
        match name {
            "biophysical" => Self::Biophysical,
            "virtual" => Self::Virtual,
            "point_process" => Self::PointProcess,
            "point_neuron" => Self::PointNeuron,
            "single_compartment" => Self::SingleCompartment,
            "astrocyte" => Self::Astrocyte,
            "vasculature" => Self::Vasculature,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether nodes are cells that spike and are simulated, with a morphology or without.
    pub fn has_cells(&self) -> bool {
        matches!(self, Self::Biophysical | Self::SingleCompartment) || self.is_point()
    }

    /// Whether nodes are cells without morphology.
    pub fn is_point(&self) -> bool {
        matches!(self, Self::PointProcess | Self::PointNeuron)
    }

    pub(crate) fn names() -> Vec<&'static str> {
        Self::NAMES.to_vec()
    }

    /// The names that have a meaning.
    pub(crate) const NAMES: [&str; 7] =
        ["biophysical", "virtual", "point_process", "point_neuron", "single_compartment", "astrocyte", "vasculature"];

    /// The name in the file.
    pub fn name(&self) -> &str {
        match self {
            Self::Biophysical => "biophysical",
            Self::Virtual => "virtual",
            Self::PointProcess => "point_process",
            Self::PointNeuron => "point_neuron",
            Self::SingleCompartment => "single_compartment",
            Self::Astrocyte => "astrocyte",
            Self::Vasculature => "vasculature",
            Self::Other(other) => other,
        }
    }
}

/// `type` of an edge population.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum EdgeKind {
    /// `chemical` synapses.
    #[default]
    Chemical,
    /// `electrical`: gap junctions.
    Electrical,
    /// `synapse_astrocyte`: astrocyte to neuron, on a chemical synapse.
    SynapseAstrocyte,
    /// `endfoot`: vessel to astrocyte.
    Endfoot,
    /// `neuromodulatory`.
    Neuromodulatory,
    /// `Exp2Syn_synapse`.
    Exp2Syn,
    /// `point_process`.
    PointProcess,
    /// `glialglial`: astrocyte to astrocyte.
    Glialglial,
    /// `TM_synapse`.
    TsodyksMarkram,
    /// Any other text.
    Other(String),
}

impl EdgeKind {
    /// The names that have a meaning.
    pub(crate) fn names() -> Vec<&'static str> {
        vec![
            "chemical",
            "electrical",
            "synapse_astrocyte",
            "endfoot",
            "neuromodulatory",
            "Exp2Syn_synapse",
            "point_process",
            "glialglial",
            "TM_synapse",
        ]
    }

    /// The kind with this name in the file.
    pub fn from_name(name: &str) -> Self {
        match name {
            "chemical" => Self::Chemical,
            "electrical" => Self::Electrical,
            "synapse_astrocyte" => Self::SynapseAstrocyte,
            "endfoot" => Self::Endfoot,
            "neuromodulatory" => Self::Neuromodulatory,
            "Exp2Syn_synapse" => Self::Exp2Syn,
            "point_process" => Self::PointProcess,
            "glialglial" => Self::Glialglial,
            "TM_synapse" => Self::TsodyksMarkram,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The name in the file.
    pub fn name(&self) -> &str {
        match self {
            Self::Chemical => "chemical",
            Self::Electrical => "electrical",
            Self::SynapseAstrocyte => "synapse_astrocyte",
            Self::Endfoot => "endfoot",
            Self::Neuromodulatory => "neuromodulatory",
            Self::Exp2Syn => "Exp2Syn_synapse",
            Self::PointProcess => "point_process",
            Self::Glialglial => "glialglial",
            Self::TsodyksMarkram => "TM_synapse",
            Self::Other(other) => other,
        }
    }
}
