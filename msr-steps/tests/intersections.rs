//! Segments in tetrahedra against exact reference pieces and against what must always hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::reference::{directory, json, point};
use msr_steps::{Intersector, TetMesh};
use proptest::prelude::*;

#[test]
fn pieces_of_the_reference_segments() {
    let Some(golden) = json("intersections.json") else { return };
    let mut worst: f64 = 0.0;
    for set in golden["sets"].as_array().unwrap() {
        let mesh = TetMesh::read_gmsh(&directory().unwrap().join(set["mesh"].as_str().unwrap()), 1e-6).unwrap();
        let intersector = Intersector::new(Arc::new(mesh));
        let segments: Vec<_> =
            set["segments"].as_array().unwrap().iter().map(|ends| [point(&ends[0]), point(&ends[1])]).collect();
        let all = intersector.intersect_all(&segments);
        for ((found, segment), (expected, sum)) in all
            .iter()
            .zip(&segments)
            .zip(set["tet_ratio"].as_array().unwrap().iter().zip(set["row_sum"].as_array().unwrap()))
        {
            assert_eq!(*found, intersector.intersect(*segment));
            let expected: BTreeMap<u64, f64> = expected
                .as_array()
                .unwrap()
                .iter()
                .map(|pair| (pair[0].as_u64().unwrap(), pair[1].as_f64().unwrap()))
                .collect();
            let found_tets: Vec<u64> = found.pieces.iter().map(|piece| u64::from(piece.tet)).collect();
            assert_eq!(found_tets, expected.keys().copied().collect::<Vec<_>>(), "{} {segment:?}", set["label"]);
            for piece in &found.pieces {
                let difference = (piece.fraction - expected[&u64::from(piece.tet)]).abs();
                worst = worst.max(difference);
                // Twelve digits are given.
                assert!(difference < 2e-12, "{} {segment:?}: {piece:?} {difference:e}", set["label"]);
            }
            let sum = sum.as_f64().unwrap();
            assert!((1.0 - found.uncovered - sum).abs() < 1e-9, "{} {segment:?}", set["label"]);
        }
    }
    println!("largest difference {worst:e}");
}

/// A box of two by two by two cells of edge 1.
fn boxed() -> Intersector {
    Intersector::new(Arc::new(TetMesh::box_lattice([0.0; 3], [2.0; 3], 1.0, "extra").unwrap()))
}

#[test]
fn ties_are_shared_equally() {
    let intersector = boxed();
    let pieces = |start, end| intersector.intersect([start, end]);
    // Between two centres of cells: four disphenoids around the line.
    let edge = pieces([0.5; 3], [1.5, 0.5, 0.5]);
    assert_eq!(edge.pieces.len(), 4);
    assert!(edge.pieces.iter().all(|piece| (piece.fraction - 0.25).abs() < 1e-14), "{edge:?}");
    // Along an edge of the lattice inside: again four; on the surface of the box: three.
    assert_eq!(pieces([1.0, 1.0, 0.0], [1.0, 1.0, 1.0]).pieces.len(), 4);
    let rim = pieces([0.0, 1.0, 0.0], [0.0, 1.0, 1.0]);
    assert!(
        rim.pieces.iter().all(|piece| (piece.fraction - 1.0 / 3.0).abs() < 1e-14) && rim.pieces.len() == 3,
        "{rim:?}"
    );
    // Within a face, off its edges.
    let face = pieces([0.5, 0.5, 0.4], [0.5, 0.5, 0.45]);
    assert_eq!(face.uncovered, 0.0);
    // A vertex of the lattice inside: a segment of no length is shared by all tetrahedra around it.
    let vertex = pieces([1.0; 3], [1.0; 3]);
    assert_eq!(vertex.pieces.len(), 24);
    assert!((vertex.pieces.iter().map(|piece| piece.fraction).sum::<f64>() - 1.0).abs() < 1e-14);
    assert_eq!(intersector.containing([0.9, 0.47, 0.52]).len(), 1);
    assert!(intersector.containing([2.1, 1.0, 1.0]).is_empty());
}

#[test]
fn outside_parts_are_reported() {
    let intersector = boxed();
    let through = intersector.intersect([[-1.0, 0.3, 0.7], [3.0, 0.3, 0.7]]);
    assert!((through.uncovered - 0.5).abs() < 1e-14, "{through:?}");
    let corner = intersector.intersect([[-1.0, 0.9, 0.5], [0.9, -1.0, 0.5]]);
    assert_eq!((corner.pieces.len(), corner.uncovered), (0, 1.0));
    let nowhere = intersector.intersect([[f64::NAN, 0.0, 0.0], [1.0; 3]]);
    assert_eq!((nowhere.pieces.len(), nowhere.uncovered), (0, 1.0));
}

#[test]
fn a_hole_in_the_mesh_is_no_obstacle() {
    // A bar along x with its middle taken out: the segment leaves the mesh and comes back.
    let whole = TetMesh::box_lattice([0.0; 3], [9.0, 1.0, 1.0], 1.0, "extra").unwrap();
    let kept: Vec<[u32; 4]> = (0..whole.len())
        .filter(|&tet| {
            whole.corners_um(tet).iter().all(|x| x[0] <= 3.5) || whole.corners_um(tet).iter().all(|x| x[0] >= 5.5)
        })
        .map(|tet| whole.tetrahedra()[tet])
        .collect();
    let mesh = TetMesh::new(whole.vertices_um().to_vec(), kept, Vec::new()).unwrap();
    let found = Intersector::new(Arc::new(mesh)).intersect([[0.0, 0.5, 0.5], [9.0, 0.5, 0.5]]);
    assert!((found.uncovered - 2.0 / 9.0).abs() < 1e-13, "{found:?}");
}

/// The part of a segment inside the unit-independent box [0, 10]^3, by clipping against its six sides.
fn part_in_box([start, end]: [[f64; 3]; 2], size: f64) -> f64 {
    let [mut from, mut to] = [0.0f64, 1.0f64];
    for axis in 0..3 {
        let advance = end[axis] - start[axis];
        let [a, b] = [-start[axis] / advance, (size - start[axis]) / advance];
        from = from.max(a.min(b));
        to = to.min(a.max(b));
    }
    (to - from).max(0.0)
}

proptest! {
    #[test]
    fn pieces_fill_what_lies_in_the_box(start in prop::array::uniform3(-3.0..13.0), end in prop::array::uniform3(-3.0..13.0)) {
        static INTERSECTOR: std::sync::OnceLock<Intersector> = std::sync::OnceLock::new();
        let intersector = INTERSECTOR.get_or_init(|| Intersector::new(Arc::new(TetMesh::box_lattice([0.0; 3], [10.0; 3], 1.3, "extra").unwrap())));
        let found = intersector.intersect([start, end]);
        let inside: f64 = found.pieces.iter().map(|piece| piece.fraction).sum();
        let expected = part_in_box([start, end], 10.0);
        prop_assert!((inside - expected).abs() < 1e-7 && (1.0 - found.uncovered - expected).abs() < 2e-9, "{} {}", inside, expected);
        // Reversed, it is the same.
        let reversed = intersector.intersect([end, start]);
        for (a, b) in found.pieces.iter().zip(&reversed.pieces) {
            prop_assert!(a.tet == b.tet && (a.fraction - b.fraction).abs() < 1e-11);
        }
    }
}
