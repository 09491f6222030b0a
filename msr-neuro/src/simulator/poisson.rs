//! Events at random times (`poisson`): each cell without membrane of the node set gets a Poisson process of its own, whose events come with
//! a weight. Neither the specification nor libsonata says what they would reach in a cell with synapses, so that they reach none there.

use msr_config::simulation::{Input, InputTarget, Stimulus};

use super::NeuroError;
use super::circuit::{FIRST_GID, Source};
use super::populations::Simulated;
use crate::random::Draws;

/// More events of one cell are a mistake: all are drawn, whenever the simulation ends.
const MOST_EVENTS: f64 = 1e7;
/// What is added to the numbers of a random stream: block of the kind, `stimulus_seed`, cell counted from 1. Other inputs have other blocks.
const BLOCK: u32 = 5000;
const SEED: u32 = 700;
const CELL: u32 = 300;

/// Events of one input at one cell.
pub(super) struct Events {
    /// The node.
    pub node: u64,
    /// In the unit of its mechanism.
    pub weight: f64,
    /// Ascending, in ms.
    pub times_ms: Vec<f64>,
}

/// All `poisson` inputs at the simulated nodes of a population.
pub(super) fn events(source: &Source<'_>, simulated: &Simulated<'_>) -> Result<Vec<Events>, NeuroError> {
    let mut all = Vec::new();
    let inputs = source.simulation.inputs.iter();
    let poisson = inputs.filter_map(|input| match input.module {
        Stimulus::Poisson { rate_hz, weight } => Some((input, rate_hz, weight)),
        _ => None,
    });
    for (block, (input, rate_hz, weight)) in (BLOCK..).zip(poisson) {
        let expected = rate_hz * input.duration_ms.min(source.simulation.run.tstop_ms) / 1000.0;
        if !(0.0..MOST_EVENTS).contains(&expected) {
            let reason = format!("asks for {expected:e} events at each cell; at most {MOST_EVENTS:e} can be made");
            return Err(bad(source, input, "rate", reason));
        }
        for node in selected(source, input)? {
            if rate_hz > 0.0 && simulated.ids.binary_search(&node).is_ok() {
                all.push(Events { node, weight, times_ms: times(source, input, rate_hz, block, node) });
            }
        }
    }
    Ok(all)
}

/// The mistake of a `poisson` input that selects cells with membrane, where it does.
pub(super) fn refuse(source: &Source<'_>, input: &Input, simulated: usize) -> Result<(), NeuroError> {
    if simulated == 0 {
        return Ok(());
    }
    let reason = format!(
        "'poisson' reaches cells without membrane; of '{}' {simulated} have one, and the input names no synapse of theirs: play \
         spikes of a virtual population to them (synapse_replay)",
        source.population.name
    );
    Err(bad(source, input, "module", reason))
}

fn selected(source: &Source<'_>, input: &Input) -> Result<Vec<u64>, NeuroError> {
    match &input.target {
        InputTarget::NodeSet(name) => source.select(&format!("inputs.{}.node_set", input.name), name),
        InputTarget::CompartmentSet(_) => {
            Err(bad(source, input, "compartment_set", "is no target of poisson; give a node_set".to_owned()))
        }
    }
}

fn times(source: &Source<'_>, input: &Input, rate_hz: f64, block: u32, node: u64) -> Vec<f64> {
    let run = &source.simulation.run;
    let cell = ((node + source.gid_offset + FIRST_GID) as u32).wrapping_add(CELL);
    let ids = [block, (run.stimulus_seed as u32).wrapping_add(SEED), cell];
    let mut random = Draws::new(run.random_seed as u32, ids);
    let begin_ms = input.delay_ms.max(0.0);
    let end_ms = (begin_ms + input.duration_ms).min(run.tstop_ms);
    let mut times_ms = Vec::new();
    let mut time_ms = begin_ms + random.exponential(1000.0 / rate_hz);
    while time_ms < end_ms {
        times_ms.push(time_ms);
        time_ms += random.exponential(1000.0 / rate_hz);
    }
    times_ms
}

fn bad(source: &Source<'_>, input: &Input, key: &str, reason: String) -> NeuroError {
    source.simulation.places.problem(&format!("inputs.{}.{key}", input.name), reason).into()
}
