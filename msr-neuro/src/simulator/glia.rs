//! Astrocytes from a SONATA circuit: their synapses (`synapse_astrocyte` edges) and their endfeet (`endfoot` edges).

use std::collections::BTreeMap;

use msr_config::circuit::{EdgeKind, EdgePopulation, NodeKind, NodePopulation};

use super::circuit::{Source, selection};
use super::edges::bad;
use super::wiring::SynapsesOfEdges;
use super::{Entity, NeuroError, PlacedCell};
use crate::astrocytes::{Astrocyte, Astrocytes, CoveredSynapse, PlacedEndfoot};
use crate::synapses::Transmitter;

/// The astrocytes that the simulation's `node_set` selects (all without one); `None` where there are none.
pub(super) fn read(
    source: &Source<'_>,
    cells: &[PlacedCell],
    connected: &SynapsesOfEdges,
    notes: &mut Vec<String>,
) -> Result<Option<Astrocytes>, NeuroError> {
    let Some((population, nodes)) = selected(source)? else { return Ok(None) };
    let edges_to = |kind: EdgeKind| {
        source.circuit.edges.iter().filter(move |edges| {
            let astrocytes =
                if kind == EdgeKind::Endfoot { &edges.target_population } else { &edges.source_population };
            edges.kind == kind && *astrocytes == population.name
        })
    };
    let mut covered: BTreeMap<u64, Vec<CoveredSynapse>> = nodes.iter().map(|&node| (node, Vec::new())).collect();
    for edges in edges_to(EdgeKind::SynapseAstrocyte) {
        cover(source, edges, cells, connected, &mut covered)?;
    }
    let mut endfeet = Vec::new();
    let mut vasculature = None;
    for edges in edges_to(EdgeKind::Endfoot) {
        vasculature = Some(edges.source_population.clone());
        place(source, edges, &nodes, &mut endfeet)?;
    }
    let astrocytes: Vec<Astrocyte> = covered.into_iter().map(|(node, synapses)| Astrocyte { node, synapses }).collect();
    let synapses: usize = astrocytes.iter().map(|astrocyte| astrocyte.synapses.len()).sum();
    let astrocytes = Astrocytes::new(&population.name, vasculature, astrocytes, endfeet, source.simulation.run.dt_ms);
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
    covered: &mut BTreeMap<u64, Vec<CoveredSynapse>>,
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
        covered.extend(synapse.filter(is_glutamatergic));
    }
    covered.values_mut().for_each(|synapses| synapses.sort_unstable());
    Ok(())
}

/// Adds the endfeet of these edges; `nodes` are the astrocytes, ascending.
fn place(
    source: &Source<'_>,
    edges: &EdgePopulation,
    nodes: &[u64],
    endfeet: &mut Vec<PlacedEndfoot>,
) -> Result<(), NeuroError> {
    let Some(vessels) = source.circuit.node_population(&edges.source_population) else { return Ok(()) };
    let (starts, ends) = (vessels.attributes.float("start_diameter")?, vessels.attributes.float("end_diameter")?);
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
        endfeet.push(PlacedEndfoot { astrocyte, vessel, rest_radius_um: (starts[row] + ends[row]) / 4.0 });
    }
    Ok(())
}
