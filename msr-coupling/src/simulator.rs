//! The contract between a simulator and everything that composes simulators.

use std::path::{Path, PathBuf};

use crate::identity::Identity;
use crate::mapping_cache::MappingInputs;
use crate::query::{Query, QueryError};
use crate::samples::Samples;
use crate::space::{Mapping, Space};
use crate::variable::{Access, Port, Variable};

/// A simulator that can be coupled.
///
/// Time is an integer: `idts` counts base steps (the neuron step `run.dt`). Promises, checked for every implementer by
/// the conformance suite:
///
/// * [`advance`](Simulator::advance) lands exactly on `until`, or fails and leaves the state as it was;
/// * [`get_var`](Simulator::get_var) has no side effect;
/// * splitting an `advance` at any multiple of [`ndts`](Simulator::ndts) gives the same bits;
///   `snapshot` then `restore` then `advance` gives the same bits as `advance`;
/// * results do not depend on the number of threads.
pub trait Simulator: Send {
    /// Name by which connections refer to it (`neurodamus`, `steps`, `metabolism`, `bloodflow`, ...).
    fn name(&self) -> &str;

    /// Length of one base step, in ms.
    fn base_dt_ms(&self) -> f64;

    /// Its own step, in base steps (at least 1).
    fn ndts(&self) -> u64;

    /// Its own step, in ms.
    fn dt_ms(&self) -> f64 {
        self.ndts() as f64 * self.base_dt_ms()
    }

    /// Where it stands, in base steps.
    fn idts(&self) -> u64;

    /// Advances to `until` (base steps). `until - idts` is a multiple of `ndts`, or, for the last window of a run, the
    /// remainder is done in one shorter step. `until == idts` does nothing.
    ///
    /// # Errors
    /// [`SimulatorError::Backwards`] where `until < idts`; [`SimulatorError::Neurons`] where single neurons failed (the
    /// caller excludes them and calls again, or stops); [`SimulatorError::Failed`] otherwise.
    fn advance(&mut self, until: u64) -> Result<(), SimulatorError>;

    /// As [`advance`](Simulator::advance), and adds to `samples` what their queries read after each own step. To be
    /// overridden where stopping at each step costs; the samples must be the same, bit for bit.
    ///
    /// # Errors
    /// As [`advance`](Simulator::advance); state and samples then stand at the same step, which may be a later one than
    /// that at which it was called.
    fn advance_sampled(&mut self, until: u64, samples: &mut [Samples]) -> Result<(), SimulatorError> {
        let mut values = Vec::new();
        while self.idts() < until {
            let from = self.idts();
            let next = until.min(from + self.ndts());
            self.advance(next)?;
            for position in 0..samples.len() {
                let is_new = position == 0 || samples[position].query() != samples[position - 1].query();
                if is_new {
                    self.get_var(samples[position].query(), &mut values)?;
                }
                samples[position].add(&values, next - from);
            }
        }
        Ok(())
    }

    /// The spaces that its variables live on and that it brings. A space of another simulator is not repeated.
    fn spaces(&self) -> Vec<Space>;

    /// Mappings that it knows between its own spaces, or from others' `spaces` to its own.
    ///
    /// # Errors
    /// [`SimulatorError::Failed`] where geometry does not fit.
    fn mappings(&self, _spaces: &[Space]) -> Result<Vec<Mapping>, SimulatorError> {
        Ok(Vec::new())
    }

    /// Everything that its [`mappings`](Simulator::mappings) are computed from besides the spaces they are given, where
    /// computing them takes so long that they are worth being kept on disk: equal inputs and equal spaces must give the same
    /// mappings, bit for bit. By default they are never kept.
    fn mapping_inputs(&self) -> Option<MappingInputs> {
        None
    }

    /// Adds what its states depend on and the configuration does not say in so many words, such as the content of a file of
    /// equations: a checkpoint is refused where that has changed. Its step, variables, spaces and mappings are there already.
    fn identify(&self, _identity: &mut Identity) {}

    /// All variables.
    fn variables(&self) -> &[Variable];

    /// What a query means, without touching any value: used to check connections before the run.
    ///
    /// # Errors
    /// [`QueryError`] that lists what exists.
    fn resolve(&self, query: &Query, access: Access) -> Result<Port, QueryError>;

    /// Reads values, one for each element of the port's space, in the order of the space. `values` is cleared first;
    /// its memory is used again. Weights ([`Port::weights`]) must be constant in time.
    ///
    /// # Errors
    /// As [`resolve`](Simulator::resolve).
    fn get_var(&self, query: &Query, values: &mut Vec<f64>) -> Result<(), SimulatorError>;

    /// Writes values, one for each element of the port's space. What is set holds from now on: a quasi-static simulator
    /// answers to it at once. A rate (a current) lasts for one step of this simulator.
    ///
    /// # Errors
    /// As [`resolve`](Simulator::resolve), and [`QueryError::WrongLength`], [`QueryError::BadValue`]; nothing is written then.
    fn set_var(&mut self, query: &Query, values: &[f64]) -> Result<(), SimulatorError>;

    /// Neurons, not excluded, whose values violate a configured check; asked after every exchange.
    fn check(&self) -> Vec<NeuronFailure> {
        Vec::new()
    }

    /// Moves the spikes since the last call to the end of `spikes`, by time, then by neuron.
    fn take_spikes(&mut self, _spikes: &mut Vec<Spike>) {}

