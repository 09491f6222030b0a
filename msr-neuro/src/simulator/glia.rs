//! Astrocytes from a SONATA circuit: their synapses (`synapse_astrocyte` edges) and their endfeet (`endfoot` edges).

use std::collections::BTreeMap;

use msr_config::circuit::{EdgeKind, EdgePopulation, NodeKind, NodePopulation};
use rayon::prelude::*;

use super::circuit::{Source, selection};
use super::edges::bad;
use super::wiring::SynapsesOfEdges;
use super::{Entity, NeuroError, PlacedCell};
use crate::astrocytes::cells::{self, AstrocyteCell, AstrocyteCells, Foot};
use crate::astrocytes::{Astrocyte, Astrocytes, CoveredSynapse, PlacedEndfoot};
use crate::emodel::Conditions;
use crate::mechanisms::Registry;
use crate::morphology::{Collection, Morphology};
use crate::synapses::Transmitter;

/// A synapse, and the section of the astrocyte at which it is (0 for the lumped model, which has none).
type Covered = (CoveredSynapse, u32);

/// An endfoot, and how it is on its astrocyte's cell, where that is one.
type Placed = (PlacedEndfoot, Option<Foot>);

/// Endfeet begin on the section that follows the one that their edges name: neurodamus counts the soma there, and not at synapses.
const FOOT_SECTIONS: i64 = 1;

/// The astrocytes that the simulation's `node_set` selects (all without one); `None` where there are none. Their spikes have ids from
/// `first_id`.
pub(super) fn read(
    source: &Source<'_>,
    first_id: u64,
    cells: &[PlacedCell],
    connected: &SynapsesOfEdges,
    registry: &Registry,
    notes: &mut Vec<String>,
) -> Result<Option<Astrocytes>, NeuroError> {
    let Some((population, nodes)) = selected(source)? else { return Ok(None) };
    let missing = cells::missing(registry);
    if let Some(unusable) = missing.iter().find_map(|name| registry.unusable(name)) {
        return Err(NeuroError::AstrocyteMechanism { population: population.name.clone(), source: unusable });
    }
    let are_cells = missing.is_empty();
    let edges_to = |kind: EdgeKind| {
        source.circuit.edges.iter().filter(move |edges| {
            let astrocytes =
                if kind == EdgeKind::Endfoot { &edges.target_population } else { &edges.source_population };
            edges.kind == kind && *astrocytes == population.name
        })
    };
    let mut covered: BTreeMap<u64, Vec<Covered>> = nodes.iter().map(|&node| (node, Vec::new())).collect();
    for edges in edges_to(EdgeKind::SynapseAstrocyte) {
        cover(source, edges, cells, connected, are_cells, &mut covered)?;
    }
    let mut endfeet = Vec::new();
    let mut vasculature = None;
    for edges in edges_to(EdgeKind::Endfoot) {
        vasculature = Some(edges.source_population.clone());
        place(source, edges, &nodes, are_cells, &mut endfeet)?;
    }
    let synapses: usize = covered.values().map(Vec::len).sum();
    let built = if are_cells { Some(build(source, population, &covered, &endfeet, registry)?) } else { None };
    let of_node = |(node, covered): (u64, Vec<Covered>)| {
        let synapses = covered.into_iter().map(|(synapse, _)| synapse).collect();
        Astrocyte { node, synapses }
    };
    let astrocytes = covered.into_iter().map(of_node).collect();
    let endfeet = endfeet.into_iter().map(|(placed, _)| placed).collect();
    let astrocytes = match built {
        Some(cells) => {
            let mechanisms = [cells::CALCIUM, cells::VESSEL, cells::RECEIVER, cells::SOMATIC_RECEIVER];
            notes.push(format!("astrocytes of '{}' are cells with {}", population.name, mechanisms.join(", ")));
            Astrocytes::of_cells(&population.name, vasculature, astrocytes, endfeet, cells).spiking_from(first_id)
        }
        None => Astrocytes::new(&population.name, vasculature, astrocytes, endfeet, source.simulation.run.dt_ms),
    };
    if !are_cells && missing.len() < cells::MECHANISMS {
        notes.push(format!(
            "astrocytes of '{}' are of msr's own model: to be cells with mechanism files they would need {}, too",
            population.name,
            missing.join(", ")
        ));
    }
    notes.push(format!(
        "{} astrocytes cover {synapses} glutamatergic synapses; {} endfeet on {} vessel segments",
        astrocytes.list().len(),
        astrocytes.endfeet().len(),
        astrocytes.vessels().len(),
    ));
    Ok(Some(astrocytes))
}

