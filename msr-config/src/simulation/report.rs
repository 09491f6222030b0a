//! The `reports` section: what is recorded from the neurons.

use std::path::PathBuf;

/// One entry of `reports`.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Its key in `reports`.
    pub name: String,
    /// `type`, with the parameters that only it has.
    pub report_type: ReportType,
    /// `cells`: node set; default the simulation's `node_set`, `None` for everything.
    pub cells: Option<String>,
    /// `sections`; default `soma`.
    pub sections: Sections,
    /// `compartments`; default `center` for soma, else `all`.
    pub compartments: Compartments,
    /// `variable_name`, split at its commas (`ina, ik`); empty for `lfp`.
    pub variables: Vec<String>,
    /// `unit`, written as it is; default `mV`.
    pub unit: String,
    /// `scaling`; default `area`.
    pub scaling: Scaling,
    /// `dt`, ms.
    pub dt_ms: f64,
    /// `start_time`, ms.
    pub start_time_ms: f64,
    /// `end_time`, ms.
    pub end_time_ms: f64,
    /// `file_name` with `.h5`, inside the output directory; default the report's key.
    pub file_name: PathBuf,
    /// `enabled`; default true.
    pub enabled: bool,
}

/// `reports.X.type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportType {
    /// `compartment`: one value per segment.
    Compartment,
    /// `summation`: sums over segments.
    Summation,
    /// `synapse`: one value per synapse.
    Synapse,
    /// `lfp`: extracellular potential at electrodes.
    Lfp {
        /// `electrodes_file` with the scaling factors.
        electrodes_file: PathBuf,
    },
    /// `compartment_set`: the locations of a compartment set.
    CompartmentSet {
        /// Name of the set.
        compartment_set: String,
    },
}

/// `reports.X.sections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sections {
    /// `soma`.
    #[default]
    Soma,
    /// `axon`.
    Axon,
    /// `dend`.
    Dend,
    /// `apic`.
    Apic,
    /// `all`.
    All,
}

/// `reports.X.compartments`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compartments {
    /// `center`: the middle segment of each section.
    Center,
    /// `all`: every segment.
    All,
}

/// `reports.X.scaling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// `none`.
    None,
    /// `area`: densities are multiplied by the segment's area.
    #[default]
    Area,
}
