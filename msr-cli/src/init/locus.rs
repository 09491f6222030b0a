//! Places on a cell, as synapses address them.

use super::column::Neuron;
use super::geometry::{Vector, between, distance};
use super::morphology::{Morphology, Neurite};

/// A place on a neurite (or on the soma) of a cell in the column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Locus {
    /// SONATA's section id: 0 is the soma.
    pub section_id: u32,
    /// `None` for the soma.
    pub neurite: Option<Neurite>,
    /// Fraction of the section's length.
    pub section_pos: f64,
    /// Index of the piece between two points of the section, and the distance from its beginning.
    pub segment_id: u32,
    pub segment_offset_um: f64,
    pub center_um: Vector,
    pub radius_um: f64,
    /// Distance along the neurite from the soma's surface.
    pub path_um: f64,
}

impl Locus {
    /// SONATA's section type: 0 soma, 1 axon, 2 basal, 3 apical.
    pub fn section_type(&self) -> u32 {
        self.neurite.map_or(0, Neurite::sonata_type)
    }
}

/// Places about every `spacing_um` along the neurites of `morphology` that `wanted` accepts; `placed` brings a point of the
/// morphology into the column.
pub fn loci(
    morphology: &Morphology,
    placed: impl Fn(Vector) -> Vector,
    spacing_um: f64,
    wanted: impl Fn(Neurite) -> bool,
) -> Vec<Locus> {
    let paths_um = morphology.path_distances_um();
    let mut loci = Vec::new();
    for (index, section) in morphology.sections.iter().enumerate().filter(|(_, section)| wanted(section.neurite)) {
        let length_um = section.length_um();
        let mut begin_um = 0.0;
        let mut next_um = 0.5 * spacing_um;
        for (segment, pair) in section.points.windows(2).enumerate() {
            let segment_um = distance(pair[0].position_um, pair[1].position_um);
            while next_um < begin_um + segment_um {
                let fraction = (next_um - begin_um) / segment_um;
                let diameter_um = pair[0].diameter_um + (pair[1].diameter_um - pair[0].diameter_um) * fraction;
                loci.push(Locus {
                    section_id: index as u32 + 1,
                    neurite: Some(section.neurite),
                    section_pos: next_um / length_um,
                    segment_id: segment as u32,
                    segment_offset_um: next_um - begin_um,
                    center_um: placed(between(pair[0].position_um, pair[1].position_um, fraction)),
                    radius_um: 0.5 * diameter_um,
                    path_um: paths_um[index] + next_um,
                });
                next_um += spacing_um;
            }
            begin_um += segment_um;
        }
    }
    loci
}

/// The middle of the soma.
pub fn soma_locus(neuron: &Neuron) -> Locus {
    Locus {
        section_id: 0,
        neurite: None,
        section_pos: 0.5,
        segment_id: 0,
        segment_offset_um: 0.0,
        center_um: neuron.position_um,
        radius_um: neuron.morphology.soma_radius_um(),
        path_um: 0.0,
    }
}
