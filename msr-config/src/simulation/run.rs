//! The `run` and `output` sections.

use std::path::{Path, PathBuf};

use crate::grid::{TimeGrid, shortest};
use crate::path::joined;
use crate::section::{Domain, Section, Unknown};
use crate::simulation::note_directories;

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

/// `run.spike_threshold` where absent, mV.
const SPIKE_THRESHOLD_MV: f64 = -30.0;

impl Run {
    pub(super) fn read(run: &Section<'_>) -> Self {
        let this = Self {
            tstop_ms: run.required_number("tstop", Domain::NotNegative),
            dt_ms: run.required_number("dt", Domain::Positive),
            random_seed: run.required_seed("random_seed"),
            spike_threshold_mv: run.number("spike_threshold", Domain::Any).unwrap_or(SPIKE_THRESHOLD_MV),
            integration_method: run
                .choice(
                    "integration_method",
                    &[
                        ("euler", IntegrationMethod::Euler),
                        ("crank_nicolson", IntegrationMethod::CrankNicolson),
                        ("crank_nicolson_ion", IntegrationMethod::CrankNicolsonIon),
                    ],
                )
                .unwrap_or_default(),
            stimulus_seed: run.seed("stimulus_seed").unwrap_or(0),
            ionchannel_seed: run.seed("ionchannel_seed").unwrap_or(0),
            minis_seed: run.seed("minis_seed").unwrap_or(0),
            synapse_seed: run.seed("synapse_seed").unwrap_or(0),
        };
        if run.has("electrodes_file") {
            run.problem("electrodes_file", "belongs into each report of type lfp: reports.<name>.electrodes_file");
        }
        // Inert keys of other programs.
        run.ignore(&["tstart", "forward_skip", "dL", "nsteps_block"]);
        run.finish(Unknown::Noted);
        this.check_grid(run);
        this
    }

    fn check_grid(&self, run: &Section<'_>) {
        if self.dt_ms == 0.0 {
            return; // told before
        }
        match TimeGrid::new(self.tstop_ms, self.dt_ms) {
            Err(error) => run.problem("tstop", error.to_string()),
            Ok(grid) if grid.overshoot_ms(self.tstop_ms) > 0.0 => run.note(
                "tstop",
                format!(
                    "is no multiple of dt = {} ms; the run ends after {} steps at {} ms",
                    self.dt_ms,
                    grid.steps,
                    shortest(grid.end_ms())
                ),
            ),
            Ok(_) => {}
        }
    }

    /// Stands for a `run` that is absent, which is a problem already.
    pub(super) fn placeholder() -> Self {
        Self {
            tstop_ms: 0.0,
            dt_ms: 0.0,
            random_seed: 0,
            spike_threshold_mv: SPIKE_THRESHOLD_MV,
            integration_method: IntegrationMethod::default(),
            stimulus_seed: 0,
            ionchannel_seed: 0,
            minis_seed: 0,
            synapse_seed: 0,
        }
    }
}

const OUTPUT_DIR: &str = "output";
const SPIKES_FILE: &str = "out.h5";

impl Output {
    pub(super) fn read(output: Option<&Section<'_>>, base_dir: &Path) -> Self {
        let Some(output) = output else {
            let output_dir = joined(base_dir, OUTPUT_DIR);
            let spikes_file = output_dir.join(SPIKES_FILE);
            return Self { output_dir, spikes_file, spikes_sort_order: SpikesSortOrder::default(), log_file: None };
        };
        let output_dir = output.path("output_dir").unwrap_or_else(|| joined(base_dir, OUTPUT_DIR));
        let inside = |name: &str| output_dir.join(Path::new(name).file_name().unwrap_or_default());
        let spikes_file = output.text("spikes_file").unwrap_or(SPIKES_FILE);
        if Path::new(spikes_file).file_name().is_none() {
            output.problem("spikes_file", "must be the name of a file");
        }
        let this = Self {
            spikes_file: inside(spikes_file),
            spikes_sort_order: output
                .choice(
                    "spikes_sort_order",
                    &[
                        ("none", SpikesSortOrder::None),
                        ("by_id", SpikesSortOrder::ById),
                        ("by_time", SpikesSortOrder::ByTime),
                    ],
                )
                .unwrap_or_default(),
            log_file: output.text("log_file").filter(|name| !name.is_empty()).map(|name| joined(&output_dir, name)),
            output_dir,
        };
        note_directories(output, "spikes_file", this.spikes_file.file_name().unwrap_or_default());
        output.ignore(&["overwrite_output_dir"]);
        output.finish(Unknown::Noted);
        this
    }
}
