//! Edges that end on the cells of one population: which synapses they make of each cell, and who reaches them.

mod chemical;
mod configure;
mod location;
mod overrides;
mod point;
mod replay;

pub(super) use replay::Replays;

use std::borrow::Cow;
use std::sync::Arc;

use msr_config::circuit::{EdgeKind, EdgePopulation};

use super::circuit::Source;
use super::populations::{Simulated, population_number};
use super::{Entity, NeuroError};
use crate::cell::{BuildError, Cell, CellBuilder, PointId, PointPlace, Receiver, Spontaneous};
use crate::mechanisms::Registry;
use crate::morphology::Morphology;
use crate::random123::Random123;
use crate::synapses::{Receptors, Synapse, Transmitter};
use chemical::Chemical;
use location::Locations;
use overrides::{Overrides, mask};
use point::{ConnectionKind, PointSynapse};
use replay::Replay;

/// Rounding allowed when delays are cut to steps.
const DELAY_ROUNDING: f64 = 1e-5;
/// neurodamus counts cells from 1 where it names random streams.
const FIRST_GID: u64 = 1;
/// Mechanism of one side of a gap junction, and its parameter with the voltage of the other.
const GAP: &str = "Gap";
const GAP_VOLTAGE: &str = "vgap";
/// What it adds to gid and number of a synapse in the name of a stream, and to seeds.
const GID_OFFSET: u64 = 250;
const RELEASE_OFFSETS: (u32, u32) = (100, 300);
const RISE_TIME_SEED_OFFSET: u32 = 450;
const MINI_OFFSETS: (u32, u32) = (200, 300);
/// Mean and variance of the rise of GABA-A receptors where it is random, in ms (`randomize_gaba_rise_time`).
const GABA_RISE_MS: (f64, f64) = (0.2, 0.1);
/// The plastic synapse has streams of its own.
const PLASTIC: (&str, u32, u32) = ("GluSynapse", 100_000, 200);
/// A neuromodulator reaches a synapse of its section that is nearer than this fraction of it.
const MODULATION_REACH: f64 = 0.05;

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
    weight: Option<Cow<'a, [f64]>>,
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

/// Spikes of the source of an edge reach something in its target.
pub(super) struct Link {
    /// Position in [`Afferents::list`].
    pub edges: u32,
    pub row: u32,
    pub receiver: Receiver,
    pub delay_steps: u32,
}

/// Spikes of a file reach something in a cell.
pub(super) struct ReplayLink {
    pub train: u32,
    pub receiver: Receiver,
    pub delay_ms: f64,
}

/// One end of a gap junction.
pub(super) struct GapEnd {
    pub edges: u32,
    pub row: u32,
    pub point: PointId,
    pub segment: u32,
    pub afferent: i64,
    pub efferent: i64,
    /// Where the point process keeps the voltage of the other side, once it is on its cell.
    pub voltage: Option<PointPlace>,
}

/// What edges make of one cell.
#[derive(Default)]
pub(super) struct Incoming {
    pub links: Vec<Link>,
    pub replays: Vec<ReplayLink>,
    pub gaps: Vec<GapEnd>,
    pub spontaneous: Vec<Spontaneous>,
    /// Times and weights of what reaches something.
    pub late: Vec<(Receiver, f64, f64)>,
    /// Synapses whose node is the number of their segment.
    pub synapses: Vec<Synapse>,
    /// Edge population and number of synapses that sit where the e-model has cut the axon off.
    pub removed: Vec<(u32, u32)>,
    /// The same for edges that no override has.
    pub left_out: Vec<(u32, u32)>,
    /// Neuromodulatory edges that find no synapse that can take them.
    pub unmodulated: Vec<(u32, u32)>,
}

impl Incoming {
    /// Puts on the cell what it can only have when it is built.
    pub fn put_on(&mut self, cell: &mut Cell) {
        for mut synapse in self.synapses.drain(..) {
            synapse.node = cell.node(synapse.node as usize) as u32;
            cell.add_synapse(synapse);
        }
        for process in self.spontaneous.drain(..) {
            cell.add_spontaneous(process);
        }
        for (receiver, time_ms, weight) in self.late.drain(..) {
            cell.change_weight(receiver, time_ms, weight);
        }
        for gap in &mut self.gaps {
            gap.voltage = cell.point_place(gap.point, GAP_VOLTAGE);
        }
    }
}

