//! Morphologies and synapses.

use super::super::column::{Neuron, PIA_UM, Shape};
use super::super::geometry::distance;
use super::super::growth::{Cone, extend};
use super::super::morphology::{Morphology, Neurite, Point};
use super::circuit;

fn length_um(morphology: &Morphology, neurite: Neurite) -> f64 {
    morphology.sections.iter().filter(|section| section.neurite == neurite).map(|section| section.length_um()).sum()
}

fn stems(morphology: &Morphology, neurite: Neurite) -> usize {
    let is_stem = |section: &&super::super::morphology::Section| section.neurite == neurite && section.parent.is_none();
    morphology.sections.iter().filter(is_stem).count()
}

/// Compartments by the rule of the e-models: 1 + 2 int(L / 40 um) in a section.
fn compartments(morphology: &Morphology) -> usize {
    let dendrites = morphology.sections.iter().filter(|section| section.neurite != Neurite::Axon);
    dendrites.map(|section| 1 + 2 * (section.length_um() / 40.0) as usize).sum()
}

fn pyramidal() -> impl Iterator<Item = &'static Neuron> {
    circuit().neurons.iter().filter(|neuron| matches!(neuron.blueprint.shape, Shape::Pyramidal(_)))
}

#[test]
fn dendrites_are_as_long_as_in_the_literature() {
    for neuron in &circuit().neurons {
        let morphology = &neuron.morphology;
        let basal_um = length_um(morphology, Neurite::Basal);
        let apical_um = length_um(morphology, Neurite::Apical);
        // Layer 5: 3.5 to 7 mm basal, 3.5 to 8 mm apical (Ramaswamy and Markram 2015); others 1.5 to 4.5 mm and 1 to 4 mm
        // (Lübke et al. 2000; Zhang and Deschênes 1997); interneurons 1.5 to 4 mm (Wang et al. 2002, 2004).
        let (basal, apical) = match (neuron.blueprint.shape, neuron.blueprint.layer) {
            (Shape::Pyramidal(_), "5") => (3500.0..7000.0, 3500.0..8000.0),
            (Shape::Pyramidal(_), _) => (1500.0..4500.0, 1000.0..4000.0),
            _ => (1500.0..4000.0, -1.0..1.0),
        };
        assert!(basal.contains(&basal_um), "{}: {basal_um}", morphology.name);
        assert!(apical.contains(&apical_um), "{}: {apical_um}", morphology.name);
        assert!((5..=8).contains(&stems(morphology, Neurite::Basal)), "{}", morphology.name);
        assert!((90..900).contains(&compartments(morphology)), "{}", morphology.name);
    }
}

#[test]
fn pyramidal_cells_have_one_apical_trunk_towards_the_pia() {
    for neuron in pyramidal() {
        assert_eq!(stems(&neuron.morphology, Neurite::Apical), 1);
        let highest_um = neuron
            .morphology
            .sections
            .iter()
            .filter(|section| section.neurite == Neurite::Apical)
            .flat_map(|section| &section.points)
            .map(|point| neuron.position_um[1] + point.position_um[1])
            .fold(f64::NEG_INFINITY, f64::max);
        // Tufts of layers 2, 3 and 5 reach layer 1; those of layers 4 and 6 end in layers 2 to 4.
        let depth_um = PIA_UM - highest_um;
        let expected = if ["2", "3", "5"].contains(&neuron.blueprint.layer) { -5.0..60.0 } else { 60.0..480.0 };
        assert!(expected.contains(&depth_um), "{}: {depth_um}", neuron.morphology.name);
    }
}

#[test]
fn trees_are_sound() {
    for morphology in circuit()
        .neurons
        .iter()
        .map(|neuron| &neuron.morphology)
        .chain(circuit().astrocytes.iter().map(|astrocyte| &astrocyte.morphology))
    {
        let mut children = vec![0; morphology.sections.len()];
        for (index, section) in morphology.sections.iter().enumerate() {
            assert!(section.points.len() >= 2);
            for pair in section.points.windows(2) {
                assert!(distance(pair[0].position_um, pair[1].position_um) > 0.1, "{}", morphology.name);
            }
            for point in &section.points {
                assert!((0.2..6.0).contains(&point.diameter_um), "{}: {}", morphology.name, point.diameter_um);
            }
            match section.parent {
                Some(parent) => {
                    assert!(parent < index);
                    assert_eq!(section.neurite, morphology.sections[parent].neurite);
                    assert_eq!(section.points[0], *morphology.sections[parent].points.last().unwrap());
                    children[parent] += 1;
                }
                None => {
                    let from_center_um = distance(section.points[0].position_um, [0.0; 3]);
                    approx::assert_relative_eq!(from_center_um, morphology.soma_radius_um(), epsilon = 1e-9);
                }
            }
        }
        // A section ends in a tip or a branching.
        assert!(children.iter().all(|&count| count != 1), "{}", morphology.name);
        let kinds: Vec<Neurite> = morphology.sections.iter().map(|section| section.neurite).collect();
        assert!(kinds.is_sorted(), "{}", morphology.name);
    }
}

