//! From the sections that a template has made to a cell.

use super::run::{Facts, Finished, Run};
use super::sections::{Section, SectionId, Sections};
use super::{CellArguments, HocError, HocProblem, HocTemplate};
use crate::cell::CellBuilder;
use crate::diffusion::Diffusivities;
use crate::discretisation::{Course, Discretisation, Piece};
use crate::emodel::Conditions;
use crate::ions::InitialConcentrations;
use crate::mechanisms::Registry;
use crate::morphology::{Attachment, Morphology, SectionKind};

/// What became of a template for one cell, in lines for the user.
pub type Description = Vec<String>;

/// NEURON's concentrations of calcium, in mM.
const CALCIUM_INSIDE: f64 = 5e-5;
const CALCIUM_OUTSIDE: f64 = 2.0;

/// The reversal potential that NEURON gives an ion where it is a number of its own, in mV.
pub(super) fn default_reversal_mv(ion: &str) -> f64 {
    /// Of calcium, for one e-fold of concentration.
    const CALCIUM_MV: f64 = 12.5;
    match ion {
        "na" => 50.0,
        "k" => -77.0,
        "ca" => CALCIUM_MV * (CALCIUM_OUTSIDE / CALCIUM_INSIDE).ln(),
        _ => 0.0,
    }
}

/// NEURON's concentrations at the beginning; ATP and ADP, which it does not know, are those of this crate.
pub(crate) fn default_concentrations() -> InitialConcentrations {
    InitialConcentrations {
        nai: 10.0,
        nao: 140.0,
        ki: 54.4,
        ko: 2.5,
        cai: CALCIUM_INSIDE,
        cao: CALCIUM_OUTSIDE,
        cli: 1.0,
        clo: 1.0,
        pi: 1.0,
        ..InitialConcentrations::default()
    }
}

