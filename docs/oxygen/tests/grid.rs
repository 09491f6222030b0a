//! Where lines and points lie.

use msr_coupling::Geometry;
use msr_oxygen::Grid;

#[test]
fn a_line_is_shared_by_the_voxels_it_crosses() {
    let grid = Grid::of([4, 2, 1], 10.0);
    let lines = vec![
        // 5 um in voxel 0, 10 in 1, 5 in 2.
        [[5.0, 5.0, 5.0], [25.0, 5.0, 5.0]],
        // Diagonally through the corner of 0 and 5, backwards.
        [[20.0, 20.0, 5.0], [0.0, 0.0, 5.0]],
        // Half of it outside.
        [[35.0, 5.0, 5.0], [45.0, 5.0, 5.0]],
        // Of no length, and outside.
        [[15.0, 15.0, 5.0]; 2],
        [[-1.0, 0.0, 0.0]; 2],
    ];
    let fractions = grid.fractions(&Geometry::Lines(lines)).unwrap();
    let row = |element: usize| -> Vec<(usize, f64)> {
        fractions.outer_view(element).unwrap().iter().map(|(voxel, &part)| (voxel, part)).collect()
    };
    assert_eq!(row(0), [(0, 0.25), (1, 0.5), (2, 0.25)]);
    assert_eq!(row(1), [(0, 0.5), (5, 0.5)]);
    assert_eq!((row(2), row(3), row(4)), (vec![(3, 0.5)], vec![(5, 1.0)], vec![]));
    assert!(grid.fractions(&Geometry::Abstract).is_none());
}

#[test]
fn a_grid_around_points_holds_them_all() {
    let points = vec![[0.0, -3.0, 7.0], [40.0, 21.0, 7.0], [12.5, 0.0, 7.0]];
    let grid = Grid::around(&points, 10.0);
    assert_eq!(grid.len(), 5 * 3);
    let fractions = grid.fractions(&Geometry::Points(points)).unwrap();
    assert!(fractions.outer_iterator().all(|row| row.nnz() == 1));
    let space = grid.space("voxels");
    let Geometry::Points(centres) = &space.geometry else { panic!("voxels have centres") };
    // Every centre is in its own voxel.
    let own = grid.fractions(&Geometry::Points(centres.clone())).unwrap();
    assert!(own.outer_iterator().enumerate().all(|(voxel, row)| row.indices() == [voxel]));
    assert_eq!(Grid::around(&[], 10.0).len(), 1);
}
