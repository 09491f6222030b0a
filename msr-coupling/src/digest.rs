//! One number that stands for many: two things of one digest are the same.

use std::fmt;

use xxhash_rust::xxh3::Xxh3Default;

use crate::space::{Geometry, Space};

/// A digest (XXH3) of what is added to it, in the order of adding.
#[derive(Clone, Default)]
pub struct Digest(Xxh3Default);

impl Digest {
    /// Adds bytes whose number is known or of no importance.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds a text, which ends where it ends.
    pub fn text(&mut self, text: &str) {
        self.integer(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    /// Adds a whole number.
    pub fn integer(&mut self, value: u64) {
        self.0.update(&value.to_le_bytes());
    }

    /// Adds a number, every bit of it.
    pub fn number(&mut self, value: f64) {
        self.integer(value.to_bits());
    }

    /// Adds the elements of a space: ids, sizes, places.
    pub(crate) fn space(&mut self, space: &Space) {
        space.ids.iter().for_each(|&id| self.integer(id));
        space.sizes.iter().for_each(|&size| self.number(size));
        match &space.geometry {
            Geometry::Abstract => {}
            Geometry::Points(points) => points.iter().flatten().for_each(|&x| self.number(x)),
            Geometry::Lines(lines) => lines.iter().flatten().flatten().for_each(|&x| self.number(x)),
        }
    }

    /// As [`Digest::space`], and everything else that a space says.
    pub(crate) fn whole_space(&mut self, space: &Space) {
        self.text(&space.name);
        self.integer(space.len() as u64);
        self.integer(match space.geometry {
            Geometry::Abstract => 0,
            Geometry::Points(_) => 1,
            Geometry::Lines(_) => 2,
        });
        self.space(space);
        self.text(space.population.as_deref().unwrap_or_default());
        for address in &space.addresses {
            self.integer(address.node);
            self.integer(u64::from(address.element));
        }
        self.integer(space.subsets.len() as u64);
        for (name, positions) in &space.subsets {
            self.text(name);
            self.integer(positions.len() as u64);
            positions.iter().for_each(|&position| self.integer(position as u64));
        }
    }

    /// 64 bits, for what is compared with one other thing.
    pub fn short(&self) -> u64 {
        self.0.digest()
    }

    /// 128 bits, for what is found among many things.
    pub fn long(&self) -> u128 {
        self.0.digest128()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.short())
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}
