//! Systems of equations while their statements are gone through: slopes of states, derivatives of reactions, sums that
//! are constant. Species that are no states are constant during a step.

use super::{Domain, Stop, Walker};
use crate::nmodl::model::{Binary, Expr, FLUXES, Place, Slot, System, Unary};

/// A system while it is put together.
pub(super) struct Equations<V> {
    pub(super) states: Vec<u32>,
    pub(super) old: Vec<V>,
    /// States before an iteration that may be taken back.
    pub(super) tried: Vec<V>,
    pub(super) slopes: Vec<Option<V>>,
    pub(super) sizes: Vec<Option<V>>,
    /// Coefficients of diffusion.
    pub(super) coefficients: Vec<Option<V>>,
    /// Row by row; what is not there is 0. Once it is factorised, multipliers of rows below the diagonal, reciprocals on it.
    pub(super) matrix: Vec<Option<V>>,
    /// Memory for a matrix that is not looked at.
    pub(super) spare: Vec<Option<V>>,
    pub(super) rhs: Vec<Option<V>>,
    /// Rows that CONSERVE filled.
    pub(super) given: Vec<bool>,
    /// Rows with an inflow.
    inflows: Vec<bool>,
    /// Order of elimination.
    pub(super) order: Vec<usize>,
    /// At each step of the elimination, the row that changed places with that of the step.
    pub(super) swaps: Vec<usize>,
    /// Equations of LINEAR seen so far.
    pub(super) row: usize,
}

/// One of the lists of equations that have an entry for each state.
type List<V> = fn(&mut Equations<V>) -> &mut Vec<Option<V>>;

/// The value of a term of a reaction, and its derivatives by states (their positions).
type Flux<V> = (V, Vec<(usize, V)>);

impl<V> Default for Equations<V> {
    fn default() -> Self {
        Self {
            states: Vec::new(),
            old: Vec::new(),
            tried: Vec::new(),
            slopes: Vec::new(),
            sizes: Vec::new(),
            coefficients: Vec::new(),
            matrix: Vec::new(),
            spare: Vec::new(),
            rhs: Vec::new(),
            given: Vec::new(),
            inflows: Vec::new(),
            order: Vec::new(),
            swaps: Vec::new(),
            row: 0,
        }
    }
}

impl<V: Copy> Equations<V> {
    fn clear(&mut self, states: &[u32]) {
        let count = states.len();
        self.states.clear();
        self.states.extend_from_slice(states);
        for list in [&mut self.slopes, &mut self.sizes, &mut self.coefficients, &mut self.rhs] {
            list.clear();
            list.resize(count, None);
        }
        self.matrix.clear();
        self.matrix.resize(count * count, None);
        for list in [&mut self.given, &mut self.inflows] {
            list.clear();
            list.resize(count, false);
        }
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
    pub(super) fn multiply(&mut self, left: D::Value, right: D::Value) -> D::Value {
        self.domain.binary(Binary::Multiply, left, right)
    }

    pub(super) fn subtract(&mut self, left: D::Value, right: D::Value) -> D::Value {
        self.domain.binary(Binary::Subtract, left, right)
    }

    pub(super) fn added(&mut self, sum: Option<D::Value>, value: D::Value) -> Option<D::Value> {
        Some(match sum {
            Some(sum) => self.domain.binary(Binary::Add, sum, value),
            None => value,
        })
    }

    /// Runs the statements of a system, which fill [`Equations`].
    pub fn collect(&mut self, system: usize) -> Result<(), Stop> {
        let model = self.model;
        let System { routine, states, .. } = &model.systems[system];
        self.equations.clear(states);
        self.in_frame(routine.frame, |walker| walker.block(&routine.body).map(|_| ()))
    }

    pub(super) fn keep_old(&mut self, system: usize) {
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
        self.set_fluxes(forward, backward);
        let net = self.subtract(forward, backward);
        for (side, sign) in [(left, -1.0), (right, 1.0)] {
            for (count, place) in side {
                let slot = self.slot(place)?;
                let Some(row) = self.equations.position(slot) else { continue };
                // Its equation is a sum that CONSERVE gave before.
                if self.equations.given[row] {
                    continue;
                }
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

    fn set_fluxes(&mut self, forward: D::Value, backward: D::Value) {
        for (slot, flux) in FLUXES.into_iter().zip([forward, backward]) {
            self.write(Slot::Local(slot), flux);
        }
    }

    pub(super) fn influx(&mut self, place: &'m Place, rate: &'m Expr) -> Result<(), Stop> {
        let rate = self.expression(rate)?;
        let slot = self.slot(place)?;
        let zero = self.domain.number(0.0);
        self.set_fluxes(rate, zero);
        if let Some(row) = self.equations.position(slot) {
            self.equations.slopes[row] = self.added(self.equations.slopes[row], rate);
            self.equations.inflows[row] = true;
            if self.equations.given[row] {
                return Err(Stop::Overdetermined);
            }
        }
        Ok(())
    }

    /// Gives one of the lists of the equations a value for each state that COMPARTMENT or LONGITUDINAL_DIFFUSION names.
    pub(super) fn for_each_state(
        &mut self,
        list: List<D::Value>,
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
                    list(&mut self.equations)[position] = Some(size);
                }
            }
        }
        Ok(())
    }

    pub(super) fn conserve(&mut self, terms: &'m [(f64, Place)], total: &'m Expr) -> Result<(), Stop> {
        let mut missing = self.expression(total)?;
        let count = self.equations.states.len();
        let mut row = None;
        let mut is_empty = true;
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
                    is_empty = false;
                    // The sum replaces the equation of a state that no other sum has replaced and nothing flows into.
                    let is_taken = self.equations.given[position] || self.equations.inflows[position];
                    row = if is_taken { row } else { Some(position) };
                    entries.push((position, weight));
                }
            }
        }
        let Some(row) = row else { return if is_empty { Ok(()) } else { Err(Stop::Overdetermined) } };
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
}
