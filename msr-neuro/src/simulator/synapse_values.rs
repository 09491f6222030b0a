//! Synapses as spaces (one for each mechanism) and what can be read of them: for reports of type `synapse`, and summed over
//! segments.

use std::collections::BTreeMap;

use msr_coupling::{Address, Bounds, Geometry, Quantity, Query, Space, Unit, Variable};

use crate::cell::{Cell, NamedSynapse};

/// Getter of the values of single synapses.
pub(super) const GET: &str = "get_synapse_var";
/// The current of a synapse.
const CURRENT: &str = "i";

/// The mechanisms of synapses, with names and units of their values.
pub(super) fn mechanisms(cells: &[Cell]) -> BTreeMap<String, Vec<(String, String)>> {
    let mut found = BTreeMap::new();
    for cell in cells {
        for synapse in cell.named_synapses() {
            let mechanism = cell.synapse_mechanism(synapse);
            if !found.contains_key(mechanism) {
                found.insert(mechanism.to_owned(), cell.synapse_values(synapse));
            }
        }
    }
    found
}

/// Name of the space of the synapses of a mechanism.
fn space_name(mechanism: &str) -> String {
    format!("synapses.{mechanism}")
}

/// A value of each synapse.
pub(super) fn variable(mechanism: &str, (name, unit): &(String, String)) -> Variable {
    let full = format!("{mechanism}.{name}");
    Variable {
        name: format!("synapse {full}"),
        description: format!("{name} of each synapse of {mechanism}"),
        unit: Unit::parse(unit).unwrap_or_else(|_| Unit::dimensionless()),
        space: space_name(mechanism),
        quantity: Quantity::Intensive,
        bounds: Bounds::NONE,
        get: Some(Query::new(GET).with("var", full)),
        set: None,
    }
}

/// Whether a mechanism has a current to be summed.
pub(super) fn has_current(values: &[(String, String)]) -> bool {
    values.iter().any(|(name, _)| name == CURRENT)
}

fn of_mechanism<'a>(cell: &'a Cell, mechanism: &'a str) -> impl Iterator<Item = &'a NamedSynapse> {
    cell.named_synapses().iter().filter(move |synapse| cell.synapse_mechanism(synapse) == mechanism)
}

/// Adds the values of the synapses of a mechanism on a cell at the end of `values`.
pub(super) fn read(cell: &Cell, mechanism: &str, name: &str, values: &mut Vec<f64>) {
    values.extend(of_mechanism(cell, mechanism).map(|synapse| cell.synapse_value(synapse, name).unwrap_or(f64::NAN)));
}

/// Number of the synapses of a mechanism on a cell.
pub(super) fn count(cell: &Cell, mechanism: &str) -> usize {
    of_mechanism(cell, mechanism).count()
}

/// Adds for each segment the sum of the currents of its synapses of a mechanism (nA) at the end of `values`.
pub(super) fn sum_currents(cell: &Cell, mechanism: &str, values: &mut Vec<f64>) {
    let first = values.len();
    values.resize(first + cell.discretisation().segments.len(), 0.0);
    for synapse in of_mechanism(cell, mechanism) {
        values[first + synapse.segment as usize] += cell.synapse_value(synapse, CURRENT).unwrap_or(0.0);
    }
}

/// The spaces of all synapses.
pub(super) fn spaces(population: Option<&str>, ids: &[u64], cells: &[Cell]) -> Vec<Space> {
    let spaces = mechanisms(cells).into_keys().map(|mechanism| {
        let mut space = Space {
            name: space_name(&mechanism),
            ids: Vec::new(),
            sizes: Vec::new(),
            geometry: Geometry::Abstract,
            population: population.map(str::to_owned),
            addresses: Vec::new(),
            subsets: BTreeMap::new(),
        };
        for kind in crate::morphology::SectionKind::ALL {
            space.subsets.insert(kind.name().to_owned(), Vec::new());
        }
        for (cell, &node) in cells.iter().zip(ids) {
            let shape = cell.discretisation();
            for synapse in of_mechanism(cell, &mechanism) {
                let kind = shape.sections[shape.segments[synapse.segment as usize].section].kind;
                let position = space.addresses.len();
                space.subsets.entry(kind.name().to_owned()).or_default().push(position);
                space.addresses.push(Address { node, element: synapse.id });
            }
        }
        let count = space.addresses.len();
        space.ids = (0..count as u64).collect();
        space.sizes = vec![1.0; count];
        space.subsets.insert("all".to_owned(), (0..count).collect());
        space
    });
    spaces.collect()
}