/// Daughters obey d^1.5 = d1^1.5 + d2^1.5 (Rall 1959) unless one has reached the smallest diameter.
#[test]
fn diameters_follow_ralls_law() {
    let mut checked = 0;
    for neuron in pyramidal() {
        let sections = &neuron.morphology.sections;
        for (parent, section) in sections.iter().enumerate().filter(|(_, section)| section.neurite == Neurite::Basal) {
            let daughters: Vec<f64> = sections
                .iter()
                .filter(|daughter| daughter.parent == Some(parent))
                .map(|daughter| daughter.points[1].diameter_um)
                .collect();
            if daughters.len() == 2 && daughters.iter().all(|&diameter_um| diameter_um > 0.61) {
                let power: f64 = daughters.iter().map(|diameter_um| diameter_um.powf(1.5)).sum();
                let parent_um = section.points.last().unwrap().diameter_um;
                approx::assert_relative_eq!(power, parent_um.powf(1.5), max_relative = 1e-9);
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "{checked}");
}

#[test]
fn a_growth_cone_without_noise_or_pull_goes_straight() {
    let mut stream = msr_coupling::random::Stream::new(0, 0, 0);
    let cone = Cone { point: Point { position_um: [1.0, 2.0, 3.0], diameter_um: 2.0 }, direction: [0.0, 0.0, 1.0] };
    let (points, direction) = extend(&mut stream, cone, 60.0, 1.0, 0.0, &|_, _| [0.0; 3]);
    assert_eq!(direction, [0.0, 0.0, 1.0]);
    let tip = points.last().unwrap();
    approx::assert_relative_eq!(distance(tip.position_um, [1.0, 2.0, 63.0]), 0.0, epsilon = 1e-9);
    approx::assert_relative_eq!(tip.diameter_um, 1.0, epsilon = 1e-12);
    assert!(points.is_sorted_by(|a, b| a.diameter_um >= b.diameter_um));
}

#[test]
fn connections_have_biological_numbers_of_synapses() {
    let synapses = &circuit().synapses;
    assert!((150..600).contains(&synapses.len()), "{}", synapses.len());
    let pairs = synapses.chunk_by(|a, b| (a.source, a.target) == (b.source, b.target)).collect::<Vec<_>>();
    assert!((20..60).contains(&pairs.len()), "{}", pairs.len());
    assert!(pairs.iter().all(|pair| (3..=16).contains(&pair.len())));
    assert!(synapses.is_sorted_by_key(|synapse| (synapse.target, synapse.source)));
    assert!(synapses.iter().all(|synapse| synapse.source != synapse.target));
}

#[test]
fn every_neuron_is_part_of_the_network() {
    for neuron in 0..circuit().neurons.len() {
        assert!(circuit().synapses.iter().any(|synapse| synapse.target == neuron), "{neuron} hears nothing");
        assert!(circuit().synapses.iter().any(|synapse| synapse.source == neuron), "{neuron} says nothing");
    }
}

#[test]
fn synapses_sit_where_axon_and_dendrite_meet() {
    let circuit = circuit();
    for synapse in &circuit.synapses {
        let neuron = &circuit.neurons[synapse.target];
        let afferent = &synapse.afferent;
        if afferent.section_id == 0 {
            assert!(!circuit.neurons[synapse.source].blueprint.is_excitatory(), "excitatory synapse on a soma");
            continue;
        }
        let section = &neuron.morphology.sections[afferent.section_id as usize - 1];
        assert_ne!(section.neurite, Neurite::Axon);
        // The triple (section, segment, offset) and the fraction of the section name the same place.
        let before_um: f64 = section.points[..=afferent.segment_id as usize]
            .windows(2)
            .map(|pair| distance(pair[0].position_um, pair[1].position_um))
            .sum();
        let arc_um = before_um + afferent.segment_offset_um;
        approx::assert_relative_eq!(arc_um / section.length_um(), afferent.section_pos, epsilon = 1e-9);
        let segment = &section.points[afferent.segment_id as usize..][..2];
        let start_um = neuron.placed(segment[0].position_um);
        approx::assert_relative_eq!(distance(start_um, afferent.center_um), afferent.segment_offset_um, epsilon = 1e-9);
        assert!(distance(afferent.center_um, synapse.efferent.center_um) < 16.5);
    }
}

#[test]
fn synaptic_parameters_are_physiological() {
    for synapse in &circuit().synapses {
        let physiology = &synapse.physiology;
        let excitatory = circuit().neurons[synapse.source].blueprint.is_excitatory();
        assert_eq!(physiology.syn_type_id >= 100, excitatory);
        assert!((0.1..4.0).contains(&physiology.delay_ms), "{}", physiology.delay_ms);
        assert!((0.01..6.0).contains(&physiology.conductance_ns), "{}", physiology.conductance_ns);
        assert!((0.01..1.0).contains(&physiology.u_syn));
        assert!((1..=4).contains(&physiology.n_rrp_vesicles));
        let decay = if excitatory { 1.0..2.6 } else { 0.5..20.0 };
        assert!(decay.contains(&physiology.decay_time_ms), "{}", physiology.decay_time_ms);
    }
}
