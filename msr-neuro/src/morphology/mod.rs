//! Morphologies: sections with 3-D points, read from SWC, and their place in the circuit.
//!
//! Sections stand in the order in which SONATA counts them: soma, axon, basal dendrites, apical dendrites; within a
//! kind in depth-first order of the file.

mod error;
mod placement;
mod soma;
mod swc;

pub use error::{LARGEST_COORDINATE_UM, MorphologyError};
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
}

impl SectionKind {
    /// All kinds, in SONATA's order.
    pub const ALL: [SectionKind; 4] = [Self::Soma, Self::Axon, Self::Dend, Self::Apic];

    /// The name that SONATA reports and NEURON use (`soma`, `axon`, `dend`, `apic`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Soma => "soma",
            Self::Axon => "axon",
            Self::Dend => "dend",
            Self::Apic => "apic",
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

/// Where on its parent a section begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attachment {
    /// The middle (x = 0.5): neurites on a soma.
    Middle,
    /// The far end (x = 1): everything else.
    End,
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
        self.points.windows(2).map(|pair| distance(pair[0].position, pair[1].position)).sum()
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
            // A chain of parents longer than the number of sections never reaches the soma.
            let mut at = section;
            let mut steps = 0;
            while let Some((parent, _)) = at.parent {
                at = sections.get(parent).ok_or(MorphologyError::Unattached { section: index })?;
                steps += 1;
                if steps > sections.len() {
                    return Err(MorphologyError::Unattached { section: index });
                }
            }
        }
        Ok(Self { sections })
    }

    /// Number of sections of a kind.
    pub fn count(&self, kind: SectionKind) -> usize {
        self.sections.iter().filter(|section| section.kind == kind).count()
    }
}

/// Distance of two points.
pub(crate) fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f64>().sqrt()
}
