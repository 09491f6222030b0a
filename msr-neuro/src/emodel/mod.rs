//! Electrical models: which mechanisms a cell carries where, as JSON.
//!
//! ```json
//! {
//!   "name": "leaky",
//!   "description": "A passive cell",
//!   "references": ["Rall 1969, Biophys. J. 9:1483"],
//!   "axon": "initial_segment",
//!   "mechanisms": { "all": ["pas"] },
//!   "parameters": [
//!     { "sections": "all", "name": "cm", "value": 1.0 },
//!     { "sections": "all", "name": "pas.g", "value": 3e-5 },
//!     { "sections": "apical", "name": "pas.g", "value": 3e-5,
//!       "distribution": { "exponential": { "offset": 0.0, "scale": 1.0, "rate_per_um": 0.001 } } }
//!   ]
//! }
//! ```
//! Section lists are `all`, `somatic`, `axonal`, `basal`, `apical`. Parameters are `cm` (uF/cm2), `Ra` (ohm cm) and
//! `Mechanism.parameter`; the last value given to a segment counts. A distribution multiplies the value by a function
//! of the path from the middle of the soma to the middle of the segment.

mod build;
mod bundled;
mod error;
mod template;

pub use build::Conditions;
pub use bundled::BUNDLED;
pub use error::EmodelError;
pub use template::{Template, TemplateName};

use serde::{Deserialize, Serialize};

use crate::diffusion::Diffusivities;
use crate::discretisation::{AxonRule, SegmentRule};
use crate::ions::{InitialConcentrations, Reversals};
use crate::morphology::SectionKind;

/// An electrical model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emodel {
    /// File that it was read from, for messages; empty where there is none.
    #[serde(skip)]
    pub file: String,
    /// Name, as `model_template` of SONATA nodes gives it after `json:`.
    pub name: String,
    /// What it is a model of.
    #[serde(default)]
    pub description: String,
    /// Where its kinetics and densities come from.
    #[serde(default)]
    pub references: Vec<String>,
    /// What becomes of the axon of the morphology.
    #[serde(default)]
    pub axon: AxonRule,
    /// Number of segments of each section.
    #[serde(default)]
    pub segments: SegmentRule,
    /// Potential at which leaks balance pump and channels in each segment that has `NaKPump` and `IonLeak`, in mV.
    #[serde(default)]
    pub rest_mv: Option<f64>,
    /// Concentrations at the beginning, in mM.
    #[serde(default)]
    pub concentrations: InitialConcentrations,
    /// Diffusion coefficients in the cytosol, in um2/ms.
    #[serde(default)]
    pub diffusion: Diffusivities,
    /// Reversal potentials: `nernst` or `{"fixed": mV}`.
    #[serde(default)]
    pub reversals: Reversals,
    /// Mechanisms by section list.
    pub mechanisms: Insertions,
    /// Parameters, in order.
    pub parameters: Vec<Parameter>,
}

/// Mechanisms by section list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Insertions {
    /// In all sections.
    pub all: Vec<String>,
    /// In the soma.
    pub somatic: Vec<String>,
    /// In the axon.
    pub axonal: Vec<String>,
    /// In basal dendrites.
    pub basal: Vec<String>,
    /// In apical dendrites.
    pub apical: Vec<String>,
    /// In the myelin that follows a replaced axon.
    pub myelinated: Vec<String>,
}

/// A value for some sections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Where.
    pub sections: SectionList,
    /// `cm`, `Ra` or `Mechanism.parameter`.
    pub name: String,
    /// Value.
    pub value: f64,
    /// Dependence on the distance from the soma.
    #[serde(default)]
    pub distribution: Distribution,
}

/// Sections of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionList {
    /// All.
    All,
    /// The soma.
    Somatic,
    /// The axon.
    Axonal,
    /// Basal dendrites.
    Basal,
    /// Apical dendrites.
    Apical,
    /// The myelin that follows a replaced axon.
    Myelinated,
}

impl SectionList {
    /// Whether sections of a kind belong to the list.
    pub fn contains(self, kind: SectionKind) -> bool {
        match self {
            Self::All => true,
            Self::Somatic => kind == SectionKind::Soma,
            Self::Axonal => kind == SectionKind::Axon,
            Self::Basal => kind == SectionKind::Dend,
            Self::Apical => kind == SectionKind::Apic,
            Self::Myelinated => kind == SectionKind::Myelin,
        }
    }
}

/// Factor by distance from the soma.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// 1 everywhere.
    #[default]
    Uniform,
    /// `offset + scale exp(rate_per_um distance)`.
    Exponential {
        /// Constant part.
        offset: f64,
        /// Height of the exponential at the soma.
        scale: f64,
        /// Growth, in 1/um.
        rate_per_um: f64,
    },
    /// `offset + slope_per_um distance`, at least 0.
    Linear {
        /// Factor at the soma.
        offset: f64,
        /// Growth, in 1/um.
        slope_per_um: f64,
    },
}

impl Distribution {
    /// The factor at a distance, in um.
    pub fn factor(self, distance_um: f64) -> f64 {
        match self {
            Self::Uniform => 1.0,
            Self::Exponential { offset, scale, rate_per_um } => offset + scale * (rate_per_um * distance_um).exp(),
            Self::Linear { offset, slope_per_um } => (offset + slope_per_um * distance_um).max(0.0),
        }
    }
}
