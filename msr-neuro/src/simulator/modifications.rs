//! `conditions.modifications`: experiments on the cells of a circuit, made in order when a cell is built.

mod assignment;

use std::sync::atomic::{AtomicBool, Ordering};

use assignment::Assignment;
use msr_config::compartment_sets::CompartmentSet;
use msr_config::simulation::ModificationKind;
use msr_coupling::query::nearest;

use super::circuit::Source;
use super::{NeuroError, compartments};
use crate::cell::CellBuilder;
use crate::morphology::SectionKind;

/// The mechanism that lets tetrodotoxin into the bath, its parameter, and the concentration (mM) that blocks.
const TTX_SWITCH: (&str, &str, f64) = ("TTXDynamicsSwitch", "ttxo_level", 1.0);
/// The ion by which channels know of it.
const TTX_ION: &str = "ttx";
/// Sodium channels of this crate that it blocks, with their conductances. Those of files that read the ion block themselves.
const TTX_SENSITIVE: [(&str, &str); 4] =
    [("NaTg", "gNaTgbar"), ("NaTa_t", "gNaTa_tbar"), ("NaTs2_t", "gNaTs2_tbar"), ("Nap_Et2", "gNap_Et2bar")];

/// Lists of sections that statements of `section_list` can name, with the kinds of sections in them.
const SECTION_LISTS: [(&str, Option<SectionKind>); 8] = [
    ("all", None),
    ("somatic", Some(SectionKind::Soma)),
    ("axonal", Some(SectionKind::Axon)),
    ("basal", Some(SectionKind::Dend)),
    ("apical", Some(SectionKind::Apic)),
    ("AIS", None),
    ("nodal", None),
    ("myelinated", Some(SectionKind::Myelin)),
];
/// Lists that e-models leave empty.
const EMPTY_LISTS: [&str; 2] = ["AIS", "nodal"];
/// Sections that statements of `section` can name.
const SECTION_TYPES: [(&str, Option<SectionKind>); 7] = [
    ("soma", Some(SectionKind::Soma)),
    ("axon", Some(SectionKind::Axon)),
    ("dend", Some(SectionKind::Dend)),
    ("apic", Some(SectionKind::Apic)),
    ("ais", None),
    ("node", None),
    ("myelin", Some(SectionKind::Myelin)),
];

/// All modifications of a simulation, for the cells of one population.
pub(super) struct Modifications(Vec<Modification>);

struct Modification {
    name: String,
    /// Its key in the configuration.
    key: String,
    cells: Cells,
    what: What,
    /// Whether it has changed anything, or is about cells of another population.
    is_made: AtomicBool,
}

/// Which cells are concerned.
enum Cells {
    Nodes(Vec<u64>),
    Compartments(CompartmentSet),
}

enum What {
    Ttx,
    Assign { place: Place, assignments: Vec<Assignment> },
}

/// Which parts of a cell are concerned, each with one value for all of its segments.
enum Place {
    /// Sections that have all attributes.
    AllSections,
    /// Of these, those of a list.
    List(String),
    /// One section, by type and number.
    Section(String, usize),
    /// Single segments of a compartment set.
    Segments,
}

