//! A mechanism that cannot go on.

use crate::nmodl::Stop;

/// What stopped a mechanism, and where. The values of that instance stay as they were before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MechanismFailure {
    /// The mechanism.
    pub mechanism: String,
    /// Node of the cable.
    pub node: u32,
    /// Why.
    pub stop: Stop,
}
