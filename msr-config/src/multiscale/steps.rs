//! The `multiscale_run.steps` section: the extracellular space.

use crate::section::{Domain, Section, Unknown};

/// Settings of the reaction-diffusion simulator.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// `ndts`: its step in base steps.
    pub ndts: u64,
    /// `conc_factor`: concentrations inside the simulator are this fraction of the real ones; default 1e-9.
    pub conc_factor: f64,
    /// `solver` (ours), where given: the name of a method, checked by the simulator.
    pub solver: Option<String>,
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

impl Steps {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let volume_system = section.required_object("Volsys");
        let steps = Self {
            ndts: section.required_steps("ndts"),
            conc_factor: section.number("conc_factor", Domain::Positive).unwrap_or(CONC_FACTOR),
            solver: section.owned_text("solver"),
            compartment: section.required_text("compname"),
            volume_system: volume_system.as_ref().map_or_else(VolumeSystem::placeholder, VolumeSystem::read),
        };
        section.ignore(&["reports"]);
        section.finish(Unknown::Refused);
        steps
    }
}

impl VolumeSystem {
    fn read(section: &Section<'_>) -> Self {
        let name = section.required_text("name");
        let entries = section.required_object("species");
        let species = entries.iter().flat_map(|species| species.entries());
        let species = species.map(|(member, entry)| Species::read(&member.name, &entry)).collect();
        section.finish(Unknown::Refused);
        Self { name, species }
    }

    /// Stands for a `Volsys` that is absent, which is a problem already.
    fn placeholder() -> Self {
        Self { name: String::new(), species: Vec::new() }
    }
}

impl Species {
    fn read(name: &str, entry: &Section<'_>) -> Self {
        let species = Self {
            name: name.to_owned(),
            concentration_mm: entry.required_number("conc_0", Domain::NotNegative),
            diffusion_m2_per_s: entry.required_number("diffcst", Domain::NotNegative),
            charges: entry.required_integer("ncharges"),
        };
        entry.finish(Unknown::Refused);
        species
    }
}
