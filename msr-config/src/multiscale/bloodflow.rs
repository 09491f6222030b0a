//! The `multiscale_run.bloodflow` section.

/// Settings of the blood flow, all mandatory in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Bloodflow {
    /// `ndts`: its step in base steps.
    pub ndts: u64,
    /// `blood_viscosity`: plasma viscosity, in the file's units (g/um/s in the templates).
    pub blood_viscosity: f64,
    /// `depth_ratio`: depth of entry nodes, as a fraction of the extent along `vasc_axis`.
    pub depth_ratio: f64,
    /// `max_nb_inputs`: number of entry nodes at most.
    pub max_nb_inputs: u64,
    /// `min_subgraph_size`: components with fewer nodes get no entry node.
    pub min_subgraph_size: u64,
    /// `max_capillaries_diameter`, um.
    pub max_capillaries_diameter_um: f64,
    /// `edge_scale`: for pictures.
    pub edge_scale: f64,
    /// `node_scale`: for pictures.
    pub node_scale: f64,
    /// `input_v`: velocity at entry nodes, um/s.
    pub input_v_um_per_s: f64,
    /// `vasc_axis`: 0, 1 or 2 for x, y, z.
    pub vasc_axis: usize,
    /// `base_pressure`: pressure at exit nodes, in the file's units (g/um/s^2 in the templates).
    pub base_pressure: f64,
}
