//! The original's eight matrices on the bundled circuit: shapes, sums and entries from their definitions, and their use in
//! the transforms of a run.

use std::collections::BTreeSet;

use msr_coupling::communicator::SerialCommunicator;
use msr_coupling::orchestrator::Orchestrator;
use msr_coupling::space::{ENTRY_SUBSET, NEURONS, SECTIONS, SEGMENTS, TETRAHEDRA, VESSEL_SEGMENTS, VESSEL_STARTS};
use msr_coupling::{Geometry, Plan, Space};
use serde_json::{Value, json};
use sprs::CsMat;

/// Rounding of sums over a few hundred entries.
const ROUNDING: f64 = 1e-9;

fn planned(change: &dyn Fn(&mut Value)) -> (tempfile::TempDir, Plan, msr_config::TimeGrid) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo");
    crate::bundled::init(&path);
    crate::bundled::edit(&path, "simulation_config.json", change);
    let (plan, grid) = crate::bundled::plan(&path);
    (folder, plan, grid)
}

fn row_sums(matrix: &CsMat<f64>) -> Vec<f64> {
    matrix.outer_iterator().map(|row| row.data().iter().sum()).collect()
}

fn column_sums(matrix: &CsMat<f64>) -> Vec<f64> {
    row_sums(&matrix.transpose_view().to_csr())
}

#[track_caller]
fn all_one(sums: &[f64]) {
    let worst = sums.iter().map(|sum| (sum - 1.0).abs()).fold(0.0, f64::max);
    assert!(worst < ROUNDING, "a sum differs from 1 by {worst}");
}

fn distance(from: [f64; 3], to: [f64; 3]) -> f64 {
    (0..3).map(|axis| (from[axis] - to[axis]).powi(2)).sum::<f64>().sqrt()
}

fn lines(space: &Space) -> &[[[f64; 3]; 2]] {
    let Geometry::Lines(lines) = &space.geometry else { panic!("{} are lines", space.name) };
    lines
}

fn points(space: &Space) -> &[[f64; 3]] {
    let Geometry::Points(points) = &space.geometry else { panic!("{} are points", space.name) };
    points
}

/// Greatest distance between a tetrahedron's barycentre and a point of it: less than its longest edge. The bundled mesh has
/// edges of up to 150 um, that is 10 base lengths, in a cubic lattice, of which the diagonals are sqrt(3) longer, halved once.
const REACH_UM: f64 = 150.0 * 1.732_050_807_568_877_2 / 2.0;

