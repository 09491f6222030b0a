//! Why a morphology cannot be cut into segments.

use super::MOST_SEGMENTS;
use super::axon::SAMPLES;

/// Why a morphology cannot be cut into segments.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum DiscretisationError {
    /// An axon with fewer segments than its replacement takes diameters from.
    #[error(
        "the axon of {sections} sections, {length_um} um long, has {found} segments of 12 um at most; its replacement takes \
         its diameters from {SAMPLES}"
    )]
    AxonTooShort {
        /// Sections of the axon.
        sections: usize,
        /// Their length.
        length_um: f64,
        /// Their segments.
        found: usize,
    },
    /// A diameter of a replaced axon that cannot be.
    #[error("segment {segment} of the replaced axon would have a diameter of {diameter_um} um; it must be positive")]
    AxonDiameter {
        /// The segment, from 0.
        segment: usize,
        /// Its diameter.
        diameter_um: f64,
    },
    /// A number of the rule for segments that cannot be.
    #[error("segments: {name} = {value} must be positive")]
    Rule {
        /// The number.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// More segments than fit into the memory.
    #[error("the cell would have {found} segments; at most {MOST_SEGMENTS} are possible: make the segments longer")]
    TooManySegments {
        /// Their number.
        found: usize,
    },
}
