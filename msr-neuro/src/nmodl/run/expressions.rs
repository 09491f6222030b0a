//! Expressions.

use super::{Domain, Stop, Walker};
use crate::nmodl::model::{Binary, Expr, Made, Place, Rows, Slot, Table};

/// A table has no more intervals.
const MOST_INTERVALS: f64 = 1e6;

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
        if let (true, Some(table)) = (model.tabulates, &model.tables[index]) {
            let argument = self.expression(&arguments[0])?;
            return self.look_up(index, table, argument);
        }
        let zero = self.domain.number(0.0);
        let base = self.frames.len();
        self.frames.push(zero);
        for argument in arguments {
            let value = self.expression(argument)?;
            self.frames.push(value);
        }
        self.run_frame(index, base)
    }

    /// The value of a routine between those of its table.
    fn look_up(&mut self, index: usize, table: &'m Table, argument: D::Value) -> Result<D::Value, Stop> {
        let argument = match self.domain.known(argument) {
            Some(argument) if self.domain.has_tables() => argument,
            _ => return Err(Stop::Outside),
        };
        if self.tables.len() <= index {
            self.tables.resize(index + 1, None);
        }
        if !self.is_made(index, table) {
            let rows = self.rows(index, table)?;
            let depends = table.depends.iter().filter_map(|slot| self.domain.known(self.variables[*slot as usize]));
            self.tables[index] = Some(Made { depends: depends.collect(), rows });
        }
        let rows = &self.tables[index].as_ref().ok_or(Stop::Unknown)?.rows;
        let (below, above, part) = rows.between(argument);
        let width = table.slots.len().max(1);
        let between = |column: usize| {
            let (below, above) = (rows.values[below * width + column], rows.values[above * width + column]);
            below + part * (above - below)
        };
        for (column, &slot) in table.slots.iter().enumerate() {
            self.variables[slot as usize] = self.domain.number(between(column));
        }
        let value = if table.slots.is_empty() { between(0) } else { 0.0 };
        Ok(self.domain.number(value))
    }

    /// Whether the table of a routine was made with the values of the moment.
    fn is_made(&self, index: usize, table: &Table) -> bool {
        self.tables[index].as_ref().is_some_and(|made| {
            let mut pairs = made.depends.iter().zip(&table.depends);
            pairs.all(|(was, slot)| self.domain.known(self.variables[*slot as usize]) == Some(*was))
        })
    }

    /// Runs a routine for all arguments of its table.
    fn rows(&mut self, index: usize, table: &'m Table) -> Result<Rows, Stop> {
        let mut bounds = [0.0; 3];
        for (bound, expression) in bounds.iter_mut().zip(&table.bounds) {
            let value = self.expression(expression)?;
            *bound = self.domain.known(value).ok_or(Stop::Unknown)?;
        }
        let [first, last, intervals] = bounds;
        if !(1.0..=MOST_INTERVALS).contains(&intervals) {
            return Err(Stop::Index);
        }
        let width = (last - first) / intervals.trunc();
        let mut rows = Rows { first, per_argument: 1.0 / width, intervals: intervals as usize, values: Vec::new() };
        let mut argument = first;
        for _ in 0..=rows.intervals {
            let base = self.frames.len();
            let pair = [self.domain.number(0.0), self.domain.number(argument)];
            self.frames.extend_from_slice(&pair);
            let value = self.run_frame(index, base)?;
            if table.slots.is_empty() {
                rows.values.push(self.domain.known(value).ok_or(Stop::Unknown)?);
            }
            for &slot in &table.slots {
                rows.values.push(self.domain.known(self.variables[slot as usize]).ok_or(Stop::Unknown)?);
            }
            // Summed up as NEURON does: the last bits of the arguments are seen in those of the values.
            argument += width;
        }
        Ok(rows)
    }

    /// Runs a routine whose value and arguments stand at the end of the frames, from `base`.
    fn run_frame(&mut self, index: usize, base: usize) -> Result<D::Value, Stop> {
        let model = self.model;
        let routine = &model.routines[index];
        let zero = self.domain.number(0.0);
        let size = (routine.frame as usize).max(self.frames.len() - base);
        self.frames.resize(base + size, zero);
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
