//! Chemical synapses between the simulated cells, from SONATA edges.

use std::borrow::Cow;
use std::collections::BTreeMap;

use msr_config::circuit::{EdgeKind, EdgePopulation};

use super::circuit::{Shapes, Source};
use super::seeds::{Purpose, seed};
use super::{Connection, Entity, NeuroError, PlacedCell, Receiver};
use crate::astrocytes::CoveredSynapse;
use crate::morphology::{Morphology, Section, distance};
use crate::synapses::{Plasticity, Synapse, Transmitter};

/// Ratio of NMDA to AMPA conductance where the file gives none (neocortical pyramidal cells, Markram et al. 2015).
const NMDA_RATIO: f64 = 0.71;
/// Ratio of GABA-B to GABA-A conductance where the file gives none.
const GABA_B_RATIO: f64 = 0.0;
/// Positions on a section keep this distance from its ends.
const END_MARGIN: f64 = 1e-7;
/// Rounding allowed in fractions of a section.
const FRACTION_ROUNDING: f64 = 1e-6;
/// Rounding allowed when delays are cut to steps.
const DELAY_ROUNDING: f64 = 1e-5;

/// Connections, and where the synapse of each edge is.
#[derive(Default)]
pub(super) struct Connected {
    pub connections: Vec<Connection>,
    /// For each chemical edge population, by name: the synapse of each edge, where it is simulated.
    pub synapses: BTreeMap<String, Vec<Option<CoveredSynapse>>>,
}

/// Adds the synapses of all chemical edges between simulated cells; each edge is one connection.
pub(super) fn connect(
    source: &Source<'_>,
    shapes: &Shapes,
    cells: &mut [PlacedCell],
    notes: &mut Vec<String>,
) -> Result<Connected, NeuroError> {
    let mut connected = Connected::default();
    let name = &source.population.name;
    for (number, edges) in source.circuit.edges.iter().enumerate() {
        if edges.source_population != *name || edges.target_population != *name {
            continue;
        }
        match edges.kind {
            EdgeKind::Chemical => population(source, shapes, edges, number, cells, &mut connected, notes)?,
            _ => {
                return Err(NeuroError::UnsupportedEdges {
                    population: edges.name.clone(),
                    kind: edges.kind.name().to_owned(),
                });
            }
        }
    }
    Ok(connected)
}

fn population(
    source: &Source<'_>,
    shapes: &Shapes,
    edges: &EdgePopulation,
    number: usize,
    cells: &mut [PlacedCell],
    connected: &mut Connected,
    notes: &mut Vec<String>,
) -> Result<(), NeuroError> {
    let columns = Columns::read(edges)?;
    let overrides = overrides(source)?;
    let run = &source.simulation.run;
    let stream_seed = seed(Purpose::Release, run.random_seed, run.synapse_seed, number);
    let position = |cells: &[PlacedCell], node| cells.binary_search_by_key(&node, |placed| placed.node).ok();
    let mut removed = 0;
    let mut synapses = vec![None; edges.size()];
    for (edge, made) in synapses.iter_mut().enumerate() {
        let (from, to) = (edges.source_ids[edge], edges.target_ids[edge]);
        let (Some(_), Some(target)) = (position(cells, from), position(cells, to)) else { continue };
        let (mut weight, mut delay_ms) = (1.0, columns.delay_ms[edge]);
        for change in overrides.iter().filter(|change| change.applies(from, to)) {
            weight = change.weight.unwrap_or(weight);
            delay_ms = change.delay_ms.unwrap_or(delay_ms);
        }
        let morphology = shapes.morphology(source, to)?;
        let (section, fraction) = columns.location(edges, edge, to, morphology)?;
        let cell = &mut cells[target].cell;
        let Some(segment) = cell.discretisation().segment_at(section, fraction) else {
            removed += 1;
            continue;
        };
        let calcium_mm = source.simulation.conditions.extracellular_calcium_mm;
        let mut synapse = columns.synapse(edges, edge, calcium_mm)?;
        synapse.node = cell.node(segment) as u32;
        synapse.conductance_us *= weight;
        synapse.stream = (stream_seed, edge as u32);
        let synapse = cell.add_synapse(synapse);
        let delay_steps = (delay_ms / run.dt_ms + DELAY_ROUNDING) as u64;
        connected.connections.push(Connection {
            source: from,
            target: to,
            receiver: Receiver::Synapse(synapse),
            delay_steps,
        });
        *made = Some(CoveredSynapse { cell: target as u32, synapse });
    }
    connected.synapses.insert(edges.name.clone(), synapses);
    if removed > 0 {
        notes.push(format!(
            "edge population '{}': {removed} synapses sit on axons that the e-models cut off, and are left out",
            edges.name
        ));
    }
    Ok(())
}

