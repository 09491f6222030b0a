//! The BDF method of the library diffsol, with its linear algebra: a second way to the same solution, for checks.
//!
//! Of ours it uses the right-hand side and the Jacobian only; neither the steps nor the factorisation.

use std::cell::RefCell;

use diffsol::{DiffsolError, NalgebraLU, NalgebraMat, OdeBuilder, OdeSolverMethod, OdeSolverStopReason, VectorCommon};

use super::integrator::{Cell, CellFailure, StepFailure, Work};
use super::options::SolverOptions;
use crate::expression::Lanes;
use crate::model::Model;

/// Right-hand side and Jacobian of one cell at the states where they were asked for last.
struct Balances<'a> {
    model: &'a Model,
    workspace: Vec<Lanes<1>>,
    /// States at which the workspace holds the Jacobian; empty at first.
    differentiated_at: Vec<f64>,
}

impl Balances<'_> {
    fn derivatives(&mut self, states: &[f64], derivatives: &mut [f64]) {
        self.differentiated_at.clear();
        self.run_values(states);
        for (derivative, &slot) in derivatives.iter_mut().zip(self.model.tape().value_slots()) {
            *derivative = self.workspace[slot as usize][0];
        }
    }

    fn run_values(&mut self, states: &[f64]) {
        for (slot, &state) in self.workspace.iter_mut().zip(states) {
            *slot = [state];
        }
        self.model.tape().run_values(&mut self.workspace);
    }

    /// `product = J direction`.
    fn jacobian_product(&mut self, states: &[f64], direction: &[f64], product: &mut [f64]) {
        if self.differentiated_at != states {
            self.run_values(states);
            self.model.tape().run_slopes(&mut self.workspace);
            self.differentiated_at = states.to_vec();
        }
        product.fill(0.0);
        let plan = self.model.plan();
        for (&(row, column), &slot) in plan.entries().iter().zip(plan.entry_slots()) {
            product[row] += self.workspace[slot as usize][0] * direction[column];
        }
    }
}

/// Advances one cell by `window_s`. The step that the cell proposes is left as it is: each window starts anew.
pub(super) fn advance(model: &Model, options: &SolverOptions, window_s: f64, cell: Cell<'_>, work: &mut Work) {
    let mut reached = Reached { time_s: 0.0, states: Vec::new(), steps: 0 };
    let outcome = integrate(model, options, window_s, &cell, &mut reached);
    work.accepted += u64::from(reached.steps);
    for (&value, &state) in reached.states.iter().zip(model.dynamic_states()) {
        cell.states[state] = value;
    }
    *cell.failure = match outcome {
        Ok(true) => None,
        Ok(false) => Some(reached.failure(model, StepFailure::TooManySteps)),
        Err(_) => Some(reached.failure(model, StepFailure::StepTooSmall)),
    };
}

/// How far the integration came.
struct Reached {
    time_s: f64,
    states: Vec<f64>,
    steps: u32,
}

impl Reached {
    /// diffsol does not tell which state it failed on: the first that is not finite or else the smallest is named.
    fn failure(&self, model: &Model, reason: StepFailure) -> CellFailure {
        let smallest = || (0..self.states.len()).min_by(|&a, &b| self.states[a].total_cmp(&self.states[b]));
        let place = self.states.iter().position(|value| !value.is_finite()).or_else(smallest).unwrap_or_default();
        let value = self.states.get(place).copied().unwrap_or(f64::NAN);
        CellFailure { reason, time_s: self.time_s, state: model.dynamic_states()[place], value }
    }
}

/// Whether the end of the window was reached within the steps that are allowed.
fn integrate(
    model: &Model,
    options: &SolverOptions,
    window_s: f64,
    cell: &Cell<'_>,
    reached: &mut Reached,
) -> Result<bool, DiffsolError> {
    let size = model.dynamic_states().len();
    let start: Vec<f64> = model.dynamic_states().iter().map(|&state| cell.states[state]).collect();
    let mut workspace = vec![[0.0]; model.tape().slots()];
    for (slot, &input) in workspace[size..].iter_mut().zip(model.held_inputs()) {
        *slot = [cell.input(input)];
    }
    model.tape().run_held(&mut workspace);
    let balances = RefCell::new(Balances { model, workspace, differentiated_at: Vec::new() });
    reached.states.clone_from(&start);
    let problem = OdeBuilder::<NalgebraMat<f64>>::new()
        .rtol(options.relative_tolerance)
        .atol([options.absolute_tolerance])
        .rhs_implicit(
            |states: &[f64], _: &[f64], _: f64, derivatives: &mut [f64]| {
                balances.borrow_mut().derivatives(states, derivatives);
            },
            |states: &[f64], _: &[f64], _: f64, direction: &[f64], product: &mut [f64]| {
                balances.borrow_mut().jacobian_product(states, direction, product);
            },
        )
        .init(|_: &[f64], _: f64, states: &mut [f64]| states.copy_from_slice(&start), size)
        .build()?;
    let mut solver = problem.bdf::<NalgebraLU<f64>>()?;
    solver.set_stop_time(window_s)?;
    loop {
        let reason = solver.step()?;
        let state = solver.state();
        reached.steps += 1;
        reached.time_s = state.t;
        reached.states.copy_from_slice(state.y.inner().as_slice());
        if matches!(reason, OdeSolverStopReason::TstopReached) {
            return Ok(true);
        }
        if reached.steps >= options.most_steps {
            return Ok(false);
        }
    }
}
