//! Currents injected by electrodes.

mod waveform;

pub use waveform::{Noise, PulseTrain, Ramp, Sine, Waveform};

/// An electrode in one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Stimulus {
    /// Node of the cable.
    pub node: u32,
    /// What it injects.
    pub waveform: Waveform,
}
