//! Code for many instances at once.
//!
//! A routine is gone through once with nodes of a [`graph`] as values, so that what comes out is arithmetic without
//! order: equal sub-expressions exist once, what is constant at a temperature is computed once, what nobody reads is
//! gone, and either side of a condition is chosen by a select. The graph gets a cheaper form ([`simplify`]) and becomes a
//! [`program`] of operations on chunks of instances, several nodes in one operation where they are [`fused`], which
//! [`execute`] runs with vector instructions on [`registers`]. [`derivative`] gives the slope of a current by the
//! voltage.

mod derivative;
mod execute;
mod exponential;
mod fused;
mod graph;
mod program;
mod progress;
mod registers;
mod simplify;
#[cfg(test)]
mod tests;

pub use derivative::Slopes;
pub use execute::{Scratch, Surroundings};
pub use graph::{Graph, Id, Node};
pub use program::{Program, Repetition, Sink, Source};
