//! What diffuses and reacts: species, volume reactions, and the compartment that they live in.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A species of molecules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Species {
    /// Its name (`KK`).
    pub name: String,
    /// Concentration at the start, in mM, the same everywhere in the compartment.
    pub initial_concentration_mm: f64,
    /// Diffusion coefficient, in m2/s; 0 for a species that stays in place.
    pub diffusion_coefficient_m2_s: f64,
    /// Charge of one molecule in elementary charges, with sign; 0 for a neutral one, which carries no current.
    pub charge_number: i32,
}

/// A reaction in the volume, by mass action. Species on both sides are catalysts: they count in the rate and do not
/// change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reaction {
    /// Names of the species consumed, with their multiplicities.
    pub reactants: Vec<(String, u32)>,
    /// Names of the species produced, with their multiplicities.
    pub products: Vec<(String, u32)>,
    /// Rate constant, in M^(1-n)/s for order n (the sum of the reactants' multiplicities). With multiplicity m the
    /// propensity has the factor n (n-1) ... (n-m+1), **not** divided by m!: for `A + A -> 0`, dA/dt = -2 k A^2.
    pub rate_constant: f64,
}

impl Reaction {
    /// A reaction from plain names: `Reaction::new(&[("A", 1), ("B", 1)], &[("C", 1)], 1e8)`.
    pub fn new(reactants: &[(&str, u32)], products: &[(&str, u32)], rate_constant: f64) -> Self {
        let owned = |side: &[(&str, u32)]| side.iter().map(|&(name, count)| (name.to_owned(), count)).collect();
        Self { reactants: owned(reactants), products: owned(products), rate_constant }
    }

    /// The sum of the reactants' multiplicities.
    pub fn order(&self) -> u32 {
        self.reactants.iter().map(|(_, count)| count).sum()
    }
}

/// Species and reactions in one compartment of a mesh. Tetrahedra outside it hold nothing, and its surface is closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    compartment: String,
    species: Vec<Species>,
    reactions: Vec<Reaction>,
}

impl Model {
    /// A model whose values are checked.
    ///
    /// # Errors
    /// [`ModelError`] for the first value that makes no sense.
    pub fn new(
        compartment: impl Into<String>,
        species: Vec<Species>,
        reactions: Vec<Reaction>,
    ) -> Result<Self, ModelError> {
        if species.is_empty() {
            return Err(ModelError::NoSpecies);
        }
        let mut names = BTreeSet::new();
        for one in &species {
            if !names.insert(one.name.as_str()) {
                return Err(ModelError::DoubledSpecies { species: one.name.clone() });
            }
            for (quantity, value) in [
                ("initial concentration (mM)", one.initial_concentration_mm),
                ("diffusion coefficient (m2/s)", one.diffusion_coefficient_m2_s),
            ] {
                if !(value.is_finite() && value >= 0.0) {
                    return Err(ModelError::BadValue { species: one.name.clone(), quantity, value });
                }
            }
        }
        for (position, reaction) in reactions.iter().enumerate() {
            for (name, _) in reaction.reactants.iter().chain(&reaction.products) {
                if !names.contains(name.as_str()) {
                    return Err(ModelError::UnknownSpecies {
                        reaction: position,
                        species: name.clone(),
                        available: species.iter().map(|one| one.name.clone()).collect(),
                    });
                }
            }
            if !(reaction.rate_constant.is_finite() && reaction.rate_constant >= 0.0) {
                return Err(ModelError::BadRate { reaction: position, value: reaction.rate_constant });
            }
        }
        Ok(Self { compartment: compartment.into(), species, reactions })
    }

    /// Name of the compartment.
    pub fn compartment(&self) -> &str {
        &self.compartment
    }

    /// The species, in the order given.
    pub fn species(&self) -> &[Species] {
        &self.species
    }

    /// The reactions, in the order given.
    pub fn reactions(&self) -> &[Reaction] {
        &self.reactions
    }

    /// Position of a species.
    pub(crate) fn position(&self, species: &str) -> Option<usize> {
        self.species.iter().position(|one| one.name == species)
    }
}

/// A model that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// There is nothing to simulate.
    #[error("the model has no species; list at least one in steps.Volsys.species")]
    NoSpecies,
    /// Two species of one name.
    #[error("species '{species}' is given twice")]
    DoubledSpecies {
        /// The name.
        species: String,
    },
    /// A value out of range.
    #[error("species '{species}': {quantity} must be finite and not negative, found {value}")]
    BadValue {
        /// The species.
        species: String,
        /// What the value is.
        quantity: &'static str,
        /// The value.
        value: f64,
    },
    /// A reaction with a species that is not in the model.
    #[error("reaction {reaction}: unknown species '{species}'{}; available: {}", msr_coupling::query::nearest(species, available), available.join(", "))]
    UnknownSpecies {
        /// Position of the reaction.
        reaction: usize,
        /// The name found.
        species: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// A rate constant out of range.
    #[error("reaction {reaction}: the rate constant must be finite and not negative, found {value}")]
    BadRate {
        /// Position of the reaction.
        reaction: usize,
        /// The value.
        value: f64,
    },
}
