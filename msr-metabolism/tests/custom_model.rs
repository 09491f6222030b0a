//! Models of one's own, from text, against solutions in closed form.

use msr_metabolism::Model;
use msr_metabolism::model::{Definition, ModelError};
use msr_metabolism::solver::{Cell, Integrator, Method, SolverOptions};

const STATES: &str = "name,symbol,unit,initial_value,compartment,description\n\
    substrate,s,mM,0.1,cytosol,grows\n\
    fast,f,mM,1,cytosol,follows at once\n\
    capacity,c,mM,2,cytosol,held\n";
const PARAMETERS: &str = "name,symbol,unit,default,description\ngrowth,g,1/s,3,rate of growth\n";
const CONSTANTS: &str = "group,name,value,unit,source\nFast,rate,1e6,1/s,\n";
const EQUATIONS: &str = "# logistic growth\nflux J = g*s*(1 - fraction)\nlet fraction = s/c\n\
    d s/dt = J\nd f/dt = Fast.rate*(min(s, c) - f)\n";

fn model(equations: &str) -> Result<Model, ModelError> {
    Model::compile(Definition::parse(STATES, PARAMETERS, CONSTANTS, &[("own.eqn", equations)])?)
}

/// Logistic growth with a companion that is a million times faster.
#[test]
fn stiff_logistic_growth() {
    let model = model(EQUATIONS).unwrap();
    let exact = |t: f64| 2.0 / (1.0 + (2.0 / 0.1 - 1.0) * (-3.0 * t).exp());
    for (method, tolerance, accepted) in [
        (Method::Rodas3, 1e-4, 1e-3),
        (Method::Rodas3, 1e-8, 1e-7),
        (Method::Rodas4, 1e-4, 1e-3),
        (Method::Rodas4, 1e-10, 1e-9),
    ] {
        let options = SolverOptions {
            method,
            relative_tolerance: tolerance,
            absolute_tolerance: tolerance * 1e-3,
            most_steps: 1_000_000,
        };
        let mut integrator = Integrator::<1>::new(&model, &options);
        let (mut states, parameters) = (model.initial_states(), model.default_parameters());
        let (mut step_s, mut failure) = (0.0, None);
        for window in 1..=20 {
            let cell =
                Cell { states: &mut states, parameters: &parameters, step_s: &mut step_s, failure: &mut failure };
            integrator.advance(&model, &options, 0.1, std::iter::once(cell));
            assert_eq!(failure, None);
            let expected = exact(0.1 * f64::from(window));
            assert!((states[0] / expected - 1.0).abs() < accepted, "{method:?} {tolerance}: {} {expected}", states[0]);
            // The companion lags by the slope over its rate.
            assert!((states[1] - states[0]).abs() < 1e-5 + accepted, "{states:?}");
        }
        assert_eq!(states[2], 2.0);
    }
}

#[test]
fn the_higher_order_needs_fewer_steps_at_tight_tolerance() {
    let model = model(EQUATIONS).unwrap();
    let steps = |method| {
        let options =
            SolverOptions { method, relative_tolerance: 1e-9, absolute_tolerance: 1e-12, most_steps: 1_000_000 };
        let mut integrator = Integrator::<1>::new(&model, &options);
        let (mut states, parameters) = (model.initial_states(), model.default_parameters());
        let (mut step_s, mut failure) = (0.0, None);
        let cell = Cell { states: &mut states, parameters: &parameters, step_s: &mut step_s, failure: &mut failure };
        integrator.advance(&model, &options, 2.0, std::iter::once(cell));
        integrator.take_work().accepted
    };
    assert!(2 * steps(Method::Rodas4) < steps(Method::Rodas3));
}

#[test]
fn mistakes_in_a_model() {
    let message = |equations: &str| model(equations).unwrap_err().to_string();
    assert!(message("d s/dt = grow*s").contains("unknown name 'grow'"));
    assert!(message("d s/dt = Fast.rat*s").contains("did you mean 'rate'"));
    assert!(message("d q/dt = s").contains("unknown state 'q'"));
    assert!(message("let a = b\nlet b = a\nd s/dt = a").contains("defined through itself"));
    assert!(message("let a = s").contains("no balance"));
    assert!(message("d s/dt = s\nd s/dt = s").contains("declared twice"));
    assert!(message("let s = 1\nd s/dt = s").contains("declared twice"));
    assert!(message("d s/dt = (s").contains("own.eqn, line 1"));
}
