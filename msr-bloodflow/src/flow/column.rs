//! One boundary condition on its way to a solution: pressures in doubled precision, the flows they drive, and what is
//! still missing at the nodes.

use crate::vasculature::Vasculature;

/// State of the refinement for one boundary condition.
#[derive(Debug, Clone)]
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
    pub(super) fn new(nodes: usize, segments: usize) -> Self {
        Self {
            inflows: vec![0.0; nodes],
            pressure: Refined { high: vec![0.0; nodes], low: vec![0.0; nodes] },
            is_level: true,
            flows: vec![0.0; segments],
            residuals: vec![0.0; nodes],
            residual: f64::INFINITY,
            residual_before: f64::INFINITY,
            is_finished: false,
        }
    }

    /// Flows of the present pressures and what they miss at each node.
    pub(super) fn update(&mut self, vasculature: &Vasculature, conductances: &[f64], has_pressure: &[bool]) {
        self.residuals.copy_from_slice(&self.inflows);
        if self.is_level {
            self.flows.fill(0.0);
        } else {
            for (segment, (flow, &conductance)) in self.flows.iter_mut().zip(conductances).enumerate() {
                let [start, end] = vasculature.ends(segment);
                *flow = conductance * self.pressure.difference(start, end);
                self.residuals[start] -= *flow;
                self.residuals[end] += *flow;
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
        for (node, &correction) in self.residuals.iter().enumerate() {
            self.pressure.add(node, correction);
        }
        self.is_level = false;
    }

    /// Flow into the graph at each node: as given, or as it results where the pressure is given.
    pub(super) fn resulting_inflows(&self, vasculature: &Vasculature, has_pressure: &[bool]) -> Vec<f64> {
        let mut inflows = self.inflows.clone();
        if !has_pressure.contains(&true) {
            return inflows;
        }
        for (segment, &flow) in self.flows.iter().enumerate() {
            let [start, end] = vasculature.ends(segment);
            for (node, outward) in [(start, flow), (end, -flow)] {
                if has_pressure[node] {
                    inflows[node] += outward;
                }
            }
        }
        inflows
    }
}

/// Pressures as unevaluated sums of two numbers.
#[derive(Debug, Clone)]
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

    /// Adds with the error of the sum kept.
    fn add(&mut self, node: usize, value: f64) {
        let (sum, error) = two_sum(self.high[node], value);
        let error = error + self.low[node];
        self.high[node] = sum + error;
        self.low[node] = error - (self.high[node] - sum);
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
