//! Getters and setters: what a query addresses.

use msr_config::multiscale::{Generation, StateKey};
use msr_coupling::space::NEURONS;
use msr_coupling::{Access, Bounds, Port, Quantity, Query, QueryError, Unit, Variable};
use serde_json::Value;

use super::names;
use crate::model::{Model, ModelError};

const GET_STATE: &str = "get_vm_idx";
const SET_STATES: &str = "set_vm_idxs";
const GET_PARAMETER: &str = "get_parameters_idx";
const SET_PARAMETERS: &str = "set_parameters_idxs";
const GET_ALIVE: &str = "alive_gids";

/// What a query addresses, by numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// States; a getter addresses one.
    States(Vec<usize>),
    /// Parameters; a getter addresses one.
    Parameters(Vec<usize>),
    /// 1 for neurons that are advanced, 0 for excluded ones.
    Alive,
}

/// All variables of the model.
pub(super) fn variables(model: &Model) -> Result<Vec<Variable>, ModelError> {
    let variable = |name: &str,
                    description: &str,
                    unit: &str,
                    greatest: Option<f64>,
                    functions: [&str; 2]|
     -> Result<Variable, ModelError> {
        // Concentrations. Of parameters and other states, only users know (`checks`).
        let is_concentration = functions[0] == GET_STATE && unit == "mM";
        let unit = Unit::parse(unit).map_err(|source| ModelError::Unit { name: name.to_owned(), source })?;
        Ok(Variable {
            name: name.to_owned(),
            description: description.to_owned(),
            unit,
            space: NEURONS.to_owned(),
            quantity: Quantity::Intensive,
            bounds: Bounds {
                greatest: greatest.unwrap_or(f64::INFINITY),
                ..if is_concentration { Bounds::NOT_NEGATIVE } else { Bounds::NONE }
            },
            get: Some(Query::new(functions[0]).with("idx", name)),
            set: Some(Query::new(functions[1]).with("idxs", name)),
        })
    };
    let states = model.states().iter().map(|state| {
        let greatest = state.limit.as_deref().map(|limit| model.definition().number(limit)).transpose()?;
        variable(&state.name, &state.description, &state.unit, greatest, [GET_STATE, SET_STATES])
    });
    let parameters = model.parameters().iter().map(|parameter| {
        variable(&parameter.name, &parameter.description, &parameter.unit, None, [GET_PARAMETER, SET_PARAMETERS])
    });
    let alive = Variable {
        name: GET_ALIVE.to_owned(),
        description: "1 for neurons that take part, 0 for excluded ones".to_owned(),
        unit: Unit::dimensionless(),
        space: NEURONS.to_owned(),
        quantity: Quantity::Intensive,
        bounds: Bounds::FRACTION,
        get: Some(Query::new(GET_ALIVE)),
        set: None,
    };
    states.chain(parameters).chain([Ok(alive)]).collect()
}

/// What a query addresses.
pub(super) fn address(
    model: &Model,
    generation: Generation,
    query: &Query,
    access: Access,
) -> Result<Address, QueryError> {
    match (query.function.as_str(), access) {
        (GET_STATE, Access::Get) => one(query)
            .and_then(|key| state(model, generation, query, "idx", &key))
            .map(|number| Address::States(vec![number])),
        (GET_PARAMETER, Access::Get) => one(query)
            .and_then(|key| parameter(model, query, "idx", &key))
            .map(|number| Address::Parameters(vec![number])),
        (SET_STATES, Access::Set) => {
            let keys = several(query)?;
            keys.iter()
                .map(|key| state(model, generation, query, "idxs", key))
                .collect::<Result<_, _>>()
                .map(Address::States)
        }
        (SET_PARAMETERS, Access::Set) => {
            let keys = several(query)?;
            keys.iter()
                .map(|key| parameter(model, query, "idxs", key))
                .collect::<Result<_, _>>()
                .map(Address::Parameters)
        }
        (GET_ALIVE, Access::Get) => query.only(&[]).map(|()| Address::Alive),
        _ => {
            let available: &[&str] = match access {
                Access::Get => &[GET_STATE, GET_PARAMETER, GET_ALIVE],
                Access::Set => &[SET_STATES, SET_PARAMETERS],
            };
            Err(QueryError::UnknownFunction {
                function: query.function.clone(),
                available: available.iter().map(|&name| name.to_owned()).collect(),
            })
        }
    }
}

/// The port of what a query addresses. Where a setter writes to several, the unit is that of the first.
pub(super) fn port(model: &Model, variables: &[Variable], address: &Address) -> Port {
    let places: Vec<usize> = match address {
        Address::States(numbers) => numbers.clone(),
        Address::Parameters(numbers) => numbers.iter().map(|number| model.states().len() + number).collect(),
        Address::Alive => vec![variables.len() - 1],
    };
    let first = &variables[places[0]];
    Port {
        variables: places.iter().map(|&place| variables[place].name.clone()).collect(),
        unit: first.unit.clone(),
        space: first.space.clone(),
        quantity: first.quantity,
        bounds: first.bounds,
        weights: None,
        read_back: first.get.clone(),
    }
}

fn one(query: &Query) -> Result<StateKey, QueryError> {
    query.only(&["idx"])?;
    match query.args.get("idx") {
        None | Some(Value::Null) => {
            Err(QueryError::MissingArgument { function: query.function.clone(), argument: "idx".to_owned() })
        }
        Some(value) => key(query, "idx", value),
    }
}

fn several(query: &Query) -> Result<Vec<StateKey>, QueryError> {
    query.only(&["idxs"])?;
    let values = query.list("idxs");
    if values.is_empty() {
        return Err(QueryError::MissingArgument { function: query.function.clone(), argument: "idxs".to_owned() });
    }
    values.iter().map(|value| key(query, "idxs", value)).collect()
}

fn key(query: &Query, argument: &str, value: &Value) -> Result<StateKey, QueryError> {
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
    match (value.as_str(), number) {
        (Some(name), _) => Ok(StateKey::Name(name.to_owned())),
        (None, Some(number)) => Ok(StateKey::Index(number)),
        (None, None) => Err(query.wrong_type(argument, "a name or a number from 0", value)),
    }
}

fn state(
    model: &Model,
    generation: Generation,
    query: &Query,
    argument: &str,
    key: &StateKey,
) -> Result<usize, QueryError> {
    names::state(model, generation, key).ok_or_else(|| {
        query.unknown_name(argument, &key.to_string(), model.states().iter().map(|state| state.name.clone()))
    })
}

fn parameter(model: &Model, query: &Query, argument: &str, key: &StateKey) -> Result<usize, QueryError> {
    names::parameter(model, key).ok_or_else(|| {
        query.unknown_name(
            argument,
            &key.to_string(),
            model.parameters().iter().map(|parameter| parameter.name.clone()),
        )
    })
}
