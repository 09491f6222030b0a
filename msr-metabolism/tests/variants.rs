//! The variants by age, against the published multipliers.

use msr_metabolism::model::{Definition, EquationKind};
use msr_metabolism::{Corrections, Model, Variant};

/// The flux that a row of the published table means.
fn flux<'a>(model: &'a Model, name: &str) -> Option<&'a str> {
    let fluxes = model.equations().iter().filter(|equation| equation.kind == EquationKind::Flux);
    fluxes.map(|flux| flux.name.as_str()).find(|flux| *flux == name || flux.strip_prefix("J_") == Some(name))
}

fn published(variant: Variant) -> Model {
    Model::compile(Definition::bundled(variant, &Corrections::none())).unwrap()
}

/// States away from rest, within the pools of the old brain.
fn states(model: &Model) -> Vec<f64> {
    let shift = |(number, state): (usize, &f64)| (state + 1e-5) * (0.9 + 0.02 * (number as f64).sin());
    let mut states: Vec<f64> = model.initial_states().iter().enumerate().map(shift).collect();
    for (name, value) in [("NADH_n", 0.003), ("NADH_a", 0.05), ("NADHmito_n", 0.2), ("NADHmito_a", 0.18)] {
        states[model.state_number(name).unwrap()] = value;
    }
    states
}

#[test]
fn multipliers_of_fluxes() {
    let Some((_, rows)) = crate::golden::table("aging_multipliers.csv") else { return };
    let [standard, young, aged] = Variant::ALL.map(published);
    let states = states(&standard);
    let mito_scale = 0.6;
    let mut parameters = standard.default_parameters();
    parameters[standard.parameter_number("mito_scale").unwrap()] = mito_scale;
    let value = |model: &Model, flux: &str| model.quantity(flux, &states, &parameters).unwrap();
    let ratio = |a: f64, b: f64| if a == 0.0 && b == 0.0 { None } else { Some(a / b) };
    // These read the pools of NAD, which the table gives apart.
    let of_pools = |flux: &str| {
        let equation = standard.equations().iter().find(|equation| equation.name == flux).unwrap();
        ["NAD_", "NADtot", "NADH_", "0.212"].iter().any(|part| equation.text.contains(part))
    };
    let (mut scaled, mut numeric) = (0, 0);
    for row in &rows {
        let Some(flux) = flux(&standard, &row[0]) else { continue };
        let expected = if row[1] == "yes" { mito_scale } else { 1.0 };
        scaled += usize::from(row[1] == "yes");
        if let Some(found) = ratio(value(&young, flux), value(&standard, flux)) {
            assert!((found / expected - 1.0).abs() < 1e-12, "{flux}: {found}");
        }
        if let Ok(multiplier) = row[2].parse::<f64>() {
            numeric += usize::from(multiplier != 1.0);
            if !of_pools(flux)
                && let Some(found) = ratio(value(&aged, flux), value(&young, flux))
            {
                assert!((found / multiplier - 1.0).abs() < 1e-12, "{flux}: {found} is not {multiplier}");
            }
        }
    }
    assert_eq!((scaled, numeric), (73, 76));
}

/// With the pools of the old brain, and otherwise the same formulas.
#[test]
fn pools_and_shuttles_of_the_old_brain() {
    let [standard, _, aged] = Variant::ALL.map(published);
    let states = states(&standard);
    let mut parameters = standard.default_parameters();
    parameters[standard.parameter_number("mito_scale").unwrap()] = 1.0;
    let state = |name: &str| states[standard.state_number(name).unwrap()];
    let value = |name: &str| aged.quantity(name, &states, &parameters).unwrap();
    for (cell, left) in [("n", 0.65), ("a", 0.5)] {
        let expected = 0.212 * left - state(&format!("NADH_{cell}"));
        assert!((value(&format!("NAD_c_{cell}")) - expected).abs() < 1e-15);
        let expected = 0.000726 * left - 0.001 * state(&format!("NADHmito_{cell}"));
        assert!((value(&format!("NAD_mx_{cell}")) - expected).abs() < 1e-15);
    }
    // With the whole pools, shuttles are a fifth of the standard ones, and the rest is as it was.
    let mut whole = Definition::bundled(Variant::Aged, &Corrections::none());
    for name in ["NAD_n", "NAD_a"] {
        whole.constants.set("Aging", name, msr_metabolism::model::ConstantValue::Number(1.0)).unwrap();
    }
    let whole = Model::compile(whole).unwrap();
    let ratio = |flux: &str| {
        whole.quantity(flux, &states, &parameters).unwrap() / standard.quantity(flux, &states, &parameters).unwrap()
    };
    for (flux, expected) in [
        ("J_vShuttlen", 0.2),
        ("J_vShuttleg", 0.2),
        ("J_vMitoinn", 1.0),
        ("J_vMitoing", 1.0),
        ("J_PDHm_n", 0.6028430831681391),
    ] {
        assert!((ratio(flux) / expected - 1.0).abs() < 1e-12, "{flux}: {}", ratio(flux));
    }
    assert!((ratio("J_PYRt2m_a") / 1.1210261302822038 - 1.0).abs() < 1e-12);
}

/// The balances are those of the standard model.
#[test]
fn balances_stay() {
    let balances = |variant| {
        let model = published(variant);
        let balances = model.equations().iter().filter(|equation| equation.kind == EquationKind::Balance);
        balances.map(|balance| (balance.name.clone(), balance.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(balances(Variant::Young), balances(Variant::Standard));
    assert_eq!(balances(Variant::Aged), balances(Variant::Standard));
}

/// The layer with the most mitochondria, and neurons without a layer, have the young model at full rate.
#[test]
fn mitochondria_of_a_layer_act_in_the_young_variant() {
    use msr_coupling::Simulator;
    use msr_metabolism::{MetabolismSimulator, ModelChoice, NeuronSite, Settings};
    let neurons = [None, Some(1), Some(4)].iter().zip(0..).map(|(&layer, id)| NeuronSite { id, layer });
    let settings = Settings { model: ModelChoice::Bundled(Variant::Young), ..Settings::default() };
    let mut simulator = MetabolismSimulator::new(&neurons.collect::<Vec<_>>(), &settings, 400, 0.025).unwrap();
    let scale = simulator.model().parameter_number("mito_scale").unwrap();
    let scales = [0, 1, 2].map(|neuron| simulator.parameters_of(neuron).unwrap()[scale]);
    assert_eq!(scales, [1.0, 0.0459 / 0.0774, 1.0]);
    simulator.advance(100 * 400).unwrap();
    let atp = simulator.model().state_number("ATP_n").unwrap();
    let atp = [0, 1, 2].map(|neuron| simulator.states_of(neuron).unwrap()[atp]);
    assert_eq!(atp[0], atp[2]);
    assert!(atp[1] < atp[0], "{atp:?}");
    assert!(simulator.summary()[0].contains("young model, corrected"), "{:?}", simulator.summary());
}
