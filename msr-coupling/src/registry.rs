//! Simulators by name: how a configuration comes to simulators, custom ones included.

use msr_config::node_sets::{NodeSets, Selection};
use msr_config::{Circuit, SimulationConfig};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::plan::Geography;
use crate::simulator::Simulator;
use crate::space::Space;

/// What a simulator is built from.
pub struct BuildContext<'a> {
    /// The simulation.
    pub simulation: &'a SimulationConfig,
    /// The circuit.
    pub circuit: &'a Circuit,
    /// The nodes that are simulated.
    pub selection: &'a Selection,
    /// Node sets by name, for what only the simulator knows to select.
    pub node_sets: &'a NodeSets,
    /// The simulator's own section of `multiscale_run`, `Null` where it has none.
    pub section: &'a Value,
    /// Spaces of the simulators built before it.
    pub spaces: &'a [Space],
}

impl BuildContext<'_> {
    /// Whether the configuration lets a simulator take part: see [`msr_config::multiscale::MultiscaleRun::is_active`].
    pub fn is_active(&self, simulator: &str) -> bool {
        self.simulation.multiscale.as_ref().is_some_and(|multiscale| multiscale.is_active(simulator))
    }

    /// The simulator's own section as its settings. `reports`, which every section may have, is not among them.
    ///
    /// # Errors
    /// Names the key that is missing, unknown or of the wrong type, as `S` has it.
    pub fn settings<S: DeserializeOwned>(&self) -> Result<S, serde_json::Error> {
        let mut section = self.section.as_object().cloned().unwrap_or_default();
        section.remove("reports");
        serde_json::from_value(Value::Object(section))
    }
}

/// What a factory makes.
#[derive(Default)]
pub struct Built {
    /// The simulator, if it takes part.
    pub simulator: Option<Box<dyn Simulator>>,
    /// Spaces that mediate between others whether or not the simulator takes part.
    pub geography: Option<Box<dyn Geography>>,
    /// What a user should know.
    pub notes: Vec<String>,
    /// What a user sees who asks what was understood of the input.
    pub details: Vec<String>,
}

impl Built {
    /// A simulator that takes part, and nothing else.
    pub fn simulator(simulator: impl Simulator + 'static) -> Self {
        Self { simulator: Some(Box::new(simulator)), ..Self::default() }
    }
}

/// Any error of a factory.
pub type BuildError = Box<dyn std::error::Error + Send + Sync>;

/// Makes a simulator.
pub type Factory = Box<dyn Fn(&BuildContext<'_>) -> Result<Built, BuildError> + Send + Sync>;

/// Factories by simulator name, in the order in which they are called.
#[derive(Default)]
pub struct Registry {
    factories: Vec<(String, Factory)>,
}

impl Registry {
    /// An empty registry.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a simulator, or replaces the one of this name.
    #[must_use]
    pub fn with<F>(mut self, name: impl Into<String>, factory: F) -> Self
    where
        F: Fn(&BuildContext<'_>) -> Result<Built, BuildError> + Send + Sync + 'static,
    {
        let name = name.into();
        match self.factories.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = Box::new(factory),
            None => self.factories.push((name, Box::new(factory))),
        }
        self
    }

    /// Names and factories, in order.
    pub fn factories(&self) -> impl Iterator<Item = (&str, &Factory)> {
        self.factories.iter().map(|(name, factory)| (name.as_str(), factory))
    }

    /// Whether there is a simulator of this name.
    pub fn knows(&self, name: &str) -> bool {
        self.factories.iter().any(|(known, _)| known == name)
    }
}
