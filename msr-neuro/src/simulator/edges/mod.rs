//! Edges that end on the cells of one population: which synapses they make of each cell, and who reaches them.

mod chemical;
mod configure;
mod incoming;
mod location;
mod overrides;
mod placing;
mod point;
mod replay;

pub(super) use incoming::{GapEnd, Incoming, Link, ReplayLink};
pub(super) use placing::Common;
pub(super) use replay::Replays;

use std::borrow::Cow;

use msr_config::circuit::{EdgeKind, EdgePopulation};

use super::circuit::Source;
use super::populations::{Simulated, population_number};
use super::{Entity, NeuroError};
use crate::cell::CellBuilder;
use crate::morphology::Morphology;
use chemical::Chemical;
use location::Locations;
use overrides::{Overrides, Setting, mask};
use placing::Placing;
use replay::Replay;

/// Rounding allowed when delays are cut to steps.
const DELAY_ROUNDING: f64 = 1e-5;

/// Edges into the simulated cells of one population.
pub(super) struct Afferents<'a> {
    pub list: Vec<Afferent<'a>>,
}

/// Those of one edge population.
pub(super) struct Afferent<'a> {
    pub edges: &'a EdgePopulation,
    attributes: Attributes<'a>,
    locations: Option<Locations<'a>>,
    delay_ms: Option<Cow<'a, [f64]>>,
    /// Weights, by the name of their attribute.
    weight: Option<(&'static str, Cow<'a, [f64]>)>,
    /// Mechanism of each edge, where the file names them.
    templates: Option<&'a [String]>,
    rows: Rows,
    overrides: Overrides,
    replays: Vec<Replay>,
    /// Third number of random streams without what is added to it.
    number: u32,
    /// Which sources are simulated.
    simulated: Vec<bool>,
}

enum Attributes<'a> {
    Chemical(Chemical<'a>),
    /// A point process, by name.
    Point(&'static str),
    /// Those of the file's `model_template`.
    Templates,
    Electrical {
        afferent: Cow<'a, [i64]>,
        efferent: Cow<'a, [i64]>,
    },
    Modulatory {
        strength: Cow<'a, [f64]>,
        decay_ms: Cow<'a, [f64]>,
    },
    /// Straight to a cell without morphology.
    Artificial,
}

/// How long an event is on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delay {
    pub ms: f64,
}

impl Delay {
    /// Whole steps, and what is left, in ms.
    pub fn parts(&self, dt_ms: f64) -> (u64, f64) {
        let steps = (self.ms / dt_ms + DELAY_ROUNDING) as u64;
        (steps, (self.ms - steps as f64 * dt_ms).max(0.0))
    }
}

/// Rows of each target, ascending.
struct Rows {
    first: Vec<u32>,
    rows: Vec<u32>,
}

