//! Graphs too large to factor: conjugate gradients with several coarser graphs below.

use std::collections::BTreeMap;

use msr_bloodflow::{Boundary, FlowError, FlowSolver, Method, NodeTable, SegmentTable, Vasculature};
use msr_coupling::random::Stream;

/// A cubic lattice of `n` vertices a side, every node with three neighbours or more, conductances over four decades.
fn lattice(n: usize) -> (Vasculature, Vec<f64>, Boundary) {
    let id = |i: usize, j: usize, k: usize| (i * n + j) * n + k;
    let places = || (0..n).flat_map(move |i| (0..n).flat_map(move |j| (0..n).map(move |k| [i, j, k])));
    let mut ends = Vec::new();
    for [i, j, k] in places() {
        let further = [(i + 1, j, k), (i, j + 1, k), (i, j, k + 1)];
        ends.extend(
            further.into_iter().filter(|&(i, j, k)| i.max(j).max(k) < n).map(|(a, b, c)| (id(i, j, k), id(a, b, c))),
        );
    }
    let positions_um = places().map(|place| place.map(|x| 40.0 * x as f64)).collect();
    let nodes = NodeTable { positions_um, diameters_um: vec![5.0; n * n * n] };
    let mut stream = Stream::new(4, 0, 0);
    let conductances = ends.iter().map(|_| 10f64.powf(4.0 * stream.uniform() - 2.0)).collect();
    let mut inflows_um3_per_s = vec![0.0; n * n * n];
    (inflows_um3_per_s[0], inflows_um3_per_s[n * n * n - 1]) = (3.0, -3.0);
    let boundary = Boundary { inflows_um3_per_s, pressures_kpa: BTreeMap::new() };
    (Vasculature::new(nodes, SegmentTable::from_ends(ends)).unwrap(), conductances, boundary)
}

#[test]
fn a_hierarchy_of_graphs_gives_the_flow_of_the_factor() {
    let (v, conductances, boundary) = lattice(18);
    let mut direct = FlowSolver::new(&v, []);
    let mut iterative = FlowSolver::with_method(&v, [], Method::DirectUpTo(1000));
    assert!(iterative.core_unknowns() > 2000, "there must be a coarser graph");
    let expected = direct.solve(&v, &conductances, &boundary, 0.0).unwrap();
    let found = iterative.solve(&v, &conductances, &boundary, 0.0).unwrap();
    assert!(!direct.is_iterative() && iterative.is_iterative());
    for (found, expected) in found.flows_um3_per_s.iter().zip(&expected.flows_um3_per_s) {
        assert!((found - expected).abs() < 1e-10 * 3.0, "{found} {expected}");
    }
    assert!(found.conservation(&v) <= 1e-12);
    // Once more with pressures given, and again with other conductances.
    let mut held = boundary;
    held.pressures_kpa = BTreeMap::from([(0, 2.0), (v.node_count() - 1, 1.0)]);
    let mut iterative = FlowSolver::with_method(&v, [0, v.node_count() - 1], Method::Iterative);
    let once = iterative.solve(&v, &conductances, &held, 0.0).unwrap();
    let doubled: Vec<f64> = conductances.iter().map(|g| 2.0 * g).collect();
    let twice = iterative.solve(&v, &doubled, &held, 0.0).unwrap();
    assert!((twice.inflows_um3_per_s[0] / once.inflows_um3_per_s[0] - 2.0).abs() < 1e-9);
}

#[test]
fn numbers_that_overflowed_are_gone_in_the_next_iteration() {
    let (v, conductances, boundary) = lattice(14);
    let mut fresh = FlowSolver::with_method(&v, [], Method::Iterative);
    let expected = fresh.solve(&v, &conductances, &boundary, 0.0).unwrap();
    let mut iterative = FlowSolver::with_method(&v, [], Method::Iterative);
    let blocked = vec![1e-307; conductances.len()];
    let flood = Boundary {
        inflows_um3_per_s: boundary.inflows_um3_per_s.iter().map(|flow| 1e10 * flow).collect(),
        ..boundary.clone()
    };
    let error = iterative.solve(&v, &blocked, &flood, 0.0).unwrap_err();
    assert!(matches!(error, FlowError::NotConverged { .. }), "{error}");
    assert_eq!(iterative.solve(&v, &conductances, &boundary, 0.0).unwrap(), expected);
}
