//! Files written for a toy simulator, read back with HDF5.

mod interrupted;
mod plan;
mod reader;
mod reports;
mod request;
mod resumed;
mod spikes;
#[path = "../examples/toy/mod.rs"]
mod toy;
