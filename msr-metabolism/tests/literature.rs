//! The resting state against measurements, as the documentation's table tells it (docs/src/metabolism.md).

use msr_metabolism::model::Definition;
use msr_metabolism::{Corrections, Model, Variant};

/// Volume fractions of tissue: constants eto_n, eto_a, eto_ecs of the model.
const NEURON: f64 = 0.45;
const ASTROCYTE: f64 = 0.25;
const EXTRACELLULAR: f64 = 0.2;
/// Volume of cytosol by that of mitochondria.
const CYTOSOL_BY_MITOCHONDRIA: f64 = 6.96;
/// Oxygen in water at 37 degrees, mM per mmHg (Henry's law).
const OXYGEN_MM_PER_MMHG: f64 = 1.39e-3;
/// Volume of a millimole of gas, ml.
const ML_PER_MMOL: f64 = 22.4;

struct Rest {
    model: Model,
    states: Vec<f64>,
    parameters: Vec<f64>,
}

impl Rest {
    fn new() -> Self {
        let model = Model::compile(Definition::bundled(Variant::Standard, &Corrections::all())).unwrap();
        let (states, parameters) = (model.initial_states(), model.default_parameters());
        Self { model, states, parameters }
    }

    fn of(&self, name: &str) -> f64 {
        self.model.state_number(name).map_or_else(
            || self.model.quantity(name, &self.states, &self.parameters).unwrap(),
            |number| self.states[number],
        )
    }
}

#[track_caller]
fn within(name: &str, value: f64, range: std::ops::RangeInclusive<f64>) {
    println!("{name}: {value:.4} in {range:?}");
    assert!(range.contains(&value), "{name}: {value} is not in {range:?}");
}

#[test]
fn what_lies_in_the_measured_range() {
    let rest = Rest::new();
    let of = |name: &str| rest.of(name);
    // 1.4 mM in presynaptic terminals (Rangaraju et al. 2014), 2.9 mM in the tissue (Buchli et al. 1994); the lower bound
    // is 5 % below, which is less than what either tells apart.
    within("ATP, neuron (mM)", of("ATP_n"), 1.33..=2.9);
    // "close to 1:1 in gray matter" (Gruetter et al. 1998).
    for cell in ["n", "a"] {
        let (group, total) =
            (rest.model.definition().constants.get("Creatine", "Crtot").unwrap(), of(&format!("PCr_{cell}")));
        let msr_metabolism::model::ConstantValue::Number(pool) = *group else { panic!() };
        within("phosphocreatine by creatine", total / (pool - total), 0.8..=1.2);
    }
    // 0.5 to 1 mM in resting blood (Boumezbeur et al. 2010).
    within("lactate, blood (mM)", of("Lac_b"), 0.5..=1.0);
    // A third to a fourth of 3.5 umol/g (Oz et al. 2007).
    let glucose = (NEURON * of("Glc_n") + ASTROCYTE * of("Glc_a") + EXTRACELLULAR * of("Glc_ecsAN"))
        / (NEURON + ASTROCYTE + EXTRACELLULAR);
    within("glucose, tissue (mM)", glucose, 3.5 / 4.0..=3.5 / 3.0);
    // 3.3 +- 0.8 umol/g (Choi & Gruetter 2003) to 5.8 +- 0.7 umol/g (Morgenthaler et al. 2008), rat.
    within("glycogen, tissue (mM)", ASTROCYTE * of("GLY_a"), 2.5..=6.5);
    // 23.3 +- 1.1 (s.e.m. of 81 capillaries) mmHg in the awake mouse (Lyons et al. 2016): one standard deviation.
    for cell in ["O2_n", "O2_a"] {
        within("oxygen (mmHg)", of(cell) / OXYGEN_MM_PER_MMHG, 23.3 - 9.9..=23.3 + 9.9);
    }
    // 0.08 mM (mouse) to 0.19 mM (rat) by microdialysis (Hladky & Barrand 2018, table 3).
    within("glutamine, extracellular (mM)", of("GLN_out"), 0.08..=0.193);
    // 3.3 +- 0.5 ml/100 ml/min (Ito et al. 2004): two standard deviations.
    let oxygen_mm_s = NEURON * of("J_JO2fromCap2n") + ASTROCYTE * of("J_JO2fromCap2a");
    within("CMRO2 (ml/100 ml/min)", oxygen_mm_s * 60.0 * ML_PER_MMOL * 0.1, 2.3..=4.3);
}

/// What does not, by how much: the documentation says so.
#[test]
fn what_lies_outside() {
    let rest = Rest::new();
    let of = |name: &str| rest.of(name);
    // 3.4 mM in the tissue (Buchli et al. 1994).
    within("phosphocreatine by the measured", of("PCr_n") / 3.4, 1.4..=1.6);
    // 0.33 +- 0.04 umol/cm3/min in grey matter (Huisman et al. 2012).
    let glucose_mm_s = NEURON * of("J_HEX1_n") + ASTROCYTE * of("J_HEX1_a");
    within("CMRglc by the measured", glucose_mm_s * 60.0 / 0.33, 0.35..=0.45);
    // NAD+/NADH 5.3 +- 0.6 to 7.5 +- 1.8 in human brain (Ren, Malloy & Sherry 2020).
    let mut pools = [0.0; 2];
    for (cell, volume) in [("n", NEURON), ("a", ASTROCYTE)] {
        let share = |cytosol: f64, matrix: f64| volume * (CYTOSOL_BY_MITOCHONDRIA * cytosol + matrix);
        pools[0] += share(of(&format!("NAD_c_{cell}")), 1000.0 * of(&format!("NAD_mx_{cell}")));
        pools[1] += share(of(&format!("NADH_{cell}")), of(&format!("NADHmito_{cell}")));
    }
    within("NAD by NADH, by the measured", pools[0] / pools[1] / 5.3, 0.45..=0.65);
}
