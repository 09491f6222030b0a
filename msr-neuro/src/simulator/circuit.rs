//! From a SONATA circuit and simulation to cells.

use std::collections::{BTreeMap, BTreeSet};

use msr_config::circuit::{Circuit, EdgeKind, NodePopulation, Table};
use msr_config::node_sets::{NodeSets, Selection};
use msr_config::simulation::{MechanismValue, SimulationConfig, SpikeLocation};
use rayon::prelude::*;

use super::edges::{Afferents, Common, Incoming, Replays};
use super::modifications::Modifications;
use super::wiring::Wiring;
use super::{Entity, NeuroError, NeuroSimulator, PlacedCell, glia, inputs, populations};
use crate::cell::{Cell, StreamKeys};
use crate::emodel::{Conditions, Template, TemplateName};
use crate::hoc::{CellArguments, Description};
use crate::mechanisms::{GlobalError, Registry};
use crate::morphology::{Collection, LARGEST_COORDINATE_UM, Morphology, Placement, SectionKind};

/// Everything that cells, electrodes and synapses are built from.
pub(super) struct Source<'a> {
    pub circuit: &'a Circuit,
    pub simulation: &'a SimulationConfig,
    pub population: &'a NodePopulation,
    pub node_sets: &'a NodeSets,
    /// What is added to a node id to make the gid by which random streams of synapses and inputs are named.
    pub gid_offset: u64,
}

/// neurodamus counts cells from 1 where it names random streams.
pub(super) const FIRST_GID: u64 = 1;

impl Source<'_> {
    /// Ids that a node set, named by `key`, selects in the population.
    pub fn select(&self, key: &str, name: &str) -> Result<Vec<u64>, NeuroError> {
        Ok(selection(self.circuit, self.node_sets, key, name)?.ids(&self.population.name).to_vec())
    }
}

pub(super) fn selection(
    circuit: &Circuit,
    node_sets: &NodeSets,
    key: &str,
    name: &str,
) -> Result<Selection, NeuroError> {
    let failed = |source| NeuroError::NodeSet { key: key.to_owned(), source };
    node_sets.resolve(name, &circuit.nodes).map_err(failed)
}

impl NeuroSimulator {
    /// The cells that the simulation's `node_set` selects (all without one), of all populations that have cells, with their
    /// electrodes and the edges that end on them; `registry` holds the mechanisms.
    ///
    /// Morphologies are found by [`Collection`], e-models in `biophysical_neuron_models_dir` by [`Template::read`]. Of several
    /// populations, the nodes of each have the ids that follow those of the one
    /// before, in the order of the circuit. Astrocytes are those that `node_set` selects.
    ///
    /// # Errors
    /// [`NeuroError`] names node, edge, input or key; [`NeuroError::Several`] where more than one thing is wrong.
    pub fn from_circuit(
        circuit: &Circuit,
        simulation: &SimulationConfig,
        node_sets: &NodeSets,
        registry: &Registry,
    ) -> Result<Self, NeuroError> {
        check_conditions(simulation)?;
        let populations = populations::simulated(circuit, simulation, node_sets)?;
        let (registry, mut notes) = with_globals(registry, simulation)?;
        let sources: Vec<Source<'_>> = populations
            .iter()
            .map(|simulated| Source {
                circuit,
                simulation,
                population: simulated.population,
                node_sets,
                gid_offset: simulated.gid_offset,
            })
            .collect();
        let mut problems = Vec::new();
        let mut replays = Replays::read(simulation, &mut problems);
        let mut wiring = Wiring::new(&populations, simulation.run.dt_ms);
        let mut cells: Vec<PlacedCell> = Vec::new();
        let mut emodels = Vec::new();
        for (source, simulated) in sources.iter().zip(&populations) {
            let afferents =
                Afferents::read(source, &populations, &simulated.ids, &mut replays, &mut problems, &mut notes);
            if source.population.kind.is_point() {
                wiring.add_artificial(source, simulated, &afferents, &registry, &mut problems, &mut notes);
                continue;
            }
            let mut built = match Shapes::read(source, &simulated.ids, &mut problems) {
                Ok(shapes) => {
                    let built =
                        shapes.build(source, &simulated.ids, &registry, &afferents, &mut emodels, &mut problems);
                    shapes.modifications.note_idle(&mut notes);
                    built
                }
                Err(error) => {
                    problems.push(error);
                    continue;
                }
            };
            let mut placed: Vec<PlacedCell> = Vec::with_capacity(built.len());
            let first = cells.len();
            for (cell, incoming) in built.drain(..) {
                wiring.add_cell(simulated, first + placed.len(), &cell, incoming);
                placed.push(cell);
            }
            if let Err(error) = inputs::add(source, &mut placed, &mut notes) {
                problems.push(error);
            }
            for mut cell in placed {
                cell.node += simulated.first_id;
                cells.push(cell);
            }
            wiring.end(&afferents, &mut problems, &mut notes);
        }
        // A node set that does not exist is told with the inputs of cells.
        if problems.is_empty() {
            inputs::note_unreached(simulation, &sources, &populations, &mut notes)?;
        }
        notes.extend(replays.unused());
        let glial = circuit.edges.iter().filter(|edges| edges.kind == EdgeKind::Glialglial);
        notes.extend(glial.map(|edges| {
            format!("edge population '{}' is left out: gap junctions of astrocytes are not simulated", edges.name)
        }));
        let wired = wiring.finish(replays, &mut problems);
        NeuroError::all(problems)?;
        let after_cells = populations.iter().map(|simulated| simulated.population.size as u64).sum();
        let astrocytes = glia::read(&sources[0], after_cells, &cells, &wired.synapses, &registry, &mut notes)?;
        let name = &populations[0].population.name;
        let mut simulator = if cells.is_empty() && !wired.artificial.is_empty() {
            Self::of(name, cells, &wired.between_cells, simulation.run.dt_ms)?
        } else {
            Self::new(name, cells, &wired.between_cells, simulation.run.dt_ms)?
        };
        if populations.len() > 1 {
            simulator.population = None;
        }
        if !wired.artificial.is_empty() {
            let seed = simulation.run.random_seed as u32;
            let artificial = wired.artificial.build(seed, simulation.run.dt_ms);
            simulator = simulator.with_artificial(artificial, &wired.from_artificial, &wired.into_artificial)?;
        }
        simulator = simulator.with_trains(wired.trains)?.with_gap_junctions(&wired.gaps)?;
        if let Some(astrocytes) = astrocytes {
            simulator = simulator.with_astrocytes(astrocytes);
        }
        simulator.notes = notes;
        simulator.emodels = emodels;
        Ok(simulator)
    }
}

