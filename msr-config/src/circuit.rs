//! Circuits: configuration, node and edge populations.

mod config;
mod kind;
mod population;
mod table;

pub use config::{CircuitConfig, CircuitStatus, Components, EdgePopulationConfig, NodePopulationConfig};
pub use kind::{EdgeKind, NodeKind};
pub use population::{Circuit, EdgePopulation, NodePopulation};
pub use table::{AttributeError, Column, Table};
