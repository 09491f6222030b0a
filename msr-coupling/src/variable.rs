//! What a simulator offers: variables with unit, space and kind, and the queries that reach them.

use std::fmt;

use serde_json::Value;

use crate::query::{Query, QueryError};
use crate::unit::Unit;

/// Whether values add up or average when elements are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// An amount: the whole has the sum of its parts (current, count, volume).
    Extensive,
    /// A density or level: the whole has the mean of its parts (concentration, voltage, pressure).
    Intensive,
}

/// Values that a variable can physically have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The least value; `-inf` where there is none.
    pub least: f64,
    /// The greatest value; `inf` where there is none.
    pub greatest: f64,
    /// Whether the least value itself is impossible, as a radius of 0.
    pub is_above_least: bool,
}

impl Bounds {
    /// Any number.
    pub const NONE: Self = Self { least: f64::NEG_INFINITY, greatest: f64::INFINITY, is_above_least: false };
    /// 0 or more: concentrations, counts.
    pub const NOT_NEGATIVE: Self = Self { least: 0.0, ..Self::NONE };
    /// More than 0: radii, concentrations whose logarithm is taken.
    pub const POSITIVE: Self = Self { is_above_least: true, ..Self::NOT_NEGATIVE };
    /// 0 to 1.
    pub const FRACTION: Self = Self { greatest: 1.0, ..Self::NOT_NEGATIVE };

    /// Whether a value is possible. What is no number is not.
    pub fn allow(&self, value: f64) -> bool {
        let is_enough = if self.is_above_least { value > self.least } else { value >= self.least };
        is_enough && value <= self.greatest
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = if self.is_above_least { "greater than" } else { "at least" };
        match (self.least.is_finite(), self.greatest.is_finite()) {
            (false, false) => write!(f, "a number"),
            (true, false) => write!(f, "{least} {}", self.least),
            (false, true) => write!(f, "at most {}", self.greatest),
            (true, true) => write!(f, "{least} {} and at most {}", self.least, self.greatest),
        }
    }
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
    /// Values that it can physically have: a connection that would set another is refused.
    pub bounds: Bounds,
    /// The query that reads it, if it can be read.
    pub get: Option<Query>,
    /// The query that writes it, if it can be written.
    pub set: Option<Query>,
}

/// One line: name, unit, space, kind, bounds, what it is.
impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.quantity {
            Quantity::Extensive => "amount",
            Quantity::Intensive => "level",
        };
        write!(f, "{} [{}] {kind} on {}", self.name, self.unit, self.space)?;
        if self.bounds != Bounds::NONE {
            write!(f, ", {}", self.bounds)?;
        }
        write!(f, ": {}", self.description)
    }
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
    /// Values that a setter takes.
    pub bounds: Bounds,
    /// The query for the weights that the values were multiplied with, where the query asked for it: the weighted
    /// mean over a set of elements is the sum of values over the sum of weights.
    pub weights: Option<Query>,
    /// For a setter: the query that reads what it writes, used to keep differences inside an element.
    pub read_back: Option<Query>,
}

impl Port {
    /// Refuses what a setter of `expected` elements cannot take: another number of values, values that are not finite or
    /// beyond the bounds.
    ///
    /// # Errors
    /// [`QueryError::WrongLength`] or [`QueryError::BadValue`] for the first one.
    pub fn check(&self, query: &Query, values: &[f64], expected: usize) -> Result<(), QueryError> {
        let function = query.function.clone();
        if values.len() != expected {
            return Err(QueryError::WrongLength { function, expected, found: values.len() });
        }
        let wrong = values.iter().position(|&value| !value.is_finite() || !self.bounds.allow(value));
        let Some(position) = wrong else { return Ok(()) };
        let value = values[position];
        let reason = if value.is_finite() { "it is beyond the bounds of the variable" } else { "it is not finite" };
        Err(QueryError::BadValue { function, position, value, reason })
    }
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
                let written = |(variable, call): (&Variable, &Query)| {
                    call.args.get(key).and_then(Value::as_str).unwrap_or(&variable.name).to_owned()
                };
                query.unknown_name(key, &found, candidates().map(written))
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
            bounds: variable.bounds,
            weights: None,
            read_back: variable.get.clone(),
        })
    }
}
