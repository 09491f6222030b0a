//! How values are asked for and given: a function name and named arguments, as users write them in JSON.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A getter or setter call, for example `get_var {"var": "ina", "weight": "area"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// Name of the getter or setter.
    pub function: String,
    /// Its named arguments.
    #[serde(default)]
    pub args: Map<String, Value>,
}

impl Query {
    /// A call without arguments.
    pub fn new(function: impl Into<String>) -> Self {
        Self { function: function.into(), args: Map::new() }
    }

    /// The same call with one more argument.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.args.insert(name.into(), value.into());
        self
    }

    /// A text argument, or `None` where it is absent.
    ///
    /// # Errors
    /// [`QueryError::WrongType`] where the argument is there and not text.
    pub fn text(&self, argument: &str) -> Result<Option<&str>, QueryError> {
        match self.args.get(argument) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong_type(argument, "text", other)),
        }
    }

    /// A text argument that must be there.
    ///
    /// # Errors
    /// [`QueryError::MissingArgument`] or [`QueryError::WrongType`].
    pub fn required_text(&self, argument: &str) -> Result<&str, QueryError> {
        self.text(argument)?.ok_or_else(|| QueryError::MissingArgument {
            function: self.function.clone(),
            argument: argument.to_owned(),
        })
    }

    /// An argument that is one value or a list of values (`"idxs": "ATP_n"`, `"idxs": [3, 4]`); empty where absent.
    pub fn list(&self, argument: &str) -> &[Value] {
        match self.args.get(argument) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items,
            Some(one) => std::slice::from_ref(one),
        }
    }

    /// The error for an argument of the wrong type.
    pub fn wrong_type(&self, argument: &str, expected: &'static str, found: &Value) -> QueryError {
        QueryError::WrongType {
            function: self.function.clone(),
            argument: argument.to_owned(),
            expected,
            found: found.to_string(),
        }
    }

    /// The error for an argument whose value names nothing that exists.
    pub fn unknown_name<I, S>(&self, argument: &str, found: &str, available: I) -> QueryError
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        QueryError::UnknownName {
            function: self.function.clone(),
            argument: argument.to_owned(),
            found: found.to_owned(),
            available: available.into_iter().map(Into::into).collect(),
        }
    }

    /// Refuses arguments that are not in `allowed`.
    ///
    /// # Errors
    /// [`QueryError::UnknownArgument`] for the first one.
    pub fn only(&self, allowed: &[&str]) -> Result<(), QueryError> {
        match self.args.keys().find(|key| !allowed.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(QueryError::UnknownArgument {
                function: self.function.clone(),
                argument: key.clone(),
                available: allowed.iter().map(|name| (*name).to_owned()).collect(),
            }),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.function)?;
        if !self.args.is_empty() {
            write!(f, " {}", Value::Object(self.args.clone()))?;
        }
        Ok(())
    }
}

/// What is wrong with a query; the messages list what exists and the nearest name.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QueryError {
    /// The simulator has no such getter or setter.
    #[error("unknown function '{function}'{}; available: {}", nearest(function, available), available.join(", "))]
    UnknownFunction {
        /// What was asked.
        function: String,
        /// What exists.
        available: Vec<String>,
    },
    /// A mandatory argument is absent.
    #[error("{function} needs the argument '{argument}'")]
    MissingArgument {
        /// The function called.
        function: String,
        /// The argument that is missing.
        argument: String,
    },
    /// An argument that the function does not take.
    #[error("{function} takes no argument '{argument}'{}; available: {}", nearest(argument, available), available.join(", "))]
    UnknownArgument {
        /// The function called.
        function: String,
        /// The argument found.
        argument: String,
        /// The arguments that it takes.
        available: Vec<String>,
    },
    /// An argument whose value names nothing that exists.
    #[error(
        "{function}: unknown {argument} '{found}'{}; available: {}",
        nearest(found, available),
        shortened(available)
    )]
    UnknownName {
        /// The function called.
        function: String,
        /// The argument.
        argument: String,
        /// Its value.
        found: String,
        /// The values that exist.
        available: Vec<String>,
    },
    /// An argument of the wrong type.
    #[error("{function}: {argument} must be {expected}, found {found}")]
    WrongType {
        /// The function called.
        function: String,
        /// The argument.
        argument: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// The wrong number of values was given to a setter.
    #[error("{function}: expected {expected} values, found {found}")]
    WrongLength {
        /// The function called.
        function: String,
        /// Number of values that the setter takes.
        expected: usize,
        /// Number of values given.
        found: usize,
    },
    /// A value that the setter cannot take (not finite, negative concentration, zero radius, ...).
    #[error("{function}: value {value} at position {position} is refused: {reason}")]
    BadValue {
        /// The function called.
        function: String,
        /// Position in the values given.
        position: usize,
        /// The value.
        value: f64,
        /// Why it is refused.
        reason: &'static str,
    },
}

/// ` (did you mean 'x'?)` for the most similar of `available`, or nothing.
pub fn nearest<S: AsRef<str>>(found: &str, available: &[S]) -> String {
    available
        .iter()
        .map(|name| (strsim::jaro_winkler(found, name.as_ref()), name.as_ref()))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(similarity, _)| *similarity > NEAREST_SIMILARITY)
        .map_or_else(String::new, |(_, name)| format!(" (did you mean '{name}'?)"))
}

/// Jaro-Winkler similarity from which a name is offered as what may have been meant.
const NEAREST_SIMILARITY: f64 = 0.75;

/// Names listed in a message before it is cut.
const NAMES_LISTED: usize = 24;

fn shortened(available: &[String]) -> String {
    if available.len() <= NAMES_LISTED {
        return available.join(", ");
    }
    format!("{}, ... ({} in all)", available[..NAMES_LISTED].join(", "), available.len())
}
