//! Reading cells after each step while they advance, each by itself, and astrocytes after them.

use std::ops::Range;

use msr_coupling::samples::Fold;
use msr_coupling::{QueryError, Samples};

use super::astrocyte_values::AstrocyteReader;
use super::variables::{Reader, Variables};
use crate::astrocytes::Astrocytes;
use crate::cell::Cell;

/// What is read during one advance.
pub(super) struct Sampled<'a> {
    samples: &'a mut [Samples],
    /// As they were when the advance began.
    backup: Vec<Samples>,
    reads: Vec<Reads>,
}

/// What one of the samples is about.
enum Reads {
    /// Cells; no reader where it is what the one before it reads.
    Cells(Option<Reader>),
    Astrocytes(AstrocyteReader),
}

impl<'a> Sampled<'a> {
    pub fn new(variables: &Variables, samples: &'a mut [Samples]) -> Result<Self, QueryError> {
        let mut reads = Vec::with_capacity(samples.len());
        for (position, sample) in samples.iter().enumerate() {
            let is_known = position > 0 && samples[position - 1].query() == sample.query();
            reads.push(match variables.astrocyte_reader(sample.query())? {
                Some(reader) => Reads::Astrocytes(reader),
                None if is_known => Reads::Cells(None),
                None => Reads::Cells(Some(variables.reader(sample.query())?)),
            });
        }
        Ok(Self { backup: samples.to_vec(), samples, reads })
    }

    /// Nothing is read.
    pub fn nothing() -> Self {
        Self { samples: &mut [], backup: Vec::new(), reads: Vec::new() }
    }

    /// The parts of each cell.
    pub fn of_cells(&mut self, cells: &[Cell]) -> Vec<OfCell<'_>> {
        let mut rest: Vec<(Option<&Reader>, Fold, &mut [f64])> = Vec::new();
        for (sample, reads) in self.samples.iter_mut().zip(&self.reads) {
            if let Reads::Cells(reader) = reads {
                let (fold, held) = sample.elements();
                rest.push((reader.as_ref(), fold, held));
            }
        }
        cells
            .iter()
            .map(|cell| {
                let mut parts = Vec::with_capacity(rest.len());
                let mut len = 0;
                for (reader, fold, rest) in &mut rest {
                    // What has no reader is as long as the one before it.
                    len = reader.map_or(len, |reader| reader.len(cell));
                    let (mine, others) = std::mem::take(rest).split_at_mut(len);
                    *rest = others;
                    parts.push((*reader, *fold, mine));
                }
                OfCell { parts }
            })
            .collect()
    }

    /// The part of the astrocytes.
    pub fn of_astrocytes(&mut self) -> OfAstrocytes<'_> {
        let mut parts = Vec::new();
        for (sample, reads) in self.samples.iter_mut().zip(&self.reads) {
            if let Reads::Astrocytes(reader) = reads {
                let (fold, held) = sample.elements();
                parts.push((reader, fold, held));
            }
        }
        OfAstrocytes { parts }
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

/// What is read of the astrocytes.
pub(super) struct OfAstrocytes<'a> {
    parts: Vec<(&'a AstrocyteReader, Fold, &'a mut [f64])>,
}

impl OfAstrocytes<'_> {
    /// Makes these base steps.
    pub fn advance(mut self, astrocytes: &mut Astrocytes, steps: Range<u64>) {
        if self.parts.is_empty() {
            return astrocytes.advance(steps.end);
        }
        let mut reading = Vec::new();
        for step in steps {
            astrocytes.advance(step + 1);
            for (reader, fold, held) in &mut self.parts {
                reading.clear();
                reader.read(astrocytes, &mut reading);
                fold.add(held, &reading, 1);
            }
        }
    }
}

/// What is read of one cell.
pub(super) struct OfCell<'a> {
    /// What reads each; `None` where it is what the one before it reads.
    parts: Vec<(Option<&'a Reader>, Fold, &'a mut [f64])>,
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
        if self.parts.is_empty() {
            if !excluded {
                cell.advance(steps.end, spikes);
            }
            return;
        }
        for step in steps {
            if !excluded {
                cell.advance(step + 1, spikes);
            }
            for (reader, fold, held) in &mut self.parts {
                if let Some(reader) = reader {
                    reading.clear();
                    reader.read(cell, reading);
                }
                fold.add(held, reading, 1);
            }
        }
    }
}
