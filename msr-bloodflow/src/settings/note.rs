//! What in the settings does not act as one may expect.

use std::fmt;

/// Something in the configuration that does not act as its author may expect.
#[derive(Debug, Clone, PartialEq)]
pub enum SettingsNote {
    /// Keys without effect on flows.
    Unused {
        /// The keys.
        keys: &'static [&'static str],
    },
    /// A key that others do nothing beside.
    Governs {
        /// The key.
        key: &'static str,
        /// Keys that do nothing.
        keys: &'static [&'static str],
    },
    /// Vessels under endfeet are to dilate, and there is no endfoot.
    NothingDilates,
    /// No blood enters.
    NoInflow,
    /// A depth ratio outside its range.
    DepthRatioClamped {
        /// What was given.
        given: f64,
    },
    /// Fewer entry nodes than wanted.
    FewEntries {
        /// `max_nb_inputs`.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
}

impl fmt::Display for SettingsNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unused { keys } => write!(f, "{} have no effect on the flow", keys.join(", ")),
            Self::Governs { key, keys } => write!(
                f,
                "bloodflow.{key} drives the flow: {} have no effect; leave {key} out for the flow that input_v says",
                keys.join(", ")
            ),
            Self::NothingDilates => {
                f.write_str("bloodflow.vasodilation has no effect: no vessel segment lies under an endfoot")
            }
            Self::NoInflow => f.write_str("bloodflow.input_v is 0: no blood flows, whatever the radii are"),
            Self::DepthRatioClamped { given } => {
                write!(f, "bloodflow.depth_ratio {given} is outside 0 to 1; {} is used", given.clamp(0.0, 1.0))
            }
            Self::FewEntries { wanted, found } => {
                write!(f, "bloodflow.max_nb_inputs is {wanted}, but only {found} node(s) can be entries")
            }
        }
    }
}
