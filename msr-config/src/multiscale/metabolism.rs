//! The `multiscale_run.metabolism` section, of both generations.

mod choice;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::json::{Content, Member, Node};
use crate::name::nearest;
use crate::section::Section;
use crate::shape::{Domain, Key, Kind, Shape, Word};

use super::report::REPORT;
use crate::token;

use choice::{CORRECTED, compatibility, compatibility_words, model};
pub use choice::{Compatibility, ModelName};

/// Settings of the energy metabolism.
#[derive(Debug, Clone, PartialEq)]
pub struct Metabolism {
    /// `ndts`: its step in base steps.
    pub ndts: u64,
    /// `model` (ours): which model, where given. An object under this key is that of 0.8 and none of our concern.
    pub model: Option<ModelName>,
    /// `compatibility` (ours): which corrections are made; default all.
    pub compatibility: Compatibility,
    /// `u0` (0.9): initial values of states, mM, that differ from the standard ones, by name.
    pub u0: BTreeMap<String, f64>,
    /// `u0_path` (0.8): table of initial values; `None` where absent or inside the original's package (`${pkg_path}`), whose
    /// table is the standard one.
    pub u0_path: Option<PathBuf>,
    /// `parameters`, by number (0.8, where a `null` leaves the standard value and is not listed) or by name (0.9).
    pub parameters: Vec<(StateKey, f64)>,
    /// `constants`: group, field, value. The flat constants of 0.8 are filed under the groups of 0.9: `ATDPtot_n` as
    /// `ATDMP.ATDPtot_n`, `glycogen_au` as `Glycogen.au`, `mito_volume_fraction` and those of `model.constants` as
    /// `GeneralConstants.*`.
    pub constants: BTreeMap<String, BTreeMap<String, Constant>>,
    /// `solver_kwargs`, as in the file.
    pub solver_kwargs: Map<String, Value>,
    /// `checks`.
    pub checks: Checks,
}

/// A state or parameter, as a file names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKey {
    /// By number, from 0.
    Index(usize),
    /// By name.
    Name(String),
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Name(name) => write!(f, "{name}"),
        }
    }
}

/// Value of a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// One number.
    Number(f64),
    /// One number per cortical layer.
    List(Vec<f64>),
}

/// `checks`: what values are tolerated.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checks {
    /// Checks of parameters.
    pub parameters: Vec<Check>,
    /// Checks of states.
    pub vm: Vec<Check>,
}

/// A check of one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What is checked.
    pub key: StateKey,
    /// `name` for messages, where given (0.8).
    pub label: Option<String>,
    /// `kwargs`: the bounds.
    pub bounds: Bounds,
    /// `response` to a value outside.
    pub response: CheckResponse,
}

/// Bounds of a value, in its own unit. A value is refused if `value < lb`, `value > hb`, `value <= leb`, `value >= heb`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Lowest value accepted.
    pub lb: Option<f64>,
    /// Highest value accepted.
    pub hb: Option<f64>,
    /// The value must be greater.
    pub leb: Option<f64>,
    /// The value must be less.
    pub heb: Option<f64>,
}

/// What a failed check does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckResponse {
    /// `exclude_neuron`.
    ExcludeNeuron,
    /// `abort_simulation`.
    AbortSimulation,
}

/// Flat constants of 0.8 and the group and field of 0.9 that they are.
const FLAT_CONSTANTS: [(&str, &str, &str); 3] = [
    ("ATDPtot_n", "ATDMP", "ATDPtot_n"),
    ("glycogen_au", "Glycogen", "au"),
    ("mito_volume_fraction", GENERAL_CONSTANTS, "mito_volume_fraction"),
];

/// The group of constants that belong to no pathway.
const GENERAL_CONSTANTS: &str = "GeneralConstants";

impl Word for CheckResponse {
    const WORDS: &'static [(&'static str, Self)] =
        &[("exclude_neuron", Self::ExcludeNeuron), ("abort_simulation", Self::AbortSimulation)];
}

static NUMBER: Kind = Kind::Number(Domain::Any);

/// The value of a constant.
static CONSTANT: Kind = Kind::Either(&[Kind::Number(Domain::Any), Kind::List(&NUMBER)]);

