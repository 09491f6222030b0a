//! Values at the start of a run, from the model and the settings.

use std::path::Path;

use msr_config::multiscale::{Constant, StateKey};

use super::NeuronSite;
use super::demand;
use super::error::SettingsError;
use super::names;
use super::settings::Settings;
use crate::model::{ConstantValue, Constants, Model};

/// Puts the constants of the settings into the model's. Returns what the user should know.
pub(super) fn override_constants(
    constants: &mut Constants,
    settings: &Settings,
) -> Result<Option<String>, SettingsError> {
    let note = if settings.neurons_use_atp { demand::stop_pump(constants)? } else { None };
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
    Ok(note)
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
    }
    let negative = model.states().iter().zip(&states).find(|(state, value)| **value < 0.0 && state.is_concentration());
    if let Some((state, &value)) = negative {
        let (key, name) = (names::path("u0", &StateKey::Name(state.name.clone())), state.name.clone());
        return Err(SettingsError::NegativeConcentration { key, name, value, unit: state.unit.clone() });
    }
    Ok(states)
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
    let length_0_8 = states.iter().filter_map(|state| state.number_0_8).max().map(|last| last + 1);
    if Some(values.len()) == length_0_8 {
        return Ok(states
            .iter()
            .map(|state| state.number_0_8.map_or(state.initial_value, |number| values[number]))
            .collect());
    }
    let expected = [states.len()].into_iter().chain(length_0_8).collect();
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
    let Ok(ConstantValue::Layers(fractions)) =
        model.definition().constants.get("GeneralConstants", "mito_volume_fraction")
    else {
        return Err(SettingsError::NoLayers { neuron, layer });
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
