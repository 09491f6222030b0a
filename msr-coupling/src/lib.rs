//! Couples any set of simulators on one clock.
//!
//! A simulator implements [`Simulator`]: it lives on [`Space`]s, declares its [`Variable`]s and answers to
//! [`Query`]s. [`Mapping`]s join spaces, connections carry values from one simulator to another, and the
//! [`orchestrator`] advances everything on one integer clock.

mod aitken;
mod balance;
mod breach;
pub mod checkpoint;
pub mod checkpoint_store;
pub mod communicator;
pub mod conformance;
mod coverage;
mod digest;
mod exchange;
pub mod expression;
mod feedback;
pub mod identity;
mod inspection;
mod iteration;
pub mod laws;
pub mod ledger;
pub mod mapping_cache;
pub mod matrix_market;
pub mod operator;
pub mod orchestrator;
pub mod plan;
pub mod query;
pub mod random;
pub mod registry;
mod route;
pub mod samples;
mod sampling;
pub mod schedule;
mod sealed_file;
pub mod simulator;
pub mod space;
pub mod space_graph;
mod timing;
pub mod unit;
pub mod variable;
pub mod vtk;
pub mod whole_file;
mod write_back;

pub use checkpoint::{Checkpoint, RestoreError};
pub use checkpoint_store::CheckpointStore;
pub use coverage::Coverage;
pub use digest::Digest;
pub use exchange::{ConnectionError, ConnectionOutline};
pub use identity::Identity;
pub use inspection::{MatrixOutline, PlanMatrix};
pub use iteration::{IterationError, IterationRecord};
pub use ledger::{Ledger, LedgerEntry};
pub use mapping_cache::{MappingCache, MappingInputs, MappingRecord};
pub use orchestrator::{Moment, Observer, Orchestrator, RunError};
pub use plan::{Composition, Geography, Plan, PlanErrors};
pub use query::{Query, QueryError};
pub use registry::{BuildContext, BuildError, Registry};
pub use route::RouteError;
pub use samples::Samples;
pub use schedule::{Schedule, Stop};
pub use simulator::{NeuronFailure, Response, Simulator, SimulatorError, Snapshot, Spike};
pub use space::{Address, Geometry, Mapping, Space};
pub use unit::Unit;
pub use variable::{Access, Bounds, Port, Quantity, Variable, VariableTable};

/// The example of the README compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
