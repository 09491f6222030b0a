//! One boundary condition on its way to a solution: pressures in doubled precision, the flows they drive, and what is
//! still missing at the nodes.

use rayon::prelude::*;

use crate::settings::SEGMENTS_AT_ONCE;
use crate::vasculature::Vasculature;

/// Nodes that one thread corrects at a time.
const NODES_AT_ONCE: usize = 4096;

/// State of the refinement for one boundary condition.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Flow into the graph at each node; 0 where the pressure is given.
    pub inflows: Vec<f64>,
    pub pressure: Refined,
    /// Whether each component has one pressure everywhere: nothing flows.
    pub is_level: bool,
    /// Flows that the pressures drive.
    pub flows: Vec<f64>,
    /// What is missing at each node, then the correction of its pressure.
    pub residuals: Vec<f64>,
    /// Largest miss relative to the largest boundary flow, now and before the last correction.
    pub residual: f64,
    pub residual_before: f64,
    pub is_finished: bool,
}

impl Column {
    /// Has room for a graph; numbers are written before they are read.
    pub(super) fn resize(&mut self, nodes: usize, segments: usize) {
        let Self { inflows, pressure: Refined { high, low }, flows, residuals, .. } = self;
        for numbers in [inflows, high, low, residuals] {
            numbers.resize(nodes, 0.0);
        }
        flows.resize(segments, 0.0);
    }

    /// Memory that it holds, in bytes: without what has become part of a flow.
    pub(super) fn memory_bytes(&self) -> usize {
        let Self { inflows, pressure: Refined { high, low }, flows, residuals, .. } = self;
        [inflows, high, low, flows, residuals].map(|numbers| numbers.capacity()).iter().sum::<usize>()
            * size_of::<f64>()
    }

    /// Flows of the present pressures and what they miss at each node.
    pub(super) fn update(&mut self, vasculature: &Vasculature, conductances: &[f64], has_pressure: &[bool]) {
        self.residuals.copy_from_slice(&self.inflows);
        if self.is_level {
            self.flows.fill(0.0);
        } else {
            let parts = self.flows.par_chunks_mut(SEGMENTS_AT_ONCE).zip(conductances.par_chunks(SEGMENTS_AT_ONCE));
            parts.enumerate().for_each(|(part, (flows, conductances))| {
                let segments = part * SEGMENTS_AT_ONCE..;
                for (segment, (flow, &conductance)) in segments.zip(flows.iter_mut().zip(conductances)) {
                    let [start, end] = vasculature.ends(segment);
                    *flow = conductance * self.pressure.difference(start, end);
                }
            });
            for (segment, flow) in self.flows.iter().enumerate() {
                let [start, end] = vasculature.ends(segment);
                self.residuals[start] -= flow;
                self.residuals[end] += flow;
            }
        }
        let mut largest_flow = largest(self.inflows.iter().copied());
        let mut largest_miss = 0.0;
        for (&residual, &has_pressure) in self.residuals.iter().zip(has_pressure) {
            let side = if has_pressure { &mut largest_flow } else { &mut largest_miss };
            *side = larger(*side, residual);
        }
        self.residual_before = self.residual;
        self.residual = relative(largest_miss, largest_flow);
    }

    /// Adds the corrections that `residuals` was replaced by.
    pub(super) fn correct(&mut self) {
        self.pressure.add(&self.residuals);
        self.is_level = false;
    }
}

/// Pressures as unevaluated sums of two numbers.
#[derive(Debug, Default)]
pub(super) struct Refined {
    pub high: Vec<f64>,
    low: Vec<f64>,
}

impl Refined {
    pub(super) fn clear(&mut self) {
        self.high.fill(0.0);
        self.low.fill(0.0);
    }

    pub(super) fn set(&mut self, node: usize, value: f64) {
        self.high[node] = value;
        self.low[node] = 0.0;
    }

    /// Adds to every pressure with the error of the sum kept.
    fn add(&mut self, corrections: &[f64]) {
        let high = self.high.par_chunks_mut(NODES_AT_ONCE);
        let parts = high.zip(self.low.par_chunks_mut(NODES_AT_ONCE)).zip(corrections.par_chunks(NODES_AT_ONCE));
        parts.for_each(|((high, low), corrections)| {
            for ((high, low), &correction) in high.iter_mut().zip(low).zip(corrections) {
                let (sum, error) = two_sum(*high, correction);
                let error = error + *low;
                *high = sum + error;
                *low = error - (*high - sum);
            }
        });
    }

    /// Pressure at `a` above that at `b`.
    pub(super) fn difference(&self, a: usize, b: usize) -> f64 {
        (self.high[a] - self.high[b]) + (self.low[a] - self.low[b])
    }
}

/// A sum and its error (Knuth: The Art of Computer Programming 2, 4.2.2, theorem B).
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// Largest absolute value; not a number where one of them is none.
pub(super) fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, larger)
}

/// The absolute value of `value` where it is above `most`. `f64::max` would forget what is not a number.
fn larger(most: f64, value: f64) -> f64 {
    let size = value.abs();
    if size > most || size.is_nan() { size } else { most }
}

/// `part / whole`; nothing of nothing is 0.
pub(super) fn relative(part: f64, whole: f64) -> f64 {
    if part == 0.0 && whole == 0.0 { 0.0 } else { part / whole }
}
