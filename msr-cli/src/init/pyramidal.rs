//! Pyramidal cells: an apical trunk with obliques and a tuft, basal dendrites, a descending axon with collaterals.
//!
//! Segment lengths and branching: Larkman 1991 (J. Comp. Neurol. 306:307): basal dendrites of 5 to 8 stems with short
//! intermediate (about 20 um) and long terminal (about 90 um) sections. Total lengths of mouse and young rat cells, a few
//! millimetres (layers 2 to 4, 6) to about 8 mm (layer 5): Lübke et al. 2000 (J. Neurosci. 20:5300), Zhang and Deschênes
//! 1997 (J. Neurosci. 17:6365), Ramaswamy and Markram 2015 (Front. Cell. Neurosci. 9:233).

use msr_coupling::random::Stream;

use super::column::{LAYER_1_DEPTH_UM, LAYER_3_DEPTH_UM, Territory, stem_directions};
use super::distribution::{Spread, uniform_between};
use super::geometry::{add, normalised, scale};
use super::growth::{Cone, Tree, Trunk, extend, grow_tree, grow_trunk};
use super::morphology::{Morphology, Neurite, Point};

/// What differs between the layers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recipe {
    pub soma_diameter_um: Spread,
    pub basal_stems: usize,
    pub basal_stem_diameter_um: Spread,
    pub basal_bifurcation: &'static [f64],
    pub obliques: usize,
    pub trunk_diameter_um: f64,
    pub trunk_end_diameter_um: f64,
    /// Depth below the pia at which the tuft begins.
    pub tuft_depth_um: f64,
    pub tuft_bifurcation: &'static [f64],
}

/// Layer 2: a short trunk and a broad tuft.
pub const LAYER_2: Recipe = Recipe {
    soma_diameter_um: Spread(14.0, 0.8),
    basal_stems: 6,
    basal_stem_diameter_um: Spread(1.9, 0.3),
    basal_bifurcation: &[1.0, 0.75, 0.35, 0.1],
    obliques: 2,
    trunk_diameter_um: 2.8,
    trunk_end_diameter_um: 2.0,
    tuft_depth_um: LAYER_1_DEPTH_UM,
    tuft_bifurcation: &[1.0, 0.9, 0.6, 0.2],
};

/// Layer 3: obliques in layers 2 and 3, a tuft in layer 1.
pub const LAYER_3: Recipe = Recipe {
    soma_diameter_um: Spread(15.0, 0.8),
    obliques: 4,
    trunk_diameter_um: 3.2,
    trunk_end_diameter_um: 1.9,
    ..LAYER_2
};

/// Layer 4: a slender trunk that ends in layers 2 and 3, hardly tufted.
pub const LAYER_4: Recipe = Recipe {
    soma_diameter_um: Spread(13.0, 0.7),
    basal_stems: 5,
    basal_bifurcation: &[1.0, 0.7, 0.3, 0.05],
    obliques: 3,
    trunk_diameter_um: 2.2,
    trunk_end_diameter_um: 1.1,
    tuft_depth_um: 230.0,
    tuft_bifurcation: &[0.6, 0.3],
    ..LAYER_2
};

/// Layer 5, thick-tufted.
pub const LAYER_5: Recipe = Recipe {
    soma_diameter_um: Spread(19.0, 1.0),
    basal_stems: 7,
    basal_stem_diameter_um: Spread(2.5, 0.35),
    basal_bifurcation: &[1.0, 0.85, 0.5, 0.2],
    obliques: 8,
    trunk_diameter_um: 5.0,
    trunk_end_diameter_um: 2.8,
    tuft_depth_um: 190.0,
    tuft_bifurcation: &[1.0, 1.0, 0.85, 0.55, 0.2],
};

/// Layer 6: the trunk ends in layer 4 with a small tuft.
pub const LAYER_6: Recipe = Recipe {
    soma_diameter_um: Spread(14.0, 0.8),
    basal_stems: 6,
    basal_stem_diameter_um: Spread(1.7, 0.2),
    obliques: 5,
    trunk_diameter_um: 2.6,
    trunk_end_diameter_um: 1.4,
    tuft_depth_um: LAYER_3_DEPTH_UM + 60.0,
    tuft_bifurcation: &[0.8, 0.4],
    ..LAYER_2
};

const BASAL: Tree = Tree {
    neurite: Neurite::Basal,
    bifurcation: &[],
    intermediate_um: Spread(22.0, 10.0),
    terminal_um: Spread(88.0, 24.0),
    half_angle_rad: Spread(0.45, 0.12),
    wander: 0.16,
    taper_per_100_um: 0.35,
    minimum_diameter_um: 0.6,
};

const OBLIQUE: Tree = Tree {
    neurite: Neurite::Apical,
    bifurcation: &[0.75, 0.35, 0.1],
    intermediate_um: Spread(30.0, 14.0),
    terminal_um: Spread(90.0, 25.0),
    ..BASAL
};

const TUFT: Tree = Tree {
    neurite: Neurite::Apical,
    intermediate_um: Spread(38.0, 15.0),
    terminal_um: Spread(95.0, 28.0),
    half_angle_rad: Spread(0.5, 0.12),
    ..BASAL
};

/// Local collaterals; long-range projections end at the column's border.
const COLLATERAL: Tree = Tree {
    neurite: Neurite::Axon,
    bifurcation: &[0.9, 0.8, 0.45, 0.15],
    intermediate_um: Spread(55.0, 22.0),
    terminal_um: Spread(125.0, 45.0),
    half_angle_rad: Spread(0.6, 0.15),
    wander: 0.24,
    taper_per_100_um: 0.12,
    minimum_diameter_um: 0.3,
};

