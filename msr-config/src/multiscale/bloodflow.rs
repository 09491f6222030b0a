//! The `multiscale_run.bloodflow` section.

mod solutes;
mod vasodilation;

pub use solutes::{BloodGlucose, BloodOxygen};
pub use vasodilation::{DilationFloor, DilationOfClass, Vasodilation};

use std::path::PathBuf;

use crate::section::Section;
use crate::shape::{Domain, Key, Kind, Shape, Word};

use self::solutes::{GLUCOSE, OXYGEN};
use self::vasodilation::VASODILATION;
use super::report::REPORT;

/// Settings of the blood flow; in the file all are mandatory but ours.
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
    /// `min_subgraph_size`: of the original, no effect.
    pub min_subgraph_size: u64,
    /// `max_capillaries_diameter`, um: of the original, no effect.
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
    /// `input_v_is` (ours).
    pub input_v_is: InputV,
    /// `held` (ours): what is kept at the ends while radii change.
    pub held: HeldAtEnds,
    /// `entry_pressure` (ours), where given: pressure at the entries, in the unit of `base_pressure`.
    pub entry_pressure: Option<f64>,
    /// `boundary` (ours), where given: a CSV table of flows and pressures at nodes.
    pub boundary: Option<PathBuf>,
    /// `viscosity` (ours), where given: the name of a law, checked by the simulator.
    pub viscosity: Option<String>,
    /// `discharge_hematocrit` (ours), where given.
    pub discharge_hematocrit: Option<f64>,
    /// `phase_separation` (ours).
    pub phase_separation: bool,
    /// `repeated_radii_keep` (ours): what is kept where a segment gets several radii.
    pub repeated_radii_keep: Kept,
    /// `solver` (ours): how pressures are found.
    pub solver: PressureSolver,
    /// `vasodilation` (ours), where given: vessels under endfeet dilate on their own.
    pub vasodilation: Option<Vasodilation>,
    /// `oxygen` (ours).
    pub oxygen: BloodOxygen,
    /// `glucose` (ours).
    pub glucose: BloodGlucose,
}

/// What `input_v` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputV {
    /// A speed in um/s.
    #[default]
    Speed,
    /// A flow in um3/s, as the original takes it.
    SpeedReadAsFlow,
}

impl Word for InputV {
    const WORDS: &'static [(&'static str, Self)] =
        &[("speed", Self::Speed), ("speed_read_as_flow", Self::SpeedReadAsFlow)];
}

/// What is kept at the ends of the vasculature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeldAtEnds {
    /// Flows.
    #[default]
    Flows,
    /// The pressures that the flows cause at rest.
    Pressures,
}

impl Word for HeldAtEnds {
    const WORDS: &'static [(&'static str, Self)] = &[("flows", Self::Flows), ("pressures", Self::Pressures)];
}

/// What is kept where a segment gets several radii.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kept {
    /// Its volume.
    #[default]
    Volume,
    /// Its resistance.
    Resistance,
}

impl Word for Kept {
    const WORDS: &'static [(&'static str, Self)] = &[("volume", Self::Volume), ("resistance", Self::Resistance)];
}

/// How pressures are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PressureSolver {
    /// By a factor where memory suffices, else by iteration.
    #[default]
    Automatic,
    /// By a factor.
    Direct,
    /// By iteration.
    Iterative,
}

impl Word for PressureSolver {
    const WORDS: &'static [(&'static str, Self)] =
        &[("automatic", Self::Automatic), ("direct", Self::Direct), ("iterative", Self::Iterative)];
}

/// Axes of space.
const AXES: u32 = 3;

pub(super) static BLOODFLOW: Shape = Shape::strict(
    "bloodflow",
    "Blood flow in the vessels of the circuit.",
    &[&[
        Key::steps("ndts").mandatory().unit("base steps of run.dt").about("Its step."),
        Key::number("blood_viscosity", Domain::Positive).mandatory().unit("g/um/s").about("Viscosity of the plasma."),
        Key::number("depth_ratio", Domain::Any).mandatory().about(
            "Depth of the vessels at which blood enters, as a fraction of the extent along vasc_axis; 0 or 1 is taken for \
             what is below or above.",
        ),
        Key::count("max_nb_inputs").mandatory().about("Number of entries at most."),
        Key::count("min_subgraph_size").mandatory().about("Of the original; no effect."),
        Key::number("max_capillaries_diameter", Domain::NotNegative)
            .mandatory()
            .unit("um")
            .about("Of the original; no effect."),
        Key::number("edge_scale", Domain::NotNegative).mandatory().about("Of pictures of the original; no effect."),
        Key::number("node_scale", Domain::NotNegative).mandatory().about("Of pictures of the original; no effect."),
        Key::number("input_v", Domain::NotNegative)
            .mandatory()
            .unit("um/s")
            .about("Speed of the blood at the entries."),
        Key::count("vasc_axis").mandatory().about("Axis along which vessels descend: 0, 1 or 2 for x, y, z."),
        Key::number("base_pressure", Domain::Any).mandatory().unit("g/um/s^2").about("Pressure where blood leaves."),
        Key::word::<InputV>("input_v_is")
            .or_text("speed")
            .about("speed_read_as_flow takes input_v as a flow in um3/s, as the original does."),
        Key::word::<HeldAtEnds>("held")
            .or_text("flows")
            .about("What is kept at the ends while radii change; with pressures, dilation changes the total flow."),
        Key::number("entry_pressure", Domain::Any).unit("g/um/s^2").about(
            "Pressure at the entries, above base_pressure, which all other ends have then; input_v, input_v_is and \
                 held have no effect.",
        ),
        Key::path("boundary").about(
            "A CSV table of what is given at nodes: columns node, inflow (um3/s, negative where blood leaves), pressure (kPa), \
             one of the two in each row. The keys for entries and ends have no effect then.",
        ),
        Key::text("viscosity").or("astro_vasc_py").about("Law for the viscosity of blood relative to plasma."),
        Key::number("discharge_hematocrit", Domain::Fraction)
            .or("0.45")
            .about("Part of the blood that enters which is red cells."),
        Key::flag("phase_separation").or_flag(false).about("Whether red cells divide otherwise than the blood."),
        Key::word::<Kept>("repeated_radii_keep")
            .or_text("volume")
            .about("What is kept where a vessel segment gets several radii."),
        Key::word::<PressureSolver>("solver")
            .or_text("automatic")
            .about("How pressures are found: by a Cholesky factor, by iteration, or automatically by what memory allows."),
        Key::section("vasodilation", &VASODILATION),
        Key::section("oxygen", &OXYGEN),
        Key::section("glucose", &GLUCOSE),
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
        let [vasodilation, oxygen, glucose] = ["vasodilation", "oxygen", "glucose"].map(|name| section.object(name));
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
            input_v_is: section.word_or_standard("input_v_is"),
            held: section.word_or_standard("held"),
            entry_pressure: section.number("entry_pressure"),
            boundary: section.file("boundary"),
            viscosity: section.owned_text("viscosity"),
            discharge_hematocrit: section.number("discharge_hematocrit"),
            phase_separation: section.flag_or_standard("phase_separation"),
            repeated_radii_keep: section.word_or_standard("repeated_radii_keep"),
            solver: section.word_or_standard("solver"),
            vasodilation: vasodilation.as_ref().map(Vasodilation::read),
            oxygen: oxygen.as_ref().map(BloodOxygen::read).unwrap_or_default(),
            glucose: glucose.as_ref().map(BloodGlucose::read).unwrap_or_default(),
        };
        section.finish();
        bloodflow
    }
}
