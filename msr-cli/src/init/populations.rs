//! The circuit's parts as SONATA populations.

use super::astrocytes::{Astrocyte, Endfoot, Ensheathment};
use super::column::Neuron;
use super::electrophysiology::Electrophysiology;
use super::geometry::Vector;
use super::locus::Locus;
use super::sonata_writer::{Attributes, EdgeEnd, EdgePopulation, NodePopulation, Values};
use super::synapses::Synapse;
use super::vasculature::Vasculature;

/// Names of the populations, as configurations of multiscale simulations use them.
pub const NEURONS: &str = "neocortex_neurons";
pub const ASTROCYTES: &str = "astrocytes";
pub const VASCULATURE: &str = "vasculature";
pub const CHEMICAL: &str = "neocortex_neurons__chemical_synapse";
pub const NEUROGLIAL: &str = "neuroglial";
pub const GLIOVASCULAR: &str = "gliovascular";

/// The neurons; `electrophysiology` has one entry for each.
pub fn neuron_population(neurons: &[Neuron], electrophysiology: &[Electrophysiology]) -> NodePopulation {
    let text = |of: fn(&Neuron) -> &str| Values::text(neurons.iter().map(of));
    let half_yaw = |neuron: &Neuron| 0.5 * neuron.yaw_rad;
    let mut attributes = vectors(["x", "y", "z"], neurons.iter().map(|neuron| neuron.position_um));
    attributes.extend([
        // A turn about y by the angle a is the quaternion (cos a/2, 0, sin a/2, 0).
        ("orientation_w", Values::floats(neurons.iter().map(|neuron| half_yaw(neuron).cos()))),
        ("orientation_x", Values::floats(neurons.iter().map(|_| 0.0))),
        ("orientation_y", Values::floats(neurons.iter().map(|neuron| half_yaw(neuron).sin()))),
        ("orientation_z", Values::floats(neurons.iter().map(|_| 0.0))),
        ("rotation_angle_yaxis", Values::floats(neurons.iter().map(|neuron| neuron.yaw_rad))),
        ("morphology", text(|neuron| &neuron.morphology.name)),
        ("layer", text(|neuron| neuron.blueprint.layer)),
        ("region", text(|neuron| neuron.blueprint.region)),
        ("mtype", text(|neuron| neuron.blueprint.mtype)),
        ("etype", text(|neuron| neuron.blueprint.etype)),
        ("morph_class", text(|neuron| neuron.blueprint.morph_class())),
        ("synapse_class", text(|neuron| neuron.blueprint.synapse_class())),
        ("model_type", Values::text(neurons.iter().map(|_| "biophysical"))),
        ("model_template", Values::text(electrophysiology.iter().map(|cell| format!("json:{}", cell.emodel)))),
    ]);
    let dynamics = vec![
        ("threshold_current", Values::floats(electrophysiology.iter().map(|cell| cell.threshold_current_na))),
        ("holding_current", Values::floats(electrophysiology.iter().map(|cell| cell.holding_current_na))),
        ("input_resistance", Values::floats(electrophysiology.iter().map(|cell| cell.input_resistance_mohm))),
    ];
    NodePopulation { name: NEURONS, count: neurons.len(), attributes, dynamics }
}

/// The astrocytes.
pub fn astrocyte_population(astrocytes: &[Astrocyte]) -> NodePopulation {
    let mut attributes = vectors(["x", "y", "z"], astrocytes.iter().map(|astrocyte| astrocyte.position_um));
    attributes.extend([
        ("radius", Values::floats(astrocytes.iter().map(|astrocyte| astrocyte.morphology.soma_radius_um()))),
        ("mtype", Values::text(astrocytes.iter().map(|_| "ASTROCYTE"))),
        ("morphology", Values::text(astrocytes.iter().map(|astrocyte| astrocyte.morphology.name.clone()))),
        ("model_type", Values::text(astrocytes.iter().map(|_| "astrocyte"))),
        ("model_template", Values::text(astrocytes.iter().map(|_| "json:astrocyte"))),
    ]);
    NodePopulation { name: ASTROCYTES, count: astrocytes.len(), attributes, dynamics: Vec::new() }
}

