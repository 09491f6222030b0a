//! Attributes of a population: named columns of equal length.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::name::{listed, nearest};

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Floating-point numbers.
    Float(Vec<f64>),
    /// Integers.
    Integer(Vec<i64>),
    /// Texts (and enumerations, resolved).
    Text(Vec<String>),
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Float(values) => values.len(),
            Self::Integer(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What the column holds, in words.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Float(_) => "float",
            Self::Integer(_) => "integer",
            Self::Text(_) => "text",
        }
    }
}

/// Named columns of one population; errors name the file and the population.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The file, for messages.
    pub file: PathBuf,
    /// The population, for messages.
    pub population: String,
    /// The columns, by name.
    pub columns: BTreeMap<String, Column>,
    /// Datasets that are no column, by name, and why: a wrong length, a type that SONATA does not have.
    pub unreadable: BTreeMap<String, String>,
}

/// What is wrong with an attribute that was asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AttributeError {
    /// The population has no such attribute.
    #[error(
        "{}: population '{population}' has no attribute '{attribute}'{}; available: {}",
        file.display(),
        nearest(attribute, available),
        listed(available)
    )]
    Missing {
        /// The HDF5 file.
        file: PathBuf,
        /// The population.
        population: String,
        /// What was asked.
        attribute: String,
        /// What exists.
        available: Vec<String>,
    },
    /// The file has the attribute, but it cannot be read.
    #[error("{}: population '{population}': attribute '{attribute}' cannot be read: {reason}", file.display())]
    Unreadable {
        /// The HDF5 file.
        file: PathBuf,
        /// The population.
        population: String,
        /// What was asked.
        attribute: String,
        /// Why.
        reason: String,
    },
    /// The attribute is of another type.
    #[error(
        "{}: population '{population}': attribute '{attribute}' must be {expected}, found {found}",
        file.display()
    )]
    WrongType {
        /// The HDF5 file.
        file: PathBuf,
        /// The population.
        population: String,
        /// What was asked.
        attribute: String,
        /// The type asked for.
        expected: &'static str,
        /// The type found.
        found: String,
    },
}

/// Integers beyond this magnitude have no exact floating-point value.
const EXACT_INTEGERS: u64 = 1 << 53;

impl Table {
    /// An empty table of a population.
    pub fn new(file: impl Into<PathBuf>, population: impl Into<String>) -> Self {
        Self { file: file.into(), population: population.into(), columns: BTreeMap::new(), unreadable: BTreeMap::new() }
    }

    /// The column of this name.
    ///
    /// # Errors
    /// [`AttributeError::Missing`], [`AttributeError::Unreadable`].
    pub fn column(&self, name: &str) -> Result<&Column, AttributeError> {
        if let Some(column) = self.columns.get(name) {
            return Ok(column);
        }
        let (file, population, attribute) = (self.file.clone(), self.population.clone(), name.to_owned());
        match self.unreadable.get(name) {
            Some(reason) => Err(AttributeError::Unreadable { file, population, attribute, reason: reason.clone() }),
            None => {
                let available = self.columns.keys().cloned().collect();
                Err(AttributeError::Missing { file, population, attribute, available })
            }
        }
    }

    /// A column as floating-point numbers; integers are converted where that loses nothing.
    ///
    /// # Errors
    /// [`AttributeError::Missing`], [`AttributeError::WrongType`].
    pub fn float(&self, name: &str) -> Result<Cow<'_, [f64]>, AttributeError> {
        match self.column(name)? {
            Column::Float(values) => Ok(Cow::Borrowed(values)),
            Column::Integer(values) => match values.iter().find(|value| value.unsigned_abs() > EXACT_INTEGERS) {
                None => Ok(Cow::Owned(values.iter().map(|&value| value as f64).collect())),
                Some(value) => {
                    Err(self.wrong_type(name, "float", format!("the integer {value}, which has no exact float")))
                }
            },
            Column::Text(_) => Err(self.wrong_type(name, "float", "text")),
        }
    }

    /// A column as integers; floating-point numbers are converted where that loses nothing.
    ///
    /// # Errors
    /// [`AttributeError::Missing`], [`AttributeError::WrongType`].
    pub fn integer(&self, name: &str) -> Result<Cow<'_, [i64]>, AttributeError> {
        match self.column(name)? {
            Column::Integer(values) => Ok(Cow::Borrowed(values)),
            Column::Float(values) => {
                let whole = |value: &f64| value.fract() == 0.0 && value.abs() <= EXACT_INTEGERS as f64;
                match values.iter().find(|value| !whole(value)) {
                    None => Ok(Cow::Owned(values.iter().map(|&value| value as i64).collect())),
                    Some(value) => Err(self.wrong_type(name, "integer", format!("the float {value}"))),
                }
            }
            Column::Text(_) => Err(self.wrong_type(name, "integer", "text")),
        }
    }

    /// A column of texts.
    ///
    /// # Errors
    /// [`AttributeError::Missing`], [`AttributeError::WrongType`].
    pub fn text(&self, name: &str) -> Result<&[String], AttributeError> {
        match self.column(name)? {
            Column::Text(values) => Ok(values),
            other => Err(self.wrong_type(name, "text", other.type_name())),
        }
    }

    /// As [`Table::float`], `None` where the attribute is absent.
    ///
    /// # Errors
    /// [`AttributeError::WrongType`].
    pub fn optional_float(&self, name: &str) -> Result<Option<Cow<'_, [f64]>>, AttributeError> {
        self.contains(name).then(|| self.float(name)).transpose()
    }

    /// As [`Table::integer`], `None` where the attribute is absent.
    ///
    /// # Errors
    /// [`AttributeError::WrongType`].
    pub fn optional_integer(&self, name: &str) -> Result<Option<Cow<'_, [i64]>>, AttributeError> {
        self.contains(name).then(|| self.integer(name)).transpose()
    }

    /// As [`Table::text`], `None` where the attribute is absent.
    ///
    /// # Errors
    /// [`AttributeError::WrongType`].
    pub fn optional_text(&self, name: &str) -> Result<Option<&[String]>, AttributeError> {
        self.contains(name).then(|| self.text(name)).transpose()
    }

    /// Whether the population has this attribute, readable or not.
    pub fn contains(&self, name: &str) -> bool {
        self.columns.contains_key(name) || self.unreadable.contains_key(name)
    }

    pub(crate) fn wrong_type(&self, name: &str, expected: &'static str, found: impl Into<String>) -> AttributeError {
        AttributeError::WrongType {
            file: self.file.clone(),
            population: self.population.clone(),
            attribute: name.to_owned(),
            expected,
            found: found.into(),
        }
    }
}
