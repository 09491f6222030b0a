//! Interneurons without an apical dendrite: large basket cells (multipolar, local axon) and Martinotti cells (bitufted, axon
//! ascending to layer 1). Statistics after Wang et al. 2002 (Cereb. Cortex 12:395) and Wang et al. 2004 (J. Physiol. 561:65):
//! somas of 11 to 16 um, 5 to 8 smooth stems, 2 to 4 mm of dendrite.

use msr_coupling::random::Stream;

use super::column::{LAYER_1_DEPTH_UM, Territory, stem_directions};
use super::distribution::{Spread, uniform_between};
use super::geometry::{add, normalised, scale};
use super::growth::{Cone, Field, Tree, Trunk, grow_tree, grow_trunk};
use super::morphology::{Morphology, Neurite};
use super::pyramidal::on_soma;

const DENDRITE: Tree = Tree {
    neurite: Neurite::Basal,
    bifurcation: &[0.95, 0.6, 0.25, 0.05],
    intermediate_um: Spread(28.0, 13.0),
    terminal_um: Spread(100.0, 30.0),
    half_angle_rad: Spread(0.42, 0.12),
    wander: 0.2,
    taper_per_100_um: 0.3,
    minimum_diameter_um: 0.6,
};

/// Dense and local, as basket cells have it.
const BASKET_AXON: Tree = Tree {
    neurite: Neurite::Axon,
    bifurcation: &[1.0, 0.95, 0.85, 0.55, 0.25],
    intermediate_um: Spread(42.0, 18.0),
    terminal_um: Spread(95.0, 35.0),
    half_angle_rad: Spread(0.7, 0.18),
    wander: 0.28,
    taper_per_100_um: 0.1,
    minimum_diameter_um: 0.3,
};

/// The fan of a Martinotti axon, in layer 1 and on the way.
const FAN_AXON: Tree = Tree { bifurcation: &[0.95, 0.8, 0.6, 0.3], half_angle_rad: Spread(0.8, 0.18), ..BASKET_AXON };

/// A large basket cell in the column's frame around its soma.
pub fn grow_basket(name: &str, territory: Territory, dendrites: &mut Stream, axon: &mut Stream) -> Morphology {
    let soma_um = Spread(14.0, 0.9).normal_within(dendrites, 11.0, 16.0);
    let mut morphology = Morphology::new(name, soma_um);
    let field = |position, direction| add(territory.pull(position, direction), scale(normalised(position), 0.02));
    const BRANCHES: usize = 2;
    let trunk = Trunk {
        neurite: Neurite::Axon,
        pieces_um: &[40.0, 18.0, 18.0, 18.0],
        start_diameter_um: 1.2,
        end_diameter_um: 0.7,
        wander: 0.2,
        side_tree: &BASKET_AXON,
        side_diameter_um: Spread(0.5, 0.06),
        side_angle_rad: Spread(1.2, 0.2),
    };
    let start = on_soma(&morphology, [0.0, 1.0, 0.0], trunk.start_diameter_um);
    let (parent, cone) = grow_trunk(&mut morphology, axon, start, &trunk, &field, &field);
    for direction in stem_directions(axon, BRANCHES, -0.5..0.9) {
        grow_tree(&mut morphology, axon, Some(parent), Cone { direction, ..cone }, 0.5, &BASKET_AXON, &field);
    }
    let count = 6 + usize::from(dendrites.uniform() < 0.5);
    for direction in stem_directions(dendrites, count, -1.0..1.0) {
        grow_stem(&mut morphology, dendrites, direction, &field);
    }
    morphology
}

/// A Martinotti cell in the column's frame around its soma.
pub fn grow_martinotti(name: &str, territory: Territory, dendrites: &mut Stream, axon: &mut Stream) -> Morphology {
    let soma_um = Spread(12.5, 0.8).normal_within(dendrites, 10.0, 15.0);
    let mut morphology = Morphology::new(name, soma_um);
    let field = |position, direction| add(territory.pull(position, direction), scale(normalised(position), 0.02));
    let upwards = |position, direction| add(territory.pull(position, direction), [0.0, 0.2, 0.0]);
    let rise_um = (territory.pia_um() - 0.8 * LAYER_1_DEPTH_UM - morphology.soma_radius_um()).max(80.0);
    let branches = (rise_um / 60.0).ceil().max(2.0) as usize;
    let pieces_um = vec![rise_um / branches as f64; branches];
    let trunk = Trunk {
        neurite: Neurite::Axon,
        pieces_um: &pieces_um,
        start_diameter_um: 1.2,
        end_diameter_um: 0.7,
        wander: 0.12,
        side_tree: &FAN_AXON,
        side_diameter_um: Spread(0.5, 0.06),
        side_angle_rad: Spread(1.2, 0.25),
    };
    let start = on_soma(&morphology, [0.0, 1.0, 0.0], trunk.start_diameter_um);
    let (parent, cone) = grow_trunk(&mut morphology, axon, start, &trunk, &upwards, &field);
    for direction in stem_directions(axon, 2, -0.2..0.5) {
        grow_tree(&mut morphology, axon, Some(parent), Cone { direction, ..cone }, 0.5, &FAN_AXON, &field);
    }
    // Bitufted: a bundle up and a bundle down.
    let mut stems = stem_directions(dendrites, 3, 0.55..0.95);
    stems.extend(stem_directions(dendrites, 3, -0.95..-0.55));
    for direction in stems {
        grow_stem(&mut morphology, dendrites, direction, &field);
    }
    morphology
}

fn grow_stem(morphology: &mut Morphology, stream: &mut Stream, direction: [f64; 3], field: Field) {
    let diameter_um = uniform_between(stream, 1.1, 1.9);
    let cone = on_soma(morphology, direction, diameter_um);
    grow_tree(morphology, stream, None, cone, diameter_um, &DENDRITE, field);
}