/// A synapse that a neuromodulator can find.
struct Found {
    section: u32,
    fraction: f64,
    from: usize,
    point: Option<PointId>,
}

/// What is the same for all cells of a population.
pub(super) struct Common<'a> {
    pub source: &'a Source<'a>,
    pub registry: &'a Registry,
    glutamate: Arc<Receptors>,
    gaba: Arc<Receptors>,
    excitatory_minis: Option<Cow<'a, [f64]>>,
    inhibitory_minis: Option<Cow<'a, [f64]>>,
}

impl<'a> Common<'a> {
    pub fn new(source: &'a Source<'a>, registry: &'a Registry) -> Result<Self, NeuroError> {
        let receptors = |transmitter: Transmitter| {
            let mut receptors = transmitter.receptors();
            let mechanisms = &source.simulation.conditions.mechanisms;
            let named = mechanisms.iter().filter(|(mechanism, _)| mechanism == transmitter.mechanism());
            for (name, value) in named.flat_map(|(_, values)| values) {
                if let Some(value) = value.number() {
                    receptors.set(transmitter, name, value);
                }
            }
            Arc::new(receptors)
        };
        let table = &source.population.attributes;
        let minis = |kind: &str| {
            let spellings = [format!("{kind}_mini_frequency"), format!("{kind}-mini_frequency")];
            let name = spellings.iter().find(|name| table.contains(name));
            name.map(|name| table.float(name)).transpose()
        };
        Ok(Self {
            source,
            registry,
            glutamate: receptors(Transmitter::Glutamate),
            gaba: receptors(Transmitter::Gaba),
            excitatory_minis: minis("exc")?,
            inhibitory_minis: minis("inh")?,
        })
    }

    fn receptors(&self, transmitter: Transmitter) -> &Arc<Receptors> {
        match transmitter {
            Transmitter::Glutamate => &self.glutamate,
            Transmitter::Gaba => &self.gaba,
        }
    }

