//! What a simulator offers: variables with unit, space and kind, and the queries that reach them.

use crate::query::{Query, QueryError};
use crate::unit::Unit;

/// Whether values add up or average when elements are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// An amount: the whole has the sum of its parts (current, count, volume).
    Extensive,
    /// A density or level: the whole has the mean of its parts (concentration, voltage, pressure).
    Intensive,
}

/// Direction of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Values leave the simulator.
    Get,
    /// Values enter the simulator.
    Set,
}

/// A variable as a simulator declares it.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Name, as users write it in the distinguishing argument of a query (`ina`, `ATP_n`, `KK`), or of the getter itself.
    pub name: String,
    /// One line that explains it.
    pub description: String,
    /// Unit of the values read and written.
    pub unit: Unit,
    /// Name of the space that it lives on.
    pub space: String,
    /// Whether its values add up or average.
    pub quantity: Quantity,
    /// The query that reads it, if it can be read.
    pub get: Option<Query>,
    /// The query that writes it, if it can be written.
    pub set: Option<Query>,
}

impl Variable {
    /// The declared query of this direction.
    fn call(&self, access: Access) -> Option<&Query> {
        match access {
            Access::Get => self.get.as_ref(),
            Access::Set => self.set.as_ref(),
        }
    }
}

/// What a query addresses: everything a connection must know before the run.
#[derive(Debug, Clone)]
pub struct Port {
    /// Names of the variables addressed. A getter addresses one; a setter may write the same values to several.
    pub variables: Vec<String>,
    /// Unit of the values of this query (with `weight`: unit of the product).
    pub unit: Unit,
    /// Space of the values.
    pub space: String,
    /// Kind of the values (with `weight` they are amounts: extensive).
    pub quantity: Quantity,
    /// The query for the weights that the values were multiplied with, where the query asked for it: the weighted
    /// mean over a set of elements is the sum of values over the sum of weights.
    pub weights: Option<Query>,
    /// For a setter: the query that reads what it writes, used to keep differences inside an element.
    pub read_back: Option<Query>,
}

/// A simulator's variables, and the search among them for what a query means.
#[derive(Debug, Clone, Default)]
pub struct VariableTable {
    variables: Vec<Variable>,
}

impl VariableTable {
    /// A table of these variables.
    pub fn new(variables: Vec<Variable>) -> Self {
        Self { variables }
    }

    /// All variables, in the order of declaration.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// The variable whose declared query has this function and, where the declared query has arguments, the same
    /// value of the argument `key`.
    ///
    /// # Errors
    /// [`QueryError::UnknownFunction`], [`QueryError::MissingArgument`] or [`QueryError::UnknownName`], each listing
    /// what exists.
    pub fn find(&self, query: &Query, access: Access) -> Result<&Variable, QueryError> {
        let declared = || self.variables.iter().filter_map(|variable| Some((variable, variable.call(access)?)));
        let candidates = || declared().filter(|(_, call)| call.function == query.function);
        let Some((first, first_call)) = candidates().next() else {
            let mut available: Vec<String> = declared().map(|(_, call)| call.function.clone()).collect();
            available.sort();
            available.dedup();
            return Err(QueryError::UnknownFunction { function: query.function.clone(), available });
        };
        let Some(key) = first_call.args.keys().next() else {
            return Ok(first);
        };
        let asked = query
            .args
            .get(key)
            .ok_or_else(|| QueryError::MissingArgument { function: query.function.clone(), argument: key.clone() })?;
        candidates().find(|(_, call)| call.args.get(key) == Some(asked)).map(|(variable, _)| variable).ok_or_else(
            || {
                let found = asked.as_str().map_or_else(|| asked.to_string(), str::to_owned);
                query.unknown_name(key, &found, candidates().map(|(variable, _)| variable.name.clone()))
            },
        )
    }

    /// The port of a query with the declared arguments and possibly some of `further` ones, which the caller
    /// understands.
    ///
    /// # Errors
    /// As [`VariableTable::find`]; [`QueryError::UnknownArgument`].
    pub fn port(&self, query: &Query, access: Access, further: &[&str]) -> Result<Port, QueryError> {
        let variable = self.find(query, access)?;
        let declared = variable.call(access).into_iter().flat_map(|call| call.args.keys());
        let allowed: Vec<&str> = declared.map(String::as_str).chain(further.iter().copied()).collect();
        query.only(&allowed)?;
        Ok(Port {
            variables: vec![variable.name.clone()],
            unit: variable.unit.clone(),
            space: variable.space.clone(),
            quantity: variable.quantity,
            weights: None,
            read_back: variable.get.clone(),
        })
    }
}