impl Rows {
    fn new(targets: &[u64], nodes: usize) -> Self {
        let mut first = vec![0_u32; nodes + 1];
        for &target in targets {
            first[target as usize + 1] += 1;
        }
        for node in 0..nodes {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut rows = vec![0; targets.len()];
        for (row, &target) in (0..).zip(targets) {
            let place = &mut next[target as usize];
            rows[*place as usize] = row;
            *place += 1;
        }
        Self { first, rows }
    }

    fn of(&self, target: u64) -> &[u32] {
        let target = target as usize;
        &self.rows[self.first[target] as usize..self.first[target + 1] as usize]
    }
}

impl<'a> Afferents<'a> {
    /// Edges into the `simulated` nodes of the source's population.
    pub fn read(
        source: &'a Source<'a>,
        populations: &[Simulated<'_>],
        simulated: &[u64],
        replays: &mut Replays,
        problems: &mut Vec<NeuroError>,
        notes: &mut Vec<String>,
    ) -> Self {
        let into = source.population;
        let is_point = into.kind.is_point();
        let mut list = Vec::new();
        for edges in source.circuit.edges.iter().filter(|edges| edges.target_population == into.name) {
            let read = match (&edges.kind, is_point) {
                (EdgeKind::SynapseAstrocyte | EdgeKind::Endfoot, _) => continue,
                (EdgeKind::PointProcess | EdgeKind::Chemical | EdgeKind::Exp2Syn, true) => Ok(Attributes::Artificial),
                (EdgeKind::Chemical, false) if edges.attributes.contains("model_template") => Ok(Attributes::Templates),
                (EdgeKind::Chemical, false) => Chemical::read(edges).map(Attributes::Chemical),
                (EdgeKind::Exp2Syn, false) => Ok(Attributes::Point("Exp2Syn")),
                (EdgeKind::Electrical, false) => Attributes::electrical(edges),
                (EdgeKind::Neuromodulatory, false) => Attributes::modulatory(edges),
                (kind, _) => {
                    notes.push(format!(
                        "edge population '{}' of type '{}' into '{}' ({}) is left out: nothing runs such edges",
                        edges.name,
                        kind.name(),
                        into.name,
                        into.kind.name()
                    ));
                    continue;
                }
            };
            match read.and_then(|attributes| Afferent::new(source, edges, attributes, simulated, replays, problems)) {
                Ok(mut afferent) => {
                    let from = populations.iter().find(|one| one.population.name == edges.source_population);
                    afferent.simulated = from.map_or_else(Vec::new, |one| mask(&one.ids, one.population.size));
                    afferent.note_disagreements(source, notes);
                    list.push(afferent);
                }
                Err(error) => problems.push(error),
            }
        }
        Self { list }
    }

    /// Puts the synapses of all edges on a cell that is being built.
    pub fn add(
        &self,
        common: &Common<'_>,
        node: u64,
        morphology: &Morphology,
        builder: &mut CellBuilder<'_>,
        problems: &mut Vec<NeuroError>,
    ) -> Incoming {
        let mut incoming = Incoming::default();
        let mut found = Vec::new();
        let (modulatory, others): (Vec<_>, Vec<_>) =
            self.list.iter().enumerate().partition(|(_, afferent)| afferent.is_modulatory());
        for (number, afferent) in others.into_iter().chain(modulatory) {
            let (incoming, found) = (&mut incoming, &mut found);
            let mut placing = Placing { common, afferent, number, node, morphology, incoming, found };
            for (synapse, &row) in (0..).zip(afferent.rows.of(node)) {
                if let Err(error) = placing.place(builder, synapse, row) {
                    problems.push(error);
                }
            }
        }
        incoming
    }
}

impl<'a> Attributes<'a> {
    fn electrical(edges: &'a EdgePopulation) -> Result<Self, NeuroError> {
        let table = &edges.attributes;
        Ok(Self::Electrical {
            afferent: table.integer("afferent_junction_id")?,
            efferent: table.integer("efferent_junction_id")?,
        })
    }

    fn modulatory(edges: &'a EdgePopulation) -> Result<Self, NeuroError> {
        let table = &edges.attributes;
        Ok(Self::Modulatory { strength: table.float("neuromod_strength")?, decay_ms: table.float("neuromod_dtc")? })
    }
}

impl<'a> Afferent<'a> {
    fn new(
        source: &'a Source<'a>,
        edges: &'a EdgePopulation,
        attributes: Attributes<'a>,
        simulated: &[u64],
        replays: &mut Replays,
        problems: &mut Vec<NeuroError>,
    ) -> Result<Self, NeuroError> {
        let table = &edges.attributes;
        let delay_ms = match attributes {
            Attributes::Electrical { .. } => None,
            _ => Some(table.float("delay")?),
        };
        let weight_name = match attributes {
            Attributes::Modulatory { .. } => None,
            Attributes::Templates if !table.contains("conductance") => Some("syn_weight"),
            _ => Some("conductance"),
        };
        let weight = weight_name.map(|name| table.float(name).map(|weights| (name, weights))).transpose()?;
        let locations = match attributes {
            Attributes::Artificial => None,
            _ => Some(Locations::read(edges)?),
        };
        let templates = match attributes {
            Attributes::Templates => Some(table.text("model_template")?),
            _ => None,
        };
        let overrides = match attributes {
            // neurodamus has no overrides of gap junctions.
            Attributes::Electrical { .. } => Overrides::default(),
            _ => Overrides::read(source, &edges.source_population, simulated, problems),
        };
        let number = population_number(&edges.source_population) << 16 | population_number(&edges.target_population);
        let rows = Rows::new(&edges.target_ids, source.population.size);
        let replays = replays.of(source, edges);
        let simulated = Vec::new();
        Ok(Self {
            edges,
            attributes,
            locations,
            delay_ms,
            weight,
            templates,
            rows,
            overrides,
            replays,
            number,
            simulated,
        })
    }

    /// Whether these edges are synapses that astrocytes can cover.
    pub fn is_chemical(&self) -> bool {
        self.edges.kind == EdgeKind::Chemical
    }

