//! From a SONATA circuit and simulation to cells.

use std::collections::BTreeMap;

use msr_config::circuit::{Circuit, NodeKind, NodePopulation, Table};
use msr_config::node_sets::{NodeSets, Selection};
use msr_config::simulation::{IntegrationMethod, MechanismValue, SimulationConfig, SpikeLocation};
use rayon::prelude::*;

use super::{Entity, NeuroError, NeuroSimulator, PlacedCell, edges, glia, inputs};
use crate::cell::{Cell, StreamKeys};
use crate::emodel::{Conditions, Emodel};
use crate::mechanisms::{GlobalError, Registry};
use crate::morphology::{Collection, LARGEST_COORDINATE_UM, Morphology, Placement, SectionKind};

/// Everything that cells, electrodes and synapses are built from.
pub(super) struct Source<'a> {
    pub circuit: &'a Circuit,
    pub simulation: &'a SimulationConfig,
    pub population: &'a NodePopulation,
    pub node_sets: &'a NodeSets,
}

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
    /// The biophysical cells that the simulation's `node_set` selects (all without one), with their electrodes and the
    /// chemical synapses between them; `registry` holds the mechanisms.
    ///
    /// Morphologies are found by [`Collection`], e-models `<biophysical_neuron_models_dir>/<name>.json` for a
    /// `model_template` of `json:<name>`. Cells of one population are simulated, and the astrocytes that `node_set`
    /// selects with them.
    ///
    /// # Errors
    /// [`NeuroError`] names node, edge, input or key.
    pub fn from_circuit(
        circuit: &Circuit,
        simulation: &SimulationConfig,
        node_sets: &NodeSets,
        registry: &Registry,
    ) -> Result<Self, NeuroError> {
        check_supported(simulation)?;
        check_conditions(simulation)?;
        let (population, ids) = selected(circuit, simulation, node_sets)?;
        let source = Source { circuit, simulation, population, node_sets };
        let (registry, mut notes) = with_globals(registry, simulation)?;
        let shapes = Shapes::read(&source, &ids)?;
        let built: Vec<Result<PlacedCell, NeuroError>> =
            ids.par_iter().map(|&node| shapes.place(&source, node, &registry)).collect();
        let mut cells = built.into_iter().collect::<Result<Vec<_>, _>>()?;
        let connected = edges::connect(&source, &shapes, &mut cells, &mut notes)?;
        inputs::add(&source, &mut cells)?;
        let astrocytes = glia::read(&source, &cells, &connected, &mut notes)?;
        let mut simulator = Self::new(&population.name, cells, &connected.connections, simulation.run.dt_ms)?;
        if let Some(astrocytes) = astrocytes {
            simulator = simulator.with_astrocytes(astrocytes);
        }
        simulator.notes = notes;
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

fn check_supported(simulation: &SimulationConfig) -> Result<(), NeuroError> {
    if simulation.run.integration_method != IntegrationMethod::Euler {
        let found = format!("{:?}", simulation.run.integration_method);
        return Err(NeuroError::Unsupported { key: "run.integration_method", found, supported: "euler" });
    }
    if let Some(modification) = simulation.conditions.modifications.first() {
        let found = format!("'{}'", modification.name);
        return Err(NeuroError::Unsupported { key: "conditions.modifications", found, supported: "none" });
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
            let number = match value {
                MechanismValue::Bool(value) => f64::from(u8::from(*value)),
                MechanismValue::Integer(value) => *value as f64,
                MechanismValue::Float(value) => *value,
                MechanismValue::Text(text) => return Err(failed(format!("'{name}' is \"{text}\"; give a number"))),
            };
            globals.push((name.clone(), number));
        }
        let is_point = registry.point_names().contains(mechanism);
        match registry.set_globals(mechanism, &globals) {
            Ok(()) if is_point => notes.push(format!(
                "conditions.mechanisms.{mechanism} has no effect on the synapses of edges, which are not made from that file"
            )),
            Ok(()) => {}
            Err(error @ GlobalError::UnknownMechanism { .. }) => {
                notes.push(format!("conditions.mechanisms.{mechanism} has no effect: {error}"));
            }
            Err(GlobalError::File(error)) => return Err(failed(error.to_string())),
        }
    }
    Ok((registry, notes))
}

/// The one biophysical population with selected cells, and their ids.
fn selected<'a>(
    circuit: &'a Circuit,
    simulation: &SimulationConfig,
    node_sets: &NodeSets,
) -> Result<(&'a NodePopulation, Vec<u64>), NeuroError> {
    let chosen =
        simulation.node_set.as_deref().map(|name| selection(circuit, node_sets, "node_set", name)).transpose()?;
    let mut found: Vec<(&NodePopulation, Vec<u64>)> = circuit
        .nodes
        .iter()
        .filter(|population| population.kind == NodeKind::Biophysical)
        .map(|population| {
            let ids = chosen.as_ref().map_or_else(
                || (0..population.size as u64).collect(),
                |selection| selection.ids(&population.name).to_vec(),
            );
            (population, ids)
        })
        .filter(|(_, ids)| !ids.is_empty())
        .collect();
    match found.len() {
        0 => {
            let described = |population: &NodePopulation| {
                let count = chosen.as_ref().map_or(population.size, |selection| selection.ids(&population.name).len());
                format!(
                    "{} ({}, {count} of {} nodes selected)",
                    population.name,
                    population.kind.name(),
                    population.size
                )
            };
            let selector = simulation
                .node_set
                .as_ref()
                .map_or_else(|| "a simulation without node_set".to_owned(), |name| format!("node_set '{name}'"));
            Err(NeuroError::NoPopulation { selector, available: circuit.nodes.iter().map(described).collect() })
        }
        1 => Ok(found.remove(0)),
        _ => Err(NeuroError::SeveralPopulations { populations: found.iter().map(|(p, _)| p.name.clone()).collect() }),
    }
}

