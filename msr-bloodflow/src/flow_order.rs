//! The order in which blood passes the nodes: what comes from upstream is known before it is needed.

use crate::vasculature::Vasculature;

/// Segments that carry less than this part of the largest flow carry nothing: their direction is rounding.
const STAGNANT: f64 = 1e-13;

/// Blood would flow in a circle, which no pressures can make it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the flow through node {node} comes back to it: these are no flows that pressures drive")]
pub struct CirculatingFlow {
    /// A node that it passes.
    pub node: usize,
}

/// Nodes from upstream to downstream, and which segments lead on from each.
#[derive(Debug, Clone, Default)]
pub struct FlowOrder {
    nodes: Vec<u32>,
    stagnant_below: f64,
}

impl FlowOrder {
    /// Orders the nodes for these flows, one a segment (Kahn 1962).
    ///
    /// # Errors
    /// [`CirculatingFlow`].
    pub fn new(vasculature: &Vasculature, flows_um3_per_s: &[f64]) -> Result<Self, CirculatingFlow> {
        let largest = flows_um3_per_s.iter().fold(0.0, |largest, flow| f64::max(largest, flow.abs()));
        let mut order =
            Self { nodes: Vec::with_capacity(vasculature.node_count()), stagnant_below: STAGNANT * largest };
        let mut awaited = vec![0u32; vasculature.node_count()];
        for (segment, &flow) in flows_um3_per_s.iter().enumerate() {
            if let Some([_, to]) = order.direction(vasculature, segment, flow) {
                awaited[to] += 1;
            }
        }
        order.nodes.extend((0..awaited.len() as u32).filter(|&node| awaited[node as usize] == 0));
        let mut done = 0;
        while let Some(&node) = order.nodes.get(done) {
            done += 1;
            for &segment in vasculature.adjacency().of(node as usize) {
                match order.direction(vasculature, segment, flows_um3_per_s[segment]) {
                    Some([from, to]) if from == node as usize => {
                        awaited[to] -= 1;
                        if awaited[to] == 0 {
                            order.nodes.push(to as u32);
                        }
                    }
                    _ => {}
                }
            }
        }
        match awaited.iter().position(|&awaited| awaited > 0) {
            Some(node) => Err(CirculatingFlow { node }),
            None => Ok(order),
        }
    }

    /// All nodes, upstream ones first.
    pub fn nodes(&self) -> impl Iterator<Item = usize> + '_ {
        self.nodes.iter().map(|&node| node as usize)
    }

    /// Node where the blood of a segment comes from and node that it goes to; `None` where it stands still.
    pub fn direction(&self, vasculature: &Vasculature, segment: usize, flow_um3_per_s: f64) -> Option<[usize; 2]> {
        let [start, end] = vasculature.ends(segment);
        if flow_um3_per_s.abs() <= self.stagnant_below {
            None
        } else if flow_um3_per_s > 0.0 {
            Some([start, end])
        } else {
            Some([end, start])
        }
    }
}
