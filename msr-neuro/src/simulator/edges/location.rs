//! Where on its target an edge sits.

use std::borrow::Cow;

use msr_config::circuit::EdgePopulation;

use super::bad;
use crate::morphology::{Morphology, Section, distance};
use crate::simulator::NeuroError;

/// Positions on a section keep this distance from its ends.
const END_MARGIN: f64 = 1e-7;
/// Rounding allowed in fractions of a section.
const FRACTION_ROUNDING: f64 = 1e-6;

/// The attributes of a place, by name: section, then the fraction of it, or a 3-D point and an offset from it.
struct Names {
    section: &'static str,
    fractions: &'static [&'static str],
    segment: &'static str,
    offset: &'static str,
}

/// As SONATA names them, as older circuits do, and as bmtk does.
const NAMES: [Names; 3] = [
    Names {
        section: "afferent_section_id",
        fractions: &["afferent_section_pos", "afferent_section_fraction"],
        segment: "afferent_segment_id",
        offset: "afferent_segment_offset",
    },
    Names {
        section: "morpho_section_id_post",
        fractions: &["morpho_section_fraction_post"],
        segment: "morpho_segment_id_post",
        offset: "morpho_offset_segment_post",
    },
    Names { section: "sec_id", fractions: &["sec_x"], segment: "sec_id", offset: "sec_x" },
];

/// Sections and positions of the edges of a population.
pub(super) struct Locations<'a> {
    section: Cow<'a, [i64]>,
    position: Position<'a>,
}

enum Position<'a> {
    /// Name of the attribute, and its values.
    Fraction(&'static str, Cow<'a, [f64]>),
    /// 3-D points and offsets from them, in um.
    Offset(&'static str, Cow<'a, [i64]>, Cow<'a, [f64]>),
}

impl<'a> Locations<'a> {
    pub fn read(edges: &'a EdgePopulation) -> Result<Self, NeuroError> {
        let table = &edges.attributes;
        let names = NAMES.iter().find(|names| table.contains(names.section)).unwrap_or(&NAMES[0]);
        let section = table.integer(names.section)?;
        let fraction = names.fractions.iter().find(|name| table.contains(name));
        let position = match fraction {
            Some(name) => Position::Fraction(name, table.float(name)?),
            None => Position::Offset(names.offset, table.integer(names.segment)?, table.float(names.offset)?),
        };
        Ok(Self { section, position })
    }

    /// Section id and fraction of the section, not quite at its ends.
    pub fn of(
        &self,
        edges: &EdgePopulation,
        edge: usize,
        node: u64,
        morphology: &Morphology,
    ) -> Result<(u32, f64), NeuroError> {
        let section = self.section[edge];
        let sections = morphology.sections.len();
        let shape =
            usize::try_from(section).ok().and_then(|index| morphology.sections.get(index)).ok_or_else(|| {
                NeuroError::UnknownSection { population: edges.name.clone(), edge, node, section, sections }
            })?;
        let fraction = match &self.position {
            Position::Fraction(name, fractions) => {
                let found = fractions[edge];
                if !(-FRACTION_ROUNDING..=1.0 + FRACTION_ROUNDING).contains(&found) {
                    return Err(bad(edges, edge, name, found, "must lie between 0 and 1"));
                }
                found
            }
            Position::Offset(name, _, offsets) if !offsets[edge].is_finite() => {
                return Err(bad(edges, edge, name, offsets[edge], "must be a number"));
            }
            Position::Offset(_, segments, offsets) => fraction(shape, segments[edge], offsets[edge]),
        };
        Ok((section as u32, fraction.clamp(END_MARGIN, 1.0 - END_MARGIN)))
    }
}

/// Fraction of a section for an offset (um) from one of its 3-D points.
fn fraction(section: &Section, segment: i64, offset_um: f64) -> f64 {
    let points = &section.points;
    let last = usize::try_from(segment).unwrap_or(0).min(points.len() - 1);
    let before: f64 = points[..=last].windows(2).map(|pair| distance(pair[0].position, pair[1].position)).sum();
    (before + offset_um.max(0.0)) / section.length_um()
}
