//! Mechanisms by name.

use std::sync::{Arc, Mutex, PoisonError};

use msr_coupling::query::nearest;

use crate::nmodl::{self, DensityMechanism, Diagnostics, Kind, Model, Options, PointMechanism, Unusable};

use super::{BUNDLED, Mechanism, extracellular, leak, pump};

/// A mechanism that nobody registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownMechanism {
    /// None of this name goes into segments.
    #[error("unknown mechanism '{name}'{}; available: {}", nearest(name, available), available.join(", "))]
    Density {
        /// The name asked for.
        name: String,
        /// What exists.
        available: Vec<String>,
    },
    /// None of this name can be placed.
    #[error("unknown point process '{name}'{}; available: {}", nearest(name, available), available.join(", "))]
    Point {
        /// The name asked for.
        name: String,
        /// What exists.
        available: Vec<String>,
    },
    /// No artificial cell of this name.
    #[error("unknown artificial cell '{name}'{}; available: {}", nearest(name, available), available.join(", "))]
    Artificial {
        /// The name asked for.
        name: String,
        /// What exists.
        available: Vec<String>,
    },
    /// Its file cannot be used.
    #[error("mechanism '{name}' cannot be used:\n{reason}")]
    Unusable {
        /// The name asked for.
        name: String,
        /// What is wrong with its file.
        reason: String,
    },
    /// A point process is not inserted, it is placed.
    #[error("'{name}' is a point process, which stands at a place; available for segments: {}", available.join(", "))]
    NotDensity {
        /// The name asked for.
        name: String,
        /// What exists.
        available: Vec<String>,
    },
}

/// Why a mechanism file cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MechanismFileError {
    /// Mistakes in the file.
    #[error(transparent)]
    Mistakes(#[from] Diagnostics),
    /// It is no part of a cell.
    #[error("{file}: {source}")]
    Unusable {
        /// The file.
        file: String,
        /// Why.
        source: Unusable,
    },
    /// Its name is that of a mechanism without file.
    #[error(
        "{file}: '{name}' is written in the program, which balances cells with it; call the mechanism otherwise, and let \
         e-models name it"
    )]
    Reserved {
        /// The file.
        file: String,
        /// The name.
        name: String,
    },
    /// Two files for one mechanism.
    #[error("{first} and {second} are both called '{name}'; take one of them away")]
    Twice {
        /// The name.
        name: String,
        /// A file.
        first: String,
        /// Another.
        second: String,
    },
}

/// Why GLOBAL parameters cannot be set.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GlobalError {
    /// No mechanism file of this name.
    #[error("no mechanism file is called '{name}'{}", nearest(name, available))]
    UnknownMechanism {
        /// The name asked for.
        name: String,
        /// What exists.
        available: Vec<String>,
    },
    /// A parameter that it does not have.
    #[error(transparent)]
    File(#[from] MechanismFileError),
}

/// Builds a mechanism for a temperature (degrees Celsius), with or without the slopes of the currents of ions.
type Build = Arc<dyn Fn(f64, bool) -> Box<dyn Mechanism> + Send + Sync>;

/// Builds a point process for a temperature (degrees Celsius), with or without the slopes of the currents of ions.
type BuildPoint = Arc<dyn Fn(f64, bool) -> Arc<PointMechanism> + Send + Sync>;

/// Mechanisms that e-models may name, and point processes.
#[derive(Clone)]
pub struct Registry {
    builders: Vec<(String, Build)>,
    points: Vec<(String, BuildPoint)>,
    artificial: Vec<(String, BuildPoint)>,
    /// What those of files were built from.
    files: Vec<(String, Arc<Source>)>,
    /// Those of files that cannot be used, and why.
    unusable: Vec<(String, Arc<str>)>,
}

/// A mechanism file that was read.
struct Source {
    model: Model,
    file: String,
    options: Options,
    /// It says what a file of this crate says.
    is_bundled: bool,
}

