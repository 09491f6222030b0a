//! What is corrected of the published model: each correction alone, against what it is to do.

use msr_metabolism::model::{ConstantValue, Correction, Definition, EquationKind};
use msr_metabolism::{Corrections, Model, Variant};

/// Faraday's constant over gas constant and 310 K, 1/mV (CODATA 2018).
const F_OVER_RT: f64 = 96_485.332 / (8.314_463 * 310.0) * 1e-3;
/// Blood flow at rest, 1/s.
const RESTING_FLOW: f64 = 0.012;

/// A model with values to read it at.
struct At {
    model: Model,
    states: Vec<f64>,
    parameters: Vec<f64>,
}

impl At {
    /// The model with one correction, at the published initial state with resting blood flow.
    fn corrected(name: &str) -> Self {
        let correction = Correction::named(name).unwrap();
        Self::of(Definition::bundled(Variant::Standard, &Corrections::of(&[correction])))
    }

    fn published() -> Self {
        Self::of(Definition::standard())
    }

    fn of(definition: Definition) -> Self {
        let model = Model::compile(definition).unwrap();
        let (states, mut parameters) = (model.initial_states(), model.default_parameters());
        parameters[model.parameter_number("notBigg_FinDyn_W2017").unwrap()] = RESTING_FLOW;
        Self { model, states, parameters }
    }

    fn set(&mut self, state: &str, value: f64) {
        let number = self.model.state_number(state).unwrap();
        self.states[number] = value;
    }

    fn state(&self, state: &str) -> f64 {
        self.states[self.model.state_number(state).unwrap()]
    }

    fn rate(&self, state: &str) -> f64 {
        self.model.derivatives(&self.states, &self.parameters)[self.model.state_number(state).unwrap()]
    }

    fn flux(&self, name: &str) -> f64 {
        self.model.quantity(name, &self.states, &self.parameters).unwrap()
    }

    /// How the rates of these states change when a constant becomes 1 % greater.
    fn response(&self, group: &str, constant: &str, states: &[&str]) -> Vec<f64> {
        let mut definition = self.model.definition().clone();
        let ConstantValue::Number(value) = *definition.constants.get(group, constant).unwrap() else { panic!() };
        definition.constants.set(group, constant, ConstantValue::Number(1.01 * value)).unwrap();
        let changed = Self {
            model: Model::compile(definition).unwrap(),
            states: self.states.clone(),
            parameters: self.parameters.clone(),
        };
        states.iter().map(|state| changed.rate(state) - self.rate(state)).collect()
    }
}

fn close(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
}

/// A reaction changes each of its partners by the same amount, times a weight.
fn stoichiometry(at: &At, group: &str, rate: &str, partners: &[(&str, f64)]) {
    let names: Vec<&str> = partners.iter().map(|partner| partner.0).collect();
    let changes = at.response(group, rate, &names);
    let extent = changes[0] / partners[0].1;
    assert!(extent != 0.0, "{rate} does something");
    for ((name, weight), change) in partners.iter().zip(&changes) {
        assert!((change / (weight * extent) - 1.0).abs() < 1e-6, "{rate}: {name} by {change}, not {weight} x {extent}");
    }
}

#[test]
fn each_can_be_made_alone_and_changes_something() {
    let published = Definition::standard();
    for correction in Correction::ALL {
        let definition = Definition::bundled(Variant::Standard, &Corrections::of(&[correction]));
        assert_ne!(definition, published, "{}", correction.name);
        Model::compile(definition).unwrap_or_else(|error| panic!("{}: {error}", correction.name));
        assert!(correction.text.starts_with("# "), "{} says why", correction.name);
    }
    assert_eq!(Definition::bundled(Variant::Standard, &Corrections::none()), published);
}

#[test]
fn all_are_in_the_documentation() {
    let chapter = include_str!("../../docs/src/metabolism.md");
    for correction in Correction::ALL {
        assert!(chapter.contains(&format!("`{}`", correction.name)), "{}", correction.name);
    }
}

/// The published surplus of ATP at rest is 0.02375 mM/s; with the pump that used it 0.4 % of that are left.
#[test]
fn neuronal_pump() {
    close(At::published().rate("ATP_n"), 0.02375, 1e-3);
    let mut corrected = At::corrected("neuronal_pump");
    assert!(corrected.rate("ATP_n").abs() < 0.005 * 0.02375, "{}", corrected.rate("ATP_n"));
    let at_rest = corrected.flux("J_NaKpump_n");
    corrected.set("Na_n", 2.0 * corrected.state("Na_n"));
    close(corrected.flux("J_NaKpump_n"), 2.0 * at_rest, 1e-12);
    corrected.set("ATP_n", 1e-6);
    assert!(corrected.flux("J_NaKpump_n") < 1e-5 * at_rest, "no ATP, no pump");
}

