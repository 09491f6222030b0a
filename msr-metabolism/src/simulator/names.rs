//! States and parameters by name or number, of either generation of configurations.

use msr_config::multiscale::{Generation, StateKey};

use super::error::SettingsError;
use crate::model::Model;

/// Number of the state that `key` means. Numbers of [`Generation::Events`] are those of the 0.8 series.
pub(super) fn state(model: &Model, generation: Generation, key: &StateKey) -> Option<usize> {
    match (key, generation) {
        (StateKey::Name(name), _) => model.state_number(name),
        (StateKey::Index(index), Generation::Flat) => (*index < model.states().len()).then_some(*index),
        (StateKey::Index(index), Generation::Events) => {
            model.states().iter().position(|state| state.number_0_8 == Some(*index))
        }
    }
}

/// Number of the parameter that `key` means; both generations number them alike.
pub(super) fn parameter(model: &Model, key: &StateKey) -> Option<usize> {
    match key {
        StateKey::Name(name) => model.parameter_number(name),
        StateKey::Index(index) => (*index < model.parameters().len()).then_some(*index),
    }
}

/// Path, from the top of the file, of what a section of the settings says about a state or parameter.
pub(super) fn path(section: &str, key: &StateKey) -> String {
    match (section, key) {
        ("parameters", StateKey::Index(index)) => format!("multiscale_run.metabolism.parameters[{index}]"),
        _ => format!("multiscale_run.metabolism.{section}.{key}"),
    }
}

pub(super) fn unknown_state(model: &Model, section: &str, found: &StateKey) -> SettingsError {
    let available = model.states().iter().map(|state| state.name.clone()).collect();
    SettingsError::UnknownState { key: path(section, found), found: found.to_string(), available }
}

pub(super) fn unknown_parameter(model: &Model, section: &str, found: &StateKey) -> SettingsError {
    let available = model.parameters().iter().map(|parameter| parameter.name.clone()).collect();
    SettingsError::UnknownParameter { key: path(section, found), found: found.to_string(), available }
}
