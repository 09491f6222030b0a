//! Diffusion by jumps over the faces of tetrahedra, as a mean field and as single molecules.
//!
//! A molecule in tetrahedron i jumps to its neighbour j at the rate `k_ij = D A_ij / (V_i d_ij)`, with the area A of the
//! common face, the volume V and the distance d of the barycentres (Hepburn, Chen, Wils and De Schutter 2012, STEPS,
//! BMC Syst. Biol. 6:36). `V_i k_ij = V_j k_ji`: uniform concentrations are stationary and molecules are conserved.

mod binomial;
mod chebyshev;
mod kinetics;
mod operator;
mod splitting;

pub use binomial::Variates;
pub use chebyshev::ChebyshevPropagator;
pub use kinetics::Kinetics;
pub use operator::JumpOperator;
pub use splitting::OperatorSplitting;
