//! The models that come with the crate: the published one, its variants by age, and what is corrected in them.

use std::fmt;
use std::str::FromStr;

use super::definition::Definition;
use super::error::ModelError;

/// A model that comes with the crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Variant {
    /// The healthy adult; the share of mitochondria of a layer has no effect.
    #[default]
    Standard,
    /// The same, with the rates of mitochondria in proportion to `mito_scale`.
    Young,
    /// Young, with the activities and pools of the old brain.
    Aged,
}

impl Variant {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Young, Self::Aged];

    /// Its name in configurations and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Young => "young",
            Self::Aged => "aged",
        }
    }

    /// The texts that make it of the standard model, in order.
    fn overlays(self) -> &'static [(&'static str, &'static str)] {
        const YOUNG: (&str, &str) = ("variants/young.eqn", include_str!("../../model/variants/young.eqn"));
        const AGED: (&str, &str) = ("variants/aged.eqn", include_str!("../../model/variants/aged.eqn"));
        match self {
            Self::Standard => &[],
            Self::Young => &[YOUNG],
            Self::Aged => &[YOUNG, AGED],
        }
    }

    /// Its steady state with all corrections, computed by the example `steady_state`.
    fn steady_state(self) -> (&'static str, &'static str) {
        match self {
            // With as many mitochondria as layer 4 has, the young animal is the standard model.
            Self::Standard | Self::Young => {
                ("steady_states/standard.eqn", include_str!("../../model/steady_states/standard.eqn"))
            }
            Self::Aged => ("steady_states/aged.eqn", include_str!("../../model/steady_states/aged.eqn")),
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Variant {
    type Err = ModelError;

    fn from_str(name: &str) -> Result<Self, ModelError> {
        let found = Self::ALL.into_iter().find(|variant| variant.name() == name);
        found.ok_or_else(|| ModelError::UnknownBase {
            name: name.to_owned(),
            available: Self::ALL.map(Self::name).to_vec(),
        })
    }
}

/// Something of the published model that is put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    /// Its name in configurations.
    pub name: &'static str,
    /// What it changes, and why, in the language of models.
    pub text: &'static str,
}

macro_rules! corrections {
    ($($name:literal),* $(,)?) => {
        [$(Correction { name: $name, text: include_str!(concat!("../../model/corrections/", $name, ".eqn")) }),*]
    };
}

impl Correction {
    /// All corrections, in the order in which they are made; each can be made without the others.
    pub const ALL: [Self; 10] = corrections![
        "neuronal_pump",
        "resting_blood_flow",
        "succinate_dehydrogenase",
        "aspartate_glutamate_carrier",
        "malate_ketoglutarate_carrier",
        "glutamate_stoichiometry",
        "astrocyte_pyruvate_stoichiometry",
        "glycogen_stoichiometry",
        "glutamine_synthetase",
        "adenine_nucleotide_pool",
    ];

    /// The correction of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|correction| correction.name == name)
    }
}

/// Which corrections are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrections(Vec<Correction>);

impl Corrections {
    /// Every one: what is meant by `corrected`.
    pub fn all() -> Self {
        Self(Correction::ALL.to_vec())
    }

    /// None: what is meant by `published`.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// These, in whatever order.
    pub fn of(corrections: &[Correction]) -> Self {
        Self(Correction::ALL.into_iter().filter(|correction| corrections.contains(correction)).collect())
    }

    /// The corrections that are made.
    pub fn made(&self) -> &[Correction] {
        &self.0
    }

    fn are_all(&self) -> bool {
        self.0.len() == Correction::ALL.len()
    }
}

impl Default for Corrections {
    fn default() -> Self {
        Self::all()
    }
}

impl fmt::Display for Corrections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("as published"),
            _ if self.are_all() => f.write_str("corrected"),
            some => {
                let names: Vec<&str> = some.iter().map(|correction| correction.name).collect();
                write!(f, "corrected in {}", names.join(", "))
            }
        }
    }
}

impl Definition {
    /// A bundled model. With all corrections it begins at its steady state, otherwise at the published initial state.
    pub fn bundled(variant: Variant, corrections: &Corrections) -> Self {
        let mut definition = Self::corrected(variant, corrections);
        if corrections.are_all() {
            let (file, text) = variant.steady_state();
            definition.amend(file, text).expect("the steady states are well-formed");
        }
        definition
    }

    /// A bundled model at its published initial state.
    pub fn corrected(variant: Variant, corrections: &Corrections) -> Self {
        let mut definition = Self::standard();
        for correction in corrections.made() {
            definition.amend(correction.name, correction.text).expect("the corrections are well-formed");
        }
        for (file, text) in variant.overlays() {
            definition.amend(file, text).expect("the variants are well-formed");
        }
        definition
    }
}
