//! Sums that the reactions leave as they are.

use msr_config::multiscale::StateKey;
use msr_coupling::{Query, Simulator};
use msr_metabolism::model::Definition;
use msr_metabolism::{Corrections, MetabolismSimulator, Model, NeuronSite, Settings, Variant};
use proptest::prelude::*;

/// The moieties that are conserved without being written as an algebraic complement.
const INVARIANTS: [&[&str]; 7] = [
    &["ATPmito_n", "ADPmito_n"],
    &["ATPmito_a", "ADPmito_a"],
    &["mg2_m_n", "ATP_mx_n", "ADP_mx_n"],
    &["Mg_x_a", "ATP_mx_a", "ADP_mx_a"],
    &["SUCCOAmito_n", "CoAmito_n", "AcCoAmito_n", "AcAcCoA_n"],
    &["SUCCOAmito_a", "CoAmito_a", "AcCoAmito_a"],
    &["GPa_a", "GPb_a"],
];

fn sum(model: &Model, values: &[f64], names: &[&str]) -> f64 {
    names.iter().map(|name| values[model.state_number(name).unwrap()]).sum()
}

fn corrections(corrected: bool) -> Corrections {
    if corrected { Corrections::all() } else { Corrections::none() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]
    #[test]
    fn derivatives_conserve_moieties(corrected in any::<bool>(), factors in prop::collection::vec(0.8f64..1.2, 181), flow in 1e-4f64..0.02) {
        let model = Model::compile(Definition::bundled(Variant::Standard, &corrections(corrected))).unwrap();
        let mut states: Vec<f64> = model.initial_states().iter().zip(&factors).map(|(u, factor)| u * factor).collect();
        // ATP above the pool of adenine nucleotides has no meaning.
        for name in ["ATP_n", "ATP_a"] {
            let state = model.state_number(name).unwrap();
            states[state] = states[state].min(model.initial_states()[state]);
        }
        let mut parameters = model.default_parameters();
        parameters[3] = flow;
        let derivatives = model.derivatives(&states, &parameters);
        for names in INVARIANTS {
            let gross: f64 = names.iter().map(|name| derivatives[model.state_number(name).unwrap()].abs()).sum();
            // AcAcCoA + CoA -> 2 AcCoA is counted once for AcAcCoA and CoA at weight 1/2 and once for AcCoA at weight 1.
            prop_assert!(sum(&model, &derivatives, names).abs() <= 1e-10 * gross, "{names:?}");
        }
    }
}

/// 60 s at resting blood flow, in windows of 10 ms, with the neuron's ATP lowered before each.
#[test]
fn a_run_conserves_moieties() {
    for corrected in [false, true] {
        run_conserves_moieties(corrected);
    }
}

fn run_conserves_moieties(corrected: bool) {
    let site = NeuronSite { id: 0, layer: None };
    let flow = StateKey::Name("notBigg_FinDyn_W2017".to_owned());
    let corrections = corrections(corrected);
    let settings = Settings { parameters: vec![(flow, 0.012)], corrections, ..Settings::default() };
    let mut simulator = MetabolismSimulator::new(&[site], &settings, 400, 0.025).unwrap();
    let atp = simulator.model().state_number("ATP_n").unwrap();
    let before = simulator.states_of(0).unwrap().to_vec();
    for window in 1..=6000 {
        let used = simulator.states_of(0).unwrap()[atp] - 0.0005;
        simulator.set_var(&Query::new("set_vm_idxs").with("idxs", "ATP_n"), &[used]).unwrap();
        simulator.advance(400 * window).unwrap();
    }
    let after = simulator.states_of(0).unwrap();
    for names in INVARIANTS {
        let (first, last) = (sum(simulator.model(), &before, names), sum(simulator.model(), after, names));
        println!("{names:?}: {:.1e}", ((first - last) / first).abs());
        assert!(((first - last) / first).abs() < 1e-12, "{names:?}: {first} {last}");
    }
}
