//! Models in files: read, refused, simulated.

use std::fs;
use std::path::Path;

use msr_coupling::{Query, Simulator};
use msr_metabolism::model::{Definition, ModelError};
use msr_metabolism::{Corrections, MetabolismSimulator, ModelChoice, NeuronSite, Settings};
use proptest::prelude::*;

/// The example of the documentation.
const TWO_STATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/two_states.eqn");
const SITE: NeuronSite = NeuronSite { id: 7, layer: None };

fn read(path: &Path) -> Result<Definition, ModelError> {
    Definition::read(path, &Corrections::all())
}

fn message(text: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.eqn");
    fs::write(&file, text).unwrap();
    let settings = Settings { model: ModelChoice::Files(file), ..Settings::default() };
    MetabolismSimulator::new(&[SITE], &settings, 400, 0.025).unwrap_err().to_string()
}

/// With what it uses and what it makes balanced, ATP stands still; without fuel it decays as an exponential.
#[test]
fn two_states() {
    let settings = Settings { model: ModelChoice::Files(TWO_STATES.into()), ..Settings::default() };
    let mut simulator = MetabolismSimulator::new(&[SITE], &settings, 400, 0.025).unwrap();
    let get = |simulator: &MetabolismSimulator, name: &str| {
        let mut values = Vec::new();
        simulator.get_var(&Query::new("get_vm_idx").with("idx", name), &mut values).unwrap();
        values[0]
    };
    simulator.set_var(&Query::new("set_vm_idxs").with("idxs", "fuel"), &[0.0]).unwrap();
    simulator.set_var(&Query::new("set_parameters_idxs").with("idxs", "inflow"), &[0.0]).unwrap();
    let start = get(&simulator, "ATP");
    simulator.advance(400 * 100).unwrap();
    // ATP decays at Use.rate = 0.05 1/s.
    let expected = start * (-0.05f64).exp();
    assert!((get(&simulator, "ATP") / expected - 1.0).abs() < 1e-4, "{} {expected}", get(&simulator, "ATP"));
    let names: Vec<&str> = simulator.variables().iter().map(|variable| variable.name.as_str()).collect();
    assert_eq!(names, ["fuel", "ATP", "inflow", "alive_gids"]);
    let fuel = &simulator.variables()[0];
    assert_eq!((fuel.unit.to_string().as_str(), fuel.description.as_str()), ("mM", "what ATP is made of"));
    assert!(simulator.summary()[0].contains("two_states.eqn"), "{:?}", simulator.summary());
}

#[test]
fn a_bundled_model_changed() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("slow.eqn");
    fs::write(
        &file,
        "base standard\n\n# half of the hexokinase\nflux J_HEX1_n *= 0.5\nset ATP_n = 1.3\nset Glycolysis.KmHK_n = 0.06\n\
         constant Own.leak = 1e-4 mM/s\nd Lac_n/dt += -Own.leak\n",
    )
    .unwrap();
    let (own, bundled) = (read(&file).unwrap(), Definition::bundled(Default::default(), &Corrections::all()));
    let equation = |definition: &Definition, name: &str| {
        definition.equations.iter().find(|equation| equation.name == name).unwrap().clone()
    };
    let (changed, before) = (equation(&own, "J_HEX1_n"), equation(&bundled, "J_HEX1_n"));
    assert_eq!(changed.text, format!("(0.5)*({})", before.text));
    assert_eq!(changed.description, before.description);
    assert_eq!((changed.place.line, changed.place.file.as_str()), (4, file.to_str().unwrap()));
    assert_eq!(own.equations.len(), bundled.equations.len());
    // With `published`, it is the published model that is changed.
    let published = Definition::read(&file, &Corrections::none()).unwrap();
    assert_eq!(published.constants.all().len(), Definition::standard().constants.all().len() + 1);
    let settings = Settings { model: ModelChoice::Files(file), ..Settings::default() };
    MetabolismSimulator::new(&[SITE], &settings, 400, 0.025).unwrap().advance(4000).unwrap();
}

#[test]
fn a_folder_is_read_as_the_bundled_one() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/model/standard"));
    let (mut found, standard) = (read(folder).unwrap(), Definition::standard());
    assert_eq!((&found.states, &found.parameters), (&standard.states, &standard.parameters));
    assert_eq!(found.constants, standard.constants);
    let mut expected = standard.equations.clone();
    for equations in [&mut found.equations, &mut expected] {
        equations.sort_by_key(|equation| (equation.kind as u8, equation.name.clone()));
        for equation in equations {
            equation.place.file = String::new();
        }
    }
    assert_eq!(found.equations, expected);
}

