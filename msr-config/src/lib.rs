//! What is to be simulated, as plain data: SONATA simulation and circuit configuration, node sets, node and edge
//! populations, the `multiscale_run` section and the integer time grid. Nothing here simulates.
//!
//! Every mistake of a file is found in one go and returned as [`Problems`], one line per mistake, with file, line,
//! column, key and the nearest valid name.

pub mod circuit;
pub mod compartment_sets;
pub mod grid;
pub mod multiscale;
pub mod node_sets;
pub mod problem;
pub mod schema;
pub mod simulation;

mod document;
mod findings;
mod history;
mod inheritance;
mod json;
mod manifest;
mod name;
mod overrides;
mod path;
mod section;
mod shape;
mod source;
mod token;

pub use circuit::{Circuit, CircuitConfig, Column, EdgePopulation, NodePopulation, Table};
pub use compartment_sets::{CompartmentSet, CompartmentSets};
pub use grid::TimeGrid;
pub use multiscale::{Call, Connection, MultiscaleRun};
pub use node_sets::{NodeSets, Selection};
pub use overrides::{Override, OverrideError};
pub use problem::{Places, Problem, Problems, present_instead};
pub use simulation::SimulationConfig;
pub use source::{Provenance, Source};
