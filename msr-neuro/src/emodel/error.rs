//! What can be wrong with an e-model.

use std::path::PathBuf;

use crate::cell::BuildError;

/// Why an e-model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EmodelError {
    /// The file cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
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
        "model_template '{template}' is not supported; write 'json:<name>' for <biophysical_neuron_models_dir>/<name>.json"
    )]
    Template {
        /// The template.
        template: String,
    },
    /// A parameter name of neither form.
    #[error("e-model '{emodel}': parameter '{name}' is neither cm, Ra nor Mechanism.parameter")]
    ParameterName {
        /// The e-model.
        emodel: String,
        /// The name.
        name: String,
    },
    /// A capacitance or resistivity that is not positive.
    #[error("e-model '{emodel}': {name} = {value} must be positive")]
    NotPositive {
        /// The e-model.
        emodel: String,
        /// The parameter.
        name: String,
        /// Its value.
        value: f64,
    },
    /// A mechanism or parameter that does not exist, or no balance.
    #[error("e-model '{emodel}': {source}")]
    Build {
        /// The e-model.
        emodel: String,
        /// What is wrong.
        source: BuildError,
    },
}
