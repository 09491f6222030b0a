//! Integrates cells over one window, `L` side by side, each with its own steps.
//!
//! A lane is one cell; lanes never mix. A cell's result therefore depends on nothing but itself: not on the cells beside
//! it, nor on `L`, nor on the thread.

#[cfg(feature = "diffsol")]
use super::diffsol_bdf;
use super::method::Coefficients;
use super::options::SolverOptions;
use super::progress::Progress;
use crate::expression::{Lanes, Slots};
use crate::model::Model;

/// Safety factor and bounds on the change of the step (Hairer and Wanner 1996, section IV.8).
const SAFETY: f64 = 0.9;
const LEAST_CHANGE: f64 = 0.2;
const MOST_CHANGE: f64 = 6.0;
/// Change of the step where the error cannot be estimated at all.
const CHANGE_AFTER_BREAKDOWN: f64 = 0.1;
/// Steps below this fraction of the window are given up.
const LEAST_STEP_FRACTION: f64 = 1e-12;
/// Longest first step, in s, of a cell whose values were changed from outside. Such a change starts transients of
/// 0.02 to 1 ms (creatine kinase, exchange of adenine nucleotides over the outer mitochondrial membrane) that the error
/// estimate of one long step does not see: the error of ATP after 100 such windows falls with this step down to here, and
/// no further.
pub const RESTART_STEP_S: f64 = 3e-5;

/// Why a cell could not be integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepFailure {
    /// The step became too small.
    StepTooSmall,
    /// Too many steps.
    TooManySteps,
}

/// One cell for one window.
#[derive(Debug)]
pub struct Cell<'a> {
    /// All its states, by their numbers; get the values at the end of the window, or where the cell failed.
    pub states: &'a mut [f64],
    /// All its parameters, by their numbers.
    pub parameters: &'a [f64],
    /// Step in s that the window before proposed, 0 at first; gets the next proposal.
    pub step_s: &'a mut f64,
    /// Gets the reason where the cell fails.
    pub failure: &'a mut Option<CellFailure>,
}

impl Cell<'_> {
    /// A state, or a parameter counted on after the states.
    #[inline(always)]
    pub(super) fn input(&self, number: usize) -> f64 {
        let count = self.states.len();
        if number < count { self.states[number] } else { self.parameters[number - count] }
    }
}

/// A cell that could not be integrated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellFailure {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Work {
    /// Steps accepted.
    pub accepted: u64,
    /// Steps rejected.
    pub rejected: u64,
}

/// Memory for the integration of `L` cells.
#[derive(Debug, Clone)]
pub struct Integrator<const L: usize> {
    /// Slots of the model's tape and of its factorisation plan.
    workspace: Slots<L>,
    state: Slots<L>,
    derivative: Slots<L>,
    stages: Vec<Slots<L>>,
    next: Slots<L>,
    work: Work,
}

impl<const L: usize> Integrator<L> {
    /// Memory for this model and method.
    pub fn new(model: &Model, options: &SolverOptions) -> Self {
        let size = model.dynamic_states().len();
        let lanes = Slots::new;
        Self {
            workspace: lanes(model.tape().slots()),
            state: lanes(size),
            derivative: lanes(size),
            stages: vec![lanes(size); options.method.coefficients().map_or(0, |method| method.stages.len())],
            next: lanes(size),
            work: Work::default(),
        }
    }

    /// Work done since the last call.
    pub fn take_work(&mut self) -> Work {
        std::mem::take(&mut self.work)
    }

