//! The order in which NEURON goes through the instances of a mechanism.

use crate::discretisation::Discretisation;
use crate::morphology::Attachment;

/// The instances of each mechanism, whose nodes are given, in that order: sections breadth-first from the root, of several at
/// one place the last first; segments along the section; of several point processes in a segment the last placed first.
pub(super) fn turns<'a>(cell: &Discretisation, nodes: impl Iterator<Item = &'a [u32]>) -> Vec<Vec<u32>> {
    let rank = ranks(cell);
    let order = |nodes: &[u32]| {
        let mut order: Vec<u32> = (0..nodes.len() as u32).rev().collect();
        order.sort_by_key(|&instance| rank[nodes[instance as usize] as usize]);
        order
    };
    nodes.map(order).collect()
}

/// Place of each segment in the order.
fn ranks(cell: &Discretisation) -> Vec<usize> {
    let mut children = vec![Vec::new(); cell.sections.len()];
    let mut order = Vec::with_capacity(cell.sections.len());
    for (index, section) in cell.sections.iter().enumerate().rev() {
        match section.parent {
            Some((parent, attachment)) => children[parent].push((attachment == Attachment::End, index)),
            None => order.push(index),
        }
    }
    let mut next = 0;
    while let Some(&section) = order.get(next) {
        // Those at the middle come before those at the end.
        children[section].sort_by_key(|(is_at_end, _)| *is_at_end);
        order.extend(children[section].iter().map(|(_, child)| child));
        next += 1;
    }
    let mut ranks = vec![0; cell.segments.len()];
    let segments = order.iter().flat_map(|&section| cell.sections[section].segments.clone());
    segments.enumerate().for_each(|(rank, segment)| ranks[segment] = rank);
    ranks
}
