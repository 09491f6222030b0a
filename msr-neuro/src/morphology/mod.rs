//! Morphologies: sections with 3-D points, read from SWC, Neurolucida ASC and H5 files, and their place in the circuit.
//!
//! Sections stand in the order in which SONATA counts them: soma, axon, basal dendrites, apical dendrites; within a
//! kind in depth-first order of the file. All readers keep points as NEURON does ([`Point::single`]), so that areas and
//! resistances agree to rounding.

mod ascii;
mod collection;
mod error;
mod h5v1;
mod placement;
mod soma;
mod swc;

pub use ascii::{parse_asc, read_asc};
pub use collection::{Collection, Format, read};
pub use error::{H5Mistake, LARGEST_COORDINATE_UM, MOST_POINTS, MorphologyError};
pub use h5v1::H5Tables;
#[cfg(feature = "hdf5")]
pub use h5v1::{read_h5, read_h5_container};
pub use placement::Placement;
pub use swc::{parse_swc, read_swc};

use serde::{Deserialize, Serialize};

/// Part of the cell that a section belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SectionKind {
    /// The cell body.
    Soma,
    /// Axon.
    Axon,
    /// Basal dendrite (every dendrite of a cell without an apical one).
    Dend,
    /// Apical dendrite.
    Apic,
    /// Myelinated axon: in no file, some replacements of the axon have it.
    Myelin,
}

impl SectionKind {
    /// All kinds, in SONATA's order.
    pub const ALL: [SectionKind; 5] = [Self::Soma, Self::Axon, Self::Dend, Self::Apic, Self::Myelin];

    /// The name that SONATA reports and NEURON use (`soma`, `axon`, `dend`, `apic`, `myelin`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Soma => "soma",
            Self::Axon => "axon",
            Self::Dend => "dend",
            Self::Apic => "apic",
            Self::Myelin => "myelin",
        }
    }
}

/// A point of a section with the diameter there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Position, in um.
    pub position: [f64; 3],
    /// Diameter, in um.
    pub diameter_um: f64,
}

impl Point {
    /// A point as NEURON keeps it that reads a morphology: eight significant digits (in which Import3d writes points to the
    /// interpreter), in single precision.
    pub fn single(position: [f64; 3], diameter_um: f64) -> Self {
        Self { position: position.map(single), diameter_um: single(diameter_um) }
    }

    /// Distance to another point. Between points in single precision the differences of their coordinates are rounded to it,
    /// as in NEURON, so that a path has NEURON's length.
    pub fn distance_um(&self, other: &Point) -> f64 {
        let along = |axis: usize| {
            let (a, b) = (self.position[axis], other.position[axis]);
            let is_single = |x: f64| f64::from(x as f32) == x;
            if is_single(a) && is_single(b) { f64::from((b - a) as f32) } else { b - a }
        };
        let [x, y, z] = [along(0), along(1), along(2)];
        (x * x + y * y + z * z).sqrt()
    }
}

/// A number with the digits that NEURON keeps of it.
fn single(value: f64) -> f64 {
    in_digits(value, 8)
}

/// A number with so many digits, in single precision. `Import3d` reads numbers in it, too, so that one halfway between two others
/// goes where single precision has it.
fn in_digits(value: f64, digits: usize) -> f64 {
    let rounded = format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value);
    f64::from(rounded as f32)
}

/// Where on its parent a section begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// The middle (x = 0.5): neurites on a soma.
    Middle,
    /// The far end (x = 1): everything else.
    End,
}

impl Attachment {
    /// Where on the parent that is, as a fraction of its length.
    pub fn fraction(self) -> f64 {
        match self {
            Self::Middle => 0.5,
            Self::End => 1.0,
        }
    }
}

/// An unbranched piece of a cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Part of the cell.
    pub kind: SectionKind,
    /// Position in [`Morphology::sections`] of the section that this one begins on, and where on it; `None` for the soma.
    pub parent: Option<(usize, Attachment)>,
    /// At least two points from the beginning to the end.
    pub points: Vec<Point>,
}

impl Section {
    /// Length along the points, in um.
    pub fn length_um(&self) -> f64 {
        self.points.windows(2).map(|pair| pair[0].distance_um(&pair[1])).sum()
    }
}

/// A cell's shape. The first section is the soma, parents of the others may stand anywhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Morphology {
    /// Sections in SONATA's order.
    pub sections: Vec<Section>,
}

