//! The cortical column: its layers, and which neuron stands where.

use super::distribution::{Purpose, stream, uniform_between};
use super::geometry::{Vector, add, distance, dot, normalised, scale, turned_about_y};
use super::morphology::Morphology;
use super::{interneuron, pyramidal};

/// The pia's y; y = 0 is the border to the white matter. Thickness and layer borders (depths below the pia 128, 269, 418,
/// 588, 890, 1154 um) are those of the mouse C2 barrel column, Lefort et al. 2009, Neuron 61:301.
pub const PIA_UM: f64 = 1154.0;
/// Depth of the border between layers 1 and 2.
pub const LAYER_1_DEPTH_UM: f64 = 128.0;
/// Depth of the border between layers 3 and 4.
pub const LAYER_3_DEPTH_UM: f64 = 418.0;
/// Half the width of the column of vessels, and the radius to which neurites are drawn back.
pub const COLUMN_RADIUS_UM: f64 = 150.0;
/// Somas lie within this distance of the column's axis.
const SOMA_RADIUS_UM: f64 = 48.0;
/// The smallest distance between two somas' centres.
const SOMA_SPACING_UM: f64 = 30.0;

/// What a neuron is, before it is grown. `depth_um` is below the pia.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blueprint {
    pub mtype: &'static str,
    pub etype: &'static str,
    pub layer: &'static str,
    pub region: &'static str,
    pub depth_um: f64,
    pub shape: Shape,
}

/// The families of shapes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    Pyramidal(pyramidal::Recipe),
    Basket,
    Martinotti,
}

impl Blueprint {
    pub fn is_excitatory(&self) -> bool {
        matches!(self.shape, Shape::Pyramidal(_))
    }

    pub fn synapse_class(&self) -> &'static str {
        if self.is_excitatory() { "EXC" } else { "INH" }
    }

    pub fn morph_class(&self) -> &'static str {
        if self.is_excitatory() { "PYR" } else { "INT" }
    }
}

const fn blueprint(
    mtype: &'static str,
    etype: &'static str,
    layer: &'static str,
    region: &'static str,
    depth_um: f64,
    shape: Shape,
) -> Blueprint {
    Blueprint { mtype, etype, layer, region, depth_um, shape }
}

/// Seven excitatory and three inhibitory cells in layers 2 to 6, with the names of types of Markram et al. 2015, Cell 163:456.
pub const BLUEPRINTS: [Blueprint; 10] = [
    blueprint("L23_PC", "cADpyr", "2", "L2", 205.0, Shape::Pyramidal(pyramidal::LAYER_2)),
    blueprint("L23_PC", "cADpyr", "3", "L3", 340.0, Shape::Pyramidal(pyramidal::LAYER_3)),
    blueprint("L23_MC", "bAC", "3", "L3", 370.0, Shape::Martinotti),
    blueprint("L4_TPC", "cADpyr", "4", "L4", 480.0, Shape::Pyramidal(pyramidal::LAYER_4)),
    blueprint("L4_LBC", "cNAC", "4", "L4", 540.0, Shape::Basket),
    blueprint("L5_TPC:A", "cADpyr", "5", "L5", 690.0, Shape::Pyramidal(pyramidal::LAYER_5)),
    blueprint("L5_TPC:A", "cADpyr", "5", "L5", 790.0, Shape::Pyramidal(pyramidal::LAYER_5)),
    blueprint("L5_LBC", "bNAC", "5", "L5", 735.0, Shape::Basket),
    blueprint("L6_TPC:A", "cADpyr", "6", "L6", 945.0, Shape::Pyramidal(pyramidal::LAYER_6)),
    blueprint("L6_TPC:C", "cADpyr", "6", "L6", 1030.0, Shape::Pyramidal(pyramidal::LAYER_6)),
];

/// A grown neuron. Its morphology's own frame has the soma at the origin and the pia at +y.
#[derive(Debug, Clone, PartialEq)]
pub struct Neuron {
    pub blueprint: Blueprint,
    pub position_um: Vector,
    /// Turn about the y axis from the morphology's frame to the column's.
    pub yaw_rad: f64,
    pub morphology: Morphology,
}

impl Neuron {
    /// A point of the morphology in the column.
    pub fn placed(&self, local_um: Vector) -> Vector {
        add(self.position_um, turned_about_y(local_um, self.yaw_rad))
    }
}

/// What bounds the neurites of one cell: the pia, the white matter, and the column's width. Positions are relative to the
/// soma.
#[derive(Debug, Clone, Copy)]
pub struct Territory {
    pub soma_um: Vector,
}