#[test]
fn mistakes_name_file_line_and_what_is_near() {
    let state = "state s = 1 mM\n";
    for (text, expected) in [
        ("state s = 1 mM\nflux J = 2*s\nd s/dt = -K\n", "own.eqn, line 3: formula of 's': unknown name 'K'"),
        ("state s = 1 mM\nd s/dt = -(s\n", "own.eqn, line 2: formula of 's': expected"),
        ("state s = 1 mM\nstate s = 2 mM\nd s/dt = -s\n", "own.eqn, line 2: 's' is declared twice"),
        ("state s = 1 mM\nd s/dt = -s\nd s/dt = s\n", "own.eqn, line 3: 's' is declared twice"),
        ("state s = 1 mM\nd r/dt = -s\n", "own.eqn, line 2: balance of unknown state 'r'"),
        ("state s = 1 mM\nd s/dt = -Own.k*s\n", "own.eqn, line 2: unknown group of constants 'Own'"),
        ("state s = 1 mM\nlet a = b\nlet b = a\nd s/dt = a\n", "own.eqn, line 2: 'a' is defined through itself"),
        ("state s = 1 mM\nrate s = 2\n", "own.eqn, line 2: expected one of"),
        (
            "base standart\n",
            "own.eqn, line 1: there is no bundled model 'standart' to begin with (did you mean 'standard'?)",
        ),
        (
            "base standard\nflux J_HEX_n *= 2\n",
            "own.eqn, line 2: there is no 'J_HEX_n' to change (did you mean 'J_HEX1_n'?)",
        ),
        ("base standard\nset ATPn = 2\n", "own.eqn, line 2: there is no 'ATPn' to change (did you mean 'ATP_n'?)"),
        (
            "base standard\nset ATDMP.qAk = 2\n",
            "own.eqn, line 2: the group ATDMP has no constant 'qAk' (did you mean 'qAK'?)",
        ),
        ("base standard\nflux J_HEX1_n = 2\n", "own.eqn, line 2: 'J_HEX1_n' is declared twice"),
        ("base standard\nlimit ATP_n = ATDMP.pool\n", "own.eqn, line 2: the group ATDMP has no constant 'pool'"),
        ("state s = 1 mM\nbase standard\n", "own.eqn, line 2: 'base' must be the first statement"),
    ] {
        let found = message(text);
        assert!(found.contains(expected), "{text}\n{found}");
    }
    assert!(message(state).contains("no balance"));
    let balance = "d s/dt = -s\n";
    for (line, expected) in [
        ("parameter k = 1 parsec/s", "own.eqn, line 3: unit of 'k'"),
        ("parameter k = inf", "own.eqn, line 3: k has the value inf; give a finite number"),
        ("constant G.k = 1;nan", "own.eqn, line 3: G.k has the value NaN"),
        ("state x = nan", "own.eqn, line 3: x has the value NaN"),
        ("set s = inf", "own.eqn, line 3: s has the value inf"),
    ] {
        let found = message(&format!("{state}{balance}{line}\n"));
        assert!(found.contains(expected), "{line}\n{found}");
    }
    // Concentrations in any unit.
    let found = message("state s = -1 uM\nd s/dt = -s\n");
    assert!(found.contains("a concentration cannot be negative, but s starts at -1 uM"), "{found}");
    let directory = tempfile::tempdir().unwrap();
    let error = read(directory.path()).unwrap_err();
    assert!(matches!(error, ModelError::NoEquationFile { .. }), "{error}");
    assert!(matches!(read(&directory.path().join("none.eqn")), Err(ModelError::Unreadable { .. })));
}

/// A model with the parameter for mitochondria by layer, but nothing to take it from.
#[test]
fn layers_without_fractions_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.eqn");
    fs::write(&file, "state s = 1 mM\nparameter mito_scale = 1\nd s/dt = -mito_scale*s\n").unwrap();
    let settings = Settings { model: ModelChoice::Files(file), ..Settings::default() };
    let site = NeuronSite { id: 7, layer: Some(2) };
    let error = MetabolismSimulator::new(&[site], &settings, 400, 0.025).unwrap_err().to_string();
    assert!(error.contains("neuron 7 is in layer 2, but the model has no list GeneralConstants"), "{error}");
    assert!(MetabolismSimulator::new(&[SITE], &settings, 400, 0.025).is_ok());
}

proptest! {
    /// What is declared is what is found, and changes of equations are those of arithmetic.
    #[test]
    fn changes_are_arithmetic(value in 0.1f64..10.0, factor in -3.0f64..3.0, added in -3.0f64..3.0) {
        let text = format!(
            "state s = {value:?} mM\nparameter p = {added:?} mM/s\nflux J = 2*s\nflux J *= {factor:?}\nd s/dt = J\nd s/dt += p\n"
        );
        let mut definition = Definition::default();
        definition.amend("own.eqn", &text).unwrap();
        let model = msr_metabolism::Model::compile(definition).unwrap();
        let rate = model.derivatives(&model.initial_states(), &model.default_parameters())[0];
        let expected = factor * (2.0 * value) + added;
        prop_assert!((rate - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{rate} {expected}");
    }
}
