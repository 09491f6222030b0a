//! Diffusion by jumps over the faces of tetrahedra and reactions within them, as a mean field and as single molecules.
//!
//! A molecule in tetrahedron i jumps to its neighbour j at the rate `k_ij = D A_ij / (V_i d_ij)`, with the area A of the
//! common face, the volume V and the distance d of the barycentres (Hepburn, Chen, Wils and De Schutter 2012, STEPS,
//! BMC Syst. Biol. 6:36). `V_i k_ij = V_j k_ji`: uniform concentrations are stationary and molecules are conserved.

mod binomial;
mod chebyshev;
mod conjugate_gradients;
mod failure;
mod kinetics;
mod leaping;
mod mixed_flux;
mod network;
mod operator;
mod parts;
mod poisson;
mod rate_equations;
mod reaction_leap;
mod spatial_ssa;
mod spectral_leap;
mod splitting;

use std::fmt::Debug;

pub use binomial::Variates;
pub use chebyshev::ChebyshevPropagator;
pub(crate) use failure::largest;
pub use failure::{Cause, Failure, MOST_MOLECULES};
pub use kinetics::Kinetics;
pub use leaping::TauLeaping;
pub use mixed_flux::MixedFlux;
pub use network::{JumpNetwork, NO_COMPARTMENT, kinetics};
pub use operator::JumpOperator;
pub use rate_equations::{RateEquations, Workspace};
pub use reaction_leap::{ReactionLeap, Scratch};
pub use spatial_ssa::SpatialSsa;
pub use splitting::OperatorSplitting;

/// Tetrahedra up to which handing out tasks costs more than it saves.
const FEW_TETRAHEDRA: usize = 4096;

/// Whether work on so many tetrahedra is done in one task.
fn is_serial(tetrahedra: usize) -> bool {
    tetrahedra <= FEW_TETRAHEDRA || rayon::current_num_threads() == 1
}

/// A method that advances numbers of molecules.
pub trait Molecules: Debug + Send + Sync {
    /// Advances `counts` (species by species within each tetrahedron) by `dt_s`. `seed` names the run; `step` counts the
    /// steps ever made, and together with the tetrahedron they key the random streams.
    ///
    /// # Errors
    /// [`Failure`] where numbers grow beyond all bounds; `counts` are then those of no particular time.
    fn advance(&mut self, counts: &mut [u64], dt_s: f64, seed: u64, step: &mut u64) -> Result<(), Failure>;
}
