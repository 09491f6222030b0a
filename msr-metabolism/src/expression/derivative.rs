//! Gradients of graph nodes, by the chain rule from the result to the operands (reverse accumulation).

use std::collections::BTreeMap;

use super::graph::{Graph, Node, NodeId};

/// Partial derivatives of a node: by node they are taken with respect to.
pub type Gradient = BTreeMap<NodeId, NodeId>;

/// Derivatives of `root` with respect to the nodes for which `is_leaf` holds, where `varies` tells which nodes depend
/// on a leaf at all. Leaves that other leaves are made of are reached only around those. The nodes of the derivatives
/// are added to the graph.
pub fn gradient(
    graph: &mut Graph,
    root: NodeId,
    varies: &dyn Fn(NodeId) -> bool,
    is_leaf: &dyn Fn(NodeId) -> bool,
) -> Gradient {
    let mut leaves = Gradient::new();
    let mut pending = Gradient::new();
    let one = graph.constant(1.0);
    pending.insert(root, one);
    // Operands have smaller ids than results, so the largest pending node has received all its contributions.
    while let Some((node, adjoint)) = pending.pop_last() {
        if node != root && is_leaf(node) {
            leaves.insert(node, adjoint);
            continue;
        }
        for (operand, contribution) in contributions(graph, node, adjoint, varies).into_iter().flatten() {
            let sum = match pending.get(&operand) {
                Some(&already) => graph.add(already, contribution),
                None => contribution,
            };
            pending.insert(operand, sum);
        }
    }
    leaves
}

/// What `node` passes on to its operands, given the derivative of the root with respect to `node`.
fn contributions(
    graph: &mut Graph,
    node: NodeId,
    adjoint: NodeId,
    varies: &dyn Fn(NodeId) -> bool,
) -> [Option<(NodeId, NodeId)>; 2] {
    let mut given = [None, None];
    let mut give = |place: usize, operand: NodeId, value: NodeId| given[place] = Some((operand, value));
    match graph.node(node) {
        Node::Constant(_) | Node::Input(_) | Node::AtMost(..) => {}
        Node::Add(a, b) => {
            if varies(a) {
                give(0, a, adjoint);
            }
            if varies(b) {
                give(1, b, adjoint);
            }
        }
        Node::Subtract(a, b) => {
            if varies(a) {
                give(0, a, adjoint);
            }
            if varies(b) {
                give(1, b, graph.scale(-1.0, adjoint));
            }
        }
        Node::Multiply(a, b) if a == b => {
            let double = graph.scale(2.0, a);
            give(0, a, graph.multiply(adjoint, double));
        }
        Node::Multiply(a, b) => {
            if varies(a) {
                give(0, a, graph.multiply(adjoint, b));
            }
            if varies(b) {
                give(1, b, graph.multiply(adjoint, a));
            }
        }
        Node::Reciprocal(a) => {
            let square = graph.multiply(node, node);
            let slope = graph.scale(-1.0, square);
            give(0, a, graph.multiply(adjoint, slope));
        }
        Node::Sqrt(a) => {
            let inverse = graph.reciprocal(node);
            let slope = graph.scale(0.5, inverse);
            give(0, a, graph.multiply(adjoint, slope));
        }
        Node::Exp(a) => give(0, a, graph.multiply(adjoint, node)),
        Node::Ln(a) => {
            let slope = graph.reciprocal(a);
            give(0, a, graph.multiply(adjoint, slope));
        }
        Node::Power(a, b) => {
            if varies(a) {
                let minus_one = graph.constant(-1.0);
                let less = graph.add(b, minus_one);
                let power = graph.power(a, less);
                let slope = graph.multiply(b, power);
                give(0, a, graph.multiply(adjoint, slope));
            }
            if varies(b) {
                let logarithm = graph.ln(a);
                let slope = graph.multiply(node, logarithm);
                give(1, b, graph.multiply(adjoint, slope));
            }
        }
        Node::Min(a, b) | Node::Max(a, b) => {
            let is_min = matches!(graph.node(node), Node::Min(..));
            let first = if is_min { graph.at_most(a, b) } else { graph.at_most(b, a) };
            let one = graph.constant(1.0);
            let second = graph.subtract(one, first);
            if varies(a) {
                give(0, a, graph.multiply(adjoint, first));
            }
            if varies(b) {
                give(1, b, graph.multiply(adjoint, second));
            }
        }
    }
    given
}
