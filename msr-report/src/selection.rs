//! Entries of `reports`: which segments, and what is made of their values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use msr_config::simulation::{Compartments, Report, ReportType, Scaling, Sections};
use msr_config::{CompartmentSets, Selection};
use msr_coupling::space::{ASTROCYTE_SEGMENTS, SEGMENTS};
use msr_coupling::{Access, Address, Port, Quantity, Query, Simulator, Space, Unit, Variable};

use crate::electrodes;
use crate::layout::Grouping;
use crate::source::{Part, Source, Sources, Term};
use crate::{Layout, PlanError, Populations};

/// Point processes whose current enters the cell through an electrode: they are summed with the sign of a membrane
/// current, outward positive.
const ELECTRODES: [&str; 2] = ["IClamp", "SEClamp"];

/// Cells that have segments.
struct Kind {
    /// What they are called.
    name: &'static str,
    /// The space of their segments.
    space: &'static str,
    /// Getter of values there.
    getter: &'static str,
}

const NEURONS: Kind = Kind { name: "neurons", space: SEGMENTS, getter: "get_var" };
const ASTROCYTES: Kind = Kind { name: "astrocytes", space: ASTROCYTE_SEGMENTS, getter: "get_astrocyte_var" };

/// Getter of values on synapses, and the argument that names the variable.
const GET_OF_SYNAPSES: &str = "get_synapse_var";
const VAR: &str = "var";

/// Suffix of the subset of the middle segments.
const CENTER: &str = "center";

/// What an entry of `reports` reads and how its columns are made.
///
/// * `compartment`: the value of each segment.
/// * `summation` of `soma`: the sum over all segments of the cell (not of its soma only), element id 0; of `all`: one
///   sum (over the variables) for each segment; of `axon`, `dend`, `apic`: the sum over the segments of these sections,
///   element id 0.
///
/// * `compartment_set`: the value at each location, in the order of the set.
/// * `synapse`: the value of each synapse that is in one of the sections; the element ids are those of the simulator.
/// * `lfp`: for each electrode the sum over the segments of the cell of the current that leaves there through the membrane
///   times the factor of the electrodes file.
///
/// Scaling `area` concerns sums only: current densities (mA/cm2) are multiplied by the area of the segment and become
/// nA. Everything else (currents of point processes, voltages, concentrations) is added as it is.
///
/// All but `synapse` and `lfp`, which are of neurons, are of astrocytes, too, where these have segments. Where one of them does not have a
/// variable, it is left out.
///
/// # Errors
/// All that is wrong with the entry.
pub(crate) fn resolve(
    report: &Report,
    selection: Option<&Selection>,
    compartment_sets: Option<&Path>,
    populations: &Populations,
    sources: &Sources,
) -> Result<Resolved, Vec<PlanError>> {
    let (kinds, find): (&[Kind], _) = match &report.report_type {
        ReportType::Synapse => {
            let part = synapses(report, selection, populations, sources).map_err(|error| vec![error])?;
            return Ok(Resolved { parts: vec![part], left_out: Vec::new() });
        }
        ReportType::Lfp { .. } => (&[NEURONS], leaving as FindTerms),
        _ => (&[NEURONS, ASTROCYTES], terms as FindTerms),
    };
    let mut found = Vec::new();
    for kind in kinds {
        let Some((simulator, segments)) = sources.space(kind.space) else { continue };
        let chosen = Chosen { selection, populations, segments };
        found.push((kind, simulator, segments.len(), columns(report, compartment_sets, &chosen)));
    }
    if found.is_empty() {
        return Err(vec![PlanError::NoSegments { report: key(report), simulators: sources.simulator_names() }]);
    }
    let is_empty = |layouts: &Result<Vec<Layout>, _>| layouts.as_ref().is_ok_and(Vec::is_empty);
    // Where nothing is recorded, some cells must have the variables all the same.
    let is_any_chosen = !found.iter().all(|(.., layouts)| is_empty(layouts));
    if is_any_chosen {
        found.retain(|(.., layouts)| !is_empty(layouts));
    }
    let (mut parts, mut left_out, mut unknown, mut misplaced) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut is_known = false;
    for (kind, simulator, elements, layouts) in found {
        let terms = find(report, kind, simulator);
        is_known |= terms.is_ok();
        match (terms, layouts) {
            (Ok(terms), Ok(layouts)) => {
                parts
                    .push(Part { source: Source { simulator: simulator.name().to_owned(), elements, terms }, layouts });
            }
            (terms, layouts) => {
                left_out.extend(terms.is_err().then_some(kind.name));
                unknown.extend(terms.err().into_iter().flatten());
                misplaced.extend(layouts.err());
            }
        }
    }
    if !parts.is_empty() && misplaced.is_empty() {
        left_out.retain(|_| is_any_chosen);
        return Ok(Resolved { parts, left_out });
    }
    unknown.retain(|_| !is_known);
    let mut errors: Vec<PlanError> = Vec::new();
    for error in unknown.into_iter().chain(misplaced) {
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    Err(errors)
}

/// What an entry of `reports` has become.
pub(crate) struct Resolved {
    pub parts: Vec<Part>,
    /// Cells that are selected and do not have the variable.
    pub left_out: Vec<&'static str>,
}

type FindTerms = fn(&Report, &Kind, &dyn Simulator) -> Result<Vec<Term>, Vec<PlanError>>;

/// What is added up on the segments of cells.
fn terms(report: &Report, kind: &Kind, simulator: &dyn Simulator) -> Result<Vec<Term>, Vec<PlanError>> {
    let summation = report.report_type == ReportType::Summation;
    let mut errors = Vec::new();
    let names = checked_names(report, summation, &mut errors);
    let found = names
        .iter()
        .filter_map(|name| term(report, name, summation, kind, simulator).map_err(|error| errors.push(error)).ok());
    let terms = found.collect();
    if errors.is_empty() { Ok(terms) } else { Err(errors) }
}

/// The columns that an entry has on segments.
fn columns(report: &Report, compartment_sets: Option<&Path>, chosen: &Chosen<'_>) -> Result<Vec<Layout>, PlanError> {
    match &report.report_type {
        ReportType::CompartmentSet { compartment_set } => locations(report, compartment_set, compartment_sets, chosen),
        ReportType::Lfp { electrodes_file } => electrodes::layouts(&key(report), electrodes_file, chosen),
        _ => layouts(report, report.report_type == ReportType::Summation, chosen),
    }
}

/// Segments, and which of them belong to selected cells.
pub(crate) struct Chosen<'a> {
    pub selection: Option<&'a Selection>,
    pub populations: &'a Populations,
    pub segments: &'a Space,
}

