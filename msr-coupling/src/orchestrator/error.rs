//! Why a run stops early.

use crate::exchange::ConnectionError;
use crate::simulator::{NeuronFailure, SimulatorError};

/// Why a run stopped early.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A simulator failed as a whole.
    #[error("at {time_ms} ms: {source}")]
    Simulator {
        /// When.
        time_ms: f64,
        /// What happened.
        source: Box<SimulatorError>,
    },
    /// A connection carried what is no number.
    #[error("at {time_ms} ms: {key} carries {value} to element {element} of '{space}'")]
    NotFinite {
        /// When.
        time_ms: f64,
        /// The connection.
        key: String,
        /// The value.
        value: f64,
        /// Id of the element.
        element: u64,
        /// Space of the element.
        space: String,
    },
    /// A connection would set what cannot be.
    #[error("at {time_ms} ms: {key}: element {element} of '{space}': {breach}")]
    OutOfBounds {
        /// When.
        time_ms: f64,
        /// The connection.
        key: String,
        /// Id of the element.
        element: u64,
        /// Space of the element.
        space: String,
        /// Variable, value, and what it must be.
        breach: String,
    },
    /// A mapping handed on more of an amount than it was given, or numbers are too large to be added.
    #[error(
        "at {time_ms} ms: {key} sent {sent} {unit}, and {accounted} {unit} arrived, lay outside or belonged to excluded neurons: \
         its mapping hands on more than it is given (look at the mappings that its simulators bring), or the amounts are too \
         large to be added"
    )]
    NotConserved {
        /// When.
        time_ms: f64,
        /// The connection.
        key: String,
        /// What was sent.
        sent: f64,
        /// What became of it.
        accounted: f64,
        /// Unit of both.
        unit: String,
    },
    /// A check that stops the run failed.
    #[error("at {time_ms} ms: {}", first_failures(failures))]
    Aborted {
        /// When.
        time_ms: f64,
        /// The failures that asked for it.
        failures: Vec<NeuronFailure>,
    },
    /// Every neuron has been excluded.
    #[error("at {time_ms} ms: no neuron is left; the last: neuron {neuron}: {message}")]
    NoneLeft {
        /// When.
        time_ms: f64,
        /// The last one.
        neuron: u64,
        /// Why it was excluded.
        message: String,
    },
    /// A simulator fails for neurons that are excluded already, or that it does not name.
    #[error("at {time_ms} ms: {simulator} goes on failing for neurons that are excluded or unknown")]
    Stuck {
        /// When.
        time_ms: f64,
        /// The simulator.
        simulator: String,
    },
    /// A connection cannot be made without the excluded neurons.
    #[error("at {time_ms} ms, after neurons were excluded: {key}: {source}")]
    Connection {
        /// When.
        time_ms: f64,
        /// The connection.
        key: String,
        /// Why.
        source: Box<ConnectionError>,
    },
    /// Simulators that iterate do not come to agree.
    #[error(
        "at {time_ms} ms: {} do not agree after {repetitions} repetitions of their window: what {key} hands over still \
         changes by {change:.1e} of its size, the tolerance is {tolerance:e}; give their connections a smaller ndts, or the \
         iteration a smaller relaxation or more max_iterations",
        simulators.join(" and ")
    )]
    NoAgreement {
        /// Start of the window.
        time_ms: f64,
        /// The simulators.
        simulators: Vec<String>,
        /// The connection that changes most.
        key: String,
        /// How often the window was repeated.
        repetitions: u64,
        /// Last change, relative to the largest value of the connection.
        change: f64,
        /// Change at which they agree.
        tolerance: f64,
    },
    /// The observer failed.
    #[error("at {time_ms} ms: {source}")]
    Observer {
        /// When.
        time_ms: f64,
        /// Its error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The first failures, and how many more there are.
fn first_failures(failures: &[NeuronFailure]) -> String {
    const SHOWN: usize = 3;
    let named: Vec<String> =
        failures.iter().take(SHOWN).map(|failure| format!("neuron {}: {}", failure.neuron, failure.message)).collect();
    let more = failures.len().saturating_sub(SHOWN);
    let and = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{and}", named.join("; "))
}

impl RunError {
    pub(super) fn simulator(time_ms: f64, source: SimulatorError) -> Self {
        Self::Simulator { time_ms, source: Box::new(source) }
    }
}
