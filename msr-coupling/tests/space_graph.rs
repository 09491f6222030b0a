//! Laws of the operators between spaces, on random overlaps of segments, neurons and tetrahedra.

use msr_coupling::space::{NEURONS, SECTIONS, SEGMENTS, TETRAHEDRA};
use msr_coupling::space_graph::{SpaceError, SpaceGraph};
use msr_coupling::{Geometry, Mapping, Quantity, Space};
use proptest::prelude::*;
use sprs::TriMat;

/// Segments of two neurons: owner, size in um3, and where in three tetrahedra they lie (fractions, at most 1 in all).
type Segments = Vec<(usize, f64, [f64; 3])>;

fn graph(segments: &Segments) -> SpaceGraph {
    let mut graph = SpaceGraph::default();
    let mut space = Space::of_nodes(SEGMENTS, None, (0..segments.len() as u64).collect());
    space.sizes = segments.iter().map(|(_, size, _)| *size).collect();
    graph.add_space(space).unwrap();
    graph.add_space(Space::of_nodes(NEURONS, None, vec![0, 1])).unwrap();
    graph.add_space(Space::of_nodes(TETRAHEDRA, None, vec![0, 1, 2])).unwrap();
    let mut owners = TriMat::new((segments.len(), 2));
    let mut places = TriMat::new((segments.len(), 3));
    for (segment, (owner, _, fractions)) in segments.iter().enumerate() {
        owners.add_triplet(segment, *owner, 1.0);
        for (tetrahedron, &fraction) in fractions.iter().enumerate().filter(|(_, fraction)| **fraction > 0.0) {
            places.add_triplet(segment, tetrahedron, fraction);
        }
    }
    for (to, fractions) in [(NEURONS, owners.to_csr()), (TETRAHEDRA, places.to_csr())] {
        graph.add_mapping(Mapping { from: SEGMENTS.into(), to: to.into(), fractions }).unwrap();
    }
    graph
}

fn carried(graph: &SpaceGraph, from: &str, to: &str, quantity: Quantity, values: &[f64]) -> (Vec<f64>, Vec<bool>) {
    let operator = graph.operator(from, to, quantity).unwrap();
    let mut target = vec![0.0; operator.rows()];
    operator.apply(values, &mut target);
    (target, operator.covered())
}

/// Segments of both neurons; `inside` is the least part of a segment that lies in the mesh.
fn segments(inside: f64) -> impl Strategy<Value = Segments> {
    let share = (0.0f64..1.0, 0.0f64..1.0, 0.0f64..1.0, inside..=1.0f64).prop_map(|(a, b, c, total)| {
        let sum = a + b + c + f64::MIN_POSITIVE;
        [a, b, c].map(|x| x / sum * total)
    });
    let one = (0usize..2, 0.1f64..10.0, share);
    prop::collection::vec(one, 2..12).prop_map(|mut segments| {
        segments[0].0 = 0;
        segments[1].0 = 1;
        segments
    })
}

