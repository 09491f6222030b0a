//! Accuracy of the default settings where coupling changes cells before every window.

use msr_metabolism::model::Definition;
use msr_metabolism::solver::{Cell, Integrator, Method, RESTART_STEP_S, SolverOptions};
use msr_metabolism::{Corrections, Model, Variant};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const CELLS: usize = 16;
const WINDOWS: usize = 100;
const WINDOW_S: f64 = 0.01;
/// Blood flow at rest, 1/s, and its noise.
const FLOW: f64 = 0.012;
const FLOW_NOISE: f64 = 0.2;

/// For each window and cell: the factor of ATP, which jumps by up to `kick` and does not drift, and the blood flow.
type Kicks = Vec<Vec<(f64, f64)>>;

fn kicks(kick: f64) -> Kicks {
    let one = (-kick / 2.0..kick / 2.0, -FLOW_NOISE..FLOW_NOISE);
    let all = prop::collection::vec(prop::collection::vec(one, CELLS), WINDOWS);
    let drawn = all.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let mut before = vec![1.0; CELLS];
    let window = |window: Vec<(f64, f64)>| {
        let one = |((atp, flow), before): ((f64, f64), &mut f64)| {
            let factor = (1.0 + atp) / *before;
            *before = 1.0 + atp;
            (factor, FLOW * (1.0 + flow))
        };
        window.into_iter().zip(&mut before).map(one).collect()
    };
    drawn.into_iter().map(window).collect()
}

/// ATP of the neuron at the end of each window, cell by cell.
fn run(model: &Model, options: &SolverOptions, kicks: &Kicks) -> Vec<f64> {
    let atp = model.state_number("ATP_n").unwrap();
    let mut states = vec![model.initial_states(); CELLS];
    let mut parameters = vec![model.default_parameters(); CELLS];
    let (mut steps, mut failures) = (vec![0.0; CELLS], vec![None; CELLS]);
    let mut integrator = Integrator::<8>::new(model, options);
    let mut found = Vec::new();
    for window in kicks {
        for (cell, (factor, flow)) in window.iter().enumerate() {
            states[cell][atp] *= factor;
            (parameters[cell][3], parameters[cell][4]) = (*flow, *flow);
            steps[cell] = f64::min(steps[cell], RESTART_STEP_S);
        }
        let all = states.iter_mut().zip(&parameters).zip(&mut steps).zip(&mut failures);
        let all = all.map(|(((states, parameters), step_s), failure)| Cell { states, parameters, step_s, failure });
        integrator.advance(model, options, WINDOW_S, all);
        assert!(failures.iter().all(Option::is_none));
        found.extend(states.iter().map(|states| states[atp]));
    }
    found
}

/// The bounds are errors of scipy's Radau with its default tolerances on other sequences of such kicks, in the comparison of
/// the chapter on the solver. The tight solution is the one that the golden trajectories verify.
#[test]
fn atp_is_as_exact_as_by_radau() {
    is_as_exact_as_by_radau(&Model::standard());
}

#[test]
fn atp_of_the_corrected_model_too() {
    let definition = Definition::bundled(Variant::Standard, &Corrections::all());
    is_as_exact_as_by_radau(&Model::compile(definition).unwrap());
}

fn is_as_exact_as_by_radau(model: &Model) {
    let tight = SolverOptions {
        method: Method::Rodas4,
        relative_tolerance: 1e-9,
        absolute_tolerance: 1e-13,
        ..SolverOptions::default()
    };
    for (kick, bound) in [(0.001, 3.3e-8), (0.01, 1.3e-7)] {
        let kicks = kicks(kick);
        let (found, expected) = (run(model, &SolverOptions::default(), &kicks), run(model, &tight, &kicks));
        let worst = found.iter().zip(&expected).map(|(a, b)| (a / b - 1.0).abs()).fold(0.0, f64::max);
        println!("kicks of {kick}: largest error of ATP_n {worst:.1e}");
        assert!(worst > 0.0 && worst <= bound, "{kick}: {worst}");
    }
}
