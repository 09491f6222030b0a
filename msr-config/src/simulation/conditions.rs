//! The `conditions` section: temperature, initial voltage, global mechanism values, modifications of cells.

use std::collections::BTreeMap;

use crate::json::{Content, Member};
use crate::section::Section;
use crate::shape::{Case, Domain, Key, Kind, Shape, Word};

/// `conditions`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    /// `celsius`, degrees Celsius; default 34.
    pub celsius: f64,
    /// `v_init`, mV; default -80.
    pub v_init_mv: f64,
    /// `spike_location`; default `soma`.
    pub spike_location: SpikeLocation,
    /// `extracellular_calcium`, mM; where given, release probabilities are scaled by the Hill factor.
    pub extracellular_calcium_mm: Option<f64>,
    /// `randomize_gaba_rise_time`; default false.
    pub randomize_gaba_rise_time: bool,
    /// `mechanisms`: (mechanism suffix, [(global variable, value)]), in file order.
    pub mechanisms: Vec<(String, Vec<(String, MechanismValue)>)>,
    /// `modifications`, in the order in which they are made.
    pub modifications: Vec<Modification>,
}

/// `celsius` where absent, degrees Celsius.
const CELSIUS: f64 = 34.0;

/// `v_init` where absent, mV.
const V_INIT_MV: f64 = -80.0;

impl Default for Conditions {
    fn default() -> Self {
        Self {
            celsius: CELSIUS,
            v_init_mv: V_INIT_MV,
            spike_location: SpikeLocation::default(),
            extracellular_calcium_mm: None,
            randomize_gaba_rise_time: false,
            mechanisms: Vec::new(),
            modifications: Vec::new(),
        }
    }
}

/// `conditions.spike_location`: where spikes are detected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SpikeLocation {
    /// `soma`: the end of the first soma section.
    #[default]
    Soma,
    /// `AIS`: the middle of the second axon section.
    Ais,
}

/// A value of `conditions.mechanisms`, `metadata` or `beta_features`.
#[derive(Debug, Clone, PartialEq)]
pub enum MechanismValue {
    /// `true` or `false`.
    Bool(bool),
    /// A number written without fraction or exponent.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
}

impl MechanismValue {
    /// The value as a number; a flag is 0 or 1, a text none.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Bool(value) => Some(f64::from(u8::from(*value))),
            Self::Integer(value) => Some(*value as f64),
            Self::Float(value) => Some(*value),
            Self::Text(_) => None,
        }
    }
}

/// One entry of `conditions.modifications`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modification {
    /// `name`, unique.
    pub name: String,
    /// `type` with its own parameters.
    pub kind: ModificationKind,
}

/// What a modification does, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModificationKind {
    /// `ttx`: blocks sodium channels in the cells of the node set.
    Ttx {
        /// Cells concerned.
        node_set: String,
    },
    /// `configure_all_sections`: assignments to every section that has all the attributes named.
    ConfigureAllSections {
        /// Cells concerned.
        node_set: String,
        /// Assignments on `%s.attribute`.
        section_configure: String,
    },
    /// `section_list`: assignments to one section list, `apical.x = 0`.
    SectionList {
        /// Cells concerned.
        node_set: String,
        /// Assignments.
        section_configure: String,
    },
    /// `section`: assignments to one section, `apic[10].x = 0`.
    Section {
        /// Cells concerned.
        node_set: String,
        /// Assignments.
        section_configure: String,
    },
    /// `compartment_set`: assignments to the segments of a compartment set, `gbar = 1`.
    CompartmentSet {
        /// Segments concerned.
        compartment_set: String,
        /// Assignments.
        section_configure: String,
    },
}

impl Word for SpikeLocation {
    const WORDS: &'static [(&'static str, Self)] = &[("soma", Self::Soma), ("AIS", Self::Ais)];
}

/// A single value: of a global variable of a mechanism, or a fact about the run.
pub(super) static FACT: Kind = Kind::Either(&[Kind::Flag, Kind::Number(Domain::Any), Kind::Text]);

pub(super) static CONDITIONS: Shape = Shape::tolerant(
    "conditions",
    "Temperature, initial voltage, global values of mechanisms, modifications of cells.",
    &[&[
        Key::number("celsius", Domain::Any)
            .unit("degrees Celsius")
            .or_number(CELSIUS)
            .about("Temperature of the cells."),
        Key::number("v_init", Domain::Any).unit("mV").or_number(V_INIT_MV).about("Membrane voltage at the beginning."),
        Key::word::<SpikeLocation>("spike_location")
            .or_text("soma")
            .about("Where spikes are detected: in the soma, or in the axon initial segment."),
        Key::either("extracellular_calcium", &[Kind::Number(Domain::NotNegative), Kind::Null])
            .unit("mM")
            .about("Extracellular calcium; where given, release probabilities are scaled by its Hill factor."),
        Key::flag("randomize_gaba_rise_time")
            .or_flag(false)
            .about("Whether the rise times of GABA-A synapses are drawn at random."),
        Key::named("mechanisms", &Kind::Named(&FACT))
            .about("Global values of mechanisms: {\"suffix\": {\"variable\": value}}."),
        Key::list("modifications", &Kind::Section(&MODIFICATION)).about("Changes of cells, made in this order."),
    ]],
);