#[test]
fn the_matrices_are_those_of_their_definitions() {
    let (_folder, plan, _) = planned(&|_| {});
    let graph = plan.spaces();
    let matrix = |name: &str| graph.matrix(name).unwrap_or_else(|| panic!("{name} is there"));
    let space = |name: &str| graph.space(name).unwrap();
    let (neurons, sections, segments) = (space(NEURONS), space(SECTIONS), space(SEGMENTS));
    let (tetrahedra, vessels) = (space(TETRAHEDRA), space(VESSEL_SEGMENTS));
    assert!(neurons.len() == 10 && segments.len() > sections.len() && sections.len() > 100 && vessels.len() > 10);

    // What each neuron and section consists of, by the addresses that reports have.
    let belongs = |segment: usize, section: usize| segments.addresses[segment] == sections.addresses[section];
    let section_of: Vec<usize> = (0..segments.len())
        .map(|segment| (0..sections.len()).find(|&section| belongs(segment, section)).expect("each has a section"))
        .collect();
    let neuron_of = |node: u64| neurons.ids.iter().position(|&id| id == node).expect("each has a neuron");
    let length: Vec<f64> = lines(segments).iter().map(|&[from, to]| distance(from, to)).collect();
    let mut section_length = vec![0.0; sections.len()];
    let mut section_volume = vec![0.0; sections.len()];
    let mut neuron_volume = vec![0.0; neurons.len()];
    for (segment, &section) in section_of.iter().enumerate() {
        section_length[section] += length[segment];
        section_volume[section] += segments.sizes[segment];
        neuron_volume[neuron_of(segments.addresses[segment].node)] += segments.sizes[segment];
    }

    // Sections in neurons, by volume.
    let sections_of_neurons = matrix("nXsecMat");
    assert_eq!(sections_of_neurons.shape(), (neurons.len(), sections.len()));
    all_one(&row_sums(&sections_of_neurons));
    assert_eq!(sections_of_neurons.nnz(), sections.len());
    for (&part, (neuron, section)) in &sections_of_neurons {
        assert_eq!(neuron, neuron_of(sections.addresses[section].node));
        assert!((part - section_volume[section] / neuron_volume[neuron]).abs() < ROUNDING);
    }

    // Segments in sections, by length.
    let segments_of_sections = matrix("nsecXnsegMat");
    assert_eq!(segments_of_sections.shape(), (sections.len(), segments.len()));
    all_one(&row_sums(&segments_of_sections));
    assert_eq!(segments_of_sections.nnz(), segments.len());
    for (&part, (section, segment)) in &segments_of_sections {
        assert_eq!(section, section_of[segment]);
        assert!((part - length[segment] / section_length[section]).abs() < ROUNDING);
    }

    // Which segments belong to a neuron: where the product of the two above is not 0.
    let owners = matrix("nXnsegMatBool");
    assert_eq!(owners.shape(), (neurons.len(), segments.len()));
    assert!(owners.data().iter().all(|&entry| entry == 1.0));
    assert_eq!(column_sums(&owners), vec![1.0; segments.len()]);
    assert!(owners.iter().all(|(_, (neuron, segment))| neurons.ids[neuron] == segments.addresses[segment].node));

    // Segments in tetrahedra, by length: wholly inside the mesh that was made around them, and near what they lie in.
    let places = matrix("nsegXtetMat");
    assert_eq!(places.shape(), (segments.len(), tetrahedra.len()));
    all_one(&row_sums(&places));
    assert!(places.data().iter().all(|&part| part > 0.0 && part <= 1.0 + ROUNDING));
    for (_, (segment, tetrahedron)) in &places {
        let away = distance(lines(segments)[segment][0], points(tetrahedra)[tetrahedron]);
        assert!(away < REACH_UM + length[segment], "segment {segment} is {away} um from tetrahedron {tetrahedron}");
    }

    // Neurons in tetrahedra: the three together.
    let neuron_places = matrix("nXtetMat");
    assert_eq!(neuron_places.shape(), (neurons.len(), tetrahedra.len()));
    all_one(&row_sums(&neuron_places));
    let mut expected = vec![vec![0.0; tetrahedra.len()]; neurons.len()];
    for (&part, (segment, tetrahedron)) in &places {
        let (section, neuron) = (section_of[segment], neuron_of(segments.addresses[segment].node));
        let share = section_volume[section] / neuron_volume[neuron] * length[segment] / section_length[section];
        expected[neuron][tetrahedron] += share * part;
    }
    for (neuron, row) in expected.iter().enumerate() {
        for (tetrahedron, part) in row.iter().enumerate() {
            let found = neuron_places.get(neuron, tetrahedron).copied().unwrap_or(0.0);
            assert!((found - part).abs() < ROUNDING, "neuron {neuron}, tetrahedron {tetrahedron}: {found}, not {part}");
        }
    }

    // Vessel segments in tetrahedra, by length.
    let vessel_places = matrix("tetXbfVolsMat");
    assert_eq!(vessel_places.shape(), (tetrahedra.len(), vessels.len()));
    all_one(&column_sums(&vessel_places));
    for (_, (tetrahedron, vessel)) in &vessel_places {
        let [from, to] = lines(vessels)[vessel];
        assert!(distance(from, points(tetrahedra)[tetrahedron]) < REACH_UM + distance(from, to));
    }

    // Where they bring blood: all that they touch but where they start, unless they come from outside.
    let inflow = matrix("tetXbfFlowsMat");
    assert_eq!(inflow.shape(), vessel_places.shape());
    assert!(inflow.data().iter().all(|&entry| entry == 1.0));
    let pairs = |matrix: &CsMat<f64>| matrix.iter().map(|(_, place)| place).collect::<BTreeSet<_>>();
    let starts = graph.mapping(VESSEL_STARTS, TETRAHEDRA).unwrap();
    let (touched, brought) = (pairs(&vessel_places), pairs(&inflow));
    assert!(brought.is_subset(&touched));
    let entries = &vessels.subsets[ENTRY_SUBSET];
    assert!(!entries.is_empty());
    for vessel in 0..vessels.len() {
        let left_out =
            touched.difference(&brought).filter(|(_, of)| *of == vessel).map(|(tetrahedron, _)| *tetrahedron);
        let start: Vec<usize> = starts.outer_view(vessel).unwrap().indices().to_vec();
        let expected = if entries.contains(&vessel) { Vec::new() } else { start };
        assert_eq!(left_out.collect::<Vec<_>>(), expected, "vessel segment {vessel}");
    }

    // How much smaller or larger than the mean each tetrahedron is.
    let dilution = matrix("tetXtetMat");
    assert_eq!((dilution.shape(), dilution.nnz()), ((tetrahedra.len(), tetrahedra.len()), tetrahedra.len()));
    let mean = tetrahedra.sizes.iter().sum::<f64>() / tetrahedra.len() as f64;
    for (&factor, (row, column)) in &dilution {
        assert!(row == column && (factor * tetrahedra.sizes[row] - mean).abs() < ROUNDING * mean);
    }
}

