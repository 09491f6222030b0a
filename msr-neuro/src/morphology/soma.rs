//! A soma section from the samples of an SWC file.

use super::{Point, distance};

/// Number of discs that a contour is cut into.
const DISCS: usize = 21;

/// A sphere of one sample becomes a cylinder along x with length and diameter of the sphere: the same surface.
pub(super) fn from_sphere(centre: [f64; 3], radius_um: f64) -> Vec<Point> {
    [-radius_um, 0.0, radius_um]
        .map(|shift| Point { position: [centre[0] + shift, centre[1], centre[2]], diameter_um: 2.0 * radius_um })
        .to_vec()
}

/// A contour becomes a stack of discs along its longest axis: each disc is as wide as the contour where it is cut
/// across that axis. `None` where the contour has no extent.
pub(super) fn from_contour(contour: &[[f64; 3]]) -> Option<Vec<Point>> {
    let centre = centroid(contour);
    let (major, minor) = principal_axes(contour, centre)?;
    let project = |axis: [f64; 3], point: [f64; 3]| (0..3).map(|k| axis[k] * (point[k] - centre[k])).sum::<f64>();
    let flat: Vec<(f64, f64)> = contour.iter().map(|&point| (project(major, point), project(minor, point))).collect();
    let low = flat.iter().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let high = flat.iter().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
    let width_at = |along: f64| {
        let mut across = (f64::INFINITY, f64::NEG_INFINITY);
        for (index, &(x0, y0)) in flat.iter().enumerate() {
            let (x1, y1) = flat[(index + 1) % flat.len()];
            if x0 != x1 && (x0 - along) * (x1 - along) <= 0.0 {
                let y = y0 + (y1 - y0) * (along - x0) / (x1 - x0);
                across = (across.0.min(y), across.1.max(y));
            }
        }
        across.1 - across.0
    };
    // The two tips have no width: the outermost discs stand half a spacing inside.
    let spacing = (high - low) / DISCS as f64;
    let discs: Vec<Point> = (0..DISCS)
        .map(|disc| {
            let along = low + (disc as f64 + 0.5) * spacing;
            Point { position: std::array::from_fn(|k| centre[k] + along * major[k]), diameter_um: width_at(along) }
        })
        .filter(|point| point.diameter_um > 0.0 && point.diameter_um.is_finite())
        .collect();
    (discs.len() >= 2).then_some(discs)
}

/// Mean of points.
pub(super) fn centroid(points: &[[f64; 3]]) -> [f64; 3] {
    std::array::from_fn(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64)
}

/// The longest axis of a cloud of points and the longest one across it, both of length 1.
fn principal_axes(points: &[[f64; 3]], centre: [f64; 3]) -> Option<([f64; 3], [f64; 3])> {
    let mut spread = [[0.0; 3]; 3];
    for point in points {
        for row in 0..3 {
            for column in 0..3 {
                spread[row][column] += (point[row] - centre[row]) * (point[column] - centre[column]);
            }
        }
    }
    let major = dominant(&spread)?;
    let along = rayleigh(&spread, major);
    let mut rest = spread;
    for row in 0..3 {
        for column in 0..3 {
            rest[row][column] -= along * major[row] * major[column];
        }
    }
    Some((major, dominant(&rest)?))
}

/// Dominant eigenvector of a symmetric matrix by power iteration.
fn dominant(matrix: &[[f64; 3]; 3]) -> Option<[f64; 3]> {
    const ITERATIONS: usize = 500;
    // The longest column is not orthogonal to the dominant eigenvector.
    let start = (0..3).max_by(|&a, &b| norm(matrix[a]).total_cmp(&norm(matrix[b])))?;
    let mut axis = unit(matrix[start])?;
    for _ in 0..ITERATIONS {
        axis = unit(std::array::from_fn(|row| (0..3).map(|k| matrix[row][k] * axis[k]).sum()))?;
    }
    Some(axis)
}

fn rayleigh(matrix: &[[f64; 3]; 3], axis: [f64; 3]) -> f64 {
    (0..3).map(|row| (0..3).map(|k| axis[row] * matrix[row][k] * axis[k]).sum::<f64>()).sum()
}

fn norm(vector: [f64; 3]) -> f64 {
    distance(vector, [0.0; 3])
}

fn unit(vector: [f64; 3]) -> Option<[f64; 3]> {
    let length = norm(vector);
    (length > 0.0 && length.is_finite()).then(|| vector.map(|x| x / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elliptic_contour_has_the_surface_of_its_spheroid() {
        let (a, b) = (10.0_f64, 5.0_f64);
        let contour: Vec<[f64; 3]> = (0..360)
            .map(|degree| f64::from(degree).to_radians())
            .map(|angle| [3.0, 1.0 + b * angle.sin(), a * angle.cos()])
            .collect();
        let discs = from_contour(&contour).unwrap();
        let surface: f64 = discs
            .windows(2)
            .map(|pair| {
                let slant = distance(pair[0].position, pair[1].position)
                    .hypot((pair[0].diameter_um - pair[1].diameter_um) / 2.0);
                std::f64::consts::FRAC_PI_2 * (pair[0].diameter_um + pair[1].diameter_um) * slant
            })
            .sum();
        // Prolate spheroid: 2 pi b^2 (1 + a / (b e) asin e), e^2 = 1 - b^2 / a^2; the stack leaves the tips out.
        let e = (1.0 - b * b / (a * a)).sqrt();
        let exact = std::f64::consts::TAU * b * b * (1.0 + a / (b * e) * e.asin());
        assert!((surface / exact - 1.0).abs() < 0.06, "{surface} {exact}");
    }

    #[test]
    fn a_point_has_no_axis() {
        assert_eq!(from_contour(&[[1.0, 2.0, 3.0]; 5]), None);
    }
}
