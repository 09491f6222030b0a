//! Solving systems of equations: steps in time, equilibria, elimination.
//!
//! An implicit step of `size dx/dt = f(x)` from `old` solves `size (x - old) / dt = f(x)` by Newton's method with the
//! derivatives of the reactions.

use super::{Domain, Stop, Walker};
use crate::nmodl::model::{Binary, Form, Math, Stmt, Unary};

/// Newton's method ends where the changes of all states sum up to less (NEURON's criterion).
pub const CONVERGED: f64 = 1e-6;
/// It takes no more iterations.
pub const MOST_ITERATIONS: u32 = 50;
/// What an iteration with the matrix of the one before may leave, where changes go on to shrink as they just did. It is the
/// square of what ends the method: what a full iteration would leave of states near 1.
const LEFT_BY_OLD_MATRIX: f64 = CONVERGED * CONVERGED;
/// A step after which nothing changes any more, in ms.
const LONG_MS: f64 = 1e9;
/// Such steps are taken at most so often.
const MOST_LONG_STEPS: u32 = 10;
/// Relative change of a state for its numeric derivative: near the root of the rounding error, where the errors of rounding
/// and of curvature are alike (Press et al. 2007, Numerical Recipes, 5.7).
const NUDGE: f64 = 1e-7;
/// States below this are changed as if they were as large: gates and concentrations in mM vary on that scale, and a change of
/// less drowns in the rounding of rates.
const SMALLEST_SCALE: f64 = 1e-3;

impl<'m, D: Domain> Walker<'m, D> {
    pub(super) fn linear_equations(&mut self, system: usize) -> Result<(), Stop> {
        self.collect(system)?;
        self.factorise()?;
        self.substitute();
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
        let result = self.settle(system);
        self.variables[self.dt] = dt;
        result
    }

