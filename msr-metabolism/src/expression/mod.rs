//! The language of the equations: text, syntax tree, shared graph, derivatives and the tape that is run.
//!
//! [`syntax`] reads a formula; [`graph`] holds all formulas of a model as one graph in which equal subexpressions are
//! one node and constants are folded; [`derivative`] adds the nodes of gradients to the same graph; [`tape`] turns the
//! nodes that are wanted into lists of instructions ([`program`]), run over several cells at once. Right-hand side and
//! Jacobian therefore have one source.

pub mod derivative;
mod elementary;
pub mod graph;
mod lanes;
pub(crate) mod program;
pub(crate) mod schedule;
pub mod syntax;
pub mod tape;
mod token;

pub use graph::{Graph, Node, NodeId};
pub use lanes::{Lanes, Slots};
pub use syntax::{Expression, ExpressionError};
pub use tape::{Layout, Tape};
