//! POINTER variables: values of mechanisms that are values of something else on the same cell.
//!
//! A pointer is a column like others. Before a block runs it takes what it points to; what the block makes of it goes back.

use super::{BuildError, CellBuilder, PointId};
use crate::ions::Membrane;

/// Who has a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// A mechanism in a segment.
    Mechanism(&'a str, usize),
    /// A point process.
    Point(PointId),
}

/// A value of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity<'a> {
    /// Of the membrane of a segment: `v`, `cai`, `ena`, `ica` and others of that kind, of any ion that the cell has.
    Membrane(&'a str, usize),
    /// A parameter, state or assigned variable of a mechanism in a segment.
    Mechanism(&'a str, &'a str, usize),
    /// A parameter, state or assigned variable of a point process.
    Point(PointId, &'a str),
}

/// A quantity whose names were not looked up yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wish {
    pub holder: Keeper,
    pub segment: usize,
    pub variable: String,
    pub to: Wanted,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    Membrane(String, usize),
    Mechanism(usize, String, usize),
    Point(u32, String),
}

/// The block of a pointer: that of a mechanism, of a kind of point process, or (before kinds are known) of a point process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keeper {
    Mechanism(usize),
    Points(usize),
}

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Field of the membrane, in the order of [`Membrane::FIELDS`], and node.
    Membrane(usize, usize),
    /// Other ion, part of it, and node.
    Ion(usize, usize, usize),
    /// Block and position in it.
    Mechanism(usize, usize),
    /// Kind of point process and position in its block.
    Points(usize, usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub keeper: Keeper,
    /// Position in its block.
    pub at: usize,
    pub to: Place,
    /// Whether what its block assigns goes there.
    pub is_pointer: bool,
    pub loaded: f64,
}

/// All pointers of a cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pointers(pub Vec<Link>);

impl Pointers {
    /// Lets the pointers of a block be what they point to.
    pub fn load(&mut self, keeper: Keeper, blocks: &mut [Vec<f64>], points: &mut [Vec<f64>], membrane: &mut Membrane) {
        for link in self.0.iter_mut().filter(|link| link.keeper == keeper) {
            link.loaded = *value(link.to, blocks, points, membrane);
            *own(link, blocks, points) = link.loaded;
        }
    }

    /// Gives back what a block has changed.
    pub fn store(&mut self, keeper: Keeper, blocks: &mut [Vec<f64>], points: &mut [Vec<f64>], membrane: &mut Membrane) {
        for link in self.0.iter().filter(|link| link.is_pointer && link.keeper == keeper) {
            let now = *own(link, blocks, points);
            if now.to_bits() != link.loaded.to_bits() {
                *value(link.to, blocks, points, membrane) = now;
            }
        }
    }
}

fn own<'a>(link: &Link, blocks: &'a mut [Vec<f64>], points: &'a mut [Vec<f64>]) -> &'a mut f64 {
    match link.keeper {
        Keeper::Mechanism(block) => &mut blocks[block][link.at],
        Keeper::Points(block) => &mut points[block][link.at],
    }
}

fn value<'a>(
    place: Place,
    blocks: &'a mut [Vec<f64>],
    points: &'a mut [Vec<f64>],
    membrane: &'a mut Membrane,
) -> &'a mut f64 {
    match place {
        Place::Membrane(field, node) => &mut (Membrane::FIELDS[field].1)(membrane)[node],
        Place::Ion(ion, part, node) => &mut membrane.foreign[ion].parts_mut()[part][node],
        Place::Mechanism(block, at) => &mut blocks[block][at],
        Place::Points(block, at) => &mut points[block][at],
    }
}

impl CellBuilder<'_> {
    /// Lets a POINTER of a mechanism or point process, or another of its parameters, be a value of the same cell: before each
    /// of its blocks runs it has the value of that moment. What a block assigns to a POINTER goes there.
    ///
    /// # Errors
    /// Names that do not exist are told by [`CellBuilder::build`], when all mechanisms and ions are known;
    /// [`BuildError::UnknownPoint`], [`BuildError::NotInserted`] at once.
    pub fn point_to(&mut self, holder: Holder<'_>, variable: &str, to: Quantity<'_>) -> Result<(), BuildError> {
        let (holder, segment) = match holder {
            Holder::Mechanism(mechanism, segment) => {
                (Keeper::Mechanism(self.insertion(mechanism, variable, segment)?), segment)
            }
            Holder::Point(point) => (Keeper::Points(self.known_point(point)?), 0),
        };
        let to = match to {
            Quantity::Membrane(name, segment) => {
                self.check_segment(name, segment)?;
                Wanted::Membrane(name.to_owned(), segment)
            }
            Quantity::Mechanism(mechanism, name, segment) => {
                Wanted::Mechanism(self.insertion(mechanism, name, segment)?, name.to_owned(), segment)
            }
            Quantity::Point(point, name) => Wanted::Point(self.known_point(point)? as u32, name.to_owned()),
        };
        self.wishes.push(Wish { holder, segment, variable: variable.to_owned(), to });
        Ok(())
    }

    fn known_point(&self, point: PointId) -> Result<usize, BuildError> {
        let (index, points) = (point.0 as usize, self.points.len());
        if index < points { Ok(index) } else { Err(BuildError::UnknownPoint { point: point.0, points }) }
    }
}