impl<'a> Chosen<'a> {
    /// Population and address of an element of a selected cell.
    pub(crate) fn place(&self, space: &'a Space, position: usize) -> Option<(&'a str, Address)> {
        let (population, address) = self.populations.of_element(space, position)?;
        let is_selected =
            self.selection.is_none_or(|selection| selection.ids(population).binary_search(&address.node).is_ok());
        is_selected.then_some((population, address))
    }
}

/// Names of the variables of a report that can have so many.
fn checked_names<'a>(report: &'a Report, summation: bool, errors: &mut Vec<PlanError>) -> &'a [String] {
    if report.variables.is_empty() {
        errors.push(PlanError::NoVariable { report: key(report) });
    }
    if !summation && report.variables.len() > 1 {
        errors.push(PlanError::SeveralVariables { report: key(report), variables: report.variables.clone() });
    }
    &report.variables
}

/// The current that leaves each segment through its membrane. What electrodes bring in is no part of it (specification of
/// `represents_physical_electrode`, and neurodamus).
fn leaving(report: &Report, kind: &Kind, simulator: &dyn Simulator) -> Result<Vec<Term>, Vec<PlanError>> {
    const MEMBRANE: &str = "i_membrane";
    let query = Query::new(kind.getter).with(VAR, MEMBRANE);
    let unit = resolved(report, &query, simulator).map_err(|error| vec![error])?.unit;
    Ok(vec![Term { query, factor: 1.0, unit }])
}

