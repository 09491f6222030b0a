//! Why a cell cannot be built.

use msr_coupling::query::nearest;

use crate::cell::CellFailure;
use crate::mechanisms::UnknownMechanism;

/// Why a cell cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// A mechanism that does not exist.
    #[error(transparent)]
    Mechanism(#[from] UnknownMechanism),
    /// A parameter that the mechanism does not have.
    #[error(
        "mechanism '{mechanism}' has no parameter '{parameter}'{}; available: {}",
        nearest(parameter, available),
        available.join(", ")
    )]
    UnknownParameter {
        /// The mechanism.
        mechanism: String,
        /// The parameter asked for.
        parameter: String,
        /// Its parameters.
        available: Vec<String>,
    },
    /// A conductance below 0, or a parameter that is no number.
    #[error("{mechanism}.{parameter} = {value} {reason}")]
    BadParameter {
        /// The mechanism.
        mechanism: String,
        /// The parameter.
        parameter: String,
        /// Its value in a segment.
        value: f64,
        /// What it must be.
        reason: &'static str,
    },
    /// A parameter of a mechanism that no segment of the cell carries.
    #[error("'{mechanism}.{parameter}' is set, but '{mechanism}' is inserted nowhere; inserted: {}", inserted.join(", "))]
    NotInserted {
        /// The mechanism.
        mechanism: String,
        /// The parameter.
        parameter: String,
        /// What is inserted.
        inserted: Vec<String>,
    },
    /// A resting potential at which leaks cannot balance the pump.
    #[error(
        "resting potential {rest_mv} mV must lie between ek = {ek_mv} mV and ena = {ena_mv} mV: leaks balance the pump there"
    )]
    RestOutsideReversals {
        /// The resting potential.
        rest_mv: f64,
        /// Reversal potential of potassium.
        ek_mv: f64,
        /// Reversal potential of sodium.
        ena_mv: f64,
    },
    /// A place that does not exist.
    #[error("'{mechanism}' is placed in segment {segment}; the cell has segments 0 to {}", segments - 1)]
    UnknownSegment {
        /// The point process.
        mechanism: String,
        /// The segment asked for.
        segment: usize,
        /// Number of segments.
        segments: usize,
    },
    /// A connection to what was not placed.
    #[error("a connection names point process {point}, of {points} that are placed")]
    UnknownPoint {
        /// Number of the point process.
        point: u32,
        /// How many there are.
        points: usize,
    },
    /// A connection to what has no NET_RECEIVE.
    #[error("'{mechanism}' receives no events: it has no NET_RECEIVE block")]
    ReceivesNothing {
        /// The point process.
        mechanism: String,
    },
    /// A value to point to, or a pointer, that does not exist.
    #[error("'{owner}' has no variable '{variable}'{}; available: {}", nearest(variable, available), available.join(", "))]
    UnknownVariable {
        /// Mechanism, point process, or `membrane`.
        owner: String,
        /// The variable asked for.
        variable: String,
        /// What there is.
        available: Vec<String>,
    },
    /// A pointer to nothing.
    #[error(
        "the POINTER '{pointer}' of '{mechanism}' is set nowhere, or not in all of its segments; set it with point_to"
    )]
    UnsetPointer {
        /// Mechanism or point process.
        mechanism: String,
        /// The pointer.
        pointer: String,
    },
    /// A mechanism that a segment does not carry.
    #[error("'{mechanism}.{variable}' is pointed to or from in segment {segment}, which does not carry '{mechanism}'")]
    NotCarried {
        /// The mechanism.
        mechanism: String,
        /// The variable.
        variable: String,
        /// The segment.
        segment: usize,
    },
    /// Layers outside of the membrane are advanced by implicit Euler only.
    #[error(
        "'extracellular' is inserted: such a cell is integrated by implicit Euler only; set integration_method to \"euler\" (0)"
    )]
    LayersNeedEuler,
    /// A cell that cannot even begin.
    #[error("at the beginning: {0}")]
    Initial(CellFailure),
}
