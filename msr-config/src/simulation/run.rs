//! The `run` and `output` sections.

use std::path::{Path, PathBuf};

use crate::grid::{TimeGrid, shortest};
use crate::path::joined;
use crate::section::Section;
use crate::shape::{Domain, Key, Shape, Word};
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
    /// What bmtk's cells are cut and drawn by: `dL`, `use_old_import3d`.
    pub bmtk: BmtkCells,
}

/// How bmtk makes cells of morphologies (`ctdb:` and `nml:` templates).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BmtkCells {
    /// `dL`, um; default 20. A section has `1 + 2 int(L / (2 dL))` segments.
    pub dl_um: f64,
    /// `use_old_import3d`: whether points have six significant digits, as in its versions before 1.1.1; default false.
    pub is_import_old: bool,
}

impl Default for BmtkCells {
    fn default() -> Self {
        Self { dl_um: BMTK_DL_UM, is_import_old: false }
    }
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
/// `run.dL` where absent, um.
const BMTK_DL_UM: f64 = 20.0;

impl Word for IntegrationMethod {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("euler", Self::Euler),
        ("crank_nicolson", Self::CrankNicolson),
        ("crank_nicolson_ion", Self::CrankNicolsonIon),
    ];
}

impl Word for SpikesSortOrder {
    const WORDS: &'static [(&'static str, Self)] =
        &[("none", Self::None), ("by_id", Self::ById), ("by_time", Self::ByTime)];
}

pub(super) static RUN: Shape = Shape::tolerant(
    "run",
    "Time, seeds and integration of the run.",
    &[&[
        Key::number("tstop", Domain::NotNegative).mandatory().unit("ms").about("End of the run."),
        Key::number("dt", Domain::Positive)
            .mandatory()
            .unit("ms")
            .about("Base step: the step of the neurons, and the unit of every 'ndts'."),
        Key::seed("random_seed").mandatory().about("Seed of everything that has no seed of its own."),
        Key::number("spike_threshold", Domain::Any)
            .unit("mV")
            .or_number(SPIKE_THRESHOLD_MV)
            .about("Membrane voltage at which a spike is counted."),
        Key::word::<IntegrationMethod>("integration_method").or_text("euler").about(
            "How the cable equation is advanced: implicit Euler; Crank-Nicolson; Crank-Nicolson with ionic currents of \
             second order too.",
        ),
        Key::seed("stimulus_seed").or_number(0.0).about("Added to the seeds of noisy inputs."),
        Key::seed("ionchannel_seed").or_number(0.0).about("Added to the seeds of stochastic ion channels."),
        Key::seed("minis_seed").or_number(0.0).about("Added to the seeds of spontaneous release."),
        Key::seed("synapse_seed").or_number(0.0).about("Added to the seeds of synapses."),
        Key::refused("electrodes_file", "belongs into each report of type lfp: reports.<name>.electrodes_file"),
        Key::inert("tstart", "No effect: a run begins at 0 ms."),
        Key::inert("forward_skip", "No effect: a key of other programs."),
        Key::number("dL", Domain::Positive).unit("um").or_number(BMTK_DL_UM).about(
            "Length of segments of cells that are made as bmtk makes them (ctdb: and nml: templates): \
             1 + 2 int(L / (2 dL)) in a section.",
        ),
        Key::flag("use_old_import3d").or_flag(false).about(
            "Points of these cells' morphologies have six significant digits instead of eight, as in bmtk before 1.1.1.",
        ),
        Key::inert("nsteps_block", "No effect: a key of other programs."),
    ]],
);

pub(super) static OUTPUT: Shape = Shape::tolerant(
    "output",
    "Where results go.",
    &[&[
        Key::path("output_dir").or_text(OUTPUT_DIR).about("Directory of the results."),
        Key::text("spikes_file").or_text(SPIKES_FILE).about("File of the spikes, in output_dir."),
        Key::word::<SpikesSortOrder>("spikes_sort_order")
            .or_text("by_time")
            .about("Order of the spikes in their file."),
        Key::text("log_file").or("standard output").about("File of messages, in output_dir."),
        Key::inert("overwrite_output_dir", "No effect: earlier results are replaced with the option --force."),
    ]],
);

impl Run {
    pub(super) fn read(run: &Section<'_>) -> Self {
        let this = Self {
            tstop_ms: run.required_number("tstop"),
            dt_ms: run.required_number("dt"),
            random_seed: run.seed_or_standard("random_seed"),
            spike_threshold_mv: run.number_or_standard("spike_threshold"),
            integration_method: run.word_or_standard("integration_method"),
            stimulus_seed: run.seed_or_standard("stimulus_seed"),
            ionchannel_seed: run.seed_or_standard("ionchannel_seed"),
            minis_seed: run.seed_or_standard("minis_seed"),
            synapse_seed: run.seed_or_standard("synapse_seed"),
            bmtk: BmtkCells {
                dl_um: run.number_or_standard("dL"),
                is_import_old: run.flag_or_standard("use_old_import3d"),
            },
        };
        run.finish();
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
    pub(super) fn absent() -> Self {
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
            bmtk: BmtkCells::default(),
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
        let spikes_file = output.text_or_standard("spikes_file");
        if Path::new(spikes_file).file_name().is_none() {
            output.problem("spikes_file", "must be the name of a file");
        }
        let this = Self {
            spikes_file: inside(spikes_file),
            spikes_sort_order: output.word_or_standard("spikes_sort_order"),
            log_file: output.text("log_file").filter(|name| !name.is_empty()).map(|name| joined(&output_dir, name)),
            output_dir,
        };
        note_directories(output, "spikes_file", this.spikes_file.file_name().unwrap_or_default());
        output.finish();
        this
    }
}