/// One column a location of a compartment set.
fn locations(report: &Report, name: &str, file: Option<&Path>, chosen: &Chosen<'_>) -> Result<Vec<Layout>, PlanError> {
    let bad = |reason: String| PlanError::CompartmentSet { report: key(report), reason };
    let file = file.ok_or_else(|| bad("the configuration has no compartment_sets_file".to_owned()))?;
    let sets = CompartmentSets::load(file).map_err(|problems| bad(problems.to_string()))?;
    let set = sets.get(name).map_err(|error| bad(error.to_string()))?;
    let segments = chosen.segments;
    let mut sections: BTreeMap<(u64, u32), Range<usize>> = BTreeMap::new();
    let mut nodes = BTreeSet::new();
    for position in 0..segments.len() {
        let Some((population, address)) = chosen.place(segments, position) else { continue };
        if population == set.population {
            nodes.insert(address.node);
            let section = sections.entry((address.node, address.element)).or_insert(position..position);
            section.end = position + 1;
        }
    }
    let mut positions = Vec::new();
    for place in set.compartments.iter().filter(|place| nodes.contains(&place.node_id)) {
        let section = u32::try_from(place.section_id).ok();
        let Some(range) = section.and_then(|section| sections.get(&(place.node_id, section))) else {
            let available: Vec<String> =
                sections.keys().filter(|(node, _)| *node == place.node_id).map(|(_, id)| id.to_string()).collect();
            return Err(bad(format!(
                "node {} has no section {}; it has: {}",
                place.node_id,
                place.section_id,
                available.join(", ")
            )));
        };
        positions.push(range.start + ((place.offset * range.len() as f64) as usize).min(range.len() - 1));
    }
    Ok(Layout::of(segments, chosen.populations, &positions, Grouping::Element))
}

/// One column a synapse.
fn synapses(
    report: &Report,
    selection: Option<&Selection>,
    populations: &Populations,
    sources: &Sources,
) -> Result<Part, PlanError> {
    let Some((simulator, _)) = sources.space(SEGMENTS) else {
        let simulators = sources.simulator_names();
        return Err(PlanError::NoSegments { report: key(report), simulators });
    };
    let mut errors = Vec::new();
    let name = match checked_names(report, false, &mut errors) {
        [name] => name,
        _ => return Err(errors.swap_remove(0)),
    };
    let query = Query::new(GET_OF_SYNAPSES).with(VAR, with_current(name));
    let port = resolved(report, &query, simulator)?;
    let (_, space) = sources.space(&port.space).ok_or_else(|| PlanError::SpaceAbsent {
        report: key(report),
        space: port.space.clone(),
        available: sources.space_names(),
    })?;
    let chosen = Chosen { selection, populations, segments: space };
    let positions = subset(report, section_name(report.sections).to_owned(), space)?;
    let positions: Vec<usize> =
        positions.iter().copied().filter(|&position| chosen.place(space, position).is_some()).collect();
    let layouts = Layout::of(space, populations, &positions, Grouping::Element);
    let terms = vec![Term { query, factor: 1.0, unit: port.unit }];
    let source = Source { simulator: simulator.name().to_owned(), elements: space.len(), terms };
    Ok(Part { source, layouts })
}

/// Key of the report in the file.
fn key(report: &Report) -> String {
    format!("reports.{}", report.name)
}

fn resolved(report: &Report, query: &Query, simulator: &dyn Simulator) -> Result<Port, PlanError> {
    simulator.resolve(query, Access::Get).map_err(|source| PlanError::Query {
        report: key(report),
        simulator: simulator.name().to_owned(),
        source: Box::new(source),
    })
}

/// `Mechanism` alone means its variable `i`.
fn with_current(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.i") }
}

/// The simulator's name of a variable: reports may also say `Mechanism` for `Mechanism.i`, and `variable_Mechanism` for
/// `Mechanism.variable`, as in NEURON.
fn declared(name: &str, getter: &str, simulator: &dyn Simulator) -> String {
    let known = || simulator.variables().iter().filter_map(|variable| read_by(variable, getter));
    if known().any(|known| known == name) {
        return name.to_owned();
    }
    let current = with_current(name);
    let is_meant = |known: &&str| {
        *known == current
            || known.split_once('.').is_some_and(|(mechanism, variable)| {
                name.strip_suffix(mechanism).and_then(|rest| rest.strip_suffix('_')) == Some(variable)
            })
    };
    known().find(is_meant).unwrap_or(name).to_owned()
}