pub(super) static METABOLISM: Shape = Shape::strict(
    "metabolism",
    "The energy metabolism of each neuron with its astrocyte and capillary.",
    &[&[
        Key::steps("ndts").mandatory().unit("base steps of run.dt").about("Its step."),
        Key::named("u0", &NUMBER)
            .unit("mM")
            .about("Values of states at the beginning, by name, where they are not the standard ones."),
        Key::path("u0_path").about("Table (CSV) of the states at the beginning (series 0.8)."),
        Key::inert("julia_code_path", "No effect: the equations are built in."),
        Key::either("model", &[Kind::Text, Kind::Section(&MODEL)])
            .or("standard")
            .about(
                "Which model: standard, young, aged, or a file or folder with a model of one's own. An object is the program \
                 text of series 0.8, of which only the constants count.",
            ),
        Key::either("compatibility", &[Kind::Word(compatibility_words), Kind::List(&Kind::Text)])
            .or(CORRECTED)
            .about("What is corrected of the published model: all that is known to be wrong (corrected), nothing (published), or a list of corrections."),
        Key::section("constants", &CONSTANTS),
        Key::either(
            "parameters",
            &[Kind::Named(&NUMBER), Kind::List(&Kind::Either(&[Kind::Number(Domain::Any), Kind::Null]))],
        )
        .about("Values of parameters, by name; or a list by number, with null for standard values (series 0.8)."),
        Key::named("solver_kwargs", &Kind::Anything)
            .about("Settings of the solver, for example {\"method\": \"Rodas3\", \"rtol\": 1e-6}."),
        Key::section("checks", &CHECKS),
        Key::named("reports", &Kind::Section(&REPORT)).elsewhere().about("What is recorded from it, by name."),
    ]],
);

static MODEL: Shape = Shape::strict(
    "metabolism_model",
    "The model's program text (series 0.8), of which only the constants count: the equations are built in.",
    &[&[
        Key::named("constants", &CONSTANT).about("Constants that belong to no pathway."),
        Key::inert("model_path", "No effect: the equations are built in."),
        Key::inert("pardir_path", "No effect: the equations are built in."),
        Key::inert("includes", "No effect: the equations are built in."),
    ]],
);

static CONSTANTS: Shape = Shape::strict(
    "metabolism_constants",
    "Constants, in groups {\"Group\": {\"field\": value}}; a list has a value for each cortical layer.",
    &[&[
        Key::either("ATDPtot_n", &[Kind::Number(Domain::Any), Kind::List(&NUMBER)])
            .elsewhere()
            .about("ATDMP.ATDPtot_n (series 0.8)."),
        Key::either("glycogen_au", &[Kind::Number(Domain::Any), Kind::List(&NUMBER)])
            .elsewhere()
            .about("Glycogen.au (series 0.8)."),
        Key::either("mito_volume_fraction", &[Kind::Number(Domain::Any), Kind::List(&NUMBER)])
            .elsewhere()
            .about("GeneralConstants.mito_volume_fraction (series 0.8)."),
    ]],
)
.with_others(Kind::Named(&CONSTANT));

static CHECKS: Shape = Shape::strict(
    "metabolism_checks",
    "What values are tolerated at exchanges, by name (by number in series 0.8).",
    &[&[
        Key::named("parameters", &Kind::Section(&CHECK)).about("Checks of parameters."),
        Key::named("vm", &Kind::Section(&CHECK)).about("Checks of states."),
    ]],
);

static CHECK: Shape = Shape::strict(
    "metabolism_check",
    "A check of one value.",
    &[&[
        Key::text("name").about("Name for messages (series 0.8)."),
        Key::section("kwargs", &BOUNDS).mandatory(),
        Key::word::<CheckResponse>("response").mandatory().about("What a failed check does."),
    ]],
);

static BOUNDS: Shape = Shape::strict(
    "bounds",
    "Bounds of the value, in its own unit.",
    &[&[
        Key::number("lb", Domain::Any).about("Least value accepted."),
        Key::number("hb", Domain::Any).about("Greatest value accepted."),
        Key::number("leb", Domain::Any).about("The value must be greater."),
        Key::number("heb", Domain::Any).about("The value must be less."),
    ]],
);

impl Metabolism {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let metabolism = Self {
            ndts: section.required_steps("ndts"),
            model: model(section),
            compatibility: compatibility(section),
            u0: section.object("u0").map_or_else(BTreeMap::new, |u0| named_numbers(&u0)),
            u0_path: u0_path(section),
            parameters: parameters(section),
            constants: constants(section),
            solver_kwargs: section.raw_map("solver_kwargs"),
            checks: section.object("checks").map_or_else(Checks::default, |checks| Checks::read(&checks)),
        };
        section.finish();
        metabolism
    }
}

fn number(section: &Section<'_>, path: String, node: &Node) -> Option<f64> {
    match &node.content {
        Content::Number(number) => number.as_f64(),
        _ => {
            section.findings.problem(node.position, path, format!("must be a number, found {}", node.describe()));
            None
        }
    }
}

fn named_numbers(section: &Section<'_>) -> BTreeMap<String, f64> {
    let named = |member: &Member| {
        let value = number(section, section.path_of(&member.name), &member.value)?;
        Some((member.name.clone(), value))
    };
    section.members.iter().filter_map(named).collect()
}

