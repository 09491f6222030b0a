//! The `multiscale_run.steps` section: the extracellular space.

/// Settings of the reaction-diffusion simulator.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// `ndts`: its step in base steps.
    pub ndts: u64,
    /// `conc_factor`: concentrations inside the simulator are this fraction of the real ones; default 1e-9.
    pub conc_factor: f64,
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
