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
pub use model::{Model, ModelError, Reaction, Species};
pub use simulator::{Settings, Shortfall, Solver, StepsError, StepsSimulator};
pub use space::{SegmentsOutside, TetrahedralSpace};
