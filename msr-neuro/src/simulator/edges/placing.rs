//! Putting synapses on a cell.

use std::borrow::Cow;
use std::sync::Arc;

use super::chemical::{Chemical, MICROSIEMENS};
use super::incoming::{GAP_VOLTAGE, GapEnd, Incoming, Link, ReplayLink};
use super::overrides::Setting;
use super::point::{self, ConnectionKind, PointSynapse};
use super::{Afferent, Attributes, Delay};
use crate::cell::{BuildError, CellBuilder, NamedSynapse, PointId, Receiver, Spontaneous, SynapsePlace};
use crate::mechanisms::Registry;
use crate::morphology::Morphology;
use crate::random::Draws;
use crate::random123::Random123;
use crate::simulator::NeuroError;
use crate::simulator::circuit::{FIRST_GID, Source};
use crate::synapses::{Receptors, Transmitter, refusal};

/// Mechanism of one side of a gap junction.
const GAP: &str = "Gap";
/// What it adds to gid and number of a synapse in the name of a stream, and to seeds.
const GID_OFFSET: u32 = 250;
const RELEASE_OFFSETS: (u32, u32) = (100, 300);
const RISE_TIME_SEED_OFFSET: u32 = 450;
const MINI_OFFSETS: (u32, u32) = (200, 300);
/// Mean and variance of the rise of GABA-A receptors where it is random, in ms (`randomize_gaba_rise_time`).
const GABA_RISE_MS: (f64, f64) = (0.2, 0.1);
/// The plastic synapse, and what is added in the name of its stream.
const PLASTIC: &str = "GluSynapse";
const PLASTIC_OFFSETS: (u32, u32) = (100_000, 200);
/// What neurodamus reads where the file has no ratio of conductances.
const NO_RATIO: f64 = -1.0;
/// A neuromodulator reaches a synapse of its section that is nearer than this fraction of it.
const MODULATION_REACH: f64 = 0.05;

/// A synapse that a neuromodulator can find.
pub(super) struct Found<'a> {
    section: u32,
    fraction: f64,
    source_population: &'a str,
    point: Option<PointId>,
}

/// What is the same for all cells of a population.
pub(in crate::simulator) struct Common<'a> {
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
                let Some(value) = value.number() else { continue };
                if let Some(must) = refusal(name, value) {
                    let reason = format!("{name} = {value} {must}");
                    return Err(NeuroError::Global { mechanism: transmitter.mechanism().to_owned(), reason });
                }
                receptors.set(transmitter, name, value);
            }
            Ok(Arc::new(receptors))
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
            glutamate: receptors(Transmitter::Glutamate)?,
            gaba: receptors(Transmitter::Gaba)?,
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
            Some(Transmitter::Glutamate) => &self.excitatory_minis,
            // Edges without syn_type_id are of neurodamus' type -1, which is inhibitory.
            Some(Transmitter::Gaba) | None => &self.inhibitory_minis,
        };
        column.as_ref().map_or(0.0, |rates| rates[node as usize])
    }
}

/// Putting the edges of one population on one cell.
pub(super) struct Placing<'p, 'a> {
    pub common: &'p Common<'p>,
    pub afferent: &'p Afferent<'a>,
    pub number: usize,
    pub node: u64,
    pub morphology: &'p Morphology,
    pub incoming: &'p mut Incoming,
    /// Synapses on the cell so far.
    pub found: &'p mut Vec<Found<'a>>,
}

/// An edge and where it sits.
struct Edge<'s> {
    row: u32,
    /// Its number among those of its population on the cell.
    synapse: u32,
    source: u64,
    setting: Setting<'s>,
    section: u32,
    fraction: f64,
    segment: usize,
}

impl Edge<'_> {
    fn index(&self) -> usize {
        self.row as usize
    }
}

/// What reaches a synapse that was made.
struct Made {
    spikes: Receiver,
    replays: Receiver,
    minis: Receiver,
    /// The point process that it is, if it is one.
    point: Option<PointId>,
    /// Weight of spikes for a conductance of the file of 1.
    unit: f64,
}