    /// Advances all `cells` by `window_s`. Cells take their own steps; a lane whose cell is done gets the next one.
    pub fn advance<'c>(
        &mut self,
        model: &Model,
        options: &SolverOptions,
        window_s: f64,
        cells: impl Iterator<Item = Cell<'c>>,
    ) {
        match options.method.coefficients() {
            Some(method) => {
                let integrator = self;
                vectorised(Window { integrator, model, options, method, window_s, cells });
            }
            #[cfg(feature = "diffsol")]
            None => cells.for_each(|cell| diffsol_bdf::advance(model, options, window_s, cell, &mut self.work)),
            #[cfg(not(feature = "diffsol"))]
            None => unreachable!("all methods of this build are Rosenbrock methods"),
        }
    }

    #[inline(always)]
    fn advance_vectorised<'c>(
        &mut self,
        model: &Model,
        options: &SolverOptions,
        method: &Coefficients,
        window_s: f64,
        mut cells: impl Iterator<Item = Cell<'c>>,
    ) {
        let mut lanes: [Option<Cell<'c>>; L] = std::array::from_fn(|_| None);
        let mut progress = Progress::idle(window_s);
        loop {
            let mut refilled = false;
            for (lane, place) in lanes.iter_mut().enumerate() {
                if progress.running[lane] {
                    continue;
                }
                if let Some(cell) = place.take() {
                    self.unload(model, lane, &progress, cell);
                }
                if let Some(cell) = cells.next() {
                    self.load(model, lane, &cell);
                    progress.start(lane, *cell.step_s, window_s);
                    *place = Some(cell);
                    refilled = true;
                }
            }
            if !progress.running.contains(&true) {
                return;
            }
            if refilled {
                model.tape().run_held(&mut self.workspace);
            }
            // Also after a rejected step: the factorisation has overwritten the Jacobian.
            self.differentiate(model);
            progress.choose_steps(window_s);
            let sound = self.try_step(model, method, &progress.step_s);
            self.judge(&mut progress, model, options, method.error_order, window_s, &sound);
        }
    }

    fn load(&mut self, model: &Model, lane: usize, cell: &Cell<'_>) {
        for (value, &state) in self.state.iter_mut().zip(model.dynamic_states()) {
            value[lane] = cell.states[state];
        }
        let held = &mut self.workspace[model.dynamic_states().len()..];
        for (slot, &input) in held.iter_mut().zip(model.held_inputs()) {
            slot[lane] = cell.input(input);
        }
    }

    fn unload(&self, model: &Model, lane: usize, progress: &Progress<L>, cell: Cell<'_>) {
        for (value, &state) in self.state.iter().zip(model.dynamic_states()) {
            cell.states[state] = value[lane];
        }
        *cell.step_s = progress.proposed_s[lane];
        *cell.failure = progress.failure[lane];
    }

    /// Derivatives and Jacobian at the present states.
    #[inline(always)]
    fn differentiate(&mut self, model: &Model) {
        let tape = model.tape();
        self.workspace[..self.state.len()].copy_from_slice(&self.state);
        tape.run_values(&mut self.workspace);
        for (derivative, &slot) in self.derivative.iter_mut().zip(tape.value_slots()) {
            *derivative = self.workspace[slot as usize];
        }
        tape.run_slopes(&mut self.workspace);
    }

    /// Computes `next` and leaves the error estimate in the last stage.
    #[inline(always)]
    fn try_step(&mut self, model: &Model, method: &Coefficients, step_s: &Lanes<L>) -> [bool; L] {
        let (tape, plan, size) = (model.tape(), model.plan(), self.state.len());
        self.workspace[plan.shift()] = step_s.map(|step| 1.0 / (step * method.gamma));
        let sound = plan.factorise(&mut self.workspace);
        let per_step = step_s.map(|step| 1.0 / step);
        let unknowns = plan.unknowns();
        for (number, stage) in method.stages.iter().enumerate() {
            // The first stage, and those at the same place, take the derivative that is known.
            let derivatives = match stage.at {
                Some(weights) if !weights.is_empty() => {
                    add_stages(&mut self.workspace[..size], &self.state, &self.stages, weights);
                    tape.run_values(&mut self.workspace);
                    None
                }
                _ => Some(&*self.derivative),
            };
            // The factors are those of J - I/(h gamma), the negative of the matrix of the method.
            for row in 0..size {
                let mut sum = match derivatives {
                    Some(derivatives) => derivatives[row],
                    None => self.workspace[tape.value_slots()[row] as usize],
                };
                for (earlier, &weight) in self.stages.iter().zip(stage.coupling) {
                    let earlier = &earlier[row];
                    sum = std::array::from_fn(|lane| sum[lane] + weight * per_step[lane] * earlier[lane]);
                }
                self.workspace[unknowns.start + row] = sum.map(|sum| -sum);
            }
            plan.solve(&mut self.workspace);
            self.stages[number].copy_from_slice(&self.workspace[unknowns.clone()]);
        }
        add_stages(&mut self.next, &self.state, &self.stages, method.weights);
        sound
    }

    /// Largest error of each lane over its states, in units of what is accepted; no number where one is none.
    #[inline(always)]
    fn errors(&self, options: &SolverOptions) -> Lanes<L> {
        let mut largest = [0.0; L];
        // Stays 0 as long as all errors are finite.
        let mut poison = [0.0; L];
        let estimate = self.stages.last().expect("a method has stages");
        for ((estimate, now), next) in estimate.iter().zip(&*self.state).zip(&*self.next) {
            for lane in 0..L {
                let error = scaled_error(options, estimate[lane], now[lane], next[lane]);
                largest[lane] = if error > largest[lane] { error } else { largest[lane] };
                poison[lane] += 0.0 * error;
            }
        }
        std::array::from_fn(|lane| largest[lane] + poison[lane])
    }

    /// Place of the state with the largest error of a lane, or of the first error that is no number.
    fn place_of_largest_error(&self, options: &SolverOptions, lane: usize) -> usize {
        let estimate = self.stages.last().expect("a method has stages");
        let error = |place: usize| {
            scaled_error(options, estimate[place][lane], self.state[place][lane], self.next[place][lane])
        };
        (0..self.state.len()).fold(0, |worst, place| {
            let (old, new) = (error(worst), error(place));
            if new > old || (new.is_nan() && !old.is_nan()) { place } else { worst }
        })
    }

    /// Accepts or rejects the step of each lane.
    #[inline(always)]
    fn judge(
        &mut self,
        progress: &mut Progress<L>,
        model: &Model,
        options: &SolverOptions,
        error_order: f64,
        window_s: f64,
        sound: &[bool; L],
    ) {
        let errors = self.errors(options);
        let mut accepted = [false; L];
        for lane in 0..L {
            if !progress.running[lane] {
                continue;
            }
            progress.tried[lane] += 1;
            let error = errors[lane];
            let step = progress.step_s[lane];
            let usable = sound[lane] && error.is_finite();
            let change = if usable {
                (SAFETY * error.powf(-1.0 / error_order)).clamp(LEAST_CHANGE, MOST_CHANGE)
            } else {
                CHANGE_AFTER_BREAKDOWN
            };
            if usable && error <= 1.0 {
                self.work.accepted += 1;
                progress.accept(lane, step, change, window_s);
                accepted[lane] = true;
            } else {
                self.work.rejected += 1;
                progress.just_rejected[lane] = true;
                progress.proposed_s[lane] = step * change;
            }
            let too_small = !accepted[lane] && progress.proposed_s[lane] < LEAST_STEP_FRACTION * window_s;
            if progress.running[lane] && (too_small || progress.tried[lane] >= options.most_steps) {
                let reason = if too_small { StepFailure::StepTooSmall } else { StepFailure::TooManySteps };
                let place = self.place_of_largest_error(options, lane);
                let reached = if accepted[lane] { &self.next } else { &self.state };
                progress.fail(lane, reason, model.dynamic_states()[place], reached[place][lane]);
            }
        }
        for (state, next) in self.state.iter_mut().zip(&*self.next) {
            *state = std::array::from_fn(|lane| if accepted[lane] { next[lane] } else { state[lane] });
        }
    }
}

