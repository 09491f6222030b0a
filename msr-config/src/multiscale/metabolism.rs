//! The `multiscale_run.metabolism` section, of both generations.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde_json::{Map, Value};

/// Settings of the energy metabolism.
#[derive(Debug, Clone, PartialEq)]
pub struct Metabolism {
    /// `ndts`: its step in base steps.
    pub ndts: u64,
    /// `u0` (0.9): initial values of states, mM, that differ from the standard ones, by name.
    pub u0: BTreeMap<String, f64>,
    /// `u0_path` (0.8): table of initial values; `None` where absent or inside the original's package (`${pkg_path}`), whose
    /// table is the standard one.
    pub u0_path: Option<PathBuf>,
    /// `parameters`, by number (0.8, where a `null` leaves the standard value and is not listed) or by name (0.9).
    pub parameters: Vec<(StateKey, f64)>,
    /// `constants`: group, field, value. The flat constants of 0.8 are filed under the groups of 0.9: `ATDPtot_n` as
    /// `ATDMP.ATDPtot_n`, `glycogen_au` as `Glycogen.au`, `mito_volume_fraction` and those of `model.constants` as
    /// `GeneralConstants.*`.
    pub constants: BTreeMap<String, BTreeMap<String, Constant>>,
    /// `solver_kwargs`, as in the file.
    pub solver_kwargs: Map<String, Value>,
    /// `checks`.
    pub checks: Checks,
}

/// A state or parameter, as a file names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKey {
    /// By number, from 0.
    Index(usize),
    /// By name.
    Name(String),
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "{index}"),
            Self::Name(name) => write!(f, "{name}"),
        }
    }
}

/// Value of a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Constant {
    /// One number.
    Number(f64),
    /// One number per cortical layer.
    List(Vec<f64>),
}

/// `checks`: what values are tolerated.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checks {
    /// Checks of parameters.
    pub parameters: Vec<Check>,
    /// Checks of states.
    pub vm: Vec<Check>,
}

/// A check of one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What is checked.
    pub key: StateKey,
    /// `name` for messages, where given (0.8).
    pub label: Option<String>,
    /// `kwargs`: the bounds.
    pub bounds: Bounds,
    /// `response` to a value outside.
    pub response: CheckResponse,
}

/// Bounds of a value, in its own unit. A value is refused if `value < lb`, `value > hb`, `value <= leb`, `value >= heb`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Lowest value accepted.
    pub lb: Option<f64>,
    /// Highest value accepted.
    pub hb: Option<f64>,
    /// The value must be greater.
    pub leb: Option<f64>,
    /// The value must be less.
    pub heb: Option<f64>,
}

/// What a failed check does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckResponse {
    /// `exclude_neuron`.
    ExcludeNeuron,
    /// `abort_simulation`.
    AbortSimulation,
}
