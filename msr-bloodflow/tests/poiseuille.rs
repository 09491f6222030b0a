//! Small networks with solutions on paper.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use msr_bloodflow::{Boundary, Flow, FlowError, FlowSolver, NodeTable, SegmentTable, Vasculature};

const VISCOSITY_KPA_S: f64 = 1.2e-6;

/// Nodes on a line and some above it, all of diameter 8 um.
fn graph(positions_um: &[[f64; 3]], ends: &[(usize, usize)]) -> Vasculature {
    let nodes = NodeTable { positions_um: positions_um.to_vec(), diameters_um: vec![8.0; positions_um.len()] };
    Vasculature::new(nodes, SegmentTable::from_ends(ends.iter().copied())).unwrap()
}

/// Conductance of a tube by Poiseuille's law, pi r^4 / (8 mu L).
fn conductance(radius_um: f64, length_um: f64) -> f64 {
    PI * radius_um.powi(4) / (8.0 * VISCOSITY_KPA_S * length_um)
}

fn flows(inflows_um3_per_s: Vec<f64>) -> Boundary {
    Boundary { inflows_um3_per_s, pressures_kpa: BTreeMap::new() }
}

fn pressures(nodes: usize, pressures: &[(usize, f64)]) -> Boundary {
    Boundary { inflows_um3_per_s: vec![0.0; nodes], pressures_kpa: pressures.iter().copied().collect() }
}

fn solve(v: &Vasculature, conductances: &[f64], boundary: &Boundary, base_kpa: f64) -> Result<Flow, FlowError> {
    FlowSolver::new(v, boundary.pressures_kpa.keys().copied()).solve(v, conductances, boundary, base_kpa)
}

fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-13 * expected.abs().max(1e-300), "{found} for {expected}");
}

#[test]
fn pressure_falls_along_one_tube() {
    let v = graph(&[[0.0; 3], [100.0, 0.0, 0.0]], &[(0, 1)]);
    let flow = solve(&v, &[conductance(4.0, 100.0)], &flows(vec![1e6, -1e6]), 2.0).unwrap();
    assert_near(flow.flows_um3_per_s[0], 1e6);
    assert_near(flow.pressures_kpa[1], 2.0);
    // 8 mu L Q / (pi r^4) = 8 * 1.2e-6 * 100 * 1e6 / (pi * 256) kPa
    assert_near(flow.pressures_kpa[0], 2.0 + 960.0 / (256.0 * PI));
}

#[test]
fn resistances_in_series_add() {
    let v = graph(&[[0.0; 3], [30.0, 0.0, 0.0], [80.0, 0.0, 0.0]], &[(0, 1), (2, 1)]);
    let (first, second) = (conductance(4.0, 30.0), conductance(2.0, 50.0));
    let flow = solve(&v, &[first, second], &pressures(3, &[(0, 5.0), (2, 1.0)]), 0.0).unwrap();
    let expected = 4.0 / (1.0 / first + 1.0 / second);
    assert_near(flow.flows_um3_per_s[0], expected);
    assert_near(flow.flows_um3_per_s[1], -expected);
    assert_near(flow.pressures_kpa[1], 5.0 - expected / first);
    assert_near(flow.inflows_um3_per_s[0], expected);
    assert_near(flow.inflows_um3_per_s[2], -expected);
}

#[test]
fn conductances_in_parallel_add() {
    // One entry and one exit joined by three tubes of different width.
    let v = graph(
        &[[0.0; 3], [10.0, 0.0, 0.0], [60.0, 0.0, 0.0], [70.0, 0.0, 0.0]],
        &[(0, 1), (1, 2), (1, 2), (2, 1), (2, 3)],
    );
    let tubes = [2.0, 3.0, 4.0].map(|radius| conductance(radius, 50.0));
    let ends = conductance(4.0, 10.0);
    let conductances = [ends, tubes[0], tubes[1], tubes[2], ends];
    let flow = solve(&v, &conductances, &flows(vec![7e5, 0.0, 0.0, -7e5]), 0.0).unwrap();
    let total: f64 = tubes.iter().sum();
    assert_near(flow.pressures_kpa[1] - flow.pressures_kpa[2], 7e5 / total);
    assert_near(flow.flows_um3_per_s[1], 7e5 * tubes[0] / total);
    assert_near(flow.flows_um3_per_s[2], 7e5 * tubes[1] / total);
    // This one was drawn the other way round.
    assert_near(flow.flows_um3_per_s[3], -7e5 * tubes[2] / total);
}

