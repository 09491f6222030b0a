//! Quasi-static blood flow and pressure in vasculature graphs, with vessel dilation.
//!
//! A [`Vasculature`] is a graph of vessel segments. [`EntryRule`] chooses where blood enters, [`Boundary`] imposes flows
//! or pressures, and a [`FlowSolver`] finds the flow in every segment and the pressure at every node by Poiseuille's law.
//! [`BloodflowSimulator`] offers all of it to other simulators, which read flows and volumes and set radii.
//!
//! Units: um, s, g. Pressure is in g um^-1 s^-2, which is kPa; viscosity in g um^-1 s^-1, which is kPa s (1 cP is 1e-6);
//! flow in um^3 s^-1. Flow through a segment is positive from its start to its end.

pub mod boundary;
mod csv_table;
pub mod endfeet;
pub mod entry;
pub mod flow;
pub mod flow_order;
pub mod ornstein_uhlenbeck;
pub mod phase_separation;
pub mod settings;
pub mod simulator;
pub mod transport;
pub mod vasculature;
pub mod vasodilation;
pub mod vessel;
pub mod viscosity;
pub mod vtp;

pub use boundary::{Boundary, BoundaryError, BoundaryFileError, Inflow};
pub use csv_table::CsvError;
pub use endfeet::{Keep, Reached, combine_radii};
pub use entry::{Axis, EntryError, EntryRule};
pub use flow::{Flow, FlowError, FlowSolver, Method};
pub use settings::{Held, Settings, SettingsError, SettingsNote};
pub use simulator::{BloodflowError, BloodflowSimulator};
pub use vasculature::{NodeTable, SegmentTable, Vasculature, VasculatureError};
pub use vasodilation::Vasodilation;
pub use viscosity::Viscosity;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
