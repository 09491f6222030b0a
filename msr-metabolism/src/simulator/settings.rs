//! What a user sets: plain data, from the `multiscale_run.metabolism` section or by code.

use std::collections::BTreeMap;
use std::path::PathBuf;

use msr_config::multiscale::{
    Checks, Compatibility, Constant, Generation, Metabolism, ModelName, MultiscaleRun, StateKey,
};
use serde_json::{Map, Value};

use super::demand;
use super::error::SettingsError;
use crate::model::{Correction, Corrections, Definition, Variant};

/// Settings of [`super::MetabolismSimulator`].
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The model.
    pub model: ModelChoice,
    /// What is corrected in bundled models.
    pub corrections: Corrections,
    /// Whether neurons that are simulated elsewhere take their ATP from here. Then the model's own pump of the neuron
    /// ([`Correction`] `neuronal_pump`) stands still unless `constants` say otherwise, so that no use counts twice.
    pub neurons_use_atp: bool,
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
            model: ModelChoice::default(),
            corrections: Corrections::all(),
            neurons_use_atp: false,
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

/// Which model is simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelChoice {
    /// One that comes with the crate.
    Bundled(Variant),
    /// One of a file or folder, see [`Definition::read`].
    Files(PathBuf),
}

impl Default for ModelChoice {
    fn default() -> Self {
        Self::Bundled(Variant::Standard)
    }
}

impl Settings {
    /// The settings of the section `metabolism` of a run, and of its connections: whether one of them writes the neuron's
    /// ATP.
    ///
    /// # Errors
    /// [`SettingsError::UnknownModel`], [`SettingsError::UnknownCorrection`].
    pub fn from_config(run: &MultiscaleRun, section: &Metabolism) -> Result<Self, SettingsError> {
        Ok(Self {
            model: section.model.as_ref().map_or(Ok(ModelChoice::default()), chosen)?,
            corrections: corrections(&section.compatibility)?,
            neurons_use_atp: demand::neurons_use_atp(run),
            initial_states: section.u0.clone(),
            initial_table: section.u0_path.clone(),
            parameters: section.parameters.clone(),
            constants: section.constants.clone(),
            solver_kwargs: section.solver_kwargs.clone(),
            checks: section.checks.clone(),
            generation: run.generation,
            owns_neurons: false,
        })
    }

    /// The model that these settings ask for, without what they change in it.
    ///
    /// # Errors
    /// [`SettingsError::Model`] for a mistake in the files of a model.
    pub fn definition(&self) -> Result<Definition, SettingsError> {
        match &self.model {
            ModelChoice::Bundled(variant) => Ok(Definition::bundled(*variant, &self.corrections)),
            ModelChoice::Files(path) => Ok(Definition::read(path, &self.corrections)?),
        }
    }
}

/// The bundled model of this name, or that of the files that the name means.
fn chosen(model: &ModelName) -> Result<ModelChoice, SettingsError> {
    if let Ok(variant) = model.name.parse() {
        return Ok(ModelChoice::Bundled(variant));
    }
    if model.path.exists() {
        return Ok(ModelChoice::Files(model.path.clone()));
    }
    Err(SettingsError::UnknownModel {
        name: model.name.clone(),
        path: model.path.clone(),
        available: Variant::ALL.map(Variant::name).to_vec(),
    })
}

fn corrections(compatibility: &Compatibility) -> Result<Corrections, SettingsError> {
    match compatibility {
        Compatibility::Corrected => Ok(Corrections::all()),
        Compatibility::Published => Ok(Corrections::none()),
        Compatibility::Only(names) => {
            let named = |name: &String| {
                Correction::named(name).ok_or_else(|| SettingsError::UnknownCorrection {
                    found: name.clone(),
                    available: Correction::ALL.map(|correction| correction.name).to_vec(),
                })
            };
            Ok(Corrections::of(&names.iter().map(named).collect::<Result<Vec<_>, _>>()?))
        }
    }
}