impl Territory {
    /// The pull of the borders on a growth cone: it takes away the part of the direction that leads out of the column, so
    /// that neurites turn and run along the border.
    pub fn pull(&self, relative_um: Vector, direction: Vector) -> Vector {
        let [x, y, z] = add(self.soma_um, relative_um);
        let radius = x.hypot(z).max(f64::MIN_POSITIVE);
        const RADIAL_MARGIN_UM: f64 = 45.0;
        const VERTICAL_MARGIN_UM: f64 = 40.0;
        let borders = [
            ([x / radius, 0.0, z / radius], (radius - COLUMN_RADIUS_UM) / RADIAL_MARGIN_UM),
            ([0.0, 1.0, 0.0], (y - PIA_UM) / VERTICAL_MARGIN_UM),
            ([0.0, -1.0, 0.0], -y / VERTICAL_MARGIN_UM),
        ];
        borders.into_iter().fold([0.0; 3], |pull, (outwards, beyond)| {
            // 0 at the margin's beginning, 1 at the border.
            let nearness = (1.0 + beyond).clamp(0.0, 1.5);
            add(pull, scale(outwards, -1.2 * nearness * dot(direction, outwards).max(0.0)))
        })
    }

    /// The pia's height above the soma.
    pub fn pia_um(&self) -> f64 {
        PIA_UM - self.soma_um[1]
    }
}

/// Places and grows all neurons. Equal seeds give equal neurons.
pub fn grow_neurons(seed: u64) -> Vec<Neuron> {
    let mut placement = stream(seed, Purpose::Placement, 0);
    let mut neurons: Vec<Neuron> = Vec::with_capacity(BLUEPRINTS.len());
    for (index, &blueprint) in BLUEPRINTS.iter().enumerate() {
        let position_um = loop {
            let radius = SOMA_RADIUS_UM * placement.uniform().sqrt();
            let azimuth = uniform_between(&mut placement, 0.0, std::f64::consts::TAU);
            let y = PIA_UM - blueprint.depth_um + uniform_between(&mut placement, -12.0, 12.0);
            let candidate = [radius * azimuth.cos(), y, radius * azimuth.sin()];
            if neurons.iter().all(|neuron| distance(neuron.position_um, candidate) >= SOMA_SPACING_UM) {
                break candidate;
            }
        };
        let yaw_rad = uniform_between(&mut placement, -std::f64::consts::PI, std::f64::consts::PI);
        let name = format!("{}_{}_{index:02}", blueprint.mtype.replace(':', "-"), blueprint.etype);
        let territory = Territory { soma_um: position_um };
        let mut dendrites = stream(seed, Purpose::Dendrites, index);
        let mut axon = stream(seed, Purpose::Axon, index);
        let grown = match blueprint.shape {
            Shape::Pyramidal(recipe) => pyramidal::grow(&name, &recipe, territory, &mut dendrites, &mut axon),
            Shape::Basket => interneuron::grow_basket(&name, territory, &mut dendrites, &mut axon),
            Shape::Martinotti => interneuron::grow_martinotti(&name, territory, &mut dendrites, &mut axon),
        };
        // Growth took place in the column's frame; the file holds the cell's own.
        let morphology = grown.arranged().turned_about_y(-yaw_rad);
        neurons.push(Neuron { blueprint, position_um, yaw_rad, morphology });
    }
    neurons
}

/// Stems that leave the soma in all directions of `allowed`, spread evenly (a Fibonacci lattice on the sphere, turned and
/// disturbed at random).
pub fn stem_directions(
    stream: &mut msr_coupling::random::Stream,
    count: usize,
    allowed: std::ops::Range<f64>,
) -> Vec<Vector> {
    let golden_rad = std::f64::consts::PI * (3.0 - 5.0_f64.sqrt());
    let start = uniform_between(stream, 0.0, std::f64::consts::TAU);
    (0..count)
        .map(|stem| {
            let y = allowed.start + (allowed.end - allowed.start) * (stem as f64 + 0.5) / count as f64;
            let azimuth = start + golden_rad * stem as f64;
            let radius = (1.0 - y * y).max(0.0).sqrt();
            let even = [radius * azimuth.cos(), y, radius * azimuth.sin()];
            let noise = [stream.normal(), stream.normal(), stream.normal()];
            normalised(add(even, scale(noise, 0.15)))
        })
        .collect()
}