#[test]
fn a_balanced_bridge_carries_nothing() {
    // Wheatstone: equal ratios on both sides leave no pressure across the bridge 1-2.
    let v = graph(
        &[[0.0; 3], [10.0, 10.0, 0.0], [10.0, -10.0, 0.0], [20.0, 0.0, 0.0]],
        &[(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)],
    );
    let flow = solve(&v, &[1.0, 3.0, 10.0, 2.0, 6.0], &pressures(4, &[(0, 1.0), (3, 0.0)]), 0.0).unwrap();
    assert!(flow.flows_um3_per_s[2].abs() < 1e-16);
    assert_near(flow.inflows_um3_per_s[0], 4.0 * (2.0 / 3.0));
}

#[test]
fn edges_of_a_cube_resist_like_five_sixths_of_one() {
    // Of equal tubes along the edges of a cube, between opposite corners: 1/3 + 1/6 + 1/3 of one (three, six and three in
    // parallel). Every corner has three neighbours.
    let corner = |i: usize| [0, 1, 2].map(|axis| 10.0 * (i >> axis & 1) as f64);
    let positions: Vec<[f64; 3]> = (0..8).map(corner).collect();
    let edges = (0..8).flat_map(|i| (0..3).map(move |axis| (i, i | 1 << axis))).filter(|&(i, j)| i != j);
    let v = graph(&positions, &edges.collect::<Vec<_>>());
    assert_eq!(v.segment_count(), 12);
    for (into, out_of) in [(0, 7), (7, 0), (2, 5), (6, 1)] {
        let mut inflows = vec![0.0; 8];
        (inflows[into], inflows[out_of]) = (3.0, -3.0);
        let flow = solve(&v, &[2.0; 12], &flows(inflows), 0.0).unwrap();
        let fall = flow.pressures_kpa[into] - flow.pressures_kpa[out_of];
        assert_near(fall, 3.0 / 2.0 * 5.0 / 6.0);
    }
}

#[test]
fn flows_and_pressures_may_be_given_together() {
    // A star: a pump of known flow at node 1, pressures at nodes 2 and 3.
    let v = graph(&[[0.0; 3], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 0.0, 10.0]], &[(1, 0), (0, 2), (0, 3)]);
    let mut boundary = pressures(4, &[(2, 2.0), (3, 1.0)]);
    boundary.inflows_um3_per_s[1] = 6.0;
    let flow = solve(&v, &[4.0, 1.0, 2.0], &boundary, 0.0).unwrap();
    // At the centre: 6 = 1 (p - 2) + 2 (p - 1), so p = 10/3.
    assert_near(flow.pressures_kpa[0], 10.0 / 3.0);
    assert_near(flow.flows_um3_per_s[1], 4.0 / 3.0);
    assert_near(flow.flows_um3_per_s[2], 14.0 / 3.0);
    assert_near(flow.pressures_kpa[1], 10.0 / 3.0 + 1.5);
}

#[test]
fn equal_pressures_drive_nothing() {
    let v = graph(&[[0.0; 3], [30.0, 0.0, 0.0], [80.0, 0.0, 0.0]], &[(0, 1), (1, 2)]);
    let flow = solve(&v, &[1e9, 1.0], &pressures(3, &[(0, 5.0), (2, 5.0)]), 0.0).unwrap();
    assert_eq!(flow.flows_um3_per_s, [0.0, 0.0]);
    assert_eq!(flow.pressures_kpa, [5.0; 3]);
    assert_eq!(flow.conservation(&v), 0.0);
}

#[test]
fn all_pressures_given_need_no_factor() {
    let v = graph(&[[0.0; 3], [100.0, 0.0, 0.0]], &[(0, 1)]);
    let flow = solve(&v, &[3.0], &pressures(2, &[(0, 2.0), (1, 0.5)]), 0.0).unwrap();
    assert_near(flow.flows_um3_per_s[0], 4.5);
    assert_eq!(flow.inflows_um3_per_s, [4.5, -4.5]);
}

#[test]
fn ten_decades_of_conductance_conserve_blood() {
    // A chain of wide and hair-thin tubes with a loop in it.
    let v = graph(
        &[[0.0; 3], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0, 1.0, 0.0], [3.0, 0.0, 0.0], [4.0, 0.0, 0.0]],
        &[(0, 1), (1, 2), (1, 3), (2, 3), (2, 4), (4, 5), (3, 4)],
    );
    let conductances = [1e10, 1.0, 1e5, 1e10, 1e-1, 1e9, 2.0];
    let flow = solve(&v, &conductances, &flows(vec![1.0, 0.0, 0.0, 0.0, 0.0, -1.0]), 0.0).unwrap();
    assert!(flow.conservation(&v) <= 1e-12);
    assert_near(flow.flows_um3_per_s[0], 1.0);
    assert_near(flow.flows_um3_per_s[5], 1.0);
    // Wide tubes short-circuit nodes 2 and 3: thin 0.1 and 2 share the flow in this ratio (to the order 1e-10).
    let ratio = flow.flows_um3_per_s[4] / flow.flows_um3_per_s[6];
    assert!((ratio - 0.05).abs() < 1e-9, "{ratio}");
}

