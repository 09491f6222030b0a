//! The `conditions` section: temperature, initial voltage, global mechanism values, modifications of cells.

use std::collections::BTreeMap;

use crate::json::{Content, Member};
use crate::section::{Domain, Section, Unknown};

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

impl Default for Conditions {
    fn default() -> Self {
        Self {
            celsius: 34.0,
            v_init_mv: -80.0,
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

impl Conditions {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let standard = Self::default();
        let conditions = Self {
            celsius: section.number("celsius", Domain::Any).unwrap_or(standard.celsius),
            v_init_mv: section.number("v_init", Domain::Any).unwrap_or(standard.v_init_mv),
            spike_location: section
                .choice("spike_location", &[("soma", SpikeLocation::Soma), ("AIS", SpikeLocation::Ais)])
                .unwrap_or_default(),
            extracellular_calcium_mm: section.nullable_number("extracellular_calcium", Domain::NotNegative),
            randomize_gaba_rise_time: section.flag("randomize_gaba_rise_time").unwrap_or(false),
            mechanisms: mechanisms(section),
            modifications: modifications(section),
        };
        section.finish(Unknown::Noted);
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
    for (path, node) in section.list("modifications") {
        let Some(entry) = Section::new(section.findings, path, node) else { continue };
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

impl Modification {
    fn read(entry: &Section<'_>) -> Option<Self> {
        let name = entry.required_text("name");
        let modification_type = entry.required_choice(
            "type",
            &[
                ("ttx", ModificationType::Ttx),
                ("configure_all_sections", ModificationType::ConfigureAllSections),
                ("section_list", ModificationType::SectionList),
                ("section", ModificationType::Section),
                ("compartment_set", ModificationType::CompartmentSet),
            ],
        )?;
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
        entry.finish(Unknown::Noted);
        Some(Self { name, kind })
    }
}
