//! Carrying out the statements of a text on a definition.

use msr_coupling::Unit;

use super::constants::{Constant, ConstantValue};
use super::definition::{Definition, Parameter, State};
use super::equation::{Equation, EquationKind};
use super::error::ModelError;
use super::place::Place;
use super::statement::{Act, Change, Statement, statements};

impl Definition {
    /// Carries out the statements of a text (see [`crate::model`] for the language): it may declare states, parameters,
    /// constants and equations, and change those that there are. `file` is named in messages.
    ///
    /// # Errors
    /// [`ModelError::At`] with the line and what is wrong there.
    pub fn amend(&mut self, file: &str, text: &str) -> Result<(), ModelError> {
        statements(file, text)?.into_iter().try_for_each(|statement| self.carry_out(statement))
    }

    pub(super) fn carry_out(&mut self, statement: Statement) -> Result<(), ModelError> {
        let Statement { place, description, act } = statement;
        match act {
            Act::Base { .. } => Err(ModelError::BaseNotFirst),
            Act::State { name, value, unit, compartment } => self.may_be_declared(&name, value, &unit).map(|()| {
                self.states.push(State {
                    symbol: name.clone(),
                    name,
                    unit,
                    number_0_8: None,
                    initial_value: value,
                    compartment,
                    description,
                    limit: None,
                })
            }),
            Act::Parameter { name, value, unit } => self.may_be_declared(&name, value, &unit).map(|()| {
                self.parameters.push(Parameter { symbol: name.clone(), name, unit, default: value, description });
            }),
            Act::Constant { group, name, value, unit } => {
                let what = format!("{group}.{name}");
                let all_finite = value.numbers().iter().try_for_each(|&number| must_be_finite(&what, number));
                all_finite.and_then(|()| self.constants.add(Constant { group, name, value, unit, source: description }))
            }
            Act::Equation { kind, name, change, formula } => {
                return self.change_equation(kind, &name, change, formula, &description, place);
            }
            Act::Set { name, value } => self.set(&name, value),
            Act::Limit { state, constant } => self.limit(&state, constant),
        }
        .map_err(|error| error.at(&place))
    }

    fn may_be_declared(&self, name: &str, value: f64, unit: &str) -> Result<(), ModelError> {
        self.must_be_new(name)?;
        must_be_finite(name, value)?;
        Unit::parse(unit).map_err(|source| ModelError::Unit { name: name.to_owned(), source })?;
        Ok(())
    }

    fn must_be_new(&self, name: &str) -> Result<(), ModelError> {
        let states = self.states.iter().flat_map(|state| [&state.name, &state.symbol]);
        let parameters = self.parameters.iter().flat_map(|parameter| [&parameter.name, &parameter.symbol]);
        let quantities = self.equations.iter().filter(|equation| equation.kind != EquationKind::Balance);
        if states.chain(parameters).chain(quantities.map(|equation| &equation.name)).any(|known| known == name) {
            return Err(ModelError::Duplicate { name: name.to_owned() });
        }
        Ok(())
    }

    fn change_equation(
        &mut self,
        kind: EquationKind,
        name: &str,
        change: Change,
        formula: String,
        description: &str,
        place: Place,
    ) -> Result<(), ModelError> {
        let known = self.equations.iter().position(|equation| equation.kind == kind && equation.name == name);
        if change == Change::Define {
            if known.is_some() {
                return Err(ModelError::Duplicate { name: name.to_owned() }.at(&place));
            }
            if kind != EquationKind::Balance {
                self.must_be_new(name).map_err(|error| error.at(&place))?;
            }
            self.equations.push(Equation::new(kind, name, description, formula, place)?);
            return Ok(());
        }
        let Some(known) = known else {
            let of_kind = self.equations.iter().filter(|equation| equation.kind == kind);
            let available = of_kind.map(|equation| equation.name.clone()).collect();
            return Err(ModelError::NothingToChange { name: name.to_owned(), available }.at(&place));
        };
        let before = &self.equations[known];
        // Read by itself first, so that a mistake in it is not blamed on what it is joined to.
        let own = Equation::new(kind, name, description, formula, place)?;
        let text = match change {
            Change::Add => format!("({}) + ({})", before.text, own.text),
            Change::Multiply => format!("({})*({})", own.text, before.text),
            Change::Define | Change::Replace => own.text,
        };
        let is_described = change == Change::Replace && !description.is_empty();
        let description = if is_described { own.description } else { before.description.clone() };
        self.equations[known] = Equation::new(kind, name, &description, text, own.place)?;
        Ok(())
    }

    fn set(&mut self, name: &str, value: f64) -> Result<(), ModelError> {
        must_be_finite(name, value)?;
        if let Some((group, constant)) = name.split_once('.') {
            return self.constants.set(group, constant, ConstantValue::Number(value));
        }
        if let Some(state) = self.states.iter_mut().find(|state| state.name == name || state.symbol == name) {
            state.initial_value = value;
            return Ok(());
        }
        let parameter = self.parameters.iter_mut().find(|parameter| parameter.name == name || parameter.symbol == name);
        if let Some(parameter) = parameter {
            parameter.default = value;
            return Ok(());
        }
        let states = self.states.iter().map(|state| state.name.clone());
        let available = states.chain(self.parameters.iter().map(|parameter| parameter.name.clone())).collect();
        Err(ModelError::NothingToChange { name: name.to_owned(), available })
    }

    fn limit(&mut self, name: &str, constant: String) -> Result<(), ModelError> {
        self.number(&constant)?;
        match self.states.iter_mut().find(|state| state.name == name || state.symbol == name) {
            Some(state) => state.limit = Some(constant),
            None => {
                let available = self.states.iter().map(|state| state.name.clone()).collect();
                return Err(ModelError::UnknownState { name: name.to_owned(), available });
            }
        }
        Ok(())
    }

    /// The value of the constant `Group.name`.
    pub(crate) fn number(&self, path: &str) -> Result<f64, ModelError> {
        let (group, name) = path.split_once('.').unwrap_or((path, ""));
        match self.constants.get(group, name)? {
            ConstantValue::Number(number) => Ok(*number),
            ConstantValue::Layers(_) => Err(ModelError::ListForNumber { constant: path.to_owned() }),
        }
    }
}

fn must_be_finite(what: &str, value: f64) -> Result<(), ModelError> {
    if value.is_finite() { Ok(()) } else { Err(ModelError::NotFinite { what: what.to_owned(), value }) }
}