/// Temperatures at which channel kinetics have been extrapolated by anybody, in degrees Celsius.
const CELSIUS: (f64, f64) = (-50.0, 60.0);
/// Voltages that a membrane bears, in mV.
const V_INIT_MV: (f64, f64) = (-200.0, 100.0);

fn check_conditions(simulation: &SimulationConfig) -> Result<(), NeuroError> {
    let conditions = &simulation.conditions;
    let bounded = [
        ("conditions.celsius", conditions.celsius, CELSIUS, "degrees Celsius"),
        ("conditions.v_init", conditions.v_init_mv, V_INIT_MV, "mV"),
    ];
    for (key, value, (low, high), unit) in bounded {
        if !(low..=high).contains(&value) {
            return Err(NeuroError::BadCondition { key, value, low, high, unit });
        }
    }
    Ok(())
}

/// The mechanisms with the GLOBAL parameters of `conditions.mechanisms`, and notes on those that have no effect.
fn with_globals(registry: &Registry, simulation: &SimulationConfig) -> Result<(Registry, Vec<String>), NeuroError> {
    let (mut registry, mut notes) = (registry.clone(), Vec::new());
    for (mechanism, values) in &simulation.conditions.mechanisms {
        let failed = |reason: String| NeuroError::Global { mechanism: mechanism.clone(), reason };
        let mut globals = Vec::new();
        for (name, value) in values {
            if let MechanismValue::Text(text) = value {
                return Err(failed(format!("'{name}' is \"{text}\"; give a number")));
            }
            globals.extend(value.number().map(|number| (name.clone(), number)));
        }
        match registry.set_globals(mechanism, &globals) {
            Ok(()) => {}
            Err(error @ GlobalError::UnknownMechanism { .. }) => {
                notes.push(format!("conditions.mechanisms.{mechanism} has no effect: {error}"));
            }
            Err(GlobalError::File(error)) => return Err(failed(error.to_string())),
        }
    }
    Ok((registry, notes))
}

/// Morphologies and e-models of the cells, each read once.
pub(super) struct Shapes {
    /// `None` where it cannot be read.
    morphologies: BTreeMap<String, Option<Morphology>>,
    emodels: BTreeMap<TemplateName, Option<Template>>,
    /// Name of the e-model of each node of the population.
    names: Vec<TemplateName>,
    placements: Vec<Option<Placement>>,
    modifications: Modifications,
}

