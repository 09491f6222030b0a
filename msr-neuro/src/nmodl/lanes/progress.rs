//! How far the instances of a chunk are in a program that is repeated.

use std::cmp::Ordering;

use super::execute::{Chunk, Surroundings};
use super::program::{Operand, Pass, Repeated, Sink};
use super::registers::Value;

/// Which instances of a chunk have come to an end.
pub(super) struct Progress<const LANES: usize> {
    length: usize,
    done: [bool; LANES],
    times: u32,
}

impl<const LANES: usize> Progress<LANES> {
    #[inline(always)]
    pub fn new(length: usize) -> Self {
        Self { length, done: [false; LANES], times: 0 }
    }

    /// The next repetition, after the first.
    pub fn pass<'p>(&self, repeated: &'p Repeated) -> &'p Pass {
        if self.times == 1 { &repeated.second } else { &repeated.usual }
    }

    /// Carries the values of a repetition on, where an instance is not at its end, and says whether no more are needed.
    #[inline(always)]
    pub fn ends<S: Surroundings>(&mut self, repeated: &Repeated, chunk: &mut Chunk<'_, S, LANES>) -> bool {
        let outcome = if self.times == 0 { &repeated.first } else { &self.pass(repeated).outcome };
        let change = chunk.open().1.copied(outcome.change);
        // What the second has not brought to its end is as if it had not been.
        let mut keeps = self.done;
        if self.times == 1 {
            for (keeps, change) in keeps.iter_mut().zip(&change) {
                *keeps |= !matches!(change.partial_cmp(&repeated.limit), Some(Ordering::Less | Ordering::Equal));
            }
        }
        let is_any_kept = keeps[..self.length].contains(&true);
        for (&(register, _), &next) in repeated.carried.iter().zip(&outcome.next) {
            let (result, operands) = chunk.open();
            match operands.get(next) {
                Value::Many(values) => *result = *values,
                Value::One(value) => result.fill(value),
            }
            if is_any_kept {
                let before = operands.register(register);
                for lane in 0..LANES {
                    result[lane] = if keeps[lane] { before[lane] } else { result[lane] };
                }
            }
            chunk.registers.close(register);
        }
        self.times += 1;
        for (done, change) in self.done.iter_mut().zip(change) {
            *done |= change <= repeated.limit;
        }
        let finished = self.done[..self.length].iter().filter(|done| **done).count();
        finished == self.length || self.times == repeated.most
    }

    /// Stores what was carried, and lists instances that have not come to an end: they keep what they had.
    #[inline(always)]
    pub fn store<S: Surroundings>(
        &self,
        repeated: &Repeated,
        chunk: &mut Chunk<'_, S, LANES>,
        unfinished: &mut Vec<u32>,
    ) {
        let is_finished = !self.done[..self.length].contains(&false);
        unfinished.extend((0..self.length).filter(|&lane| !self.done[lane]).map(|lane| (chunk.first + lane) as u32));
        for &(register, sink) in &repeated.carried {
            let Some(sink) = sink else { continue };
            if is_finished {
                chunk.store(sink, Operand::Register(register));
                continue;
            }
            let values = chunk.open().1.copied(Operand::Register(register));
            for lane in (0..self.length).filter(|&lane| self.done[lane]) {
                let node = chunk.nodes[lane] as usize;
                match sink {
                    Sink::Column(column) => {
                        chunk.columns[column as usize * chunk.count + chunk.first + lane] = values[lane];
                    }
                    Sink::Field(field) => chunk.surroundings.field_mut(field)[node] = values[lane],
                    Sink::AddTo(field) => chunk.surroundings.field_mut(field)[node] += values[lane],
                }
            }
        }
    }
}
