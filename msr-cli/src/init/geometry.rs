//! Vectors in micrometres.

use msr_coupling::random::Stream;

/// A point or a direction (um).
pub type Vector = [f64; 3];

pub fn add(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

pub fn subtract(a: Vector, b: Vector) -> Vector {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

pub fn scale(a: Vector, factor: f64) -> Vector {
    [a[0] * factor, a[1] * factor, a[2] * factor]
}

pub fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

pub fn cross(a: Vector, b: Vector) -> Vector {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

pub fn norm(a: Vector) -> f64 {
    dot(a, a).sqrt()
}

pub fn distance(a: Vector, b: Vector) -> f64 {
    norm(subtract(a, b))
}

/// The unit vector along `a`, or the y axis if `a` vanishes.
pub fn normalised(a: Vector) -> Vector {
    let length = norm(a);
    if length > 0.0 { scale(a, 1.0 / length) } else { [0.0, 1.0, 0.0] }
}

/// The point at `fraction` of the way from `a` to `b`.
pub fn between(a: Vector, b: Vector, fraction: f64) -> Vector {
    add(a, scale(subtract(b, a), fraction))
}

/// `a` turned by `angle_rad` about the y (depth) axis, right-handed.
pub fn turned_about_y(a: Vector, angle_rad: f64) -> Vector {
    let (sine, cosine) = angle_rad.sin_cos();
    [a[0] * cosine + a[2] * sine, a[1], a[2] * cosine - a[0] * sine]
}

/// The fraction along the segment `a`-`b` of its point nearest to `p`, and the distance of that point from `p`.
pub fn nearest_on_segment(p: Vector, a: Vector, b: Vector) -> (f64, f64) {
    let axis = subtract(b, a);
    let square = dot(axis, axis);
    let fraction = if square > 0.0 { (dot(subtract(p, a), axis) / square).clamp(0.0, 1.0) } else { 0.0 };
    (fraction, distance(p, between(a, b, fraction)))
}

/// A direction drawn uniformly from the sphere.
pub fn random_direction(stream: &mut Stream) -> Vector {
    normalised([stream.normal(), stream.normal(), stream.normal()])
}

/// A unit vector perpendicular to `axis`, at a random azimuth.
pub fn random_perpendicular(stream: &mut Stream, axis: Vector) -> Vector {
    let direction = random_direction(stream);
    normalised(subtract(direction, scale(axis, dot(direction, axis) / dot(axis, axis))))
}
