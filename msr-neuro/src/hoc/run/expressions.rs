//! Expressions.

use std::rc::Rc;

use super::statements::EPSILON;
use super::values::{Object, Value};
use super::{Outcome, Run};
use crate::hoc::tree::{Expression, Reference};

impl Run<'_> {
    pub(super) fn value(&mut self, expression: &Expression) -> Outcome<Value> {
        match expression {
            Expression::Number(number) => Ok(Value::Number(*number)),
            compound => self.within(|run| run.evaluated(compound)),
        }
    }

    fn evaluated(&mut self, expression: &Expression) -> Outcome<Value> {
        Ok(match expression {
            Expression::Number(number) => Value::Number(*number),
            Expression::Text(text) => Value::Text(text.as_str().into()),
            Expression::Refer(reference) | Expression::Address(reference) => self.refer(reference)?,
            Expression::New(class, arguments) => {
                let arguments = self.values(arguments)?;
                self.make(class, arguments)?
            }
            Expression::Negative(inner) => Value::Number(-self.number(inner)?),
            Expression::Not(inner) => Value::Number(f64::from(u8::from(!self.is_true(inner)?))),
            Expression::Chain(first, rest) => {
                let mut left = self.value(first)?;
                for (operator, right) in rest {
                    left = self.binary(operator, left, right)?;
                }
                left
            }
            Expression::Assign(reference, operator, value) => {
                let mut value = self.value(value)?;
                if let Some(operator) = operator {
                    let old = self.refer(reference)?;
                    let (old, by) = (self.as_number(old)?, self.as_number(value)?);
                    value = Value::Number(calculated(operator, old, by)?);
                }
                self.assign(reference, value.clone())?;
                value
            }
        })
    }

    pub(super) fn values(&mut self, expressions: &[Expression]) -> Outcome<Vec<Value>> {
        expressions.iter().map(|expression| self.value(expression)).collect()
    }

    fn binary(&mut self, operator: &'static str, left: Value, right: &Expression) -> Outcome<Value> {
        let truth = |is: bool| Value::Number(f64::from(u8::from(is)));
        match operator {
            "&&" => return Ok(truth(self.as_number(left)? != 0.0 && self.is_true(right)?)),
            "||" => return Ok(truth(self.as_number(left)? != 0.0 || self.is_true(right)?)),
            _ => {}
        }
        let right = self.value(right)?;
        if let (Value::Object(left), Value::Object(right)) = (&left, &right) {
            let same = match (left, right) {
                (Some(left), Some(right)) => Rc::ptr_eq(left, right),
                (left, right) => left.is_none() && right.is_none(),
            };
            return match operator {
                "==" => Ok(truth(same)),
                "!=" => Ok(truth(!same)),
                _ => Err(format!("objects cannot be joined by '{operator}'")),
            };
        }
        let (left, right) = (self.as_number(left)?, self.as_number(right)?);
        Ok(match operator {
            "==" => truth((left - right).abs() <= EPSILON),
            "!=" => truth((left - right).abs() > EPSILON),
            "<" => truth(left < right - EPSILON),
            "<=" => truth(left <= right + EPSILON),
            ">" => truth(left > right + EPSILON),
            ">=" => truth(left >= right - EPSILON),
            _ => Value::Number(calculated(operator, left, right)?),
        })
    }

    pub(super) fn number(&mut self, expression: &Expression) -> Outcome<f64> {
        let value = self.value(expression)?;
        self.as_number(value)
    }

    /// A place along a section.
    pub(super) fn at(&mut self, expression: &Expression) -> Outcome<f64> {
        let at = self.number(expression)?;
        if (0.0..=1.0).contains(&at) {
            Ok(at)
        } else {
            Err(format!("a place at {at} on a section; places are from 0 to 1"))
        }
    }

    pub(super) fn as_number(&self, value: Value) -> Outcome<f64> {
        match value {
            Value::Number(number) => Ok(number),
            other => Err(format!("a number is needed, found {}", other.kind())),
        }
    }

    pub(super) fn text(&mut self, expression: &Expression) -> Outcome<Rc<str>> {
        match self.value(expression)? {
            Value::Text(text) => Ok(text),
            other => Err(format!("a string is needed, found {}", other.kind())),
        }
    }

    pub(super) fn is_true(&mut self, expression: &Expression) -> Outcome<bool> {
        Ok(self.number(expression)? != 0.0)
    }

    pub(super) fn object(&self, value: Value) -> Outcome<Rc<Object>> {
        match value {
            Value::Object(Some(object)) => Ok(object),
            other => Err(format!("an object is needed, found {}", other.kind())),
        }
    }

    pub(super) fn section_of(&mut self, reference: &Reference) -> Outcome<usize> {
        let id = match self.refer(reference)? {
            Value::Section(id) => id,
            Value::Group(ids) => ids[0],
            other => return Err(format!("a section is needed, found {}", other.kind())),
        };
        if self.sections.list[id].exists {
            Ok(id)
        } else {
            Err(format!("section {} was deleted", self.sections.list[id].name()))
        }
    }
}

fn calculated(operator: &str, left: f64, right: f64) -> Outcome<f64> {
    Ok(match operator {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" if right == 0.0 => return Err("division by zero".to_owned()),
        "/" => left / right,
        "%" if right <= 0.0 => return Err(format!("{left} % {right}: the divisor must be positive")),
        "%" => left - right * (left / right).floor(),
        _ if left < 0.0 && right.fract() != 0.0 => return Err(format!("{left}^{right} is no number")),
        _ => left.powf(right),
    })
}
