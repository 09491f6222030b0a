//! Builds models, with everything checked at the end.

use std::collections::BTreeSet;

use super::{Compartment, DiffusionBoundary, Model, ModelError, Reaction, Species};

/// Compartments at most: one byte a tetrahedron tells them apart.
const MOST_COMPARTMENTS: usize = 250;

/// A model that is being put together: [`Model::builder`].
#[derive(Debug, Clone)]
pub struct ModelBuilder {
    compartments: Vec<String>,
    species: Vec<Species>,
    /// Compartment, and the species as it is there.
    exceptions: Vec<(String, Species)>,
    reactions: Vec<Reaction>,
    boundaries: Vec<DiffusionBoundary>,
}

impl ModelBuilder {
    pub(super) fn new(compartment: String) -> Self {
        Self {
            compartments: vec![compartment],
            species: Vec::new(),
            exceptions: Vec::new(),
            reactions: Vec::new(),
            boundaries: Vec::new(),
        }
    }

    /// A further compartment.
    #[must_use]
    pub fn compartment(mut self, name: impl Into<String>) -> Self {
        self.compartments.push(name.into());
        self
    }

    /// A species, the same in all compartments but where [`ModelBuilder::species_within`] says otherwise.
    #[must_use]
    pub fn species(mut self, species: Species) -> Self {
        self.species.push(species);
        self
    }

    /// What a species is like in one compartment: its concentration, diffusion coefficient, and whether it is clamped.
    #[must_use]
    pub fn species_within(mut self, compartment: impl Into<String>, species: Species) -> Self {
        self.exceptions.push((compartment.into(), species));
        self
    }

    /// A reaction: [`Reaction::irreversible`], [`Reaction::new`].
    #[must_use]
    pub fn reaction(mut self, reaction: Reaction) -> Self {
        self.reactions.push(reaction);
        self
    }

    /// Several reactions: [`Reaction::reversible`].
    #[must_use]
    pub fn reactions(mut self, reactions: impl IntoIterator<Item = Reaction>) -> Self {
        self.reactions.extend(reactions);
        self
    }

    /// Opens the faces between two compartments for one species, with its diffusion coefficient there in m2/s.
    #[must_use]
    pub fn diffusion_boundary(
        mut self,
        [one, other]: [&str; 2],
        species: impl Into<String>,
        diffusion_coefficient_m2_s: f64,
    ) -> Self {
        let compartments = [one.to_owned(), other.to_owned()];
        self.boundaries.push(DiffusionBoundary { compartments, species: species.into(), diffusion_coefficient_m2_s });
        self
    }

    /// The model.
    ///
    /// # Errors
    /// [`ModelError`] for the first value that makes no sense.
    pub fn build(self) -> Result<Model, ModelError> {
        if self.species.is_empty() {
            return Err(ModelError::NoSpecies);
        }
        if self.compartments.len() > MOST_COMPARTMENTS {
            let [compartments, most] = [self.compartments.len(), MOST_COMPARTMENTS];
            return Err(ModelError::TooManyCompartments { compartments, most });
        }
        let mut names = BTreeSet::new();
        if let Some(doubled) = self.compartments.iter().find(|name| !names.insert(name.as_str())) {
            return Err(ModelError::DoubledCompartment { compartment: doubled.clone() });
        }
        let mut names = BTreeSet::new();
        if let Some(doubled) = self.species.iter().find(|one| !names.insert(one.name.as_str())) {
            return Err(ModelError::DoubledSpecies { species: doubled.name.clone() });
        }
        for one in self.species.iter().chain(self.exceptions.iter().map(|(_, one)| one)) {
            check_value(&one.name, "initial concentration (mM)", one.initial_concentration_mm)?;
            check_value(&one.name, "diffusion coefficient (m2/s)", one.diffusion_coefficient_m2_s)?;
        }
        self.check_reactions()?;
        self.check_boundaries()?;
        let mut compartments: Vec<Compartment> = self
            .compartments
            .iter()
            .map(|name| Compartment { name: name.clone(), species: self.species.clone() })
            .collect();
        for (name, exception) in &self.exceptions {
            let place = format!("species '{}' within a compartment", exception.name);
            let compartment = self.compartment_position(name, || place.clone())?;
            let species = self.species_position(&exception.name, || format!("within compartment '{name}'"))?;
            let usual = &self.species[species];
            if exception.charge_number != usual.charge_number {
                return Err(ModelError::Charges {
                    species: usual.name.clone(),
                    first: usual.charge_number,
                    other: exception.charge_number,
                    compartments: [self.compartments[0].clone(), name.clone()],
                });
            }
            compartments[compartment].species[species] = exception.clone();
        }
        Ok(Model { compartments, reactions: self.reactions, boundaries: self.boundaries })
    }

    fn check_reactions(&self) -> Result<(), ModelError> {
        for (position, reaction) in self.reactions.iter().enumerate() {
            for (name, _) in reaction.reactants.iter().chain(&reaction.products) {
                if !self.species.iter().any(|one| one.name == *name) {
                    return Err(ModelError::UnknownSpecies {
                        reaction: position,
                        species: name.clone(),
                        available: self.species_names(),
                    });
                }
            }
            for name in &reaction.compartments {
                self.compartment_position(name, || format!("reaction {position}"))?;
            }
            if !(reaction.rate_constant.is_finite() && reaction.rate_constant >= 0.0) {
                return Err(ModelError::BadRate { reaction: position, value: reaction.rate_constant });
            }
        }
        Ok(())
    }

    fn check_boundaries(&self) -> Result<(), ModelError> {
        for boundary in &self.boundaries {
            let DiffusionBoundary { compartments: [one, other], species, diffusion_coefficient_m2_s } = boundary;
            let place = || "a diffusion boundary".to_owned();
            self.species_position(species, place)?;
            let [first, second] = [self.compartment_position(one, place)?, self.compartment_position(other, place)?];
            if first == second {
                return Err(ModelError::OneSidedBoundary { species: species.clone(), compartment: one.clone() });
            }
            check_value(species, "diffusion coefficient over a boundary (m2/s)", *diffusion_coefficient_m2_s)?;
        }
        Ok(())
    }

    fn species_names(&self) -> Vec<String> {
        self.species.iter().map(|one| one.name.clone()).collect()
    }

    fn species_position(&self, species: &str, place: impl FnOnce() -> String) -> Result<usize, ModelError> {
        self.species.iter().position(|one| one.name == species).ok_or_else(|| ModelError::UnknownSpeciesIn {
            place: place(),
            species: species.to_owned(),
            available: self.species_names(),
        })
    }

    fn compartment_position(&self, compartment: &str, place: impl FnOnce() -> String) -> Result<usize, ModelError> {
        self.compartments.iter().position(|name| name == compartment).ok_or_else(|| ModelError::UnknownCompartment {
            place: place(),
            compartment: compartment.to_owned(),
            available: self.compartments.clone(),
        })
    }
}

fn check_value(species: &str, quantity: &'static str, value: f64) -> Result<(), ModelError> {
    if value.is_finite() && value >= 0.0 {
        Ok(())
    } else {
        Err(ModelError::BadValue { species: species.to_owned(), quantity, value })
    }
}
