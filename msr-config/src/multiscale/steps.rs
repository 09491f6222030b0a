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
    /// `tolerance` (ours), where given: error of diffusion in a step of the deterministic solver.
    pub tolerance: Option<f64>,
    /// `reaction_tolerance` (ours), where given: error of the splitting of diffusion and reactions in that solver.
    pub reaction_tolerance: Option<f64>,
    /// `deterministic_from` (ours), where given: molecules from which tau-leaping takes reactions as deterministic.
    pub deterministic_from: Option<f64>,
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
    /// `compartments` (ours): further ones, in file order.
    pub compartments: Vec<Compartment>,
    /// `boundaries` (ours): what passes between compartments, in file order.
    pub boundaries: Vec<DiffusionBoundary>,
}

/// A further compartment: the species are those of `Volsys`, but for what is said here.
#[derive(Debug, Clone, PartialEq)]
pub struct Compartment {
    /// Its key in `compartments`, the name of a physical volume of the mesh.
    pub name: String,
    /// `species`, in file order: those that are otherwise here.
    pub species: Vec<SpeciesWithin>,
}

/// What a species is like in one compartment, where it is otherwise than in `Volsys.species`.
#[derive(Debug, Clone, PartialEq)]
pub struct SpeciesWithin {
    /// Its name.
    pub name: String,
    /// `conc_0`, mM.
    pub concentration_mm: Option<f64>,
    /// `diffcst`, m^2/s.
    pub diffusion_m2_per_s: Option<f64>,
    /// `clamped`.
    pub clamped: Option<bool>,
}

/// Faces between two compartments that are open for one species.
#[derive(Debug, Clone, PartialEq)]
pub struct DiffusionBoundary {
    /// Its key in `boundaries`.
    pub name: String,
    /// `species`.
    pub species: String,
    /// `between`: names of the two compartments.
    pub between: [String; 2],
    /// `diffcst`: diffusion constant over the faces, m^2/s.
    pub diffusion_m2_per_s: f64,
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
    /// `clamped` (ours): whether its amounts are held.
    pub clamped: bool,
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
        Key::number("tolerance", Domain::Positive).or("1e-10").about(
            "Error of diffusion in a step of the deterministic solver, as a part of the deviation from the mean.",
        ),
        Key::number("reaction_tolerance", Domain::Positive).or("1e-5").about(
            "Error of the splitting of diffusion and reactions in that solver, as a part of the largest concentration.",
        ),
        Key::number("deterministic_from", Domain::Positive).or("1e7").about(
            "Molecules of each reactant in a tetrahedron from which tau_leaping takes reactions as deterministic.",
        ),
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
        Key::named("compartments", &Kind::Section(&COMPARTMENT))
            .about("Further compartments, by their names in the mesh; the species are in all of them."),
        Key::named("boundaries", &Kind::Section(&BOUNDARY))
            .about("What passes between compartments, by any name; else nothing does."),
    ]],
);

static COMPARTMENT: Shape = Shape::strict(
    "compartment",
    "A further compartment of the mesh.",
    &[&[Key::named("species", &Kind::Section(&SPECIES_WITHIN)).about("Species that are otherwise here, by name.")]],
);

static SPECIES_WITHIN: Shape = Shape::strict(
    "species_within",
    "What a species is like in a compartment, where otherwise than in Volsys.species.",
    &[&[
        Key::number("conc_0", Domain::NotNegative).unit("mM").about("Concentration at the beginning."),
        Key::number("diffcst", Domain::NotNegative).unit("m^2/s").about("Diffusion constant."),
        Key::flag("clamped").about("Whether its amounts are held."),
    ]],
);

static BOUNDARY: Shape = Shape::strict(
    "boundary",
    "Faces between two compartments that are open for a species.",
    &[&[
        Key::text("species").mandatory().about("Name of the species that passes."),
        Key::list("between", &Kind::Text).mandatory().about("Names of the two compartments."),
        Key::number("diffcst", Domain::NotNegative)
            .mandatory()
            .unit("m^2/s")
            .about("Diffusion constant over the faces."),
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
        Key::flag("clamped")
            .or_flag(false)
            .about("Whether its amounts are held: it reacts, and over a boundary it is a source or a sink."),
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
            tolerance: section.number("tolerance"),
            reaction_tolerance: section.number("reaction_tolerance"),
            deterministic_from: section.number("deterministic_from"),
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
        let entries = section.object("compartments");
        let compartments = entries.iter().flat_map(|compartments| compartments.entries());
        let compartments = compartments.map(|(member, entry)| Compartment::read(&member.name, &entry)).collect();
        let entries = section.object("boundaries");
        let boundaries = entries.iter().flat_map(|boundaries| boundaries.entries());
        let boundaries =
            boundaries.filter_map(|(member, entry)| DiffusionBoundary::read(&member.name, &entry)).collect();
        section.finish();
        Self { name, species, reactions, compartments, boundaries }
    }

    /// Stands for a `Volsys` that is absent, which is a problem already.
    fn absent() -> Self {
        Self {
            name: String::new(),
            species: Vec::new(),
            reactions: Vec::new(),
            compartments: Vec::new(),
            boundaries: Vec::new(),
        }
    }
}

impl Compartment {
    fn read(name: &str, section: &Section<'_>) -> Self {
        let entries = section.object("species");
        let species = entries.iter().flat_map(|species| species.entries());
        let species = species.map(|(member, entry)| SpeciesWithin::read(&member.name, &entry)).collect();
        section.finish();
        Self { name: name.to_owned(), species }
    }
}

impl SpeciesWithin {
    fn read(name: &str, entry: &Section<'_>) -> Self {
        let species = Self {
            name: name.to_owned(),
            concentration_mm: entry.number("conc_0"),
            diffusion_m2_per_s: entry.number("diffcst"),
            clamped: entry.flag("clamped"),
        };
        entry.finish();
        species
    }
}

impl DiffusionBoundary {
    /// `None` after a problem.
    fn read(name: &str, entry: &Section<'_>) -> Option<Self> {
        let (species, diffusion_m2_per_s) = (entry.required_text("species"), entry.required_number("diffcst"));
        let between = entry.texts("between");
        let found = between.len();
        let between: Option<[String; 2]> = between.try_into().ok();
        if between.is_none() && entry.has("between") {
            entry.problem("between", format!("must name two compartments, found {found}"));
        }
        entry.finish();
        between.map(|between| Self { name: name.to_owned(), species, between, diffusion_m2_per_s })
    }
}

impl Species {
    fn read(name: &str, entry: &Section<'_>) -> Self {
        let species = Self {
            name: name.to_owned(),
            concentration_mm: entry.required_number("conc_0"),
            diffusion_m2_per_s: entry.required_number("diffcst"),
            charges: entry.required_integer("ncharges"),
            clamped: entry.flag_or_standard("clamped"),
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
