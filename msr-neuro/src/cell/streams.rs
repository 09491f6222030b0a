//! Which random streams the mechanisms and point processes of a cell draw from: those that neurodamus gives them.

use crate::discretisation::Discretisation;
use crate::mechanisms::{Column, Role};

/// What the streams of a cell are named by. Each stream is NEURON's Random123 stream of three numbers, below.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamKeys {
    /// Seed of the run (NEURON's global index).
    pub seed: u32,
    /// The cell.
    pub gid: u32,
    /// Third number of the streams of channels (SONATA `ionchannel_seed`).
    pub channel_seed: u32,
    /// Part of the third number of the streams of point processes (SONATA `synapse_seed`).
    pub synapse_seed: u32,
}

/// What neurodamus adds to gid, number and seed of a synapse, so that its streams are no other's.
const POINT_OFFSETS: [u32; 3] = [250, 100, 300];

impl StreamKeys {
    /// The stream of a channel in a segment: gid, a number made of the segment's name (`apic[3].0.5`), seed.
    pub(super) fn of_segment(&self, cell: &Discretisation, segment: usize) -> [u32; 3] {
        [self.gid, hash(&segment_name(cell, segment)), self.channel_seed]
    }

    /// The stream of a point process.
    pub(super) fn of_point(&self, number: u32) -> [u32; 3] {
        let [cell, point, seed] = POINT_OFFSETS;
        [self.gid.wrapping_add(cell), number.wrapping_add(point), self.synapse_seed.wrapping_add(seed)]
    }
}

/// Fills the columns of the streams of one instance; the third number of further streams is one more each.
pub(crate) fn fill(columns: &[Column], seed: u32, ids: [u32; 3], mut set: impl FnMut(usize, f64)) {
    let mut stream = 0;
    for (index, column) in columns.iter().enumerate().filter(|(_, column)| column.role == Role::Stream) {
        let value = match column.name.rsplit_once('.').map_or("", |(_, part)| part) {
            "seed" => seed,
            "id1" => ids[0],
            "id2" => ids[1],
            "id3" => ids[2].wrapping_add(stream),
            _ => {
                stream += 1;
                continue;
            }
        };
        set(index, f64::from(value));
    }
}

/// `apic[3].0.5`: section by kind and position in it, and the middle of the segment as a fraction of its length.
fn segment_name(cell: &Discretisation, segment: usize) -> String {
    /// Significant digits of the fraction.
    const DIGITS: i32 = 19;
    let index = cell.segments[segment].section;
    let section = &cell.sections[index];
    let number = cell.sections[..index].iter().filter(|before| before.kind == section.kind).count();
    let fraction = fraction(segment - section.segments.start, section.segments.len());
    let decimals = DIGITS - 1 - fraction.log10().floor() as i32;
    let digits = format!("{fraction:.*}", decimals.max(0) as usize);
    format!("{}[{number}].{}", section.kind.name(), digits.trim_end_matches('0'))
}

/// The middle of a segment as NEURON's loops over segments reach it, with their rounding: the name depends on the last bit.
pub(crate) fn fraction(segment: usize, nseg: usize) -> f64 {
    let step = 1.0 / nseg as f64;
    (0..segment).fold(step / 2.0, |middle, _| middle + step)
}

/// The hash of e-model templates: `31 hash + character`, modulo 2^31 - 1.
fn hash(name: &str) -> u32 {
    const MODULUS: u64 = (1 << 31) - 1;
    name.bytes().fold(0, |hash: u64, byte| (hash * 31 + u64::from(byte)) % MODULUS) as u32
}

#[cfg(test)]
mod tests {
    use super::{fraction, hash};

    #[test]
    fn a_name_is_hashed_as_by_hand() {
        // ((115 * 31 + 111) * 31 + 109) * 31 + 97 for "soma".
        assert_eq!(hash("soma"), 3_536_112);
    }

    #[test]
    fn segments_are_where_loops_of_neuron_find_them() {
        let expected = [0.07142857142857142, 0.21428571428571427, 0.3571428571428571, 0.49999999999999994];
        assert_eq!([0, 1, 2, 3].map(|segment| fraction(segment, 7)), expected);
        assert_eq!(fraction(6, 7), 0.928_571_428_571_428_4);
    }
}