/// A connection override with its nodes.
struct Override {
    sources: Vec<u64>,
    targets: Vec<u64>,
    weight: Option<f64>,
    delay_ms: Option<f64>,
}

impl Override {
    fn applies(&self, source: u64, target: u64) -> bool {
        self.sources.binary_search(&source).is_ok() && self.targets.binary_search(&target).is_ok()
    }
}

fn overrides(source: &Source<'_>) -> Result<Vec<Override>, NeuroError> {
    let mut overrides = Vec::new();
    for entry in &source.simulation.connection_overrides {
        let keys = [
            ("spont_minis", entry.spont_minis_hz.is_some_and(|rate| rate != 0.0)),
            ("synapse_configure", entry.synapse_configure.is_some()),
            ("modoverride", entry.modoverride.is_some()),
            ("delay", entry.delay_ms > 0.0),
            ("neuromodulation_dtc", entry.neuromodulation_dtc_ms.is_some()),
            ("neuromodulation_strength", entry.neuromodulation_strength.is_some()),
        ];
        if let Some((key, _)) = keys.into_iter().find(|(_, used)| *used) {
            return Err(NeuroError::UnsupportedOverride { name: entry.name.clone(), key });
        }
        overrides.push(Override {
            sources: source.select(&format!("connection_overrides.{}.source", entry.name), &entry.source)?,
            targets: source.select(&format!("connection_overrides.{}.target", entry.name), &entry.target)?,
            weight: entry.weight,
            // A delay of 0 counts as none.
            delay_ms: entry.synapse_delay_override_ms.filter(|&delay| delay > 0.0),
        });
    }
    Ok(overrides)
}

/// Attributes of chemical edges.
struct Columns<'a> {
    delay_ms: Cow<'a, [f64]>,
    conductance_ns: Cow<'a, [f64]>,
    utilisation: Cow<'a, [f64]>,
    depression_ms: Cow<'a, [f64]>,
    facilitation_ms: Cow<'a, [f64]>,
    decay_ms: Cow<'a, [f64]>,
    type_id: Cow<'a, [i64]>,
    vesicles: Cow<'a, [i64]>,
    hill: Option<Cow<'a, [f64]>>,
    ratio: Option<Cow<'a, [f64]>>,
    section: Cow<'a, [i64]>,
    position: Position<'a>,
}

/// Where on its section a synapse sits.
enum Position<'a> {
    /// Name of the attribute, and its values.
    Fraction(&'static str, Cow<'a, [f64]>),
    SegmentOffset(Cow<'a, [i64]>, Cow<'a, [f64]>),
}

impl<'a> Columns<'a> {
    fn read(edges: &'a EdgePopulation) -> Result<Self, NeuroError> {
        let table = &edges.attributes;
        let fractions = ["afferent_section_pos", "afferent_section_fraction"];
        let position = if let Some(name) = fractions.into_iter().find(|name| table.contains(name)) {
            Position::Fraction(name, table.float(name)?)
        } else {
            Position::SegmentOffset(table.integer("afferent_segment_id")?, table.float("afferent_segment_offset")?)
        };
        Ok(Self {
            delay_ms: table.float("delay")?,
            conductance_ns: table.float("conductance")?,
            utilisation: table.float("u_syn")?,
            depression_ms: table.float("depression_time")?,
            facilitation_ms: table.float("facilitation_time")?,
            decay_ms: table.float("decay_time")?,
            type_id: table.integer("syn_type_id")?,
            vesicles: table.integer("n_rrp_vesicles")?,
            hill: table.optional_float("u_hill_coefficient")?,
            ratio: table.optional_float("conductance_scale_factor")?,
            section: table.integer("afferent_section_id")?,
            position,
        })
    }

