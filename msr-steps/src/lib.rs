#![doc = include_str!("../README.md")]

pub mod constants;
pub mod diffusion;
pub mod intersection;
pub mod mesh;
pub mod model;
pub mod simulator;
pub mod space;

pub use constants::Constants;
pub use intersection::{Intersector, Piece, Pieces};
pub use mesh::{Surrounding, TetMesh};
pub use model::{DiffusionBoundary, Model, ModelBuilder, ModelError, RateConstant, Reaction, Species};
pub use simulator::{Flux, Settings, Shortage, Shortfall, Solver, StepsError, StepsSimulator, Unsolved};
pub use space::{SegmentsOutside, TetrahedralSpace};