/// What a getter that is told a name calls a variable.
fn read_by<'a>(variable: &'a Variable, getter: &str) -> Option<&'a str> {
    let get = variable.get.as_ref().filter(|get| get.function == getter)?;
    get.args.get(VAR)?.as_str()
}

/// The variable of a mechanism that is read elsewhere than on segments and synapses, and the getter that it has there.
fn elsewhere<'a>(name: &str, simulator: &'a dyn Simulator) -> Option<(&'a Variable, &'a str)> {
    simulator.variables().iter().find_map(|variable| {
        let getter = variable.get.as_ref()?.function.as_str();
        let is_elsewhere = ![NEURONS.getter, ASTROCYTES.getter, GET_OF_SYNAPSES].contains(&getter);
        let known = read_by(variable, getter).filter(|known| is_elsewhere && known.contains('.'))?;
        (declared(name, getter, simulator) == known).then_some((variable, getter))
    })
}

fn term(
    report: &Report,
    name: &str,
    summation: bool,
    kind: &Kind,
    simulator: &dyn Simulator,
) -> Result<Term, PlanError> {
    let not_there = |space: &str, getter: &str| PlanError::NotOnSegments {
        report: key(report),
        variable: name.to_owned(),
        space: space.to_owned(),
        getter: getter.to_owned(),
    };
    let query = Query::new(kind.getter).with(VAR, declared(name, kind.getter, simulator));
    let port = resolved(report, &query, simulator).map_err(|error| {
        elsewhere(name, simulator).map_or(error, |(variable, getter)| not_there(&variable.space, getter))
    })?;
    if port.space != kind.space {
        return Err(not_there(&port.space, kind.getter));
    }
    if !summation {
        return Ok(Term { query, factor: 1.0, unit: port.unit });
    }
    let electrode = name.split('.').next().is_some_and(|mechanism| ELECTRODES.contains(&mechanism));
    let sign = if electrode { -1.0 } else { 1.0 };
    let density = port.quantity == Quantity::Intensive && port.unit.factor_to(&Unit::of("mA/cm2")).is_some();
    if report.scaling == Scaling::None || !density {
        return Ok(Term { query, factor: sign, unit: port.unit });
    }
    let query = query.with("weight", "area");
    let unit = resolved(report, &query, simulator)?.unit;
    let nanoampere = Unit::of("nA");
    let to_na = unit.factor_to(&nanoampere).ok_or_else(|| PlanError::NoCurrent {
        report: key(report),
        variable: name.to_owned(),
        unit: unit.to_string(),
    })?;
    Ok(Term { query, factor: sign * to_na, unit: nanoampere })
}

fn layouts(report: &Report, summation: bool, chosen: &Chosen<'_>) -> Result<Vec<Layout>, PlanError> {
    let (sections, grouping) = match (summation, report.sections) {
        (true, Sections::Soma) => (Sections::All, Grouping::Node),
        (true, Sections::Axon | Sections::Dend | Sections::Apic) => (report.sections, Grouping::Node),
        (true, Sections::All) | (false, _) => (report.sections, Grouping::Element),
    };
    let whole_cell = summation && report.sections == Sections::Soma;
    let mut name = section_name(sections).to_owned();
    if report.compartments == Compartments::Center && !whole_cell {
        name = format!("{name}.{CENTER}");
    }
    let segments = chosen.segments;
    let positions = subset(report, name, segments)?;
    let positions: Vec<usize> =
        positions.iter().copied().filter(|&position| chosen.place(segments, position).is_some()).collect();
    Ok(Layout::of(segments, chosen.populations, &positions, grouping))
}

/// Elements of these sections.
fn subset<'a>(report: &Report, sections: String, space: &'a Space) -> Result<&'a Vec<usize>, PlanError> {
    space.subsets.get(&sections).ok_or_else(|| PlanError::UnknownSections {
        report: key(report),
        sections,
        available: space.subsets.keys().cloned().collect(),
    })
}

fn section_name(sections: Sections) -> &'static str {
    match sections {
        Sections::Soma => "soma",
        Sections::Axon => "axon",
        Sections::Dend => "dend",
        Sections::Apic => "apic",
        Sections::All => "all",
    }
}
