//! Integrates one window of `L` cells side by side, each with its own steps.

use super::method::Coefficients;
use super::options::SolverOptions;
use crate::expression::tape::Lanes;
use crate::model::Model;

/// Safety factor and bounds on the change of the step (Hairer and Wanner 1996, section IV.8).
const SAFETY: f64 = 0.9;
const LEAST_CHANGE: f64 = 0.2;
const MOST_CHANGE: f64 = 6.0;
/// Change of the step where the error cannot be estimated at all.
const CHANGE_AFTER_BREAKDOWN: f64 = 0.1;
/// Steps below this fraction of the window are given up.
const LEAST_STEP_FRACTION: f64 = 1e-12;
/// First step of a cell, in s: of the order of the fastest exchange between compartments.
const FIRST_STEP_S: f64 = 1e-5;

/// Why a cell could not be integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepFailure {
    /// The step became too small.
    StepTooSmall,
    /// Too many steps.
    TooManySteps,
}

/// A cell that could not be integrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneFailure {
    /// Why.
    pub reason: StepFailure,
    /// When, in s from the start of the window.
    pub time_s: f64,
    /// Number of the state with the largest error of the last step, or that was not finite.
    pub state: usize,
    /// Its value at that time.
    pub value: f64,
}

/// Work done, summed over cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Steps accepted.
    pub accepted: u64,
    /// Steps rejected.
    pub rejected: u64,
}

/// Memory for the integration of `L` cells.
#[derive(Debug, Clone)]
pub struct Integrator<const L: usize> {
    slots: Vec<Lanes<L>>,
    factors: Vec<Lanes<L>>,
    state: Vec<Lanes<L>>,
    derivative: Vec<Lanes<L>>,
    stages: Vec<Vec<Lanes<L>>>,
    next: Vec<Lanes<L>>,
    work: Work,
}

/// Where each lane stands within the window.
struct Progress<const L: usize> {
    time_s: Lanes<L>,
    /// Step that the error control proposes.
    proposed_s: Lanes<L>,
    /// Step being tried.
    step_s: Lanes<L>,
    tried: [u32; L],
    running: [bool; L],
    just_rejected: [bool; L],
    failure: [Option<LaneFailure>; L],
}

impl<const L: usize> Integrator<L> {
    /// Memory for this model and method.
    pub fn new(model: &Model, options: &SolverOptions) -> Self {
        let size = model.dynamic_states().len();
        let lanes = |count: usize| vec![[0.0; L]; count];
        Self {
            slots: lanes(model.tape().slots()),
            factors: lanes(model.plan().factor_entries()),
            state: lanes(size),
            derivative: lanes(size),
            stages: vec![lanes(size); options.method.coefficients().stages.len()],
            next: lanes(size),
            work: Work::default(),
        }
    }

    /// Work done since the last call.
    pub fn take_work(&mut self) -> Work {
        std::mem::take(&mut self.work)
    }

    /// Puts a cell into a lane: all its states and parameters, by their numbers.
    pub fn load(&mut self, model: &Model, lane: usize, states: &[f64], parameters: &[f64]) {
        for (value, &state) in self.state.iter_mut().zip(model.dynamic_states()) {
            value[lane] = states[state];
        }
        let held = &mut self.slots[model.dynamic_states().len()..];
        for (slot, &input) in held.iter_mut().zip(model.held_inputs()) {
            slot[lane] = if input < states.len() { states[input] } else { parameters[input - states.len()] };
        }
    }

    /// Takes the dynamic states of a lane back.
    pub fn store(&self, model: &Model, lane: usize, states: &mut [f64]) {
        for (value, &state) in self.state.iter().zip(model.dynamic_states()) {
            states[state] = value[lane];
        }
    }

    /// Advances the lanes in use by `window_s`. `step_s` holds each cell's proposed step from the window before, 0 at
    /// first, and gets the next. A lane that fails stays where it stopped.
    pub fn advance(
        &mut self,
        model: &Model,
        options: &SolverOptions,
        window_s: f64,
        in_use: &[bool; L],
        step_s: &mut Lanes<L>,
    ) -> [Option<LaneFailure>; L] {
        pulp::Arch::new().dispatch(Window { integrator: self, model, options, window_s, in_use, step_s })
    }