/// The vessels, a row for each segment.
pub fn vasculature_population(vessels: &Vasculature) -> NodePopulation {
    let segments = &vessels.segments;
    let start = |of: fn(&Vasculature, usize) -> f64| segments.iter().map(move |s| of(vessels, s.start_node));
    let end = |of: fn(&Vasculature, usize) -> f64| segments.iter().map(move |s| of(vessels, s.end_node));
    let diameter = |vessels: &Vasculature, node: usize| vessels.diameters_um[node];
    let mut attributes =
        vectors(["start_x", "start_y", "start_z"], segments.iter().map(|s| vessels.nodes_um[s.start_node]));
    attributes.push(("start_diameter", Values::floats(start(diameter))));
    attributes.extend(vectors(["end_x", "end_y", "end_z"], segments.iter().map(|s| vessels.nodes_um[s.end_node])));
    attributes.push(("end_diameter", Values::floats(end(diameter))));
    attributes.extend([
        ("start_node", Values::unsigned(segments.iter().map(|s| s.start_node))),
        ("end_node", Values::unsigned(segments.iter().map(|s| s.end_node))),
        ("type", Values::Signed(segments.iter().map(|s| s.vessel_type as i32).collect())),
        ("section_id", Values::unsigned(segments.iter().map(|s| s.section_id as usize))),
        ("segment_id", Values::unsigned(segments.iter().map(|s| s.segment_id as usize))),
        ("model_type", Values::Enumeration(vec![0; segments.len()], vec![VASCULATURE.to_owned()])),
    ]);
    NodePopulation { name: VASCULATURE, count: segments.len(), attributes, dynamics: Vec::new() }
}

/// The chemical synapses between the neurons.
pub fn chemical_population(synapses: &[Synapse], neuron_count: usize) -> EdgePopulation {
    let floats = |of: fn(&Synapse) -> f64| Values::floats(synapses.iter().map(of));
    let mut attributes = Attributes::new();
    attributes.extend(afferent_attributes(synapses));
    attributes.extend(efferent_attributes(synapses));
    attributes.extend([
        ("conductance", floats(|s| s.physiology.conductance_ns)),
        ("conductance_scale_factor", floats(|s| s.physiology.conductance_scale_factor)),
        ("decay_time", floats(|s| s.physiology.decay_time_ms)),
        ("delay", floats(|s| s.physiology.delay_ms)),
        ("depression_time", floats(|s| s.physiology.depression_time_ms)),
        ("facilitation_time", floats(|s| s.physiology.facilitation_time_ms)),
        ("n_rrp_vesicles", Values::unsigned(synapses.iter().map(|s| s.physiology.n_rrp_vesicles as usize))),
        ("spine_length", floats(|s| s.physiology.spine_length_um)),
        ("syn_type_id", Values::unsigned(synapses.iter().map(|s| s.physiology.syn_type_id as usize))),
        ("u_hill_coefficient", floats(|s| s.physiology.u_hill_coefficient)),
        ("u_syn", floats(|s| s.physiology.u_syn)),
    ]);
    EdgePopulation {
        name: CHEMICAL,
        source: end(NEURONS, neuron_count, synapses.iter().map(|synapse| synapse.source)),
        target: end(NEURONS, neuron_count, synapses.iter().map(|synapse| synapse.target)),
        attributes,
        synapse_population: None,
    }
}

fn afferent_attributes(synapses: &[Synapse]) -> Attributes {
    let surfaces = synapses.iter().map(|s| s.afferent_surface_um);
    let mut attributes = vectors(
        ["afferent_center_x", "afferent_center_y", "afferent_center_z"],
        synapses.iter().map(|s| s.afferent.center_um),
    );
    attributes.extend(vectors(["afferent_surface_x", "afferent_surface_y", "afferent_surface_z"], surfaces));
    attributes.extend(locus_attributes(
        [
            "afferent_section_id",
            "afferent_section_type",
            "afferent_section_pos",
            "afferent_segment_id",
            "afferent_segment_offset",
        ],
        synapses.iter().map(|s| &s.afferent),
    ));
    attributes
}

fn efferent_attributes(synapses: &[Synapse]) -> Attributes {
    let surfaces = synapses.iter().map(|s| s.efferent_surface_um);
    let mut attributes = vectors(
        ["efferent_center_x", "efferent_center_y", "efferent_center_z"],
        synapses.iter().map(|s| s.efferent.center_um),
    );
    attributes.extend(vectors(["efferent_surface_x", "efferent_surface_y", "efferent_surface_z"], surfaces));
    attributes.extend(locus_attributes(
        [
            "efferent_section_id",
            "efferent_section_type",
            "efferent_section_pos",
            "efferent_segment_id",
            "efferent_segment_offset",
        ],
        synapses.iter().map(|s| &s.efferent),
    ));
    attributes
}

