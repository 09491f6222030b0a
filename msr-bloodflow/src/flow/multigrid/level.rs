//! One graph of the hierarchy: its Laplacian in compressed rows, smoothing, and the way to the next coarser one.

use super::super::reduction::{Core, GROUND};

/// No aggregate yet.
const FREE: u32 = u32::MAX;
/// Unknowns in an aggregate of one pass at most.
const LARGEST_AGGREGATE: u32 = 3;

#[derive(Debug)]
pub(super) struct Level {
    offsets: Vec<u32>,
    neighbours: Vec<u32>,
    /// Tube behind each entry.
    tubes: Vec<u32>,
    conductances: Vec<f64>,
    ends: Vec<[u32; 2]>,
    diagonal: Vec<f64>,
    /// Unknown of the next level that each one is part of.
    aggregates: Vec<u32>,
    pub right_side: Vec<f64>,
    pub solution: Vec<f64>,
    pub residual: Vec<f64>,
    pub first: Vec<f64>,
    pub image: Vec<f64>,
}

impl Level {
    pub(super) fn new(core: &Core) -> Self {
        Self::of_tubes(core.nodes.len(), core.ends.clone())
    }

    fn of_tubes(unknowns: usize, ends: Vec<[u32; 2]>) -> Self {
        let mut offsets = vec![0; unknowns + 1];
        let inner = || ends.iter().zip(0..).filter(|(ends, _)| !ends.contains(&GROUND));
        for (&[a, b], _) in inner() {
            offsets[a as usize + 1] += 1;
            offsets[b as usize + 1] += 1;
        }
        for unknown in 0..unknowns {
            offsets[unknown + 1] += offsets[unknown];
        }
        let entries = offsets[unknowns] as usize;
        let (mut neighbours, mut tubes) = (vec![0; entries], vec![0; entries]);
        let mut next = offsets.clone();
        for (&[a, b], tube) in inner() {
            for (from, to) in [(a, b), (b, a)] {
                let place = next[from as usize] as usize;
                (neighbours[place], tubes[place]) = (to, tube);
                next[from as usize] += 1;
            }
        }
        let zeros = || vec![0.0; unknowns];
        Self {
            offsets,
            neighbours,
            tubes,
            conductances: vec![0.0; ends.len()],
            ends,
            diagonal: zeros(),
            aggregates: Vec::new(),
            right_side: zeros(),
            solution: zeros(),
            residual: zeros(),
            first: zeros(),
            image: zeros(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.diagonal.len()
    }

    pub(super) fn set_conductances(&mut self, conductances: &[f64]) {
        self.conductances.copy_from_slice(conductances);
        self.diagonal.fill(0.0);
        for (ends, &conductance) in self.ends.iter().zip(conductances) {
            for &end in ends.iter().filter(|&&end| end != GROUND) {
                self.diagonal[end as usize] += conductance;
            }
        }
    }

    /// The level as a graph to be factorised, with its conductances.
    pub(super) fn as_core(&self) -> (Core, Vec<f64>) {
        (Core { nodes: (0..self.len() as u32).collect(), ends: self.ends.clone() }, self.conductances.clone())
    }

    fn row(&self, unknown: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let entries = self.offsets[unknown] as usize..self.offsets[unknown + 1] as usize;
        entries.map(|entry| (self.neighbours[entry] as usize, self.conductances[self.tubes[entry] as usize]))
    }

    /// The graph with each unknown contracted into the neighbour to which most flows most easily.
    pub(super) fn coarsen(&mut self) -> Self {
        let mut aggregates = vec![FREE; self.len()];
        let mut sizes: Vec<u32> = Vec::new();
        for unknown in 0..self.len() {
            if aggregates[unknown] != FREE {
                continue;
            }
            let room = |neighbour: usize| match aggregates[neighbour] {
                FREE => true,
                aggregate => sizes[aggregate as usize] < LARGEST_AGGREGATE,
            };
            let nearest = self
                .row(unknown)
                .filter(|&(neighbour, _)| room(neighbour))
                .max_by(|(a, g), (b, h)| g.total_cmp(h).then(b.cmp(a)));
            let aggregate = match nearest.map(|(neighbour, _)| (neighbour, aggregates[neighbour])) {
                Some((neighbour, FREE)) => {
                    sizes.push(1);
                    aggregates[neighbour] = sizes.len() as u32 - 1;
                    sizes.len() as u32 - 1
                }
                Some((_, aggregate)) => aggregate,
                None => {
                    sizes.push(0);
                    sizes.len() as u32 - 1
                }
            };
            sizes[aggregate as usize] += 1;
            aggregates[unknown] = aggregate;
        }
        let coarse = self.contracted(&aggregates, sizes.len());
        self.aggregates = aggregates;
        coarse
    }

    fn contracted(&self, aggregates: &[u32], unknowns: usize) -> Self {
        let aggregate = |end: u32| if end == GROUND { GROUND } else { aggregates[end as usize] };
        let mut tubes: Vec<([u32; 2], f64)> = self
            .ends
            .iter()
            .zip(&self.conductances)
            .map(|(&[a, b], &conductance)| {
                let [a, b] = [aggregate(a), aggregate(b)];
                ([a.min(b), a.max(b)], conductance)
            })
            .filter(|([a, b], _)| a != b)
            .collect();
        // Stable, so that sums have the same bits.
        tubes.sort_by_key(|&(ends, _)| ends);
        let (mut ends, mut conductances) = (Vec::new(), Vec::<f64>::new());
        for (pair, conductance) in tubes {
            if ends.last() == Some(&pair) {
                *conductances.last_mut().expect("one for each pair") += conductance;
            } else {
                ends.push(pair);
                conductances.push(conductance);
            }
        }
        let mut coarse = Self::of_tubes(unknowns, ends);
        coarse.set_conductances(&conductances);
        coarse
    }

    /// Skips a level: `coarse` was made of this one and has been coarsened itself.
    pub(super) fn compose(&mut self, coarse: &Self) {
        for aggregate in &mut self.aggregates {
            *aggregate = coarse.aggregates[*aggregate as usize];
        }
    }

    pub(super) fn forget_aggregates(&mut self) {
        self.aggregates.clear();
    }

    pub(super) fn multiply(&self, values: &[f64], image: &mut [f64]) {
        for (unknown, image) in image.iter_mut().enumerate() {
            let neighbours: f64 = self.row(unknown).map(|(neighbour, g)| g * values[neighbour]).sum();
            *image = self.diagonal[unknown] * values[unknown] - neighbours;
        }
    }

    /// Forward Gauss-Seidel from 0.
    pub(super) fn smooth_from_zero(&mut self) {
        self.solution.fill(0.0);
        (0..self.len()).for_each(|unknown| self.relax(unknown));
    }

    /// Backward Gauss-Seidel: the transpose of the forward one.
    pub(super) fn smooth_backward(&mut self) {
        (0..self.len()).rev().for_each(|unknown| self.relax(unknown));
    }

    fn relax(&mut self, unknown: usize) {
        let neighbours: f64 = self.row(unknown).map(|(neighbour, g)| g * self.solution[neighbour]).sum();
        self.solution[unknown] = (self.right_side[unknown] + neighbours) / self.diagonal[unknown];
    }

    /// Sums what is missing over each aggregate.
    pub(super) fn restrict(&mut self, coarse: &mut [f64]) {
        let mut residual = std::mem::take(&mut self.residual);
        self.multiply(&self.solution, &mut residual);
        coarse.fill(0.0);
        for ((&aggregate, &right), image) in self.aggregates.iter().zip(&self.right_side).zip(&residual) {
            coarse[aggregate as usize] += right - image;
        }
        self.residual = residual;
    }

    pub(super) fn add_prolonged(&mut self, coarse: &[f64]) {
        for (value, &aggregate) in self.solution.iter_mut().zip(&self.aggregates) {
            *value += coarse[aggregate as usize];
        }
    }

    /// Memory that it holds, in bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        let (unknowns, entries, tubes) = (self.len(), self.neighbours.len(), self.ends.len());
        let indices = 2 * unknowns + 2 * entries + 2 * tubes;
        indices * size_of::<u32>() + (6 * unknowns + tubes) * size_of::<f64>()
    }
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
