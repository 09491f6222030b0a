//! Shares a segment among the tetrahedra that cover it.

use super::{NEGLIGIBLE, Piece, Pieces};

/// The part of a segment that lies in the closed tetrahedron.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval {
    pub(super) tet: u32,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// Overlap up to this part of the segment is rounding of a common end.
const ROUNDING: f64 = 1e-13;

/// Divides each stretch equally among the tetrahedra that cover it, however often each is among the intervals. `cuts` is
/// memory.
pub(super) fn share(intervals: &mut Vec<Interval>, cuts: &mut Vec<f64>) -> Pieces {
    intervals.sort_unstable_by(|a, b| a.from.total_cmp(&b.from).then(a.tet.cmp(&b.tet)));
    intervals.dedup_by_key(|interval| interval.tet);
    let overlap = intervals.windows(2).any(|pair| pair[1].from < pair[0].to - ROUNDING);
    let mut pieces: Vec<Piece> = Vec::with_capacity(intervals.len());
    let covered = if overlap {
        pieces.extend(intervals.iter().map(|interval| Piece { tet: interval.tet, fraction: 0.0 }));
        share_overlapping(intervals, cuts, &mut pieces)
    } else {
        pieces.extend(
            intervals.iter().map(|interval| Piece { tet: interval.tet, fraction: interval.to - interval.from }),
        );
        pieces.iter().map(|piece| piece.fraction).sum()
    };
    pieces.retain(|piece| piece.fraction >= NEGLIGIBLE);
    pieces.sort_unstable_by_key(|piece| piece.tet);
    // Rounding alone is no gap.
    let uncovered = if covered > 1.0 - NEGLIGIBLE { 0.0 } else { 1.0 - covered };
    Pieces { pieces, uncovered }
}

/// Adds to `pieces` (one for each interval) and returns the length covered.
fn share_overlapping(intervals: &[Interval], cuts: &mut Vec<f64>, pieces: &mut [Piece]) -> f64 {
    cuts.clear();
    cuts.extend(intervals.iter().flat_map(|interval| [interval.from, interval.to]));
    cuts.sort_unstable_by(f64::total_cmp);
    cuts.dedup();
    let mut covered = 0.0;
    for stretch in cuts.windows(2) {
        let [from, to] = [stretch[0], stretch[1]];
        // Intervals are sorted by their start.
        let begun = intervals.partition_point(|interval| interval.from <= from);
        let covers = |interval: &Interval| interval.to >= to;
        let sharers = intervals[..begun].iter().filter(|interval| covers(interval)).count();
        if sharers > 0 {
            covered += to - from;
            let part = (to - from) / sharers as f64;
            for (interval, piece) in intervals[..begun].iter().zip(pieces.iter_mut()) {
                if covers(interval) {
                    piece.fraction += part;
                }
            }
        }
    }
    covered
}
