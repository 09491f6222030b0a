//! Tests of reaction-diffusion on tetrahedra.

mod compartments;
mod configuration;
mod currents;
mod deterministic;
mod diffusion;
mod failures;
mod fixtures;
mod gmsh;
mod intersections;
mod placement;
mod queries;
mod reactions;
mod reference;
mod simulator;
mod solvers;