    /// Long steps until nothing changes.
    fn settle(&mut self, system: usize) -> Result<(), Stop> {
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
                return Ok(());
            }
        }
        Err(Stop::NoSolution)
    }

    /// One implicit step.
    pub(super) fn implicit(&mut self, system: usize) -> Result<(), Stop> {
        self.keep_old(system);
        let is_kinetic = self.model.systems[system].form == Form::Kinetic;
        let mut first = None;
        for iteration in 0..MOST_ITERATIONS {
            let change = match first {
                Some(first) if iteration == 1 => self.try_same_matrix(system, first)?,
                _ => self.iterate(system)?,
            };
            first = Some(change);
            match self.domain.known(change) {
                _ if is_kinetic && self.model.systems[system].is_linear => return self.assignments(system),
                // An unknown number of iterations.
                None => return Err(Stop::Unknown),
                Some(change) if change <= CONVERGED => return self.assignments(system),
                Some(change) if change.is_nan() && iteration != 1 => return Err(Stop::NoSolution),
                Some(_) => {}
            }
        }
        Err(Stop::NoSolution)
    }

    /// Steps begin from these values of the states.
    pub fn start_from(&mut self, old: &[D::Value]) {
        self.equations.old.clear();
        self.equations.old.extend_from_slice(old);
    }

    /// One iteration of Newton's method; the sum of the changes of all states.
    pub fn iterate(&mut self, system: usize) -> Result<D::Value, Stop> {
        self.collect(system)?;
        if self.model.systems[system].form == Form::Derivative {
            self.numeric_derivatives(system)?;
        }
        self.step_rows();
        self.factorise()?;
        self.substitute();
        Ok(self.change(system))
    }

    /// The iteration after the first, with its matrix, which is already factorised (a chord iteration: Kelley 1995, Iterative
    /// Methods for Linear and Nonlinear Equations, 5.4). Its error shrinks by the ratio of this change to that of the
    /// `first`, so that what is returned is small only if what is left is less than [`LEFT_BY_OLD_MATRIX`], too.
    pub fn iterate_with_same_matrix(&mut self, system: usize, first: D::Value) -> Result<D::Value, Stop> {
        std::mem::swap(&mut self.equations.matrix, &mut self.equations.spare);
        self.collect(system)?;
        self.step_rows();
        std::mem::swap(&mut self.equations.matrix, &mut self.equations.spare);
        self.substitute();
        let change = self.change(system);
        let ratio = self.domain.binary(Binary::Divide, change, first);
        let left = self.multiply(ratio, change);
        let scale = self.domain.number(CONVERGED / LEFT_BY_OLD_MATRIX);
        let left = self.multiply(left, scale);
        Ok(self.domain.binary(Binary::Add, change, left))
    }

    /// [`Walker::iterate_with_same_matrix`], taken back where it does not end the method.
    fn try_same_matrix(&mut self, system: usize, first: D::Value) -> Result<D::Value, Stop> {
        let model = self.model;
        let states = &model.systems[system].states;
        self.equations.tried.clear();
        self.equations.tried.extend(states.iter().map(|&slot| self.variables[slot as usize]));
        let change = self.iterate_with_same_matrix(system, first)?;
        if self.domain.known(change).is_some_and(|change| change > CONVERGED || change.is_nan()) {
            for (&slot, &value) in states.iter().zip(&self.equations.tried) {
                self.variables[slot as usize] = value;
            }
        }
        Ok(change)
    }

    /// Changes the states by the solution of the equations, and sums up by how much. Those of a nonlinear KINETIC scheme, which
    /// are amounts, end at 0 where they would fall below, as in NEURON.
    fn change(&mut self, system: usize) -> D::Value {
        let (mut change, zero) = (self.domain.number(0.0), self.domain.number(0.0));
        let of = &self.model.systems[system];
        let are_amounts = of.form == Form::Kinetic && !of.is_linear;
        for position in 0..self.equations.states.len() {
            let Some(mut by) = self.equations.rhs[position] else { continue };
            let slot = self.equations.states[position] as usize;
            let before = self.variables[slot];
            let mut after = self.domain.binary(Binary::Add, before, by);
            if are_amounts {
                let is_below = self.domain.binary(Binary::Less, after, zero);
                after = self.domain.select(is_below, zero, after);
                by = self.subtract(after, before);
            }
            self.variables[slot] = after;
            let size = self.domain.math(Math::Abs, &[by]);
            change = self.domain.binary(Binary::Add, change, size);
        }
        change
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
            let slope = match self.equations.slopes[row] {
                Some(slope) => slope,
                None => self.domain.number(0.0),
            };
            self.equations.rhs[row] = Some(match self.domain.known(gone) {
                Some(0.0) => slope,
                _ => {
                    let lost = self.multiply(per_dt, gone);
                    self.subtract(slope, lost)
                }
            });
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
            let nudge = NUDGE * value.abs().max(SMALLEST_SCALE);
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

    /// Gaussian elimination of the matrix. Where all values are known, with pivots; else in an order that fills in little.
    fn factorise(&mut self) -> Result<(), Stop> {
        let count = self.equations.states.len();
        let is_known = self.equations.matrix.iter().flatten().all(|value| self.domain.known(*value).is_some());
        let mut order = std::mem::take(&mut self.equations.order);
        order.clear();
        order.extend(0..count);
        self.equations.swaps.clear();
        for step in 0..count {
            if is_known {
                self.pivot(step);
            } else {
                self.choose(&mut order, step)?;
            }
            let column = order[step];
            let Some(pivot) = self.equations.matrix[column * count + column] else { return Err(Stop::NoSolution) };
            if self.domain.known(pivot) == Some(0.0) {
                return Err(Stop::NoSolution);
            }
            // One division for many rows.
            let one = self.domain.number(1.0);
            let per_pivot = self.domain.binary(Binary::Divide, one, pivot);
            self.equations.matrix[column * count + column] = Some(per_pivot);
            for &row in &order[step + 1..] {
                let Some(below) = self.equations.matrix[row * count + column] else { continue };
                let factor = self.multiply(below, per_pivot);
                self.equations.matrix[row * count + column] = Some(factor);
                for &later in &order[step + 1..] {
                    if let Some(value) = self.equations.matrix[column * count + later] {
                        let part = self.multiply(factor, value);
                        let at = row * count + later;
                        self.equations.matrix[at] = self.less(self.equations.matrix[at], part);
                    }
                }
            }
        }
        self.equations.order = order;
        Ok(())
    }

    /// Solves the equations with a matrix that is factorised. The solution is in `rhs`.
    fn substitute(&mut self) {
        let count = self.equations.states.len();
        let order = std::mem::take(&mut self.equations.order);
        for step in 0..self.equations.swaps.len() {
            self.equations.rhs.swap(step, self.equations.swaps[step]);
        }
        for step in 0..count {
            let column = order[step];
            let Some(value) = self.equations.rhs[column] else { continue };
            for &row in &order[step + 1..] {
                if let Some(factor) = self.equations.matrix[row * count + column] {
                    let part = self.multiply(factor, value);
                    self.equations.rhs[row] = self.less(self.equations.rhs[row], part);
                }
            }
        }
        for step in (0..count).rev() {
            let row = order[step];
            for &later in &order[step + 1..] {
                let entry = (self.equations.matrix[row * count + later], self.equations.rhs[later]);
                if let (Some(value), Some(solution)) = entry {
                    let part = self.multiply(value, solution);
                    self.equations.rhs[row] = self.less(self.equations.rhs[row], part);
                }
            }
            if let (Some(value), Some(per_pivot)) = (self.equations.rhs[row], self.equations.matrix[row * count + row])
            {
                self.equations.rhs[row] = Some(self.multiply(value, per_pivot));
            }
        }
        self.equations.order = order;
    }

    /// Brings the state to `step` of the order whose elimination fills in least (Markowitz 1957, Management Sci. 3:255), of
    /// those whose pivot is there.
    fn choose(&self, order: &mut [usize], step: usize) -> Result<(), Stop> {
        let count = order.len();
        let is_there = |row: usize, column: usize| self.equations.matrix[row * count + column].is_some();
        let left = &order[step..];
        let cost = |&place: &usize| {
            let state = left[place];
            let across = left.iter().filter(|&&other| is_there(state, other)).count();
            let down = left.iter().filter(|&&other| is_there(other, state)).count();
            (across - 1) * (down - 1)
        };
        let best = (0..left.len()).filter(|&place| is_there(left[place], left[place])).min_by_key(cost);
        let best = best.ok_or(Stop::NoSolution)?;
        order[step..=step + best].rotate_right(1);
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
        }
        self.equations.swaps.push(best.0);
    }
}

