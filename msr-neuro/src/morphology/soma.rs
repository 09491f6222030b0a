//! A soma section from what files say of a soma: a sphere, a contour, or a stack of contours.
//!
//! The rules are those of NEURON's Import3d, so that the soma has the same points and with them the same membrane: a
//! contour is walked in steps of one hundredth of its path, its longest axis is the first principal axis of these places,
//! and the section is [`DISCS`] discs along it, each as wide as the contour is there.

use std::f64::consts::TAU;

use super::{Point, distance};

/// Number of discs that a contour is cut into.
const DISCS: usize = 21;
/// Number of places along a contour.
const PLACES: usize = 101;
/// Places along the axis that differ by less than this part of the contour's extent are abreast: the rounding of a side that
/// is straight across the axis must not decide where the contour ends.
const ABREAST: f64 = 1e-9;
/// A second principal axis that keeps less than this of its length in the xy plane has no direction there.
const LEAST_IN_PLANE: f64 = 1e-6;

/// A sphere of one sample becomes a cylinder along x with length and diameter of the sphere: the same surface.
pub(super) fn from_sphere(centre: [f64; 3], radius_um: f64) -> Vec<Point> {
    [-radius_um, 0.0, radius_um]
        .map(|shift| Point::single([centre[0] + shift, centre[1], centre[2]], 2.0 * radius_um))
        .to_vec()
}

/// A contour becomes a stack of discs along its longest axis. `None` where it has no extent or no width.
pub(super) fn from_contour(contour: &[[f64; 3]]) -> Option<Vec<Point>> {
    let places = places(contour)?;
    let centre = centroid(&places);
    let (major, minor) = axes(&places, centre)?;
    let mut path: Vec<(f64, f64)> = places
        .iter()
        .map(|place| {
            let from_centre = std::array::from_fn(|axis| place[axis] - centre[axis]);
            (dot(from_centre, major), dot(from_centre, minor))
        })
        .collect();
    let (low, high) = path
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), place| (low.min(place.0), high.max(place.0)));
    let abreast = ABREAST * (high - low);
    let far = path.iter().position(|place| place.0 >= high - abreast)?;
    path.rotate_left(far);
    let near = path.iter().position(|place| place.0 <= low + abreast)?;
    let there = rising(path[..near].iter().rev(), abreast);
    let back = rising(path[near..].iter(), abreast);
    let mut along: Vec<f64> = there.iter().chain(&back).map(|place| place.0).collect();
    along.sort_by(f64::total_cmp);
    // Both tips have no width; the discs stand between the places next to them.
    let (first, last) = (*along.get(1)?, *along.get(along.len().checked_sub(2)?)?);
    let spacing = (last - first) / (DISCS - 1) as f64;
    let mut discs: Vec<Point> = (0..DISCS)
        .map(|disc| {
            let at = first + disc as f64 * spacing;
            let diameter_um = (across(&there, at) - across(&back, at)).abs();
            Point { position: std::array::from_fn(|axis| centre[axis] + at * major[axis]), diameter_um }
        })
        .collect();
    discs[0].diameter_um = (discs[0].diameter_um + discs[1].diameter_um) / 2.0;
    discs[DISCS - 1].diameter_um = (discs[DISCS - 1].diameter_um + discs[DISCS - 2].diameter_um) / 2.0;
    let has_width = |point: &Point| point.diameter_um > 0.0 && point.diameter_um.is_finite();
    discs
        .iter()
        .all(has_width)
        .then(|| discs.iter().map(|disc| Point::single(disc.position, disc.diameter_um)).collect())
}

/// Contours above one another become a disc each: at the middle of its places, as wide as a circle whose radius is the
/// mean of their mean distance from there and of the perimeter over 2 pi. `None` where a contour has no extent.
pub(super) fn from_stack(contours: &[Vec<[f64; 3]>]) -> Option<Vec<Point>> {
    contours
        .iter()
        .map(|contour| {
            let places = places(contour)?;
            let centre = centroid(&places);
            let radius = places.iter().map(|&place| distance(place, centre)).sum::<f64>() / PLACES as f64;
            let next = contour.iter().cycle().skip(1);
            let perimeter: f64 = contour.iter().zip(next).map(|(&a, &b)| distance(a, b)).sum();
            let diameter_um = radius + perimeter / TAU;
            (diameter_um > 0.0 && diameter_um.is_finite()).then(|| Point::single(centre, diameter_um))
        })
        .collect()
}

/// Mean of points.
pub(super) fn centroid(points: &[[f64; 3]]) -> [f64; 3] {
    std::array::from_fn(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64)
}

/// Places at equal steps along a contour, from its first point to its last; the path is measured in the xy plane. `None`
/// where it has no length there.
fn places(contour: &[[f64; 3]]) -> Option<Vec<[f64; 3]>> {
    let mut path = vec![0.0];
    for pair in contour.windows(2) {
        path.push(path[path.len() - 1] + (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]));
    }
    let length = path[path.len() - 1];
    if !(length > 0.0 && length.is_finite()) {
        return None;
    }
    let step = length / (PLACES - 1) as f64;
    let place = |index: usize| {
        let at = index as f64 * step;
        std::array::from_fn(|axis| interpolated(&path, |point| contour[point][axis], at))
    };
    Some((0..PLACES).map(place).collect())
}

/// Value at `at` of the function with `value(k)` at `x[k]` (rising), linear in between and constant beyond the ends.
fn interpolated(x: &[f64], value: impl Fn(usize) -> f64, at: f64) -> f64 {
    let next = x.partition_point(|&x| x < at);
    if next == 0 {
        return value(0);
    }
    if next == x.len() {
        return value(next - 1);
    }
    let fraction = (at - x[next - 1]) / (x[next] - x[next - 1]);
    fraction * value(next) + (1.0 - fraction) * value(next - 1)
}

