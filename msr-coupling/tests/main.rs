//! Tests of the coupling, with toy simulators.

mod actions;
mod allocation;
mod bounds;
mod checkpoint;
mod clock;
mod corpus;
mod counter;
mod iteration;
mod laws;
mod ledger;
mod mapping_cache;
mod matrices;
mod orchestrator;
mod plain;
mod pool;
mod run_errors;
mod space_graph;
mod toy;
mod transform_units;
mod window;
