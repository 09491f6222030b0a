//! Conservation of charge, ions and ATP, and the balance at rest.

use crate::cells::{builder, cylinder};
use msr_neuro::cable::CableParameters;
use msr_neuro::diffusion::Diffusivities;
use msr_neuro::ions::InitialConcentrations;
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment::*, Section, SectionKind::*};
use msr_neuro::stimuli::{Stimulus, Waveform};

const FARADAY: f64 = 96_485.332_12;

fn tree() -> Vec<Section> {
    vec![
        cylinder(Soma, None, 0.0, 15.0, 15.0),
        cylinder(Dend, Some((0, Middle)), 7.5, 150.0, 2.0),
        cylinder(Dend, Some((1, End)), 157.5, 90.0, 1.2),
        cylinder(Dend, Some((1, End)), 157.5, 60.0, 0.8),
    ]
}

#[test]
fn injected_charge_stays_on_a_membrane_without_channels() {
    let registry = Registry::default();
    let mut cell = builder(&registry, tree(), 40.0, CableParameters::default()).build().unwrap();
    let node = cell.node(8) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(1.0, 2.0, 0.4) });
    cell.advance(4000, &mut Vec::new());
    // 1 uF/cm2 is 1e-5 nF/um2; 0.4 nA for 2 ms are 0.8 pC = 0.8 nF mV.
    let charge: f64 = cell
        .discretisation()
        .segments
        .iter()
        .enumerate()
        .map(|(index, segment)| 1e-5 * segment.area_um2 * (cell.voltage_mv(index) + 80.0))
        .sum();
    assert!((charge - 0.8).abs() < 1e-11, "{charge}");
}

#[test]
fn nernst_potentials_at_body_temperature() {
    let registry = Registry::default();
    let cell = builder(&registry, tree(), 40.0, CableParameters::default()).build().unwrap();
    let membrane = &cell.state().membrane;
    // 26.4682 mV at 34 C times the logarithms of 14, 5/140, and half of it times that of 3e4, by hand.
    assert!((membrane.ena[0] - 69.851).abs() < 2e-3, "{}", membrane.ena[0]);
    assert!((membrane.ek[0] + 88.198).abs() < 2e-3, "{}", membrane.ek[0]);
    assert!((membrane.eca[0] - 136.431).abs() < 2e-3, "{}", membrane.eca[0]);
}

#[test]
fn the_pump_moves_three_sodium_and_two_potassium_for_each_atp() {
    let registry = Registry::default();
    let mut builder = builder(&registry, tree(), 40.0, CableParameters::default());
    let segments = builder.discretisation().segments.len();
    builder.insert("NaKPump", 0..segments).unwrap();
    builder.diffusivities = Diffusivities::NONE;
    let mut cell = builder.build().unwrap();
    cell.advance(4000, &mut Vec::new());
    let (start, membrane) = (InitialConcentrations::default(), &cell.state().membrane);
    for segment in 0..segments {
        let node = cell.node(segment);
        let used = start.atpi - membrane.atpi[node];
        assert!(used > 1e-5, "{used}");
        assert!(((membrane.adpi[node] - start.adpi) / used - 1.0).abs() < 1e-8);
        assert!(((start.nai - membrane.nai[node]) / used - 3.0).abs() < 1e-7);
        assert!(((membrane.ki[node] - start.ki) / used - 2.0).abs() < 1e-6);
    }
}

#[test]
fn sodium_inside_is_what_currents_carried() {
    let registry = Registry::default();
    let mut builder = builder(&registry, tree(), 40.0, CableParameters::default());
    let segments = builder.discretisation().segments.len();
    for mechanism in ["hh", "NaKPump"] {
        builder.insert(mechanism, 0..segments).unwrap();
    }
    builder.diffusivities = Diffusivities::NONE;
    builder.celsius = 6.3;
    builder.v_init_mv = -65.0;
    let mut cell = builder.build().unwrap();
    let node = cell.node(0) as u32;
    cell.add_stimulus(Stimulus { node, waveform: Waveform::step(1.0, 2.0, 2.0) });
    let (steps, dt_s) = (800, 0.025e-3);
    // Moles that entered: mA/cm2 = 10 A/m2, um2 = 1e-12 m2.
    let mut entered = vec![0.0; segments];
    for step in 0..steps {
        cell.advance(step + 1, &mut Vec::new());
        for (segment, geometry) in cell.discretisation().segments.iter().enumerate() {
            let current = cell.state().membrane.ina[cell.node(segment)] * 10.0 * geometry.area_um2 * 1e-12;
            entered[segment] -= current * dt_s / FARADAY;
        }
    }
    for (segment, geometry) in cell.discretisation().segments.iter().enumerate() {
        // mM um3 = 1e-18 mol.
        let more = (cell.state().membrane.nai[cell.node(segment)] - 10.0) * geometry.volume_um3 * 1e-18;
        assert!((more / entered[segment] - 1.0).abs() < 1e-9, "{segment}: {more} {}", entered[segment]);
    }
    assert!(cell.state().membrane.nai[cell.node(0)] > 10.001, "a spike brings sodium in");
}

#[test]
fn concentrations_rest_where_pump_and_leaks_balance() {
    let registry = Registry::default();
    let mut builder = builder(&registry, tree(), 40.0, CableParameters::default());
    let segments = builder.discretisation().segments.len();
    for mechanism in ["pas", "NaKPump", "IonLeak", "NaTg", "SKv3_1", "Ih"] {
        builder.insert(mechanism, 0..segments).unwrap();
    }
    builder.set("pas", "e", (0..segments).map(|segment| (segment, -75.0))).unwrap();
    builder.set("Ih", "gIhbar", (0..segments).map(|segment| (segment, 1e-4))).unwrap();
    builder.rest_mv = Some(-75.0);
    builder.v_init_mv = -75.0;
    let mut cell = builder.build().unwrap();
    cell.advance(40_000, &mut Vec::new());
    let membrane = &cell.state().membrane;
    for segment in 0..segments {
        let node = cell.node(segment);
        assert!((membrane.v[node] + 75.0).abs() < 1e-3, "{}", membrane.v[node]);
        // A second of an unbalanced pump would move 0.1 mM and more; that the pump slows as ATP falls moves some 1e-4.
        assert!((membrane.nai[node] - 10.0).abs() < 1e-3, "{}", membrane.nai[node]);
        assert!((membrane.ki[node] - 140.0).abs() < 1e-3, "{}", membrane.ki[node]);
        assert!(membrane.atpi[node] < 1.3846374147608125);
    }
}