impl Modifications {
    /// Reads the statements and selects the cells.
    pub fn read(source: &Source<'_>) -> Result<Self, NeuroError> {
        let read = |(number, modification): (usize, &msr_config::simulation::Modification)| {
            let own_key = format!("conditions.modifications[{number}]");
            let key = |key: &str| format!("{own_key}.{key}");
            let places = &source.simulation.places;
            let failed = |reason: String| NeuroError::from(places.problem(&key("section_configure"), reason));
            let nodes = |set: &String| Ok::<_, NeuroError>(Cells::Nodes(source.select(&key("node_set"), set)?));
            let assign = |place, assignments| What::Assign { place, assignments };
            let (cells, what) = match &modification.kind {
                ModificationKind::Ttx { node_set } => (nodes(node_set)?, What::Ttx),
                ModificationKind::ConfigureAllSections { node_set, section_configure } => {
                    let assignments = assignment::on_wildcard(section_configure).map_err(failed)?;
                    (nodes(node_set)?, assign(Place::AllSections, assignments))
                }
                ModificationKind::SectionList { node_set, section_configure } => {
                    let lists = SECTION_LISTS.map(|(list, _)| list);
                    let (list, assignments) = assignment::on_list(section_configure, &lists).map_err(failed)?;
                    (nodes(node_set)?, assign(Place::List(list), assignments))
                }
                ModificationKind::Section { node_set, section_configure } => {
                    let types = SECTION_TYPES.map(|(section, _)| section);
                    let (section, number, assignments) =
                        assignment::on_section(section_configure, &types).map_err(failed)?;
                    (nodes(node_set)?, assign(Place::Section(section, number), assignments))
                }
                ModificationKind::CompartmentSet { compartment_set, section_configure } => {
                    let set = compartments::set(source, &key("compartment_set"), compartment_set)?;
                    let assignments = assignment::on_segment(section_configure).map_err(failed)?;
                    (Cells::Compartments(set), assign(Place::Segments, assignments))
                }
            };
            let is_elsewhere = match &cells {
                Cells::Nodes(nodes) => nodes.is_empty(),
                Cells::Compartments(set) => set.population != source.population.name,
            };
            let (name, is_made) = (modification.name.clone(), AtomicBool::new(is_elsewhere));
            Ok(Modification { name, key: own_key, cells, what, is_made })
        };
        source.simulation.conditions.modifications.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Makes all modifications of a node's cell.
    pub fn make(&self, source: &Source<'_>, node: u64, builder: &mut CellBuilder<'_>) -> Result<(), NeuroError> {
        for modification in &self.0 {
            modification.make(source, node, builder)?;
        }
        Ok(())
    }

    /// Notes modifications that have changed nothing: where all cells are built.
    pub fn note_idle(&self, notes: &mut Vec<String>) {
        for Modification { name, what, is_made, .. } in &self.0 {
            if !is_made.load(Ordering::Relaxed) {
                let nothing = match what {
                    What::Ttx => "no selected cell has a channel that it blocks",
                    What::Assign { .. } => "no selected section has all attributes that it names",
                };
                notes.push(format!("conditions.modifications '{name}' has changed nothing: {nothing}"));
            }
        }
    }
}

impl Modification {
    fn make(&self, source: &Source<'_>, node: u64, builder: &mut CellBuilder<'_>) -> Result<(), NeuroError> {
        let made = match (&self.cells, &self.what) {
            (Cells::Nodes(nodes), _) if nodes.binary_search(&node).is_err() => return Ok(()),
            (_, What::Ttx) => self.block_sodium(source, builder)?,
            (cells, What::Assign { place, assignments }) => {
                let mut made = false;
                for segments in self.parts(source, node, cells, place, builder)? {
                    made |= self.assign(source, assignments, &segments, builder)?;
                }
                made
            }
        };
        if made {
            self.is_made.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Segments of each part of a cell that is concerned.
    fn parts(
        &self,
        source: &Source<'_>,
        node: u64,
        cells: &Cells,
        place: &Place,
        builder: &CellBuilder<'_>,
    ) -> Result<Vec<Vec<usize>>, NeuroError> {
        let shape = builder.discretisation();
        if let Cells::Compartments(set) = cells {
            let key = format!("{}.compartment_set", self.key);
            let segments = compartments::on_node(source, set, &key, node, shape)?;
            return Ok(segments.into_iter().map(|segment| vec![segment]).collect());
        }
        let of_kind = |kind: Option<SectionKind>| {
            shape.sections.iter().filter(move |section| kind.is_none_or(|kind| section.kind == kind))
        };
        let kind = |table: &[(&str, Option<SectionKind>)], name: &str| {
            table.iter().find(|(known, _)| *known == name).and_then(|(_, kind)| *kind)
        };
        let sections: Vec<_> = match place {
            Place::List(list) if EMPTY_LISTS.contains(&list.as_str()) => Vec::new(),
            Place::List(list) => of_kind(kind(&SECTION_LISTS, list)).collect(),
            Place::Section(name, number) => {
                kind(&SECTION_TYPES, name).and_then(|kind| of_kind(Some(kind)).nth(*number)).into_iter().collect()
            }
            Place::AllSections | Place::Segments => of_kind(None).collect(),
        };
        Ok(sections.into_iter().map(|section| section.segments.clone().collect()).collect())
    }

    /// Makes assignments to segments that have one value; nothing where they lack an attribute. Values are read in the middle.
    fn assign(
        &self,
        source: &Source<'_>,
        assignments: &[Assignment],
        segments: &[usize],
        builder: &mut CellBuilder<'_>,
    ) -> Result<bool, NeuroError> {
        let middle = segments[segments.len() / 2];
        for name in assignments.iter().flat_map(Assignment::names) {
            if UNCHANGEABLE.contains(&name) {
                let reason = format!(
                    "'{name}' of sections cannot be changed; possible: cm, Ra, ena, ek, eca and parameters of mechanisms, for example {}",
                    builder.parameter_names().join(", ")
                );
                return Err(self.bad(source, reason));
            }
            if read(builder, name, middle).is_none() {
                return Ok(false);
            }
        }
        for assignment in assignments {
            let name = &assignment.name;
            let value = assignment.value(&|name| read(builder, name, middle).expect("it was found"));
            for &segment in segments {
                self.write(source, builder, name, segment, value)?;
            }
        }
        Ok(true)
    }

    fn write(
        &self,
        source: &Source<'_>,
        builder: &mut CellBuilder<'_>,
        name: &str,
        segment: usize,
        value: f64,
    ) -> Result<(), NeuroError> {
        let positive = || {
            if value > 0.0 && value.is_finite() {
                Ok(value)
            } else {
                Err(self.bad(source, format!("{name} = {value} must be positive")))
            }
        };
        match name {
            "cm" => builder.cable_mut(segment).capacitance_uf_per_cm2 = positive()?,
            "Ra" => builder.cable_mut(segment).axial_resistivity_ohm_cm = positive()?,
            _ if reversal_of(name).is_some() => {
                if !value.is_finite() {
                    return Err(self.bad(source, format!("{name} = {value} must be a number")));
                }
                builder.fix_reversal(reversal_of(name).expect("it is one"), segment, value);
            }
            _ => {
                let (mechanism, parameter) = builder.parameter_of(name, segment).expect("it was found");
                let (mechanism, parameter) = (mechanism.to_owned(), parameter.to_owned());
                builder
                    .change(&mechanism, &parameter, segment, value)
                    .map_err(|error| self.bad(source, error.to_string()))?;
            }
        }
        Ok(())
    }

    /// Tetrodotoxin in the bath: channels that know of it close, the sodium channels of this crate lose their conductance.
    fn block_sodium(&self, source: &Source<'_>, builder: &mut CellBuilder<'_>) -> Result<bool, NeuroError> {
        let failed = |error: crate::cell::BuildError| self.bad(source, error.to_string());
        let segments = builder.discretisation().segments.len();
        let mut made = false;
        if builder.uses_ion(TTX_ION) {
            let (switch, level, concentration_mm) = TTX_SWITCH;
            builder.insert(switch, 0..segments).map_err(failed)?;
            for segment in 0..segments {
                builder.change(switch, level, segment, concentration_mm).map_err(failed)?;
            }
            made = true;
        }
        for (channel, conductance) in TTX_SENSITIVE {
            for segment in 0..segments {
                if builder.parameter(channel, conductance, segment).is_some() {
                    builder.change(channel, conductance, segment, 0.0).map_err(failed)?;
                    made = true;
                }
            }
        }
        Ok(made)
    }

    fn bad(&self, source: &Source<'_>, reason: String) -> NeuroError {
        source.simulation.places.problem(&format!("{}.section_configure", self.key), reason).into()
    }
}

/// Attributes of sections that NEURON has and that stay as they are here.
const UNCHANGEABLE: [&str; 6] = ["L", "diam", "nseg", "v", "nai", "ki"];

/// Reversal potentials and their ions.
const REVERSALS: [(&str, &str); 3] = [("ena", "na"), ("ek", "k"), ("eca", "ca")];

fn reversal_of(name: &str) -> Option<&'static str> {
    REVERSALS.iter().find(|(known, _)| *known == name).map(|(_, ion)| *ion)
}

/// The value of an attribute in a segment.
fn read(builder: &CellBuilder<'_>, name: &str, segment: usize) -> Option<f64> {
    match name {
        "cm" => Some(builder.cable(segment).capacitance_uf_per_cm2),
        "Ra" => Some(builder.cable(segment).axial_resistivity_ohm_cm),
        _ => match reversal_of(name) {
            Some(ion) => builder.fixed_reversal(ion, segment),
            None => {
                let (mechanism, parameter) = builder.parameter_of(name, segment)?;
                builder.parameter(mechanism, parameter, segment)
            }
        },
    }
}

/// `'x' (did you mean 'y'?); possible: ...`
fn unknown(what: &str, found: &str, possible: &[&str]) -> String {
    let known: Vec<String> = possible.iter().map(|&name| name.to_owned()).collect();
    format!("unknown {what} '{found}'{}; possible: {}", nearest(found, &known), possible.join(", "))
}
