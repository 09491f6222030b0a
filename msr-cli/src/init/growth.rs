//! Stochastic growth of neurites: a persistent random walk of the growth cone with attraction, bifurcation probabilities by
//! branch order, and diameters by Rall's power law (the ingredients of van Pelt and Schierwagen 2004, Math. Biosci. 188:147,
//! and Kanari et al. 2022, Cell Reports 39:110586).

use msr_coupling::random::Stream;

use super::distribution::{Spread, uniform_between};
use super::geometry::{Vector, add, cross, normalised, random_perpendicular, scale};
use super::morphology::{Morphology, Neurite, Point};

/// Distance between the samples of a neurite.
const STEP_UM: f64 = 6.0;
/// Diameters of two daughters d1, d2 of a parent d: d^1.5 = d1^1.5 + d2^1.5 (Rall 1959, Exp. Neurol. 1:491).
const RALL_EXPONENT: f64 = 1.5;

/// How a growth cone is pulled, by its position and direction: the length of the result is the strength relative to the
/// present direction.
pub type Field<'a> = &'a dyn Fn(Vector, Vector) -> Vector;

/// A growth cone.
#[derive(Debug, Clone, Copy)]
pub struct Cone {
    pub point: Point,
    pub direction: Vector,
}

/// The statistics of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    pub neurite: Neurite,
    /// Probability that a section of branch order 0, 1, ... ends in a bifurcation; 0 beyond the list.
    pub bifurcation: &'static [f64],
    pub intermediate_um: Spread,
    pub terminal_um: Spread,
    /// Half the angle between the daughters (rad).
    pub half_angle_rad: Spread,
    /// Standard deviation of each component of the direction's change in a step.
    pub wander: f64,
    /// Relative loss of diameter in 100 um.
    pub taper_per_100_um: f64,
    pub minimum_diameter_um: f64,
}

/// Grows one unbranched piece from `cone`. The first point is the cone's own; the last has the direction to go on with.
pub fn extend(
    stream: &mut Stream,
    cone: Cone,
    length_um: f64,
    end_diameter_um: f64,
    wander: f64,
    field: Field,
) -> (Vec<Point>, Vector) {
    let steps = (length_um / STEP_UM).ceil().max(2.0) as usize;
    let step_um = length_um / steps as f64;
    let mut points = vec![cone.point];
    let mut direction = cone.direction;
    let mut position = cone.point.position_um;
    for step in 1..=steps {
        let noise = [stream.normal(), stream.normal(), stream.normal()];
        direction = normalised(add(add(direction, scale(noise, wander)), field(position, direction)));
        position = add(position, scale(direction, step_um));
        let fraction = step as f64 / steps as f64;
        let diameter_um = cone.point.diameter_um + (end_diameter_um - cone.point.diameter_um) * fraction;
        points.push(Point { position_um: position, diameter_um });
    }
    (points, direction)
}

/// Grows a whole tree from `cone`; `diameter_um` is the diameter of its first section's beginning.
pub fn grow_tree(
    morphology: &mut Morphology,
    stream: &mut Stream,
    parent: Option<usize>,
    cone: Cone,
    diameter_um: f64,
    tree: &Tree,
    field: Field,
) {
    grow_section(morphology, stream, parent, cone, diameter_um, 0, tree, field);
}

#[allow(clippy::too_many_arguments)]
fn grow_section(
    morphology: &mut Morphology,
    stream: &mut Stream,
    parent: Option<usize>,
    cone: Cone,
    diameter_um: f64,
    order: usize,
    tree: &Tree,
    field: Field,
) {
    let bifurcates = stream.uniform() < tree.bifurcation.get(order).copied().unwrap_or(0.0);
    let lengths = if bifurcates { tree.intermediate_um } else { tree.terminal_um };
    let length_um = lengths.gamma(stream).clamp(2.0 * STEP_UM, 2.5 * lengths.0);
    let end_um = tapered(diameter_um, length_um, tree);
    let (mut points, direction) = extend(stream, cone, length_um, end_um, tree.wander, field);
    taper(&mut points[1..], diameter_um, end_um);
    let tip = points[points.len() - 1];
    let index = morphology.push(tree.neurite, parent, points);
    if !bifurcates {
        return;
    }
    let sideways = random_perpendicular(stream, direction);
    let ratio = uniform_between(stream, 0.7, 1.0);
    let thicker = end_um / (1.0 + ratio.powf(RALL_EXPONENT)).powf(1.0 / RALL_EXPONENT);
    for (side, diameter_um) in [(1.0, thicker), (-1.0, thicker * ratio)] {
        let angle = tree.half_angle_rad.normal_within(stream, 0.1, 1.2);
        let daughter = rotated_towards(direction, scale(sideways, side), angle);
        let cone = Cone { point: tip, direction: daughter };
        let diameter_um = diameter_um.max(tree.minimum_diameter_um);
        grow_section(morphology, stream, Some(index), cone, diameter_um, order + 1, tree, field);
    }
}

