//! A small circuit without files of its own.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::path::Path;

use msr_config::circuit::{
    Circuit, CircuitConfig, Column, Components, EdgeKind, EdgePopulation, NodeKind, NodePopulation, Table,
};
use msr_neuro::emodel::BUNDLED;

/// Soma, an axon of one section, a basal dendrite of 200 um, an apical one.
const SWC: &str = "1 1 0 0 0 8 -1\n2 2 0 -8 0 0.6 1\n3 2 0 -90 0 0.5 2\n4 3 8 0 0 1.2 1\n5 3 108 0 0 0.6 4\n\
                   6 3 208 0 0 0.6 5\n7 4 0 8 0 1.8 1\n8 4 0 300 0 1.2 7\n";

pub fn table(columns: Vec<(&str, Column)>) -> Table {
    let mut table = Table::new("test.h5", "test");
    table.columns = columns.into_iter().map(|(name, column)| (name.to_owned(), column)).collect();
    table
}

pub fn floats(values: &[f64]) -> Column {
    Column::Float(values.to_vec())
}

pub fn texts(values: &[&str]) -> Column {
    Column::Text(values.iter().map(|&value| value.to_owned()).collect())
}

/// Two pyramidal cells and an interneuron, two synapses from node 0 to node 1, one from node 2 to node 1.
pub fn circuit(folder: &Path) -> Circuit {
    std::fs::write(folder.join("cell.swc"), SWC).unwrap();
    for (name, text) in BUNDLED {
        std::fs::write(folder.join(format!("{name}.json")), text).unwrap();
    }
    let paths = Components {
        morphologies_dir: Some(folder.to_owned()),
        biophysical_neuron_models_dir: Some(folder.to_owned()),
        ..Components::default()
    };
    let quarter = std::f64::consts::FRAC_1_SQRT_2;
    let nodes = NodePopulation {
        name: "neurons".to_owned(),
        kind: NodeKind::Biophysical,
        size: 3,
        attributes: table(vec![
            ("x", floats(&[0.0, 1000.0, 0.0])),
            ("y", floats(&[0.0, 0.0, 500.0])),
            ("z", floats(&[0.0, 0.0, 0.0])),
            // Node 1 is turned by 90 degrees about z.
            ("orientation_w", floats(&[1.0, quarter, 1.0])),
            ("orientation_x", floats(&[0.0, 0.0, 0.0])),
            ("orientation_y", floats(&[0.0, 0.0, 0.0])),
            ("orientation_z", floats(&[0.0, quarter, 0.0])),
            ("morphology", texts(&["cell", "cell", "cell"])),
            ("model_template", texts(&["json:cADpyr", "json:cADpyr", "json:cNAC"])),
            ("mtype", texts(&["L5_PC", "L5_PC", "L5_LBC"])),
        ]),
        dynamics: table(vec![
            ("threshold_current", floats(&[0.1, 0.2, 0.3])),
            ("holding_current", floats(&[-0.01, -0.02, -0.03])),
        ]),
        paths,
        file: folder.join("nodes.h5"),
    };
    let edges = EdgePopulation {
        name: "neurons__neurons__chemical".to_owned(),
        kind: EdgeKind::Chemical,
        source_population: "neurons".to_owned(),
        target_population: "neurons".to_owned(),
        source_ids: vec![0, 0, 2],
        target_ids: vec![1, 1, 1],
        attributes: table(vec![
            ("delay", floats(&[1.01, 0.01, 2.0])),
            ("conductance", floats(&[2.0, 3.0, 1.0])),
            ("u_syn", floats(&[0.5, 0.5, 0.4])),
            ("depression_time", floats(&[600.0; 3])),
            ("facilitation_time", floats(&[20.0; 3])),
            ("decay_time", floats(&[1.7, 1.7, 8.0])),
            ("syn_type_id", Column::Integer(vec![110, 110, 10])),
            ("n_rrp_vesicles", Column::Integer(vec![3, -1, 1])),
            ("u_hill_coefficient", floats(&[2.8, 2.8, 2.8])),
            ("conductance_scale_factor", floats(&[0.4, -1.0, -1.0])),
            // Soma, axon, then the basal dendrite: 50 um from its second point, which is 100 um from its beginning.
            ("afferent_section_id", Column::Integer(vec![2, 2, 0])),
            ("afferent_segment_id", Column::Integer(vec![1, 0, 0])),
            ("afferent_segment_offset", floats(&[50.0, 10.0, -1.0])),
        ]),
        dynamics: table(vec![]),
        synapse_population: None,
        paths: Components::default(),
        file: folder.join("edges.h5"),
    };
    let config =
        CircuitConfig::from_text(r#"{"networks": {"nodes": [], "edges": []}}"#, folder.join("circuit_config.json"));
    Circuit { config: config.unwrap(), nodes: vec![nodes], edges: vec![edges], notes: Vec::new() }
}
