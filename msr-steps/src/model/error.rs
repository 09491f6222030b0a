//! What can be wrong with a model.

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
    /// Two compartments of one name.
    #[error("compartment '{compartment}' is given twice")]
    DoubledCompartment {
        /// The name.
        compartment: String,
    },
    /// More compartments than a tetrahedron can tell apart.
    #[error("the model has {compartments} compartments; at most {most} are possible")]
    TooManyCompartments {
        /// How many there are.
        compartments: usize,
        /// How many there may be.
        most: usize,
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
    /// A charge that depends on the place.
    #[error("species '{species}' has {first} elementary charges in '{}', {other} in '{}'; give it the same charge_number everywhere", compartments[0], compartments[1])]
    Charges {
        /// The species.
        species: String,
        /// Charge in the first compartment.
        first: i32,
        /// Charge in the other.
        other: i32,
        /// Names of the two compartments.
        compartments: [String; 2],
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
    /// Something about a species that is not in the model.
    #[error("{}: unknown species '{species}'{}; available: {}", place, msr_coupling::query::nearest(species, available), available.join(", "))]
    UnknownSpeciesIn {
        /// Where it is named.
        place: String,
        /// The name found.
        species: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// Something about a compartment that is not in the model.
    #[error("{}: unknown compartment '{compartment}'{}; available: {}", place, msr_coupling::query::nearest(compartment, available), available.join(", "))]
    UnknownCompartment {
        /// Where it is named.
        place: String,
        /// The name found.
        compartment: String,
        /// The names that exist.
        available: Vec<String>,
    },
    /// A boundary between a compartment and itself.
    #[error("a diffusion boundary for '{species}' has '{compartment}' on both sides; name two compartments")]
    OneSidedBoundary {
        /// The species.
        species: String,
        /// The compartment.
        compartment: String,
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

impl ModelError {
    /// Position of the reaction that it is about.
    pub fn reaction(&self) -> Option<usize> {
        match self {
            Self::UnknownSpecies { reaction, .. } | Self::BadRate { reaction, .. } => Some(*reaction),
            _ => None,
        }
    }
}

/// A text that is no equation of a reaction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EquationError {
    /// The arrow is absent, or another one.
    #[error(
        "'{equation}' must have two sides with '{arrow}' between them ('->' with one rate constant, '<->' with two)"
    )]
    Arrow {
        /// The text.
        equation: String,
        /// The arrow wanted.
        arrow: &'static str,
    },
    /// A term that cannot be read.
    #[error(
        "'{equation}': '{term}' is no term; write a species' name, or how many and a name ('2 A'), with '+' between terms, and \
         '0' for nothing"
    )]
    Term {
        /// The text.
        equation: String,
        /// The term.
        term: String,
    },
    /// Too many molecules.
    #[error("'{equation}' has more than {most} molecules on one side")]
    Crowded {
        /// The text.
        equation: String,
        /// How many there may be.
        most: u32,
    },
    /// A rate constant for another order.
    #[error(
        "'{equation}' is of order {order}, but its rate constant is in a unit for order {given} (M^(1-n)/s for order n)"
    )]
    Order {
        /// The text.
        equation: String,
        /// Order of the reaction.
        order: u32,
        /// Order of the unit.
        given: u32,
    },
}
