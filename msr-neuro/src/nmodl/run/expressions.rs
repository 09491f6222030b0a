//! Expressions.

use super::{Domain, Stop, Walker};
use crate::nmodl::model::{Binary, Expr, Place, Slot};

impl<'m, D: Domain> Walker<'m, D> {
    /// The value of an expression.
    pub fn expression(&mut self, expression: &'m Expr) -> Result<D::Value, Stop> {
        Ok(match expression {
            Expr::Number(value) => self.domain.number(*value),
            Expr::Place(place) => {
                let slot = self.slot(place)?;
                self.read(slot)
            }
            Expr::Unary(operator, inner) => {
                let inner = self.expression(inner)?;
                self.domain.unary(*operator, inner)
            }
            Expr::Binary(operator, left, right) => {
                let left = self.expression(left)?;
                // The right side of a condition that is decided may be out of bounds or cost random numbers.
                match (operator, self.domain.known(left)) {
                    (Binary::And, Some(0.0)) => return Ok(self.domain.number(0.0)),
                    (Binary::Or, Some(value)) if value != 0.0 => return Ok(self.domain.number(1.0)),
                    _ => {}
                }
                let right = self.expression(right)?;
                self.domain.binary(*operator, left, right)
            }
            Expr::Math(function, list) => {
                let first = self.expression(&list[0])?;
                match list.get(1) {
                    Some(second) => {
                        let second = self.expression(second)?;
                        self.domain.math(*function, &[first, second])
                    }
                    None => self.domain.math(*function, &[first]),
                }
            }
            Expr::Call(index, list) => self.call(*index, list)?,
            Expr::Native(native, list) => {
                let mut values = [self.domain.number(0.0); 3];
                for (value, argument) in values.iter_mut().zip(list) {
                    *value = self.expression(argument)?;
                }
                self.domain.native(*native, &values[..list.len().min(values.len())])?
            }
        })
    }

    fn call(&mut self, index: usize, arguments: &'m [Expr]) -> Result<D::Value, Stop> {
        let model = self.model;
        let routine = &model.routines[index];
        let zero = self.domain.number(0.0);
        let base = self.frames.len();
        self.frames.push(zero);
        for argument in arguments {
            let value = self.expression(argument)?;
            self.frames.push(value);
        }
        self.frames.resize(base + (routine.frame as usize).max(arguments.len() + 1), zero);
        let before = std::mem::replace(&mut self.base, base);
        let result = self.block(&routine.body);
        self.base = before;
        let value = self.frames[base];
        self.frames.truncate(base);
        result.map(|_| value)
    }

    /// The slot of a place.
    pub(super) fn slot(&mut self, place: &'m Place) -> Result<Slot, Stop> {
        let Some(index) = &place.index else { return Ok(place.slot) };
        let index = self.expression(index)?;
        let index = self.domain.known(index).ok_or(Stop::Unknown)?;
        // C cuts an index to a whole number.
        if index > -1.0 && index < f64::from(place.size) {
            Ok(place.slot.offset(index as u32))
        } else {
            Err(Stop::Index)
        }
    }

    pub(super) fn read(&self, slot: Slot) -> D::Value {
        match slot {
            Slot::Variable(slot) => self.variables[slot as usize],
            Slot::Local(slot) => self.frames[self.base + slot as usize],
        }
    }

    pub(super) fn write(&mut self, slot: Slot, value: D::Value) {
        match slot {
            Slot::Variable(slot) => self.variables[slot as usize] = value,
            Slot::Local(slot) => self.frames[self.base + slot as usize] = value,
        }
    }
}
