//! States of mechanisms that diffuse along the cable (LONGITUDINAL_DIFFUSION): in every step by implicit Euler, between the
//! middles of neighbouring segments that carry the mechanism, with the mean of their coefficients, as in NEURON.

use pulp::{Arch, Simd, WithSimd};

use super::{Cell, CellState};
use crate::mechanisms::{Columns, Per};
use crate::nmodl::Stop;

/// States of one mechanism that are solved together, side by side in vectors.
const TOGETHER: usize = 4;

/// A value of each of some states; what is more than there are states stays 0.
type Each = [f64; TOGETHER];

/// Up to four states of one mechanism.
#[derive(Debug, Clone)]
pub(super) struct Along {
    mechanism: usize,
    states: Vec<usize>,
    /// All instances with their neighbours towards the root (themselves where there is none), children before parents.
    order: Vec<[u32; 2]>,
    /// Of each instance.
    links: Vec<Exchange>,
    values: Vec<Each>,
    change: Vec<Each>,
}

/// What an instance has to do with its neighbour towards the root.
#[derive(Debug, Clone, Copy, Default)]
struct Exchange {
    /// In um3/ms.
    conductance: Each,
    /// `conductance / pivot` of the eliminated matrix, and `1 / pivot`.
    factor: Each,
    per_pivot: Each,
}

/// Neighbours of the instances of a mechanism.
struct Neighbours {
    order: Vec<[u32; 2]>,
    /// Lengths of their segments.
    lengths_um: Vec<f64>,
}

impl Along {
    /// Without states.
    fn new(mechanism: usize, Neighbours { order, .. }: &Neighbours) -> Self {
        Self {
            mechanism,
            states: Vec::with_capacity(TOGETHER),
            order: order.clone(),
            links: vec![Exchange::default(); order.len()],
            values: vec![[0.0; TOGETHER]; order.len()],
            change: vec![[0.0; TOGETHER]; order.len()],
        }
    }

    /// Adds a state, from its sizes (um2) and coefficients (um4/ms) in all instances.
    fn push(
        &mut self,
        state: usize,
        Neighbours { order, lengths_um }: &Neighbours,
        [sizes, coefficients]: [&[f64]; 2],
        dt_ms: f64,
    ) {
        let lane = self.states.len();
        self.states.push(state);
        let mut conductance = vec![0.0; order.len()];
        let mut pivot: Vec<f64> = sizes.iter().zip(lengths_um).map(|(size, length)| size * length / dt_ms).collect();
        let pairs = || order.iter().map(|pair| pair.map(|at| at as usize)).filter(|[at, above]| at != above);
        for [at, above] in pairs() {
            conductance[at] = (coefficients[at] + coefficients[above]) / (lengths_um[at] + lengths_um[above]);
            pivot[at] += conductance[at];
            pivot[above] += conductance[at];
        }
        for [at, above] in pairs() {
            pivot[above] -= conductance[at] * conductance[at] / pivot[at];
        }
        for ((link, conductance), pivot) in self.links.iter_mut().zip(conductance).zip(pivot) {
            link.conductance[lane] = conductance;
            link.factor[lane] = conductance / pivot;
            link.per_pivot[lane] = 1.0 / pivot;
        }
    }

    /// Takes the values of one of the states, those of `nodes` in a field of the membrane or those of all instances.
    fn take(&mut self, lane: usize, nodes: &[u32], values: &[f64], per: Per) {
        for (index, (own, &node)) in self.values.iter_mut().zip(nodes).enumerate() {
            own[lane] = values[if per == Per::Node { node as usize } else { index }];
        }
    }

    /// Gives them back.
    fn give(&self, lane: usize, nodes: &[u32], values: &mut [f64], per: Per) {
        for (index, (own, &node)) in self.values.iter().zip(nodes).enumerate() {
            values[if per == Per::Node { node as usize } else { index }] = own[lane];
        }
    }
}

/// One step, to be compiled for the vector instructions of the machine.
struct Step<'a>(&'a mut Along);

impl WithSimd for Step<'_> {
    type Output = ();

    /// Solved for the change: what is even stays even to the last bit.
    #[inline(always)]
    fn with_simd<V: Simd>(self, _simd: V) {
        let Along { order, links, values, change, .. } = self.0;
        change.fill([0.0; TOGETHER]);
        for &[at, above] in order.iter() {
            let (at, above) = (at as usize, above as usize);
            let Exchange { conductance, factor, .. } = &links[at];
            for lane in 0..TOGETHER {
                let inflow = conductance[lane] * (values[above][lane] - values[at][lane]);
                change[at][lane] += inflow;
                change[above][lane] += factor[lane] * change[at][lane] - inflow;
            }
        }
        for &[at, above] in order.iter().rev() {
            let (at, above) = (at as usize, above as usize);
            let Exchange { factor, per_pivot, .. } = &links[at];
            for lane in 0..TOGETHER {
                change[at][lane] = per_pivot[lane] * change[at][lane] + factor[lane] * change[above][lane];
                values[at][lane] += change[at][lane];
            }
        }
    }
}

