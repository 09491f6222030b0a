//! Whose segments values are read of.

use std::ops::Range;

use msr_coupling::space::{ASTROCYTE_SEGMENTS, ENDFEET, SEGMENTS};

use crate::cell::Cell;

/// Which segments of which cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Host {
    /// All of neurons.
    Neurons,
    /// Those that the morphologies of astrocytes have.
    Astrocytes,
    /// Those that their endfeet are.
    Endfeet,
}

impl Host {
    /// Getter of their values.
    pub fn getter(self) -> &'static str {
        match self {
            Self::Neurons => "get_var",
            Self::Astrocytes => "get_astrocyte_var",
            Self::Endfeet => "get_endfoot_var",
        }
    }

    /// The space that they are.
    pub fn space(self) -> &'static str {
        match self {
            Self::Neurons => SEGMENTS,
            Self::Astrocytes => ASTROCYTE_SEGMENTS,
            Self::Endfeet => ENDFEET,
        }
    }

    /// Name of a variable among those of all hosts.
    pub fn name(self, variable: &str) -> String {
        match self {
            Self::Neurons => variable.to_owned(),
            Self::Astrocytes => format!("astrocyte {variable}"),
            Self::Endfeet => format!("endfoot {variable}"),
        }
    }

    /// What a variable is, said of these segments.
    pub fn description(self, of_segments: &str) -> String {
        match self {
            Self::Neurons => of_segments.to_owned(),
            Self::Astrocytes => format!("{of_segments}; of astrocytes"),
            Self::Endfeet => format!("{of_segments}; of endfeet"),
        }
    }

    /// Which segments of a cell. Endfeet follow the sections of the morphology, of which each is one segment.
    pub fn segments(self, cell: &Cell) -> Range<usize> {
        let shape = cell.discretisation();
        let all = shape.segments.len();
        let feet = || shape.sections.iter().filter(|section| !section.from_file).count();
        match self {
            Self::Neurons => 0..all,
            Self::Astrocytes => 0..all - feet(),
            Self::Endfeet => all - feet()..all,
        }
    }

    /// Whether any of these nodes is one of them.
    pub fn is_among(self, cell: &Cell, nodes: &[u32]) -> bool {
        // The nodes of segments stand first, in their order.
        let segments = self.segments(cell);
        self == Self::Neurons || nodes.iter().any(|&node| segments.contains(&(node as usize)))
    }

    /// Whether a mechanism on them uses an ion.
    pub fn uses_ion(self, cells: &[Cell], ion: &str) -> bool {
        cells.iter().any(|cell| {
            let uses =
                |mechanism: &dyn crate::mechanisms::Mechanism| mechanism.ions().iter().any(|used| used.name == ion);
            cell.mechanisms().any(|(mechanism, nodes)| self.is_among(cell, nodes) && uses(mechanism))
        })
    }
}
