//! SONATA files give the same graph as the CSV tables of the same case.

use std::path::Path;

use msr_bloodflow::{Vasculature, VasculatureError};
use msr_config::NodePopulation;
use msr_config::circuit::{NodeKind, NodePopulationConfig};

use super::case::{Case, circuit_file};

fn population(name: &str, file: &Path) -> NodePopulation {
    NodePopulation::load(&NodePopulationConfig::new(name, NodeKind::from_name("vasculature"), file)).unwrap()
}

#[test]
fn sonata_files_hold_the_graphs_of_the_csv_files() {
    for case in Case::all() {
        let read = Vasculature::from_population(&population("vasculature", &case.path.join("nodes.h5"))).unwrap();
        let v = &case.vasculature;
        assert_eq!(read.population(), Some("vasculature"));
        assert_eq!(read.segments().start_nodes, v.segments().start_nodes, "{}", case.name);
        assert_eq!(read.segments().end_nodes, v.segments().end_nodes);
        assert_eq!(read.segments().types, v.segments().types);
        assert_eq!(read.segments().section_ids, v.segments().section_ids);
        assert_eq!(read.segments().segment_ids, v.segments().segment_ids);
        for (read, csv) in read.nodes().diameters_um.iter().zip(&v.nodes().diameters_um) {
            assert!(read == csv || (case.name == "toy" && *read == f64::from(*csv as f32)), "{read} {csv}");
        }
        // The stored toy graph has single precision, its CSV file has not.
        let tolerance = if case.name == "toy" { 1e-6 } else { 0.0 };
        for (read, csv) in read.lengths_um().iter().zip(v.lengths_um()) {
            assert!((read - csv).abs() <= tolerance * csv, "{read} {csv}");
        }
        assert_eq!(read.notes(), v.notes());
    }
}

#[test]
fn the_older_column_names_are_read() {
    let Some(file) = circuit_file("vascpy_vasculature/h5/fork_diameters_sonata_spec.h5") else { return };
    let v = Vasculature::from_population(&population("vasculature", &file)).unwrap();
    assert_eq!((v.segment_count(), v.node_count()), (3, 4));
    let mut degrees = v.degrees().to_vec();
    degrees.sort_unstable();
    assert_eq!(degrees, [1, 1, 1, 3]);
}

#[test]
fn a_population_without_coordinates_says_what_is_missing() {
    let Some(file) = circuit_file("ngv/vasculature.h5") else { return };
    let error = Vasculature::from_population(&population("VasculatureA", &file)).unwrap_err();
    assert!(matches!(error, VasculatureError::Attribute(_)), "{error}");
    println!("{error}");
}