impl Default for Registry {
    /// The mechanisms of this crate.
    fn default() -> Self {
        let mut registry = Self {
            builders: Vec::new(),
            points: Vec::new(),
            artificial: Vec::new(),
            files: Vec::new(),
            unusable: Vec::new(),
        };
        for (file, text) in BUNDLED {
            registry.register_file(text, file, &Options::default()).expect("the files of the crate hold no mistake");
        }
        for build in [pump::pump as fn(f64) -> Box<dyn Mechanism>, leak::ion_leak, extracellular::extracellular] {
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
        self.forget(&name);
        self.builders.push((name, Arc::new(move |celsius, _| build(celsius))));
    }

    fn forget(&mut self, name: &str) {
        self.builders.retain(|(known, _)| known != name);
        self.points.retain(|(known, _)| known != name);
        self.artificial.retain(|(known, _)| known != name);
        self.files.retain(|(known, _)| known != name);
        self.unusable.retain(|(known, _)| known != name);
    }

    /// Lets whoever asks for a mechanism hear why there is none, in the place of what may have had its name.
    pub(super) fn make_unusable(&mut self, name: &str, reason: String) {
        self.forget(name);
        self.unusable.push((name.to_owned(), reason.into()));
    }

    /// Why the file of a mechanism cannot be used, if it has one that cannot.
    pub fn unusable(&self, name: &str) -> Option<UnknownMechanism> {
        let (name, reason) = self.unusable.iter().find(|(known, _)| known == name)?;
        Some(UnknownMechanism::Unusable { name: name.clone(), reason: reason.to_string() })
    }

    /// With GLOBAL parameters of a mechanism file changed, in all cells that are built afterwards.
    ///
    /// # Errors
    /// [`MechanismFileError::Unusable`] for a parameter that the mechanism does not have, [`GlobalError`] for a mechanism that
    /// no file describes.
    pub fn set_globals(&mut self, mechanism: &str, globals: &[(String, f64)]) -> Result<(), GlobalError> {
        let Some((_, source)) = self.files.iter().find(|(known, _)| known == mechanism).cloned() else {
            let available = self.files.iter().map(|(name, _)| name.clone()).collect();
            return Err(GlobalError::UnknownMechanism { name: mechanism.to_owned(), available });
        };
        let mut options = source.options.clone();
        options.globals.retain(|(known, _)| globals.iter().all(|(name, _)| name != known));
        options.globals.extend_from_slice(globals);
        Ok(self.add(source.model.clone(), &source.file, &options)?)
    }

    /// Adds the density mechanism or point process of a mechanism file (NMODL); one of the same name is replaced. Returns
    /// what of the file has no effect.
    ///
    /// # Errors
    /// [`MechanismFileError`]
    pub fn register_file(
        &mut self,
        text: &str,
        file: &str,
        options: &Options,
    ) -> Result<Diagnostics, MechanismFileError> {
        let (model, notes) = nmodl::compile(text, file)?;
        self.add(model, file, options)?;
        Ok(notes)
    }

    /// Adds the mechanism of a file.
    pub(super) fn add(&mut self, model: Model, file: &str, options: &Options) -> Result<(), MechanismFileError> {
        /// What can be wrong does not depend on the temperature.
        const CELSIUS: f64 = 34.0;
        let unusable = |source| MechanismFileError::Unusable { file: file.to_owned(), source };
        let name = model.name.clone();
        if [leak::ION_LEAK, leak::ATPASE].contains(&name.as_str()) {
            return Err(MechanismFileError::Reserved { file: file.to_owned(), name });
        }
        let is_other_kind = model.kind == Kind::Artificial
            && (self.points.iter().any(|(known, _)| *known == name)
                || self.builders.iter().any(|(known, _)| *known == name));
        if is_other_kind {
            return Err(unusable(Unusable::Artificial { name }));
        }
        let is_bundled = match self.files.iter().find(|(known, _)| *known == name) {
            Some((_, before)) => before.is_bundled && before.model == model,
            None => BUNDLED.iter().any(|(bundled, _)| *bundled == file),
        };
        let source = Source { model: model.clone(), file: file.to_owned(), options: options.clone(), is_bundled };
        let (kind, options) = (model.kind, options.clone());
        if kind == Kind::Density {
            let shared = shared(CELSIUS, move |celsius, ion_slopes| {
                DensityMechanism::of_kind(model.clone(), Kind::Density, celsius, &options, ion_slopes)
            });
            let shared = shared.map_err(unusable)?;
            self.forget(&name);
            self.builders
                .push((name.clone(), Arc::new(move |celsius, ion_slopes| Box::new(shared(celsius, ion_slopes)))));
        } else {
            let shared = shared(CELSIUS, move |celsius, ion_slopes| {
                PointMechanism::with_slopes(model.clone(), celsius, &options, ion_slopes)
            });
            let shared = shared.map_err(unusable)?;
            self.forget(&name);
            let list = if kind == Kind::Point { &mut self.points } else { &mut self.artificial };
            list.push((name.clone(), Arc::new(shared)));
        }
        self.files.push((name, Arc::new(source)));
        Ok(())
    }

    /// The mechanism of this name at `celsius`.
    ///
    /// # Errors
    /// [`UnknownMechanism`] with what exists.
    pub fn build(&self, name: &str, celsius: f64) -> Result<Box<dyn Mechanism>, UnknownMechanism> {
        self.build_with(name, celsius, false)
    }

    /// The mechanism of this name at `celsius`, with or without the slopes of the currents of ions.
    pub(crate) fn build_with(
        &self,
        name: &str,
        celsius: f64,
        ion_slopes: bool,
    ) -> Result<Box<dyn Mechanism>, UnknownMechanism> {
        let found = self.builders.iter().find(|(known, _)| known == name);
        found.map(|(_, build)| build(celsius, ion_slopes)).ok_or_else(|| {
            if let Some(unusable) = self.unusable(name) {
                return unusable;
            }
            let (name, available) = (name.to_owned(), self.names());
            if self.points.iter().any(|(known, _)| *known == name) {
                UnknownMechanism::NotDensity { name, available }
            } else {
                UnknownMechanism::Density { name, available }
            }
        })
    }

    /// The point process of this name at `celsius`.
    ///
    /// # Errors
    /// [`UnknownMechanism`] with what exists.
    pub fn build_point(&self, name: &str, celsius: f64) -> Result<Arc<PointMechanism>, UnknownMechanism> {
        self.build_point_with(name, celsius, false)
    }

    /// The point process of this name at `celsius`, with or without the slopes of the currents of ions.
    pub(crate) fn build_point_with(
        &self,
        name: &str,
        celsius: f64,
        ion_slopes: bool,
    ) -> Result<Arc<PointMechanism>, UnknownMechanism> {
        self.points.iter().find(|(known, _)| known == name).map(|(_, build)| build(celsius, ion_slopes)).ok_or_else(
            || {
                let unknown = || UnknownMechanism::Point { name: name.to_owned(), available: self.point_names() };
                self.unusable(name).unwrap_or_else(unknown)
            },
        )
    }

    /// The artificial cell of this name at `celsius`.
    ///
    /// # Errors
    /// [`UnknownMechanism`] with what exists.
    pub fn build_artificial(&self, name: &str, celsius: f64) -> Result<Arc<PointMechanism>, UnknownMechanism> {
        let found = self.artificial.iter().find(|(known, _)| known == name);
        found.map(|(_, build)| build(celsius, false)).ok_or_else(|| {
            let unknown = || UnknownMechanism::Artificial { name: name.to_owned(), available: self.artificial_names() };
            self.unusable(name).unwrap_or_else(unknown)
        })
    }

    /// Whether a mechanism is that of a file of this crate, or says the same.
    pub fn is_bundled(&self, name: &str) -> bool {
        self.files.iter().find(|(known, _)| known == name).is_some_and(|(_, source)| source.is_bundled)
    }

    /// Names of all artificial cells.
    pub fn artificial_names(&self) -> Vec<String> {
        self.artificial.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Names of all mechanisms of segments.
    pub fn names(&self) -> Vec<String> {
        self.builders.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Names of all point processes.
    pub fn point_names(&self) -> Vec<String> {
        self.points.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Code that all cells at a temperature share, made when it is first asked for; at `celsius` without slopes of ions now.
fn shared<M: Send + Sync>(
    celsius: f64,
    build: impl Fn(f64, bool) -> Result<M, Unusable> + Send + Sync,
) -> Result<impl Fn(f64, bool) -> Arc<M> + Send + Sync, Unusable> {
    let built = Mutex::new(vec![((celsius, false), Arc::new(build(celsius, false)?))]);
    Ok(move |celsius, ion_slopes| {
        let mut built = built.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, mechanism)) = built.iter().find(|(known, _)| *known == (celsius, ion_slopes)) {
            return Arc::clone(mechanism);
        }
        let mechanism = Arc::new(build(celsius, ion_slopes).expect("a mechanism that was built builds again"));
        built.push(((celsius, ion_slopes), Arc::clone(&mechanism)));
        mechanism
    })
}
