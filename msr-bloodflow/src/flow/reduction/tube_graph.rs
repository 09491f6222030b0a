//! The graph while nodes are taken out of it.

use std::collections::VecDeque;

use super::star::{PAIRS, Star};
use super::{NONE, Step};
use crate::vasculature::Vasculature;

/// A node is kept where both its neighbours have more tubes than this: looking for a parallel one would take long.
const MOST_SEARCHED: u32 = 32;
/// Tubes of a node that are compared with each other to find parallel ones.
const FEW_TUBES: u32 = 8;

/// A graph from which tubes can be taken. A node's tubes are the first `counts[node]` of its part of `lists`, which has
/// room for `rooms[node]`.
pub(super) struct TubeGraph {
    offsets: Vec<u32>,
    pub counts: Vec<u32>,
    rooms: Vec<u32>,
    lists: Vec<u32>,
    pub ends: Vec<[u32; 2]>,
    /// Where each tube stands in the lists of its ends.
    places: Vec<[u32; 2]>,
    pub is_present: Vec<bool>,
}

impl TubeGraph {
    pub(super) fn new(vasculature: &Vasculature) -> Self {
        let nodes = vasculature.node_count();
        let ends: Vec<[u32; 2]> =
            (0..vasculature.segment_count()).map(|segment| vasculature.ends(segment).map(|node| node as u32)).collect();
        let (mut offsets, mut counts) = (Vec::with_capacity(nodes), Vec::with_capacity(nodes));
        // Lists that grow move to the end.
        let (mut lists, mut places) = (Vec::with_capacity(4 * ends.len()), vec![[0; 2]; ends.len()]);
        for node in 0..nodes {
            let tubes = vasculature.adjacency().of(node);
            offsets.push(lists.len() as u32);
            counts.push(tubes.len() as u32);
            for &tube in tubes {
                places[tube][usize::from(ends[tube][0] != node as u32)] = lists.len() as u32;
                lists.push(tube as u32);
            }
        }
        Self { offsets, rooms: counts.clone(), counts, lists, is_present: vec![true; ends.len()], ends, places }
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

    /// Leads a tube from `from` on to `node`; the list of `from` is left as it is. Where the list of `node` is full, it moves
    /// to the end of all lists, with twice the room.
    fn lead_on(&mut self, tube: u32, from: u32, node: u32) {
        let (count, room) = (self.counts[node as usize], self.rooms[node as usize]);
        if count == room {
            let (old, new) = (self.offsets[node as usize] as usize, self.lists.len() as u32);
            for place in 0..count {
                let moved = self.lists[old + place as usize];
                let side = self.side(moved, node);
                self.places[moved as usize][side] = new + place;
                self.lists.push(moved);
            }
            self.lists.resize((new + 2 * room) as usize, NONE);
            self.offsets[node as usize] = new;
            self.rooms[node as usize] = 2 * room;
        }
        let place = self.offsets[node as usize] + count;
        let side = self.side(tube, from);
        self.ends[tube as usize][side] = node;
        self.places[tube as usize][side] = place;
        self.lists[place as usize] = tube;
        self.counts[node as usize] += 1;
    }

    /// Leaves one tube between any two nodes.
    pub(super) fn join_parallel(&mut self) -> Vec<[u32; 2]> {
        let mut joined = Vec::new();
        // The tube of the node at hand that leads to each node, with the node at hand; made for a node of many tubes.
        let mut leads = Vec::new();
        for node in 0..self.counts.len() as u32 {
            let mut place = 0;
            while let Some(&tube) = self.tubes(node).get(place) {
                let neighbour = self.other_end(tube, node);
                let known = if self.counts[node as usize] <= FEW_TUBES {
                    self.tubes(node)[..place].iter().copied().find(|&known| self.other_end(known, node) == neighbour)
                } else {
                    leads.resize(self.counts.len(), (NONE, NONE));
                    let lead: &mut (u32, u32) = &mut leads[neighbour as usize];
                    let known = (lead.0 == node).then_some(lead.1);
                    *lead = (node, known.unwrap_or(tube));
                    known
                };
                match known {
                    Some(known) => {
                        joined.push([known, tube]);
                        self.remove(tube);
                    }
                    None => place += 1,
                }
            }
        }
        joined
    }

    fn between(&self, a: u32, b: u32) -> Option<u32> {
        let (few, many) = if self.counts[a as usize] <= self.counts[b as usize] { (a, b) } else { (b, a) };
        self.tubes(few).iter().copied().find(|&tube| self.other_end(tube, few) == many)
    }

    /// Takes out nodes with one or two tubes until none is left but held ones; gives the steps in their order.
    pub(super) fn remove_nodes(&mut self, held: &[bool]) -> Vec<Step> {
        let mut steps = Vec::with_capacity(held.len());
        let mut all = 0..held.len() as u32;
        // Those that have lost a tube come again behind all others.
        let mut waiting = VecDeque::new();
        while let Some(node) = all.next().or_else(|| waiting.pop_front()) {
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
                    let (node, second) = self.follow([first, second], node, held, &mut steps);
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

    /// Takes a node with two tubes out and those that follow on the second one, but for the last: `first` is led on to it.
    /// Gives the last node and its other tube.
    fn follow(
        &mut self,
        [first, mut second]: [u32; 2],
        mut node: u32,
        held: &[bool],
        steps: &mut Vec<Step>,
    ) -> (u32, u32) {
        let side = self.side(first, node);
        let behind = self.ends[first as usize][1 - side];
        let mut came_by = NONE;
        loop {
            let next = self.other_end(second, node);
            let onward = match *self.tubes(next) {
                [one, other] if !held[next as usize] => {
                    if one == second {
                        other
                    } else {
                        one
                    }
                }
                _ => break,
            };
            // A loop that comes back is left to the search for parallel tubes.
            if next == behind || self.other_end(onward, next) == behind {
                break;
            }
            steps.push(Step { node, neighbours: [behind, next], tubes: [first, second], into: first });
            self.counts[node as usize] = 0;
            self.is_present[second as usize] = false;
            (came_by, second, node) = (second, onward, next);
        }
        if came_by != NONE {
            let place = self.places[came_by as usize][self.side(came_by, node)];
            self.lists[place as usize] = first;
            self.ends[first as usize][side] = node;
            self.places[first as usize][side] = place;
        }
        (node, second)
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

    /// Takes out nodes with three tubes or fewer until none is left but held ones; gives the stars in their order.
    pub(super) fn remove_stars(&mut self, held: &[bool]) -> Vec<Star> {
        let mut stars = Vec::new();
        let is_small = |graph: &Self, node: u32| (1..=3).contains(&graph.counts[node as usize]) && !held[node as usize];
        let mut waiting: VecDeque<u32> = (0..held.len() as u32).filter(|&node| is_small(self, node)).collect();
        while let Some(node) = waiting.pop_front() {
            if !is_small(self, node) {
                continue;
            }
            let (mut tubes, mut neighbours) = ([NONE; 3], [node; 3]);
            for (place, &tube) in self.tubes(node).iter().enumerate() {
                (tubes[place], neighbours[place]) = (tube, self.other_end(tube, node));
            }
            let is_crowded = |&&neighbour: &&u32| self.counts[neighbour as usize] > MOST_SEARCHED;
            if neighbours.iter().filter(is_crowded).count() > 1 {
                continue;
            }
            let into = self.join_star(node, tubes, neighbours);
            stars.push(Star { node, neighbours, tubes, into });
            waiting.extend(neighbours.into_iter().filter(|&neighbour| is_small(self, neighbour)));
        }
        stars
    }

    /// Takes a node with up to three tubes out; returns the tube that now joins each pair of its neighbours.
    fn join_star(&mut self, node: u32, tubes: [u32; 3], neighbours: [u32; 3]) -> [u32; 3] {
        let into = PAIRS.map(|[first, second]| match [tubes[first], tubes[second]] {
            [NONE, _] | [_, NONE] => NONE,
            [tube, _] => self.between(neighbours[first], neighbours[second]).unwrap_or(tube),
        });
        for ([first, second], into) in PAIRS.into_iter().zip(into) {
            let tube = tubes[first];
            if tube == NONE {
                continue;
            }
            if into == tube {
                self.lead_on(tube, node, neighbours[second]);
            } else {
                self.unlink(tube, neighbours[first]);
                self.is_present[tube as usize] = false;
            }
        }
        self.counts[node as usize] = 0;
        into
    }
}