fn u0_path(section: &Section<'_>) -> Option<PathBuf> {
    let text = section.text("u0_path")?;
    if token::is_in_package(text) {
        section.note("u0_path", format!("'{text}' is the original's own table; the built-in initial values are used"));
        return None;
    }
    section.file("u0_path")
}

fn parameters(section: &Section<'_>) -> Vec<(StateKey, f64)> {
    match section.find("parameters").map(|node| &node.content) {
        Some(Content::Object(_)) => section.object("parameters").map_or_else(Vec::new, |parameters| {
            named_numbers(&parameters).into_iter().map(|(name, value)| (StateKey::Name(name), value)).collect()
        }),
        _ => section
            .list("parameters")
            .into_iter()
            .enumerate()
            .filter(|(_, (_, node))| node.content != Content::Null)
            .filter_map(|(index, (path, node))| Some((StateKey::Index(index), number(section, path, node)?)))
            .collect(),
    }
}

fn constants(section: &Section<'_>) -> BTreeMap<String, BTreeMap<String, Constant>> {
    let mut groups: BTreeMap<String, BTreeMap<String, Constant>> = BTreeMap::new();
    let is_program = section.find("model").is_some_and(|node| matches!(node.content, Content::Object(_)));
    if is_program && let Some(model) = section.object("model") {
        if let Some(constants) = model.object("constants") {
            groups.entry(GENERAL_CONSTANTS.to_owned()).or_default().extend(fields(&constants));
        }
        model.finish();
    }
    let Some(constants) = section.object("constants") else { return groups };
    for member in constants.members {
        let path = constants.path_of(&member.name);
        if matches!(member.value.content, Content::Object(_)) {
            let Some(group) = Section::named(section.findings, &path, &member.value, &CONSTANT) else { continue };
            groups.entry(member.name.clone()).or_default().extend(fields(&group));
        } else if let Some((_, group, field)) = FLAT_CONSTANTS.iter().find(|(name, ..)| *name == member.name) {
            let Some(value) = constant(&constants, member) else { continue };
            groups.entry((*group).to_owned()).or_default().insert((*field).to_owned(), value);
        } else {
            let flat = FLAT_CONSTANTS.map(|(name, ..)| name);
            let message = format!(
                "unknown constant '{}'{}; outside of groups there are: {}; all others stand in groups \
                 {{\"Group\": {{\"field\": value}}}}",
                member.name,
                nearest(&member.name, &flat),
                flat.join(", ")
            );
            section.findings.problem(member.position, path, message);
        }
    }
    groups
}

fn fields(group: &Section<'_>) -> BTreeMap<String, Constant> {
    group.members.iter().filter_map(|member| Some((member.name.clone(), constant(group, member)?))).collect()
}

fn constant(group: &Section<'_>, member: &Member) -> Option<Constant> {
    let path = group.path_of(&member.name);
    match &member.value.content {
        Content::Number(number) => number.as_f64().map(Constant::Number),
        Content::Array(items) => {
            let numbers = items.iter().enumerate();
            let numbers = numbers.map(|(index, item)| number(group, format!("{path}[{index}]"), item));
            numbers.collect::<Option<_>>().map(Constant::List)
        }
        _ => {
            let message = format!("must be a number or a list of numbers, found {}", member.value.describe());
            group.findings.problem(member.value.position, path, message);
            None
        }
    }
}

impl StateKey {
    /// The key of an object: digits are a number, all else is a name.
    fn from_key(key: &str) -> Self {
        key.parse().map_or_else(|_| Self::Name(key.to_owned()), Self::Index)
    }
}

impl Checks {
    fn read(section: &Section<'_>) -> Self {
        let checks = Self { parameters: Check::read_all(section, "parameters"), vm: Check::read_all(section, "vm") };
        section.finish();
        checks
    }
}

impl Check {
    fn read_all(section: &Section<'_>, name: &'static str) -> Vec<Self> {
        let Some(checks) = section.object(name) else { return Vec::new() };
        let entries = checks.entries();
        entries.iter().filter_map(|(member, entry)| Self::read(&member.name, entry)).collect()
    }

    fn read(key: &str, entry: &Section<'_>) -> Option<Self> {
        let response = entry.word("response");
        let label = entry.owned_text("name");
        let bounds = entry.object("kwargs").map_or_else(Bounds::default, |kwargs| Bounds::read(&kwargs));
        entry.finish();
        Some(Self { key: StateKey::from_key(key), label, bounds, response: response? })
    }
}

impl Bounds {
    fn read(section: &Section<'_>) -> Self {
        let bound = |name| section.number(name);
        let bounds = Self { lb: bound("lb"), hb: bound("hb"), leb: bound("leb"), heb: bound("heb") };
        section.finish();
        bounds
    }
}
