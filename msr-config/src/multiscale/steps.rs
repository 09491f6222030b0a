//! The `multiscale_run.steps` section: the extracellular space.

use crate::section::Section;
use crate::shape::{Domain, Key, Kind, Shape};

use super::report::REPORT;

/// Settings of the reaction-diffusion simulator.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// `ndts`: its step in base steps.
    pub ndts: u64,
    /// `conc_factor`: concentrations inside the simulator are this fraction of the real ones; default 1e-9.
    pub conc_factor: f64,
    /// `solver` (ours), where given: the name of a method, checked by the simulator.
    pub solver: Option<String>,
    /// `flux` (ours), where given: the name of a flux over faces, checked by the simulator.
    pub flux: Option<String>,
    /// `shortage` (ours), where given: what becomes of ions that are not there, checked by the simulator.
    pub shortage: Option<String>,
    /// `scaled_counts` (ours): whether only a fraction `conc_factor` of all molecules is simulated.
    pub scaled_counts: bool,
    /// `compname`: name of the compartment.
    pub compartment: String,
    /// `Volsys`.
    pub volume_system: VolumeSystem,
}

/// `Volsys`: the species of the compartment.
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeSystem {
    /// `name`.
    pub name: String,
    /// `species`, in file order.
    pub species: Vec<Species>,
    /// `reactions` (ours), in file order.
    pub reactions: Vec<Reaction>,
}

/// One reaction in the volume, by mass action.
#[derive(Debug, Clone, PartialEq)]
pub struct Reaction {
    /// Its key in `reactions`.
    pub name: String,
    /// `equation`: `A + B -> C`, or `A + B <-> C`; read by the simulator.
    pub equation: String,
    /// `rate`: rate constant from left to right, M^(1-n)/s for order n.
    pub rate: f64,
    /// `reverse_rate`: rate constant from right to left, for `<->`.
    pub reverse_rate: Option<f64>,
}

/// One diffusing species.
#[derive(Debug, Clone, PartialEq)]
pub struct Species {
    /// Its key in `species`.
    pub name: String,
    /// `conc_0`: initial concentration, mM.
    pub concentration_mm: f64,
    /// `diffcst`: diffusion constant, m^2/s.
    pub diffusion_m2_per_s: f64,
    /// `ncharges`: elementary charges of one ion.
    pub charges: i64,
}

/// `conc_factor` where absent.
const CONC_FACTOR: f64 = 1e-9;

pub(super) static STEPS: Shape = Shape::strict(
    "steps",
    "Reaction and diffusion of ions in the extracellular space.",
    &[&[
        Key::steps("ndts").mandatory().unit("base steps of run.dt").about("Its step."),
        Key::number("conc_factor", Domain::Positive)
            .or_number(CONC_FACTOR)
            .about("Concentrations that queries say are this fraction of the real ones."),
        Key::text("solver").or("deterministic").about("Method by which it is advanced."),
        Key::text("flux").or("two_point").about("How much flows over a face: `two_point` or `consistent`."),
        Key::text("shortage")
            .or("report")
            .about("What becomes of ions that a current takes and that are not there: `report`, `carry` or `abort`."),
        Key::flag("scaled_counts")
            .or_flag(false)
            .about("Whether only a fraction `conc_factor` of all molecules is simulated, as the original does."),
        Key::text("compname").mandatory().about("Name of the compartment, as the mesh file has it."),
        Key::section("Volsys", &VOLUME_SYSTEM).mandatory(),
        Key::named("reports", &Kind::Section(&REPORT)).elsewhere().about("What is recorded from the mesh, by name."),
    ]],
);

static VOLUME_SYSTEM: Shape = Shape::strict(
    "volume_system",
    "The species of the compartment.",
    &[&[
        Key::text("name").mandatory().about("Name of the volume system."),
        Key::named("species", &Kind::Section(&SPECIES)).mandatory().about("The species, by name."),
        Key::named("reactions", &Kind::Section(&REACTION)).about("Reactions among them, by name."),
    ]],
);

static REACTION: Shape = Shape::strict(
    "reaction",
    "A reaction in the volume, by mass action.",
    &[&[
        Key::text("equation")
            .mandatory()
            .about("`A + 2 B -> C`, or `A + B <-> C` with `reverse_rate`; `0` is nothing."),
        Key::number("rate", Domain::NotNegative)
            .mandatory()
            .unit("M^(1-n)/s")
            .about("Rate constant from left to right, for n molecules on the left."),
        Key::number("reverse_rate", Domain::NotNegative)
            .unit("M^(1-n)/s")
            .about("Rate constant from right to left, for n molecules on the right."),
    ]],
);

static SPECIES: Shape = Shape::strict(
    "species",
    "A diffusing species.",
    &[&[
        Key::number("conc_0", Domain::NotNegative).mandatory().unit("mM").about("Concentration at the beginning."),
        Key::number("diffcst", Domain::NotNegative).mandatory().unit("m^2/s").about("Diffusion constant."),
        Key::integer("ncharges").mandatory().about("Elementary charges of one ion."),
    ]],
);

impl Steps {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let volume_system = section.object("Volsys");
        let steps = Self {
            ndts: section.required_steps("ndts"),
            conc_factor: section.number_or_standard("conc_factor"),
            solver: section.owned_text("solver"),
            flux: section.owned_text("flux"),
            shortage: section.owned_text("shortage"),
            scaled_counts: section.flag_or_standard("scaled_counts"),
            compartment: section.required_text("compname"),
            volume_system: volume_system.as_ref().map_or_else(VolumeSystem::absent, VolumeSystem::read),
        };
        section.finish();
        steps
    }
}

impl VolumeSystem {
    fn read(section: &Section<'_>) -> Self {
        let name = section.required_text("name");
        let entries = section.object("species");
        let species = entries.iter().flat_map(|species| species.entries());
        let species = species.map(|(member, entry)| Species::read(&member.name, &entry)).collect();
        let entries = section.object("reactions");
        let reactions = entries.iter().flat_map(|reactions| reactions.entries());
        let reactions = reactions.map(|(member, entry)| Reaction::read(&member.name, &entry)).collect();
        section.finish();
        Self { name, species, reactions }
    }

    /// Stands for a `Volsys` that is absent, which is a problem already.
    fn absent() -> Self {
        Self { name: String::new(), species: Vec::new(), reactions: Vec::new() }
    }
}

impl Species {
    fn read(name: &str, entry: &Section<'_>) -> Self {
        let species = Self {
            name: name.to_owned(),
            concentration_mm: entry.required_number("conc_0"),
            diffusion_m2_per_s: entry.required_number("diffcst"),
            charges: entry.required_integer("ncharges"),
        };
        entry.finish();
        species
    }
}

impl Reaction {
    fn read(name: &str, entry: &Section<'_>) -> Self {
        let reaction = Self {
            name: name.to_owned(),
            equation: entry.required_text("equation"),
            rate: entry.required_number("rate"),
            reverse_rate: entry.number("reverse_rate"),
        };
        entry.finish();
        reaction
    }
}
