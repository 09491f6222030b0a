//! Which neurons are connected, and where their synapses sit: at places where the presynaptic axon comes near the
//! postsynaptic dendrites, with the preferences of the presynaptic type (after Reimann et al. 2015, Front. Comput. Neurosci.
//! 9:120, who prune appositions to biological numbers of synapses in a connection).

use msr_coupling::random::Stream;

use super::column::{Blueprint, Neuron, Shape};
use super::distribution::{Purpose, Spread, stream};
use super::geometry::{add, distance, normalised, scale, subtract};
use super::locus::{Locus, loci, soma_locus};
use super::morphology::Neurite;
use super::synapse_physiology::Physiology;

/// One synapse: a row of the edge population.
#[derive(Debug, Clone, PartialEq)]
pub struct Synapse {
    pub source: usize,
    pub target: usize,
    pub afferent: Locus,
    pub efferent: Locus,
    pub afferent_surface_um: [f64; 3],
    pub efferent_surface_um: [f64; 3],
    pub physiology: Physiology,
}

/// Distance between the places that are considered on a neurite.
const SPACING_UM: f64 = 4.0;
/// Weight of a place at distance d from the axon: exp(-d^2 / (2 sigma^2)); none beyond `FARTHEST_UM`. Wider than a true
/// apposition (a spine and a bouton bridge about 3 um), because the axons are cut at the column's border and sparse.
const APPOSITION_SIGMA_UM: f64 = 7.0;
const FARTHEST_UM: f64 = 16.0;

/// How one type of neuron connects to another.
struct Pathway {
    /// Probability of a connection between two cells whose neurites meet.
    probability: f64,
    synapses: Spread,
}

/// Probabilities of pairs within reach, and synapses in a connection (Markram et al. 2015, Cell 163:456, figures 7 and 8: 3 to 8
/// between excitatory cells, 8 to 14 from and to interneurons). The probabilities are high: with ten neurons, those of the
/// tissue would give a handful of connections.
fn pathway(source: &Blueprint, target: &Blueprint) -> Pathway {
    match (source.is_excitatory(), target.is_excitatory()) {
        (true, true) => Pathway { probability: 0.5, synapses: Spread(5.5, 1.2) },
        (true, false) => Pathway { probability: 0.75, synapses: Spread(8.0, 2.0) },
        (false, true) => Pathway { probability: 0.85, synapses: Spread(10.0, 2.5) },
        (false, false) => Pathway { probability: 0.5, synapses: Spread(8.0, 2.0) },
    }
}

/// Preference of the presynaptic type for a place on the target.
fn preference(source: &Blueprint, place: &Locus) -> f64 {
    match source.shape {
        // Excitatory synapses sit on dendrites, hardly within 20 um of the soma.
        Shape::Pyramidal(_) => 1.0 - (-place.path_um / 20.0).exp(),
        // Basket cells: soma and proximal dendrites (Wang et al. 2002, Cereb. Cortex 12:395).
        Shape::Basket => (-place.path_um / 60.0).exp(),
        // Martinotti cells: apical obliques and tuft (Silberberg and Markram 2007, Neuron 53:735).
        Shape::Martinotti if place.neurite == Some(Neurite::Apical) => 4.0,
        Shape::Martinotti => 1.0 - (-place.path_um / 40.0).exp(),
    }
}

/// Connects the neurons. Sorted by target, then source, as neurodamus' files are.
pub fn connect(seed: u64, neurons: &[Neuron]) -> Vec<Synapse> {
    let places: Vec<(Vec<Locus>, Vec<Locus>)> = neurons
        .iter()
        .map(|neuron| {
            let placed = |local| neuron.placed(local);
            let axon = loci(&neuron.morphology, placed, SPACING_UM, |neurite| neurite == Neurite::Axon);
            let mut dendrites = loci(&neuron.morphology, placed, SPACING_UM, |neurite| neurite != Neurite::Axon);
            dendrites.push(soma_locus(neuron));
            (dendrites, axon)
        })
        .collect();
    let mut synapses = Vec::new();
    for (target, (dendrites, _)) in places.iter().enumerate() {
        for (source, (_, axon)) in places.iter().enumerate().filter(|&(source, _)| source != target) {
            let pair = target * neurons.len() + source;
            let mut stream = stream(seed, Purpose::Connections, pair);
            let (pre, post) = (&neurons[source].blueprint, &neurons[target].blueprint);
            let pathway = pathway(pre, post);
            let mut candidates = appositions(pre, dendrites, axon);
            let count = pathway.synapses.normal_within(&mut stream, 3.0, 16.0).round() as usize;
            if candidates.len() < 2 * count || stream.uniform() >= pathway.probability {
                continue;
            }
            let mut physiology = super::distribution::stream(seed, Purpose::Physiology, pair);
            for _ in 0..count {
                let (_, place, bouton) = candidates.swap_remove(weighted_choice(&mut stream, &candidates));
                let afferent = dendrites[place];
                let efferent = axon[bouton];
                let towards = normalised(subtract(efferent.center_um, afferent.center_um));
                synapses.push(Synapse {
                    source,
                    target,
                    afferent_surface_um: add(afferent.center_um, scale(towards, afferent.radius_um)),
                    efferent_surface_um: subtract(efferent.center_um, scale(towards, efferent.radius_um)),
                    physiology: Physiology::draw(&mut physiology, pre, post, &afferent, &efferent),
                    afferent,
                    efferent,
                });
            }
        }
    }
    synapses
}

/// Dendritic places within reach of the axon: (weight, index of the place, index of the nearest axonal place).
fn appositions(source: &Blueprint, dendrites: &[Locus], axon: &[Locus]) -> Vec<(f64, usize, usize)> {
    let mut found = Vec::new();
    for (place, locus) in dendrites.iter().enumerate() {
        let nearest = axon
            .iter()
            .enumerate()
            .map(|(bouton, bouton_locus)| (distance(locus.center_um, bouton_locus.center_um), bouton))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        // A soma is met at its surface, and offers more of it than a piece of dendrite.
        let (surface_um, area) = if locus.neurite.is_none() { (locus.radius_um, 8.0) } else { (0.0, 1.0) };
        if let Some((center_distance_um, bouton)) = nearest {
            let distance_um = (center_distance_um - surface_um).max(0.0);
            if distance_um < FARTHEST_UM {
                let nearness = (-0.5 * (distance_um / APPOSITION_SIGMA_UM).powi(2)).exp();
                found.push((area * nearness * preference(source, locus), place, bouton));
            }
        }
    }
    found
}

fn weighted_choice(stream: &mut Stream, candidates: &[(f64, usize, usize)]) -> usize {
    let total: f64 = candidates.iter().map(|candidate| candidate.0).sum();
    let mut left = stream.uniform() * total;
    for (index, candidate) in candidates.iter().enumerate() {
        left -= candidate.0;
        if left < 0.0 {
            return index;
        }
    }
    candidates.len() - 1
}
