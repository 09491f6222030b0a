//! What a user sets: plain data, from the `multiscale_run.metabolism` section or by code.

use std::collections::BTreeMap;
use std::path::PathBuf;

use msr_config::multiscale::{Checks, Constant, Generation, Metabolism, StateKey};
use serde_json::{Map, Value};

/// Settings of [`super::MetabolismSimulator`].
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Initial values of states that differ from the model's, by name (in the unit of the state).
    pub initial_states: BTreeMap<String, f64>,
    /// A file with the initial values of all states, read before `initial_states`: numbers separated by commas, white
    /// space or lines, in the order of the states or in that of the 0.8 series.
    pub initial_table: Option<PathBuf>,
    /// Values of parameters.
    pub parameters: Vec<(StateKey, f64)>,
    /// Constants that differ from the model's: group, name, value.
    pub constants: BTreeMap<String, BTreeMap<String, Constant>>,
    /// Options of the solver, see [`crate::SolverOptions::from_kwargs`].
    pub solver_kwargs: Map<String, Value>,
    /// What values are tolerated.
    pub checks: Checks,
    /// Whose numbers are meant where a state is given by number: those of the 0.8 series ([`Generation::Events`]) or of
    /// this model, which are those of 0.9 ([`Generation::Flat`]).
    pub generation: Generation,
    /// Whether [`msr_coupling::Simulator::spaces`] brings the space `neurons`: only where no neuron simulator does.
    pub owns_neurons: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            initial_states: BTreeMap::new(),
            initial_table: None,
            parameters: Vec::new(),
            constants: BTreeMap::new(),
            solver_kwargs: Map::new(),
            checks: Checks::default(),
            generation: Generation::Flat,
            owns_neurons: false,
        }
    }
}

impl Settings {
    /// The settings of a `multiscale_run.metabolism` section in a file of this generation.
    pub fn from_config(section: &Metabolism, generation: Generation) -> Self {
        Self {
            initial_states: section.u0.clone(),
            initial_table: section.u0_path.clone(),
            parameters: section.parameters.clone(),
            constants: section.constants.clone(),
            solver_kwargs: section.solver_kwargs.clone(),
            checks: section.checks.clone(),
            generation,
            owns_neurons: false,
        }
    }
}
