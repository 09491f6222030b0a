//! How processes that share a run talk. Only this module knows whether there is more than one.

/// Collective operations over all processes of a run.
pub trait Communicator: Send {
    /// Number of this process, from 0.
    fn rank(&self) -> usize;

    /// Number of processes.
    fn size(&self) -> usize;

    /// Replaces `values`, of the same length everywhere, by their sum over all processes.
    fn sum(&self, values: &mut [f64]);
}

/// A single process.
#[derive(Debug, Clone, Copy, Default)]
pub struct SerialCommunicator;

impl Communicator for SerialCommunicator {
    fn rank(&self) -> usize {
        0
    }

    fn size(&self) -> usize {
        1
    }

    fn sum(&self, _values: &mut [f64]) {}
}