/// A long straight process (apical trunk, descending or ascending axon) that sends off side trees.
pub struct Trunk<'a> {
    pub neurite: Neurite,
    /// Lengths of the pieces between side trees, from the soma on.
    pub pieces_um: &'a [f64],
    pub start_diameter_um: f64,
    pub end_diameter_um: f64,
    pub wander: f64,
    pub side_tree: &'a Tree,
    /// Diameter of the side trees' stems.
    pub side_diameter_um: Spread,
    /// Angle between the trunk and its side trees (rad).
    pub side_angle_rad: Spread,
}

/// Grows `trunk` with a side tree at the end of each piece but the last. Returns the trunk's last section and growth cone;
/// the caller goes on from there with at least two daughters.
pub fn grow_trunk(
    morphology: &mut Morphology,
    stream: &mut Stream,
    start: Cone,
    trunk: &Trunk,
    trunk_field: Field,
    side_field: Field,
) -> (usize, Cone) {
    let total_um: f64 = trunk.pieces_um.iter().sum();
    let mut cone = start;
    let mut parent = None;
    let mut grown_um = 0.0;
    let mut azimuth = random_perpendicular(stream, start.direction);
    for (piece, &length_um) in trunk.pieces_um.iter().enumerate() {
        grown_um += length_um;
        let fraction = grown_um / total_um;
        let end_um = trunk.start_diameter_um + (trunk.end_diameter_um - trunk.start_diameter_um) * fraction;
        let (points, direction) = extend(stream, cone, length_um, end_um, trunk.wander, trunk_field);
        cone = Cone { point: points[points.len() - 1], direction };
        let index = morphology.push(trunk.neurite, parent, points);
        parent = Some(index);
        if piece + 1 < trunk.pieces_um.len() {
            // Successive side trees leave at the golden angle (with noise), so that they fill the space around the trunk.
            let golden_rad = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
            let turn = golden_rad + 0.5 * stream.normal();
            azimuth = normalised(add(scale(azimuth, turn.cos()), scale(cross(direction, azimuth), turn.sin())));
            let angle = trunk.side_angle_rad.normal_within(stream, 0.3, 1.7);
            let side = Cone { point: cone.point, direction: rotated_towards(direction, azimuth, angle) };
            let diameter_um = trunk.side_diameter_um.normal_within(stream, 0.3, 0.9 * end_um);
            grow_tree(morphology, stream, parent, side, diameter_um, trunk.side_tree, side_field);
        }
    }
    (parent.expect("a trunk has a piece"), cone)
}

/// `direction` turned by `angle_rad` towards the unit vector `sideways` that is perpendicular to it.
fn rotated_towards(direction: Vector, sideways: Vector, angle_rad: f64) -> Vector {
    normalised(add(scale(direction, angle_rad.cos()), scale(sideways, angle_rad.sin())))
}

fn tapered(diameter_um: f64, length_um: f64, tree: &Tree) -> f64 {
    (diameter_um * (1.0 - tree.taper_per_100_um * length_um / 100.0).max(0.3)).max(tree.minimum_diameter_um)
}

fn taper(points: &mut [Point], start_um: f64, end_um: f64) {
    let last = points.len().saturating_sub(1).max(1) as f64;
    for (index, point) in points.iter_mut().enumerate() {
        point.diameter_um = start_um + (end_um - start_um) * index as f64 / last;
    }
}
