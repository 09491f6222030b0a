//! Tests of the program and of whole simulations.

mod astrocytes;
mod bad_input;
mod blood_reports;
mod bundled;
mod charge;
mod documentation;
mod edit_mod_files;
mod energy;
mod generated;
mod mapping_cache;
mod matrices;
mod migrate;
mod own_metabolism;
mod pairs;
mod plan;
mod published;
mod results;
mod resume;
mod tiny_ci;
