//! Astrocytes: bushy cells with domains that do not overlap, endfeet on vessels, processes at synapses.
//!
//! Domains of about 40 um radius, 4 to 8 stems (Bushong et al. 2002, J. Neurosci. 22:183; Zisis et al. 2021, Cereb. Cortex
//! 31:5686), somas of 8 to 11 um.

use msr_coupling::random::Stream;

use super::column::{Neuron, PIA_UM, stem_directions};
use super::distribution::{Purpose, Spread, stream, uniform_between};
use super::geometry::{
    Vector, add, between, distance, dot, nearest_on_segment, normalised, random_direction, scale, subtract,
};
use super::growth::{Cone, Tree, extend, grow_tree};
use super::locus::{Locus, loci};
use super::morphology::{Morphology, Neurite};
use super::pyramidal::on_soma;
use super::synapses::Synapse;
use super::vasculature::{Segment, Vasculature, VesselType};

/// An astrocyte; its morphology's frame is only shifted against the column's.
#[derive(Debug, Clone, PartialEq)]
pub struct Astrocyte {
    pub position_um: Vector,
    pub morphology: Morphology,
}

/// A foot on a vessel: a row of the endfoot population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Endfoot {
    pub astrocyte: usize,
    /// Row of the vessel segment in the vasculature population.
    pub vessel_segment: usize,
    /// Section of the astrocyte that ends in the foot, counted from 0 without the soma, as upstream's endfoot files do.
    pub astrocyte_section_id: u32,
    pub surface_um: Vector,
    pub length_um: f64,
    pub diameter_um: f64,
    pub perimeter_um: f64,
}

/// An astrocyte's process at a synapse: a row of the neuroglial population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ensheathment {
    pub astrocyte: usize,
    /// Row of the synapse in the chemical population.
    pub synapse: usize,
    pub place: Locus,
}

const COUNT: usize = 6;
const DOMAIN_RADIUS_UM: f64 = 42.0;
/// Fraction of the excitatory and inhibitory synapses in the domain that an astrocyte touches (about 60 %: Witcher et al.
/// 2010, Glia 58:572).
const ENSHEATHED: f64 = 0.6;
/// A process reaches a synapse within this distance (perisynaptic processes are finer than a skeleton shows).
const REACH_UM: f64 = 12.0;
/// Endfeet of one cell, and how far they reach.
const ENDFEET: usize = 3;
const ENDFOOT_REACH_UM: f64 = 65.0;
/// Length of vessel that a foot covers, and the thickness of its sheet (Zisis et al. 2021).
const ENDFOOT_LENGTH_UM: Spread = Spread(11.0, 2.5);
const ENDFOOT_THICKNESS_UM: f64 = 0.97;

const PROCESS: Tree = Tree {
    neurite: Neurite::Basal,
    bifurcation: &[1.0, 0.95, 0.7, 0.35],
    intermediate_um: Spread(12.0, 4.0),
    terminal_um: Spread(16.0, 5.0),
    half_angle_rad: Spread(0.6, 0.15),
    wander: 0.25,
    taper_per_100_um: 1.2,
    minimum_diameter_um: 0.25,
};

/// Grows the astrocytes where synapses and vessels are. Returns them and their endfeet.
pub fn grow_astrocytes(
    seed: u64,
    neurons: &[Neuron],
    vessels: &Vasculature,
    synapses: &[Synapse],
) -> (Vec<Astrocyte>, Vec<Endfoot>) {
    let mut astrocytes: Vec<Astrocyte> = Vec::with_capacity(COUNT);
    let mut endfeet = Vec::new();
    for index in 0..COUNT {
        let mut stream = stream(seed, Purpose::Astrocyte, index);
        let position_um = settle(&mut stream, index, neurons, &astrocytes, vessels, synapses);
        let soma_um = Spread(9.5, 0.7).normal_within(&mut stream, 8.0, 11.0);
        let mut morphology = Morphology::new(&format!("astrocyte_{index:02}"), soma_um);
        for vessel_segment in near_vessels(vessels, position_um) {
            endfeet.push(grow_endfoot(&mut stream, &mut morphology, index, position_um, vessels, vessel_segment));
        }
        let field = |position: Vector, _: Vector| {
            let outside = (distance(position, [0.0; 3]) / DOMAIN_RADIUS_UM - 0.8).max(0.0);
            scale(normalised(position), 0.03 - 2.0 * outside)
        };
        let stems = 5 + usize::from(stream.uniform() < 0.5);
        for direction in stem_directions(&mut stream, stems, -1.0..1.0) {
            let diameter_um = uniform_between(&mut stream, 1.2, 2.2);
            let cone = on_soma(&morphology, direction, diameter_um);
            grow_tree(&mut morphology, &mut stream, None, cone, diameter_um, &PROCESS, &field);
        }
        astrocytes.push(Astrocyte { position_um, morphology: morphology.arranged() });
    }
    (astrocytes, endfeet)
}

