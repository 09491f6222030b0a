//! Reading cells after each step while they advance, each by itself.

use std::ops::Range;

use msr_coupling::samples::Fold;
use msr_coupling::{QueryError, Samples};

use super::variables::{Reader, Variables};
use crate::cell::Cell;

/// What is read during one advance.
pub(super) struct Sampled<'a> {
    samples: &'a mut [Samples],
    /// As they were when the advance began.
    backup: Vec<Samples>,
    /// What reads each; `None` where it is what the one before it reads.
    readers: Vec<Option<Reader>>,
}

impl<'a> Sampled<'a> {
    pub fn new(variables: &Variables, samples: &'a mut [Samples]) -> Result<Self, QueryError> {
        let mut readers = Vec::with_capacity(samples.len());
        for (position, sample) in samples.iter().enumerate() {
            let is_known = position > 0 && samples[position - 1].query() == sample.query();
            readers.push(if is_known { None } else { Some(variables.reader(sample.query())?) });
        }
        Ok(Self { backup: samples.to_vec(), samples, readers })
    }

    /// The parts of each cell, which has so many segments.
    pub fn of_cells(&mut self, lengths: impl Iterator<Item = usize>) -> Vec<OfCell<'_>> {
        let mut rest: Vec<(Fold, &mut [f64])> = self.samples.iter_mut().map(Samples::elements).collect();
        let readers = &self.readers;
        lengths
            .map(|len| {
                let mut parts = Vec::with_capacity(rest.len());
                for (fold, rest) in &mut rest {
                    let (mine, others) = std::mem::take(rest).split_at_mut(len);
                    *rest = others;
                    parts.push((*fold, mine));
                }
                OfCell { readers, parts }
            })
            .collect()
    }

    /// All cells have made so many steps.
    pub fn passed(&mut self, steps: u64) {
        self.samples.iter_mut().for_each(|sample| sample.passed(steps));
    }

    /// Forgets what was read since the advance began.
    pub fn roll_back(&mut self) {
        self.samples.clone_from_slice(&self.backup);
    }
}

/// What is read of one cell.
pub(super) struct OfCell<'a> {
    readers: &'a [Option<Reader>],
    parts: Vec<(Fold, &'a mut [f64])>,
}

impl OfCell<'_> {
    /// Makes these steps of a cell, unless it is excluded; `reading` is memory used again.
    pub fn advance(
        mut self,
        cell: &mut Cell,
        steps: Range<u64>,
        excluded: bool,
        spikes: &mut Vec<u64>,
        reading: &mut Vec<f64>,
    ) {
        if self.readers.is_empty() {
            if !excluded {
                cell.advance(steps.end, spikes);
            }
            return;
        }
        for step in steps {
            if !excluded {
                cell.advance(step + 1, spikes);
            }
            for (reader, (fold, held)) in self.readers.iter().zip(&mut self.parts) {
                if let Some(reader) = reader {
                    reading.clear();
                    reader.read(cell, reading);
                }
                fold.add(held, reading, 1);
            }
        }
    }
}
