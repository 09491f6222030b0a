//! A model as text tells it: states, parameters, constants, equations.

use std::collections::HashSet;

use msr_coupling::Unit;

use super::constants::Constants;
use super::equation::Equation;
use super::error::ModelError;

/// A state of the model.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct State {
    /// Name that users write.
    pub name: String,
    /// Name in formulas.
    pub symbol: String,
    /// Unit as text; empty for pure numbers.
    pub unit: String,
    /// Its number in configurations of the 0.8 series, where it has one.
    #[serde(default)]
    pub number_0_8: Option<usize>,
    /// Value at the start, in its unit.
    pub initial_value: f64,
    /// Where it is.
    pub compartment: String,
    /// One line that explains it.
    pub description: String,
    /// The constant (`Group.name`) that it cannot exceed, such as the size of a pool that it is part of.
    #[serde(skip)]
    pub limit: Option<String>,
}

impl State {
    /// Whether its values are concentrations, which cannot be negative; potentials may be.
    pub fn is_concentration(&self) -> bool {
        Unit::parse(&self.unit).is_ok_and(|unit| unit.factor_to(&Unit::of("mM")).is_some())
    }
}

/// A parameter: an input that coupling may change between windows.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
pub struct Parameter {
    /// Name that users write.
    pub name: String,
    /// Name in formulas.
    pub symbol: String,
    /// Unit as text; empty for pure numbers.
    pub unit: String,
    /// Value where nothing is set, in its unit.
    pub default: f64,
    /// One line that explains it.
    pub description: String,
}

/// A model as text tells it. States without a balance hold the value they are given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Definition {
    /// The states, in the order of their numbers.
    pub states: Vec<State>,
    /// The parameters, in the order of their numbers.
    pub parameters: Vec<Parameter>,
    /// The constants.
    pub constants: Constants,
    /// The equations.
    pub equations: Vec<Equation>,
}

impl Definition {
    /// Reads a model. `states` is the table `name,symbol,unit,initial_value,compartment,description` (and, if wanted,
    /// `number_0_8`), `parameters` the table `name,symbol,unit,default,description`, `constants` that of
    /// [`Constants::parse`]; `equations` are named texts in the language of [`crate::model`].
    ///
    /// # Errors
    /// [`ModelError`] for the first mistake.
    pub fn parse(
        states: &str,
        parameters: &str,
        constants: &str,
        equations: &[(&str, &str)],
    ) -> Result<Self, ModelError> {
        let mut definition = Self::of_tables(states, parameters, constants)?;
        equations.iter().try_for_each(|(file, text)| definition.amend(file, text))?;
        Ok(definition)
    }

    /// A model of tables alone, without equations.
    pub(super) fn of_tables(states: &str, parameters: &str, constants: &str) -> Result<Self, ModelError> {
        let definition = Self {
            states: table("states", states)?,
            parameters: table("parameters", parameters)?,
            constants: Constants::parse(constants)?,
            equations: Vec::new(),
        };
        definition.check_names()?;
        Ok(definition)
    }

    fn check_names(&self) -> Result<(), ModelError> {
        let (mut symbols, mut names) = (HashSet::new(), HashSet::new());
        let twice = |name: &str| Err(ModelError::Duplicate { name: name.to_owned() });
        let named = self.states.iter().map(|state| (&state.name, &state.symbol));
        for (name, symbol) in named.chain(self.parameters.iter().map(|parameter| (&parameter.name, &parameter.symbol)))
        {
            if !names.insert(name) {
                return twice(name);
            }
            if !symbols.insert(symbol) {
                return twice(symbol);
            }
        }
        Ok(())
    }
}

fn table<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<Vec<T>, ModelError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| ModelError::Table { table: name.to_owned(), source })
}