    /// Section id and fraction of the section.
    fn location(
        &self,
        edges: &EdgePopulation,
        edge: usize,
        node: u64,
        morphology: &Morphology,
    ) -> Result<(u32, f64), NeuroError> {
        let section = self.section[edge];
        let sections = morphology.sections.len();
        let shape =
            usize::try_from(section).ok().and_then(|index| morphology.sections.get(index)).ok_or_else(|| {
                NeuroError::UnknownSection { population: edges.name.clone(), edge, node, section, sections }
            })?;
        let fraction = match &self.position {
            Position::Fraction(name, fractions) => {
                let found = fractions[edge];
                if !(-FRACTION_ROUNDING..=1.0 + FRACTION_ROUNDING).contains(&found) {
                    return Err(bad(edges, edge, name, found, "must lie between 0 and 1"));
                }
                found
            }
            Position::SegmentOffset(_, offsets) if !offsets[edge].is_finite() => {
                return Err(bad(edges, edge, "afferent_segment_offset", offsets[edge], "must be a number"));
            }
            Position::SegmentOffset(segments, offsets) => fraction(shape, segments[edge], offsets[edge]),
        };
        Ok((section as u32, fraction.clamp(END_MARGIN, 1.0 - END_MARGIN)))
    }

    /// The synapse, its node and stream to be filled in.
    fn synapse(&self, edges: &EdgePopulation, edge: usize, calcium_mm: Option<f64>) -> Result<Synapse, NeuroError> {
        if !self.decay_ms[edge].is_finite() || self.decay_ms[edge] <= 0.0 {
            return Err(bad(edges, edge, "decay_time", self.decay_ms[edge], "must be positive"));
        }
        let never_negative = [
            ("delay", &self.delay_ms),
            ("conductance", &self.conductance_ns),
            ("u_syn", &self.utilisation),
            ("depression_time", &self.depression_ms),
            ("facilitation_time", &self.facilitation_ms),
        ];
        for (attribute, column) in never_negative {
            if !column[edge].is_finite() || column[edge] < 0.0 {
                return Err(bad(edges, edge, attribute, column[edge], "must be a number of at least 0"));
            }
        }
        if self.utilisation[edge] > 1.0 {
            return Err(bad(edges, edge, "u_syn", self.utilisation[edge], "must be at most 1: it is a probability"));
        }
        if let Some(hill) = self.hill.as_ref().filter(|hill| !hill[edge].is_finite()) {
            return Err(bad(edges, edge, "u_hill_coefficient", hill[edge], "must be a number"));
        }
        let transmitter = Transmitter::from_type_id(self.type_id[edge]);
        let default_ratio = if transmitter == Transmitter::Glutamate { NMDA_RATIO } else { GABA_B_RATIO };
        let slow_ratio = self.ratio.as_ref().map(|ratio| ratio[edge]).filter(|&ratio| ratio >= 0.0);
        let utilisation = self.utilisation[edge] * self.hill_factor(edge, calcium_mm);
        Ok(Synapse {
            node: 0,
            transmitter,
            conductance_us: self.conductance_ns[edge] * 1e-3,
            slow_ratio: slow_ratio.unwrap_or(default_ratio),
            decay_ms: self.decay_ms[edge],
            plasticity: Plasticity {
                utilisation,
                depression_ms: self.depression_ms[edge],
                facilitation_ms: self.facilitation_ms[edge],
                vesicles: u32::try_from(self.vesicles[edge]).unwrap_or(1).max(1),
            },
            stream: (0, 0),
        })
    }

    /// Dependence of release on calcium outside, y: `(K^4 + 16) / 16 * y^4 / (K^4 + y^4)`, which is 1 at the 2 mM of slice
    /// recordings (Markram et al. 2015, Cell 163:456). 1 where the circuit has no K or the simulation no calcium.
    fn hill_factor(&self, edge: usize, calcium_mm: Option<f64>) -> f64 {
        match (&self.hill, calcium_mm) {
            (Some(hill), Some(calcium)) => {
                let (k, y) = (hill[edge].powi(4), calcium.powi(4));
                (k + 16.0) / 16.0 * y / (k + y)
            }
            _ => 1.0,
        }
    }
}

pub(super) fn bad(
    edges: &EdgePopulation,
    edge: usize,
    attribute: &'static str,
    value: f64,
    reason: &'static str,
) -> NeuroError {
    NeuroError::BadAttribute {
        file: edges.file.clone(),
        population: edges.name.clone(),
        entity: Entity::Edge,
        row: edge as u64,
        attribute,
        value: value.to_string(),
        reason,
    }
}

/// Fraction of a section for an offset (um) from one of its 3-D points.
fn fraction(section: &Section, segment: i64, offset_um: f64) -> f64 {
    let points = &section.points;
    let last = usize::try_from(segment).unwrap_or(0).min(points.len() - 1);
    let before: f64 = points[..=last].windows(2).map(|pair| distance(pair[0].position, pair[1].position)).sum();
    (before + offset_um.max(0.0)) / section.length_um()
}