impl Morphology {
    /// A morphology of these sections.
    ///
    /// # Errors
    /// [`MorphologyError`] where the first section is not the only soma, a section has fewer than two points, a parent
    /// does not exist, a section is longer than a metre, the kinds are not in SONATA's order, or sections form a ring.
    pub fn new(sections: Vec<Section>) -> Result<Self, MorphologyError> {
        if sections.first().is_none_or(|section| section.kind != SectionKind::Soma || section.parent.is_some()) {
            return Err(MorphologyError::NoSoma);
        }
        for (index, section) in sections.iter().enumerate() {
            if section.points.len() < 2 {
                return Err(MorphologyError::TooFewPoints { section: index, found: section.points.len() });
            }
            if index > 0 {
                if section.kind < sections[index - 1].kind || section.kind == SectionKind::Soma {
                    return Err(MorphologyError::SectionOrder { section: index });
                }
                if section.parent.is_none_or(|(parent, _)| parent >= sections.len()) {
                    return Err(MorphologyError::Unattached { section: index });
                }
            }
            if section.points.iter().any(|point| {
                !point.diameter_um.is_finite()
                    || point.diameter_um <= 0.0
                    || point.position.iter().any(|x| !x.is_finite())
            }) {
                return Err(MorphologyError::BadPoint { section: index });
            }
            if section.length_um() <= 0.0 {
                return Err(MorphologyError::ZeroLength { section: index });
            }
            if section.length_um() > error::LONGEST_SECTION_UM {
                return Err(MorphologyError::TooLong { section: index, length_um: section.length_um() });
            }
        }
        let morphology = Self { sections };
        let mut attached = vec![false; morphology.sections.len()];
        morphology.parents_first().into_iter().for_each(|section| attached[section] = true);
        match attached.iter().position(|attached| !attached) {
            Some(section) => Err(MorphologyError::Unattached { section }),
            None => Ok(morphology),
        }
    }

    /// The same with so many significant digits of each number of its points. Sections that would have no length keep theirs.
    pub fn in_digits(&self, digits: usize) -> Self {
        let coarse = |point: &Point| Point {
            position: point.position.map(|number| in_digits(number, digits)),
            diameter_um: in_digits(point.diameter_um, digits),
        };
        let coarse = |section: &Section| {
            let made = Section { points: section.points.iter().map(coarse).collect(), ..section.clone() };
            if made.length_um() > 0.0 { made } else { section.clone() }
        };
        Self { sections: self.sections.iter().map(coarse).collect() }
    }

    /// Sections so that each comes after its parent, depth first.
    pub fn parents_first(&self) -> Vec<usize> {
        parents_first(self.sections.iter().map(|section| section.parent.map(|(parent, _)| parent)))
    }

    /// Number of sections of a kind.
    pub fn count(&self, kind: SectionKind) -> usize {
        self.sections.iter().filter(|section| section.kind == kind).count()
    }
}

/// Sections so that each comes after its parent, depth first, from the parent of each; a ring is left out.
pub(crate) fn parents_first(parents: impl ExactSizeIterator<Item = Option<usize>>) -> Vec<usize> {
    let mut children = vec![Vec::new(); parents.len()];
    for (index, parent) in parents.enumerate() {
        if let Some(parent) = parent {
            children[parent].push(index);
        }
    }
    let mut order = Vec::with_capacity(children.len());
    let mut open = vec![0];
    while let Some(section) = open.pop() {
        order.push(section);
        open.extend(children[section].iter().rev());
    }
    order
}

/// Sorts sections by kind, keeping the order within a kind, and renumbers parents.
fn in_sonata_order(sections: Vec<Section>) -> Vec<Section> {
    let mut order: Vec<usize> = (0..sections.len()).collect();
    order.sort_by_key(|&section| sections[section].kind);
    rearranged(sections, &order)
}

/// Sections in an order that has each of them once, parents renumbered.
fn rearranged(sections: Vec<Section>, order: &[usize]) -> Vec<Section> {
    let mut place = vec![0; sections.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new;
    }
    let mut sections: Vec<Option<Section>> = sections.into_iter().map(Some).collect();
    let moved = order.iter().filter_map(|&old| sections[old].take());
    let renumbered = |(parent, attachment): (usize, Attachment)| (place[parent], attachment);
    moved.map(|section| Section { parent: section.parent.map(renumbered), ..section }).collect()
}

/// Distance of two points.
pub(crate) fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt()
}