    fn is_modulatory(&self) -> bool {
        matches!(self.attributes, Attributes::Modulatory { .. })
    }

    /// Says where the specification and neurodamus differ about these edges.
    fn note_disagreements(&self, source: &Source<'_>, notes: &mut Vec<String>) {
        if let Attributes::Chemical(chemical) = &self.attributes
            && chemical.above_one() > 0
        {
            let (name, count) = (&self.edges.name, chemical.above_one());
            notes.push(format!(
                "edge population '{name}': {count} edges have a u_syn above 1, which is no probability; they release always"
            ));
        }
        if let (Attributes::Chemical(chemical), Some(calcium)) =
            (&self.attributes, source.simulation.conditions.extracellular_calcium_mm)
            && chemical.lacks_hill()
        {
            let y = calcium.powi(4);
            notes.push(format!(
                "edge population '{}' has no u_hill_coefficient: extracellular_calcium leaves u_syn alone, as the \
                 specification says; neurodamus multiplies it by {:.4}",
                self.edges.name,
                17.0 / 16.0 * y / (1.0 + y)
            ));
        }
    }

    /// A number that must not be negative.
    fn checked(&self, values: &[f64], name: &'static str, row: usize) -> Result<f64, NeuroError> {
        let value = values[row];
        if value.is_finite() && value >= 0.0 {
            return Ok(value);
        }
        Err(bad(self.edges, row, name, value, "must be a number of at least 0"))
    }

    /// The delay of the file is cut to whole steps; that of an override is as it is.
    fn delay(&self, row: usize, setting: &Setting<'_>, dt_ms: f64) -> Result<Delay, NeuroError> {
        if let Some(ms) = setting.delay_ms {
            return Ok(Delay { ms });
        }
        let ms = self.delay_ms.as_ref().map_or(Ok(0.0), |delays| self.checked(delays, "delay", row))?;
        let steps = (ms / dt_ms + DELAY_ROUNDING) as u32;
        Ok(Delay { ms: f64::from(steps) * dt_ms })
    }

    /// A weight, which only cells without membrane can have negative: it inhibits them.
    fn weight(&self, row: usize) -> Result<f64, NeuroError> {
        let Some((name, weights)) = &self.weight else { return Ok(0.0) };
        if !matches!(self.attributes, Attributes::Artificial) {
            return self.checked(weights, name, row);
        }
        let weight = weights[row];
        if weight.is_finite() { Ok(weight) } else { Err(bad(self.edges, row, name, weight, "must be a number")) }
    }

    /// Whether nothing is made because the only override has the weight 0.
    pub fn is_silenced(&self) -> bool {
        self.overrides.nothing
    }

    /// Overrides that ask for what cells without membrane do not have, with their keys.
    pub fn without_effect(&self) -> Vec<String> {
        if matches!(self.attributes, Attributes::Artificial) { self.overrides.of_synapses_alone() } else { Vec::new() }
    }

    /// What the edges of this population do to a cell without membrane; those that overrides leave out are added to `left_out`.
    pub fn to_artificial(
        &self,
        node: u64,
        dt_ms: f64,
        left_out: &mut u64,
        problems: &mut Vec<NeuroError>,
    ) -> Vec<ToArtificial> {
        let mut made = Vec::new();
        let mut joined: Vec<u64> = Vec::new();
        for &row in self.rows.of(node) {
            let source = self.edges.source_ids[row as usize];
            // neurodamus makes one synapse between two cells.
            if self.edges.kind == EdgeKind::PointProcess && joined.contains(&source) {
                continue;
            }
            let Some(setting) = self.overrides.between(source, node) else {
                *left_out += 1;
                continue;
            };
            joined.push(source);
            match (self.weight(row as usize), self.delay(row as usize, &setting, dt_ms)) {
                (Ok(weight), Ok(delay)) => made.push(ToArtificial {
                    row,
                    weight: weight * setting.weight,
                    delay,
                    trains: self.replays.iter().filter_map(|replay| replay.train(source, node)).collect(),
                }),
                (weight, delay) => problems.extend([weight.err(), delay.err()].into_iter().flatten()),
            }
        }
        made
    }
}

/// An edge to a cell without morphology.
pub(super) struct ToArtificial {
    pub row: u32,
    pub weight: f64,
    pub delay: Delay,
    pub trains: Vec<u32>,
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