impl HocTemplate {
    /// A builder of the cell that the template makes of a morphology, and a description of what took effect.
    ///
    /// The cell is NEURON's: sodium and potassium concentrations are what mechanisms make of them, nothing diffuses along the
    /// cable, and a reversal potential is the number that was assigned to it (or NEURON's default) wherever no mechanism uses
    /// the concentrations of the ion; where one does, it follows them.
    ///
    /// # Errors
    /// [`HocError::Problems`] with file, line and statement of what is not supported or cannot be carried out.
    pub fn builder<'a>(
        &self,
        morphology: &Morphology,
        registry: &'a Registry,
        conditions: &Conditions,
        cell: &CellArguments,
    ) -> Result<(CellBuilder<'a>, Description), HocError> {
        let unknown = self.unknown_mechanisms(registry);
        if !unknown.is_empty() {
            return Err(HocError::Problems(unknown));
        }
        let coarse = self.source.digits.map(|digits| morphology.in_digits(digits));
        let morphology = coarse.as_ref().unwrap_or(morphology);
        let run = Run::new(&self.source, registry, Some(morphology), conditions.celsius);
        let finished = run.cell(self.template, &self.arguments(cell), conditions.v_init_mv);
        let finished = finished.map_err(|problem| HocError::Problems(vec![problem]))?;
        let problem = |message: String| {
            let file = self.file().to_owned();
            HocError::Problems(vec![HocProblem { file, line: 1, message, statement: String::new() }])
        };
        let order = order(&finished.sections).map_err(problem)?;
        let cut = cut(&finished.sections, &order, morphology).map_err(problem)?;
        let mut builder = CellBuilder::new(cut, registry);
        builder.celsius = conditions.celsius;
        builder.dt_ms = conditions.dt_ms;
        builder.v_init_mv = conditions.v_init_mv;
        builder.threshold_mv = conditions.spike_threshold_mv;
        builder.diffusivities = Diffusivities::NONE;
        builder.holds_concentrations = true;
        builder.allows_negative_conductances = true;
        fill(&mut builder, &finished, &order).map_err(problem)?;
        let description = self.description(&finished, &order);
        Ok((builder, description))
    }

    fn description(&self, finished: &Finished, order: &[SectionId]) -> Description {
        let Finished { sections, facts, .. } = finished;
        let mut lines = Vec::new();
        let joined = |lists: &std::collections::BTreeSet<String>| lists.iter().cloned().collect::<Vec<_>>().join(" ");
        let counts = SectionKind::ALL.into_iter().filter_map(|kind| {
            let of_kind = order.iter().filter(|&&id| sections.list[id].kind() == Some(kind));
            let segments: Vec<usize> = of_kind.map(|&id| sections.list[id].segments.len()).collect();
            let total: usize = segments.iter().sum();
            (!segments.is_empty()).then(|| format!("{} {} ({total} segments)", segments.len(), kind.name()))
        });
        lines.push(format!("sections: {}", counts.collect::<Vec<_>>().join(", ")));
        lines.push(format!("segments: {}", self.segment_rules(finished, order)));
        lines.push(format!("axon: {}", axon(sections, order)));
        let inserted = facts.inserted.iter().map(|(name, lists)| format!("{name} ({})", joined(lists)));
        lines.push(format!("mechanisms: {}", inserted.collect::<Vec<_>>().join(", ")));
        let assigned: usize = facts.assigned.values().map(|lists| lists.len()).sum();
        let mut lists: Vec<&String> = facts.assigned.values().flatten().collect();
        lists.sort();
        lists.dedup();
        let lists: Vec<&str> = lists.into_iter().map(String::as_str).collect();
        lines.push(format!("assigned: {assigned} values in {}", lists.join(" ")));
        if !facts.distributed.is_empty() {
            let distributed = facts.distributed.iter().map(|(name, lists)| format!("{name} ({})", joined(lists)));
            lines.push(format!("by distance: {}", distributed.collect::<Vec<_>>().join(", ")));
        }
        lines.extend(facts.notes.iter().cloned());
        lines.extend(negatives(sections, order));
        lines
    }

    /// The statements that set the numbers of segments of the file's sections.
    fn segment_rules(&self, finished: &Finished, order: &[SectionId]) -> String {
        let Facts { segments, .. } = &finished.facts;
        let any_of_file = order.iter().any(|&id| finished.sections.list[id].of_file.is_some());
        let mut places: Vec<(usize, usize)> = order
            .iter()
            .filter(|&&id| !any_of_file || finished.sections.list[id].of_file.is_some())
            .filter_map(|id| segments.get(id).copied())
            .collect();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return "one a section".to_owned();
        }
        let told = places.iter().map(|&(file, line)| {
            let problem = self.source.problem(file, line, String::new());
            let line = if problem.line == 0 { String::new() } else { format!(" (line {line})") };
            format!("`{}`{line}", problem.statement)
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Conductances that a formula has made negative.
fn negatives(sections: &Sections, order: &[SectionId]) -> Vec<String> {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for segment in order.iter().flat_map(|&id| &sections.list[id].segments) {
        for &(mechanism, column, value) in &segment.parameters {
            let of = &sections.mechanisms[mechanism];
            let column = &of.columns()[column];
            if value < 0.0 && column.unit == crate::cell::CONDUCTANCE {
                *counts.entry(format!("{}.{}", of.name(), column.name)).or_default() += 1;
            }
        }
    }
    counts
        .into_iter()
        .map(|(name, count)| format!("{name} is negative in {count} segments, as NEURON takes it"))
        .collect()
}

fn axon(sections: &Sections, order: &[SectionId]) -> String {
    let of_axon = |id: &&SectionId| matches!(sections.list[**id].kind(), Some(SectionKind::Axon | SectionKind::Myelin));
    let created = order.iter().filter(of_axon).filter(|&&id| sections.list[id].of_file.is_none());
    let told: Vec<String> = created
        .map(|&id| {
            let section = &sections.list[id];
            let (first, last) = (section.segments.first(), section.segments.last());
            let diameter = |segment: Option<&super::sections::SegmentState>| segment.map_or(0.0, |of| of.diameter_um);
            format!(
                "{} of {} um, {} segments, {:.4} to {:.4} um thick",
                section.name(),
                section.length_um,
                section.segments.len(),
                diameter(first),
                diameter(last)
            )
        })
        .collect();
    if told.is_empty() { "that of the morphology".to_owned() } else { format!("replaced by {}", told.join(", ")) }
}

/// The sections in the order of reports: those of the file, then those that were created; the soma first.
fn order(sections: &Sections) -> Result<Vec<SectionId>, String> {
    let mut order: Vec<SectionId> = (0..sections.list.len()).filter(|&id| sections.list[id].exists).collect();
    for &id in &order {
        let section = &sections.list[id];
        if section.of_file.is_none() && (section.points.len() == 1 || section.length_um <= 0.0) {
            return Err(format!("{} has 3-D points, but no length; two apart are needed", section.name()));
        }
        if section.kind().is_none() {
            let names: Vec<&str> = SectionKind::ALL.iter().map(|kind| kind.name()).collect();
            return Err(format!("section {} is of no kind; supported: {}", section.name(), names.join(", ")));
        }
    }
    let any_of_file = order.iter().any(|&id| sections.list[id].of_file.is_some());
    order.sort_by_key(|&id| {
        let section = &sections.list[id];
        let created_last =
            section.of_file.map_or((1, if any_of_file { None } else { section.kind() }, id), |at| (0, None, at));
        (section.kind() != Some(SectionKind::Soma), created_last)
    });
    let Some(&root) = order.first().filter(|&&id| sections.list[id].kind() == Some(SectionKind::Soma)) else {
        return Err("the template makes no soma".to_owned());
    };
    for &id in &order {
        let section = &sections.list[id];
        if (id == root) != section.parent.is_none() {
            return Err(if id == root {
                format!("{} springs from another section; it must be the root", section.name())
            } else {
                format!("section {} is not connected", section.name())
            });
        }
    }
    Ok(order)
}

fn cut(sections: &Sections, order: &[SectionId], morphology: &Morphology) -> Result<Discretisation, String> {
    let mut places = vec![None; sections.list.len()];
    order.iter().enumerate().for_each(|(place, &id)| places[id] = Some(place));
    let course = Course::of_axon(morphology);
    let mut ends = vec![course.start; order.len()];
    let mut laid = Vec::with_capacity(order.len());
    // Parents first, as places of what has no points follow from them.
    let mut pieces: Vec<Option<Piece>> = (0..order.len()).map(|_| None).collect();
    while laid.len() < order.len() {
        let before = laid.len();
        for (number, &id) in order.iter().enumerate() {
            let section = &sections.list[id];
            let parent = section.parent.map(|(parent, at)| (places[parent], at));
            let parent = match parent {
                None => None,
                Some((None, _)) => return Err(format!("section {} springs from a deleted section", section.name())),
                Some((Some(parent), at)) => Some((parent, at)),
            };
            if pieces[number].is_some() || parent.is_some_and(|(parent, _)| pieces[parent].is_none()) {
                continue;
            }
            let start = match parent {
                // An axon begins where that of the file began.
                Some((0, _)) => course.start,
                Some((parent, _)) => ends[parent],
                None => course.start,
            };
            let attached =
                parent.map(|(parent, at)| attachment(&sections.list[order[parent]], at).map(|at| (parent, at)));
            let piece = piece(section, attached.transpose()?, (start, &course), number, morphology);
            ends[number] = piece.points[piece.points.len() - 1].position;
            pieces[number] = Some(piece);
            laid.push(number);
        }
        if laid.len() == before {
            return Err("sections spring from one another in a ring".to_owned());
        }
    }
    let counts = order.iter().map(|&id| sections.list[id].segments.len()).collect();
    Discretisation::of_pieces(&pieces.into_iter().flatten().collect::<Vec<_>>(), counts)
        .map_err(|error| error.to_string())
}

/// Where on its parent a section begins.
fn attachment(parent: &Section, at: f64) -> Result<Attachment, String> {
    const MIDDLE: f64 = 0.5;
    if at == 1.0 {
        Ok(Attachment::End)
    } else if at > 0.0 && at < 1.0 && parent.segment(at) == parent.segment(MIDDLE) {
        Ok(Attachment::Middle)
    } else {
        Err(format!("a section begins at {}({at}); supported: the middle (0.5) and the end (1)", parent.name()))
    }
}

/// A section for the discretisation; one without points lies straight on from `start`.
fn piece(
    section: &Section,
    parent: Option<(usize, Attachment)>,
    (start, course): ([f64; 3], &Course),
    number: usize,
    morphology: &Morphology,
) -> Piece {
    let kind = section.kind().unwrap_or(SectionKind::Soma);
    // SONATA counts sections as if the axon of the file were still there.
    let id = match (section.of_file, kind) {
        (Some(of_file), _) => of_file,
        (None, SectionKind::Axon) => 1 + section.index,
        (None, SectionKind::Myelin) => morphology.sections.len() + section.index,
        (None, _) => number,
    };
    let diameters: Vec<f64> = section.segments.iter().map(|segment| segment.diameter_um).collect();
    let (points, cylinders) = if section.points.is_empty() {
        (course.straight(start, section.length_um, &diameters), Some(diameters))
    } else {
        (section.points.clone(), None)
    };
    Piece { kind, id: id as u32, parent, points, cylinders }
}

/// Mechanisms, parameters, cable, reversal potentials and concentrations.
fn fill(builder: &mut CellBuilder<'_>, finished: &Finished, order: &[SectionId]) -> Result<(), String> {
    let sections = &finished.sections;
    let segments: Vec<(usize, &Section, usize)> = order
        .iter()
        .zip(&builder.discretisation().sections)
        .flat_map(|(&id, cut)| {
            let section = &sections.list[id];
            cut.segments.clone().enumerate().map(move |(number, segment)| (segment, section, number))
        })
        .collect();
    for &(segment, section, number) in &segments {
        let cable = builder.cable_mut(segment);
        cable.axial_resistivity_ohm_cm = section.axial_resistivity_ohm_cm;
        cable.capacitance_uf_per_cm2 = section.segments[number].capacitance_uf_per_cm2;
    }
    for (mechanism, of) in sections.mechanisms.iter().enumerate() {
        let carriers = segments.iter().filter(|(_, section, _)| section.carries.contains(&mechanism));
        builder.insert(of.name(), carriers.clone().map(|carrier| carrier.0)).map_err(|error| error.to_string())?;
        for (column, declared) in of.columns().iter().enumerate() {
            let set = |&(segment, section, number): &(usize, &Section, usize)| {
                section.segments[number].get(mechanism, column).map(|value| (segment, value))
            };
            let values: Vec<(usize, f64)> = carriers.clone().filter_map(set).collect();
            if !values.is_empty() {
                builder.set(of.name(), &declared.name, values).map_err(|error| error.to_string())?;
            }
        }
    }
    let uses: Vec<_> = sections.mechanisms.iter().map(|mechanism| mechanism.ions()).collect();
    for (ion, name) in sections.ions.iter().enumerate() {
        for &(segment, section, number) in &segments {
            let used = section.carries.iter().flat_map(|&mechanism| &uses[mechanism]).filter(|used| used.name == *name);
            let (reads, follows) = used.fold((false, false), |(reads, follows), used| {
                (reads || used.reversal, follows || used.concentrations)
            });
            if reads && !follows {
                let set = section.segments[number].reversals.iter().find(|known| known.0 == ion);
                builder.fix_reversal(name, segment, set.map_or_else(|| default_reversal_mv(name), |known| known.1));
            }
        }
    }
    builder.concentrations = default_concentrations();
    for (ion, values) in &finished.initial {
        builder.start_with(ion, *values);
    }
    Ok(())
}
