//! Gradients with respect to the dynamic states.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::expression::derivative::gradient;
use crate::expression::{Graph, Node, NodeId};

/// Gradients of nodes. Those of named quantities are made once and joined by the chain rule, so that a quantity that many
/// fluxes read is differentiated once.
pub(super) struct Gradients {
    /// Whether each node that was there at the start depends on a dynamic state.
    varies: Vec<bool>,
    /// Number of the dynamic state that a node is.
    state: HashMap<NodeId, usize>,
    quantities: HashSet<NodeId>,
    known: HashMap<NodeId, BTreeMap<usize, NodeId>>,
}

impl Gradients {
    /// For the nodes of `graph`, whose first inputs are the states.
    pub(super) fn new(graph: &Graph, is_dynamic: &[bool], quantities: impl Iterator<Item = NodeId>) -> Self {
        let mut varies: Vec<bool> = Vec::with_capacity(graph.nodes().len());
        let mut state = HashMap::new();
        for index in 0..graph.nodes().len() {
            let id = graph.id(index);
            varies.push(match graph.node(id) {
                Node::Input(input) => {
                    let dynamic = is_dynamic.get(input as usize) == Some(&true);
                    if dynamic {
                        state.insert(id, input as usize);
                    }
                    dynamic
                }
                _ => graph.operands(id).into_iter().flatten().any(|operand| varies[operand.index()]),
            });
        }
        // A constant factor of a quantity merges with those of its users: the rest is what they share.
        let quantities = quantities.map(|node| graph.split_factor(node).1).collect();
        Self { varies, state, quantities, known: HashMap::new() }
    }

    /// Derivatives of `root` by the number of the state; those that are zero everywhere are absent.
    pub(super) fn of(&mut self, graph: &mut Graph, root: NodeId) -> BTreeMap<usize, NodeId> {
        if let Some(&state) = self.state.get(&root) {
            return BTreeMap::from([(state, graph.constant(1.0))]);
        }
        if let Some(known) = self.known.get(&root) {
            return known.clone();
        }
        let is_leaf = |node: NodeId| self.state.contains_key(&node) || self.quantities.contains(&node);
        let leaves = gradient(graph, root, &|node| self.varies[node.index()], &is_leaf);
        let mut total: BTreeMap<usize, NodeId> = BTreeMap::new();
        for (leaf, adjoint) in leaves {
            for (state, slope) in self.of(graph, leaf) {
                let contribution = graph.multiply(adjoint, slope);
                let sum = match total.get(&state) {
                    Some(&already) => graph.add(already, contribution),
                    None => contribution,
                };
                total.insert(state, sum);
            }
        }
        total.retain(|_, node| graph.constant_value(*node) != Some(0.0));
        self.known.insert(root, total.clone());
        total
    }
}
