//! Systems of equations: reactions, implicit steps, linear equations.
//!
//! An implicit step of `size dx/dt = f(x)` from `old` solves `size (x - old) / dt = f(x)` by Newton's method with the
//! derivatives of the reactions. Reactions count states only: other species are constant during the step.

use super::{Domain, Stop, Walker};
use crate::nmodl::model::{Binary, Expr, Form, Place, Slot, Stmt, System, Unary};

/// Newton's method ends where the changes of all states sum up to less (NEURON's criterion).
const CONVERGED: f64 = 1e-6;
/// It takes no more iterations.
const MOST_ITERATIONS: u32 = 50;
/// A step after which nothing changes any more, in ms.
const LONG_MS: f64 = 1e9;
/// Such steps are taken at most so often.
const MOST_LONG_STEPS: u32 = 10;
/// Relative change of a state for its numeric derivative.
const NUDGE: f64 = 1e-7;

/// A system while it is put together.
pub(super) struct Equations<V> {
    states: Vec<u32>,
    old: Vec<V>,
    slopes: Vec<Option<V>>,
    sizes: Vec<Option<V>>,
    /// Row by row; what is not there is 0.
    matrix: Vec<Option<V>>,
    rhs: Vec<Option<V>>,
    /// Rows that CONSERVE or LINEAR filled.
    given: Vec<bool>,
    /// Equations of LINEAR seen so far.
    row: usize,
}

/// The value of a term of a reaction, and its derivatives by states (their positions).
type Flux<V> = (V, Vec<(usize, V)>);

impl<V> Default for Equations<V> {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            old: Vec::new(),
            slopes: Vec::new(),
            sizes: Vec::new(),
            matrix: Vec::new(),
            rhs: Vec::new(),
            given: Vec::new(),
            row: 0,
        }
    }
}

impl<V: Copy> Equations<V> {
    fn clear(&mut self, states: &[u32]) {
        let count = states.len();
        self.states.clear();
        self.states.extend_from_slice(states);
        for list in [&mut self.slopes, &mut self.sizes, &mut self.rhs] {
            list.clear();
            list.resize(count, None);
        }
        self.matrix.clear();
        self.matrix.resize(count * count, None);
        self.given.clear();
        self.given.resize(count, false);
        self.row = 0;
    }

    fn position(&self, slot: Slot) -> Option<usize> {
        let Slot::Variable(slot) = slot else { return None };
        self.states.iter().position(|state| *state == slot)
    }

    pub(super) fn set_slope(&mut self, slot: Slot, value: V) {
        if let Some(position) = self.position(slot) {
            self.slopes[position] = Some(value);
        }
    }
}

impl<'m, D: Domain> Walker<'m, D> {
    fn multiply(&mut self, left: D::Value, right: D::Value) -> D::Value {
        self.domain.binary(Binary::Multiply, left, right)
    }

    fn subtract(&mut self, left: D::Value, right: D::Value) -> D::Value {
        self.domain.binary(Binary::Subtract, left, right)
    }

    fn added(&mut self, sum: Option<D::Value>, value: D::Value) -> Option<D::Value> {
        Some(match sum {
            Some(sum) => self.domain.binary(Binary::Add, sum, value),
            None => value,
        })
    }

    /// Runs the statements of a system, which fill [`Equations`].
    fn collect(&mut self, system: usize) -> Result<(), Stop> {
        let model = self.model;
        let System { routine, states, .. } = &model.systems[system];
        self.equations.clear(states);
        self.in_frame(routine.frame, |walker| walker.block(&routine.body).map(|_| ()))
    }

    fn keep_old(&mut self, system: usize) {
        let model = self.model;
        self.equations.old.clear();
        self.equations.old.extend(model.systems[system].states.iter().map(|&slot| self.variables[slot as usize]));
    }

    /// A term of a reaction: rate times powers of the species of one side, and its derivatives by states.
    fn flux(&mut self, rate: D::Value, side: &'m [(f64, Place)]) -> Result<Flux<D::Value>, Stop> {
        let mut value = rate;
        let mut derivatives: Vec<(usize, D::Value)> = Vec::new();
        for (count, place) in side {
            let slot = self.slot(place)?;
            let x = self.read(slot);
            for _ in 0..(*count as u32).max(1) {
                for (_, derivative) in &mut derivatives {
                    *derivative = self.domain.binary(Binary::Multiply, *derivative, x);
                }
                if let Some(position) = self.equations.position(slot) {
                    derivatives.push((position, value));
                }
                value = self.multiply(value, x);
            }
        }
        Ok((value, derivatives))
    }

