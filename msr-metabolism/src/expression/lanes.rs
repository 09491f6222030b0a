//! Values of several cells side by side.

use std::ops::{Deref, DerefMut};

/// One value for each lane; a lane is a cell.
pub type Lanes<const L: usize> = [f64; L];

/// Length of a cache line in bytes.
const CACHE_LINE: usize = 64;

/// Slots, each with one value for each of `L` lanes, that start with a cache line: a slot of 8 lanes lies in one line.
#[derive(Debug)]
pub struct Slots<const L: usize> {
    memory: Vec<f64>,
    count: usize,
}

impl<const L: usize> Slots<L> {
    /// Slots of zeros.
    pub fn new(count: usize) -> Self {
        Self { memory: vec![0.0; count * L + CACHE_LINE / size_of::<f64>()], count }
    }

    fn start(&self) -> usize {
        self.memory.as_ptr().align_offset(CACHE_LINE)
    }
}

impl<const L: usize> Clone for Slots<L> {
    fn clone(&self) -> Self {
        let mut copy = Self::new(self.count);
        copy.copy_from_slice(self);
        copy
    }
}

impl<const L: usize> Deref for Slots<L> {
    type Target = [Lanes<L>];

    #[inline(always)]
    fn deref(&self) -> &[Lanes<L>] {
        let start = self.start();
        self.memory[start..start + self.count * L].as_chunks().0
    }
}

impl<const L: usize> DerefMut for Slots<L> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [Lanes<L>] {
        let start = self.start();
        self.memory[start..start + self.count * L].as_chunks_mut().0
    }
}
