//! Why a step could not be made.

use super::StepsSimulator;
use crate::diffusion::{Cause, Failure};

/// A species in a tetrahedron of which the amount could not be followed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("species '{species}' in tetrahedron {tet}: {cause}")]
pub struct Unsolved {
    /// The species.
    pub species: String,
    /// The tetrahedron, in the order of the mesh.
    pub tet: usize,
    /// What went wrong.
    pub cause: Cause,
}

impl StepsSimulator {
    /// With the name of the species and the number that the tetrahedron has in the mesh.
    pub(super) fn unsolved(&self, Failure { species, tet, cause }: Failure) -> Unsolved {
        let tet = self.places.iter().position(|&place| place as usize == tet).unwrap_or(tet);
        Unsolved { species: self.model.species()[species].name.clone(), tet, cause }
    }
}
