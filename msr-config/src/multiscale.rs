//! The `multiscale_run` section: which simulators run, with what settings, and what they exchange.
//!
//! Two generations of files exist and both are read. The older one (series 0.8, [`Generation::Events`]) keys connections
//! by the event at which they are made and names states by number; the newer one (0.9, [`Generation::Flat`]) has one
//! list of connections and names states.

mod bloodflow;
mod connection;
mod iteration;
mod metabolism;
mod preprocessor;
mod report;
mod steps;

use bloodflow::BLOODFLOW;
use connection::{CONNECTION, EVENTS};
use iteration::ITERATION;
use metabolism::METABOLISM;
use preprocessor::PREPROCESSOR;
use report::{REPORT, REPORT_BY_SIMULATOR};
use steps::STEPS;

pub use bloodflow::{
    BloodGlucose, BloodOxygen, Bloodflow, DilationFloor, DilationOfClass, HeldAtEnds, InputV, Kept, PressureSolver,
    Vasodilation,
};
pub use connection::{Action, Call, Connection, SyncEvent, WindowOperator};
pub use iteration::Iteration;
pub use metabolism::{Bounds, Check, CheckResponse, Checks, Compatibility, Constant, Metabolism, ModelName, StateKey};
pub use preprocessor::{MeshPreparation, NodeSetPreparation, Preprocessor};
pub use report::{MultiscaleReport, RecordingMoment};
pub use steps::{Compartment, DiffusionBoundary, Reaction, Species, SpeciesWithin, Steps, VolumeSystem};

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::findings::Files;
use crate::json::{Content, Member, to_map};
use crate::path::joined;
use crate::section::{Section, Unknown};
use crate::shape::{Domain, Key, Kind, Shape, Word};

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
    /// `cache_save`: whether mappings are kept in `cache_path`; default false.
    pub cache_save: bool,
    /// `cache_load`: whether mappings are taken from there; default false.
    pub cache_load: bool,
    /// `cache_path`; default `cache` beside the file.
    pub cache_path: PathBuf,
    /// `logging_level`, where given.
    pub logging_level: Option<i64>,
    /// `config_format`, where given.
    pub config_format: Option<i64>,
    /// `msr_version` of the writer, where given.
    pub msr_version: Option<String>,
    /// `preprocessor`.
    pub preprocessor: Preprocessor,
    /// `write_back` of merged averages (ours); default `shift`.
    pub write_back: WriteBackMode,
    /// All connections; for [`Generation::Events`] in the order `after_steps_advance`, `before_bloodflow_advance`,
    /// `after_metabolism_advance`, which is that of the main loop.
    pub connections: Vec<Connection>,
    /// `iterations` (ours).
    pub iterations: Vec<Iteration>,
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

/// `multiscale_run.write_back`: how a merged average is written into the parts that it was taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriteBackMode {
    /// `shift`: each part moves by what the average moved, differences inside a cell survive.
    #[default]
    Shift,
    /// `overwrite`: each part becomes the average, as in the original.
    Overwrite,
}

/// Simulators that every installation knows and whose sections have a fixed form.
const KNOWN_SECTIONS: [&str; 3] = ["metabolism", "steps", "bloodflow"];

/// The simulator of neurons, always active; its section holds reports at most.
const NEURONS: &str = "neurodamus";

/// `cache_path` where absent.
const CACHE_PATH: &str = "cache";

/// `mesh_scale` where absent, metres per unit of the mesh file.
const MESH_SCALE: f64 = 1e-6;

impl Word for WriteBackMode {
    const WORDS: &'static [(&'static str, Self)] = &[("shift", Self::Shift), ("overwrite", Self::Overwrite)];
}

