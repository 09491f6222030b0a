//! Every constant can be overridden, and what is overridden is what the equations read.

use std::collections::{BTreeMap, HashSet};

use msr_config::multiscale::Constant;
use msr_metabolism::model::{ConstantValue, Correction, Definition};
use msr_metabolism::{Corrections, MetabolismSimulator, Model, NeuronSite, Settings, SettingsError, Variant};
use rayon::prelude::*;

const NDTS: u64 = 400;
const BASE_DT_MS: f64 = 0.025;

fn build(settings: &Settings) -> Result<MetabolismSimulator, SettingsError> {
    MetabolismSimulator::new(&[NeuronSite { id: 0, layer: None }], settings, NDTS, BASE_DT_MS)
}

/// All constants of the standard model as published: group, name, value.
fn published() -> Vec<(String, String, ConstantValue)> {
    let all = Definition::standard().constants.all().to_vec();
    all.into_iter().map(|constant| (constant.group, constant.name, constant.value)).collect()
}

fn with(constants: impl IntoIterator<Item = (String, String, Constant)>) -> Settings {
    let mut groups: BTreeMap<String, BTreeMap<String, Constant>> = BTreeMap::new();
    for (group, name, value) in constants {
        groups.entry(group).or_default().insert(name, value);
    }
    Settings { constants: groups, ..Settings::default() }
}

/// Another value, exact in binary.
fn other(value: f64) -> f64 {
    if value == 0.0 { 0.5 } else { value * 1.0625 }
}

#[test]
fn all_constants_are_taken_from_the_settings() {
    let constants = published();
    // 1023 of the published groups, and the ratio of volumes that stands there as a bare number.
    assert_eq!(constants.len(), 1024);
    let settings = with(constants.iter().map(|(group, name, value)| {
        let value = match value {
            ConstantValue::Number(number) => Constant::Number(other(*number)),
            ConstantValue::Layers(numbers) => Constant::List(numbers.iter().map(|number| other(*number)).collect()),
        };
        (group.clone(), name.clone(), value)
    }));
    // So many changes at once leave no resting state, and need none.
    let simulator = build(&settings).unwrap();
    for (group, name, before) in &constants {
        let after = simulator.model().definition().constants.get(group, name).unwrap();
        let expected = match before {
            ConstantValue::Number(number) => ConstantValue::Number(other(*number)),
            ConstantValue::Layers(numbers) => ConstantValue::Layers(numbers.iter().map(|x| other(*x)).collect()),
        };
        assert_eq!(*after, expected, "{group}.{name}");
    }
}

/// Constants that carry no type in the published program, so that an override of them ended with an error.
#[test]
fn the_five_undeclared_ones_too() {
    for (group, name) in [
        ("ETC", "x_C1"),
        ("ETC", "x_buff_a"),
        ("TCA", "VmaxCSmito_n"),
        ("GeneralConstants", "OXAmito_n0"),
        ("GeneralConstants", "ADPmito_n0"),
    ] {
        let settings = with([(group.to_owned(), name.to_owned(), Constant::Number(1.25))]);
        let simulator = build(&settings).unwrap();
        let value = simulator.model().definition().constants.get(group, name).unwrap();
        assert_eq!(*value, ConstantValue::Number(1.25), "{group}.{name}");
    }
}

/// What an override of a constant changes is what the formulas with its name give, and all of these but those that
/// multiply with zero.
#[test]
fn an_override_changes_what_reads_the_constant() {
    let definition = Definition::bundled(Variant::Standard, &Corrections::all());
    let mut read = HashSet::new();
    for equation in &definition.equations {
        equation.formula.names(&mut |name| {
            read.extend(name.split_once('.').map(|(group, name)| (group.to_owned(), name.to_owned())));
        });
    }
    let before = Model::compile(definition.clone()).unwrap();
    // Away from rest, where differences of fluxes vanish.
    let shift = |(number, value): (usize, &f64)| (value + 1e-5) * (1.0 + 0.02 * (number as f64).sin());
    let states: Vec<f64> = before.initial_states().iter().enumerate().map(shift).collect();
    let parameters = before.default_parameters();
    let values = |model: &Model| -> Vec<f64> {
        let quantities = model.equations().iter();
        let quantities = quantities.filter_map(|equation| model.quantity(&equation.name, &states, &parameters));
        quantities.chain(model.derivatives(&states, &parameters)).collect()
    };
    let reference = values(&before);
    let mut silent: Vec<String> = read
        .par_iter()
        .filter_map(|(group, name)| {
            let mut changed = definition.clone();
            let ConstantValue::Number(value) = *changed.constants.get(group, name).unwrap() else { panic!("{name}") };
            changed.constants.set(group, name, ConstantValue::Number(other(value))).unwrap();
            (values(&Model::compile(changed).unwrap()) == reference).then(|| format!("{group}.{name}"))
        })
        .collect();
    silent.sort();
    // The adenylate kinase between the mitochondrial membranes is off: ETC.x_AK is 0.
    assert_eq!(silent, ["ETC.K_AK"]);
    assert!(read.len() > 550, "{} constants are read", read.len());
}

#[test]
fn wrong_names_are_refused_with_the_nearest() {
    for (group, name, _) in published() {
        if name.len() < 5 {
            continue;
        }
        let mistaken = format!("{}_", &name[..name.len() - 1]);
        let mut constants = Definition::standard().constants;
        let error = constants.set(&group, &mistaken, ConstantValue::Number(1.0)).unwrap_err().to_string();
        assert!(error.contains("did you mean '"), "{group}.{mistaken}: {error}");
        let error = constants.set(&format!("{group}s"), &name, ConstantValue::Number(1.0)).unwrap_err().to_string();
        assert!(error.contains(&format!("did you mean '{group}'")), "{error}");
    }
}

#[test]
fn constants_of_corrections_can_be_overridden_too() {
    let faster = with([("TCA".to_owned(), "kSDH_n".to_owned(), Constant::Number(1e-3))]);
    assert!(build(&faster).is_ok());
    let without = Settings { corrections: Corrections::of(&[Correction::ALL[0]]), ..faster };
    assert!(build(&without).unwrap_err().to_string().contains("has no constant 'kSDH_n'"));
}