/// Astrocytes' processes at the synapses of their domains.
pub fn ensheathe(seed: u64, astrocytes: &[Astrocyte], synapses: &[Synapse]) -> Vec<Ensheathment> {
    let places: Vec<Vec<Locus>> = astrocytes
        .iter()
        .map(|astrocyte| {
            let placed = |local| add(astrocyte.position_um, local);
            loci(&astrocyte.morphology, placed, 2.0, |neurite| neurite == Neurite::Basal)
        })
        .collect();
    let mut stream = stream(seed, Purpose::Ensheathment, 0);
    let mut found = Vec::new();
    for (index, synapse) in synapses.iter().enumerate() {
        let touched = stream.uniform() < ENSHEATHED;
        let center_um = synapse.afferent_surface_um;
        let nearest = places
            .iter()
            .enumerate()
            .flat_map(|(astrocyte, places)| places.iter().map(move |place| (astrocyte, place)))
            .map(|(astrocyte, place)| (distance(place.center_um, center_um), astrocyte, place))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((distance_um, astrocyte, place)) = nearest
            && touched
            && distance_um < REACH_UM
        {
            found.push(Ensheathment { astrocyte, synapse: index, place: *place });
        }
    }
    // Rows in the order of the astrocytes, as the other populations are in the order of their targets.
    found.sort_by_key(|row| (synapses[row.synapse].target, row.astrocyte, row.synapse));
    found
}

/// The best of many places in one of `COUNT` bands of depth: many synapses in the domain, a vessel beside the soma, no
/// overlap. Every second astrocyte has a penetrating arteriole within reach.
fn settle(
    stream: &mut Stream,
    index: usize,
    neurons: &[Neuron],
    astrocytes: &[Astrocyte],
    vessels: &Vasculature,
    synapses: &[Synapse],
) -> Vector {
    const CANDIDATES: usize = 4000;
    const CLEARANCE_UM: f64 = 18.0;
    const BORDER_UM: f64 = 55.0;
    let band_um = (PIA_UM - 2.0 * BORDER_UM) / COUNT as f64;
    let floor_um = BORDER_UM + index as f64 * band_um;
    let band = floor_um..floor_um + band_um;
    let needs_arteriole = index % 2 == 1;
    let mut best: Option<(usize, Vector)> = None;
    for _ in 0..CANDIDATES {
        let around = synapses[(stream.uniform() * synapses.len() as f64) as usize].afferent.center_um;
        let shift = 20.0 * stream.uniform();
        let candidate = add(around, scale(random_direction(stream), shift));
        if !band.contains(&candidate[1]) {
            continue;
        }
        let free = neurons.iter().all(|neuron| distance(neuron.position_um, candidate) > CLEARANCE_UM)
            && astrocytes.iter().all(|other| distance(other.position_um, candidate) > 1.8 * DOMAIN_RADIUS_UM);
        let wall_um = |segment: &Segment| {
            let [start, end] = vessels.ends_um(segment);
            nearest_on_segment(candidate, start, end).1 - vessels.mean_radius_um(segment)
        };
        let nearest_vessel_um = vessels.segments.iter().map(wall_um).fold(f64::INFINITY, f64::min);
        let supplied = (9.0..30.0).contains(&nearest_vessel_um)
            && (!needs_arteriole
                || vessels.segments.iter().any(|segment| {
                    segment.vessel_type == VesselType::Arteriole && wall_um(segment) < 0.9 * ENDFOOT_REACH_UM
                }));
        let within = |synapse: &&Synapse| distance(synapse.afferent.center_um, candidate) < DOMAIN_RADIUS_UM;
        let count = synapses.iter().filter(within).count();
        if free && supplied && best.is_none_or(|(most, _)| count > most) {
            best = Some((count, candidate));
        }
    }
    best.expect("a column has room for a few astrocytes").1
}

