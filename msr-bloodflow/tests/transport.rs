//! Oxygen and glucose along vessels.

use std::collections::BTreeMap;

use msr_bloodflow::transport::{Delivery, Glucose, Oxygen, Solute, Stream};
use msr_bloodflow::{Boundary, Flow, FlowSolver, NodeTable, SegmentTable, Vasculature};

const HEMATOCRIT: f64 = 0.45;

/// A tube of 300 um and 5 um width, in equal pieces.
fn tube(pieces: usize) -> Vasculature {
    let place = |node: usize| [300.0 * node as f64 / pieces as f64, 0.0, 0.0];
    let nodes = NodeTable { positions_um: (0..=pieces).map(place).collect(), diameters_um: vec![5.0; pieces + 1] };
    Vasculature::new(nodes, SegmentTable::from_ends((0..pieces).map(|node| (node, node + 1)))).unwrap()
}

fn through(v: &Vasculature, inflows: &[(usize, f64)]) -> Flow {
    let mut inflows_um3_per_s = vec![0.0; v.node_count()];
    inflows.iter().for_each(|&(node, inflow)| inflows_um3_per_s[node] = inflow);
    let boundary = Boundary { inflows_um3_per_s, pressures_kpa: BTreeMap::new() };
    FlowSolver::new(v, []).solve(v, &vec![1.0; v.segment_count()], &boundary, 0.0).unwrap()
}

fn deliver(v: &Vasculature, flow: &Flow, solute: &impl Solute, tissue: f64) -> Delivery {
    let stream = Stream {
        vasculature: v,
        flow,
        radii_um: v.rest_radii_um(),
        hematocrits: &vec![HEMATOCRIT; v.segment_count()],
        inflow_hematocrit: HEMATOCRIT,
    };
    stream.deliver(solute, &vec![tissue; v.segment_count()]).unwrap()
}

#[test]
fn glucose_falls_exponentially_however_the_tube_is_cut() {
    let glucose = Glucose { permeability_um_per_s: 3.0, ..Glucose::default() };
    let flow_um3_per_s = 2e4;
    let surface = 2.0 * std::f64::consts::PI * 2.5 * 300.0;
    let expected = 1.0 + 4.0 * (-3.0 * surface / flow_um3_per_s).exp();
    for pieces in [1, 7, 60] {
        let v = tube(pieces);
        let delivery = deliver(&v, &through(&v, &[(0, flow_um3_per_s), (pieces, -flow_um3_per_s)]), &glucose, 1.0);
        let outlet = delivery.node_levels[pieces];
        assert!((outlet - expected).abs() < 1e-12, "{pieces}: {outlet} for {expected}");
        let delivered: f64 = delivery.rates_amol_per_s.iter().sum();
        assert!((delivered - flow_um3_per_s * (5.0 - outlet)).abs() < 1e-8 * delivered);
    }
}

#[test]
fn oxygen_follows_the_saturation_curve() {
    let oxygen = Oxygen::default();
    let (flow_um3_per_s, tissue) = (6e4, 2.0);
    let outlet_of = |pieces: usize| {
        let v = tube(pieces);
        let delivery = deliver(&v, &through(&v, &[(0, flow_um3_per_s), (pieces, -flow_um3_per_s)]), &oxygen, tissue);
        delivery.node_levels[pieces]
    };
    // Reference: Q dc/dp dp/dx = -k (p - p_t) by the classical Runge-Kutta method in 20 000 steps.
    let per_um = oxygen.exchange(1.0, 2.5);
    let capacity = |p: f64| {
        (oxygen.content_mm(p * (1.0 + 1e-6), HEMATOCRIT) - oxygen.content_mm(p * (1.0 - 1e-6), HEMATOCRIT)) / (2e-6 * p)
    };
    let slope = |p: f64| -per_um * (p - tissue) / (flow_um3_per_s * capacity(p));
    let (mut p, step) = (oxygen.inflow_kpa, 300.0 / 20_000.0);
    for _ in 0..20_000 {
        let a = slope(p);
        let b = slope(p + 0.5 * step * a);
        let c = slope(p + 0.5 * step * b);
        let d = slope(p + step * c);
        p += step / 6.0 * (a + 2.0 * b + 2.0 * c + d);
    }
    assert!(p < 0.7 * oxygen.inflow_kpa && p > 1.1 * tissue, "{p}: there must be something to see");
    let errors = [10, 20, 40].map(|pieces| (outlet_of(pieces) / p - 1.0).abs());
    assert!(errors[2] < 1e-3, "{errors:?}");
    // Second order: half the piece, a quarter of the error.
    assert!(errors[0] > 3.0 * errors[1] && errors[1] > 3.0 * errors[2], "{errors:?}");
}

