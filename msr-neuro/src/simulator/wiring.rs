//! From what edges make of each cell to who reaches whom.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use msr_config::circuit::{Column, EdgePopulation};
use serde::Deserialize;

use super::artificial::{ArtificialCellsBuilder, parameters};
use super::circuit::{FIRST_GID, Source};
use super::edges::{Afferent, Afferents, GapEnd, Incoming, Link, ReplayLink, Replays};
use super::populations::Simulated;
use super::{ArtificialConnection, Connection, GapJunction, NeuroError, PlacedCell, Train, poisson};
use crate::astrocytes::CoveredSynapse;
use crate::cell::{ConnectionId, PointPlace};
use crate::hoc::HocTemplate;
use crate::mechanisms::Registry;
use crate::nmodl::PointMechanism;

/// For each chemical edge population, by name: the synapse of each edge, where it is simulated.
pub(super) type SynapsesOfEdges = BTreeMap<String, Vec<Option<CoveredSynapse>>>;

/// Everything between cells.
pub(super) struct Wired {
    pub between_cells: Vec<Connection>,
    pub artificial: ArtificialCellsBuilder,
    pub from_artificial: Vec<Connection>,
    pub into_artificial: Vec<ArtificialConnection>,
    pub trains: Vec<Train>,
    pub gaps: Vec<GapJunction>,
    pub synapses: SynapsesOfEdges,
}

/// From the step at which a cell crosses its threshold to its spike (NEURON's).
const AFTER_THRESHOLD_MS: f64 = 1e-10;

/// Collects it, population by population.
pub(super) struct Wiring<'p> {
    populations: &'p [Simulated<'p>],
    dt_ms: f64,
    wired: Wired,
    /// Of the population at hand: id and position of each cell, the number of the synapse of each link, and what edges make of it.
    cells: Vec<(u64, usize, Vec<u32>, Incoming)>,
    /// Cell and segment of each side of a gap junction, by cell and its afferent id.
    sides: BTreeMap<(u64, i64), usize>,
    open: Vec<OpenGap>,
    played: BTreeMap<u32, Train>,
}

/// A gap junction whose other side is to be found.
struct OpenGap {
    cell: u64,
    voltage: PointPlace,
    other: u64,
    efferent: i64,
    population: String,
    edge: usize,
    node: u64,
}