/// The segments that get endfeet: those of the nearest vessels (sections), after the nearest piece of arteriole if one is
/// within reach.
fn near_vessels(vessels: &Vasculature, position_um: Vector) -> Vec<usize> {
    let mut by_distance: Vec<(f64, usize)> = vessels
        .segments
        .iter()
        .enumerate()
        .map(|(index, segment)| {
            let [start, end] = vessels.ends_um(segment);
            (nearest_on_segment(position_um, start, end).1, index)
        })
        .filter(|&(distance_um, _)| distance_um < ENDFOOT_REACH_UM)
        .collect();
    let is_capillary = |index: usize| vessels.segments[index].vessel_type != VesselType::Arteriole;
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0));
    let first_arteriole = by_distance.iter().position(|&(_, index)| !is_capillary(index));
    by_distance[..=first_arteriole.unwrap_or(0)].rotate_right(1);
    let mut sections = Vec::new();
    let mut chosen = Vec::new();
    for (_, index) in by_distance {
        let section = vessels.segments[index].section_id;
        if !sections.contains(&section) && chosen.len() < ENDFEET {
            sections.push(section);
            chosen.push(index);
        }
    }
    chosen
}

/// A process that runs to the vessel and ends on its wall.
fn grow_endfoot(
    stream: &mut Stream,
    morphology: &mut Morphology,
    astrocyte: usize,
    position_um: Vector,
    vessels: &Vasculature,
    vessel_segment: usize,
) -> Endfoot {
    let segment = &vessels.segments[vessel_segment];
    let [start, end] = vessels.ends_um(segment);
    let (fraction, _) = nearest_on_segment(position_um, start, end);
    // Not on the junction itself, where the wall belongs to several vessels.
    let axis_um = between(start, end, fraction.clamp(0.15, 0.85));
    let radius_um = vessels.mean_radius_um(segment);
    let vessel = normalised(subtract(end, start));
    let towards_soma = subtract(position_um, axis_um);
    let outwards = normalised(subtract(towards_soma, scale(vessel, dot(towards_soma, vessel))));
    let surface_um = add(axis_um, scale(outwards, radius_um));
    let foot = subtract(surface_um, position_um);
    let cone = on_soma(morphology, normalised(foot), 1.8);
    let reach_um = distance(cone.point.position_um, foot);
    // A little astray on the way, then shifted so that it ends on the wall.
    let towards = |position: Vector, _: Vector| scale(normalised(subtract(foot, position)), 0.4);
    let (mut points, _) = extend(stream, Cone { ..cone }, reach_um, 1.2, 0.15, &towards);
    let last = points.len() - 1;
    let miss = subtract(foot, points[last].position_um);
    for (index, point) in points.iter_mut().enumerate() {
        point.position_um = add(point.position_um, scale(miss, index as f64 / last as f64));
    }
    let section = morphology.push(Neurite::Axon, None, points);
    let length_um = ENDFOOT_LENGTH_UM.normal_within(stream, 5.0, 20.0).min(vessels.length_um(segment));
    // The foot as a compartment: a cylinder as long as the covered vessel with the volume of the sheet around it.
    let volume_um3 = std::f64::consts::TAU * radius_um * length_um * ENDFOOT_THICKNESS_UM;
    let diameter_um = (4.0 * volume_um3 / (std::f64::consts::PI * length_um)).sqrt();
    Endfoot {
        astrocyte,
        vessel_segment,
        astrocyte_section_id: section as u32,
        surface_um,
        length_um,
        diameter_um,
        perimeter_um: std::f64::consts::TAU * (radius_um + ENDFOOT_THICKNESS_UM),
    }
}