/// Grows one cell in the column's frame around its soma.
pub fn grow(
    name: &str,
    recipe: &Recipe,
    territory: Territory,
    dendrites: &mut Stream,
    axon: &mut Stream,
) -> Morphology {
    let soma_um = recipe.soma_diameter_um.normal_within(dendrites, 8.0, 25.0);
    let mut morphology = Morphology::new(name, soma_um);
    grow_axon(&mut morphology, territory, axon);
    grow_basal(&mut morphology, recipe, territory, dendrites);
    grow_apical(&mut morphology, recipe, territory, dendrites);
    morphology
}

fn grow_basal(morphology: &mut Morphology, recipe: &Recipe, territory: Territory, stream: &mut Stream) {
    let field = |position, direction| add(territory.pull(position, direction), scale(normalised(position), 0.04));
    let tree = Tree { bifurcation: recipe.basal_bifurcation, ..BASAL };
    // The basal skirt: from 25 degrees above the horizontal to 65 below.
    for direction in stem_directions(stream, recipe.basal_stems, -0.9..0.4) {
        let diameter_um = recipe.basal_stem_diameter_um.normal_within(stream, 1.0, 3.5);
        let cone = on_soma(morphology, direction, diameter_um);
        grow_tree(morphology, stream, None, cone, diameter_um, &tree, &field);
    }
}

fn grow_apical(morphology: &mut Morphology, recipe: &Recipe, territory: Territory, stream: &mut Stream) {
    let side_field = |position, direction| add(territory.pull(position, direction), scale(normalised(position), 0.03));
    let trunk_field = |[x, _, z]: [f64; 3], _: [f64; 3]| [-0.002 * x, 0.25, -0.002 * z];
    let height_um = territory.pia_um() - recipe.tuft_depth_um - morphology.soma_radius_um();
    let pieces_um = oblique_spacing(stream, height_um, recipe.obliques);
    let trunk = Trunk {
        neurite: Neurite::Apical,
        pieces_um: &pieces_um,
        start_diameter_um: recipe.trunk_diameter_um,
        end_diameter_um: recipe.trunk_end_diameter_um,
        wander: 0.07,
        side_tree: &OBLIQUE,
        side_diameter_um: Spread(1.1, 0.2),
        side_angle_rad: Spread(1.05, 0.2),
    };
    let start = on_soma(morphology, [0.0, 1.0, 0.0], recipe.trunk_diameter_um);
    let (parent, cone) = grow_trunk(morphology, stream, start, &trunk, &trunk_field, &side_field);
    let tuft = Tree { bifurcation: recipe.tuft_bifurcation, ..TUFT };
    let tuft_field = |position, direction| add(territory.pull(position, direction), [0.0, 0.03, 0.0]);
    let azimuth = uniform_between(stream, 0.0, std::f64::consts::TAU);
    for side in [1.0, -1.0] {
        let direction = normalised([side * 0.6 * azimuth.cos(), 1.0, side * 0.6 * azimuth.sin()]);
        // Two equal daughters by Rall's law.
        let diameter_um = recipe.trunk_end_diameter_um * 0.5_f64.powf(1.0 / 1.5);
        grow_tree(morphology, stream, Some(parent), Cone { direction, ..cone }, diameter_um, &tuft, &tuft_field);
    }
}

/// Obliques leave the proximal two thirds of the trunk.
fn oblique_spacing(stream: &mut Stream, height_um: f64, obliques: usize) -> Vec<f64> {
    const SHORTEST_UM: f64 = 12.0;
    let first_um = 0.08 * height_um;
    let zone_um = 0.6 * height_um;
    let mut heights: Vec<f64> = (0..obliques)
        .map(|oblique| first_um + zone_um * (oblique as f64 + uniform_between(stream, 0.1, 0.9)) / obliques as f64)
        .collect();
    heights.push(height_um);
    let mut below_um = 0.0;
    heights
        .into_iter()
        .map(|height_um| {
            let piece_um = (height_um - below_um).max(SHORTEST_UM);
            below_um += piece_um;
            piece_um
        })
        .collect()
}

fn grow_axon(morphology: &mut Morphology, territory: Territory, stream: &mut Stream) {
    let field = |position, direction| territory.pull(position, direction);
    // Grows down through the layers, held at the white matter by the territory.
    let trunk_field = |position, direction| add(territory.pull(position, direction), [0.0, -0.2, 0.0]);
    let down_um = (territory.soma_um[1] - 40.0).clamp(90.0, 380.0);
    const COLLATERALS: usize = 5;
    let mut pieces_um = vec![uniform_between(stream, 42.0, 55.0)];
    pieces_um.extend((0..COLLATERALS).map(|_| (down_um - 50.0) / COLLATERALS as f64));
    let trunk = Trunk {
        neurite: Neurite::Axon,
        pieces_um: &pieces_um,
        start_diameter_um: 1.5,
        end_diameter_um: 0.7,
        wander: 0.1,
        side_tree: &COLLATERAL,
        side_diameter_um: Spread(0.5, 0.08),
        side_angle_rad: Spread(1.3, 0.2),
    };
    let start = on_soma(morphology, [0.0, -1.0, 0.0], trunk.start_diameter_um);
    let (parent, cone) = grow_trunk(morphology, stream, start, &trunk, &trunk_field, &field);
    grow_tree(morphology, stream, Some(parent), cone, 0.5, &COLLATERAL, &field);
    let (points, _) = extend(stream, cone, 60.0, 0.6, 0.1, &trunk_field);
    morphology.push(Neurite::Axon, Some(parent), points);
}

/// A growth cone on the soma's surface.
pub fn on_soma(morphology: &Morphology, direction: [f64; 3], diameter_um: f64) -> Cone {
    let position_um = scale(direction, morphology.soma_radius_um());
    Cone { point: Point { position_um, diameter_um }, direction }
}