    pub(super) fn reaction(
        &mut self,
        left: &'m [(f64, Place)],
        right: &'m [(f64, Place)],
        forward: &'m Expr,
        backward: &'m Expr,
    ) -> Result<(), Stop> {
        let forward = self.expression(forward)?;
        let backward = self.expression(backward)?;
        let (forward, forward_by) = self.flux(forward, left)?;
        // A decay has nothing on its right, and no way back.
        let (backward, backward_by) = self.flux(backward, right)?;
        // The fluxes have the first two slots of the frame.
        self.write(Slot::Local(1), forward);
        self.write(Slot::Local(2), backward);
        let net = self.subtract(forward, backward);
        for (side, sign) in [(left, -1.0), (right, 1.0)] {
            for (count, place) in side {
                let slot = self.slot(place)?;
                let Some(row) = self.equations.position(slot) else { continue };
                let weight = self.domain.number(sign * count);
                let part = self.multiply(weight, net);
                self.equations.slopes[row] = self.added(self.equations.slopes[row], part);
                for (derivatives, direction) in [(&forward_by, -1.0), (&backward_by, 1.0)] {
                    for &(column, derivative) in derivatives {
                        // The matrix holds the negative derivative.
                        let weight = self.domain.number(direction * sign * count);
                        let part = self.multiply(weight, derivative);
                        let at = row * self.equations.states.len() + column;
                        self.equations.matrix[at] = self.added(self.equations.matrix[at], part);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn influx(&mut self, place: &'m Place, rate: &'m Expr) -> Result<(), Stop> {
        let rate = self.expression(rate)?;
        let slot = self.slot(place)?;
        self.write(Slot::Local(1), rate);
        let zero = self.domain.number(0.0);
        self.write(Slot::Local(2), zero);
        if let Some(row) = self.equations.position(slot) {
            self.equations.slopes[row] = self.added(self.equations.slopes[row], rate);
        }
        Ok(())
    }

    pub(super) fn compartment(
        &mut self,
        counter: Option<&'m Place>,
        size: &'m Expr,
        slots: &'m [(Slot, u32)],
    ) -> Result<(), Stop> {
        let longest = slots.iter().map(|(_, elements)| *elements).max().unwrap_or(0);
        for index in 0..longest {
            if let Some(counter) = counter {
                let value = self.domain.number(f64::from(index));
                // The counter was declared in the frame of the system.
                self.write(counter.slot, value);
            }
            let size = self.expression(size)?;
            for (slot, _) in slots.iter().filter(|(_, elements)| index < *elements) {
                if let Some(position) = self.equations.position(slot.offset(index)) {
                    self.equations.sizes[position] = Some(size);
                }
            }
        }
        Ok(())
    }

    pub(super) fn conserve(&mut self, terms: &'m [(f64, Place)], total: &'m Expr) -> Result<(), Stop> {
        let mut missing = self.expression(total)?;
        let count = self.equations.states.len();
        let mut row = None;
        let mut entries = Vec::with_capacity(terms.len());
        for (weight, place) in terms {
            // An array without index stands for all its elements.
            let elements = if place.index.is_none() { place.size } else { 1 };
            let first = self.slot(place)?;
            for element in 0..elements {
                let slot = first.offset(element);
                let x = self.read(slot);
                let mut weight = self.domain.number(*weight);
                let position = self.equations.position(slot);
                if let Some(size) = position.and_then(|position| self.equations.sizes[position]) {
                    weight = self.multiply(weight, size);
                }
                let part = self.multiply(weight, x);
                missing = self.subtract(missing, part);
                if let Some(position) = position {
                    row = Some(position);
                    entries.push((position, weight));
                }
            }
        }
        let Some(row) = row else { return Ok(()) };
        self.equations.matrix[row * count..(row + 1) * count].fill(None);
        for (column, weight) in entries {
            self.equations.matrix[row * count + column] = Some(weight);
        }
        self.equations.rhs[row] = Some(missing);
        self.equations.given[row] = true;
        Ok(())
    }

    pub(super) fn equation(&mut self, expression: &'m Expr) -> Result<(), Stop> {
        // Linear in the states: the value with all states 0, and the change with one of them 1.
        let count = self.equations.states.len();
        let row = self.equations.row;
        if row >= count {
            return Err(Stop::NoSolution);
        }
        let states = std::mem::take(&mut self.equations.states);
        let (zero, one) = (self.domain.number(0.0), self.domain.number(1.0));
        for &slot in &states {
            self.variables[slot as usize] = zero;
        }
        let constant = self.expression(expression)?;
        for (column, &slot) in states.iter().enumerate() {
            self.variables[slot as usize] = one;
            let value = self.expression(expression)?;
            self.variables[slot as usize] = zero;
            let coefficient = self.subtract(value, constant);
            if self.domain.known(coefficient) != Some(0.0) {
                self.equations.matrix[row * count + column] = Some(coefficient);
            }
        }
        self.equations.rhs[row] = Some(self.domain.unary(Unary::Minus, constant));
        self.equations.states = states;
        self.equations.row += 1;
        Ok(())
    }

    pub(super) fn linear_equations(&mut self, system: usize) -> Result<(), Stop> {
        self.collect(system)?;
        self.eliminate()?;
        let zero = self.domain.number(0.0);
        for position in 0..self.equations.states.len() {
            let slot = self.equations.states[position] as usize;
            self.variables[slot] = self.equations.rhs[position].unwrap_or(zero);
        }
        Ok(())
    }

    pub(super) fn euler(&mut self, system: usize) -> Result<(), Stop> {
        self.collect(system)?;
        let dt = self.variables[self.dt];
        for position in 0..self.equations.states.len() {
            let slot = self.equations.states[position] as usize;
            if let Some(slope) = self.equations.slopes[position] {
                let change = self.multiply(dt, slope);
                self.variables[slot] = self.domain.binary(Binary::Add, self.variables[slot], change);
            }
        }
        Ok(())
    }

    pub(super) fn steady(&mut self, system: usize) -> Result<(), Stop> {
        let dt = self.variables[self.dt];
        self.variables[self.dt] = self.domain.number(LONG_MS);
        for _ in 0..MOST_LONG_STEPS {
            self.implicit(system)?;
            let mut change = 0.0;
            for position in 0..self.equations.states.len() {
                let slot = self.equations.states[position] as usize;
                let (new, old) = (self.variables[slot], self.equations.old[position]);
                let difference = self.subtract(new, old);
                change += self.domain.known(difference).ok_or(Stop::Unknown)?.abs();
            }
            if change < CONVERGED {
                break;
            }
        }
        self.variables[self.dt] = dt;
        Ok(())
    }

    /// One implicit step.
    pub(super) fn implicit(&mut self, system: usize) -> Result<(), Stop> {
        self.keep_old(system);
        for _ in 0..MOST_ITERATIONS {
            self.collect(system)?;
            if self.model.systems[system].form == Form::Derivative {
                self.numeric_derivatives(system)?;
            }
            self.step_rows();
            self.eliminate()?;
            let mut change = Some(0.0);
            for position in 0..self.equations.states.len() {
                let Some(by) = self.equations.rhs[position] else { continue };
                let slot = self.equations.states[position] as usize;
                self.variables[slot] = self.domain.binary(Binary::Add, self.variables[slot], by);
                change = change.zip(self.domain.known(by)).map(|(sum, by): (f64, f64)| sum + by.abs());
            }
            let is_kinetic = self.model.systems[system].form == Form::Kinetic;
            match change {
                _ if is_kinetic && self.model.systems[system].is_linear => return self.assignments(system),
                // An unknown number of iterations.
                None => return Err(Stop::Unknown),
                Some(change) if change <= CONVERGED => return self.assignments(system),
                Some(change) if change.is_nan() => return Ok(()),
                Some(_) => {}
            }
        }
        Err(Stop::NoSolution)
    }

    /// What a block assigns besides its states follows from their values after the step.
    fn assignments(&mut self, system: usize) -> Result<(), Stop> {
        let model = self.model;
        if assigns(&model.systems[system].routine.body) {
            let old = std::mem::take(&mut self.equations.old);
            self.collect(system)?;
            self.equations.old = old;
        }
        Ok(())
    }

    /// `size / dt` on the diagonal, `f - size (x - old) / dt` on the right.
    fn step_rows(&mut self) {
        let count = self.equations.states.len();
        let dt = self.variables[self.dt];
        for row in 0..count {
            if self.equations.given[row] {
                continue;
            }
            let size = match self.equations.sizes[row] {
                Some(size) => size,
                None => self.domain.number(1.0),
            };
            let per_dt = self.domain.binary(Binary::Divide, size, dt);
            let at = row * count + row;
            self.equations.matrix[at] = self.added(self.equations.matrix[at], per_dt);
            let x = self.variables[self.equations.states[row] as usize];
            let gone = self.subtract(x, self.equations.old[row]);
            let lost = self.multiply(per_dt, gone);
            let slope = match self.equations.slopes[row] {
                Some(slope) => slope,
                None => self.domain.number(0.0),
            };
            self.equations.rhs[row] = Some(self.subtract(slope, lost));
        }
    }

    /// Negative derivatives of the slopes of a DERIVATIVE block by its states, by differences.
    fn numeric_derivatives(&mut self, system: usize) -> Result<(), Stop> {
        let count = self.equations.states.len();
        let before = self.equations.slopes.clone();
        let mut matrix = vec![None; count * count];
        for column in 0..count {
            let slot = self.model.systems[system].states[column] as usize;
            let x = self.variables[slot];
            let value = self.domain.known(x).ok_or(Stop::Unknown)?;
            let nudge = NUDGE * value.abs().max(NUDGE);
            let nudged = self.domain.number(value + nudge);
            self.variables[slot] = nudged;
            self.collect(system)?;
            self.variables[slot] = x;
            let width = self.domain.number(value - (value + nudge));
            for row in 0..count {
                if let (Some(after), Some(before)) = (self.equations.slopes[row], before[row]) {
                    let difference = self.subtract(after, before);
                    matrix[row * count + column] = Some(self.domain.binary(Binary::Divide, difference, width));
                }
            }
        }
        self.equations.slopes = before;
        self.equations.matrix = matrix;
        Ok(())
    }

    /// Gaussian elimination; where all values are known with pivots. The solution is in `rhs`.
    fn eliminate(&mut self) -> Result<(), Stop> {
        let count = self.equations.states.len();
        for column in 0..count {
            self.pivot(column);
            let Some(pivot) = self.equations.matrix[column * count + column] else { return Err(Stop::NoSolution) };
            if self.domain.known(pivot) == Some(0.0) {
                return Err(Stop::NoSolution);
            }
            for row in column + 1..count {
                let Some(below) = self.equations.matrix[row * count + column].take() else { continue };
                let factor = self.domain.binary(Binary::Divide, below, pivot);
                for later in column + 1..count {
                    if let Some(value) = self.equations.matrix[column * count + later] {
                        let part = self.multiply(factor, value);
                        let at = row * count + later;
                        self.equations.matrix[at] = self.less(self.equations.matrix[at], part);
                    }
                }
                if let Some(value) = self.equations.rhs[column] {
                    let part = self.multiply(factor, value);
                    self.equations.rhs[row] = self.less(self.equations.rhs[row], part);
                }
            }
        }
        for row in (0..count).rev() {
            for later in row + 1..count {
                let entry = (self.equations.matrix[row * count + later], self.equations.rhs[later]);
                if let (Some(value), Some(solution)) = entry {
                    let part = self.multiply(value, solution);
                    self.equations.rhs[row] = self.less(self.equations.rhs[row], part);
                }
            }
            if let (Some(value), Some(pivot)) = (self.equations.rhs[row], self.equations.matrix[row * count + row]) {
                self.equations.rhs[row] = Some(self.domain.binary(Binary::Divide, value, pivot));
            }
        }
        Ok(())
    }

    fn less(&mut self, from: Option<D::Value>, part: D::Value) -> Option<D::Value> {
        Some(match from {
            Some(from) => self.subtract(from, part),
            None => self.domain.unary(Unary::Minus, part),
        })
    }

    /// Brings the largest entry of a column to the diagonal, where all are known.
    fn pivot(&mut self, column: usize) {
        let count = self.equations.states.len();
        let mut best = (column, -1.0);
        for row in column..count {
            let size = match self.equations.matrix[row * count + column] {
                Some(value) => match self.domain.known(value) {
                    Some(value) => value.abs(),
                    None => return,
                },
                None => 0.0,
            };
            if size > best.1 {
                best = (row, size);
            }
        }
        if best.0 != column {
            for at in 0..count {
                self.equations.matrix.swap(column * count + at, best.0 * count + at);
            }
            self.equations.rhs.swap(column, best.0);
        }
    }
}

/// Whether a block assigns to variables.
fn assigns(block: &[Stmt]) -> bool {
    block.iter().any(|statement| match statement {
        Stmt::Assign(..) => true,
        Stmt::If(_, then, otherwise) => assigns(then) || assigns(otherwise),
        Stmt::While(_, body) | Stmt::Count(_, _, _, _, body) => assigns(body),
        _ => false,
    })
}
