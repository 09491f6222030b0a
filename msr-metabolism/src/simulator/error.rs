//! Mistakes in settings.

use std::path::PathBuf;

use msr_coupling::query::nearest;

use crate::model::ModelError;
use crate::solver::OptionsError;

/// A mistake in the settings of the metabolism.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A mistake in the model.
    #[error("metabolism: {0}")]
    Model(#[from] ModelError),
    /// A model that is neither bundled nor in files.
    #[error(
        "multiscale_run.metabolism.model: there is no bundled model '{name}'{}, and no file or folder {}; bundled: {}",
        nearest(name, available), path.display(), available.join(", ")
    )]
    UnknownModel {
        /// What was named.
        name: String,
        /// The file or folder of this name.
        path: PathBuf,
        /// The bundled models.
        available: Vec<&'static str>,
    },
    /// A correction that does not exist.
    #[error(
        "multiscale_run.metabolism.compatibility: unknown correction '{found}'{}; available: {}; or one of \"published\", \
         \"corrected\" in place of the list",
        nearest(found, available), available.join(", ")
    )]
    UnknownCorrection {
        /// What was named.
        found: String,
        /// The corrections.
        available: Vec<&'static str>,
    },
    /// A constant that does not exist or has a value of the wrong form.
    #[error("multiscale_run.metabolism.constants.{group}.{name}: {source}")]
    Constant {
        /// The group.
        group: String,
        /// The constant.
        name: String,
        /// What is wrong.
        source: Box<ModelError>,
    },
    /// A mistake in `solver_kwargs`.
    #[error("multiscale_run.metabolism.{0}")]
    Solver(#[from] OptionsError),
    /// A state that does not exist.
    #[error("{key}: unknown state '{found}'{}; {}", nearest(found, available), states(available))]
    UnknownState {
        /// Where it was named, from the top of the file.
        key: String,
        /// What was named.
        found: String,
        /// The states.
        available: Vec<String>,
    },
    /// A parameter that does not exist.
    #[error("{key}: unknown parameter '{found}'{}; available: {}", nearest(found, available), available.join(", "))]
    UnknownParameter {
        /// Where it was named, from the top of the file.
        key: String,
        /// What was named.
        found: String,
        /// The parameters.
        available: Vec<String>,
    },
    /// A value that is NaN or infinite.
    #[error("{key}: '{name}' is {value}; give a finite number")]
    NotFinite {
        /// Where it was given, from the top of the file.
        key: String,
        /// Of what.
        name: String,
        /// The value.
        value: f64,
    },
    /// A concentration below zero.
    #[error("{key}: a concentration cannot be negative, but {name} starts at {value} {unit}")]
    NegativeConcentration {
        /// Where it can be set, from the top of the file.
        key: String,
        /// Of what.
        name: String,
        /// The value.
        value: f64,
        /// Its unit.
        unit: String,
    },
    /// A table of initial values that cannot be read.
    #[error("multiscale_run.metabolism.u0_path: cannot read {}: {source}", path.display())]
    TableUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table of initial values with something that is no finite number.
    #[error("multiscale_run.metabolism.u0_path: {}: '{text}' is no finite number", path.display())]
    TableValue {
        /// The file.
        path: PathBuf,
        /// What was found.
        text: String,
    },
    /// A table of initial values of the wrong length.
    #[error("multiscale_run.metabolism.u0_path: {} has {found} values; expected {}", path.display(), expected.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or "))]
    TableLength {
        /// The file.
        path: PathBuf,
        /// How many values it has.
        found: usize,
        /// How many it may have: in this model's order, in that of the 0.8 series where the model has one.
        expected: Vec<usize>,
    },
    /// Neurons that are not in ascending order.
    #[error("neuron {second} follows neuron {first}; give every neuron once, by ascending id")]
    NeuronOrder {
        /// A neuron.
        first: u64,
        /// The one after it.
        second: u64,
    },
    /// A layer without a mitochondrial volume fraction.
    #[error(
        "neuron {neuron} is in layer {layer}, but multiscale_run.metabolism.constants.GeneralConstants.mito_volume_fraction has layers 1 to {layers}; \
         extend the list or set the parameter mito_scale"
    )]
    UnknownLayer {
        /// The neuron.
        neuron: u64,
        /// Its layer.
        layer: u32,
        /// How many layers have a fraction.
        layers: usize,
    },
    /// A neuron's layer in a model that has the parameter for it, but no fractions.
    #[error(
        "neuron {neuron} is in layer {layer}, but the model has no list GeneralConstants.mito_volume_fraction to take \
         mito_scale from; declare it (`constant GeneralConstants.mito_volume_fraction = 0.04;0.05;...`) or set \
         multiscale_run.metabolism.parameters.mito_scale"
    )]
    NoLayers {
        /// The neuron.
        neuron: u64,
        /// Its layer.
        layer: u32,
    },
    /// Bounds that leave no value.
    #[error(
        "{key}: no value passes {lower} = {lower_value} and {upper} = {upper_value}; give {upper} a greater value than {lower}"
    )]
    CrossedBounds {
        /// The check, from the top of the file.
        key: String,
        /// `lb` or `leb`.
        lower: &'static str,
        /// Its value.
        lower_value: f64,
        /// `hb` or `heb`.
        upper: &'static str,
        /// Its value.
        upper_value: f64,
    },
    /// A step of zero length.
    #[error("multiscale_run.metabolism.ndts is {ndts} and the base step {base_dt_ms} ms; both must be greater than 0")]
    NoStep {
        /// Its step in base steps.
        ndts: u64,
        /// The base step.
        base_dt_ms: f64,
    },
}

/// The largest number of states that a message lists.
const MOST_LISTED: usize = 40;

/// The states, or where to look them up.
fn states(available: &[String]) -> String {
    if available.len() <= MOST_LISTED {
        format!("available: {}", available.join(", "))
    } else {
        "list those of the standard model with `msr-cli index`".to_owned()
    }
}