/// At the published default of 1e-4 /s the capillary loses 5.3 mM oxygen a second.
#[test]
fn resting_blood_flow() {
    let at_defaults = |mut at: At| {
        at.parameters = at.model.default_parameters();
        at.rate("O2cap")
    };
    close(at_defaults(At::published()), -5.343, 1e-3);
    assert!(at_defaults(At::corrected("resting_blood_flow")).abs() < 1e-2);
}

#[test]
fn succinate_dehydrogenase() {
    for cell in ["n", "a"] {
        let of = |name: &str| format!("{name}_{cell}");
        let mut at = At::corrected("succinate_dehydrogenase");
        close(at.flux(&of("J_r0509")), At::published().flux(&of("J_r0509")), 1e-12);
        // At the concentrations at which the two couples have the same potential, nothing flows.
        let (succinate, quinol) = (at.state(&of("SUCmito")), at.state(&of("QH2mito")));
        let quinone = 1.35 - quinol;
        let quinone_mv = 60.0 + 0.5 / F_OVER_RT * (quinone / quinol).ln();
        let fumarate = succinate * (2.0 * F_OVER_RT * (quinone_mv - 30.0)).exp();
        at.set(&of("FUMmito"), fumarate);
        let flow = at.flux(&of("J_r0509"));
        at.set(&of("FUMmito"), 0.0);
        let forward = at.flux(&of("J_r0509"));
        assert!(forward > 0.0 && flow.abs() < 2e-3 * forward, "{flow} {forward}");
        // Without a substrate, its concentration does not fall.
        assert!(at.rate(&of("FUMmito")) >= 0.0);
        at.set(&of("FUMmito"), fumarate);
        at.set(&of("SUCmito"), 0.0);
        assert!(at.flux(&of("J_r0509")) < 0.0);
        // The published one takes what is not there.
        let mut published = At::published();
        published.set(&of("SUCmito"), 0.0);
        assert!(published.flux(&of("J_r0509")) > 0.0);
    }
}

/// The carrier stands still where the gradients balance the potential.
#[test]
fn aspartate_glutamate_carrier() {
    let mut at = At::corrected("aspartate_glutamate_carrier");
    let (forward_only, cytosolic_proton_mm) = (At::published().flux("J_ASPGLUm_n"), 3.981071705534969e-05);
    close(at.flux("J_ASPGLUm_n"), forward_only, 5e-3);
    let back = at.state("asp_L_c_n") * at.state("glu_L_m_n") * at.state("h_m_n") / cytosolic_proton_mm;
    let forth = at.state("asp_L_m_n") * at.state("glu_L_c_n");
    let balance_mv = (back / forth).ln() / F_OVER_RT;
    at.set("MitoMembrPotent_n", balance_mv);
    assert!(at.flux("J_ASPGLUm_n").abs() < 1e-3 * forward_only, "{}", at.flux("J_ASPGLUm_n"));
    at.set("MitoMembrPotent_n", balance_mv - 20.0);
    assert!(at.flux("J_ASPGLUm_n") < 0.0);
}

#[test]
fn malate_ketoglutarate_carrier() {
    let carrier =
        |at: &At, weight| stoichiometry(at, "MAS", "Vmaxmakgc_n", &[("MALmito_n", 1.0), ("AKGmito_n", weight)]);
    carrier(&At::corrected("malate_ketoglutarate_carrier"), -1.0);
    carrier(&At::published(), -1.0 / 6.96);
}

#[test]
fn glutamate_stoichiometry() {
    let at = At::corrected("glutamate_stoichiometry");
    let transamination = [("OXAmito_n", 1.0), ("AKGmito_n", -1.0), ("glu_L_m_n", 1.0)];
    stoichiometry(&at, "MAS", "VfAAT_n", &transamination);
    // Volumes: the cytosol has 6.96 times that of the matrix.
    stoichiometry(&at, "MAS", "Vmaxagc_n", &[("glu_L_c_n", -1.0), ("glu_L_m_n", 6.96)]);
    close(at.rate("glu_L_m_n") * 0.5 * 0.2783450473253539, At::published().rate("glu_L_m_n"), 1e-9);
}

