//! Computes the resting state with which a corrected model begins: from the published initial state over 10 million
//! seconds, at tight tolerance. What it prints is a file of `model/steady_states`.
//!
//! ```sh
//! cargo run --release --example steady_state -p msr-metabolism -- standard > model/steady_states/standard.eqn
//! ```

use std::error::Error;

use msr_metabolism::model::Definition;
use msr_metabolism::solver::{Cell, Integrator, Method, SolverOptions};
use msr_metabolism::{Corrections, Model, Variant};

/// Longer than glycogen, the slowest pool, needs: its time constant is 140 000 s.
const DURATION_S: f64 = 1e7;
const WINDOWS: u32 = 1000;
/// States that move by less than this part stay as published.
const NOTICED: f64 = 1e-9;

fn main() -> Result<(), Box<dyn Error>> {
    let variant: Variant = std::env::args().nth(1).as_deref().unwrap_or("standard").parse()?;
    let model = Model::compile(Definition::corrected(variant, &Corrections::all()))?;
    let options = SolverOptions {
        method: Method::Rodas4,
        relative_tolerance: 1e-10,
        absolute_tolerance: 1e-14,
        most_steps: 10_000_000,
    };
    let mut integrator = Integrator::<1>::new(&model, &options);
    let (mut states, parameters) = (model.initial_states(), model.default_parameters());
    let (mut step_s, mut failure) = (0.0, None);
    for _ in 0..WINDOWS {
        let cell = Cell { states: &mut states, parameters: &parameters, step_s: &mut step_s, failure: &mut failure };
        integrator.advance(&model, &options, DURATION_S / f64::from(WINDOWS), std::iter::once(cell));
        if let Some(failure) = failure {
            let state = &model.states()[failure.state];
            return Err(
                format!("there is no way to rest: the solver stops at {} = {}", state.name, failure.value).into()
            );
        }
    }
    let rates = model.derivatives(&states, &parameters);
    let fastest =
        rates.iter().zip(&states).map(|(rate, state)| (rate / (state.abs() + 1e-6)).abs()).fold(0.0, f64::max);
    println!(
        "# The resting state of the {variant} model with all corrections, reached from the published initial state after"
    );
    println!(
        "# {DURATION_S:e} s (example steady_state). No state moves by more than {fastest:.0e} of its value a second."
    );
    println!();
    for (state, value) in model.states().iter().zip(&states) {
        if (value - state.initial_value).abs() > NOTICED * state.initial_value.abs() {
            println!("set {} = {value:?}", state.name);
        }
    }
    Ok(())
}