proptest! {
    #[test]
    fn a_constant_level_stays_constant(segments in segments(0.0), level in -5.0f64..5.0) {
        let graph = graph(&segments);
        for (from, to, len) in [
            (SEGMENTS, NEURONS, segments.len()), (NEURONS, SEGMENTS, 2), (SEGMENTS, TETRAHEDRA, segments.len()),
            (TETRAHEDRA, SEGMENTS, 3), (TETRAHEDRA, NEURONS, 3), (NEURONS, TETRAHEDRA, 2),
        ] {
            let (values, covered) = carried(&graph, from, to, Quantity::Intensive, &vec![level; len]);
            for (value, covered) in values.iter().zip(covered) {
                prop_assert!(!covered || (value - level).abs() < 1e-12, "{from} to {to}: {value}");
            }
        }
    }

    #[test]
    fn amounts_are_kept_where_everything_lies_inside(segments in segments(1.0), amount in 0.0f64..5.0) {
        let graph = graph(&segments);
        let amounts: Vec<f64> = (0..segments.len()).map(|i| amount * (i + 1) as f64).collect();
        let sum: f64 = amounts.iter().sum();
        for to in [NEURONS, TETRAHEDRA] {
            let (values, _) = carried(&graph, SEGMENTS, to, Quantity::Extensive, &amounts);
            prop_assert!((values.iter().sum::<f64>() - sum).abs() < 1e-12 * (1.0 + sum));
        }
        let (back, _) = carried(&graph, NEURONS, SEGMENTS, Quantity::Extensive, &[amount, 2.0 * amount]);
        prop_assert!((back.iter().sum::<f64>() - 3.0 * amount).abs() < 1e-12 * (1.0 + amount));
    }

    #[test]
    fn levels_lie_between_those_that_they_come_from(segments in segments(0.5), levels in prop::array::uniform3(-5.0f64..5.0)) {
        let graph = graph(&segments);
        let (values, covered) = carried(&graph, TETRAHEDRA, NEURONS, Quantity::Intensive, &levels);
        let (low, high) = (levels.iter().copied().fold(f64::INFINITY, f64::min), levels.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        for (value, covered) in values.iter().zip(covered) {
            prop_assert!(!covered || (low - 1e-12..=high + 1e-12).contains(value));
        }
    }
}

#[test]
fn an_excluded_neuron_and_its_segments_leave_every_operator() {
    let segments = vec![(0, 1.0, [1.0, 0.0, 0.0]), (1, 1.0, [1.0, 0.0, 0.0]), (1, 1.0, [0.0, 1.0, 0.0])];
    let mut graph = graph(&segments);
    graph.exclude(&[1]);
    assert!(graph.is_excluded(SEGMENTS, 1) && graph.is_excluded(SEGMENTS, 2) && !graph.is_excluded(TETRAHEDRA, 1));
    let (values, _) = carried(&graph, SEGMENTS, TETRAHEDRA, Quantity::Extensive, &[1.0, 10.0, 100.0]);
    assert_eq!(values, [1.0, 0.0, 0.0]);
    let (values, covered) = carried(&graph, NEURONS, NEURONS, Quantity::Intensive, &[3.0, f64::MAX]);
    assert_eq!((values[0], covered), (3.0, vec![true, false]));
}

#[test]
fn a_part_that_lies_nowhere_has_no_say_in_the_average() {
    let graph = graph(&vec![(0, 1.0, [1.0, 0.0, 0.0]), (0, 1.0, [0.0; 3]), (1, 1.0, [0.0, 0.0, 1.0])]);
    let (values, _) = carried(&graph, TETRAHEDRA, NEURONS, Quantity::Intensive, &[3.0, 5.0, 7.0]);
    assert_eq!(values, [3.0, 7.0]);
}

/// The original's matrices: shares of sections in neurons by volume, of segments in sections by length.
#[test]
fn the_matrices_that_files_name() {
    let mut graph = SpaceGraph::default();
    let mut segments = Space::of_nodes(SEGMENTS, None, vec![0, 1, 2]);
    let line = |from: f64, to: f64| [[from, 0.0, 0.0], [to, 0.0, 0.0]];
    segments.geometry = Geometry::Lines(vec![line(0.0, 1.0), line(1.0, 4.0), line(4.0, 5.0)]);
    let mut sections = Space::of_nodes(SECTIONS, None, vec![0, 1]);
    sections.sizes = vec![6.0, 2.0];
    let mut tetrahedra = Space::of_nodes(TETRAHEDRA, None, vec![0, 1]);
    tetrahedra.sizes = vec![1.0, 3.0];
    for space in [segments, sections, tetrahedra, Space::of_nodes(NEURONS, None, vec![0])] {
        graph.add_space(space).unwrap();
    }
    let mut add = |from: &str, to: &str, shape: (usize, usize), entries: &[(usize, usize, f64)]| {
        let mut fractions = TriMat::new(shape);
        for &(row, column, value) in entries {
            fractions.add_triplet(row, column, value);
        }
        graph.add_mapping(Mapping { from: from.into(), to: to.into(), fractions: fractions.to_csr() }).unwrap();
    };
    add(SEGMENTS, SECTIONS, (3, 2), &[(0, 0, 1.0), (1, 0, 1.0), (2, 1, 1.0)]);
    add(SECTIONS, NEURONS, (2, 1), &[(0, 0, 1.0), (1, 0, 1.0)]);
    add(SEGMENTS, NEURONS, (3, 1), &[(0, 0, 1.0), (1, 0, 1.0), (2, 0, 1.0)]);
    add(SEGMENTS, TETRAHEDRA, (3, 2), &[(0, 0, 1.0), (1, 0, 0.5), (1, 1, 0.5), (2, 1, 1.0)]);
    let dense = |name: &str| graph.matrix(name).unwrap().to_dense();
    assert_eq!(dense("nXsecMat"), ndarray::arr2(&[[0.75, 0.25]]));
    assert_eq!(dense("nsecXnsegMat"), ndarray::arr2(&[[0.25, 0.75, 0.0], [0.0, 0.0, 1.0]]));
    assert_eq!(dense("nXnsegMatBool"), ndarray::arr2(&[[1.0, 1.0, 1.0]]));
    // 0.75 * (0.25 + 0.75 * 0.5) and the rest.
    assert_eq!(dense("nXtetMat"), ndarray::arr2(&[[0.46875, 0.53125]]));
    assert_eq!(dense("tetXtetMat"), ndarray::arr2(&[[2.0, 0.0], [0.0, 2.0 / 3.0]]));
    assert!(graph.matrix("tetXbfVolsMat").is_none());
}

#[test]
fn malformed_spaces_and_mappings_are_refused() {
    let mut graph = graph(&vec![(0, 1.0, [1.0, 0.0, 0.0]), (1, 1.0, [0.0; 3])]);
    let mut short = Space::of_nodes("short", None, vec![0, 1]);
    short.sizes.pop();
    assert!(matches!(graph.add_space(short), Err(SpaceError::Malformed { .. })));
    let other = Space::of_nodes(NEURONS, None, vec![0, 1, 2]);
    assert!(matches!(graph.add_space(other), Err(SpaceError::Conflict { first: 2, second: 3, .. })));
    let mapping = |entry: f64| {
        let mut fractions = TriMat::new((2, 3));
        fractions.add_triplet(0, 0, entry);
        Mapping { from: NEURONS.into(), to: TETRAHEDRA.into(), fractions: fractions.to_csr() }
    };
    for entry in [1.5, -0.1, f64::NAN] {
        assert!(matches!(graph.add_mapping(mapping(entry)), Err(SpaceError::Fraction { .. })), "{entry}");
    }
    graph.add_mapping(mapping(0.5)).unwrap();
    assert!(matches!(graph.add_mapping(mapping(0.5)), Err(SpaceError::Twice { .. })));
    assert!(matches!(graph.operator(NEURONS, "nowhere", Quantity::Intensive), Err(SpaceError::Unknown { .. })));
}

/// What rounding makes of a partition does not make amounts; a row that sums to less stays as it is.
#[test]
fn rows_above_one_by_rounding_are_scaled_to_one() {
    let mut graph = SpaceGraph::default();
    graph.add_space(Space::of_nodes(SEGMENTS, None, vec![0, 1])).unwrap();
    graph.add_space(Space::of_nodes(TETRAHEDRA, None, vec![0, 1])).unwrap();
    let mut fractions = TriMat::new((2, 2));
    fractions.add_triplet(0, 0, 0.25);
    fractions.add_triplet(0, 1, 0.75 + 0.9e-9);
    fractions.add_triplet(1, 0, 1.0 - 0.9e-9);
    graph.add_mapping(Mapping { from: SEGMENTS.into(), to: TETRAHEDRA.into(), fractions: fractions.to_csr() }).unwrap();
    let sums = graph.operator(SEGMENTS, TETRAHEDRA, Quantity::Extensive).unwrap().column_sums();
    assert!((sums[0] - 1.0).abs() < 1e-15, "{sums:?}");
    assert_eq!(sums[1], 1.0 - 0.9e-9);
}
