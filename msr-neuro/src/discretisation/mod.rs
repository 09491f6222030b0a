//! Sections cut into segments (compartments), with the areas, volumes and axial resistances that the cable equation needs.

mod axon;
mod error;
mod frusta;
mod segments;

pub use axon::AxonRule;
pub(crate) use axon::Course;
pub use error::DiscretisationError;
pub(crate) use frusta::Frusta;
pub(crate) use segments::length_constants;
pub use segments::{PIECE_UM, SegmentRule};

use std::ops::Range;

use crate::morphology::{Attachment, Morphology, Point, SectionKind, parents_first};
use frusta::Integral;

/// More segments of a cell fill the memory.
pub const MOST_SEGMENTS: usize = 1 << 20;

/// A section cut into segments.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscreteSection {
    /// Part of the cell.
    pub kind: SectionKind,
    /// SONATA section id: position in soma, axon (as in the file), dend, apic, myelin.
    pub id: u32,
    /// Position of the section that this one begins on, and where on it.
    pub parent: Option<(usize, Attachment)>,
    /// Its segments.
    pub segments: Range<usize>,
    /// Length, in um.
    pub length_um: f64,
    /// Whether it is in the morphology file (a replacement of the axon is not).
    pub from_file: bool,
}

/// A compartment.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Position of its section.
    pub section: usize,
    /// Membrane, in um2: frusta through the 3-D points.
    pub area_um2: f64,
    /// Volume, in um3: the same frusta.
    pub volume_um3: f64,
    /// Mean diameter along the segment, in um.
    pub diameter_um: f64,
    /// Integral of 4 / (pi d^2) from its beginning to its middle, in 1/um.
    pub resistance_before: f64,
    /// The same from its middle to its end.
    pub resistance_after: f64,
    /// Beginning and end, in the coordinates of the morphology, in um.
    pub ends_um: [[f64; 3]; 2],
    /// Path from the middle of the soma to the middle of the segment, in um.
    pub distance_um: f64,
}

/// A cell cut into segments. Sections stand in the order of SONATA reports: soma, axon, dend, apic; a replaced axon last.
#[derive(Debug, Clone, PartialEq)]
pub struct Discretisation {
    /// Sections.
    pub sections: Vec<DiscreteSection>,
    /// Segments, section by section.
    pub segments: Vec<Segment>,
}

impl Discretisation {
    /// Cuts a morphology: `segments` says into how many segments each section of the file is cut (a length is that of the
    /// pieces of [`SegmentRule::PieceUm`]), after the axon was treated by `axon`.
    ///
    /// Areas, diameters and resistances are NEURON's: integrals along the frusta between 3-D points, cylinders where the
    /// axon was replaced.
    ///
    /// # Errors
    /// [`DiscretisationError`] where the axon cannot be replaced so, a number of the rule is not positive, or
    /// segments are too many.
    pub fn new(
        morphology: &Morphology,
        axon: AxonRule,
        segments: impl Into<SegmentRule>,
    ) -> Result<Self, DiscretisationError> {
        let rule = segments.into();
        rule.check()?;
        let pieces = axon.apply(morphology)?;
        let count = |piece: &Piece| {
            let length_um = || Frusta::new(&piece.points).length_um();
            piece.cylinders.as_ref().map_or_else(|| rule.count(&piece.points, length_um()), Vec::len)
        };
        Self::of_pieces(&pieces, pieces.iter().map(count).collect())
    }

    /// A morphology with one segment a section and, behind them, cylinders at the ends of sections. These have the kinds of their
    /// parents, and the ids that follow.
    ///
    /// # Errors
    /// [`DiscretisationError`]
    pub(crate) fn of_whole_sections(
        morphology: &Morphology,
        cylinders: &[Cylinder],
    ) -> Result<Self, DiscretisationError> {
        let mut pieces = AxonRule::Keep.apply(morphology)?;
        let course = Course::of_axon(morphology);
        for &Cylinder { parent, length_um, diameter_um } in cylinders {
            let Piece { kind, ref points, .. } = pieces[parent];
            let (start, diameters) = (points[points.len() - 1].position, vec![diameter_um]);
            pieces.push(Piece {
                kind,
                id: pieces.len() as u32,
                parent: Some((parent, Attachment::End)),
                points: course.straight(start, length_um, &diameters),
                cylinders: Some(diameters),
            });
        }
        Self::of_pieces(&pieces, vec![1; pieces.len()])
    }