    /// Takes these neurons (ids of the space `neurons`) out of the simulation. Unknown ids are ignored. Spaces keep
    /// their elements; excluded ones are no longer advanced and read as their last value. Those that are out already stay
    /// out: nothing changes then.
    ///
    /// # Errors
    /// [`SimulatorError::Failed`] where the simulator cannot go on without them.
    fn exclude(&mut self, neurons: &[u64]) -> Result<(), SimulatorError>;

    /// An estimate of the memory that it holds, in bytes. By default the size of its encoded state; a simulator that holds
    /// much that does not change (a mesh, a factorisation) adds that.
    fn memory_bytes(&self) -> u64 {
        self.snapshot().map_or(0, |snapshot| snapshot.bytes.len() as u64)
    }

    /// Lines for the end of a run: what a user wants to know of the state, such as ranges and conservation.
    fn summary(&self) -> Vec<String> {
        Vec::new()
    }

    /// Writes its present state as a file of VTK (for ParaView and the like) into a directory that exists; gives the path.
    /// By default there is none.
    ///
    /// # Errors
    /// [`SimulatorError::Failed`] where it cannot be written.
    fn write_vtk(&self, _directory: &Path) -> Result<Option<PathBuf>, SimulatorError> {
        Ok(None)
    }

    /// The whole state.
    ///
    /// # Errors
    /// [`SimulatorError::Failed`] where it cannot be encoded.
    fn snapshot(&self) -> Result<Snapshot, SimulatorError>;

    /// Returns to a state taken from an equally built simulator.
    ///
    /// # Errors
    /// [`SimulatorError::WrongSnapshot`] where it is of another simulator or shape; the state stays as it was then.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SimulatorError>;
}

/// A spike.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Spike {
    /// When, in ms.
    pub time_ms: f64,
    /// Id in the space `neurons`; of what else spikes, such as astrocytes, one of those that follow.
    pub neuron: u64,
}

/// The encoded state of one simulator.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Snapshot {
    /// Name of the simulator.
    pub simulator: String,
    /// Its state, encoded with `postcard`.
    pub bytes: Vec<u8>,
}

impl Snapshot {
    /// Encodes a state.
    ///
    /// # Errors
    /// [`SimulatorError::Failed`].
    pub fn encode<S: serde::Serialize>(simulator: &str, state: &S) -> Result<Self, SimulatorError> {
        let bytes = postcard::to_stdvec(state).map_err(|error| SimulatorError::failed(simulator, error))?;
        Ok(Self { simulator: simulator.to_owned(), bytes })
    }

    /// Decodes the state of `simulator`.
    ///
    /// # Errors
    /// [`SimulatorError::WrongSnapshot`] where it is another simulator's or damaged.
    pub fn decode<S: serde::de::DeserializeOwned>(&self, simulator: &str) -> Result<S, SimulatorError> {
        let wrong = |reason: String| SimulatorError::WrongSnapshot { simulator: simulator.to_owned(), reason };
        if self.simulator != simulator {
            return Err(wrong(format!("it was taken from '{}'", self.simulator)));
        }
        postcard::from_bytes(&self.bytes).map_err(|error| wrong(error.to_string()))
    }
}

/// What to do with a neuron that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Response {
    /// Take it out everywhere and go on.
    #[serde(rename = "exclude_neuron")]
    ExcludeNeuron,
    /// Stop the simulation.
    #[serde(rename = "abort_simulation")]
    AbortSimulation,
}

/// One neuron that failed a check or a solver.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuronFailure {
    /// Id in the space `neurons`; of what else spikes, such as astrocytes, one of those that follow.
    pub neuron: u64,
    /// What to do.
    pub response: Response,
    /// What happened: names state, value, bound and time.
    pub message: String,
}

/// Why a simulator could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// The query is wrong.
    #[error("{simulator}: {source}")]
    Query {
        /// The simulator asked.
        simulator: String,
        /// What is wrong.
        source: QueryError,
    },
    /// The target time lies in the past.
    #[error("{simulator} stands at step {idts} and cannot go back to step {until}")]
    Backwards {
        /// The simulator.
        simulator: String,
        /// Where it stands.
        idts: u64,
        /// Where it was to go.
        until: u64,
    },
    /// Single neurons failed; the state is as it was.
    #[error("{simulator}: {} failed, the first: neuron {}: {}", neurons(failures.len()), failures[0].neuron, failures[0].message)]
    Neurons {
        /// The simulator.
        simulator: String,
        /// The neurons, at least one.
        failures: Vec<NeuronFailure>,
    },
    /// A snapshot of something else.
    #[error("{simulator} cannot be restored from this snapshot: {reason}")]
    WrongSnapshot {
        /// The simulator.
        simulator: String,
        /// Why.
        reason: String,
    },
    /// The simulator's own failure.
    #[error("{simulator}: {source}")]
    Failed {
        /// The simulator.
        simulator: String,
        /// Its own error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

fn neurons(count: usize) -> String {
    if count == 1 { "1 neuron".to_owned() } else { format!("{count} neurons") }
}

impl SimulatorError {
    /// Name of the simulator.
    pub fn simulator(&self) -> &str {
        match self {
            Self::Query { simulator, .. }
            | Self::Backwards { simulator, .. }
            | Self::Neurons { simulator, .. }
            | Self::WrongSnapshot { simulator, .. }
            | Self::Failed { simulator, .. } => simulator,
        }
    }

    /// Wraps a simulator's own error.
    pub fn failed(simulator: &str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Failed { simulator: simulator.to_owned(), source: source.into() }
    }

    /// Wraps a mistake in a query.
    pub fn query(simulator: &str, source: QueryError) -> Self {
        Self::Query { simulator: simulator.to_owned(), source }
    }
}
