//! The checks that a configuration asks for.

use msr_config::multiscale::{self, Bounds, CheckResponse};
use msr_coupling::Response;

use super::error::SettingsError;
use super::names;
use super::settings::Settings;
use crate::model::Model;

/// Sections of the settings.
const PARAMETERS: &str = "checks.parameters";
const STATES: &str = "checks.vm";

/// A check of one state or parameter of every neuron.
#[derive(Debug, Clone)]
pub(super) struct Check {
    /// Whether `number` counts parameters, not states.
    of_parameter: bool,
    number: usize,
    bounds: Bounds,
    response: Response,
}

/// A state that cannot exceed a constant of the model.
#[derive(Debug, Clone)]
struct Limit {
    state: usize,
    /// The constant.
    name: String,
    value: f64,
    response: Response,
}

/// All checks.
#[derive(Debug, Clone)]
pub(super) struct CheckList {
    checks: Vec<Check>,
    limits: Vec<Limit>,
}

impl CheckList {
    pub(super) fn new(model: &Model, settings: &Settings) -> Result<Self, SettingsError> {
        let response = |response| match response {
            CheckResponse::ExcludeNeuron => Response::ExcludeNeuron,
            CheckResponse::AbortSimulation => Response::AbortSimulation,
        };
        let mut checks = Vec::new();
        for check in &settings.checks.parameters {
            let number = names::parameter(model, &check.key)
                .ok_or_else(|| names::unknown_parameter(model, PARAMETERS, &check.key))?;
            refuse_crossed(PARAMETERS, check)?;
            checks.push(Check { of_parameter: true, number, bounds: check.bounds, response: response(check.response) });
        }
        for check in &settings.checks.vm {
            let number = names::state(model, settings.generation, &check.key)
                .ok_or_else(|| names::unknown_state(model, STATES, &check.key))?;
            refuse_crossed(STATES, check)?;
            checks.push(Check {
                of_parameter: false,
                number,
                bounds: check.bounds,
                response: response(check.response),
            });
        }
        let limits = limits(model, &checks)?;
        Ok(Self { checks, limits })
    }

    /// What is wrong with a cell, and what to do: to stop if any of its failures says so. A value that is no finite
    /// number always stops.
    pub(super) fn failure(&self, model: &Model, states: &[f64], parameters: &[f64]) -> Option<(Response, String)> {
        let mut worst: Option<(Response, String)> = None;
        let mut add = |response: Response, message: String| match &mut worst {
            None => worst = Some((response, message)),
            Some((known, messages)) => {
                if response == Response::AbortSimulation {
                    *known = response;
                }
                messages.push_str("; ");
                messages.push_str(&message);
            }
        };
        let named_states = model.states().iter().zip(states).map(|(state, value)| (&state.name, value));
        let named_parameters =
            model.parameters().iter().zip(parameters).map(|(parameter, value)| (&parameter.name, value));
        for (name, value) in named_states.chain(named_parameters).filter(|(_, value)| !value.is_finite()) {
            add(Response::AbortSimulation, format!("{name} is {value}"));
        }
        for limit in &self.limits {
            let (state, value) = (&model.states()[limit.state], states[limit.state]);
            if value > limit.value {
                let message = format!(
                    "{} is {value} {}, above its limit {} = {}",
                    state.name, state.unit, limit.name, limit.value
                );
                add(limit.response, message);
            }
        }
        for check in &self.checks {
            let (name, unit, value) = if check.of_parameter {
                let parameter = &model.parameters()[check.number];
                (&parameter.name, &parameter.unit, parameters[check.number])
            } else {
                let state = &model.states()[check.number];
                (&state.name, &state.unit, states[check.number])
            };
            if let Some(reason) = outside(&check.bounds, value) {
                let space = if unit.is_empty() { "" } else { " " };
                add(check.response, format!("{name} is {value}{space}{unit}, {reason}"));
            }
        }
        worst
    }
}

/// The limits that the model states, answered as the checks of the same states are.
fn limits(model: &Model, checks: &[Check]) -> Result<Vec<Limit>, SettingsError> {
    let mut limits = Vec::new();
    for (number, state) in model.states().iter().enumerate() {
        let Some(name) = &state.limit else { continue };
        let checked = checks.iter().find(|check| !check.of_parameter && check.number == number);
        limits.push(Limit {
            state: number,
            name: name.clone(),
            value: model.definition().number(name)?,
            response: checked.map_or(Response::ExcludeNeuron, |check| check.response),
        });
    }
    Ok(limits)
}

