//! Reaction-diffusion of ions on tetrahedral meshes, stochastic and deterministic.
