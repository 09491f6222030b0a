//! Which circuit population an id of a simulator belongs to.

use msr_coupling::space::{NEURONS, SECTIONS, SEGMENTS};
use msr_coupling::{Address, Space};
use serde::{Deserialize, Serialize};

/// A simulated, non-virtual node population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Population {
    /// Its name in the circuit.
    pub name: String,
    /// Id that its node 0 has in spikes and in the simulators' spaces `neurons`, `sections` and `segments`: 0 for the first
    /// population. Astrocytes follow the neurons.
    pub first_id: u64,
    /// Number of its nodes.
    pub size: u64,
}

/// The simulated populations. Their ids do not overlap.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Populations(Vec<Population>);

impl Populations {
    /// Populations in this order, whose ids follow one another.
    pub fn following<S: Into<String>>(populations: impl IntoIterator<Item = (S, u64)>) -> Self {
        let mut first_id = 0;
        Self(
            populations
                .into_iter()
                .map(|(name, size)| {
                    let population = Population { name: name.into(), first_id, size };
                    first_id += size;
                    population
                })
                .collect(),
        )
    }

    /// Populations with the ids that they say.
    pub fn new(populations: Vec<Population>) -> Self {
        Self(populations)
    }

    /// The populations, in order.
    pub fn as_slice(&self) -> &[Population] {
        &self.0
    }

    /// Position of the population that an id belongs to, and the SONATA node id (0-based) in it.
    pub fn locate(&self, id: u64) -> Option<(usize, u64)> {
        self.0.iter().enumerate().find_map(|(position, population)| {
            let node = id.checked_sub(population.first_id)?;
            (node < population.size).then_some((position, node))
        })
    }

    /// Population and address in it of an element of a space.
    ///
    /// A space that names its population addresses that population's nodes. Spaces of neurons that name none hold
    /// several populations, told apart by id. Any other space is a population of its own name.
    pub(crate) fn of_element<'a>(&'a self, space: &'a Space, position: usize) -> Option<(&'a str, Address)> {
        let address = space.addresses[position];
        if let Some(population) = &space.population {
            return Some((population, address));
        }
        if ![NEURONS, SECTIONS, SEGMENTS].contains(&space.name.as_str()) {
            return Some((&space.name, address));
        }
        let (population, node) = self.locate(address.node)?;
        Some((&self.0[population].name, Address { node, ..address }))
    }

    /// Names and ids, for messages.
    pub(crate) fn descriptions(&self) -> Vec<String> {
        let end = |population: &Population| population.first_id + population.size;
        self.0.iter().map(|p| format!("{} (ids {} to {})", p.name, p.first_id, end(p).saturating_sub(1))).collect()
    }
}