    #[inline(always)]
    fn advance_vectorised(
        &mut self,
        model: &Model,
        options: &SolverOptions,
        window_s: f64,
        in_use: &[bool; L],
        step_s: &mut Lanes<L>,
    ) -> [Option<LaneFailure>; L] {
        let method = options.method.coefficients();
        model.tape().run_held(&mut self.slots);
        let mut progress = Progress {
            time_s: [0.0; L],
            proposed_s: step_s.map(|step| if step > 0.0 { step } else { FIRST_STEP_S }.min(window_s)),
            step_s: [window_s; L],
            tried: [0; L],
            running: *in_use,
            just_rejected: [false; L],
            failure: [None; L],
        };
        let mut moved = true;
        while progress.running.contains(&true) {
            if moved {
                self.differentiate(model);
            }
            progress.choose_steps(window_s);
            let sound = self.try_step(model, method, &progress.step_s);
            let errors = self.errors(options);
            moved = self.judge(&mut progress, model, options, window_s, &sound, &errors);
        }
        *step_s = progress.proposed_s;
        progress.failure
    }

    /// Derivatives and Jacobian at the present states.
    #[inline(always)]
    fn differentiate(&mut self, model: &Model) {
        self.slots[..self.state.len()].copy_from_slice(&self.state);
        model.tape().run_values(&mut self.slots);
        model.tape().run_slopes(&mut self.slots);
        for (derivative, &slot) in self.derivative.iter_mut().zip(model.tape().value_slots()) {
            *derivative = self.slots[slot as usize];
        }
    }

    /// Computes `next` and leaves the error estimate in the last stage.
    #[inline(always)]
    fn try_step(&mut self, model: &Model, method: &Coefficients, step_s: &Lanes<L>) -> [bool; L] {
        let (tape, plan) = (model.tape(), model.plan());
        let mut sound = [true; L];
        let shift = step_s.map(|step| 1.0 / (step * method.gamma));
        plan.factorise(&shift, &self.slots, tape.slope_slots(), &mut self.factors, &mut sound);
        let per_step = step_s.map(|step| 1.0 / step);
        for (number, stage) in method.stages.iter().enumerate() {
            let (before, now) = self.stages.split_at_mut(number);
            let now = &mut now[0];
            match stage.at {
                Some(weights) if !weights.is_empty() => {
                    let inputs = &mut self.slots[..self.state.len()];
                    inputs.copy_from_slice(&self.state);
                    add_stages(inputs, before, weights);
                    tape.run_values(&mut self.slots);
                    for (value, &slot) in now.iter_mut().zip(tape.value_slots()) {
                        *value = self.slots[slot as usize];
                    }
                }
                // The first stage, and those at the same place as the first.
                _ => now.copy_from_slice(&self.derivative),
            }
            for (earlier, &weight) in before.iter().zip(stage.coupling) {
                let weight = per_step.map(|per_step| weight * per_step);
                for (value, earlier) in now.iter_mut().zip(earlier) {
                    *value = std::array::from_fn(|lane| value[lane] + weight[lane] * earlier[lane]);
                }
            }
            plan.solve(&self.factors, now);
        }
        self.next.copy_from_slice(&self.state);
        add_stages(&mut self.next, &self.stages, method.weights);
        sound
    }

    /// Largest error of each lane over its states, in units of what is accepted, with the place of the state.
    #[inline(always)]
    fn errors(&self, options: &SolverOptions) -> [(f64, usize); L] {
        let (relative, absolute) = (options.relative_tolerance, options.absolute_tolerance);
        let mut largest = [(0.0, 0); L];
        let estimate = self.stages.last().expect("a method has stages");
        for (place, ((estimate, now), next)) in estimate.iter().zip(&self.state).zip(&self.next).enumerate() {
            for lane in 0..L {
                let scale = absolute + relative * now[lane].abs().max(next[lane].abs());
                let error = estimate[lane].abs() / scale;
                // Also where the comparison fails because the error is no number, and then for good.
                if !(error <= largest[lane].0) && !largest[lane].0.is_nan() {
                    largest[lane] = (error, place);
                }
            }
        }
        largest
    }

