//! What diffuses and reacts: species, volume reactions, and the compartments that they live in.

mod builder;
mod error;
mod rate;
mod reaction;
mod species;

use serde::{Deserialize, Serialize};

pub use builder::ModelBuilder;
pub use error::{EquationError, ModelError};
pub use rate::RateConstant;
pub use reaction::Reaction;
pub use species::Species;

/// Species and reactions in one or several compartments of a mesh. Tetrahedra outside them hold nothing. The surface of a
/// compartment is closed, but for the species of a [`DiffusionBoundary`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    compartments: Vec<Compartment>,
    reactions: Vec<Reaction>,
    boundaries: Vec<DiffusionBoundary>,
}

/// A compartment, with the species as they are there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Compartment {
    name: String,
    /// The same names in the same order in each compartment.
    species: Vec<Species>,
}

/// A species that may cross the faces between two compartments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DiffusionBoundary {
    /// Names of the two compartments.
    pub compartments: [String; 2],
    /// Name of the species.
    pub species: String,
    /// Its diffusion coefficient over these faces, in m2/s, the same in both directions.
    pub diffusion_coefficient_m2_s: f64,
}

impl Model {
    /// A model of one compartment, whose values are checked.
    ///
    /// # Errors
    /// [`ModelError`] for the first value that makes no sense.
    pub fn new(
        compartment: impl Into<String>,
        species: Vec<Species>,
        reactions: Vec<Reaction>,
    ) -> Result<Self, ModelError> {
        let builder = species.into_iter().fold(Self::builder(compartment), ModelBuilder::species);
        reactions.into_iter().fold(builder, ModelBuilder::reaction).build()
    }

    /// Begins a model in the compartment of this name; others may be added.
    pub fn builder(compartment: impl Into<String>) -> ModelBuilder {
        ModelBuilder::new(compartment.into())
    }

    /// Name of the first compartment.
    pub fn compartment(&self) -> &str {
        &self.compartments[0].name
    }

    /// Names of all compartments.
    pub fn compartments(&self) -> impl ExactSizeIterator<Item = &str> {
        self.compartments.iter().map(|compartment| compartment.name.as_str())
    }

    /// The species, in the order given, as they are in the first compartment.
    pub fn species(&self) -> &[Species] {
        &self.compartments[0].species
    }

    /// The species as they are in one compartment, counted from 0.
    ///
    /// # Panics
    /// Where there is no such compartment.
    pub fn species_in(&self, compartment: usize) -> &[Species] {
        &self.compartments[compartment].species
    }

    /// The reactions, in the order given.
    pub fn reactions(&self) -> &[Reaction] {
        &self.reactions
    }

    /// The species that cross from compartment to compartment.
    pub fn boundaries(&self) -> &[DiffusionBoundary] {
        &self.boundaries
    }

    /// Whether a reaction takes place in a compartment.
    pub(crate) fn takes_place(&self, reaction: &Reaction, compartment: usize) -> bool {
        reaction.compartments.is_empty() || reaction.compartments.contains(&self.compartments[compartment].name)
    }

    /// Position of a compartment.
    pub(crate) fn compartment_position(&self, name: &str) -> Option<usize> {
        self.compartments.iter().position(|compartment| compartment.name == name)
    }

    /// Position of a species.
    pub(crate) fn position(&self, species: &str) -> Option<usize> {
        self.species().iter().position(|one| one.name == species)
    }
}