/// `target = start + sum weights_i * stages_i`.
#[inline(always)]
fn add_stages<const L: usize>(target: &mut [Lanes<L>], start: &[Lanes<L>], stages: &[Slots<L>], weights: &[f64]) {
    target.copy_from_slice(start);
    for (stage, &weight) in stages.iter().zip(weights).filter(|&(_, &weight)| weight != 0.0) {
        for (target, stage) in target.iter_mut().zip(stage.iter()) {
            *target = std::array::from_fn(|lane| target[lane] + weight * stage[lane]);
        }
    }
}

/// An error in units of what is accepted.
#[inline(always)]
fn scaled_error(options: &SolverOptions, estimate: f64, now: f64, next: f64) -> f64 {
    let (now, next) = (now.abs(), next.abs());
    let larger = if now > next { now } else { next };
    estimate.abs() / (options.absolute_tolerance + options.relative_tolerance * larger)
}

/// A call of [`Integrator::advance_vectorised`], compiled for the widest vectors that the processor has.
struct Window<'a, const L: usize, C> {
    integrator: &'a mut Integrator<L>,
    model: &'a Model,
    options: &'a SolverOptions,
    method: &'a Coefficients,
    window_s: f64,
    cells: C,
}

/// Runs with vectors of 256 bits where the machine has them: with wider ones the same takes a quarter longer (measured).
fn vectorised(window: impl pulp::NullaryFnOnce<Output = ()>) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return simd.vectorize(window);
    }
    pulp::Arch::new().dispatch(window);
}

impl<'c, const L: usize, C: Iterator<Item = Cell<'c>>> pulp::NullaryFnOnce for Window<'_, L, C> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { integrator, model, options, method, window_s, cells } = self;
        integrator.advance_vectorised(model, options, method, window_s, cells);
    }
}