    fn minis_hz(&self, transmitter: Option<Transmitter>, node: u64) -> f64 {
        let column = match transmitter {
            Some(Transmitter::Glutamate) | None => &self.excitatory_minis,
            Some(Transmitter::Gaba) => &self.inhibitory_minis,
        };
        column.as_ref().map_or(0.0, |rates| rates[node as usize])
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
            let mut place = Placing { common, afferent, number, node, morphology, incoming: &mut incoming };
            for (synapse, &row) in (0..).zip(afferent.rows.of(node)) {
                if let Err(error) = place.edge(builder, synapse, row, &mut found) {
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
        let weight = match attributes {
            Attributes::Modulatory { .. } => None,
            Attributes::Templates if !table.contains("conductance") => Some(table.float("syn_weight")?),
            _ => Some(table.float("conductance")?),
        };
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

    /// The steps of a delay.
    fn steps(delay_ms: f64, dt_ms: f64) -> u32 {
        (delay_ms / dt_ms + DELAY_ROUNDING) as u32
    }

    /// A number that must not be negative.
    fn checked(&self, column: &Option<Cow<'_, [f64]>>, name: &'static str, row: usize) -> Result<f64, NeuroError> {
        let value = column.as_ref().map_or(0.0, |values| values[row]);
        if value.is_finite() && value >= 0.0 {
            return Ok(value);
        }
        Err(bad(self.edges, row, name, value, "must be a number of at least 0"))
    }

    fn delay(&self, row: usize) -> Result<f64, NeuroError> {
        self.checked(&self.delay_ms, "delay", row)
    }

    fn weight(&self, row: usize) -> Result<f64, NeuroError> {
        self.checked(&self.weight, "conductance", row)
    }

    /// What the edges of this population do to cells without morphology: row, weight, delay in steps and late weights.
    pub fn to_artificial(&self, node: u64, dt_ms: f64, problems: &mut Vec<NeuroError>) -> Vec<ToArtificial> {
        let mut made = Vec::new();
        let mut joined: Vec<u64> = Vec::new();
        for &row in self.rows.of(node) {
            let source = self.edges.source_ids[row as usize];
            // neurodamus makes one synapse between two cells.
            if self.edges.kind == EdgeKind::PointProcess && joined.contains(&source) {
                continue;
            }
            let Some(setting) = self.overrides.between(source, node) else { continue };
            joined.push(source);
            match (self.weight(row as usize), self.delay(row as usize)) {
                (Ok(weight), Ok(delay)) => {
                    let delay_ms = setting.delay_ms.unwrap_or(delay);
                    made.push(ToArtificial {
                        row,
                        weight: weight * setting.weight,
                        delay_steps: Self::steps(delay_ms, dt_ms),
                        trains: self.replays.iter().filter_map(|replay| replay.train(source, node)).collect(),
                    });
                }
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
    pub delay_steps: u32,
    pub trains: Vec<u32>,
}

/// Putting the edges of one population on one cell.
struct Placing<'p, 'a> {
    common: &'p Common<'p>,
    afferent: &'p Afferent<'a>,
    number: usize,
    node: u64,
    morphology: &'p Morphology,
    incoming: &'p mut Incoming,
}

/// Counts one more for the last entry of a list, or a new one.
fn count(list: &mut Vec<(u32, u32)>, number: usize) {
    match list.last_mut() {
        Some((known, count)) if *known as usize == number => *count += 1,
        _ => list.push((number as u32, 1)),
    }
}

impl Placing<'_, '_> {
    /// Places the synapse of an edge, the `synapse`th of this population on the cell.
    fn edge(
        &mut self,
        builder: &mut CellBuilder<'_>,
        synapse: u32,
        row: u32,
        found: &mut Vec<Found>,
    ) -> Result<(), NeuroError> {
        let Self { afferent, number, node, .. } = *self;
        let edges = afferent.edges;
        let index = row as usize;
        let from = edges.source_ids[index];
        let Some(setting) = afferent.overrides.between(from, node) else {
            count(&mut self.incoming.left_out, number);
            return Ok(());
        };
        let is_electrical = matches!(afferent.attributes, Attributes::Electrical { .. });
        if is_electrical && afferent.simulated.get(from as usize) != Some(&true) {
            return Ok(());
        }
        let locations = afferent.locations.as_ref().expect("cells with morphology have places");
        let (section, fraction) = locations.of(edges, index, node, self.morphology)?;
        let Some(segment) = builder.discretisation().segment_at(section, fraction) else {
            count(&mut self.incoming.removed, number);
            return Ok(());
        };
        let failed = |source: BuildError| NeuroError::Synapse {
            population: edges.name.clone(),
            edge: index,
            reason: source.to_string(),
        };
        match &afferent.attributes {
            Attributes::Electrical { afferent: afferent_ids, efferent } => {
                let g = afferent.weight(index)?;
                let point = builder.place(GAP, segment, &[("g", g), (GAP_VOLTAGE, 0.0)]).map_err(failed)?;
                self.incoming.gaps.push(GapEnd {
                    edges: number as u32,
                    row,
                    point,
                    segment: segment as u32,
                    afferent: afferent_ids[index],
                    efferent: efferent[index],
                    voltage: None,
                });
                return Ok(());
            }
            Attributes::Modulatory { strength, decay_ms } => {
                let values = [
                    f64::from(u8::from(setting.weight > 0.0)),
                    setting.strength.unwrap_or(strength[index]),
                    setting.decay_ms.unwrap_or(decay_ms[index]),
                ];
                let nearest = found
                    .iter()
                    .filter(|other| other.section == section && self.is_from_elsewhere(other))
                    .map(|other| ((other.fraction - fraction).abs(), other))
                    .filter(|(apart, _)| *apart < MODULATION_REACH)
                    .min_by(|(a, _), (b, _)| a.total_cmp(b));
                let point = nearest.and_then(|(_, other)| other.point);
                let Some(point) = point.filter(|&point| takes_modulation(builder, point)) else {
                    count(&mut self.incoming.unmodulated, number);
                    return Ok(());
                };
                let connection =
                    point::connect(builder, point, values[0], ConnectionKind::Modulator).map_err(failed)?;
                for (place, value) in [(1, values[1]), (2, values[2])] {
                    let name = builder.arguments(connection)[place].clone();
                    builder.set_argument(connection, &name, value).map_err(failed)?;
                }
                let delay_ms = setting.delay_ms.map_or_else(|| afferent.delay(index), Ok)?;
                self.link(row, delay_ms, Receiver::Point(connection), Receiver::Point(connection));
                return Ok(());
            }
            _ => {}
        }
        let delay_ms = setting.delay_ms.map_or_else(|| afferent.delay(index), Ok)?;
        let conductance = afferent.weight(index)?;
        let weight = conductance * setting.weight;
        let simulation = self.common.source.simulation;
        let stream = |(offset, third): (u32, u32), own_seed: i32| {
            self.stream(synapse, offset, (own_seed as u32).wrapping_add(third))
        };
        let transmitter = match &afferent.attributes {
            Attributes::Chemical(chemical) => Some(chemical.transmitter(index)),
            _ => None,
        };
        let minis_hz = setting.minis_hz.unwrap_or_else(|| self.common.minis_hz(transmitter, node));
        let mechanism: Option<Cow<'_, str>> = match (&afferent.attributes, setting.mechanism, afferent.templates) {
            (_, Some(named), _) => Some(named.into()),
            (Attributes::Point(name), None, _) => Some((*name).into()),
            (_, None, Some(templates)) => Some(point::named(self.common.registry, &templates[index]).into()),
            (Attributes::Chemical(_), None, None) => {
                let name = transmitter.expect("chemical edges have one").mechanism();
                (!self.common.registry.is_bundled(name)).then(|| name.into())
            }
            _ => None,
        };
        let rise_ms =
            (simulation.conditions.randomize_gaba_rise_time && transmitter == Some(Transmitter::Gaba)).then(|| {
                let (mean, variance) = GABA_RISE_MS;
                let stream = stream((RELEASE_OFFSETS.0, RISE_TIME_SEED_OFFSET), simulation.run.synapse_seed);
                stream.lognormal(mean, variance, &mut 0)
            });
        let (spikes, replays, minis, point) = match (mechanism, &afferent.attributes) {
            (None, Attributes::Chemical(chemical)) => {
                let transmitter = chemical.transmitter(index);
                let receptors = self.common.receptors(transmitter);
                let mut made = chemical.synapse(edges, index, weight, receptors, &simulation.conditions)?;
                made.node = segment as u32;
                made.stream = stream(RELEASE_OFFSETS, simulation.run.synapse_seed);
                if let Some(rise_ms) = rise_ms {
                    Arc::make_mut(&mut made.receptors).fast_rise_ms = rise_ms;
                }
                for assignment in setting.assignments.iter().copied().flatten() {
                    let before = made.get(&assignment.name).unwrap_or_default();
                    if !made.set(&assignment.name, assignment.applied_to(before)) {
                        return Err(NeuroError::SynapseParameter {
                            population: edges.name.clone(),
                            edge: index,
                            mechanism: transmitter.mechanism().to_owned(),
                            name: assignment.name.clone(),
                            available: transmitter.parameter_names(),
                        });
                    }
                }
                let receiver = Receiver::Synapse(self.incoming.synapses.len() as u32);
                self.incoming.synapses.push(made);
                (receiver, receiver, receiver, None)
            }
            (mechanism, attributes) => {
                let mechanism = mechanism.expect("only chemical edges have synapses of their own");
                let mut made = PointSynapse::new(&mechanism, edges, index, builder)?;
                if let Attributes::Chemical(chemical) = attributes {
                    let factor = chemical.hill_factor(index, simulation.conditions.extracellular_calcium_mm);
                    let scaled: &[&str] =
                        if mechanism == PLASTIC.0 { &["Use_d_TM", "Use_p_TM", "Use_d", "Use_p"] } else { &["Use"] };
                    scaled.iter().for_each(|name| made.scale(name, factor));
                    if let (None, Some(ratio)) = (setting.mechanism, chemical.ratio(index)) {
                        let is_glutamate = chemical.transmitter(index) == Transmitter::Glutamate;
                        made.set_known(builder, if is_glutamate { "NMDA_ratio" } else { "GABAB_ratio" }, ratio);
                    }
                }
                if let Some(rise_ms) = rise_ms {
                    made.set_known(builder, "tau_r_GABAA", rise_ms);
                }
                made.set_known(builder, "synapseID", f64::from(synapse));
                for assignment in setting.assignments.iter().copied().flatten() {
                    made.assign(builder, assignment).map_err(|available| NeuroError::SynapseParameter {
                        population: edges.name.clone(),
                        edge: index,
                        mechanism: mechanism.clone().into_owned(),
                        name: assignment.name.clone(),
                        available,
                    })?;
                }
                let point = made.place(builder, segment).map_err(failed)?;
                let ids = if mechanism == PLASTIC.0 {
                    let (_, offset, third) = PLASTIC;
                    [self.gid(), offset + synapse, (simulation.run.synapse_seed as u32).wrapping_add(third)]
                } else {
                    stream(RELEASE_OFFSETS, simulation.run.synapse_seed).ids
                };
                builder.set_stream(point, ids).map_err(failed)?;
                let mut to = |kind: ConnectionKind| {
                    point::connect(builder, point, weight, kind).map(Receiver::Point).map_err(failed)
                };
                let spikes = to(ConnectionKind::Presynaptic)?;
                let is_replayed = afferent.replays.iter().any(|replay| replay.train(from, node).is_some());
                let replays = if is_replayed { to(ConnectionKind::Replay)? } else { spikes };
                let minis = if minis_hz > 0.0 { to(ConnectionKind::Mini)? } else { spikes };
                (spikes, replays, minis, Some(point))
            }
        };
        if minis_hz > 0.0 {
            let stream = self.mini_stream(synapse);
            self.incoming.spontaneous.push(Spontaneous { receiver: minis, rate_hz: minis_hz, stream });
        }
        let unit = if point.is_none() { 1e-3 } else { 1.0 };
        for (time_ms, factor) in &setting.late {
            self.incoming.late.push((spikes, *time_ms, conductance * factor * unit));
        }
        found.push(Found { section, fraction, from: number, point });
        self.link(row, delay_ms, spikes, replays);
        Ok(())
    }

    fn link(&mut self, row: u32, delay_ms: f64, spikes: Receiver, replays: Receiver) {
        let Self { afferent, number, node, .. } = *self;
        let dt_ms = self.common.source.simulation.run.dt_ms;
        let delay_steps = Afferent::steps(delay_ms, dt_ms);
        self.incoming.links.push(Link { edges: number as u32, row, receiver: spikes, delay_steps });
        let from = afferent.edges.source_ids[row as usize];
        for train in afferent.replays.iter().filter_map(|replay| replay.train(from, node)) {
            let delay_ms = f64::from(delay_steps) * dt_ms;
            self.incoming.replays.push(ReplayLink { train, receiver: replays, delay_ms });
        }
    }

    /// Whether a synapse is of other sources than the neuromodulators.
    fn is_from_elsewhere(&self, other: &Found) -> bool {
        other.from != self.number
    }

    fn gid(&self) -> u32 {
        (self.node + self.common.source.gid_offset + FIRST_GID) as u32
    }

    /// The random stream of a synapse.
    fn stream(&self, synapse: u32, offset: u32, third: u32) -> Random123 {
        let seed = self.common.source.simulation.run.random_seed as u32;
        let gid = self.gid().wrapping_add(GID_OFFSET as u32);
        Random123 { seed, ids: [gid, synapse + offset, self.afferent.number.wrapping_add(third)] }
    }

    /// The stream of spontaneous release names the synapse first.
    fn mini_stream(&self, synapse: u32) -> Random123 {
        let (offset, third) = MINI_OFFSETS;
        let own_seed = self.common.source.simulation.run.minis_seed as u32;
        let Random123 { seed, ids: [gid, synapse, number] } =
            self.stream(synapse, offset, own_seed.wrapping_add(third));
        Random123 { seed, ids: [synapse, gid, number] }
    }
}

/// Whether a point process can tell neuromodulators from others and has a strength and a decay for them.
fn takes_modulation(builder: &CellBuilder<'_>, point: PointId) -> bool {
    let arguments = builder.arguments_of(point);
    arguments.len() > 3 && arguments.iter().any(|argument| argument == "nc_type")
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
