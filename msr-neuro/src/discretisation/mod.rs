//! Sections cut into segments (compartments), with the areas, volumes and axial resistances that the cable equation needs.

mod axon;
mod frusta;

pub use axon::AxonRule;

use std::ops::Range;

use crate::morphology::{Attachment, Morphology, Point, SectionKind};
use frusta::Frusta;

/// Length of the pieces whose number decides the number of segments of a section: `nseg = 1 + 2 floor(L / 40 um)`.
pub const PIECE_UM: f64 = 40.0;

/// A section cut into segments.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscreteSection {
    /// Part of the cell.
    pub kind: SectionKind,
    /// SONATA section id: position in soma, axon (as in the file), dend, apic.
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
    /// Cuts a morphology: `nseg = 1 + 2 floor(L / piece_um)` for each section, after the axon was treated by `axon`.
    pub fn new(morphology: &Morphology, axon: AxonRule, piece_um: f64) -> Self {
        let pieces = axon.apply(morphology);
        let mut cell = Self { sections: Vec::with_capacity(pieces.len()), segments: Vec::new() };
        let frusta: Vec<Frusta> = pieces.iter().map(|piece| Frusta::new(&piece.points)).collect();
        let starts = distances(&pieces, &frusta);
        for (index, (piece, frusta)) in pieces.iter().zip(&frusta).enumerate() {
            let length_um = frusta.length_um();
            let nseg = if piece.from_file { 1 + 2 * (length_um / piece_um) as usize } else { 1 };
            let first = cell.segments.len();
            let step = length_um / nseg as f64;
            for segment in 0..nseg {
                let (low, high) =
                    (segment as f64 * step, if segment + 1 == nseg { length_um } else { (segment + 1) as f64 * step });
                let middle = (segment as f64 + 0.5) * step;
                let whole = frusta.between(low, high, segment + 1 == nseg);
                cell.segments.push(Segment {
                    section: index,
                    area_um2: whole.area_um2,
                    volume_um3: whole.volume_um3,
                    diameter_um: whole.diameter_integral / (high - low),
                    resistance_before: frusta.between(low, middle, false).resistance,
                    resistance_after: frusta.between(middle, high, false).resistance,
                    ends_um: [frusta.position(low), frusta.position(high)],
                    // The soma's own segments are as far as they are from its middle.
                    distance_um: (starts[index] + middle).abs(),
                });
            }
            cell.sections.push(DiscreteSection {
                kind: piece.kind,
                id: piece.id,
                parent: piece.parent,
                segments: first..cell.segments.len(),
                length_um,
                from_file: piece.from_file,
            });
        }
        cell
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

    /// Sections so that each comes after its parent.
    pub fn parents_first(&self) -> Vec<usize> {
        let mut children = vec![Vec::new(); self.sections.len()];
        for (index, section) in self.sections.iter().enumerate() {
            if let Some((parent, _)) = section.parent {
                children[parent].push(index);
            }
        }
        let mut order = Vec::with_capacity(self.sections.len());
        let mut open = vec![0];
        while let Some(section) = open.pop() {
            order.push(section);
            open.extend(children[section].iter().rev());
        }
        order
    }
}

/// A section before it is cut.
pub(crate) struct Piece {
    kind: SectionKind,
    id: u32,
    parent: Option<(usize, Attachment)>,
    points: Vec<Point>,
    from_file: bool,
}

/// Path from the middle of the soma to the beginning of each section (negative for the soma itself).
fn distances(pieces: &[Piece], frusta: &[Frusta]) -> Vec<f64> {
    let half_soma = frusta[0].length_um() / 2.0;
    (0..pieces.len())
        .map(|index| {
            let mut path = 0.0;
            let mut at = index;
            while let Some((parent, attachment)) = pieces[at].parent {
                path += match (parent, attachment) {
                    (0, Attachment::Middle) => 0.0,
                    (0, Attachment::End) => half_soma,
                    (_, Attachment::Middle) => frusta[parent].length_um() / 2.0,
                    (_, Attachment::End) => frusta[parent].length_um(),
                };
                at = parent;
            }
            if index == 0 { -half_soma } else { path }
        })
        .collect()
}