/// Each matrix stands in the transform of a connection, where it multiplies ones: what arrives are its row sums.
#[test]
fn each_matrix_can_stand_in_a_transform() {
    let segments = ("neurodamus", "get_var", json!({"var": "nai"}));
    let tetrahedra = ("steps", "get_tet_concs", json!({"species_name": "KK"}));
    let vessels = ("bloodflow", "get_flows", json!({}));
    let uses = [
        (&segments, "nXsecMat.dot(nsecXnsegMat.dot(vals * 0 + 1))"),
        (&segments, "nXnsegMatBool.dot(vals * 0 + 1)"),
        (&tetrahedra, "nsegXtetMat.dot(vals * 0 + 1)"),
        (&tetrahedra, "nXtetMat.dot(vals * 0 + 1)"),
        (&vessels, "tetXbfVolsMat.dot(vals * 0 + 1)"),
        (&vessels, "tetXbfFlowsMat.dot(vals * 0 + 1)"),
        (&tetrahedra, "(tetXtetMat @ vals) / (tetXtetMat @ vals)"),
    ];
    let connections: Vec<Value> = uses
        .iter()
        .map(|((simulator, function, arguments), transform)| {
            json!({
                "src_simulator": simulator, "src_get_func": function, "src_get_kwargs": arguments,
                "transform_expression": transform, "transform_unit": "mM",
                "dest_simulator": "metabolism", "dest_set_func": "set_vm_idxs", "dest_set_kwargs": {"idxs": "K_out"},
                "action": "set"
            })
        })
        .collect();
    let (_folder, plan, grid) = planned(&|document| {
        let run = document["multiscale_run"].as_object_mut().unwrap();
        run.insert("connections".to_owned(), connections.clone().into());
        run["metabolism"]["checks"] = json!({});
    });
    let graph = plan.spaces();
    let range = |sums: Vec<f64>| {
        let least = sums.iter().copied().fold(f64::INFINITY, f64::min);
        (least, sums.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    // A neuron has the mean of the tetrahedra that it lies in.
    let on_neurons = |name: &str| {
        let sums = row_sums(&graph.matrix(name).unwrap());
        let operator = graph.operator(TETRAHEDRA, NEURONS, msr_coupling::Quantity::Intensive).unwrap();
        let mut values = vec![0.0; operator.rows()];
        operator.apply(&sums, &mut values);
        range(values)
    };
    let expected = [
        (1.0, 1.0),
        range(row_sums(&graph.matrix("nXnsegMatBool").unwrap())),
        (1.0, 1.0),
        (1.0, 1.0),
        on_neurons("tetXbfVolsMat"),
        on_neurons("tetXbfFlowsMat"),
        (1.0, 1.0),
    ];
    let mut run = Orchestrator::new(plan, grid, None, Box::new(SerialCommunicator));
    run.run_until(400, &mut ()).unwrap_or_else(|error| panic!("{error}"));
    for ((entry, (least, greatest)), (_, transform)) in run.ledger().zip(expected).zip(&uses) {
        assert_eq!(entry.ledger.count, 2, "{transform}: at the start and after a window");
        let found = (entry.ledger.minimum, entry.ledger.maximum);
        let close = (found.0 - least).abs() < 1e-6 && (found.1 - greatest).abs() < 1e-6;
        assert!(close, "{transform}: {found:?} arrives, not {:?}", (least, greatest));
    }
}
