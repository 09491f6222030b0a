//! Tests of cells, mechanisms, networks and circuits.

mod against_neuron;
mod astrocytes;
mod cable_theory;
mod cells;
mod channels;
mod circuit;
mod circuits;
mod diffusion;
mod edges;
mod emodels;
mod fuzzing;
mod glia;
mod ions;
mod library;
mod mechanism_folders;
mod morphologies;
mod network;
mod nmodl_cells;
mod nmodl_failures;
mod nmodl_language;
mod point_processes;
mod template_cells;
