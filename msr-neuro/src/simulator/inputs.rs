//! The `inputs` of a simulation, imposed on cells as neurodamus does: where they go.

mod block;

use msr_config::simulation::{Input, InputTarget, SimulationConfig, Stimulus as Module};

use self::block::{Block, Blocks, Kind, Signal};
use super::circuit::Source;
use super::populations::Simulated;
use super::{NeuroError, PlacedCell, compartments, electric_field, poisson};
use crate::stimuli::{Clamp, Origin, Stimulus};

/// Imposes all inputs, in file order.
pub(super) fn add(source: &Source<'_>, cells: &mut [PlacedCell], notes: &mut Vec<String>) -> Result<(), NeuroError> {
    let mut blocks = Blocks::default();
    for input in &source.simulation.inputs {
        if matches!(input.module, Module::SynapseReplay { .. }) {
            // It reaches synapses, which are made with the edges; so is told what is wrong with it, but for its cells.
            if let InputTarget::NodeSet(name) = &input.target {
                source.select(&format!("inputs.{}.node_set", input.name), name)?;
            }
            continue;
        }
        let sites = sites(source, input, cells)?;
        if matches!(input.module, Module::Poisson { .. }) {
            poisson::refuse(source, input, sites.len())?;
            continue;
        }
        let block = Block { source, input, blocks: &blocks };
        if let Module::SpatiallyUniformEField { fields, ramp_up_ms, ramp_down_ms } = &input.module {
            for (cell, _) in sites {
                if cells[cell].cell.has_layers() {
                    let reason = format!(
                        "'spatially_uniform_e_field' would be the ground of layers outside of the membrane, and node {} has such \
                         layers of its own ('extracellular'); take one of both away",
                        cells[cell].node
                    );
                    return Err(block.bad("module", reason));
                }
                electric_field::add(&mut cells[cell], input, fields, [*ramp_up_ms, *ramp_down_ms]);
            }
            continue;
        }
        let is_electrode = input.represents_physical_electrode || matches!(input.module, Module::Seclamp { .. });
        let origin = if is_electrode { Origin::Electrode } else { Origin::Membrane };
        if !sites.is_empty() {
            block.note_missing(notes)?;
        }
        for (cell, segments) in sites {
            let PlacedCell { node, cell, .. } = &mut cells[cell];
            for (segment, signal) in segments.iter().zip(block.signals(*node, segments.len())?) {
                let node = cell.node(*segment) as u32;
                match (signal, origin) {
                    (Signal::Current(waveform), Origin::Electrode) => cell.add_stimulus(Stimulus { node, waveform }),
                    (Signal::Current(waveform), Origin::Membrane) => {
                        cell.add_membrane_current(Stimulus { node, waveform });
                    }
                    (Signal::Clamp(course), origin) => cell.add_clamp(origin, Clamp { node, course }),
                }
            }
        }
        match block.family() {
            Some(Kind::Normal) => blocks.normal += 1,
            Some(Kind::Shot) => blocks.shot += 1,
            Some(Kind::OrnsteinUhlenbeck) => blocks.ornstein_uhlenbeck += 1,
            None => {}
        }
    }
    Ok(())
}

/// Notes on inputs that reach nobody, and on cells without membrane that get none of an input.
pub(super) fn note_unreached(
    simulation: &SimulationConfig,
    sources: &[Source<'_>],
    populations: &[Simulated<'_>],
    notes: &mut Vec<String>,
) -> Result<(), NeuroError> {
    // What is played reaches cells of all kinds, and says itself when it reaches none.
    let imposed = simulation.inputs.iter().filter(|input| !matches!(input.module, Module::SynapseReplay { .. }));
    for input in imposed {
        let name = match &input.target {
            InputTarget::NodeSet(name) => name,
            InputTarget::CompartmentSet(name) => {
                let set = compartments::set(&sources[0], &format!("inputs.{}.compartment_set", input.name), name)?;
                let is_reached = populations.iter().any(|simulated| {
                    let is_simulated = |node: u64| simulated.ids.binary_search(&node).is_ok();
                    simulated.population.name == set.population
                        && !simulated.population.kind.is_point()
                        && set.compartments.iter().any(|place| is_simulated(place.node_id))
                });
                if !is_reached {
                    notes.push(format!(
                        "inputs.{} has no effect: compartment_set '{name}' has no place on a simulated cell",
                        input.name
                    ));
                }
                continue;
            }
        };
        let (mut reached, mut without_membrane) = (0, 0);
        for (source, simulated) in sources.iter().zip(populations) {
            let nodes = source.select(&format!("inputs.{}.node_set", input.name), name)?;
            let count = nodes.iter().filter(|node| simulated.ids.binary_search(node).is_ok()).count();
            if source.population.kind.is_point() { without_membrane += count } else { reached += count }
        }
        if reached + without_membrane == 0 {
            notes.push(format!("inputs.{} has no effect: node_set '{name}' has no simulated cell", input.name));
        } else if without_membrane > 0 && !matches!(input.module, Module::Poisson { .. }) {
            notes.push(format!(
                "inputs.{}: {without_membrane} cells of node_set '{name}' have no membrane and get none of it",
                input.name
            ));
        }
    }
    Ok(())
}

/// Cells that an input reaches, with the segments: the middle of the soma, or the locations of a compartment set.
fn sites(source: &Source<'_>, input: &Input, cells: &[PlacedCell]) -> Result<Vec<(usize, Vec<usize>)>, NeuroError> {
    match &input.target {
        InputTarget::NodeSet(name) => {
            let nodes = source.select(&format!("inputs.{}.node_set", input.name), name)?;
            let chosen = cells.iter().enumerate().filter(|(_, placed)| nodes.binary_search(&placed.node).is_ok());
            Ok(chosen.map(|(index, placed)| (index, vec![placed.cell.discretisation().soma_segment()])).collect())
        }
        InputTarget::CompartmentSet(name) => {
            compartments::on_cells(source, &format!("inputs.{}.compartment_set", input.name), name, cells)
        }
    }
}