#[test]
fn a_ring_has_a_base_pressure_too() {
    let v = graph(&[[0.0; 3], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0]], &[(0, 1), (1, 2), (2, 0)]);
    let flow = solve(&v, &[1.0; 3], &flows(vec![3.0, -3.0, 0.0]), 7.0).unwrap();
    assert_near(flow.flows_um3_per_s[0], 2.0);
    assert_near(flow.flows_um3_per_s[1], -1.0);
    assert_eq!(flow.pressures_kpa[1], 7.0);
}

#[test]
fn what_cannot_be_solved_says_why() {
    let two = graph(&[[0.0; 3], [10.0, 0.0, 0.0], [0.0, 10.0, 0.0], [0.0, 20.0, 0.0]], &[(0, 1), (2, 3)]);
    // Balanced as a whole, not in each component.
    assert_eq!(
        solve(&two, &[1.0; 2], &flows(vec![1.0, 0.0, -1.0, 0.0]), 0.0),
        Err(FlowError::Unbalanced { node: 0, inflow_um3_per_s: 1.0, outflow_um3_per_s: 0.0 })
    );
    // However small.
    assert!(matches!(
        solve(&two, &[1.0; 2], &flows(vec![1e-7, 0.0, 0.0, 0.0]), 0.0),
        Err(FlowError::Unbalanced { node: 0, .. })
    ));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = solve(&two, &[1.0, bad], &flows(vec![0.0; 4]), 0.0).unwrap_err();
        assert!(matches!(error, FlowError::BadConductance { segment: 1, .. }), "{error}");
    }
    assert_eq!(
        solve(&two, &[1.0; 3], &flows(vec![0.0; 4]), 0.0),
        Err(FlowError::WrongLength { what: "conductances", expected: 2, found: 3 })
    );
    assert!(matches!(
        solve(&two, &[1.0; 2], &flows(vec![f64::NAN, 0.0, 0.0, 0.0]), 0.0),
        Err(FlowError::BadBoundary { node: 0, .. })
    ));
    let mut solver = FlowSolver::new(&two, [1]);
    assert_eq!(
        solver.solve(&two, &[1.0; 2], &pressures(4, &[(0, 1.0)]), 0.0),
        Err(FlowError::WrongPressureNode { node: 0 })
    );
    assert_eq!(solver.solve(&two, &[1.0; 2], &flows(vec![0.0; 4]), 0.0), Err(FlowError::WrongPressureNode { node: 1 }));
}

#[test]
fn numbers_that_overflow_in_one_component_are_told() {
    // Two vessels without connection; the first one would need an infinite pressure.
    let v = graph(&[[0.0; 3], [10.0, 0.0, 0.0], [0.0, 50.0, 0.0], [10.0, 50.0, 0.0]], &[(0, 1), (2, 3)]);
    let boundary = flows(vec![1e10, -1e10, 1.0, -1.0]);
    for conductances in [[1e-300, 1.0], [1.0, 1e-300]] {
        let boundary = if conductances[0] < 1.0 { boundary.clone() } else { flows(vec![1.0, -1.0, 1e10, -1e10]) };
        let error = solve(&v, &conductances, &boundary, 0.0).unwrap_err();
        assert!(matches!(error, FlowError::NotConverged { residual } if !residual.is_finite()), "{error}");
    }
    assert!(solve(&v, &[1.0, 1.0], &boundary, 0.0).is_ok());
}

#[test]
fn a_failed_solution_does_not_spoil_the_next() {
    let v = graph(&[[0.0; 3], [30.0, 0.0, 0.0], [80.0, 0.0, 0.0]], &[(0, 1), (1, 2)]);
    let boundary = flows(vec![1.0, 0.0, -1.0]);
    let mut solver = FlowSolver::new(&v, []);
    let before = solver.solve(&v, &[1.0, 2.0], &boundary, 0.0).unwrap();
    assert!(solver.solve(&v, &[f64::MAX, f64::MAX], &boundary, 0.0).is_err());
    assert_eq!(solver.solve(&v, &[1.0, 2.0], &boundary, 0.0).unwrap(), before);
}