impl Cell {
    /// How states of mechanisms diffuse along the cable, from the sizes that they have now.
    pub(super) fn measure_along(&mut self) {
        self.along.clear();
        for (index, (mechanism, nodes)) in self.mechanisms.iter().zip(&self.nodes).enumerate() {
            if mechanism.diffusing() == 0 || nodes.is_empty() {
                continue;
            }
            let neighbours = self.neighbours(nodes);
            for state in 0..mechanism.diffusing() {
                let (mut sizes, mut coefficients) = (vec![0.0; nodes.len()], vec![0.0; nodes.len()]);
                let values = &mut self.state.blocks[index];
                let mut block = Columns { nodes, values };
                mechanism.diffusion(state, &mut block, &mut self.state.membrane, [&mut sizes, &mut coefficients]);
                let is_bad = |at: &usize| {
                    let (size, coefficient) = (sizes[*at], coefficients[*at]);
                    !(size > 0.0 && size.is_finite() && coefficient >= 0.0 && coefficient.is_finite())
                };
                if let Some(at) = (0..nodes.len()).find(is_bad) {
                    self.state.membrane.fail(mechanism.name(), nodes[at], Stop::Diffusion);
                    continue;
                }
                let has_place = |along: &Along| along.mechanism == index && along.states.len() < TOGETHER;
                if !self.along.last().is_some_and(has_place) {
                    self.along.push(Along::new(index, &neighbours));
                }
                if let Some(along) = self.along.last_mut() {
                    along.push(state, &neighbours, [&sizes, &coefficients], self.dt_ms);
                }
            }
        }
    }

    /// The neighbours of nodes that carry a mechanism.
    fn neighbours(&self, nodes: &[u32]) -> Neighbours {
        let mut parents = vec![0; self.cable.len()];
        self.cable.links().iter().for_each(|link| parents[link.node as usize] = link.parent);
        let mut lengths_um = vec![0.0; self.cable.len()];
        for (segment, &node) in self.discretisation.segments.iter().zip(self.cable.segment_nodes()) {
            let section = &self.discretisation.sections[segment.section];
            lengths_um[node as usize] = section.length_um / section.segments.len() as f64;
        }
        let before = |node: u32| {
            let mut above = parents[node as usize];
            // Ends of sections are nodes without length.
            while lengths_um[above as usize] == 0.0 && above != 0 {
                above = parents[above as usize];
            }
            nodes.binary_search(&above).ok().filter(|_| node != 0).map(|position| position as u32)
        };
        let above: Vec<u32> = (0..).zip(nodes).map(|(at, &node)| before(node).unwrap_or(at)).collect();
        let depth = |mut at: u32| {
            let mut depth = 0;
            while above[at as usize] != at {
                (at, depth) = (above[at as usize], depth + 1);
            }
            depth
        };
        let mut order: Vec<[u32; 2]> = (0..).zip(&above).map(|(at, &above)| [at, above]).collect();
        order.sort_by_cached_key(|&[at, _]| std::cmp::Reverse(depth(at)));
        Neighbours { order, lengths_um: nodes.iter().map(|&node| lengths_um[node as usize]).collect() }
    }

    /// Lets states of mechanisms diffuse for one step.
    pub(super) fn diffuse_along(&mut self) {
        let CellState { membrane, blocks, .. } = &mut self.state;
        for along in &mut self.along {
            let nodes = &self.nodes[along.mechanism];
            let mut block = Columns { nodes, values: &mut blocks[along.mechanism] };
            let mechanism = &self.mechanisms[along.mechanism];
            for lane in 0..along.states.len() {
                mechanism.with_diffusing(along.states[lane], &mut block, membrane, &mut |values, per| {
                    along.take(lane, nodes, values, per);
                });
            }
            Arch::new().dispatch(Step(along));
            for lane in 0..along.states.len() {
                mechanism.with_diffusing(along.states[lane], &mut block, membrane, &mut |values, per| {
                    along.give(lane, nodes, values, per);
                });
            }
        }
    }
}
