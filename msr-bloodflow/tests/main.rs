//! Tests of vessels, blood flow and dilation.

mod golden;
mod iteration;
mod network_laws;
mod phase_separation;
mod poiseuille;
mod simulator;
mod transport;
mod vasculature;
mod vasodilation;
