//! States of mechanisms that diffuse along the cable (LONGITUDINAL_DIFFUSION): in every step by implicit Euler, between the
//! middles of neighbouring segments that carry the mechanism, with the mean of their coefficients, as in NEURON.

use super::{Cell, CellState};
use crate::mechanisms::{Columns, Per};
use crate::nmodl::Stop;

/// One state of a mechanism.
#[derive(Debug, Clone)]
pub(super) struct Along {
    mechanism: usize,
    state: usize,
    /// All instances with their neighbours towards the root (themselves where there is none), children before parents.
    order: Vec<[u32; 2]>,
    /// Exchange with that neighbour, in um3/ms.
    conductance: Vec<f64>,
    /// `conductance / pivot` of the eliminated matrix, and `1 / pivot`.
    factor: Vec<f64>,
    per_pivot: Vec<f64>,
    values: Vec<f64>,
    change: Vec<f64>,
}

/// Neighbours of the instances of a mechanism.
struct Neighbours {
    order: Vec<[u32; 2]>,
    /// Lengths of their segments.
    lengths_um: Vec<f64>,
}

impl Along {
    /// From the sizes (um2) and coefficients (um4/ms) of all instances.
    fn new(
        [mechanism, state]: [usize; 2],
        Neighbours { order, lengths_um }: &Neighbours,
        [sizes, coefficients]: [&[f64]; 2],
        dt_ms: f64,
    ) -> Self {
        let count = order.len();
        let mut conductance = vec![0.0; count];
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
        Self {
            mechanism,
            state,
            order: order.clone(),
            factor: conductance.iter().zip(&pivot).map(|(conductance, pivot)| conductance / pivot).collect(),
            per_pivot: pivot.iter().map(|pivot| 1.0 / pivot).collect(),
            conductance,
            values: vec![0.0; count],
            change: vec![0.0; count],
        }
    }

    /// One step, for the values of `nodes` in a field of the membrane, or those of all instances.
    fn spread(&mut self, nodes: &[u32], values: &mut [f64], per: Per) {
        match per {
            Per::Instance => self.values.copy_from_slice(values),
            Per::Node => {
                for (value, &node) in self.values.iter_mut().zip(nodes) {
                    *value = values[node as usize];
                }
            }
        }
        self.solve();
        match per {
            Per::Instance => values.copy_from_slice(&self.values),
            Per::Node => {
                for (value, &node) in self.values.iter().zip(nodes) {
                    values[node as usize] = *value;
                }
            }
        }
    }

    /// Solved for the change: what is even stays even to the last bit.
    fn solve(&mut self) {
        let Self { order, conductance, factor, per_pivot, values, change, .. } = self;
        change.fill(0.0);
        for &[at, above] in order.iter() {
            let (at, above) = (at as usize, above as usize);
            let inflow = conductance[at] * (values[above] - values[at]);
            change[at] += inflow;
            change[above] += factor[at] * change[at] - inflow;
        }
        for &[at, above] in order.iter().rev() {
            let (at, above) = (at as usize, above as usize);
            change[at] = per_pivot[at] * change[at] + factor[at] * change[above];
            values[at] += change[at];
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
                self.along.push(Along::new([index, state], &neighbours, [&sizes, &coefficients], self.dt_ms));
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
            mechanism.with_diffusing(along.state, &mut block, membrane, &mut |values, per| {
                along.spread(nodes, values, per);
            });
        }
    }
}