/// Counts one more for the last entry of a list, or a new one.
fn count(list: &mut Vec<(u32, u32)>, number: usize) {
    match list.last_mut() {
        Some((known, count)) if *known as usize == number => *count += 1,
        _ => list.push((number as u32, 1)),
    }
}

impl<'a> Placing<'_, 'a> {
    /// Places the synapse of an edge, the `synapse`th of this population on the cell.
    pub fn place(&mut self, builder: &mut CellBuilder<'_>, synapse: u32, row: u32) -> Result<(), NeuroError> {
        let Self { afferent, number, node, .. } = *self;
        let source = afferent.edges.source_ids[row as usize];
        let Some(setting) = afferent.overrides.between(source, node) else {
            count(&mut self.incoming.left_out, number);
            return Ok(());
        };
        let locations = afferent.locations.as_ref().expect("cells with morphology have places");
        let (section, fraction) = locations.of(afferent.edges, row as usize, node, self.morphology)?;
        let Some(segment) = builder.discretisation().segment_at(section, fraction) else {
            count(&mut self.incoming.removed, number);
            return Ok(());
        };
        let edge = Edge { row, synapse, source, setting, section, fraction, segment };
        match &afferent.attributes {
            Attributes::Electrical { afferent, efferent } => self.gap(builder, &edge, afferent, efferent),
            Attributes::Modulatory { strength, decay_ms } => self.modulate(builder, &edge, strength, decay_ms),
            _ => self.synapse(builder, &edge),
        }
    }

    fn failed(&self, edge: &Edge<'_>) -> impl Fn(BuildError) -> NeuroError + use<> {
        let (population, edge) = (self.afferent.edges.name.clone(), edge.index());
        move |source| NeuroError::Synapse { population: population.clone(), edge, reason: source.to_string() }
    }

    fn delay(&self, edge: &Edge<'_>) -> Result<Delay, NeuroError> {
        self.afferent.delay(edge.index(), &edge.setting, self.common.source.simulation.run.dt_ms)
    }

    /// One side of a gap junction, where the other is simulated.
    fn gap(
        &mut self,
        builder: &mut CellBuilder<'_>,
        edge: &Edge<'_>,
        afferent: &[i64],
        efferent: &[i64],
    ) -> Result<(), NeuroError> {
        if self.afferent.simulated.get(edge.source as usize) != Some(&true) {
            count(&mut self.incoming.unjoined, self.number);
            return Ok(());
        }
        let g = self.afferent.weight(edge.index())?;
        let point = builder.place(GAP, edge.segment, &[("g", g)]).map_err(self.failed(edge))?;
        // A PARAMETER or ASSIGNED.
        let built = builder.point_mechanism(GAP).map_err(self.failed(edge))?;
        if !built.columns().iter().any(|column| column.name == GAP_VOLTAGE) {
            return Err(self.failed(edge)(BuildError::UnknownVariable {
                owner: GAP.to_owned(),
                variable: GAP_VOLTAGE.to_owned(),
                available: built.columns().iter().map(|column| column.name.clone().into_owned()).collect(),
            }));
        }
        self.incoming.gaps.push(GapEnd {
            edges: self.number as u32,
            row: edge.row,
            point,
            segment: edge.segment as u32,
            afferent: afferent[edge.index()],
            efferent: efferent[edge.index()],
            voltage: None,
        });
        Ok(())
    }

    /// A neuromodulator reaches the nearest synapse of its section that has other sources.
    fn modulate(
        &mut self,
        builder: &mut CellBuilder<'_>,
        edge: &Edge<'_>,
        strength: &[f64],
        decay_ms: &[f64],
    ) -> Result<(), NeuroError> {
        let own_source = &self.afferent.edges.source_population;
        let nearest = self
            .found
            .iter()
            .filter(|other| other.section == edge.section && other.source_population != own_source)
            .map(|other| ((other.fraction - edge.fraction).abs(), other.point))
            .filter(|(apart, _)| *apart < MODULATION_REACH)
            .min_by(|(a, _), (b, _)| a.total_cmp(b));
        let point = nearest.and_then(|(_, point)| point).filter(|&point| takes_modulation(builder, point));
        let Some(point) = point else {
            count(&mut self.incoming.unmodulated, self.number);
            return Ok(());
        };
        let (index, setting, failed) = (edge.index(), &edge.setting, self.failed(edge));
        let weight = f64::from(u8::from(setting.weight > 0.0));
        let connection = point::connect(builder, point, weight, ConnectionKind::Modulator).map_err(&failed)?;
        let values = [setting.strength.unwrap_or(strength[index]), setting.decay_ms.unwrap_or(decay_ms[index])];
        for (place, value) in (1..).zip(values) {
            let name = builder.arguments(connection)[place].clone();
            builder.set_argument(connection, &name, value).map_err(&failed)?;
        }
        let delay = self.delay(edge)?;
        self.link(edge, delay, Receiver::Point(connection), Receiver::Point(connection));
        Ok(())
    }

    fn transmitter(&self, edge: &Edge<'_>) -> Option<Transmitter> {
        match &self.afferent.attributes {
            Attributes::Chemical(chemical) => Some(chemical.transmitter(edge.index())),
            _ => None,
        }
    }

    /// The mechanism file of a synapse; `None` where it is written in the program.
    fn mechanism<'e>(&self, edge: &Edge<'e>) -> Option<Cow<'e, str>> {
        if let Some(named) = edge.setting.mechanism {
            return Some(named.into());
        }
        match (&self.afferent.attributes, self.afferent.templates) {
            (_, Some(templates)) => Some(point::named(self.common.registry, &templates[edge.index()]).into()),
            (Attributes::Point(name), None) => Some((*name).into()),
            _ => {
                let name = self.transmitter(edge).expect("chemical edges have one").mechanism();
                (!self.common.registry.is_bundled(name)).then(|| name.into())
            }
        }
    }

    /// The rise of GABA-A receptors, where it is random.
    fn rise_ms(&self, edge: &Edge<'_>) -> Option<f64> {
        let simulation = self.common.source.simulation;
        let is_random =
            simulation.conditions.randomize_gaba_rise_time && self.transmitter(edge) == Some(Transmitter::Gaba);
        is_random.then(|| {
            let (mean, variance) = GABA_RISE_MS;
            let stream = self.stream(edge, (RELEASE_OFFSETS.0, RISE_TIME_SEED_OFFSET));
            Draws::new(stream.seed, stream.ids).lognormal(mean, variance)
        })
    }

    fn synapse(&mut self, builder: &mut CellBuilder<'_>, edge: &Edge<'_>) -> Result<(), NeuroError> {
        let delay = self.delay(edge)?;
        let conductance = self.afferent.weight(edge.index())?;
        let weight = conductance * edge.setting.weight;
        let minis_hz = edge.setting.minis_hz.unwrap_or_else(|| self.common.minis_hz(self.transmitter(edge), self.node));
        let made = match (self.mechanism(edge), &self.afferent.attributes) {
            (None, Attributes::Chemical(chemical)) => self.own(edge, chemical, weight)?,
            (mechanism, attributes) => {
                let mechanism = mechanism.expect("only chemical edges have synapses of their own");
                let chemical = match attributes {
                    Attributes::Chemical(chemical) => Some(chemical),
                    _ => None,
                };
                self.point(builder, edge, chemical, &mechanism, weight, minis_hz > 0.0)?
            }
        };
        if minis_hz > 0.0 {
            let stream = self.mini_stream(edge);
            self.incoming.spontaneous.push(Spontaneous { receiver: made.minis, rate_hz: minis_hz, stream });
        }
        for (time_ms, factor) in &edge.setting.late {
            self.incoming.late.push((made.spikes, *time_ms, conductance * factor * made.unit));
        }
        let place = match (made.point, made.spikes) {
            (None, Receiver::Synapse(number)) => Some(SynapsePlace::Own(number)),
            (point, _) => point.map(SynapsePlace::Point),
        };
        let (id, segment) = (edge.synapse, edge.segment as u32);
        self.incoming.named.extend(place.map(|place| NamedSynapse { id, segment, place }));
        self.found.push(Found {
            section: edge.section,
            fraction: edge.fraction,
            source_population: &self.afferent.edges.source_population,
            point: made.point,
        });
        self.link(edge, delay, made.spikes, made.replays);
        Ok(())
    }

    fn unknown_parameter(&self, edge: &Edge<'_>, mechanism: &str, name: &str, available: Vec<String>) -> NeuroError {
        NeuroError::SynapseParameter {
            population: self.afferent.edges.name.clone(),
            edge: edge.index(),
            mechanism: mechanism.to_owned(),
            name: name.to_owned(),
            available,
        }
    }

    /// Refuses what a `synapse_configure` of the override `from` made of a parameter.
    fn check(&self, edge: &Edge<'_>, from: &str, name: &str, value: f64) -> Result<(), NeuroError> {
        let Some(must) = refusal(name, value) else { return Ok(()) };
        Err(NeuroError::Synapse {
            population: self.afferent.edges.name.clone(),
            edge: edge.index(),
            reason: format!("connection_overrides '{from}': synapse_configure makes {name} = {value}, which {must}"),
        })
    }

    /// A synapse that is written in the program.
    fn own(&mut self, edge: &Edge<'_>, chemical: &Chemical<'_>, weight_ns: f64) -> Result<Made, NeuroError> {
        let transmitter = chemical.transmitter(edge.index());
        let (receptors, conditions) = (self.common.receptors(transmitter), &self.common.source.simulation.conditions);
        let mut made = chemical.synapse(self.afferent.edges, edge.index(), weight_ns, receptors, conditions)?;
        made.node = edge.segment as u32;
        made.stream = self.stream(edge, RELEASE_OFFSETS);
        if let Some(rise_ms) = self.rise_ms(edge) {
            Arc::make_mut(&mut made.receptors).fast_rise_ms = rise_ms;
        }
        let mut last = None;
        for (from, assignment) in edge.setting.assignments() {
            let value = assignment.applied_to(made.get(&assignment.name).unwrap_or_default());
            if !made.set(&assignment.name, value) {
                let names = transmitter.parameter_names();
                return Err(self.unknown_parameter(edge, transmitter.mechanism(), &assignment.name, names));
            }
            self.check(edge, from, &assignment.name, value)?;
            last = Some(from);
        }
        if let (Some(from), Some(times)) = (last, made.without_peak()) {
            let reason =
                format!("connection_overrides '{from}': synapse_configure makes {times} equal; they must differ");
            return Err(NeuroError::Synapse {
                population: self.afferent.edges.name.clone(),
                edge: edge.index(),
                reason,
            });
        }
        let receiver = Receiver::Synapse(self.incoming.synapses.len() as u32);
        self.incoming.synapses.push(made);
        Ok(Made { spikes: receiver, replays: receiver, minis: receiver, point: None, unit: MICROSIEMENS })
    }

    /// A synapse that is a point process.
    fn point(
        &self,
        builder: &mut CellBuilder<'_>,
        edge: &Edge<'_>,
        chemical: Option<&Chemical<'_>>,
        mechanism: &str,
        weight: f64,
        has_minis: bool,
    ) -> Result<Made, NeuroError> {
        let (index, failed) = (edge.index(), self.failed(edge));
        let is_plastic = mechanism == PLASTIC;
        let mut made = PointSynapse::new(mechanism, self.afferent.edges, index, builder)?;
        if let Some(chemical) = chemical {
            let calcium_mm = self.common.source.simulation.conditions.extracellular_calcium_mm;
            let factor = chemical.hill_factor(index, calcium_mm);
            let scaled: &[&str] = if is_plastic { &["Use_d", "Use_p"] } else { &["Use"] };
            scaled.iter().for_each(|name| made.scale(name, factor));
            if is_plastic {
                made.begin_plastic(builder, chemical.ratio(index).unwrap_or(NO_RATIO));
            } else if let (None, Some(ratio)) = (edge.setting.mechanism, chemical.ratio(index)) {
                let is_glutamate = chemical.transmitter(index) == Transmitter::Glutamate;
                made.set_known(builder, if is_glutamate { "NMDA_ratio" } else { "GABAB_ratio" }, ratio);
            }
        }
        if let Some(rise_ms) = self.rise_ms(edge) {
            made.set_known(builder, "tau_r_GABAA", rise_ms);
        }
        made.set_known(builder, "synapseID", f64::from(edge.synapse));
        for (from, assignment) in edge.setting.assignments() {
            let value = made
                .assign(builder, assignment)
                .map_err(|available| self.unknown_parameter(edge, mechanism, &assignment.name, available))?;
            self.check(edge, from, &assignment.name, value)?;
        }
        let point = made.place(builder, edge.segment).map_err(&failed)?;
        let ids = if is_plastic { self.plastic_stream(edge) } else { self.stream(edge, RELEASE_OFFSETS).ids };
        builder.set_stream(point, ids).map_err(&failed)?;
        let mut to = |kind| point::connect(builder, point, weight, kind).map(Receiver::Point).map_err(&failed);
        let spikes = to(ConnectionKind::Presynaptic)?;
        let mut replays = self.afferent.replays.iter();
        let is_played = replays.any(|replay| replay.train(edge.source, self.node).is_some());
        let replays = if is_played { to(ConnectionKind::Replay)? } else { spikes };
        let minis = if has_minis { to(ConnectionKind::Mini)? } else { spikes };
        Ok(Made { spikes, replays, minis, point: Some(point), unit: 1.0 })
    }

    fn link(&mut self, edge: &Edge<'_>, delay: Delay, spikes: Receiver, replays: Receiver) {
        let Self { afferent, number, node, .. } = *self;
        self.incoming.links.push(Link { edges: number as u32, row: edge.row, receiver: spikes, delay });
        for train in afferent.replays.iter().filter_map(|replay| replay.train(edge.source, node)) {
            self.incoming.replays.push(ReplayLink { train, receiver: replays, delay_ms: delay.ms });
        }
    }

    fn gid(&self) -> u32 {
        (self.node + self.common.source.gid_offset + FIRST_GID) as u32
    }

    /// A random stream of a synapse.
    fn stream(&self, edge: &Edge<'_>, (synapse, seed): (u32, u32)) -> Random123 {
        let run = &self.common.source.simulation.run;
        let third = self.afferent.number.wrapping_add(run.synapse_seed as u32).wrapping_add(seed);
        Random123 { seed: run.random_seed as u32, ids: [self.gid() + GID_OFFSET, edge.synapse + synapse, third] }
    }

    /// The stream of spontaneous release names the synapse first.
    fn mini_stream(&self, edge: &Edge<'_>) -> Random123 {
        let run = &self.common.source.simulation.run;
        let (synapse, seed) = MINI_OFFSETS;
        let third = self.afferent.number.wrapping_add(run.minis_seed as u32).wrapping_add(seed);
        Random123 { seed: run.random_seed as u32, ids: [edge.synapse + synapse, self.gid() + GID_OFFSET, third] }
    }

    /// The plastic synapse has a stream of its own form.
    fn plastic_stream(&self, edge: &Edge<'_>) -> [u32; 3] {
        let (synapse, seed) = PLASTIC_OFFSETS;
        let own_seed = self.common.source.simulation.run.synapse_seed as u32;
        [self.gid(), edge.synapse + synapse, own_seed.wrapping_add(seed)]
    }
}

/// Whether a point process can tell neuromodulators from others and has a strength and a decay for them.
fn takes_modulation(builder: &CellBuilder<'_>, point: PointId) -> bool {
    let arguments = builder.arguments_of(point);
    arguments.len() > 3 && arguments.iter().any(|argument| argument == "nc_type")
}
