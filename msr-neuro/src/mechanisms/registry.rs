//! Mechanisms by name.

use std::sync::{Arc, Mutex, PoisonError};

use msr_coupling::query::nearest;

use crate::nmodl::{self, DensityMechanism, Diagnostics, Options, Unusable};

use super::{BUNDLED, Mechanism, leak, pump};

/// A mechanism that nobody registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown mechanism '{name}'{}; available: {}", nearest(name, available), available.join(", "))]
pub struct UnknownMechanism {
    /// The name asked for.
    pub name: String,
    /// What exists.
    pub available: Vec<String>,
}

/// Why a mechanism file cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MechanismFileError {
    /// Mistakes in the file.
    #[error(transparent)]
    Mistakes(#[from] Diagnostics),
    /// It does not go into segments.
    #[error("{file}: {source}")]
    Unusable {
        /// The file.
        file: String,
        /// Why.
        source: Unusable,
    },
}

/// Builds a mechanism for a temperature (degrees Celsius).
type Build = Box<dyn Fn(f64) -> Box<dyn Mechanism> + Send + Sync>;

/// Mechanisms that e-models may name.
pub struct Registry {
    builders: Vec<(String, Build)>,
}

impl Default for Registry {
    /// The mechanisms of this crate.
    fn default() -> Self {
        let mut registry = Self { builders: Vec::new() };
        for (file, text) in BUNDLED {
            registry.register_file(text, file, &Options::default()).expect("the files of the crate hold no mistake");
        }
        for build in [pump::pump as fn(f64) -> Box<dyn Mechanism>, leak::ion_leak] {
            registry.register(build);
        }
        registry
    }
}

impl Registry {
    /// Adds a mechanism; one of the same name is replaced.
    pub fn register(&mut self, build: impl Fn(f64) -> Box<dyn Mechanism> + Send + Sync + 'static) {
        /// Any temperature will do to ask for the name.
        const CELSIUS: f64 = 34.0;
        let name = build(CELSIUS).name().to_owned();
        self.builders.retain(|(known, _)| *known != name);
        self.builders.push((name, Box::new(build)));
    }

    /// Adds the density mechanism of a mechanism file (NMODL); one of the same name is replaced. Returns what of the
    /// file has no effect.
    ///
    /// # Errors
    /// [`MechanismFileError`]
    pub fn register_file(
        &mut self,
        text: &str,
        file: &str,
        options: &Options,
    ) -> Result<Diagnostics, MechanismFileError> {
        /// What can be wrong does not depend on the temperature.
        const CELSIUS: f64 = 34.0;
        let (model, notes) = nmodl::compile(text, file)?;
        let unusable = |source| MechanismFileError::Unusable { file: file.to_owned(), source };
        let name = model.name.clone();
        let first = DensityMechanism::new(model.clone(), CELSIUS, options).map_err(unusable)?;
        let options = options.clone();
        // All cells at a temperature share the code.
        let built = Mutex::new(vec![(CELSIUS, Arc::new(first))]);
        let build: Build = Box::new(move |celsius| {
            let mut built = built.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, mechanism)) = built.iter().find(|(known, _)| *known == celsius) {
                return Box::new(Arc::clone(mechanism));
            }
            let mechanism = DensityMechanism::new(model.clone(), celsius, &options);
            let mechanism = Arc::new(mechanism.expect("a mechanism that was built builds again"));
            built.push((celsius, Arc::clone(&mechanism)));
            Box::new(mechanism)
        });
        self.builders.retain(|(known, _)| *known != name);
        self.builders.push((name, build));
        Ok(notes)
    }

    /// The mechanism of this name at `celsius`.
    ///
    /// # Errors
    /// [`UnknownMechanism`] with what exists.
    pub fn build(&self, name: &str, celsius: f64) -> Result<Box<dyn Mechanism>, UnknownMechanism> {
        self.builders
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, build)| build(celsius))
            .ok_or_else(|| UnknownMechanism { name: name.to_owned(), available: self.names() })
    }

    /// All names.
    pub fn names(&self) -> Vec<String> {
        self.builders.iter().map(|(name, _)| name.clone()).collect()
    }
}