    /// Cuts sections into these numbers of segments.
    pub(crate) fn of_pieces(pieces: &[Piece], counts: Vec<usize>) -> Result<Self, DiscretisationError> {
        let frusta: Vec<Frusta> = pieces.iter().map(|piece| Frusta::new(&piece.points)).collect();
        let found = counts.iter().fold(0_usize, |sum, &count| sum.saturating_add(count));
        if found > MOST_SEGMENTS {
            return Err(DiscretisationError::TooManySegments { found });
        }
        let mut cell = Self { sections: Vec::with_capacity(pieces.len()), segments: Vec::with_capacity(found) };
        for (index, ((piece, frusta), nseg)) in pieces.iter().zip(&frusta).zip(counts).enumerate() {
            let length_um = frusta.length_um();
            let first = cell.segments.len();
            let step = length_um / nseg as f64;
            for segment in 0..nseg {
                let (low, high) =
                    (segment as f64 * step, if segment + 1 == nseg { length_um } else { (segment + 1) as f64 * step });
                let middle = (segment as f64 + 0.5) * step;
                let [before, after] = match &piece.cylinders {
                    Some(diameters) => [Integral::of_cylinder(step / 2.0, diameters[segment]); 2],
                    None => [frusta.between(low, middle), frusta.between(middle, high)],
                };
                cell.segments.push(Segment {
                    section: index,
                    area_um2: before.area_um2 + after.area_um2,
                    volume_um3: before.volume_um3 + after.volume_um3,
                    diameter_um: (before.diameter_integral + after.diameter_integral) / (high - low),
                    resistance_before: before.resistance,
                    resistance_after: after.resistance,
                    ends_um: [frusta.position(low), frusta.position(high)],
                    distance_um: middle,
                });
            }
            cell.sections.push(DiscreteSection {
                kind: piece.kind,
                id: piece.id,
                parent: piece.parent,
                segments: first..cell.segments.len(),
                length_um,
                from_file: piece.cylinders.is_none(),
            });
        }
        cell.measure_from_soma();
        Ok(cell)
    }

    /// Turns distances from the beginnings of sections into distances from the middle of the soma.
    fn measure_from_soma(&mut self) {
        let mut starts = vec![-self.sections[0].length_um / 2.0; self.sections.len()];
        for index in self.parents_first() {
            let section = &self.sections[index];
            if let Some((parent, attachment)) = section.parent {
                starts[index] = starts[parent] + self.sections[parent].length_um * attachment.fraction();
            }
            for segment in &mut self.segments[section.segments.clone()] {
                // The soma's own segments are as far as they are from its middle.
                segment.distance_um = (starts[index] + segment.distance_um).abs();
            }
        }
    }

    /// The segment at the fraction `position` (0 to 1) of the section with this SONATA id, or `None` where there is no
    /// such section (any more).
    pub fn segment_at(&self, section_id: u32, position: f64) -> Option<usize> {
        let section = self.sections.iter().find(|section| section.id == section_id)?;
        let nseg = section.segments.len();
        // NaN and negative positions become segment 0 by the saturating conversion.
        Some(section.segments.start + ((position * nseg as f64) as usize).min(nseg - 1))
    }

    /// The middle segment of the soma.
    pub fn soma_segment(&self) -> usize {
        self.sections[0].segments.len() / 2
    }

    /// Sections so that each comes after its parent, depth first.
    pub fn parents_first(&self) -> Vec<usize> {
        parents_first(self.sections.iter().map(|section| section.parent.map(|(parent, _)| parent)))
    }
}

/// A cylinder at the end of a section, one segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cylinder {
    /// Position of the section.
    pub parent: usize,
    /// Length, in um.
    pub length_um: f64,
    /// Diameter, in um.
    pub diameter_um: f64,
}

/// A section before it is cut.
pub(crate) struct Piece {
    pub kind: SectionKind,
    pub id: u32,
    pub parent: Option<(usize, Attachment)>,
    pub points: Vec<Point>,
    /// Diameters of its segments, where it is cylinders along a line; frusta through the points otherwise.
    pub cylinders: Option<Vec<f64>>,
}
