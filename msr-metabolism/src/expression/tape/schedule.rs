//! Order of the instructions: as long as possible runs of the same operation.

use std::collections::{BTreeMap, HashMap};

use crate::expression::graph::NodeId;

/// Something with a result that others may need.
pub(super) trait Dependent {
    /// What it does.
    type Kind: Ord + Copy;
    fn node(&self) -> NodeId;
    fn operands(&self) -> &[NodeId];
    fn kind(&self) -> Self::Kind;
}

/// Sorts so that operands stay before results and equal kinds stand together: of the kinds that have something ready,
/// the one with most is taken and done until nothing of it is ready.
pub(super) fn schedule<T: Dependent>(sequence: Vec<T>) -> Vec<T> {
    let producer: HashMap<NodeId, usize> =
        sequence.iter().enumerate().map(|(place, item)| (item.node(), place)).collect();
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); sequence.len()];
    let mut missing = vec![0usize; sequence.len()];
    for (place, item) in sequence.iter().enumerate() {
        for operand in item.operands() {
            if let Some(&of) = producer.get(operand) {
                users[of].push(place);
                missing[place] += 1;
            }
        }
    }
    let mut ready: BTreeMap<T::Kind, Vec<usize>> = BTreeMap::new();
    for (place, item) in sequence.iter().enumerate().filter(|&(place, _)| missing[place] == 0) {
        ready.entry(item.kind()).or_default().push(place);
    }
    let mut order = Vec::with_capacity(sequence.len());
    while let Some(kind) =
        ready.iter().filter(|(_, places)| !places.is_empty()).max_by_key(|(_, p)| p.len()).map(|(k, _)| *k)
    {
        let mut next = 0;
        while next < ready[&kind].len() {
            let place = ready[&kind][next];
            next += 1;
            order.push(place);
            for &user in &users[place] {
                missing[user] -= 1;
                if missing[user] == 0 {
                    ready.entry(sequence[user].kind()).or_default().push(user);
                }
            }
        }
        ready.insert(kind, Vec::new());
    }
    let mut items: Vec<Option<T>> = sequence.into_iter().map(Some).collect();
    order.into_iter().map(|place| items[place].take().expect("each place once")).collect()
}
