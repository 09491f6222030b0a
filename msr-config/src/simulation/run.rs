//! The `run` and `output` sections.

use std::path::PathBuf;

/// `run`: time, seeds and integration.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// `tstop`: end of the run, ms.
    pub tstop_ms: f64,
    /// `dt`: base step, ms.
    pub dt_ms: f64,
    /// `random_seed`: seed of everything that has no own seed.
    pub random_seed: i32,
    /// `spike_threshold`, mV; default -30.
    pub spike_threshold_mv: f64,
    /// `integration_method`; default `euler`.
    pub integration_method: IntegrationMethod,
    /// `stimulus_seed`; default 0.
    pub stimulus_seed: i32,
    /// `ionchannel_seed`; default 0.
    pub ionchannel_seed: i32,
    /// `minis_seed`; default 0.
    pub minis_seed: i32,
    /// `synapse_seed`; default 0.
    pub synapse_seed: i32,
}

/// `run.integration_method`: how the cable equation is advanced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IntegrationMethod {
    /// `euler`: implicit Euler.
    #[default]
    Euler,
    /// `crank_nicolson`: second order, ion channels as with Euler.
    CrankNicolson,
    /// `crank_nicolson_ion`: second order, ionic currents too.
    CrankNicolsonIon,
}

/// `output`: where results go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// `output_dir`, joined to the configuration's directory; default `output`.
    pub output_dir: PathBuf,
    /// `spikes_file`, inside `output_dir` (its last path component, as the reference implementation); default `out.h5`.
    pub spikes_file: PathBuf,
    /// `spikes_sort_order`; default `by_time`.
    pub spikes_sort_order: SpikesSortOrder,
    /// `log_file`, inside `output_dir`; `None` for standard output.
    pub log_file: Option<PathBuf>,
}

/// `output.spikes_sort_order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpikesSortOrder {
    /// `none`.
    None,
    /// `by_id`.
    ById,
    /// `by_time`.
    #[default]
    ByTime,
}
