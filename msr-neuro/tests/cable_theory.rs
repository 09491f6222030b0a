//! Analytic solutions of the cable equation (Rall 1969, Biophys. J. 9:1483; Rall 1959, Exp. Neurol. 1:491).

use crate::cells::{builder, cylinder};
use msr_config::simulation::IntegrationMethod;
use msr_neuro::cable::CableParameters;
use msr_neuro::cell::Cell;
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment::*, Section, SectionKind::*};
use msr_neuro::stimuli::{Stimulus, Waveform};

const REST_MV: f64 = -70.0;
/// Membrane conductance, S/cm2: a resistivity of 20000 ohm cm2 and, with 1 uF/cm2, a time constant of 20 ms.
const CONDUCTANCE: f64 = 5e-5;
const TAU_MS: f64 = 20.0;
const RI_OHM_CM: f64 = 150.0;

/// Length constant of a cylinder, in um: `sqrt(d Rm / (4 Ri))`.
fn lambda_um(diameter_um: f64) -> f64 {
    (diameter_um * 1e-4 / (4.0 * CONDUCTANCE * RI_OHM_CM)).sqrt() * 1e4
}

/// Input resistance of a semi-infinite cylinder, in megohm: `2 sqrt(Rm Ri) / (pi d^(3/2))`.
fn infinite_megohm(diameter_um: f64) -> f64 {
    2.0 * (RI_OHM_CM / CONDUCTANCE).sqrt() / (std::f64::consts::PI * (diameter_um * 1e-4).powf(1.5)) * 1e-6
}

fn passive(sections: Vec<Section>, piece_um: f64, dt_ms: f64) -> Cell {
    passive_by(IntegrationMethod::Euler, sections, piece_um, dt_ms)
}

fn passive_by(method: IntegrationMethod, sections: Vec<Section>, piece_um: f64, dt_ms: f64) -> Cell {
    let registry = Registry::default();
    let cable = CableParameters { capacitance_uf_per_cm2: 1.0, axial_resistivity_ohm_cm: RI_OHM_CM };
    let mut builder = builder(&registry, sections, piece_um, cable);
    builder.integrate_by(method);
    builder.v_init_mv = REST_MV;
    builder.dt_ms = dt_ms;
    let segments = builder.discretisation().segments.len();
    builder.insert("pas", 0..segments).unwrap();
    builder.set("pas", "g", (0..segments).map(|segment| (segment, CONDUCTANCE))).unwrap();
    builder.set("pas", "e", (0..segments).map(|segment| (segment, REST_MV))).unwrap();
    builder.build().unwrap()
}

fn inject(cell: &mut Cell, segment: usize, amplitude_na: f64) {
    let node = cell.node(segment) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(0.0, 1e9, amplitude_na) });
}

#[test]
fn steady_state_of_a_finite_cable_with_sealed_ends() {
    let (length, diameter, current) = (1000.0, 2.0, 0.05);
    let mut cell = passive(vec![cylinder(Soma, None, 0.0, length, diameter)], 4.0, 0.5);
    let middle = cell.discretisation().soma_segment();
    inject(&mut cell, middle, current);
    cell.advance(2000, &mut Vec::new());
    let (lambda, half) = (lambda_um(diameter), length / 2.0);
    let at_middle = 0.5 * current * infinite_megohm(diameter) / (half / lambda).tanh();
    for (segment, geometry) in cell.discretisation().segments.iter().enumerate() {
        let exact = at_middle * ((half - geometry.distance_um) / lambda).cosh() / (half / lambda).cosh();
        let v = cell.voltage_mv(segment) - REST_MV;
        assert!((v / exact - 1.0).abs() < 1e-4, "{} um: {v} {exact}", geometry.distance_um);
    }
}

#[test]
fn a_long_cable_looks_infinite() {
    let diameter = 1.0;
    let length = 20.0 * lambda_um(diameter);
    let mut cell = passive(vec![cylinder(Soma, None, 0.0, length, diameter)], 20.0, 0.5);
    let middle = cell.discretisation().soma_segment();
    inject(&mut cell, middle, 0.01);
    cell.advance(2000, &mut Vec::new());
    let at_middle = 0.5 * 0.01 * infinite_megohm(diameter);
    for (segment, geometry) in cell.discretisation().segments.iter().enumerate().step_by(25) {
        let exact = at_middle * (-geometry.distance_um / lambda_um(diameter)).exp();
        let v = cell.voltage_mv(segment) - REST_MV;
        assert!((v - exact).abs() < 3e-4 * at_middle, "{} um: {v} {exact}", geometry.distance_um);
    }
}