/// Morphologies and e-models of the cells, each read once.
pub(super) struct Shapes {
    morphologies: BTreeMap<String, Morphology>,
    emodels: BTreeMap<String, Emodel>,
    placements: Vec<Placement>,
}

impl Shapes {
    fn read(source: &Source<'_>, ids: &[u64]) -> Result<Self, NeuroError> {
        let population = source.population;
        let morphology_names = population.attributes.text("morphology")?;
        let template_names = population.attributes.text("model_template")?;
        let missing = |key| NeuroError::MissingPath { population: population.name.clone(), key };
        let paths = &population.paths;
        let collection = Collection::of(paths).ok_or_else(|| missing("morphologies_dir"))?;
        let models_dir =
            paths.biophysical_neuron_models_dir.as_deref().ok_or_else(|| missing("biophysical_neuron_models_dir"))?;
        let (mut morphologies, mut emodels) = (BTreeMap::new(), BTreeMap::new());
        for &node in ids {
            let name = &morphology_names[node as usize];
            if !morphologies.contains_key(name) {
                let morphology = collection.read(name).map_err(|source| NeuroError::Morphology { node, source })?;
                morphologies.insert(name.clone(), morphology);
            }
            let template = &template_names[node as usize];
            if !emodels.contains_key(template) {
                let emodel =
                    Emodel::read(models_dir, template).map_err(|source| NeuroError::Emodel { node, source })?;
                emodels.insert(template.clone(), emodel);
            }
        }
        Ok(Self { morphologies, emodels, placements: placements(population, ids)? })
    }

    /// Morphology of a node.
    pub fn morphology(&self, source: &Source<'_>, node: u64) -> Result<&Morphology, NeuroError> {
        Ok(&self.morphologies[&source.population.attributes.text("morphology")?[node as usize]])
    }

    fn place(&self, source: &Source<'_>, node: u64, registry: &Registry) -> Result<PlacedCell, NeuroError> {
        let emodel = &self.emodels[&source.population.attributes.text("model_template")?[node as usize]];
        let (run, conditions) = (&source.simulation.run, &source.simulation.conditions);
        let conditions_of_cell = Conditions {
            celsius: conditions.celsius,
            v_init_mv: conditions.v_init_mv,
            dt_ms: run.dt_ms,
            spike_threshold_mv: run.spike_threshold_mv,
        };
        let failed = |source| NeuroError::Emodel { node, source };
        let mut builder =
            emodel.builder(self.morphology(source, node)?, registry, &conditions_of_cell).map_err(failed)?;
        builder.streams = StreamKeys {
            seed: run.random_seed as u32,
            // neurodamus counts cells from 1.
            gid: node as u32 + 1,
            channel_seed: run.ionchannel_seed as u32,
            synapse_seed: run.synapse_seed as u32,
        };
        let mut cell = emodel.finish(builder).map_err(failed)?;
        if conditions.spike_location == SpikeLocation::Ais {
            let segment = initial_segment(&cell).ok_or_else(|| NeuroError::Unsupported {
                key: "conditions.spike_location",
                found: format!("AIS of node {node}, which has fewer than two axon sections,"),
                supported: "soma",
            })?;
            cell.detect_spikes_in(segment);
        }
        Ok(PlacedCell { node, cell, placement: self.placements[node as usize] })
    }
}

/// The middle of the second axon section.
fn initial_segment(cell: &Cell) -> Option<usize> {
    let mut axon = cell.discretisation().sections.iter().filter(|section| section.kind == SectionKind::Axon);
    let second = axon.nth(1)?;
    Some(second.segments.start + second.segments.len() / 2)
}

/// Placement of each node; `ids` are those that are simulated.
fn placements(population: &NodePopulation, ids: &[u64]) -> Result<Vec<Placement>, NeuroError> {
    let table = &population.attributes;
    let (x, y, z) = (table.float("x")?, table.float("y")?, table.float("z")?);
    let bad = |row: u64, attribute, value: String, reason| NeuroError::BadAttribute {
        file: population.file.clone(),
        population: population.name.clone(),
        entity: Entity::Node,
        row,
        attribute,
        value,
        reason,
    };
    for &node in ids {
        for (attribute, column) in [("x", &x), ("y", &y), ("z", &z)] {
            let value = column[node as usize];
            if !value.is_finite() || value.abs() > LARGEST_COORDINATE_UM {
                return Err(bad(node, attribute, value.to_string(), "must be a number between -1e6 and 1e6 um"));
            }
        }
    }
    let position = |row: usize| [x[row], y[row], z[row]];
    if table.contains("orientation_w") {
        let parts = [
            table.float("orientation_w")?,
            table.float("orientation_x")?,
            table.float("orientation_y")?,
            table.float("orientation_z")?,
        ];
        return (0..population.size)
            .map(|row| {
                let quaternion = std::array::from_fn(|part| parts[part][row]);
                Placement::from_quaternion(position(row), quaternion).ok_or_else(|| {
                    bad(row as u64, "orientation", format!("{quaternion:?}"), "must be a quaternion other than zero")
                })
            })
            .collect();
    }
    let angle = |table: &Table, name: &str| table.optional_float(name).map(|column| column.map(|c| c.into_owned()));
    let angles = [
        angle(table, "rotation_angle_xaxis")?,
        angle(table, "rotation_angle_yaxis")?,
        angle(table, "rotation_angle_zaxis")?,
    ];
    let at = |row: usize| std::array::from_fn(|axis| angles[axis].as_ref().map_or(0.0, |column| column[row]));
    Ok((0..population.size).map(|row| Placement::from_angles(position(row), at(row))).collect())
}