pub(crate) static MULTISCALE_RUN: Shape = Shape::tolerant(
    "multiscale_run",
    "Which simulators run together, with what settings, and what they exchange.",
    &[&[
        Key::text("parent_config_path").elsewhere().about(
            "A file from whose multiscale_run section (or which is such a section) is taken what this one does not say.",
        ),
        Key::flag("with_steps").or_flag(false).about("Whether ions react and diffuse in the extracellular space."),
        Key::flag("with_bloodflow").or_flag(false).about("Whether blood flows."),
        Key::flag("with_metabolism").or_flag(false).about("Whether neurons have an energy metabolism."),
        Key::flag("with_neurodamus").or_flag(true).about("No effect: neurons always take part."),
        Key::steps("ndts").unit("base steps of run.dt").about("A further period at which the main loop stops."),
        Key::path("mesh_path").about("Tetrahedral mesh (Gmsh 2.2 or 4.1); made where the file does not exist."),
        Key::number("mesh_scale", Domain::Positive).unit("m").or_number(MESH_SCALE).about("Unit of the mesh file."),
        Key::flag("cache_save").or_flag(false).about("Whether mappings that take long to compute are kept for later runs."),
        Key::flag("cache_load")
            .or_flag(false)
            .about("Whether mappings are taken that an earlier run kept; only those of the same geometry are."),
        Key::path("cache_path")
            .or("cache, beside the configuration")
            .about("The directory in which mappings are kept; it can be deleted at any time."),
        Key::integer("logging_level").about("Of the original; no effect."),
        Key::integer("config_format").about("Version of this section; not looked at."),
        Key::text("msr_version").about("Version of the program that wrote the file; not looked at."),
        Key::section("preprocessor", &PREPROCESSOR),
        Key::word::<WriteBackMode>("write_back").or_text("shift").about(
            "How merged averages are written into the parts of a cell: 'shift' keeps differences inside the cell, \
             'overwrite' makes all parts equal, as the original.",
        ),
        Key::either("connections", &[Kind::List(&Kind::Section(&CONNECTION)), Kind::Section(&EVENTS)])
            .about("What goes from where to where, in this order; or lists keyed by event (series 0.8)."),
        Key::list("iterations", &Kind::Section(&ITERATION))
            .about("Groups of simulators that repeat their common window until they agree."),
        Key::section("metabolism", &METABOLISM),
        Key::section("steps", &STEPS),
        Key::section("bloodflow", &BLOODFLOW),
        Key::section("neurodamus", &NEURODAMUS).elsewhere(),
        Key::named("reports", &Kind::Named(&Kind::Section(&REPORT_BY_SIMULATOR)))
            .about("What is recorded, by simulator and name (series 0.8)."),
    ]],
);

static NEURODAMUS: Shape = Shape::strict(
    "neurodamus",
    "Settings of the neurons.",
    &[&[Key::named("reports", &Kind::Section(&REPORT)).about("What is recorded at exchanges, by name.")]],
);

/// The section of a simulator of the user's own.
pub(crate) static CUSTOM: Shape = Shape::tolerant(
    "custom_simulator",
    "Settings of a simulator of your own.",
    &[&[Key::named("reports", &Kind::Section(&REPORT)).about("What is recorded from it, by name.")]],
)
.with_others(Kind::Anything);

impl MultiscaleRun {
    pub(crate) fn read(section: &Section<'_>) -> Self {
        let (generation, connections) = Connection::read_all(section);
        let metabolism = section.object("metabolism");
        let steps = section.object("steps");
        let bloodflow = section.object("bloodflow");
        let mut run = Self {
            generation,
            with_steps: section.flag_or_standard("with_steps"),
            with_bloodflow: section.flag_or_standard("with_bloodflow"),
            with_metabolism: section.flag_or_standard("with_metabolism"),
            with_custom: BTreeMap::new(),
            ndts: section.steps("ndts"),
            mesh_path: mesh_path(section),
            mesh_scale: section.number_or_standard("mesh_scale"),
            cache_save: section.flag_or_standard("cache_save"),
            cache_load: section.flag_or_standard("cache_load"),
            cache_path: section.path("cache_path").unwrap_or_else(|| joined(&section.findings.base_dir, CACHE_PATH)),
            logging_level: section.integer("logging_level"),
            config_format: section.integer("config_format"),
            msr_version: section.owned_text("msr_version"),
            preprocessor: section
                .object("preprocessor")
                .map_or_else(Preprocessor::default, |it| Preprocessor::read(&it)),
            write_back: section.word_or_standard("write_back"),
            connections,
            iterations: section.sections("iterations").iter().map(Iteration::read).collect(),
            metabolism: metabolism.as_ref().map(Metabolism::read),
            steps: steps.as_ref().map(Steps::read),
            bloodflow: bloodflow.as_ref().map(Bloodflow::read),
            sections: Map::new(),
            reports: MultiscaleReport::read_by_simulator(section),
        };
        run.require_active_sections(section);
        note_without_effect(section);
        run.read_custom(section);
        run.collect_sections(section);
        section.refuse();
        run
    }