/// Series of the response to a step at the end of a cable of electrotonic length `l` (Rall 1969, equation 21 ff.):
/// `V = I R / l (1 - exp(-T) + 2 sum (1 - exp(-(1 + a^2) T)) / (1 + a^2))`, `a = n pi / l`.
fn step_response(l: f64, t: f64) -> f64 {
    let terms: f64 = (1..20_000)
        .map(|n| 1.0 + (f64::from(n) * std::f64::consts::PI / l).powi(2))
        .map(|rate| 2.0 * (1.0 - (-rate * t).exp()) / rate)
        .sum();
    (1.0 - (-t).exp() + terms) / l
}

#[test]
fn time_course_of_a_step_at_the_middle() {
    let (length, diameter, current, dt_ms) = (1000.0, 2.0, 0.05, 0.005);
    let mut cell = passive(vec![cylinder(Soma, None, 0.0, length, diameter)], 4.0, dt_ms);
    let middle = cell.discretisation().soma_segment();
    inject(&mut cell, middle, current);
    let half = 0.5 * length / lambda_um(diameter);
    for time_ms in [1.0, 2.0, 5.0, 10.0, 20.0, 40.0] {
        cell.advance((time_ms / dt_ms) as u64, &mut Vec::new());
        let exact = 0.5 * current * infinite_megohm(diameter) * step_response(half, time_ms / TAU_MS);
        let v = cell.voltage_mv(middle) - REST_MV;
        // First order in time: the error falls with dt.
        assert!((v / exact - 1.0).abs() < 2e-3, "{time_ms} ms: {v} {exact}");
    }
}

#[test]
fn a_tree_of_the_three_halves_power_is_one_cylinder() {
    let (diameter, daughter) = (4.0, 4.0 / 2.0_f64.powf(2.0 / 3.0));
    let trunk = 0.4 * lambda_um(diameter);
    let sections = vec![
        cylinder(Soma, None, 0.0, trunk, diameter),
        cylinder(Dend, Some((0, End)), trunk, 0.5 * lambda_um(daughter), daughter),
        cylinder(Dend, Some((0, End)), trunk, 0.5 * lambda_um(daughter), daughter),
    ];
    let mut cell = passive(sections, 4.0, 0.5);
    inject(&mut cell, 0, 0.1);
    cell.advance(2000, &mut Vec::new());
    let last = cell.discretisation().segments.len() - 1;
    let branch = cell.discretisation().sections[1].segments.end - 1;
    assert!((cell.voltage_mv(last) - cell.voltage_mv(branch)).abs() < 1e-9);
    // V(tip) / V(0) of a cylinder of electrotonic length 0.9, tips taken at the middle of their segments.
    let ratio = (cell.voltage_mv(last) - REST_MV) / (cell.voltage_mv(0) - REST_MV);
    assert!((ratio * 0.9_f64.cosh() - 1.0).abs() < 3e-3, "{ratio}");
}

#[test]
fn an_isolated_cell_discharges_with_its_time_constant() {
    let dt_ms = 0.001;
    let mut cell = passive(vec![cylinder(Soma, None, 0.0, 20.0, 20.0)], 40.0, dt_ms);
    cell.initialise(REST_MV + 10.0);
    cell.advance((TAU_MS / dt_ms) as u64, &mut Vec::new());
    let v = cell.voltage_mv(0) - REST_MV;
    assert!((v / (10.0 * (-1.0_f64).exp()) - 1.0).abs() < 1e-4, "{v}");
}

#[test]
fn crank_nicolson_is_of_second_order() {
    // A compartment charged by a step of current: I R (1 - exp(-t / tau)).
    let error = |method, dt_ms: f64| {
        let mut cell = passive_by(method, vec![cylinder(Soma, None, 0.0, 20.0, 20.0)], 40.0, dt_ms);
        inject(&mut cell, 0, 0.01);
        cell.advance((10.0 / dt_ms).round() as u64, &mut Vec::new());
        let area_cm2 = std::f64::consts::PI * 20.0 * 20.0 * 1e-8;
        let exact = 0.01 * 1e-6 / (CONDUCTANCE * area_cm2) * (1.0 - (-10.0 / TAU_MS).exp());
        (cell.voltage_mv(0) - REST_MV - exact).abs()
    };
    for (method, expected) in [(IntegrationMethod::Euler, 2.0), (IntegrationMethod::CrankNicolson, 4.0)] {
        let ratio = error(method, 1.0) / error(method, 0.5);
        assert!((ratio / expected - 1.0).abs() < 0.03, "{method:?}: {ratio}");
    }
}
