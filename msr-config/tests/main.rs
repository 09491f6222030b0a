//! Tests of what is read before a simulation.

mod circuits;
mod corpus;
mod errors;
mod hdf5_files;
mod inheritance;
mod mistakes;
mod multiscale;
mod node_sets;
mod schema;
mod shared;