/// Section id, section type, position in the section, segment id, offset in the segment, under the given names.
fn locus_attributes<'a>(
    [id, kind, position, segment, offset]: [&'static str; 5],
    loci: impl Iterator<Item = &'a Locus> + Clone,
) -> Attributes {
    vec![
        (id, Values::unsigned(loci.clone().map(|locus| locus.section_id as usize))),
        (kind, Values::unsigned(loci.clone().map(|locus| locus.section_type() as usize))),
        (position, Values::floats(loci.clone().map(|locus| locus.section_pos))),
        (segment, Values::unsigned(loci.clone().map(|locus| locus.segment_id as usize))),
        (offset, Values::floats(loci.map(|locus| locus.segment_offset_um))),
    ]
}

/// Astrocytes at synapses: from the astrocyte to the postsynaptic neuron.
pub fn neuroglial_population(
    rows: &[Ensheathment],
    synapses: &[Synapse],
    astrocyte_count: usize,
    neuron_count: usize,
) -> EdgePopulation {
    let mut attributes = vectors(
        ["astrocyte_center_x", "astrocyte_center_y", "astrocyte_center_z"],
        rows.iter().map(|row| row.place.center_um),
    );
    attributes.extend([
        ("astrocyte_section_id", Values::unsigned(rows.iter().map(|row| row.place.section_id as usize))),
        ("astrocyte_section_pos", Values::floats(rows.iter().map(|row| row.place.section_pos))),
        ("astrocyte_segment_id", Values::unsigned(rows.iter().map(|row| row.place.segment_id as usize))),
        ("astrocyte_segment_offset", Values::floats(rows.iter().map(|row| row.place.segment_offset_um))),
        ("synapse_id", Values::unsigned(rows.iter().map(|row| row.synapse))),
        ("synapse_population", Values::text(rows.iter().map(|_| CHEMICAL))),
    ]);
    EdgePopulation {
        name: NEUROGLIAL,
        source: end(ASTROCYTES, astrocyte_count, rows.iter().map(|row| row.astrocyte)),
        target: end(NEURONS, neuron_count, rows.iter().map(|row| synapses[row.synapse].target)),
        attributes,
        synapse_population: Some(CHEMICAL),
    }
}

/// Endfeet: from the vessel segment to the astrocyte.
pub fn gliovascular_population(endfeet: &[Endfoot], vessels: &Vasculature, astrocyte_count: usize) -> EdgePopulation {
    let segment = |foot: &Endfoot| vessels.segments[foot.vessel_segment];
    let mut attributes = vectors(
        ["endfoot_surface_x", "endfoot_surface_y", "endfoot_surface_z"],
        endfeet.iter().map(|foot| foot.surface_um),
    );
    attributes.extend([
        ("endfoot_id", Values::unsigned(0..endfeet.len())),
        ("endfoot_compartment_length", Values::floats(endfeet.iter().map(|foot| foot.length_um))),
        ("endfoot_compartment_diameter", Values::floats(endfeet.iter().map(|foot| foot.diameter_um))),
        ("endfoot_compartment_perimeter", Values::floats(endfeet.iter().map(|foot| foot.perimeter_um))),
        ("astrocyte_section_id", Values::unsigned(endfeet.iter().map(|foot| foot.astrocyte_section_id as usize))),
        ("vasculature_section_id", Values::unsigned(endfeet.iter().map(|foot| segment(foot).section_id as usize))),
        ("vasculature_segment_id", Values::unsigned(endfeet.iter().map(|foot| segment(foot).segment_id as usize))),
    ]);
    EdgePopulation {
        name: GLIOVASCULAR,
        source: end(VASCULATURE, vessels.segments.len(), endfeet.iter().map(|foot| foot.vessel_segment)),
        target: end(ASTROCYTES, astrocyte_count, endfeet.iter().map(|foot| foot.astrocyte)),
        attributes,
        synapse_population: None,
    }
}

fn end(population: &'static str, count: usize, nodes: impl Iterator<Item = usize>) -> EdgeEnd {
    EdgeEnd { population, count, node_ids: nodes.map(|node| node as u64).collect() }
}

fn vectors(names: [&'static str; 3], vectors: impl Iterator<Item = Vector> + Clone) -> Attributes {
    let component = |axis: usize| Values::floats(vectors.clone().map(move |vector| vector[axis]));
    vec![(names[0], component(0)), (names[1], component(1)), (names[2], component(2))]
}
