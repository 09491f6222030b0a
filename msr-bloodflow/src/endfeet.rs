//! Which vessel segments an endfoot wraps, and how radii given for one segment several times combine.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use serde::{Deserialize, Serialize};

use crate::vasculature::{Vasculature, VasculatureError};

/// A segment within reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reached {
    /// The segment.
    pub segment: usize,
    /// Vessel length passed before the segment begins, in um: the lengths of all segments before it on the shortest
    /// way, the first included.
    pub distance_um: f64,
}

impl Eq for Reached {}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance_um.total_cmp(&other.distance_um).then(self.segment.cmp(&other.segment))
    }
}

impl Vasculature {
    /// The segments that an endfoot covers which begins at segment (`section`, `segment`) and follows the vessels for
    /// `length_um` in all directions: the first one always, and each one at a distance below `length_um`. Shortest ways
    /// are exact (Dijkstra 1959). Order: by distance, then by segment.
    ///
    /// # Errors
    /// [`VasculatureError::UnknownAddress`], [`VasculatureError::BadLength`].
    pub fn segments_within(
        &self,
        section: u32,
        segment: u32,
        length_um: f64,
    ) -> Result<Vec<Reached>, VasculatureError> {
        self.segments_from(self.segment_at(section, segment)?, length_um)
    }

    /// As [`Vasculature::segments_within`], from a segment by its position.
    ///
    /// # Errors
    /// [`VasculatureError::BadLength`].
    ///
    /// # Panics
    /// Where the segment does not exist.
    pub fn segments_from(&self, first: usize, length_um: f64) -> Result<Vec<Reached>, VasculatureError> {
        if length_um.is_nan() || length_um < 0.0 {
            return Err(VasculatureError::BadLength { length_um });
        }
        let mut reached = Vec::new();
        let mut done = std::collections::HashSet::new();
        let mut waiting = BinaryHeap::from([Reverse(Reached { segment: first, distance_um: 0.0 })]);
        while let Some(Reverse(nearest)) = waiting.pop() {
            if !done.insert(nearest.segment) {
                continue;
            }
            reached.push(nearest);
            let distance_um = nearest.distance_um + self.lengths_um()[nearest.segment];
            if distance_um >= length_um {
                continue;
            }
            for node in self.ends(nearest.segment) {
                for &neighbour in self.adjacency().of(node) {
                    if !done.contains(&neighbour) {
                        waiting.push(Reverse(Reached { segment: neighbour, distance_um }));
                    }
                }
            }
        }
        Ok(reached)
    }
}

/// What a segment keeps that gets several radii, one for each of as many equally long pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The volume of the pieces: root mean square.
    #[default]
    Volume,
    /// The resistance of the pieces in series, each proportional to 1/r^4: the narrowest count most.
    Resistance,
}

impl Keep {
    /// The radius of all pieces together, in um.
    fn radius_um(self, pieces_um: impl ExactSizeIterator<Item = f64>) -> f64 {
        let count = pieces_um.len() as f64;
        match self {
            Self::Volume => (pieces_um.map(|radius| radius * radius).sum::<f64>() / count).sqrt(),
            Self::Resistance => (count / pieces_um.map(|radius| radius.powi(-4)).sum::<f64>()).powf(0.25),
        }
    }
}

/// Combines radii given for the same segment. Returns (segment, radius in um) by ascending segment.
///
/// # Panics
/// Where `segments` and `radii_um` differ in length.
pub fn combine_radii(segments: &[usize], radii_um: &[f64], keep: Keep) -> Vec<(usize, f64)> {
    assert_eq!(segments.len(), radii_um.len(), "one radius for each segment");
    let mut given: Vec<(usize, f64)> = segments.iter().copied().zip(radii_um.iter().copied()).collect();
    // Stable: equal segments keep their order, so that sums have the same bits.
    given.sort_by_key(|&(segment, _)| segment);
    let same_segment = given.chunk_by(|a, b| a.0 == b.0);
    same_segment
        .map(|group| match group {
            // The square root of a square may differ from the number itself.
            [one] => *one,
            group => (group[0].0, keep.radius_um(group.iter().map(|&(_, radius)| radius))),
        })
        .collect()
}