fn across(side: &[(f64, f64)], at: f64) -> f64 {
    let along: Vec<f64> = side.iter().map(|place| place.0).collect();
    interpolated(&along, |place| side[place].1, at)
}

/// Places that are farther along the axis than all before them: one side of the contour without its dents.
fn rising<'a>(side: impl Iterator<Item = &'a (f64, f64)>, abreast: f64) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for &place in side {
        if kept.last().is_none_or(|last| place.0 > last.0 + abreast) {
            kept.push(place);
        }
    }
    kept
}

/// The first principal axis of places, its largest part positive, and the direction of the second in the xy plane, both of
/// length 1.
fn axes(places: &[[f64; 3]], centre: [f64; 3]) -> Option<([f64; 3], [f64; 3])> {
    let mut moments = [[0.0; 3]; 3];
    for place in places {
        let from_centre: [f64; 3] = std::array::from_fn(|axis| place[axis] - centre[axis]);
        for row in 0..3 {
            for column in 0..3 {
                moments[row][column] += from_centre[row] * from_centre[column];
            }
        }
    }
    let (values, vectors) = eigen(moments);
    let mut order = [0, 1, 2];
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    let mut major: [f64; 3] = std::array::from_fn(|row| vectors[row][order[0]]);
    let largest = (1..3).fold(0, |best, axis| if major[axis].abs() > major[best].abs() { axis } else { best });
    if major[largest] < 0.0 {
        major = major.map(|part| -part);
    }
    let (x, y) = (vectors[0][order[1]], vectors[1][order[1]]);
    let in_plane = x.hypot(y);
    (in_plane >= LEAST_IN_PLANE && values[order[0]] > 0.0).then(|| (major, [x / in_plane, y / in_plane, 0.0]))
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations (Golub & Van Loan, Matrix
/// Computations, 8.5).
fn eigen(mut matrix: [[f64; 3]; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
    /// Sweeps; each squares what is left off the diagonal, so that six reach rounding.
    const SWEEPS: usize = 30;
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if matrix[p][q] == 0.0 {
                continue;
            }
            let tau = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
            let tangent = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
            let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
            let sine = tangent * cosine;
            let turned = |a: f64, b: f64| (cosine * a - sine * b, sine * a + cosine * b);
            for row in matrix.iter_mut().chain(&mut vectors) {
                (row[p], row[q]) = turned(row[p], row[q]);
            }
            let columns: [(f64, f64); 3] = std::array::from_fn(|column| turned(matrix[p][column], matrix[q][column]));
            (matrix[p], matrix[q]) = (columns.map(|pair| pair.0), columns.map(|pair| pair.1));
        }
    }
    ([matrix[0][0], matrix[1][1], matrix[2][2]], vectors)
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    (0..3).map(|axis| a[axis] * b[axis]).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elliptic_contour_has_the_surface_of_its_spheroid() {
        let (a, b) = (10.0_f64, 5.0_f64);
        let contour: Vec<[f64; 3]> = (0..360)
            .map(|degree| f64::from(degree).to_radians())
            .map(|angle| [1.0 + b * angle.sin(), a * angle.cos(), 3.0])
            .collect();
        let discs = from_contour(&contour).unwrap();
        let surface: f64 = discs
            .windows(2)
            .map(|pair| {
                let slant = distance(pair[0].position, pair[1].position)
                    .hypot((pair[0].diameter_um - pair[1].diameter_um) / 2.0);
                TAU / 4.0 * (pair[0].diameter_um + pair[1].diameter_um) * slant
            })
            .sum();
        // Prolate spheroid: 2 pi b^2 (1 + a / (b e) asin e), e^2 = 1 - b^2 / a^2; the stack leaves the tips out.
        let e = (1.0 - b * b / (a * a)).sqrt();
        let exact = TAU * b * b * (1.0 + a / (b * e) * e.asin());
        assert!((surface / exact - 1.0).abs() < 0.06, "{surface} {exact}");
    }

    #[test]
    fn circles_above_one_another_are_as_wide_as_they_are() {
        let circle = |z: f64, radius: f64| -> Vec<[f64; 3]> {
            let at = |degree: i32| f64::from(degree).to_radians();
            (0..360).map(|degree| [radius * at(degree).cos(), radius * at(degree).sin(), z]).collect()
        };
        let discs = from_stack(&[circle(-2.0, 3.0), circle(0.0, 4.0), circle(2.0, 3.5)]).unwrap();
        for (disc, (z, diameter)) in discs.iter().zip([(-2.0, 6.0), (0.0, 8.0), (2.0, 7.0)]) {
            assert!((disc.diameter_um / diameter - 1.0).abs() < 1e-3 && (disc.position[2] - z).abs() < 1e-6);
        }
    }

    #[test]
    fn a_point_has_no_axis() {
        assert_eq!(from_contour(&[[1.0, 2.0, 3.0]; 5]), None);
        assert_eq!(from_stack(&[vec![[1.0, 2.0, 3.0]; 5]]), None);
        // A line has no width.
        assert_eq!(from_contour(&[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [3.0, 0.0, 0.0]]), None);
    }

    #[test]
    fn eigenvectors_turn_a_matrix_into_its_eigenvalues() {
        let matrix = [[4.0, 1.0, -2.0], [1.0, 2.0, 0.5], [-2.0, 0.5, 3.0]];
        let (values, vectors) = eigen(matrix);
        for column in 0..3 {
            for row in 0..3 {
                let product: f64 = (0..3).map(|k| matrix[row][k] * vectors[k][column]).sum();
                assert!((product - values[column] * vectors[row][column]).abs() < 1e-14);
            }
        }
    }
}
