//! Tests of a simulator that is added from outside.

mod book;
mod bundled;
mod grid;
mod physics;
