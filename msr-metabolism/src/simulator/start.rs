//! Values at the start of a run, from the model and the settings.

use std::path::Path;

use msr_config::multiscale::{Constant, StateKey};
use msr_coupling::Unit;

use super::NeuronSite;
use super::demand;
use super::error::SettingsError;
use super::names;
use super::settings::Settings;
use crate::model::{ConstantValue, Constants, Model};

/// Puts the constants of the settings into the model's.
pub(super) fn override_constants(constants: &mut Constants, settings: &Settings) -> Result<(), SettingsError> {
    if settings.neurons_use_atp {
        demand::stop_pump(constants);
    }
    for (group, values) in &settings.constants {
        for (name, value) in values {
            let value = match value {
                Constant::Number(number) => ConstantValue::Number(*number),
                Constant::List(numbers) => ConstantValue::Layers(numbers.clone()),
            };
            constants.set(group, name, value).map_err(|source| SettingsError::Constant {
                group: group.clone(),
                name: name.clone(),
                source: Box::new(source),
            })?;
        }
    }
    Ok(())
}

/// Initial values of all states, the same for every neuron.
pub(super) fn states(model: &Model, settings: &Settings) -> Result<Vec<f64>, SettingsError> {
    let mut states = match &settings.initial_table {
        Some(path) => table(model, path)?,
        None => model.initial_states(),
    };
    for (name, &value) in &settings.initial_states {
        let key = StateKey::Name(name.clone());
        let number = model.state_number(name).ok_or_else(|| names::unknown_state(model, "u0", &key))?;
        states[number] = finite("u0", &key, name, value)?;
        let unit = &model.states()[number].unit;
        if value < 0.0 && is_concentration(unit) {
            let key = names::path("u0", &key);
            return Err(SettingsError::NegativeConcentration { key, value, unit: unit.clone() });
        }
    }
    Ok(states)
}

/// Whether values of this unit are concentrations; potentials may be negative.
fn is_concentration(unit: &str) -> bool {
    Unit::parse(unit).is_ok_and(|unit| unit.factor_to(&Unit::of("mM")).is_some())
}

fn table(model: &Model, path: &Path) -> Result<Vec<f64>, SettingsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| SettingsError::TableUnreadable { path: path.to_owned(), source })?;
    let mut values = Vec::new();
    for part in text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty()) {
        match part.parse::<f64>() {
            Ok(value) if value.is_finite() => values.push(value),
            _ => return Err(SettingsError::TableValue { path: path.to_owned(), text: part.to_owned() }),
        }
    }
    let states = model.states();
    if values.len() == states.len() {
        return Ok(values);
    }
    let length_0_8 = states.iter().filter_map(|state| state.number_0_8).max().map_or(0, |last| last + 1);
    if values.len() == length_0_8 {
        return Ok(states
            .iter()
            .map(|state| state.number_0_8.map_or(state.initial_value, |number| values[number]))
            .collect());
    }
    let expected = [states.len(), length_0_8];
    Err(SettingsError::TableLength { path: path.to_owned(), found: values.len(), expected })
}

/// Parameters of all neurons, neuron by neuron.
pub(super) fn parameters(
    model: &Model,
    settings: &Settings,
    neurons: &[NeuronSite],
) -> Result<Vec<f64>, SettingsError> {
    let mut common = model.default_parameters();
    let mut given = vec![false; common.len()];
    for (key, value) in &settings.parameters {
        let number = names::parameter(model, key).ok_or_else(|| names::unknown_parameter(model, "parameters", key))?;
        common[number] = finite("parameters", key, &model.parameters()[number].name, *value)?;
        given[number] = true;
    }
    let mut all = Vec::with_capacity(common.len() * neurons.len());
    let scaled = model.parameter_number("mito_scale").filter(|&number| !given[number]);
    for neuron in neurons {
        let start = all.len();
        all.extend_from_slice(&common);
        if let (Some(number), Some(layer)) = (scaled, neuron.layer) {
            all[start + number] = mito_scale(model, neuron.id, layer)?;
        }
    }
    Ok(all)
}

/// Mitochondrial volume fraction of a layer relative to that of the richest layer.
fn mito_scale(model: &Model, neuron: u64, layer: u32) -> Result<f64, SettingsError> {
    let ConstantValue::Layers(fractions) =
        model.definition().constants.get("GeneralConstants", "mito_volume_fraction")?
    else {
        return Err(SettingsError::UnknownLayer { neuron, layer, layers: 0 });
    };
    let largest = fractions.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (layer as usize)
        .checked_sub(1)
        .and_then(|place| fractions.get(place))
        .map(|fraction| fraction / largest)
        .ok_or(SettingsError::UnknownLayer { neuron, layer, layers: fractions.len() })
}

fn finite(section: &str, key: &StateKey, name: &str, value: f64) -> Result<f64, SettingsError> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(SettingsError::NotFinite { key: names::path(section, key), name: name.to_owned(), value })
}