/// An error where no value at all would pass.
fn refuse_crossed(section: &str, check: &multiscale::Check) -> Result<(), SettingsError> {
    let Bounds { lb, hb, leb, heb } = check.bounds;
    // Only lb and hb accept the bound itself, so that those two may be equal.
    let pairs = [
        ("lb", lb, "hb", hb, false),
        ("lb", lb, "heb", heb, true),
        ("leb", leb, "hb", hb, true),
        ("leb", leb, "heb", heb, true),
    ];
    for (lower, lower_value, upper, upper_value, is_strict) in pairs {
        let (Some(lower_value), Some(upper_value)) = (lower_value, upper_value) else { continue };
        if lower_value > upper_value || (is_strict && lower_value == upper_value) {
            let key = names::path(section, &check.key);
            return Err(SettingsError::CrossedBounds { key, lower, lower_value, upper, upper_value });
        }
    }
    Ok(())
}

/// Which bound a value violates. `lb` and `hb` are themselves accepted, `leb` and `heb` are not.
fn outside(bounds: &Bounds, value: f64) -> Option<String> {
    let violated = |bound: Option<f64>, fails: fn(&f64, &f64) -> bool| bound.filter(|bound| fails(&value, bound));
    let below = violated(bounds.lb, f64::lt).map(|bound| format!("below lb = {bound}"));
    let above = violated(bounds.hb, f64::gt).map(|bound| format!("above hb = {bound}"));
    let not_above = violated(bounds.leb, f64::le).map(|bound| format!("not greater than leb = {bound}"));
    let not_below = violated(bounds.heb, f64::ge).map(|bound| format!("not less than heb = {bound}"));
    below.or(above).or(not_above).or(not_below)
}

#[cfg(test)]
mod tests {
    use msr_config::multiscale::StateKey;

    use super::*;

    #[test]
    fn only_leb_and_heb_exclude_the_bound_itself() {
        let inclusive = Bounds { lb: Some(1.0), hb: Some(10.0), ..Bounds::default() };
        let exclusive = Bounds { leb: Some(1.0), heb: Some(10.0), ..Bounds::default() };
        assert_eq!([1.0, 10.0, 5.0].map(|value| outside(&inclusive, value)), [None, None, None]);
        assert_eq!(outside(&inclusive, 0.999).unwrap(), "below lb = 1");
        assert_eq!(outside(&inclusive, 10.001).unwrap(), "above hb = 10");
        assert_eq!(outside(&exclusive, 1.0).unwrap(), "not greater than leb = 1");
        assert_eq!(outside(&exclusive, 10.0).unwrap(), "not less than heb = 10");
        assert_eq!(outside(&exclusive, 1.001), None);
    }

    #[test]
    fn bounds_that_no_value_passes_are_refused_with_their_key() {
        let refused = |bounds| {
            let key = StateKey::Name("ATP_n".to_owned());
            let check = multiscale::Check { key, label: None, bounds, response: CheckResponse::ExcludeNeuron };
            refuse_crossed(STATES, &check).err().map(|error| error.to_string())
        };
        let both = |lb, hb| Bounds { lb: Some(lb), hb: Some(hb), ..Bounds::default() };
        let neither = |leb, heb| Bounds { leb: Some(leb), heb: Some(heb), ..Bounds::default() };
        assert_eq!(
            [refused(both(1.0, 1.0)), refused(neither(1.0, 1.1)), refused(Bounds::default())],
            [None, None, None]
        );
        assert_eq!(
            refused(both(2.0, 1.0)).unwrap(),
            "multiscale_run.metabolism.checks.vm.ATP_n: no value passes lb = 2 and hb = 1; give hb a greater value than lb"
        );
        assert!(refused(neither(1.0, 1.0)).unwrap().contains("leb = 1 and heb = 1"));
        assert!(refused(Bounds { lb: Some(1.0), heb: Some(1.0), ..Bounds::default() }).is_some());
    }
}