impl<'p> Wiring<'p> {
    pub fn new(populations: &'p [Simulated<'p>], dt_ms: f64) -> Self {
        let wired = Wired {
            between_cells: Vec::new(),
            artificial: ArtificialCellsBuilder::default(),
            from_artificial: Vec::new(),
            into_artificial: Vec::new(),
            trains: Vec::new(),
            gaps: Vec::new(),
            synapses: BTreeMap::new(),
        };
        let (cells, sides) = (Vec::new(), BTreeMap::new());
        Self { populations, dt_ms, wired, cells, sides, open: Vec::new(), played: BTreeMap::new() }
    }

    /// The population of the source of edges, where it is simulated.
    fn from(&self, edges: &EdgePopulation) -> Option<&'p Simulated<'p>> {
        self.populations.iter().find(|simulated| simulated.population.name == edges.source_population)
    }

    /// A cell at a position, which has still the node id of its population.
    pub fn add_cell(&mut self, simulated: &Simulated<'_>, position: usize, placed: &PlacedCell, incoming: Incoming) {
        let numbers = incoming.links.iter().map(|link| placed.cell.synapse_number(link.receiver)).collect();
        self.cells.push((simulated.first_id + placed.node, position, numbers, incoming));
    }

    /// All cells of a population are there, with these edges.
    pub fn end(&mut self, afferents: &Afferents<'_>, problems: &mut Vec<NeuroError>, notes: &mut Vec<String>) {
        let cells = std::mem::take(&mut self.cells);
        let sources: Vec<Option<&Simulated<'_>>> =
            afferents.list.iter().map(|afferent| self.from(afferent.edges)).collect();
        let mut synapses: Vec<Vec<Option<CoveredSynapse>>> =
            afferents.list.iter().map(|afferent| vec![None; afferent.edges.size()]).collect();
        let mut counts = vec![[0_u64; 4]; afferents.list.len()];
        for (target, position, numbers, incoming) in cells {
            for GapEnd { edges, row, voltage, segment, afferent, efferent, .. } in incoming.gaps {
                let population = afferents.list[edges as usize].edges;
                let (node, edge) = (population.source_ids[row as usize], row as usize);
                if self.sides.insert((target, afferent), segment as usize).is_some() {
                    problems.push(NeuroError::SharedGapJunction {
                        population: population.name.clone(),
                        edge,
                        junction: afferent,
                        node: population.target_ids[edge],
                    });
                }
                let other = sources[edges as usize].map_or(0, |simulated| simulated.first_id) + node;
                let voltage = voltage.expect("it was put on its cell");
                let population = population.name.clone();
                self.open.push(OpenGap { cell: target, voltage, other, efferent, population, edge, node });
            }
            for (Link { edges, row, receiver, delay }, synapse) in incoming.links.into_iter().zip(numbers) {
                synapses[edges as usize][row as usize] = Some(CoveredSynapse { cell: position as u32, synapse });
                let Some(simulated) = sources[edges as usize] else { continue };
                let node = afferents.list[edges as usize].edges.source_ids[row as usize];
                if simulated.ids.binary_search(&node).is_ok() {
                    let source = simulated.first_id + node;
                    let (delay_steps, mut rest_ms) = delay.parts(self.dt_ms);
                    let list = if simulated.population.kind.is_point() {
                        &mut self.wired.from_artificial
                    } else {
                        // Half a step more than a whole number makes it the next one.
                        rest_ms += if rest_ms > 0.0 { AFTER_THRESHOLD_MS } else { 0.0 };
                        &mut self.wired.between_cells
                    };
                    list.push(Connection { source, target, receiver, delay_steps, rest_ms });
                }
            }
            for ReplayLink { train, receiver, delay_ms } in incoming.replays {
                self.played.entry(train).or_default().targets.push((target, receiver, delay_ms));
            }
            let lists = [incoming.removed, incoming.left_out, incoming.unmodulated, incoming.unjoined];
            for (place, list) in lists.into_iter().enumerate() {
                for (edges, count) in list {
                    counts[edges as usize][place] += u64::from(count);
                }
            }
        }
        for ((afferent, made), [removed, left_out, unmodulated, unjoined]) in
            afferents.list.iter().zip(synapses).zip(counts)
        {
            let name = &afferent.edges.name;
            if afferent.is_chemical() {
                self.wired.synapses.insert(name.clone(), made);
            }
            for (count, what) in [
                (removed, "sit on axons that the e-models cut off, and are left out"),
                (left_out, why_left_out(afferent)),
                (unjoined, "are sides of gap junctions whose other side is not simulated, and are left out"),
                (
                    unmodulated,
                    "find no synapse near them that tells neuromodulators apart (a point process with nc_type), and do nothing",
                ),
            ] {
                if count > 0 {
                    notes.push(format!("edge population '{name}': {count} synapses {what}"));
                }
            }
        }
    }

    /// The cells of a population without membrane.
    pub fn add_artificial(
        &mut self,
        source: &Source<'_>,
        simulated: &Simulated<'_>,
        afferents: &Afferents<'_>,
        registry: &Registry,
        problems: &mut Vec<NeuroError>,
        notes: &mut Vec<String>,
    ) {
        let mut models = Models::new(source, registry);
        let first = self.wired.artificial.len();
        let mut told = BTreeSet::new();
        for &node in &simulated.ids {
            let problem =
                |reason: String| NeuroError::PointNeuron { population: source.population.name.clone(), node, reason };
            let gid = (node + FIRST_GID) as u32;
            let made = models.of(node).and_then(|(mechanism, values)| {
                let id = simulated.first_id + node;
                self.wired.artificial.add(id, &mechanism, &values, [gid, 0, 0]).map_err(|error| error.to_string())
            });
            if let Some(reason) = made.err().filter(|reason| told.insert(reason.clone())) {
                problems.push(problem(reason));
            }
        }
        if !told.is_empty() {
            return;
        }
        let mut left_out = vec![0; afferents.list.len()];
        for (position, &node) in simulated.ids.iter().enumerate() {
            for (afferent, left_out) in afferents.list.iter().zip(&mut left_out) {
                let from = self.from(afferent.edges);
                for edge in afferent.to_artificial(node, source.simulation.run.dt_ms, left_out, problems) {
                    let connection = match self.wired.artificial.connect(first + position, edge.weight) {
                        Ok(connection) => connection,
                        Err(error) => {
                            let (population, edge) = (afferent.edges.name.clone(), edge.row as usize);
                            problems.push(NeuroError::Synapse { population, edge, reason: error.to_string() });
                            continue;
                        }
                    };
                    for train in edge.trains {
                        self.play(train, connection, edge.delay.ms);
                    }
                    let node = afferent.edges.source_ids[edge.row as usize];
                    if let Some(from) = from.filter(|from| from.ids.binary_search(&node).is_ok()) {
                        let (delay_steps, rest_ms) = edge.delay.parts(source.simulation.run.dt_ms);
                        let source = from.first_id + node;
                        self.wired.into_artificial.push(ArtificialConnection {
                            source,
                            connection,
                            delay_steps,
                            rest_ms,
                        });
                    }
                }
            }
        }
        match poisson::events(source, simulated) {
            Ok(events) => events.into_iter().for_each(|events| self.drive(simulated, first, events, problems)),
            Err(error) => problems.push(error),
        }
        Self::note_artificial(afferents, left_out, notes);
    }

    /// Events at a cell without membrane, of those from position `first` on.
    fn drive(
        &mut self,
        simulated: &Simulated<'_>,
        first: usize,
        events: poisson::Events,
        problems: &mut Vec<NeuroError>,
    ) {
        let position = first + simulated.ids.partition_point(|&node| node < events.node);
        match self.wired.artificial.connect(position, events.weight) {
            Ok(connection) => {
                let (times_ms, artificial) = (events.times_ms, vec![(connection, 0.0)]);
                self.wired.trains.push(Train { times_ms, targets: Vec::new(), artificial });
            }
            Err(error) => problems.push(NeuroError::PointNeuron {
                population: simulated.population.name.clone(),
                node: events.node,
                reason: error.to_string(),
            }),
        }
    }

    /// Notes on what edges and overrides do not do to cells without membrane.
    fn note_artificial(afferents: &Afferents<'_>, left_out: Vec<u64>, notes: &mut Vec<String>) {
        for (afferent, count) in afferents.list.iter().zip(left_out) {
            let name = &afferent.edges.name;
            if count > 0 {
                notes.push(format!("edge population '{name}': {count} synapses {}", why_left_out(afferent)));
            }
            let without_effect = afferent.without_effect();
            if !without_effect.is_empty() {
                notes.push(format!(
                    "edge population '{name}' leads to cells without membrane, of which connection_overrides change only weight and \
                     synapse_delay_override; without effect: {}",
                    without_effect.join(", ")
                ));
            }
        }
    }

    fn play(&mut self, train: u32, connection: ConnectionId, delay_ms: f64) {
        self.played.entry(train).or_default().artificial.push((connection, delay_ms));
    }

    pub fn finish(self, mut replays: Replays, problems: &mut Vec<NeuroError>) -> Wired {
        let Self { mut wired, sides, open, played, .. } = self;
        for gap in open {
            match sides.get(&(gap.other, gap.efferent)) {
                Some(&segment) => {
                    let OpenGap { cell, voltage, other, .. } = gap;
                    wired.gaps.push(GapJunction { cell, voltage, other, segment });
                }
                None => problems.push(NeuroError::GapJunction {
                    population: gap.population,
                    edge: gap.edge,
                    junction: gap.efferent,
                    node: gap.node,
                }),
            }
        }
        let played = played.into_iter();
        wired.trains.extend(
            played.map(|(number, train)| Train {
                times_ms: std::mem::take(&mut replays.trains[number as usize]),
                ..train
            }),
        );
        wired
    }
}

