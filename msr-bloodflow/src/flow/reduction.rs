//! Exact removal of nodes with one or two neighbours. Most nodes of a vasculature lie inside an unbranched vessel: two
//! tubes in series become one, parallel tubes become one, a dead end passes on what enters it. What is left, the core, has
//! a few nodes of at least three neighbours and is all that must be factorised.
//!
//! This is Gaussian elimination of those nodes, done on conductances in place of matrix entries: no difference of nearly
//! equal numbers is formed, so that nothing is lost between a wide and a thin tube.

use std::collections::VecDeque;

use crate::vasculature::Vasculature;

/// Number in place of an unknown at a node that is held at 0.
pub(super) const GROUND: u32 = u32::MAX;
/// In place of a tube where there is none.
const NONE: u32 = u32::MAX;
/// A node is kept where both its neighbours have more tubes than this: looking for a parallel one would take long.
const MOST_SEARCHED: u32 = 32;

/// Removal of one node.
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
#[derive(Debug, Clone, Copy)]
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
    }

    /// The reverse: takes pressures at the core's nodes, gathered inflows elsewhere, and makes them pressures everywhere.
    pub(super) fn spread(&self, values: &mut [f64]) {
        for &node in &self.held {
            values[node as usize] = 0.0;
        }
        for (step, shares) in self.steps.iter().zip(&self.shares).rev() {
            let [a, b] = step.neighbours.map(|neighbour| values[neighbour as usize]);
            let value = &mut values[step.node as usize];
            *value = shares.neighbours[0] * a + shares.neighbours[1] * b + shares.resistance * *value;
        }
    }

    /// Memory that it holds, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.steps.capacity() * (size_of::<Step>() + size_of::<Shares>()) + self.tubes.capacity() * size_of::<f64>()
    }
}

/// A graph from which tubes can be taken. A node's tubes are the first `counts[node]` of its part of `lists`.
struct TubeGraph {
    offsets: Vec<u32>,
    counts: Vec<u32>,
    lists: Vec<u32>,
    ends: Vec<[u32; 2]>,
    /// Where each tube stands in the lists of its ends.
    places: Vec<[u32; 2]>,
    is_present: Vec<bool>,
}

impl TubeGraph {
    fn new(vasculature: &Vasculature) -> Self {
        let nodes = vasculature.node_count();
        let ends: Vec<[u32; 2]> =
            (0..vasculature.segment_count()).map(|segment| vasculature.ends(segment).map(|node| node as u32)).collect();
        let mut offsets = vec![0; nodes + 1];
        for &node in ends.iter().flatten() {
            offsets[node as usize + 1] += 1;
        }
        for node in 0..nodes {
            offsets[node + 1] += offsets[node];
        }
        let mut counts = vec![0; nodes];
        let mut lists = vec![0; 2 * ends.len()];
        let places = ends
            .iter()
            .zip(0..)
            .map(|(&ends, tube)| {
                ends.map(|node| {
                    let place = offsets[node as usize] + counts[node as usize];
                    lists[place as usize] = tube;
                    counts[node as usize] += 1;
                    place
                })
            })
            .collect();
        Self { offsets, counts, lists, is_present: vec![true; ends.len()], ends, places }
    }

    fn tubes(&self, node: u32) -> &[u32] {
        let first = self.offsets[node as usize] as usize;
        &self.lists[first..first + self.counts[node as usize] as usize]
    }

    fn side(&self, tube: u32, node: u32) -> usize {
        usize::from(self.ends[tube as usize][0] != node)
    }

    fn other_end(&self, tube: u32, node: u32) -> u32 {
        self.ends[tube as usize][1 - self.side(tube, node)]
    }

    /// Takes a tube out of the list of one of its ends.
    fn unlink(&mut self, tube: u32, node: u32) {
        let place = self.places[tube as usize][self.side(tube, node)];
        self.counts[node as usize] -= 1;
        let last = self.lists[(self.offsets[node as usize] + self.counts[node as usize]) as usize];
        self.lists[place as usize] = last;
        let side = self.side(last, node);
        self.places[last as usize][side] = place;
    }

    fn remove(&mut self, tube: u32) {
        for node in self.ends[tube as usize] {
            self.unlink(tube, node);
        }
        self.is_present[tube as usize] = false;
    }

    /// Leaves one tube between any two nodes.
    fn join_parallel(&mut self) -> Vec<[u32; 2]> {
        let mut joined = Vec::new();
        // The tube of the node at hand that leads to each node, with the node at hand.
        let mut leads = vec![(NONE, NONE); self.counts.len()];
        for node in 0..self.counts.len() as u32 {
            let mut place = 0;
            while let Some(&tube) = self.tubes(node).get(place) {
                let lead = &mut leads[self.other_end(tube, node) as usize];
                if lead.0 == node {
                    joined.push([lead.1, tube]);
                    self.remove(tube);
                } else {
                    *lead = (node, tube);
                    place += 1;
                }
            }
        }
        joined
    }

    fn between(&self, a: u32, b: u32) -> Option<u32> {
        let (few, many) = if self.counts[a as usize] <= self.counts[b as usize] { (a, b) } else { (b, a) };
        self.tubes(few).iter().copied().find(|&tube| self.other_end(tube, few) == many)
    }

    fn remove_nodes(&mut self, held: &[bool]) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut waiting: VecDeque<u32> = (0..held.len() as u32).collect();
        while let Some(node) = waiting.pop_front() {
            if held[node as usize] {
                continue;
            }
            match *self.tubes(node) {
                [tube] => {
                    let neighbour = self.other_end(tube, node);
                    self.remove(tube);
                    waiting.push_back(neighbour);
                    steps.push(Step { node, neighbours: [neighbour; 2], tubes: [tube, NONE], into: NONE });
                }
                [first, second] => {
                    let neighbours = [first, second].map(|tube| self.other_end(tube, node));
                    if neighbours.iter().all(|&neighbour| self.counts[neighbour as usize] > MOST_SEARCHED) {
                        continue;
                    }
                    let into = self.join_series(node, [first, second], neighbours);
                    if into != first {
                        waiting.extend(neighbours);
                    }
                    steps.push(Step { node, neighbours, tubes: [first, second], into });
                }
                _ => {}
            }
        }
        steps
    }

    /// Takes a node with two tubes out; returns the tube that now joins its neighbours.
    fn join_series(&mut self, node: u32, [first, second]: [u32; 2], neighbours: [u32; 2]) -> u32 {
        let parallel = self.between(neighbours[0], neighbours[1]);
        if let Some(parallel) = parallel {
            self.remove(first);
            self.remove(second);
            return parallel;
        }
        // The first tube is led on to the far neighbour, where it takes the second's place.
        let place = self.places[second as usize][self.side(second, neighbours[1])];
        let side = self.side(first, node);
        self.ends[first as usize][side] = neighbours[1];
        self.places[first as usize][side] = place;
        self.lists[place as usize] = first;
        self.is_present[second as usize] = false;
        self.counts[node as usize] = 0;
        first
    }
}