/// Whether a block assigns to variables.
pub fn assigns(block: &[Stmt]) -> bool {
    block.iter().any(|statement| match statement {
        Stmt::Assign(..) => true,
        Stmt::If(_, then, otherwise) => assigns(then) || assigns(otherwise),
        Stmt::While(_, body) | Stmt::Count(_, _, _, _, body) => assigns(body),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Plain, Silent, Walker};
    use crate::nmodl::compile;

    #[test]
    fn derivatives_at_zero_are_no_noise() {
        // x' = 1e3 (140 - x) / (1 + x)/ms: the slope by x is -141e3/ms at 0, where x' itself is 140e3/ms.
        let text = "NEURON { SUFFIX fast }\nSTATE { x }\nBREAKPOINT { SOLVE s METHOD derivimplicit }\n\
                    DERIVATIVE s { x' = 1e3*(140 - x)/(1 + x) }";
        let (model, _) = compile(text, "fast.mod").unwrap();
        let mut host = Silent;
        let mut walker = Walker::new(&model, Plain { host: &mut host }, vec![0.0; model.slots as usize]);
        walker.variables[walker.dt] = 0.025;
        walker.collect(0).unwrap();
        walker.numeric_derivatives(0).unwrap();
        let found = walker.equations.matrix[0].unwrap();
        assert!((found / 141e3 - 1.0).abs() < 1e-4, "{found}");
        // And the step finds the root of x - dt x'(x) = 0: x^2 + 26 x - 3500 = 0.
        walker.implicit(0).unwrap();
        let root = -13.0 + (169.0_f64 + 3500.0).sqrt();
        let x = walker.variables[model.variable("x").unwrap().slot as usize];
        assert!((x - root).abs() < 1e-6, "{x} {root}");
    }
}
