//! How many segments a section is cut into.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::DiscretisationError;
use crate::morphology::Point;

/// Length of the pieces whose number decides the number of segments of a section: `nseg = 1 + 2 floor(L / 40 um)`.
pub const PIECE_UM: f64 = 40.0;

/// Number of segments of a section.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentRule {
    /// `1 + 2 floor(L / piece)`: an odd number, so that there is a middle segment. The pieces, in um, are 40 in the e-models of
    /// neurodamus and 20 in those of the Allen Institute.
    PieceUm(f64),
    /// An odd number of segments no longer than a fraction of the length constant at a frequency: `1 + 2 floor((L /
    /// (fraction lambda) + 0.9) / 2)` (Hines & Carnevale 2001, The Neuroscientist 7:123).
    LengthConstant {
        /// The fraction; 0.1 is usual.
        fraction: f64,
        /// The frequency, in Hz; 100 is usual.
        frequency_hz: f64,
        /// Axial resistivity, in Ohm cm.
        axial_resistivity_ohm_cm: f64,
        /// Membrane capacitance, in uF/cm2.
        capacitance_uf_per_cm2: f64,
    },
    /// So many in each section.
    Count(usize),
}

impl Default for SegmentRule {
    fn default() -> Self {
        Self::PieceUm(PIECE_UM)
    }
}

/// Pieces of this length, in um.
impl From<f64> for SegmentRule {
    fn from(piece_um: f64) -> Self {
        Self::PieceUm(piece_um)
    }
}

impl SegmentRule {
    pub(super) fn check(self) -> Result<(), DiscretisationError> {
        let numbers = match self {
            Self::PieceUm(piece_um) => vec![("piece_um", piece_um)],
            Self::LengthConstant { fraction, frequency_hz, axial_resistivity_ohm_cm, capacitance_uf_per_cm2 } => vec![
                ("fraction", fraction),
                ("frequency_hz", frequency_hz),
                ("axial_resistivity_ohm_cm", axial_resistivity_ohm_cm),
                ("capacitance_uf_per_cm2", capacitance_uf_per_cm2),
            ],
            Self::Count(count) => vec![("count", count as f64)],
        };
        match numbers.into_iter().find(|(_, value)| !(*value > 0.0 && value.is_finite())) {
            None => Ok(()),
            Some((name, value)) => Err(DiscretisationError::Rule { name, value }),
        }
    }

    /// Number of segments of a section of this length through these points; at least 1.
    pub fn count(self, points: &[Point], length_um: f64) -> usize {
        let count = match self {
            Self::PieceUm(piece_um) => odd(length_um / piece_um),
            Self::LengthConstant { fraction, frequency_hz, axial_resistivity_ohm_cm, capacitance_uf_per_cm2 } => {
                /// Rounds up from one tenth of a segment on.
                const UP: f64 = 0.9;
                let constants =
                    length_constants(points, frequency_hz, axial_resistivity_ohm_cm, capacitance_uf_per_cm2);
                odd((constants / fraction + UP) / 2.0)
            }
            Self::Count(count) => count,
        };
        count.max(1)
    }
}

/// Twice the whole part and one; conversions saturate.
fn odd(pairs: f64) -> usize {
    (pairs as usize).saturating_mul(2).saturating_add(1)
}

/// Length of a section in length constants at a frequency: each piece between two points counts with `lambda = sqrt(d / (4
/// pi f Ra Cm))` (Rall 1977) of the mean of its diameters.
pub(crate) fn length_constants(points: &[Point], frequency_hz: f64, ohm_cm: f64, uf_per_cm2: f64) -> f64 {
    /// From sqrt(um / (Hz Ohm cm uF/cm2)) to um.
    const LENGTH_UM: f64 = 1e5;
    let per_diameter = LENGTH_UM / (4.0 * PI * frequency_hz * ohm_cm * uf_per_cm2).sqrt();
    points
        .windows(2)
        .map(|pair| {
            let mean_um = (pair[0].diameter_um + pair[1].diameter_um) / 2.0;
            pair[0].distance_um(&pair[1]) / (per_diameter * mean_um.sqrt())
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cylinder(length_um: f64, diameter_um: f64) -> [Point; 2] {
        [0.0, length_um].map(|x| Point { position: [x, 0.0, 0.0], diameter_um })
    }

    #[test]
    fn pieces_make_odd_numbers() {
        let count = |length: f64| SegmentRule::default().count(&cylinder(length, 1.0), length);
        assert_eq!([39.9, 40.0, 79.0, 80.1].map(count), [1, 3, 3, 5]);
    }

    /// NEURON 9.0.2: `lambda_f(100)` of a section of 3-D points (0, 2 um), (100, 1 um), (250, 1.6 um) with Ra 150, cm 1 is
    /// 270.07551740031346, and `int((L/(0.1*lambda_f(100))+.9)/2)*2+1` is 11.
    #[test]
    fn length_constants_are_neurons() {
        let points =
            [(0.0, 2.0), (100.0, 1.0), (250.0, 1.6)].map(|(x, diameter_um)| Point::single([x, 0.0, 0.0], diameter_um));
        let constants = length_constants(&points, 100.0, 150.0, 1.0);
        assert!((250.0 / constants / 270.07551740031346 - 1.0).abs() < 1e-9, "{}", 250.0 / constants);
        let rule = SegmentRule::LengthConstant {
            fraction: 0.1,
            frequency_hz: 100.0,
            axial_resistivity_ohm_cm: 150.0,
            capacitance_uf_per_cm2: 1.0,
        };
        assert_eq!(rule.count(&points, 250.0), 11);
    }
}