impl Shapes {
    /// Reads what the nodes name; what cannot be read is told once and missing afterwards.
    fn read(source: &Source<'_>, ids: &[u64], problems: &mut Vec<NeuroError>) -> Result<Self, NeuroError> {
        let population = source.population;
        let morphology_names = population.attributes.text("morphology")?;
        let names = template_names(population)?;
        let missing = |key| NeuroError::MissingPath { population: population.name.clone(), key };
        let paths = &population.paths;
        let collection = Collection::of(paths).ok_or_else(|| missing("morphologies_dir"))?;
        let models_dir =
            paths.biophysical_neuron_models_dir.as_deref().ok_or_else(|| missing("biophysical_neuron_models_dir"))?;
        let (mut morphologies, mut emodels) = (BTreeMap::new(), BTreeMap::new());
        for &node in ids {
            let name = &morphology_names[node as usize];
            if !morphologies.contains_key(name) {
                let morphology = collection.read(name).map_err(|source| NeuroError::Morphology { node, source });
                morphologies.insert(name.clone(), morphology.map_err(|error| problems.push(error)).ok());
            }
            let template = &names[node as usize];
            if !emodels.contains_key(template) {
                let emodel = Template::read(models_dir, template, &source.simulation.run.bmtk);
                let emodel = emodel.map_err(|source| NeuroError::Emodel { node, source });
                emodels.insert(template.clone(), emodel.map_err(|error| problems.push(error)).ok());
            }
        }
        let modifications = Modifications::read(source)?;
        let placements = placements(population, ids, problems)?;
        Ok(Self { morphologies, emodels, names, placements, modifications })
    }

    /// All cells whose morphology and e-model are there, with what edges make of them; what was understood of each e-model is
    /// added to `emodels`.
    fn build(
        &self,
        source: &Source<'_>,
        ids: &[u64],
        registry: &Registry,
        afferents: &Afferents<'_>,
        emodels: &mut Vec<String>,
        problems: &mut Vec<NeuroError>,
    ) -> Vec<(PlacedCell, Incoming)> {
        let common = match Common::new(source, registry) {
            Ok(common) => common,
            Err(error) => {
                problems.push(error);
                return Vec::new();
            }
        };
        type Built = (Option<(PlacedCell, Incoming, Description)>, Vec<NeuroError>);
        let build = |&node: &u64| -> Built {
            let mut problems = Vec::new();
            let built = self.place(&common, node, afferents, &mut problems);
            (built.map_err(|error| problems.push(error)).ok().flatten(), problems)
        };
        let built: Vec<Built> = ids.par_iter().map(build).collect();
        let mut cells = Vec::with_capacity(built.len());
        // A mistake of an e-model concerns all of its cells.
        let (mut told, mut described) = (BTreeSet::new(), BTreeSet::new());
        for (cell, mistakes) in built {
            if let Some((cell, incoming, description)) = cell {
                let name = &self.names[cell.node as usize];
                if described.insert(name) {
                    emodels.extend(description.iter().map(|line| format!("{name}, node {}: {line}", cell.node)));
                }
                cells.push((cell, incoming));
            }
            problems.extend(mistakes.into_iter().filter(|error| match error {
                NeuroError::Emodel { source, .. } => told.insert(source.to_string()),
                _ => true,
            }));
        }
        cells
    }

    fn place(
        &self,
        common: &Common<'_>,
        node: u64,
        afferents: &Afferents<'_>,
        problems: &mut Vec<NeuroError>,
    ) -> Result<Option<(PlacedCell, Incoming, Description)>, NeuroError> {
        let (source, registry) = (common.source, common.registry);
        let named = |attribute| Ok::<_, NeuroError>(&source.population.attributes.text(attribute)?[node as usize]);
        let (Some(morphology), Some(emodel)) =
            (&self.morphologies[named("morphology")?], &self.emodels[&self.names[node as usize]])
        else {
            return Ok(None);
        };
        let Some(placement) = self.placements[node as usize] else { return Ok(None) };
        let (run, conditions) = (&source.simulation.run, &source.simulation.conditions);
        let conditions_of_cell = Conditions::of(source.simulation);
        let failed = |source| NeuroError::Emodel { node, source };
        let arguments = arguments(source, node, emodel)?;
        let (mut builder, description) =
            emodel.builder(morphology, registry, &conditions_of_cell, &arguments).map_err(failed)?;
        builder.streams = StreamKeys {
            seed: run.random_seed as u32,
            // Channels have the gid of the cell in its own population: offsets are for synapses and inputs.
            gid: (node + FIRST_GID) as u32,
            channel_seed: run.ionchannel_seed as u32,
            synapse_seed: run.synapse_seed as u32,
        };
        let mut incoming = afferents.add(common, node, morphology, &mut builder, problems);
        self.modifications.make(source, node, &mut builder)?;
        let mut cell = emodel.finish(builder).map_err(failed)?;
        if conditions.spike_location == SpikeLocation::Soma {
            // The first section is the soma.
            cell.detect_spikes_at_end_of(0);
        } else {
            let segment = initial_segment(&cell).ok_or_else(|| NeuroError::Unsupported {
                key: "conditions.spike_location",
                found: format!("AIS of node {node}, which has fewer than two axon sections,"),
                supported: "soma",
            })?;
            cell.detect_spikes_in(segment);
        }
        incoming.put_on(&mut cell);
        Ok(Some((PlacedCell { node, cell, placement }, incoming, description)))
    }
}