/// Two arteries that join in one vein through a bridge.
fn bridge() -> Vasculature {
    let positions_um = vec![[0.0; 3], [50.0, 0.0, 0.0], [50.0, 60.0, 0.0], [0.0, 60.0, 0.0], [90.0, 0.0, 0.0]];
    let nodes = NodeTable { positions_um, diameters_um: vec![6.0; 5] };
    Vasculature::new(nodes, SegmentTable::from_ends([(0, 1), (2, 1), (3, 2), (1, 4)])).unwrap()
}

#[test]
fn blood_that_brings_nothing_takes_up_from_the_tissue() {
    let v = bridge();
    let flow = through(&v, &[(0, 3e3), (3, 1e3), (4, -4e3)]);
    let oxygen = Oxygen { inflow_kpa: 0.0, ..Oxygen::default() };
    let glucose = Glucose { inflow_mm: 0.0, ..Glucose::default() };
    for delivery in [deliver(&v, &flow, &oxygen, 4.0), deliver(&v, &flow, &glucose, 4.0)] {
        assert!(delivery.node_levels[4] > 0.0 && delivery.node_levels[4] < 4.0);
        assert!(delivery.rates_amol_per_s.iter().all(|rate| *rate < 0.0));
    }
}

#[test]
fn saturation_is_a_number_wherever_it_is_asked() {
    for (half_saturation_kpa, hill_exponent) in [(1e-150, 2.8), (1e150, 2.8), (3.5, 700.0)] {
        let oxygen = Oxygen { half_saturation_kpa, hill_exponent, ..Oxygen::default() };
        for level in [0.0, 1e-300, 3.5, 13.0, 1e300] {
            assert!((0.0..=1.0).contains(&oxygen.saturation(level)), "{half_saturation_kpa} {hill_exponent} {level}");
        }
    }
}

#[test]
fn what_leaves_the_blood_is_what_the_tissue_gets() {
    let v = bridge();
    let flow = through(&v, &[(0, 3e3), (3, 1e3), (4, -4e3)]);
    let oxygen = Oxygen::default();
    for (tissue, uptake) in [(3.0, 1.0), (15.0, -1.0)] {
        let delivery = deliver(&v, &flow, &oxygen, tissue);
        let content = |level: f64| oxygen.content_mm(level, HEMATOCRIT);
        let lost = 4e3 * content(oxygen.inflow_kpa) - 4e3 * content(delivery.node_levels[4]);
        let delivered: f64 = delivery.rates_amol_per_s.iter().sum();
        assert!((delivered - lost).abs() < 1e-11 * 4e3 * content(oxygen.inflow_kpa), "{delivered} {lost}");
        assert!(delivered * uptake > 0.0);
        let between = |level: f64| level >= oxygen.inflow_kpa.min(tissue) && level <= oxygen.inflow_kpa.max(tissue);
        assert!(delivery.levels.iter().chain(&delivery.node_levels).all(|&level| between(level)));
    }
}

#[test]
fn blood_that_stands_still_has_what_the_tissue_has() {
    let v = bridge();
    let delivery = deliver(&v, &through(&v, &[(0, 3e3), (4, -3e3)]), &Glucose::default(), 1.2);
    assert_eq!((delivery.levels[2], delivery.rates_amol_per_s[2]), (1.2, 0.0));
    assert!(delivery.rates_amol_per_s[0] > 0.0);
}

#[test]
fn flows_in_a_circle_are_refused() {
    let positions_um = vec![[0.0; 3], [50.0, 0.0, 0.0], [50.0, 60.0, 0.0]];
    let nodes = NodeTable { positions_um, diameters_um: vec![6.0; 3] };
    let v = Vasculature::new(nodes, SegmentTable::from_ends([(0, 1), (1, 2), (2, 0)])).unwrap();
    let flow = Flow { pressures_kpa: vec![0.0; 3], flows_um3_per_s: vec![1.0; 3], inflows_um3_per_s: vec![0.0; 3] };
    let stream = Stream {
        vasculature: &v,
        flow: &flow,
        radii_um: &[3.0; 3],
        hematocrits: &[HEMATOCRIT; 3],
        inflow_hematocrit: HEMATOCRIT,
    };
    let error = stream.deliver(&Glucose::default(), &[1.0; 3]).unwrap_err();
    assert!(error.to_string().contains("comes back"), "{error}");
}

#[test]
fn the_saturation_curve_has_its_textbook_points() {
    let oxygen = Oxygen::default();
    assert!((oxygen.saturation(oxygen.half_saturation_kpa) - 0.5).abs() < 1e-15);
    // 96.2 mmHg saturate 97.5 % (Mintun et al. 2001, table 1).
    assert!((oxygen.saturation(oxygen.inflow_kpa) - 0.975).abs() < 5e-4);
    // Arterial blood carries about 9 mM (20 cm3 of gas in 100 cm3).
    let content = oxygen.content_mm(oxygen.inflow_kpa, HEMATOCRIT);
    assert!((8.5..9.5).contains(&content), "{content}");
}
