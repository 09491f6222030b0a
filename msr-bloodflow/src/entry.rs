//! Which nodes blood enters through.

use crate::vasculature::Vasculature;

/// Axis of the vasculature's coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// First coordinate.
    X,
    /// Second coordinate.
    Y,
    /// Third coordinate.
    Z,
}

impl Axis {
    /// The axis numbered 0, 1 or 2 in configurations.
    pub fn from_number(number: u64) -> Option<Self> {
        [Self::X, Self::Y, Self::Z].get(usize::try_from(number).ok()?).copied()
    }

    fn of(self, position_um: [f64; 3]) -> f64 {
        position_um[self as usize]
    }
}

/// How entry nodes are chosen: the widest boundary nodes near the upper end of an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EntryRule {
    /// How many are wanted; fewer are taken where there are no more.
    pub count: usize,
    /// Part of the extent along the axis, counted from its upper end, in which they must lie (0 to 1).
    pub depth_ratio: f64,
    /// The axis.
    pub axis: Axis,
}

/// No entry node.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EntryError {
    /// None is wanted.
    #[error("max_nb_inputs is 0: blood must enter through at least 1 node")]
    NoneWanted,
    /// The depth ratio is no number.
    #[error("depth_ratio is no number; it is a part of the vasculature's extent, 0 to 1")]
    BadDepthRatio,
    /// No node matches.
    #[error(
        "no entry node: none of the {boundary_nodes} ends of the largest component lies at or above {threshold_um} um on \
         axis {axis:?}; raise depth_ratio or choose another vasc_axis"
    )]
    NoCandidate {
        /// The axis.
        axis: Axis,
        /// Least coordinate, in um.
        threshold_um: f64,
        /// Number of degree-1 nodes.
        boundary_nodes: usize,
    },
}

impl EntryRule {
    /// The entry nodes in ascending order of diameter; of equal diameters the larger ids are preferred.
    ///
    /// Candidates are the nodes of degree 1 of the largest component whose coordinate is at least
    /// max - (max - min) depth_ratio, the extremes taken over all nodes of that component.
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn select(&self, vasculature: &Vasculature) -> Result<Vec<usize>, EntryError> {
        if self.count == 0 {
            return Err(EntryError::NoneWanted);
        }
        if self.depth_ratio.is_nan() {
            return Err(EntryError::BadDepthRatio);
        }
        let depth = |node: usize| self.axis.of(vasculature.nodes().positions_um[node]);
        let (low, high) = (0..vasculature.node_count())
            .filter(|&node| vasculature.is_in_main_component(node))
            .map(depth)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let threshold_um = high - (high - low) * self.depth_ratio.clamp(0.0, 1.0);
        let boundary = vasculature.boundary_nodes();
        let boundary_nodes = boundary.len();
        let mut candidates: Vec<usize> = boundary.into_iter().filter(|&node| depth(node) >= threshold_um).collect();
        if candidates.is_empty() {
            return Err(EntryError::NoCandidate { axis: self.axis, threshold_um, boundary_nodes });
        }
        let diameters = &vasculature.nodes().diameters_um;
        candidates.sort_by(|&a, &b| diameters[a].total_cmp(&diameters[b]).then(a.cmp(&b)));
        Ok(candidates.split_off(candidates.len().saturating_sub(self.count)))
    }
}
