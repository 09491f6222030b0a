//! The original's eight matrices for three tetrahedra, two neurons and three vessel segments, computed by hand.

use msr_coupling::space::{ENTRY_SUBSET, NEURONS, SECTIONS, SEGMENTS, TETRAHEDRA, VESSEL_SEGMENTS, VESSEL_STARTS};
use msr_coupling::space_graph::{SpaceGraph, matrix_names};
use msr_coupling::{Geometry, Mapping, Space};

fn space(name: &str, sizes: &[f64]) -> Space {
    Space { sizes: sizes.to_vec(), ..Space::of_nodes(name, None, (0..sizes.len() as u64).collect()) }
}

fn lines(name: &str, sizes: &[f64], lengths: &[f64]) -> Space {
    let geometry = Geometry::Lines(lengths.iter().map(|&length| [[0.0; 3], [0.0, length, 0.0]]).collect());
    Space { geometry, ..space(name, sizes) }
}

fn mapping(from: &str, to: &str, rows: &[&[f64]]) -> Mapping {
    let mut fractions = sprs::TriMat::new((rows.len(), rows[0].len()));
    for (row, entries) in rows.iter().enumerate() {
        for (column, &entry) in entries.iter().enumerate().filter(|(_, entry)| **entry != 0.0) {
            fractions.add_triplet(row, column, entry);
        }
    }
    Mapping { from: from.into(), to: to.into(), fractions: fractions.to_csr() }
}

/// Neuron 0 has section 0 (segments of 2 and 6 um3, 3 and 1 um) and section 1 (8 um3, 2 um); neuron 1 has section 2 (5 um3,
/// 4 um), a quarter of which lies outside. Vessel segment 0 comes from outside the network; segment 1 follows it into the
/// next tetrahedron, segment 2 stays where it starts.
fn graph() -> SpaceGraph {
    let mut graph = SpaceGraph::default();
    let mut vessels = space(VESSEL_SEGMENTS, &[1.0; 3]);
    vessels.subsets.insert(ENTRY_SUBSET.to_owned(), vec![0]);
    for space in [
        space(NEURONS, &[1.0; 2]),
        space(SECTIONS, &[8.0, 8.0, 5.0]),
        lines(SEGMENTS, &[2.0, 6.0, 8.0, 5.0], &[3.0, 1.0, 2.0, 4.0]),
        space(TETRAHEDRA, &[1.0, 2.0, 3.0]),
        vessels,
        space(VESSEL_STARTS, &[1.0; 3]),
    ] {
        graph.add_space(space).unwrap();
    }
    for mapping in [
        mapping(SEGMENTS, SECTIONS, &[&[1.0, 0.0, 0.0], &[1.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 1.0]]),
        mapping(SECTIONS, NEURONS, &[&[1.0, 0.0], &[1.0, 0.0], &[0.0, 1.0]]),
        mapping(SEGMENTS, NEURONS, &[&[1.0, 0.0], &[1.0, 0.0], &[1.0, 0.0], &[0.0, 1.0]]),
        mapping(SEGMENTS, TETRAHEDRA, &[&[1.0, 0.0, 0.0], &[0.25, 0.75, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.5, 0.25]]),
        mapping(VESSEL_SEGMENTS, TETRAHEDRA, &[&[0.5, 0.5, 0.0], &[0.0, 0.25, 0.75], &[0.0, 0.0, 1.0]]),
        mapping(VESSEL_STARTS, TETRAHEDRA, &[&[1.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 1.0]]),
    ] {
        graph.add_mapping(mapping).unwrap();
    }
    graph
}

#[test]
fn each_matrix_is_that_of_its_definition() {
    let expected: [(&str, &[&[f64]]); 8] = [
        // By volume.
        ("nXsecMat", &[&[0.5, 0.5, 0.0], &[0.0, 0.0, 1.0]]),
        // By length.
        ("nsecXnsegMat", &[&[0.75, 0.25, 0.0, 0.0], &[0.0, 0.0, 1.0, 0.0], &[0.0, 0.0, 0.0, 1.0]]),
        ("nXnsegMatBool", &[&[1.0, 1.0, 1.0, 0.0], &[0.0, 0.0, 0.0, 1.0]]),
        ("nsegXtetMat", &[&[1.0, 0.0, 0.0], &[0.25, 0.75, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.5, 0.25]]),
        // 0.5 (0.75 [1 0 0] + 0.25 [0.25 0.75 0]) + 0.5 [0 1 0].
        ("nXtetMat", &[&[0.40625, 0.59375, 0.0], &[0.0, 0.5, 0.25]]),
        ("tetXbfVolsMat", &[&[0.5, 0.0, 0.0], &[0.5, 0.25, 0.0], &[0.0, 0.75, 1.0]]),
        // Where it starts only for the one that comes from outside.
        ("tetXbfFlowsMat", &[&[1.0, 0.0, 0.0], &[1.0, 0.0, 0.0], &[0.0, 1.0, 0.0]]),
        // The mean volume is 2.
        ("tetXtetMat", &[&[2.0, 0.0, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.0, 2.0 / 3.0]]),
    ];
    assert!(matrix_names().eq(expected.iter().map(|(name, _)| *name)));
    let graph = graph();
    for (name, rows) in expected {
        let matrix = graph.matrix(name).unwrap();
        let found: Vec<Vec<f64>> = matrix.to_dense().outer_iter().map(|row| row.to_vec()).collect();
        assert_eq!(found, rows, "{name}");
        let (row_space, column_space) = SpaceGraph::matrix_spaces(name).unwrap();
        let lengths = [row_space, column_space].map(|space| graph.space(space).unwrap().len());
        assert_eq!([matrix.rows(), matrix.cols()], lengths, "{name}");
        assert!(matrix.data().iter().all(|&entry| entry != 0.0), "{name} stores no zeros");
    }
}

#[test]
fn a_matrix_needs_its_spaces() {
    let mut graph = SpaceGraph::default();
    graph.add_space(space(TETRAHEDRA, &[1.0, 3.0])).unwrap();
    let there: Vec<&str> = matrix_names().filter(|name| graph.matrix(name).is_some()).collect();
    assert_eq!(there, ["tetXtetMat"]);
    assert!(graph.matrix("nXnMat").is_none() && SpaceGraph::matrix_spaces("nXnMat").is_none());
}