/// The one astrocyte population with selected nodes, and these.
fn selected<'a>(source: &Source<'a>) -> Result<Option<(&'a NodePopulation, Vec<u64>)>, NeuroError> {
    let chosen = source
        .simulation
        .node_set
        .as_deref()
        .map(|name| selection(source.circuit, source.node_sets, "node_set", name))
        .transpose()?;
    let ids = |population: &NodePopulation| match &chosen {
        None => (0..population.size as u64).collect(),
        Some(selection) => selection.ids(&population.name).to_vec(),
    };
    let astrocytes = source.circuit.nodes.iter().filter(|population| population.kind == NodeKind::Astrocyte);
    let mut found: Vec<(&NodePopulation, Vec<u64>)> =
        astrocytes.map(|population| (population, ids(population))).filter(|(_, ids)| !ids.is_empty()).collect();
    if found.len() > 1 {
        let populations = found.iter().map(|(population, _)| population.name.clone()).collect();
        return Err(NeuroError::SeveralAstrocytePopulations { populations });
    }
    Ok(found.pop())
}

/// Adds the glutamatergic synapses of these edges to their astrocytes: of point processes those whose edges are excitatory.
fn cover(
    source: &Source<'_>,
    edges: &EdgePopulation,
    cells: &[PlacedCell],
    connected: &SynapsesOfEdges,
    are_cells: bool,
    covered: &mut BTreeMap<u64, Vec<Covered>>,
) -> Result<(), NeuroError> {
    let population = || edges.name.clone();
    let available = || connected.keys().cloned().collect();
    let (name, synapses) = match &edges.synapse_population {
        Some(name) => connected.get_key_value(name).ok_or_else(|| NeuroError::UnknownSynapsePopulation {
            population: population(),
            found: name.clone(),
            available: available(),
        })?,
        None if connected.len() == 1 => connected.iter().next().expect("there is one"),
        None => return Err(NeuroError::UnnamedSynapsePopulation { population: population(), available: available() }),
    };
    let chemical = source.circuit.edges.iter().find(|edges| edges.name == *name);
    let types = chemical.and_then(|edges| edges.attributes.integer("syn_type_id").ok());
    let rows = edges.attributes.integer("synapse_id")?;
    let sections = if are_cells { Some(edges.attributes.integer(SECTION)?) } else { None };
    for (edge, &row) in rows.iter().enumerate() {
        let Some(covered) = covered.get_mut(&edges.source_ids[edge]) else { continue };
        let Some(&synapse) = usize::try_from(row).ok().and_then(|row| synapses.get(row)) else {
            return Err(bad(edges, edge, "synapse_id", row as f64, "must be a row of the chemical edge population"));
        };
        let is_glutamatergic = |place: &CoveredSynapse| {
            let own = cells[place.cell as usize].cell.synapses().get(place.synapse as usize);
            let transmitter = own.map(|synapse| synapse.transmitter);
            let of_edge = || types.as_ref().map(|types| Transmitter::from_type_id(types[row as usize]));
            transmitter.or_else(of_edge) == Some(Transmitter::Glutamate)
        };
        let section = match &sections {
            Some(sections) => section(edges, edge, sections[edge], 0)?,
            None => 0,
        };
        covered.extend(synapse.filter(is_glutamatergic).map(|synapse| (synapse, section)));
    }
    covered.values_mut().for_each(|synapses| synapses.sort_unstable());
    Ok(())
}

