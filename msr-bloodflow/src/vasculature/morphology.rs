//! Vasculature from sections, as morphology files (`.h5`) have them: each section is a row of points, and sections meet
//! where points are the same.

use std::collections::HashMap;

use super::error::{Note, VasculatureError};
use super::sonata::differ;
use super::tables::{NodeTable, SegmentTable};
use super::{Vasculature, is_diameter, is_position};

/// Data sets of a morphology file. `connectivity` is not among them: which sections meet follows from their points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SectionTables {
    /// `points`: x, y, z, diameter of each point, in um.
    pub points: Vec<[f64; 4]>,
    /// `structure`: first point and type of each section.
    pub structure: Vec<(u64, i32)>,
}

/// Points are the same where their coordinates agree after rounding to this many parts of a um.
const ROUNDING_PER_UM: f64 = 1000.0;

impl Vasculature {
    /// Builds a graph from sections. Points at the same place (to 0.001 um) become one node with the diameter of the
    /// first, and a note tells where others differ; nodes are numbered in the order in which they come. A segment joins each two points of a section that follow
    /// one another; `section_id` is the position of the section, `segment_id` that of the segment in it.
    ///
    /// # Errors
    /// [`VasculatureError::BadOffset`], and as [`Vasculature::new`].
    pub fn from_sections(sections: &SectionTables) -> Result<Self, VasculatureError> {
        let SectionTables { points, structure } = sections;
        let mut nodes = NodeTable::default();
        let mut known: HashMap<[i64; 3], usize> = HashMap::with_capacity(points.len());
        let mut ranges_um: Vec<[f64; 2]> = Vec::new();
        let mut node_of = |&[x, y, z, diameter]: &[f64; 4]| {
            let place = [x, y, z].map(|x| (x * ROUNDING_PER_UM).round_ties_even() as i64);
            let mut add = || {
                nodes.positions_um.push([x, y, z]);
                nodes.diameters_um.push(diameter);
                ranges_um.push([diameter; 2]);
                nodes.positions_um.len() - 1
            };
            // What is at no place is not at the same place as another.
            let node = if is_position([x, y, z]) { *known.entry(place).or_insert_with(add) } else { add() };
            let [low, high] = ranges_um[node];
            ranges_um[node] = [low.min(diameter), high.max(diameter)];
            // What is impossible stays, to be found among the defects.
            if !is_diameter(diameter) {
                nodes.diameters_um[node] = diameter;
            }
            node
        };
        let mut segments = SegmentTable::default();
        for (section, &(offset, kind)) in structure.iter().enumerate() {
            let end = structure.get(section + 1).map_or(points.len() as u64, |&(next, _)| next);
            let range = usize::try_from(offset).ok().zip(usize::try_from(end).ok());
            let inside = range.and_then(|(first, end)| points.get(first..end));
            let bad = || VasculatureError::BadOffset { section, offset, points: points.len() };
            let path: Vec<usize> = inside.ok_or_else(bad)?.iter().map(&mut node_of).collect();
            for (segment, ends) in path.windows(2).enumerate() {
                segments.start_nodes.push(ends[0]);
                segments.end_nodes.push(ends[1]);
                segments.types.push(kind);
                segments.section_ids.push(section as u32);
                segments.segment_ids.push(segment as u32);
                segments.endfeet.push(None);
            }
        }
        let mut vasculature = Self::new(nodes, segments)?;
        let is_uneven = |&node: &usize| differ(ranges_um[node][0], ranges_um[node][1]);
        let uneven: Vec<usize> = (0..ranges_um.len()).filter(is_uneven).collect();
        if let Some(&example) = uneven.first() {
            let (range_um, taken_um) = (ranges_um[example], vasculature.nodes().diameters_um[example]);
            vasculature.notes.push(Note::InconsistentDiameters { nodes: uneven.len(), example, range_um, taken_um });
        }
        Ok(vasculature)
    }

    /// Reads a morphology file with the data sets `points` and `structure`.
    ///
    /// # Errors
    /// [`VasculatureError::Morphology`], [`VasculatureError::BadShape`], and as [`Vasculature::from_sections`].
    #[cfg(feature = "hdf5")]
    pub fn from_morphology(path: &std::path::Path) -> Result<Self, VasculatureError> {
        let unreadable = |source| VasculatureError::Morphology { path: path.to_owned(), source };
        let file = hdf5::File::open(path).map_err(unreadable)?;
        let open = |data_set: &'static str, columns: usize| {
            let data = file.dataset(data_set).map_err(unreadable)?;
            let found = data.shape();
            if found.len() == 2 && found[1] == columns {
                Ok(data)
            } else {
                Err(VasculatureError::BadShape { data_set, found, columns })
            }
        };
        let points = open("points", 4)?.read_raw::<f64>().map_err(unreadable)?;
        let structure = open("structure", 2)?.read_raw::<i64>().map_err(unreadable)?;
        let bad_integer = |(row, value): (usize, i64), column| VasculatureError::BadInteger {
            table: path.display().to_string(),
            row,
            column,
            value,
        };
        let structure = structure.chunks_exact(2).enumerate().map(|(row, pair)| {
            let offset = u64::try_from(pair[0]).map_err(|_| bad_integer((row, pair[0]), "offset"))?;
            let kind = i32::try_from(pair[1]).map_err(|_| bad_integer((row, pair[1]), "type"))?;
            Ok((offset, kind))
        });
        Self::from_sections(&SectionTables {
            points: points.chunks_exact(4).map(|point| [point[0], point[1], point[2], point[3]]).collect(),
            structure: structure.collect::<Result<_, VasculatureError>>()?,
        })
    }
}
