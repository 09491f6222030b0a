//! Which populations are simulated, and what their cells are called by.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use msr_config::circuit::{Circuit, NodeKind, NodePopulation};
use msr_config::node_sets::{NodeSets, Selection};
use msr_config::simulation::SimulationConfig;

use super::NeuroError;
use super::circuit::selection;

/// A population whose cells are simulated.
pub(super) struct Simulated<'a> {
    pub population: &'a NodePopulation,
    /// Selected nodes, ascending.
    pub ids: Vec<u64>,
    /// What is added to a node id among all simulated cells; 0 where there is one population.
    pub first_id: u64,
    /// What is added to a node id to make the gid by which random streams of synapses and inputs are named.
    pub gid_offset: u64,
}

/// The populations of cells with selected nodes, in the order of the circuit.
pub(super) fn simulated<'a>(
    circuit: &'a Circuit,
    simulation: &SimulationConfig,
    node_sets: &NodeSets,
) -> Result<Vec<Simulated<'a>>, NeuroError> {
    let chosen =
        simulation.node_set.as_deref().map(|name| selection(circuit, node_sets, "node_set", name)).transpose()?;
    let selected = |population: &NodePopulation| {
        chosen
            .as_ref()
            .map_or_else(|| (0..population.size as u64).collect(), |selection| selection.ids(&population.name).to_vec())
    };
    let mut found: Vec<Simulated<'a>> = circuit
        .nodes
        .iter()
        .filter(|population| population.kind.has_cells())
        .map(|population| Simulated { population, ids: selected(population), first_id: 0, gid_offset: 0 })
        .filter(|simulated| !simulated.ids.is_empty())
        .collect();
    if found.is_empty() {
        return Err(nothing(circuit, simulation, chosen.as_ref()));
    }
    let mut first_id = 0;
    for simulated in &mut found {
        simulated.first_id = first_id;
        first_id += simulated.population.size as u64;
    }
    let offsets = gid_offsets(circuit, |population| selected(population).last().copied());
    for simulated in &mut found {
        simulated.gid_offset = offsets[simulated.population.name.as_str()];
    }
    Ok(found)
}

fn nothing(circuit: &Circuit, simulation: &SimulationConfig, chosen: Option<&Selection>) -> NeuroError {
    let described = |population: &NodePopulation| {
        let count = chosen.map_or(population.size, |selection| selection.ids(&population.name).len());
        format!("{} ({}, {count} of {} nodes selected)", population.name, population.kind.name(), population.size)
    };
    let selector = simulation
        .node_set
        .as_ref()
        .map_or_else(|| "a simulation without node_set".to_owned(), |name| format!("node_set '{name}'"));
    NeuroError::NoPopulation { selector, available: circuit.nodes.iter().map(described).collect() }
}

/// Offsets of gids as neurodamus has them: populations in the order of their names (those with selected cells, astrocytes or
/// vessels, and virtual ones), each from the next multiple of 1000 after the greatest gid of the one before.
fn gid_offsets(circuit: &Circuit, last_selected: impl Fn(&NodePopulation) -> Option<u64>) -> BTreeMap<&str, u64> {
    /// gids of a population begin at a multiple of this.
    const BLOCK: u64 = 1000;
    let greatest: BTreeMap<&str, u64> = circuit
        .nodes
        .iter()
        .filter_map(|population| {
            let greatest = match &population.kind {
                NodeKind::Virtual => Some(population.size.saturating_sub(1) as u64),
                NodeKind::Astrocyte | NodeKind::Vasculature => last_selected(population),
                kind if kind.has_cells() => last_selected(population),
                _ => None,
            };
            Some((population.name.as_str(), greatest?))
        })
        .collect();
    let mut offset = 0;
    greatest
        .into_iter()
        .map(|(name, greatest)| {
            let mine = offset;
            offset = ((offset + greatest) / BLOCK + 1) * BLOCK;
            (name, mine)
        })
        .collect()
}

/// The number of a population in the names of random streams: 12 bits of the MD5 digest of its name (neurodamus').
pub(super) fn population_number(name: &str) -> u32 {
    let digest = Md5::digest(name.as_bytes());
    (u32::from(digest[1]) & 0x0f) << 8 | u32::from(digest[0])
}

#[cfg(test)]
mod tests {
    use super::population_number;

    /// MD5 of `RingA` begins with 3da5, that of `default` with c21f (Python's hashlib): 0x53d and 0xfc2.
    #[test]
    fn populations_have_the_numbers_of_their_digests() {
        assert_eq!(population_number("RingA"), 0x53d);
        assert_eq!(population_number("default"), 0xfc2);
    }
}
