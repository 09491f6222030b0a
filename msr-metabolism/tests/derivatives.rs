//! Right-hand side and Jacobian against the published values and against each other.

use msr_metabolism::Model;
use msr_metabolism::model::EquationKind;

/// A correct program rounds differently; the error is therefore measured against the size of the terms that cancel.
const CONDITIONED_ERROR: f64 = 1e-12;

#[test]
fn derivatives_at_the_published_points() {
    let Some((header, rows)) = crate::golden::table("du_points.csv") else { return };
    let model = Model::standard();
    let mut worst = (0.0, String::new());
    for (point, row) in rows.iter().enumerate() {
        let states = crate::golden::numbers(&header, row, "u:");
        let parameters = crate::golden::numbers(&header, row, "p:");
        let expected = crate::golden::numbers(&header, row, "du:");
        let found = model.derivatives(&states, &parameters);
        let mut size = vec![0.0; states.len()];
        for entry in model.jacobian(&states, &parameters) {
            size[entry.state] += (entry.value * states[entry.with_respect_to]).abs();
        }
        for (state, (found, expected)) in found.iter().zip(&expected).enumerate() {
            if model.dynamic_states().contains(&state) {
                let error = (found - expected).abs() / size[state];
                if error > worst.0 {
                    worst = (error, format!("{} at point {point}", model.states()[state].name));
                }
            } else {
                assert_eq!(*found, 0.0);
            }
        }
    }
    println!("largest conditioned error {:.1e}, {}", worst.0, worst.1);
    assert!(rows.len() == 50 && worst.0 > 0.0 && worst.0 <= CONDITIONED_ERROR, "{worst:?}");
}

/// Derivatives at the initial state with default parameters, from the published implementation.
const AT_THE_START: [(&str, f64); 12] = [
    ("ATP_n", 0.023754539567179538),
    ("ATP_a", 7.120716773538764e-05),
    ("O2cap", -5.343234758590967),
    ("Glc_n", 8.258818527007248e-05),
    ("Lac_ecs", 9.618767380801738e-05),
    ("MitoMembrPotent_n", 3.65604368562665e-05),
    ("NADHmito_a", -3.606624702699512e-05),
    ("CytCredmito_n", -4.494209723442687e-07),
    ("cAMP_a", -8.440915978639042e-07),
    ("GLN_out", 1.1112626317854905e-07),
    ("PCr_n", 0.00016711432554267994),
    ("bHB_ecs", 5.1326049382493594e-08),
];

#[test]
fn derivatives_at_the_start() {
    let model = Model::standard();
    let (states, parameters) = (model.initial_states(), model.default_parameters());
    let found = model.derivatives(&states, &parameters);
    let mut size = vec![0.0; states.len()];
    for entry in model.jacobian(&states, &parameters) {
        size[entry.state] += (entry.value * states[entry.with_respect_to]).abs();
    }
    for (name, expected) in AT_THE_START {
        let state = model.state_number(name).unwrap();
        let error = (found[state] - expected).abs() / size[state];
        assert!(error <= CONDITIONED_ERROR, "{name}: {} instead of {expected}", found[state]);
    }
}

#[test]
fn size_of_the_standard_model() {
    let model = Model::standard();
    let count = |kind| model.equations().iter().filter(|equation| equation.kind == kind).count();
    assert_eq!((model.states().len(), model.parameters().len()), (181, 6));
    assert_eq!(model.definition().constants.all().len(), 1024);
    assert_eq!(
        (count(EquationKind::Algebraic), count(EquationKind::Flux), count(EquationKind::Balance)),
        (46, 159, 133)
    );
    let jacobian = model.jacobian(&model.initial_states(), &model.default_parameters());
    // Two entries belong to the exponential of the aspartate-glutamate carrier, which is constant beyond its bound.
    assert_eq!((jacobian.len(), jacobian.iter().filter(|entry| entry.value != 0.0).count()), (699, 697));
}

/// Every entry against a central difference, and zeros where the pattern has none.
#[test]
fn jacobian_is_the_derivative_of_the_balances() {
    let model = Model::standard();
    let parameters = [0.1, -0.2, 0.8, 0.01, 0.01, 0.03];
    // Away from the initial state, where amp_i is 0.
    let states: Vec<f64> =
        model.initial_states().iter().enumerate().map(|(i, u)| (u + 1e-5) * (1.0 + 0.02 * (i as f64).sin())).collect();
    let mut dense = vec![vec![0.0; states.len()]; states.len()];
    for entry in model.jacobian(&states, &parameters) {
        dense[entry.state][entry.with_respect_to] = entry.value;
    }
    let size: Vec<f64> =
        dense.iter().map(|row| row.iter().zip(&states).map(|(slope, u)| (slope * u).abs()).sum()).collect();
    for &column in model.dynamic_states() {
        let step = states[column].abs() * 1e-5;
        let shifted = |sign: f64| {
            let mut shifted = states.clone();
            shifted[column] += sign * step;
            model.derivatives(&shifted, &parameters)
        };
        let (above, below) = (shifted(1.0), shifted(-1.0));
        for row in 0..states.len() {
            let difference = (above[row] - below[row]) / (2.0 * step);
            let (error, scale) = ((difference - dense[row][column]).abs(), size[row] / states[column].abs());
            let names = (&model.states()[row].name, &model.states()[column].name);
            assert!(error <= 1e-6 * scale, "d{names:?}: {difference} against {}", dense[row][column]);
        }
    }
}

#[test]
fn quantities_add_up_to_balances() {
    let model = Model::standard();
    let (states, parameters) = (model.initial_states(), model.default_parameters());
    let value = |name: &str| model.quantity(name, &states, &parameters).unwrap();
    let derivatives = model.derivatives(&states, &parameters);
    let of = |name: &str| derivatives[model.state_number(name).unwrap()];
    let turnover = value("J_ENO_n").abs();
    assert!((value("J_ENO_n") - value("J_PYK_n") - of("PEP_n")).abs() < 1e-12 * turnover);
    assert!((value("J_HEX1_n") - value("J_PGI_n") - value("J_G6PDH2r_n") - of("G6P_n")).abs() < 1e-12 * turnover);
    assert_eq!(model.quantity("J_NONE", &states, &parameters), None);
}