    fn require_active_sections(&self, section: &Section<'_>) {
        for (name, is_active) in KNOWN_SECTIONS.map(|name| (name, self.is_active(name))) {
            if is_active && !section.has(name) {
                section.problem(&format!("with_{name}"), format!("is true, but the section '{name}' is missing"));
            }
        }
    }

    /// Sections and switches of simulators that only the user knows, and keys that mean nothing.
    fn read_custom(&mut self, section: &Section<'_>) {
        let is_connected = |name: &str, connections: &[Connection]| {
            connections.iter().any(|connection| connection.src_simulator == name || connection.dest_simulator == name)
        };
        let unlisted = section.unlisted();
        let is_section = |member: &Member| matches!(member.value.content, Content::Object(_));
        for member in &unlisted {
            let name = member.name.as_str();
            let simulator = name.strip_prefix("with_").filter(|simulator| {
                is_connected(simulator, &self.connections)
                    || unlisted.iter().any(|other| other.name == *simulator && is_section(other))
            });
            if let Some(simulator) = simulator {
                match &member.value.content {
                    Content::Bool(flag) => {
                        self.with_custom.insert(simulator.to_owned(), *flag);
                    }
                    _ => section.problem(name, format!("must be true or false, found {}", member.value.describe())),
                }
            } else if !is_section(member) || (!is_connected(name, &self.connections) && section.resembles_known(name)) {
                section.judge(member, Unknown::Noted);
            } else {
                self.sections.insert(name.to_owned(), Value::Null);
            }
        }
    }

    /// Raw sections and the reports inside them, in file order.
    fn collect_sections(&mut self, section: &Section<'_>) {
        let custom = std::mem::take(&mut self.sections);
        for member in section.members {
            let name = member.name.as_str();
            let shape = match name {
                NEURONS => &NEURODAMUS,
                "metabolism" => &METABOLISM,
                "steps" => &STEPS,
                "bloodflow" => &BLOODFLOW,
                _ if custom.contains_key(name) => &CUSTOM,
                _ => continue,
            };
            let path = section.path_of(name);
            let Some(own) = Section::new(section.findings, path, &member.value, shape) else { continue };
            self.sections.insert(name.to_owned(), Value::Object(to_map(own.members)));
            self.reports.extend(MultiscaleReport::read_own(name, &own));
            if name == NEURONS {
                own.finish();
            }
        }
    }

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

/// The mesh file, which is made where it is not there yet.
fn mesh_path(section: &Section<'_>) -> Option<PathBuf> {
    let path = section.path("mesh_path")?;
    if section.findings.files == Files::Checked && path.is_dir() {
        section.problem("mesh_path", format!("{} is a directory; name the mesh file in it", path.display()));
    }
    Some(path)
}

/// Notes keys that are understood and change nothing.
fn note_without_effect(section: &Section<'_>) {
    if section.has("cache_path") && !["cache_save", "cache_load"].iter().any(|key| section.flag(key) == Some(true)) {
        section.note("cache_path", "nothing is kept there or taken from there unless cache_save or cache_load is true");
    }
    if section.flag("with_neurodamus") == Some(false) {
        section.note("with_neurodamus", "neurons always take part; this key has no effect");
    }
}
