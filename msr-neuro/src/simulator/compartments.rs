//! Compartment sets: named places on cells that inputs and modifications go to.

use msr_config::compartment_sets::{CompartmentSet, CompartmentSets};

use super::circuit::Source;
use super::{NeuroError, PlacedCell};
use crate::discretisation::Discretisation;

/// The compartment set that `key` names.
pub(super) fn set(source: &Source<'_>, key: &str, name: &str) -> Result<CompartmentSet, NeuroError> {
    let sets = match &source.simulation.compartment_sets_file {
        Some(file) => CompartmentSets::load(file).map_err(NeuroError::CompartmentSetsFile)?,
        None => CompartmentSets::default(),
    };
    let found = sets.get(name).map_err(|error| source.simulation.places.problem(key, error.to_string()))?;
    Ok(found.clone())
}

/// Cells (by position) with the segments that a compartment set has on them.
pub(super) fn on_cells(
    source: &Source<'_>,
    key: &str,
    name: &str,
    cells: &[PlacedCell],
) -> Result<Vec<(usize, Vec<usize>)>, NeuroError> {
    let set = set(source, key, name)?;
    let mut found = Vec::new();
    for (index, placed) in cells.iter().enumerate() {
        let segments = on_node(source, &set, key, placed.node, placed.cell.discretisation())?;
        if !segments.is_empty() {
            found.push((index, segments));
        }
    }
    Ok(found)
}

/// Segments of a node that a compartment set has.
pub(super) fn on_node(
    source: &Source<'_>,
    set: &CompartmentSet,
    key: &str,
    node: u64,
    shape: &Discretisation,
) -> Result<Vec<usize>, NeuroError> {
    if set.population != source.population.name {
        return Ok(Vec::new());
    }
    // Places ascend by node.
    let first = set.compartments.partition_point(|place| place.node_id < node);
    let places = set.compartments[first..].iter().take_while(|place| place.node_id == node);
    let segment = |section: u64, offset: f64| {
        let known = u32::try_from(section).ok().and_then(|section| shape.segment_at(section, offset));
        known.ok_or_else(|| {
            let available: Vec<u32> = shape.sections.iter().map(|section| section.id).collect();
            let message = format!("node {node} has no section {section}; it has: {available:?}");
            source.simulation.places.problem(key, message).into()
        })
    };
    places.map(|place| segment(place.section_id, place.offset)).collect()
}
