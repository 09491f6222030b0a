//! The vessels' graph and the astrocytes between vessels and synapses.

use std::collections::BTreeSet;

use super::super::geometry::{distance, nearest_on_segment};
use super::super::vasculature::VesselType;
use super::circuit;

fn degrees() -> Vec<usize> {
    let vessels = &circuit().vessels;
    let mut degrees = vec![0; vessels.nodes_um.len()];
    for segment in &vessels.segments {
        degrees[segment.start_node] += 1;
        degrees[segment.end_node] += 1;
    }
    degrees
}

#[test]
fn vessels_are_connected() {
    let vessels = &circuit().vessels;
    let mut reached = vec![false; vessels.nodes_um.len()];
    let mut front = vec![0];
    while let Some(node) = front.pop() {
        if !std::mem::replace(&mut reached[node], true) {
            for segment in &vessels.segments {
                match (segment.start_node == node, segment.end_node == node) {
                    (true, _) => front.push(segment.end_node),
                    (_, true) => front.push(segment.start_node),
                    _ => {}
                }
            }
        }
    }
    assert!(reached.into_iter().all(|reached| reached));
    assert!((400..=700).contains(&vessels.segments.len()), "{}", vessels.segments.len());
}

/// Blood flow takes the degree-1 nodes in the top 5 % of the height as entries, and all others as exits.
#[test]
fn blood_enters_by_the_arterioles_and_leaves_by_the_venule() {
    let vessels = &circuit().vessels;
    let heights = vessels.nodes_um.iter().map(|position| position[1]);
    let top = heights.clone().fold(f64::NEG_INFINITY, f64::max);
    let bottom = heights.fold(f64::INFINITY, f64::min);
    let threshold = top - 0.05 * (top - bottom);
    let kind_at = |node: usize| {
        let touches =
            |segment: &&super::super::vasculature::Segment| segment.start_node == node || segment.end_node == node;
        vessels.segments.iter().find(touches).unwrap().vessel_type
    };
    let ends: Vec<usize> = (0..vessels.nodes_um.len()).filter(|&node| degrees()[node] == 1).collect();
    let (entries, exits): (Vec<usize>, Vec<usize>) =
        ends.into_iter().partition(|&node| vessels.nodes_um[node][1] >= threshold);
    assert_eq!(entries.iter().map(|&node| kind_at(node)).collect::<Vec<_>>(), [VesselType::Arteriole; 2]);
    assert_eq!(exits.iter().map(|&node| kind_at(node)).collect::<Vec<_>>(), [VesselType::Venule]);
}

#[test]
fn junctions_and_diameters_are_those_of_the_cortex() {
    let vessels = &circuit().vessels;
    let degrees = degrees();
    assert!(degrees.iter().all(|&degree| (1..=4).contains(&degree)));
    let four = degrees.iter().filter(|&&degree| degree == 4).count();
    let three = degrees.iter().filter(|&&degree| degree == 3).count();
    assert!(four * 10 < three, "{four} of degree 4, {three} of degree 3");
    let mut pairs = BTreeSet::new();
    for segment in &vessels.segments {
        let radius_um = vessels.mean_radius_um(segment);
        let expected = match segment.vessel_type {
            VesselType::Arteriole => 4.0..8.0,
            VesselType::Venule => 5.0..10.0,
            VesselType::Transitional => 2.0..3.0,
            // They widen at the larger vessel.
            VesselType::ArterialCapillary | VesselType::VenousCapillary => 2.0..6.5,
        };
        assert!(expected.contains(&radius_um), "{:?}: {radius_um}", segment.vessel_type);
        assert!(vessels.length_um(segment) > 3.0);
        let ends = (segment.start_node.min(segment.end_node), segment.start_node.max(segment.end_node));
        assert!(ends.0 != ends.1 && pairs.insert(ends), "parallel vessels between {ends:?}");
    }
}

#[test]
fn every_neuron_has_a_vessel_near_and_none_inside() {
    let circuit = circuit();
    for neuron in &circuit.neurons {
        let wall_um = circuit
            .vessels
            .segments
            .iter()
            .map(|segment| {
                let [start, end] = circuit.vessels.ends_um(segment);
                nearest_on_segment(neuron.position_um, start, end).1 - circuit.vessels.mean_radius_um(segment)
            })
            .fold(f64::INFINITY, f64::min);
        // Mean distance of a neuron from the nearest microvessel: 15 um (Tsai et al. 2009, J. Neurosci. 29:14553).
        assert!((neuron.morphology.soma_radius_um()..30.0).contains(&wall_um), "{wall_um}");
    }
}

#[test]
fn endfeet_stand_on_vessel_walls() {
    let circuit = circuit();
    assert!(circuit.endfeet.len() >= 2 * circuit.astrocytes.len());
    for foot in &circuit.endfeet {
        let astrocyte = &circuit.astrocytes[foot.astrocyte];
        let tip = astrocyte.morphology.sections[foot.astrocyte_section_id as usize].points.last().unwrap().position_um;
        let tip_um = super::super::geometry::add(astrocyte.position_um, tip);
        assert!(distance(tip_um, foot.surface_um) < 1e-9);
        let segment = &circuit.vessels.segments[foot.vessel_segment];
        let [start, end] = circuit.vessels.ends_um(segment);
        let from_axis_um = nearest_on_segment(foot.surface_um, start, end).1;
        let radius_um = circuit.vessels.mean_radius_um(segment);
        assert!((from_axis_um - radius_um).abs() < 0.25 * radius_um, "{from_axis_um} against {radius_um}");
    }
    let on_arterioles = circuit
        .endfeet
        .iter()
        .filter(|foot| circuit.vessels.segments[foot.vessel_segment].vessel_type == VesselType::Arteriole);
    assert!(on_arterioles.count() >= 2);
}

#[test]
fn astrocytes_tile_the_column_and_touch_synapses() {
    let circuit = circuit();
    for (index, astrocyte) in circuit.astrocytes.iter().enumerate() {
        for other in &circuit.astrocytes[index + 1..] {
            assert!(distance(astrocyte.position_um, other.position_um) > 60.0);
        }
        assert!(circuit.ensheathments.iter().any(|row| row.astrocyte == index), "astrocyte {index} touches no synapse");
    }
}