static MODIFICATION: Shape = Shape::tolerant(
    "modification",
    "A change of cells.",
    &[&[
        Key::text("name").mandatory().about("Its name, unique."),
        Key::word::<ModificationType>("type").mandatory().about("What is done."),
    ]],
)
.with_cases(
    "type",
    &[
        Case::new("ttx", "Blocks the sodium channels of the cells.", &[&[NODE_SET]]),
        Case::new(
            "configure_all_sections",
            "Assignments to every section that has all the attributes named.",
            &[&[NODE_SET, SECTION_CONFIGURE.about("Assignments, for example '%s.gNa_bar = 0'.")]],
        ),
        Case::new(
            "section_list",
            "Assignments to one list of sections.",
            &[&[NODE_SET, SECTION_CONFIGURE.about("Assignments, for example 'apical.gNa_bar = 0'.")]],
        ),
        Case::new(
            "section",
            "Assignments to one section.",
            &[&[NODE_SET, SECTION_CONFIGURE.about("Assignments, for example 'apic[10].gNa_bar = 0'.")]],
        ),
        Case::new(
            "compartment_set",
            "Assignments to the segments of a compartment set.",
            &[&[
                Key::text("compartment_set").mandatory().about("Name of the compartment set."),
                SECTION_CONFIGURE.about("Assignments, for example 'gNa_bar = 0'."),
            ]],
        ),
    ],
);

const NODE_SET: Key = Key::text("node_set").mandatory().about("Name of the node set of the cells.");
const SECTION_CONFIGURE: Key = Key::text("section_configure").mandatory();

impl Conditions {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let conditions = Self {
            celsius: section.number_or_standard("celsius"),
            v_init_mv: section.number_or_standard("v_init"),
            spike_location: section.word_or_standard("spike_location"),
            extracellular_calcium_mm: section.number("extracellular_calcium"),
            randomize_gaba_rise_time: section.flag_or_standard("randomize_gaba_rise_time"),
            mechanisms: mechanisms(section),
            modifications: modifications(section),
        };
        section.finish();
        conditions
    }
}

fn mechanisms(section: &Section<'_>) -> Vec<(String, Vec<(String, MechanismValue)>)> {
    let Some(mechanisms) = section.object("mechanisms") else { return Vec::new() };
    let variables = |entry: &Section<'_>| {
        entry.members.iter().filter_map(|member| Some((member.name.clone(), value(entry, member)?))).collect()
    };
    mechanisms.entries().iter().map(|(member, entry)| (member.name.clone(), variables(entry))).collect()
}

/// A flat object of single values: `metadata`, `beta_features`.
pub(super) fn facts(section: &Section<'_>) -> BTreeMap<String, MechanismValue> {
    section.members.iter().filter_map(|member| Some((member.name.clone(), value(section, member)?))).collect()
}

fn value(section: &Section<'_>, member: &Member) -> Option<MechanismValue> {
    match &member.value.content {
        Content::Bool(flag) => Some(MechanismValue::Bool(*flag)),
        Content::Text(text) => Some(MechanismValue::Text(text.clone())),
        Content::Number(number) => {
            number.as_i64().map(MechanismValue::Integer).or_else(|| number.as_f64().map(MechanismValue::Float))
        }
        Content::Null | Content::Array(_) | Content::Object(_) => {
            let message = format!("must be true, false, a number or a text, found {}", member.value.describe());
            section.findings.problem(member.value.position, section.path_of(&member.name), message);
            None
        }
    }
}

fn modifications(section: &Section<'_>) -> Vec<Modification> {
    let mut modifications: Vec<Modification> = Vec::new();
    for entry in section.sections("modifications") {
        let Some(modification) = Modification::read(&entry) else { continue };
        if modifications.iter().any(|earlier| earlier.name == modification.name) {
            entry.problem("name", format!("'{}' is the name of an earlier modification", modification.name));
        }
        modifications.push(modification);
    }
    modifications
}

#[derive(Clone, Copy)]
enum ModificationType {
    Ttx,
    ConfigureAllSections,
    SectionList,
    Section,
    CompartmentSet,
}

impl Word for ModificationType {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("ttx", Self::Ttx),
        ("configure_all_sections", Self::ConfigureAllSections),
        ("section_list", Self::SectionList),
        ("section", Self::Section),
        ("compartment_set", Self::CompartmentSet),
    ];
}

impl Modification {
    fn read(entry: &Section<'_>) -> Option<Self> {
        let name = entry.required_text("name");
        let modification_type = entry.word("type")?;
        let node_set = || entry.required_text("node_set");
        let section_configure = || entry.required_text("section_configure");
        let kind = match modification_type {
            ModificationType::Ttx => ModificationKind::Ttx { node_set: node_set() },
            ModificationType::ConfigureAllSections => {
                ModificationKind::ConfigureAllSections { node_set: node_set(), section_configure: section_configure() }
            }
            ModificationType::SectionList => {
                ModificationKind::SectionList { node_set: node_set(), section_configure: section_configure() }
            }
            ModificationType::Section => {
                ModificationKind::Section { node_set: node_set(), section_configure: section_configure() }
            }
            ModificationType::CompartmentSet => ModificationKind::CompartmentSet {
                compartment_set: entry.required_text("compartment_set"),
                section_configure: section_configure(),
            },
        };
        entry.finish();
        Some(Self { name, kind })
    }
}
