//! Exact removal of nodes with up to three neighbours. Most nodes of a vasculature lie inside an unbranched vessel: two
//! tubes in series become one, parallel tubes become one, a dead end passes on what enters it. Then stars of three tubes
//! become triangles. What is left, the core, has a few nodes of at least four neighbours and is all that must be factorised.
//!
//! This is Gaussian elimination of those nodes, done on conductances in place of matrix entries: no difference of nearly
//! equal numbers is formed, so that nothing is lost between a wide and a thin tube.

mod star;
mod tube_graph;

use self::star::{Star, StarShares};
use self::tube_graph::TubeGraph;
use crate::vasculature::Vasculature;

/// Number in place of an unknown at a node that is held at 0.
pub(super) const GROUND: u32 = u32::MAX;
/// In place of a tube where there is none.
const NONE: u32 = u32::MAX;

/// Removal of one node with one or two tubes.
#[derive(Debug, Clone, Copy)]
struct Step {
    node: u32,
    /// Its neighbours; the same twice at a dead end.
    neighbours: [u32; 2],
    /// The tubes to them; at a dead end the second is `NONE`.
    tubes: [u32; 2],
    /// The tube that takes the place of both: the first one itself, or one parallel to it.
    into: u32,
}

/// Share of a removed node's inflow that goes to each neighbour, and the pressure that its own inflow causes per flow.
#[derive(Debug, Default, Clone, Copy)]
struct Shares {
    neighbours: [f64; 2],
    resistance: f64,
}

/// The graph that remains.
#[derive(Debug, Clone)]
pub(super) struct Core {
    /// Node of each unknown.
    pub nodes: Vec<u32>,
    /// Unknowns at both ends of each tube, `GROUND` where the node is held.
    pub ends: Vec<[u32; 2]>,
}

/// Order of removal, found once for a graph, and its numbers for the present conductances.
#[derive(Debug)]
pub(super) struct Reduction {
    /// Parallel tubes of the graph itself: (kept, joined to it).
    parallel: Vec<[u32; 2]>,
    steps: Vec<Step>,
    shares: Vec<Shares>,
    stars: Vec<Star>,
    star_shares: Vec<StarShares>,
    held: Vec<u32>,
    tubes: Vec<f64>,
    core_tubes: Vec<u32>,
}

impl Reduction {
    /// Finds the order of removal. `held` says of each node whether its pressure is 0; every component must have one.
    pub(super) fn new(vasculature: &Vasculature, held: &[bool]) -> (Self, Core) {
        let mut graph = TubeGraph::new(vasculature);
        let parallel = graph.join_parallel();
        let steps = graph.remove_nodes(held);
        let stars = graph.remove_stars(held);
        let mut unknown_of = vec![GROUND; held.len()];
        let mut core = Core { nodes: Vec::new(), ends: Vec::new() };
        for node in (0..held.len()).filter(|&node| !held[node] && graph.counts[node] > 0) {
            unknown_of[node] = core.nodes.len() as u32;
            core.nodes.push(node as u32);
        }
        let mut core_tubes = Vec::new();
        for tube in (0..graph.ends.len()).filter(|&tube| graph.is_present[tube]) {
            let ends = graph.ends[tube].map(|node| unknown_of[node as usize]);
            if ends != [GROUND; 2] {
                core.ends.push(ends);
                core_tubes.push(tube as u32);
            }
        }
        let reduction = Self {
            parallel,
            shares: Vec::with_capacity(steps.len()),
            steps,
            star_shares: Vec::with_capacity(stars.len()),
            stars,
            held: (0..held.len() as u32).filter(|&node| held[node as usize]).collect(),
            tubes: Vec::with_capacity(graph.ends.len()),
            core_tubes,
        };
        (reduction, core)
    }

    /// Takes new conductances, one a segment, and writes those of the core's tubes.
    pub(super) fn reduce(&mut self, conductances: &[f64], core: &mut Vec<f64>) {
        self.tubes.clear();
        self.tubes.extend_from_slice(conductances);
        let tubes = &mut self.tubes;
        for &[kept, joined] in &self.parallel {
            tubes[kept as usize] += tubes[joined as usize];
        }
        self.shares.clear();
        self.shares.extend(self.steps.iter().map(|step| {
            let first = tubes[step.tubes[0] as usize];
            if step.tubes[1] == NONE {
                return Shares { neighbours: [1.0, 0.0], resistance: 1.0 / first };
            }
            let second = tubes[step.tubes[1] as usize];
            let resistance = 1.0 / (first + second);
            let neighbours = [first * resistance, second * resistance];
            // Conductance in series: first * second / (first + second).
            let series = first * neighbours[1];
            if step.into == step.tubes[0] {
                tubes[step.into as usize] = series;
            } else {
                tubes[step.into as usize] += series;
            }
            Shares { neighbours, resistance }
        }));
        self.star_shares.clear();
        self.star_shares.extend(self.stars.iter().map(|star| star.join(tubes)));
        core.clear();
        core.extend(self.core_tubes.iter().map(|&tube| tubes[tube as usize]));
    }

    /// Moves the inflows (one a node) of removed nodes to those that are left.
    pub(super) fn gather(&self, inflows: &mut [f64]) {
        for (step, shares) in self.steps.iter().zip(&self.shares) {
            let inflow = inflows[step.node as usize];
            for (&neighbour, share) in step.neighbours.iter().zip(shares.neighbours) {
                inflows[neighbour as usize] += share * inflow;
            }
        }
        for (star, shares) in self.stars.iter().zip(&self.star_shares) {
            star.gather(shares, inflows);
        }
    }

    /// The reverse: takes pressures at the core's nodes, gathered inflows elsewhere, and makes them pressures everywhere.
    pub(super) fn spread(&self, values: &mut [f64]) {
        for &node in &self.held {
            values[node as usize] = 0.0;
        }
        for (star, shares) in self.stars.iter().zip(&self.star_shares).rev() {
            star.spread(shares, values);
        }
        for (step, shares) in self.steps.iter().zip(&self.shares).rev() {
            let [a, b] = step.neighbours.map(|neighbour| values[neighbour as usize]);
            let value = &mut values[step.node as usize];
            *value = shares.neighbours[0] * a + shares.neighbours[1] * b + shares.resistance * *value;
        }
    }

    /// Memory that it holds, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.steps.capacity() * (size_of::<Step>() + size_of::<Shares>())
            + self.stars.capacity() * (size_of::<Star>() + size_of::<StarShares>())
            + self.tubes.capacity() * size_of::<f64>()
    }
}
