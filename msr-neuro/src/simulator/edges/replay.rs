//! Spikes of files that are played to synapses (`synapse_replay`).

use std::collections::BTreeMap;

use msr_config::circuit::{EdgePopulation, SpikeTrains};
use msr_config::simulation::{InputTarget, SimulationConfig, Stimulus};

use super::overrides::mask;
use crate::simulator::NeuroError;
use crate::simulator::circuit::Source;

/// The spikes of all inputs.
#[derive(Default)]
pub(in crate::simulator) struct Replays {
    inputs: Vec<Input>,
    /// Spike times (ms) of each train that some edge population plays, ascending.
    pub trains: Vec<Vec<f64>>,
}

struct Input {
    name: String,
    node_set: String,
    /// Nothing before it is played.
    delay_ms: f64,
    populations: Vec<SpikeTrains>,
    is_used: bool,
}

/// An input as the edges of one population play it.
pub(super) struct Replay {
    targets: Vec<bool>,
    /// Number of the train of each source.
    trains: BTreeMap<u64, u32>,
}

impl Replay {
    /// The train that plays on an edge between two nodes.
    pub fn train(&self, source: u64, target: u64) -> Option<u32> {
        let is_target = self.targets.get(target as usize) == Some(&true);
        self.trains.get(&source).copied().filter(|_| is_target)
    }
}

impl Replays {
    /// Reads the files of all inputs.
    pub fn read(simulation: &SimulationConfig, problems: &mut Vec<NeuroError>) -> Self {
        let mut replays = Self::default();
        for input in &simulation.inputs {
            let Stimulus::SynapseReplay { spike_file } = &input.module else { continue };
            let bad = |key: &str, message: String| {
                NeuroError::from(simulation.places.problem(&format!("inputs.{}.{key}", input.name), message))
            };
            let InputTarget::NodeSet(node_set) = &input.target else {
                problems.push(bad("compartment_set", "is no target of synapse_replay; give a node_set".to_owned()));
                continue;
            };
            match SpikeTrains::read(spike_file) {
                Ok(populations) => replays.inputs.push(Input {
                    name: input.name.clone(),
                    node_set: node_set.clone(),
                    delay_ms: input.delay_ms,
                    populations,
                    is_used: false,
                }),
                Err(error) => problems.push(bad("spike_file", format!("cannot be used: {error}"))),
            }
        }
        replays
    }

    /// What plays on the edges of a population.
    pub(super) fn of(&mut self, source: &Source<'_>, edges: &EdgePopulation) -> Vec<Replay> {
        let mut found = Vec::new();
        for input in &mut self.inputs {
            let Some(spikes) = input.populations.iter().find(|one| one.population == edges.source_population) else {
                continue;
            };
            let key = format!("inputs.{}.node_set", input.name);
            // A node set that does not exist is told with the other inputs.
            let Ok(targets) = source.select(&key, &input.node_set) else { continue };
            let mut trains = BTreeMap::new();
            for (&node, times) in &spikes.trains {
                let first = times.partition_point(|&time| time < input.delay_ms);
                if first < times.len() {
                    trains.insert(node, self.trains.len() as u32);
                    self.trains.push(times[first..].to_vec());
                }
            }
            input.is_used |= !targets.is_empty();
            found.push(Replay { targets: mask(&targets, source.population.size), trains });
        }
        found
    }

    /// Inputs that reach nothing.
    pub fn unused(&self) -> impl Iterator<Item = String> + '_ {
        self.inputs.iter().filter(|input| !input.is_used).map(|input| {
            let names: Vec<&str> = input.populations.iter().map(|one| one.population.as_str()).collect();
            format!(
                "input '{}' plays nothing: no edges lead from the populations of its file ({}) to its node_set",
                input.name,
                names.join(", ")
            )
        })
    }
}