/// Adds the endfeet of these edges; `nodes` are the astrocytes, ascending.
fn place(
    source: &Source<'_>,
    edges: &EdgePopulation,
    nodes: &[u64],
    are_cells: bool,
    endfeet: &mut Vec<Placed>,
) -> Result<(), NeuroError> {
    let Some(vessels) = source.circuit.node_population(&edges.source_population) else { return Ok(()) };
    let (starts, ends) = (vessels.attributes.float("start_diameter")?, vessels.attributes.float("end_diameter")?);
    let table = &edges.attributes;
    let on_cells = if are_cells {
        Some((table.integer(SECTION)?, table.float(FOOT_LENGTH)?, table.float(FOOT_DIAMETER)?))
    } else {
        None
    };
    for edge in 0..edges.size() {
        let Ok(astrocyte) = nodes.binary_search(&edges.target_ids[edge]) else { continue };
        let vessel = edges.source_ids[edge];
        let row = vessel as usize;
        if row >= vessels.size {
            return Err(bad(edges, edge, "source_node_id", vessel as f64, "must be a node of the vasculature"));
        }
        for (attribute, column) in [("start_diameter", &starts), ("end_diameter", &ends)] {
            if !(column[row].is_finite() && column[row] > 0.0) {
                return Err(NeuroError::BadAttribute {
                    file: vessels.file.clone(),
                    population: vessels.name.clone(),
                    entity: Entity::Node,
                    row: vessel,
                    attribute,
                    value: column[row].to_string(),
                    reason: "must be a positive number of um",
                });
            }
        }
        let rest_radius_um = (starts[row] + ends[row]) / 4.0;
        let mut foot = None;
        if let Some((sections, lengths, diameters)) = &on_cells {
            for (attribute, column) in [(FOOT_LENGTH, lengths), (FOOT_DIAMETER, diameters)] {
                if !(column[edge].is_finite() && column[edge] > 0.0) {
                    return Err(bad(edges, edge, attribute, column[edge], "must be a positive number of um"));
                }
            }
            let section = section(edges, edge, sections[edge], FOOT_SECTIONS)?;
            let (length_um, diameter_um) = (lengths[edge], diameters[edge]);
            foot = Some(Foot { section, length_um, diameter_um, radius_um: rest_radius_um });
        }
        endfeet.push((PlacedEndfoot { astrocyte, vessel, rest_radius_um }, foot));
    }
    Ok(())
}

const SECTION: &str = "astrocyte_section_id";
const FOOT_LENGTH: &str = "endfoot_compartment_length";
const FOOT_DIAMETER: &str = "endfoot_compartment_diameter";

/// The section of an edge, so many after the one that it names.
fn section(edges: &EdgePopulation, edge: usize, named: i64, after: i64) -> Result<u32, NeuroError> {
    let section = named.checked_add(after).and_then(|section| u32::try_from(section).ok());
    section.ok_or_else(|| bad(edges, edge, SECTION, named as f64, "must be the number of a section"))
}

/// The cell of each astrocyte.
fn build(
    source: &Source<'_>,
    population: &NodePopulation,
    covered: &BTreeMap<u64, Vec<Covered>>,
    endfeet: &[Placed],
    registry: &Registry,
) -> Result<AstrocyteCells, NeuroError> {
    let missing = |key| NeuroError::MissingPath { population: population.name.clone(), key };
    let collection = Collection::of(&population.paths).ok_or_else(|| missing("morphologies_dir"))?;
    let names = population.attributes.text("morphology")?;
    let mut morphologies: BTreeMap<&str, Morphology> = BTreeMap::new();
    let mut problems = Vec::new();
    for &node in covered.keys() {
        let name = names[node as usize].as_str();
        if !morphologies.contains_key(name) {
            match collection.read(name) {
                Ok(morphology) => drop(morphologies.insert(name, morphology)),
                Err(source) => problems.push(NeuroError::Morphology { node, source }),
            }
        }
    }
    NeuroError::all(problems)?;
    let conditions = Conditions::of(source.simulation);
    let mut feet: Vec<Vec<Foot>> = vec![Vec::new(); covered.len()];
    for (placed, foot) in endfeet {
        feet[placed.astrocyte].extend(foot);
    }
    let astrocytes: Vec<(&u64, &Vec<Covered>)> = covered.iter().collect();
    let built: Vec<Result<AstrocyteCell, NeuroError>> = astrocytes
        .par_iter()
        .zip(&feet)
        .map(|(&(&node, covered), feet)| {
            let sections: Vec<u32> = covered.iter().map(|&(_, section)| section).collect();
            let morphology = &morphologies[names[node as usize].as_str()];
            AstrocyteCell::new(morphology, registry, &conditions, &sections, feet)
                .map_err(|source| NeuroError::Astrocyte { population: population.name.clone(), node, source })
        })
        .collect();
    let (mut cells, mut problems) = (Vec::with_capacity(built.len()), Vec::new());
    for one in built {
        match one {
            Ok(cell) => cells.push(cell),
            Err(error) => problems.push(error),
        }
    }
    NeuroError::all(problems)?;
    let placed: Vec<PlacedEndfoot> = endfeet.iter().map(|(placed, _)| *placed).collect();
    Ok(AstrocyteCells::new(cells, &placed, conditions.dt_ms))
}
