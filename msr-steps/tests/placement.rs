//! How segments, vessels and points lie in the tetrahedra.

use crate::fixtures::{mesh, simulator};
use msr_coupling::space::{SEGMENTS, TETRAHEDRA, VESSEL_SEGMENTS};
use msr_coupling::{Geometry, Simulator, Space};
use msr_steps::{Solver, TetrahedralSpace};

fn lines(name: &str, lines: Vec<[[f64; 3]; 2]>) -> Space {
    Space { geometry: Geometry::Lines(lines.clone()), ..Space::of_nodes(name, None, (0..lines.len() as u64).collect()) }
}

#[test]
fn segments_map_to_tetrahedra() {
    let simulator = simulator(Solver::Deterministic);
    let spaces = simulator.spaces();
    assert_eq!((spaces[0].name.as_str(), spaces[0].len()), (TETRAHEDRA, simulator.mesh().len()));
    assert_eq!(spaces[0].subsets["extra"].len(), simulator.mesh().len());

    let nowhere = [[f64::NAN; 3]; 2];
    let segments =
        lines(SEGMENTS, vec![[[1.0, 1.0, 1.0], [19.0, 9.0, 8.0]], nowhere, [[3.0, 4.0, 5.0], [3.5, 4.0, 5.1]]]);
    let vessels = lines(VESSEL_SEGMENTS, vec![[[-10.0, 5.0, 5.0], [10.0, 5.0, 5.0]], [[50.0; 3], [60.0; 3]]]);
    let nodes = Space::of_nodes("neurons", None, vec![0, 1]);
    let points = Space {
        geometry: Geometry::Points(vec![[5.0; 3], [0.1, 0.2, 0.3]]),
        ..Space::of_nodes("endfeet", None, vec![4, 9])
    };
    let (mappings, coverages) =
        TetrahedralSpace::new(mesh()).place_all(&[segments, vessels, nodes, points, spaces[0].clone()]).unwrap();
    let names: Vec<_> = mappings.iter().map(|mapping| mapping.from.as_str()).collect();
    assert_eq!(names, [SEGMENTS, VESSEL_SEGMENTS, "endfeet"]);
    let sums = |position: usize| -> Vec<f64> {
        mappings[position]
            .fractions
            .outer_iterator()
            .map(|row| row.iter().map(|(_, fraction)| fraction).sum())
            .collect()
    };
    for (found, expected) in [(sums(0), vec![1.0, 0.0, 1.0]), (sums(1), vec![0.5, 0.0]), (sums(2), vec![1.0, 1.0])] {
        assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} {expected:?}");
    }
    assert_eq!(coverages[0].to_string(), "segments: all 3 elements lie in the tetrahedra; 1 have no coordinates");
    assert_eq!((coverages[1].outside, coverages[1].partly_outside), (1, 1));
    assert!(
        coverages[1]
            .to_string()
            .starts_with("vessel_segments: of 2 elements, 1 lie outside the tetrahedra and 1 partly")
    );
    assert!(mappings[0].fractions.outer_iterator().next().unwrap().nnz() > 4);
}

#[test]
fn a_mesh_elsewhere_is_refused() {
    let segments = lines(SEGMENTS, vec![[[1.0; 3], [2.0; 3]], [[300.0; 3], [301.0; 3]]]);
    let error = simulator(Solver::Deterministic).mappings(&[segments]).unwrap_err().to_string();
    assert!(error.contains("1 of 2 neuron segments lie wholly outside the mesh"), "{error}");
    assert!(error.contains("[0.000, 0.000, 0.000] to [20.000, 10.000, 10.000] um"), "{error}");
    assert!(error.contains("[1.000, 1.000, 1.000] to [301.000, 301.000, 301.000] um"), "{error}");
}