/// What the e-model of a node needs to know of it.
fn arguments(source: &Source<'_>, node: u64, emodel: &Template) -> Result<CellArguments, NeuroError> {
    let population = source.population;
    let mut attributes = Vec::new();
    for attribute in emodel.needed_attributes() {
        let value = population.dynamics.float(&attribute)?[node as usize];
        if !value.is_finite() {
            return Err(NeuroError::BadDynamics { node, attribute, value });
        }
        attributes.push(value);
    }
    let morphology = population.attributes.text("morphology")?[node as usize].clone();
    Ok(CellArguments { gid: node + FIRST_GID, morphology, attributes })
}

/// What names the e-model of each node.
fn template_names(population: &NodePopulation) -> Result<Vec<TemplateName>, NeuroError> {
    let table = &population.attributes;
    let templates = table.text("model_template")?;
    let (files, processing) = (table.optional_text("dynamics_params")?, table.optional_text("model_processing")?);
    let of =
        |column: Option<&[String]>, row: usize| column.map(|texts| texts[row].clone()).filter(|text| !text.is_empty());
    let name = |(row, template): (usize, &String)| TemplateName {
        template: template.clone(),
        parameters: of(files, row),
        processing: of(processing, row),
    };
    Ok(templates.iter().enumerate().map(name).collect())
}

/// The middle of the second axon section.
fn initial_segment(cell: &Cell) -> Option<usize> {
    let mut axon = cell.discretisation().sections.iter().filter(|section| section.kind == SectionKind::Axon);
    let second = axon.nth(1)?;
    Some(second.segments.start + second.segments.len() / 2)
}

/// Placement of each node of `ids`; where it is none, that is told.
fn placements(
    population: &NodePopulation,
    ids: &[u64],
    problems: &mut Vec<NeuroError>,
) -> Result<Vec<Option<Placement>>, NeuroError> {
    let table = &population.attributes;
    // Circuits of the Allen Institute place some cells nowhere.
    let is_placed = ["x", "y", "z"].iter().any(|axis| table.contains(axis));
    let nowhere = || Ok::<_, NeuroError>(vec![0.0; population.size].into());
    let coordinate = |axis| if is_placed { Ok(table.float(axis)?) } else { nowhere() };
    let (x, y, z) = (coordinate("x")?, coordinate("y")?, coordinate("z")?);
    let bad = |row: u64, attribute, value: String, reason| NeuroError::BadAttribute {
        file: population.file.clone(),
        population: population.name.clone(),
        entity: Entity::Node,
        row,
        attribute,
        value,
        reason,
    };
    let parts = ["orientation_w", "orientation_x", "orientation_y", "orientation_z"];
    let quaternions = if table.contains(parts[0]) {
        let [w, x, y, z] = parts.map(|part| table.float(part));
        Some([w?, x?, y?, z?])
    } else {
        None
    };
    let angle = |table: &Table, name: &str| table.optional_float(name).map(|column| column.map(|c| c.into_owned()));
    let angles = [
        angle(table, "rotation_angle_xaxis")?,
        angle(table, "rotation_angle_yaxis")?,
        angle(table, "rotation_angle_zaxis")?,
    ];
    let place = |node: u64| {
        let row = node as usize;
        for (attribute, column) in [("x", &x), ("y", &y), ("z", &z)] {
            let value = column[row];
            if !value.is_finite() || value.abs() > LARGEST_COORDINATE_UM {
                return Err(bad(node, attribute, value.to_string(), "must be a number between -1e6 and 1e6 um"));
            }
        }
        let position = [x[row], y[row], z[row]];
        let Some(quaternions) = &quaternions else {
            let at = std::array::from_fn(|axis| angles[axis].as_ref().map_or(0.0, |column| column[row]));
            return Ok(Placement::from_angles(position, at));
        };
        let quaternion = std::array::from_fn(|part| quaternions[part][row]);
        Placement::from_quaternion(position, quaternion)
            .ok_or_else(|| bad(node, "orientation", format!("{quaternion:?}"), "must be a quaternion other than zero"))
    };
    let mut placements = vec![None; population.size];
    for &node in ids {
        match place(node) {
            Ok(placement) => placements[node as usize] = Some(placement),
            Err(error) => problems.push(error),
        }
    }
    Ok(placements)
}
