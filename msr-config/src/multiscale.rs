//! The `multiscale_run` section: which simulators run, with what settings, and what they exchange.
//!
//! Two generations of files exist and both are read. The older one (series 0.8, [`Generation::Events`]) keys connections
//! by the event at which they are made and names states by number; the newer one (0.9, [`Generation::Flat`]) has one
//! list of connections and names states.

mod bloodflow;
mod connection;
mod metabolism;
mod preprocessor;
mod report;
mod steps;

pub use bloodflow::Bloodflow;
pub use connection::{Action, Call, Connection, SyncEvent};
pub use metabolism::{Bounds, Check, CheckResponse, Checks, Constant, Metabolism, StateKey};
pub use preprocessor::{MeshPreparation, NodeSetPreparation, Preprocessor};
pub use report::{MultiscaleReport, RecordingMoment};
pub use steps::{Species, Steps, VolumeSystem};

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

/// `multiscale_run`, typed, and its raw sections.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiscaleRun {
    /// Which generation of files this is.
    pub generation: Generation,
    /// `with_steps`; default false.
    pub with_steps: bool,
    /// `with_bloodflow`; default false.
    pub with_bloodflow: bool,
    /// `with_metabolism`; default false.
    pub with_metabolism: bool,
    /// `with_<name>` for simulators of users, by name; a custom section without such a key is active.
    pub with_custom: BTreeMap<String, bool>,
    /// `ndts`: window of the main loop in base steps, where given.
    pub ndts: Option<u64>,
    /// `mesh_path`: the tetrahedral mesh; made from the circuit where the file is absent.
    pub mesh_path: Option<PathBuf>,
    /// `mesh_scale`: metres per unit of the mesh file; default 1e-6.
    pub mesh_scale: f64,
    /// `cache_save`; default false.
    pub cache_save: bool,
    /// `cache_load`; default false.
    pub cache_load: bool,
    /// `cache_path`, where given.
    pub cache_path: Option<PathBuf>,
    /// `logging_level`, where given.
    pub logging_level: Option<i64>,
    /// `config_format`, where given.
    pub config_format: Option<i64>,
    /// `msr_version` of the writer, where given.
    pub msr_version: Option<String>,
    /// `preprocessor`.
    pub preprocessor: Preprocessor,
    /// All connections; for [`Generation::Events`] in the order `after_steps_advance`, `before_bloodflow_advance`,
    /// `after_metabolism_advance`, which is that of the main loop.
    pub connections: Vec<Connection>,
    /// `metabolism`, where given.
    pub metabolism: Option<Metabolism>,
    /// `steps`, where given.
    pub steps: Option<Steps>,
    /// `bloodflow`, where given.
    pub bloodflow: Option<Bloodflow>,
    /// Every section by simulator name (`metabolism`, `steps`, `bloodflow`, and those of users' own simulators), as in the
    /// file after token substitution.
    pub sections: Map<String, Value>,
    /// Reports of all simulators, in file order.
    pub reports: Vec<MultiscaleReport>,
}

/// Generation of a `multiscale_run` section, told by the form of `connections`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Series 0.8: an object of lists keyed by event.
    Events,
    /// 0.9: one list.
    Flat,
}

impl MultiscaleRun {
    /// Whether a simulator takes part: `neurodamus` always, the others as their `with_` key says; a simulator of the
    /// user's own with a section and no `with_` key takes part.
    pub fn is_active(&self, simulator: &str) -> bool {
        match simulator {
            "neurodamus" => true,
            "steps" => self.with_steps,
            "bloodflow" => self.with_bloodflow,
            "metabolism" => self.with_metabolism,
            custom => self.with_custom.get(custom).copied().unwrap_or_else(|| self.sections.contains_key(custom)),
        }
    }
}
