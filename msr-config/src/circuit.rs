//! Circuits: configuration, node and edge populations.

mod components;
mod config;
mod kind;
mod population;
#[cfg(feature = "sonata")]
mod sonata;
mod spikes;
mod table;

pub(crate) use config::CIRCUIT;

pub use components::Components;
pub use config::{CircuitConfig, CircuitStatus, EdgePopulationConfig, NodePopulationConfig};
pub use kind::{EdgeKind, NodeKind};
pub use population::{Circuit, EdgePopulation, NodePopulation};
pub use spikes::SpikeTrains;
pub use table::{AttributeError, Column, Table};
