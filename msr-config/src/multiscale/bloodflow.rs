//! The `multiscale_run.bloodflow` section.

use crate::section::Section;
use crate::shape::{Domain, Key, Kind, Shape};

use super::report::REPORT;

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

/// Axes of space.
const AXES: u32 = 3;

pub(super) static BLOODFLOW: Shape = Shape::strict(
    "bloodflow",
    "Blood flow in the vessels of the circuit.",
    &[&[
        Key::steps("ndts").mandatory().unit("base steps of run.dt").about("Its step."),
        Key::number("blood_viscosity", Domain::Positive).mandatory().unit("g/um/s").about("Viscosity of the plasma."),
        Key::number("depth_ratio", Domain::Fraction)
            .mandatory()
            .about("Depth of the vessels at which blood enters, as a fraction of the extent along vasc_axis."),
        Key::count("max_nb_inputs").mandatory().about("Number of entries at most."),
        Key::count("min_subgraph_size").mandatory().about("Vessel networks with fewer nodes get no entry."),
        Key::number("max_capillaries_diameter", Domain::NotNegative)
            .mandatory()
            .unit("um")
            .about("Diameter up to which a vessel is a capillary."),
        Key::number("edge_scale", Domain::NotNegative).mandatory().about("Of pictures of the original; no effect."),
        Key::number("node_scale", Domain::NotNegative).mandatory().about("Of pictures of the original; no effect."),
        Key::number("input_v", Domain::NotNegative)
            .mandatory()
            .unit("um/s")
            .about("Speed of the blood at the entries."),
        Key::count("vasc_axis").mandatory().about("Axis along which vessels descend: 0, 1 or 2 for x, y, z."),
        Key::number("base_pressure", Domain::Any).mandatory().unit("g/um/s^2").about("Pressure where blood leaves."),
        Key::named("reports", &Kind::Section(&REPORT)).elsewhere().about("What is recorded from the vessels, by name."),
    ]],
);

impl Bloodflow {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let number = |name| section.required_number(name);
        let vasc_axis = section.required_count("vasc_axis");
        if vasc_axis >= AXES {
            section.problem("vasc_axis", format!("must be 0, 1 or 2 (x, y, z), found {vasc_axis}"));
        }
        let bloodflow = Self {
            ndts: section.required_steps("ndts"),
            blood_viscosity: section.required_number("blood_viscosity"),
            depth_ratio: section.required_number("depth_ratio"),
            max_nb_inputs: section.required_count("max_nb_inputs").into(),
            min_subgraph_size: section.required_count("min_subgraph_size").into(),
            max_capillaries_diameter_um: number("max_capillaries_diameter"),
            edge_scale: number("edge_scale"),
            node_scale: number("node_scale"),
            input_v_um_per_s: number("input_v"),
            vasc_axis: vasc_axis as usize,
            base_pressure: section.required_number("base_pressure"),
        };
        section.finish();
        bloodflow
    }
}