/// Why overrides leave edges out.
fn why_left_out(afferent: &Afferent<'_>) -> &'static str {
    if afferent.is_silenced() {
        "are left out, as by neurodamus: the only connection_override that meets them has weight 0"
    } else {
        "are in no connection_override without delay while others are, and are left out, as by neurodamus"
    }
}

/// A file that names an artificial cell and its parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    mechanism: String,
    #[serde(default)]
    parameters: BTreeMap<String, f64>,
}

/// Names and values.
type Parameters = Vec<(String, f64)>;

/// What the nodes of a population are made of.
struct Models<'a> {
    source: &'a Source<'a>,
    registry: &'a Registry,
    known: BTreeMap<String, (Arc<PointMechanism>, BTreeMap<String, f64>)>,
    /// Templates in hoc, by `model_template`.
    templates: BTreeMap<String, HocTemplate>,
}

impl<'a> Models<'a> {
    fn new(source: &'a Source<'a>, registry: &'a Registry) -> Self {
        Self { source, registry, known: BTreeMap::new(), templates: BTreeMap::new() }
    }

    /// Mechanism and parameters of a node: those of its model, and over them its own of `dynamics_params`.
    fn of(&mut self, node: u64) -> Result<(Arc<PointMechanism>, Parameters), String> {
        let population = self.source.population;
        let templates = population.attributes.text("model_template").map_err(|error| error.to_string())?;
        let template = &templates[node as usize];
        let (registry, celsius) = (self.registry, self.source.simulation.conditions.celsius);
        let (mechanism, mut values) = match self.hoc(template)? {
            Some(hoc) => {
                let model = hoc.artificial(registry, celsius, node + FIRST_GID).map_err(|error| error.to_string())?;
                (self.mechanism(&model.mechanism)?, model.parameters)
            }
            None => {
                if !self.known.contains_key(template) {
                    let model = self.read(template)?;
                    self.known.insert(template.clone(), model);
                }
                self.known[template].clone()
            }
        };
        for name in parameters(&mechanism) {
            match population.dynamics.columns.get(name) {
                Some(Column::Float(column)) => values.insert(name.to_owned(), column[node as usize]),
                Some(Column::Integer(column)) => values.insert(name.to_owned(), column[node as usize] as f64),
                _ => None,
            };
        }
        Ok((mechanism, values.into_iter().collect()))
    }

    fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        let paths = &self.source.population.paths;
        [&paths.point_neuron_models_dir, &paths.biophysical_neuron_models_dir].into_iter().flatten()
    }

    /// The template in hoc that `hoc:NAME` names, where there is a file `NAME.hoc`.
    fn hoc(&mut self, template: &str) -> Result<Option<&HocTemplate>, String> {
        let Some(name) = template.strip_prefix("hoc:") else { return Ok(None) };
        if !self.templates.contains_key(template) {
            let name = name.strip_suffix(".hoc").unwrap_or(name);
            let file = self.folders().map(|folder| folder.join(format!("{name}.hoc"))).find(|file| file.is_file());
            let Some(file) = file else { return Ok(None) };
            let read = HocTemplate::read(&file, name).map_err(|error| error.to_string())?;
            self.templates.insert(template.to_owned(), read);
        }
        Ok(self.templates.get(template))
    }

    /// The mechanism of this name, built once.
    fn mechanism(&mut self, name: &str) -> Result<Arc<PointMechanism>, String> {
        if !self.known.contains_key(name) {
            let built = self.registry.build_artificial(name, self.source.simulation.conditions.celsius);
            let built = built.map_err(|error| error.to_string())?;
            self.known.insert(name.to_owned(), (built, BTreeMap::new()));
        }
        Ok(Arc::clone(&self.known[name].0))
    }

    /// `nrn:NAME` is an artificial cell; of anything else there is a file `NAME.json`, or it names one, too. (`hoc:NAME` with a file
    /// `NAME.hoc` is read before.)
    fn read(&self, template: &str) -> Result<(Arc<PointMechanism>, BTreeMap<String, f64>), String> {
        let celsius = self.source.simulation.conditions.celsius;
        let build = |name: &str| self.registry.build_artificial(name, celsius).map_err(|error| error.to_string());
        let (kind, name) = template.split_once(':').unwrap_or(("", template));
        if kind == "nrn" {
            return Ok((build(name)?, BTreeMap::new()));
        }
        let files: Vec<PathBuf> = self.folders().map(|folder| folder.join(format!("{name}.json"))).collect();
        if let Some(file) = files.iter().find(|file| file.is_file()) {
            let model = read_model(file)?;
            return Ok((build(&model.mechanism)?, model.parameters));
        }
        build(name).map(|mechanism| (mechanism, BTreeMap::new())).map_err(|error| {
            let looked: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            format!("model_template '{template}': {error}, and there is no file {}", looked.join(" or "))
        })
    }
}

fn read_model(file: &Path) -> Result<ModelFile, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| failed(&error))?;
    serde_json::from_str(&text).map_err(|error| failed(&error))
}
