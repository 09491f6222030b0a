//! Tests of the metabolism and its solvers.

mod configuration;
mod constants;
mod corrections;
mod custom_model;
mod derivatives;
mod energy;
mod golden;
mod invariants;
mod kicked_windows;
mod literature;
mod own_models;
mod resting_state;
mod second_method;
mod simulator;
mod trajectories;
mod variants;