#[test]
fn astrocyte_pyruvate_stoichiometry() {
    let at = At::corrected("astrocyte_pyruvate_stoichiometry");
    stoichiometry(&at, "TCA", "VmaxPDHCmito_a", &[("PYRmito_a", -1.0), ("CoAmito_a", -1.0), ("AcCoAmito_a", 1.0)]);
    stoichiometry(&at, "PyrCarb", "VmPYRCARB_a", &[("PYRmito_a", -1.0), ("OXAmito_a", 1.0)]);
    let synthase = [("AcCoAmito_a", -1.0), ("OXAmito_a", -1.0), ("CITmito_a", 1.0), ("CoAmito_a", 1.0)];
    stoichiometry(&at, "TCA", "VmaxCSmito_a", &synthase);
    stoichiometry(&at, "TCA", "VmaxAco_a", &[("CITmito_a", -1.0), ("ISOCITmito_a", 1.0)]);
    stoichiometry(&at, "TCA", "VmaxIDH_a", &[("ISOCITmito_a", -1.0), ("AKGmito_a", 1.0)]);
    stoichiometry(&at, "TCA", "VmaxKGDH_a", &[("AKGmito_a", -1.0), ("CoAmito_a", -1.0), ("SUCCOAmito_a", 1.0)]);
    stoichiometry(&at, "TCA", "VmaxSuccoaATPscs_a", &[("SUCCOAmito_a", -1.0), ("SUCmito_a", 1.0), ("CoAmito_a", 1.0)]);
    stoichiometry(&at, "ETC", "x_DH_a", &[("SUCmito_a", -1.0), ("FUMmito_a", 1.0)]);
    stoichiometry(&at, "TCA", "Vmaxfum_a", &[("FUMmito_a", -1.0), ("MALmito_a", 1.0)]);
    stoichiometry(&at, "TCA", "VmaxMDHmito_a", &[("MALmito_a", -1.0), ("OXAmito_a", 1.0)]);
    // The published cycle has half the weight, and with it the same steady state.
    let published = At::published();
    for state in ["CITmito_a", "AKGmito_a", "SUCmito_a", "FUMmito_a", "OXAmito_a"] {
        close(at.rate(state), 2.0 * published.rate(state), 1e-6);
    }
    let halved = [("PYRmito_a", -2.0), ("CoAmito_a", -1.0), ("AcCoAmito_a", 1.0)];
    stoichiometry(&published, "TCA", "VmaxPDHCmito_a", &halved);
}

#[test]
fn glycogen_stoichiometry() {
    let phosphorylase =
        |at: &At, weight| stoichiometry(at, "Glycogen", "VmaxGP_a", &[("GLY_a", -1.0), ("G1P_a", weight)]);
    phosphorylase(&At::corrected("glycogen_stoichiometry"), 1.0);
    phosphorylase(&At::published(), 10.0);
}

#[test]
fn glutamine_synthetase() {
    let (mut corrected, mut published) = (At::corrected("glutamine_synthetase"), At::published());
    close(corrected.flux("J_GLNS_a"), published.flux("J_GLNS_a"), 1e-12);
    let at_rest = corrected.flux("J_GLNS_a");
    for at in [&mut corrected, &mut published] {
        at.set("ATP_a", 0.1);
    }
    assert!(corrected.flux("J_GLNS_a") < at_rest, "less ATP, less glutamine");
    assert!(published.flux("J_GLNS_a") > at_rest);
}

/// The pool is where the adenylate kinase equilibrium leaves no ADP.
#[test]
fn adenine_nucleotide_pool() {
    for (state, adp) in [("ATP_n", "ADP_c_n"), ("ATP_a", "ADP_c_a")] {
        let mut at = At::corrected("adenine_nucleotide_pool");
        let definition = at.model.definition();
        let limit = definition.states[at.model.state_number(state).unwrap()].limit.clone().unwrap();
        let (group, name) = limit.split_once('.').unwrap();
        let ConstantValue::Number(pool) = *definition.constants.get(group, name).unwrap() else { panic!() };
        at.set(state, pool);
        assert!(at.flux(adp).abs() < 1e-12);
        at.set(state, 1.01 * pool);
        assert!(at.flux(adp) < 0.0);
    }
}

/// No flux of the published model is lost by the corrections, and only the neuron's pump is new.
#[test]
fn the_fluxes_stay() {
    let fluxes = |definition: Definition| -> Vec<String> {
        let fluxes = definition.equations.into_iter().filter(|equation| equation.kind == EquationKind::Flux);
        fluxes.map(|equation| equation.name).collect()
    };
    let mut expected = fluxes(Definition::standard());
    expected.push("J_NaKpump_n".to_owned());
    assert_eq!(fluxes(Definition::bundled(Variant::Standard, &Corrections::all())), expected);
}
