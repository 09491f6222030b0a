//! The connection matrices of the original, by name.

use sprs::{CsMat, TriMat};

use super::SpaceGraph;
use crate::operator::{shares, transposed};
use crate::space::{ENTRY_SUBSET, NEURONS, SECTIONS, SEGMENTS, TETRAHEDRA, VESSEL_SEGMENTS, VESSEL_STARTS};

/// One of the original's matrices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NamedMatrix {
    pub name: &'static str,
    /// Space of the rows.
    pub rows: &'static str,
    /// Space of the columns.
    pub columns: &'static str,
    /// What an entry says.
    pub meaning: &'static str,
}

/// The original's matrices.
pub(crate) const MATRICES: &[NamedMatrix] = &[
    NamedMatrix {
        name: "nXsecMat",
        rows: NEURONS,
        columns: SECTIONS,
        meaning: "part of a neuron's volume in each of its sections; rows sum to 1",
    },
    NamedMatrix {
        name: "nsecXnsegMat",
        rows: SECTIONS,
        columns: SEGMENTS,
        meaning: "part of a section's length in each of its segments; rows sum to 1",
    },
    NamedMatrix {
        name: "nXnsegMatBool",
        rows: NEURONS,
        columns: SEGMENTS,
        meaning: "1 where a segment belongs to a neuron; columns sum to 1",
    },
    NamedMatrix {
        name: "nsegXtetMat",
        rows: SEGMENTS,
        columns: TETRAHEDRA,
        meaning: "part of a segment's length in each tetrahedron; rows sum to 1 inside the mesh",
    },
    NamedMatrix {
        name: "nXtetMat",
        rows: NEURONS,
        columns: TETRAHEDRA,
        meaning: "part of a neuron in each tetrahedron, nXsecMat nsecXnsegMat nsegXtetMat; rows sum to 1 inside the mesh",
    },
    NamedMatrix {
        name: "tetXbfVolsMat",
        rows: TETRAHEDRA,
        columns: VESSEL_SEGMENTS,
        meaning: "part of a vessel segment's length in each tetrahedron; columns sum to 1 inside the mesh",
    },
    NamedMatrix {
        name: "tetXbfFlowsMat",
        rows: TETRAHEDRA,
        columns: VESSEL_SEGMENTS,
        meaning: "1 where a vessel segment brings blood into a tetrahedron",
    },
    NamedMatrix {
        name: "tetXtetMat",
        rows: TETRAHEDRA,
        columns: TETRAHEDRA,
        meaning: "diagonal: mean volume of the tetrahedra by the volume of each",
    },
];

/// Names of the original's matrices.
pub fn matrix_names() -> impl Iterator<Item = &'static str> {
    MATRICES.iter().map(|matrix| matrix.name)
}

impl SpaceGraph {
    /// One of the original's connection matrices by name, in its orientation, or `None` where a space is missing.
    pub fn matrix(&self, name: &str) -> Option<CsMat<f64>> {
        let sizes = |space: &str| self.spaces.get(space).map(|s| s.sizes.as_slice());
        match name {
            "nXsecMat" => Some(shares(self.mapping(SECTIONS, NEURONS)?, sizes(SECTIONS)?)),
            // By length, as the original has it; sections in neurons by volume.
            "nsecXnsegMat" => Some(shares(self.mapping(SEGMENTS, SECTIONS)?, &self.spaces.get(SEGMENTS)?.lengths()?)),
            "nXnsegMatBool" => Some(transposed(self.mapping(SEGMENTS, NEURONS)?)),
            "nsegXtetMat" => self.mapping(SEGMENTS, TETRAHEDRA).cloned(),
            "nXtetMat" => {
                let segments = &self.matrix("nXsecMat")? * &self.matrix("nsecXnsegMat")?;
                Some(&segments * self.mapping(SEGMENTS, TETRAHEDRA)?)
            }
            "tetXbfVolsMat" => Some(transposed(self.mapping(VESSEL_SEGMENTS, TETRAHEDRA)?)),
            "tetXbfFlowsMat" => self.vessel_inflow(),
            "tetXtetMat" => {
                let volumes = sizes(TETRAHEDRA)?;
                let mean = volumes.iter().sum::<f64>() / volumes.len() as f64;
                let mut diagonal = TriMat::new((volumes.len(), volumes.len()));
                for (tetrahedron, volume) in volumes.iter().enumerate() {
                    diagonal.add_triplet(tetrahedron, tetrahedron, mean / volume);
                }
                Some(diagonal.to_csr())
            }
            _ => None,
        }
    }

    /// 1 where a vessel segment enters a tetrahedron: all that it touches but the one where it starts, which counts the
    /// blood already where the vessel came from. Segments at the network's entry count where they start, too.
    fn vessel_inflow(&self) -> Option<CsMat<f64>> {
        let space = self.spaces.get(VESSEL_SEGMENTS)?;
        let touched = self.mapping(VESSEL_SEGMENTS, TETRAHEDRA)?;
        let starts = self.mapping(VESSEL_STARTS, TETRAHEDRA);
        let entries = space.subsets.get(ENTRY_SUBSET);
        let mut inflow = TriMat::new((touched.cols(), touched.rows()));
        for (segment, row) in touched.outer_iterator().enumerate() {
            let is_entry = entries.is_some_and(|entries| entries.binary_search(&segment).is_ok());
            for (tetrahedron, _) in row.iter() {
                let starts_here = starts.is_some_and(|starts| starts.get(segment, tetrahedron).is_some());
                if is_entry || !starts_here {
                    inflow.add_triplet(tetrahedron, segment, 1.0);
                }
            }
        }
        Some(inflow.to_csr())
    }

    /// Space of the rows and of the columns of a named matrix.
    pub fn matrix_spaces(name: &str) -> Option<(&'static str, &'static str)> {
        MATRICES.iter().find(|matrix| matrix.name == name).map(|matrix| (matrix.rows, matrix.columns))
    }
}