    /// Accepts or rejects the step of each lane. Returns whether any lane moved.
    fn judge(
        &mut self,
        progress: &mut Progress<L>,
        model: &Model,
        options: &SolverOptions,
        window_s: f64,
        sound: &[bool; L],
        errors: &[(f64, usize); L],
    ) -> bool {
        let error_order = options.method.coefficients().error_order;
        let mut moved = false;
        for lane in 0..L {
            if !progress.running[lane] {
                continue;
            }
            progress.tried[lane] += 1;
            let (error, place) = errors[lane];
            let step = progress.step_s[lane];
            let usable = sound[lane] && error.is_finite();
            let change = if usable {
                (SAFETY * error.powf(-1.0 / error_order)).clamp(LEAST_CHANGE, MOST_CHANGE)
            } else {
                CHANGE_AFTER_BREAKDOWN
            };
            if usable && error <= 1.0 {
                self.work.accepted += 1;
                moved = true;
                progress.accept(lane, step, change, window_s);
                for (state, next) in self.state.iter_mut().zip(&self.next) {
                    state[lane] = next[lane];
                }
                continue;
            }
            self.work.rejected += 1;
            progress.just_rejected[lane] = true;
            progress.proposed_s[lane] = step * change;
            let too_small = progress.proposed_s[lane] < LEAST_STEP_FRACTION * window_s;
            if too_small || progress.tried[lane] >= options.most_steps {
                let reason = if too_small { StepFailure::StepTooSmall } else { StepFailure::TooManySteps };
                progress.fail(lane, reason, model.dynamic_states()[place], self.state[place][lane]);
            }
        }
        moved
    }
}

impl<const L: usize> Progress<L> {
    /// The proposed step of each lane, or what is left of the window, or half of it where two steps will do.
    fn choose_steps(&mut self, window_s: f64) {
        for lane in 0..L {
            if self.running[lane] {
                let left = window_s - self.time_s[lane];
                let proposed = self.proposed_s[lane];
                self.step_s[lane] =
                    if proposed >= left { left } else if 2.0 * proposed > left { 0.5 * left } else { proposed };
            }
        }
    }

    fn accept(&mut self, lane: usize, step: f64, change: f64, window_s: f64) {
        let change = if self.just_rejected[lane] { change.min(1.0) } else { change };
        self.just_rejected[lane] = false;
        // A step cut at the end of the window says nothing against the longer one that was proposed.
        let shortened = step < self.proposed_s[lane];
        let next = step * change;
        self.proposed_s[lane] = if shortened { next.max(self.proposed_s[lane]) } else { next }.min(window_s);
        if step >= window_s - self.time_s[lane] {
            self.time_s[lane] = window_s;
            self.running[lane] = false;
        } else {
            self.time_s[lane] += step;
        }
    }

    fn fail(&mut self, lane: usize, reason: StepFailure, state: usize, value: f64) {
        self.failure[lane] = Some(LaneFailure { reason, time_s: self.time_s[lane], state, value });
        self.running[lane] = false;
    }
}

/// `target += sum weights_i * stages_i`.
#[inline(always)]
fn add_stages<const L: usize>(target: &mut [Lanes<L>], stages: &[Vec<Lanes<L>>], weights: &[f64]) {
    for (stage, &weight) in stages.iter().zip(weights).filter(|&(_, &weight)| weight != 0.0) {
        for (target, stage) in target.iter_mut().zip(stage) {
            *target = std::array::from_fn(|lane| target[lane] + weight * stage[lane]);
        }
    }
}

/// A call of [`Integrator::advance_vectorised`], compiled for the widest vectors that the processor has.
struct Window<'a, const L: usize> {
    integrator: &'a mut Integrator<L>,
    model: &'a Model,
    options: &'a SolverOptions,
    window_s: f64,
    in_use: &'a [bool; L],
    step_s: &'a mut Lanes<L>,
}

impl<const L: usize> pulp::NullaryFnOnce for Window<'_, L> {
    type Output = [Option<LaneFailure>; L];

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Self { integrator, model, options, window_s, in_use, step_s } = self;
        integrator.advance_vectorised(model, options, window_s, in_use, step_s)
    }
}
