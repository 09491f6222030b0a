//! What can be wrong with an e-model.

use std::path::PathBuf;

use msr_config::present_instead;

use crate::cell::BuildError;
use crate::discretisation::DiscretisationError;
use crate::hoc::{DescriptionError, HocError};

/// Why an e-model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmodelError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}{}", path.display(), present_instead(path))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Text that is no e-model.
    #[error("{file}:{}:{}: {source}", source.line(), source.column())]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong and where.
        source: serde_json::Error,
    },
    /// A `model_template` that names no e-model file.
    #[error(
        "model_template '{template}' is not supported; in <biophysical_neuron_models_dir>, 'hoc:<name>' is <name>.hoc, \
         'json:<name>' is <name>.json, 'nml:<file>' is <file>, and 'ctdb:Biophys1.hoc' the file that dynamics_params names"
    )]
    Template {
        /// The template.
        template: String,
    },
    /// A model of the Allen Cell Types Database without its parameters.
    #[error("model_template '{template}': the attribute dynamics_params must name a file of parameters (*_fit.json)")]
    NoParameters {
        /// The template.
        template: String,
    },
    /// A NeuroML file, which has all parameters, with further ones.
    #[error(
        "model_template '{template}': the file has all parameters; the attribute dynamics_params ('{parameters}') must be NULL \
         or absent"
    )]
    NeedlessParameters {
        /// The template.
        template: String,
        /// The attribute's value.
        parameters: String,
    },
    /// A `model_processing` that is not known.
    #[error("model_template '{template}': model_processing '{processing}' is not supported; supported: {supported}")]
    Processing {
        /// The template.
        template: String,
        /// The attribute's value.
        processing: String,
        /// Those that are.
        supported: &'static str,
    },
    /// A template that cannot be used.
    #[error(transparent)]
    Hoc(#[from] HocError),
    /// A JSON file of another program that cannot be used.
    #[error(transparent)]
    Description(DescriptionError),
    /// A morphology that cannot be cut as the e-model says.
    #[error("{emodel}: {source}")]
    Discretisation {
        /// Its file, or its name where it was not read from one.
        emodel: String,
        /// Why.
        source: DiscretisationError,
    },
    /// A parameter name of neither form.
    #[error("{emodel}: parameter '{name}' is neither cm, Ra nor Mechanism.parameter")]
    ParameterName {
        /// Its file, or its name where it was not read from one.
        emodel: String,
        /// The name.
        name: String,
    },
    /// A capacitance, resistivity or ion concentration that is not positive.
    #[error("{emodel}: {name} = {value} must be positive")]
    NotPositive {
        /// Its file, or its name where it was not read from one.
        emodel: String,
        /// The parameter.
        name: String,
        /// Its value.
        value: f64,
    },
    /// A diffusion coefficient or concentration below 0.
    #[error("{emodel}: {name} = {value} must not be negative")]
    Negative {
        /// Its file, or its name where it was not read from one.
        emodel: String,
        /// The key.
        name: String,
        /// Its value.
        value: f64,
    },
    /// A mechanism or parameter that does not exist or cannot have its value, or no balance.
    #[error("{emodel}: {source}")]
    Build {
        /// Its file, or its name where it was not read from one.
        emodel: String,
        /// What is wrong.
        source: BuildError,
    },
}
