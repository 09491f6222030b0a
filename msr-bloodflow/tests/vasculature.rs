//! What is accepted as a vasculature, what is refused, what is noted.

use std::io::Write;
use std::path::PathBuf;

use msr_bloodflow::vasculature::{ComponentReport, Defect, Note, SectionTables, SegmentRows};
use msr_bloodflow::{
    Axis, Boundary, BoundaryError, CsvError, EntryError, EntryRule, NodeTable, SegmentTable, Vasculature,
    VasculatureError, vtp,
};
use msr_config::{Column, Table};

fn nodes(positions_um: &[[f64; 3]]) -> NodeTable {
    NodeTable { positions_um: positions_um.to_vec(), diameters_um: vec![6.0; positions_um.len()] }
}

fn line(count: usize) -> NodeTable {
    nodes(&(0..count).map(|node| [0.0, 10.0 * node as f64, 0.0]).collect::<Vec<_>>())
}

fn chain(count: usize) -> Vasculature {
    Vasculature::new(line(count), SegmentTable::from_ends((1..count).map(|node| (node - 1, node)))).unwrap()
}

#[test]
fn all_defects_are_found_at_once() {
    let mut table = nodes(&[[0.0; 3], [10.0, 0.0, 0.0], [10.0, 0.0, 0.0], [f64::NAN, 0.0, 0.0]]);
    table.diameters_um = vec![0.0, -1.0, 5.0, f64::NAN];
    let error = Vasculature::new(table, SegmentTable::from_ends([(0, 1), (1, 2), (2, 2), (1, 9)])).unwrap_err();
    let VasculatureError::Defects { defects } = &error else { panic!("{error}") };
    assert_eq!(defects.len(), 7, "{error}");
    assert_eq!(defects[0], Defect::BadDiameter { node: 0, diameter_um: 0.0 });
    assert_eq!(defects[1], Defect::BadDiameter { node: 1, diameter_um: -1.0 });
    assert!(matches!(defects[2], Defect::BadDiameter { node: 3, .. }));
    assert!(matches!(defects[3], Defect::BadPosition { node: 3, .. }));
    assert_eq!(defects[4], Defect::ZeroLength { segment: 1, nodes: [1, 2] });
    assert_eq!(defects[5], Defect::SelfLoop { segment: 2, node: 2 });
    assert_eq!(defects[6], Defect::UnknownNode { segment: 3, node: 9, nodes: 4 });
    assert!(error.to_string().contains("node 1: diameter -1 um"), "{error}");
}

#[test]
fn nothing_and_uneven_columns_are_refused() {
    assert!(matches!(Vasculature::new(line(3), SegmentTable::default()), Err(VasculatureError::Empty)));
    let mut segments = SegmentTable::from_ends([(0, 1), (1, 2)]);
    segments.types.pop();
    assert!(matches!(
        Vasculature::new(line(3), segments),
        Err(VasculatureError::UnevenColumns { column: "type", found: 1, expected: 2 })
    ));
}

#[test]
fn parallel_segments_components_and_repeated_addresses_are_noted() {
    let mut segments = SegmentTable::from_ends([(0, 1), (1, 0), (1, 2), (4, 3)]);
    segments.section_ids[3] = 2;
    let v = Vasculature::new(line(6), segments).unwrap();
    assert_eq!(
        v.notes(),
        [
            Note::ParallelSegments { count: 1, example: [0, 1] },
            Note::RepeatedAddress { count: 1, example: [2, 3] },
            Note::IsolatedNodes { count: 1 },
            Note::SeveralComponents { count: 3, main_nodes: 3, other_nodes: 3 },
        ]
    );
    assert_eq!(v.segment_at(2, 0).unwrap(), 2);
    // Opposite directions count twice, as in AstroVascPy.
    assert_eq!(v.degrees(), [2, 3, 1, 1, 1, 0]);
    assert_eq!(v.boundary_nodes(), [2]);
}

#[test]
fn of_equally_large_components_the_one_with_the_smallest_node_is_the_main_one() {
    let v = Vasculature::new(line(4), SegmentTable::from_ends([(2, 3), (0, 1)])).unwrap();
    assert!(v.is_in_main_component(0) && !v.is_in_main_component(2));
}

fn rows() -> SegmentRows {
    SegmentRows {
        start_nodes: vec![0, 1],
        end_nodes: vec![1, 2],
        start_positions_um: vec![[0.0; 3], [10.0, 0.0, 0.0]],
        end_positions_um: vec![[10.0, 0.0, 0.0], [20.0, 0.0, 0.0]],
        start_diameters_um: vec![4.0, 5.0],
        end_diameters_um: vec![6.0, 8.0],
        types: vec![0, 1],
        section_ids: vec![0, 0],
        segment_ids: vec![0, 1],
    }
}

#[test]
fn rows_that_disagree_are_noted_and_the_last_end_wins() {
    let v = Vasculature::from_rows(rows()).unwrap();
    // Node 1 starts a row with 5 um and ends one with 6 um.
    assert_eq!(v.nodes().diameters_um, [4.0, 6.0, 8.0]);
    assert_eq!(v.rest_radii_um(), [2.5, 3.5]);
    assert_eq!(v.notes(), [Note::InconsistentDiameters { nodes: 1, example: 1, range_um: [5.0, 6.0], taken_um: 6.0 }]);

    let mut moved = rows();
    moved.start_diameters_um[1] = 6.0;
    moved.start_positions_um[1] = [11.0, 0.0, 0.0];
    let v = Vasculature::from_rows(moved).unwrap();
    assert_eq!(v.nodes().positions_um[1], [10.0, 0.0, 0.0]);
    assert_eq!(v.notes(), [Note::InconsistentPositions { nodes: 1, example: 1 }]);
}

#[test]
fn what_is_impossible_in_one_row_is_no_matter_of_the_others() {
    for bad in [f64::NAN, 0.0, -3.0, f64::INFINITY] {
        let mut thin = rows();
        // The row that ends at node 1 says 6 um, which wins over what the row that starts there says.
        thin.start_diameters_um[1] = bad;
        let error = Vasculature::from_rows(thin).unwrap_err();
        assert!(error.to_string().contains("node 1"), "{bad}: {error}");
    }
    let mut nowhere = rows();
    nowhere.start_positions_um[1] = [f64::NAN, 0.0, 0.0];
    let error = Vasculature::from_rows(nowhere).unwrap_err();
    assert!(
        matches!(&error, VasculatureError::Defects { defects } if matches!(defects[..], [Defect::BadPosition { node: 1, .. }])),
        "{error}"
    );
}

#[test]
fn gaps_in_node_ids_are_refused() {
    let mut gap = rows();
    gap.end_nodes[1] = 3;
    let error = Vasculature::from_rows(gap).unwrap_err();
    assert!(matches!(error, VasculatureError::NodeIdGap { missing: 2, largest: 3 }), "{error}");
}

fn table(start: &str, end: &str) -> Table {
    let mut table = Table::new("vasculature.h5", "vasculature");
    let floats = [
        ("start_x", [0.0, 10.0]),
        ("start_y", [0.0, 0.0]),
        ("start_z", [0.0, 0.0]),
        ("end_x", [10.0, 20.0]),
        ("end_y", [0.0, 0.0]),
        ("end_z", [0.0, 0.0]),
        ("start_diameter", [4.0, 6.0]),
        ("end_diameter", [6.0, 8.0]),
    ];
    for (name, values) in floats {
        table.columns.insert(name.to_owned(), Column::Float(values.to_vec()));
    }
    for (name, values) in
        [(start, [0, 1]), (end, [1, 2]), ("type", [0, 1]), ("section_id", [7, 7]), ("segment_id", [0, 1])]
    {
        table.columns.insert(name.to_owned(), Column::Integer(values.to_vec()));
    }
    table
}

#[test]
fn both_names_of_the_node_columns_are_read() {
    for (start, end) in [("start_node", "end_node"), ("start_node_id", "end_node_id")] {
        let v = Vasculature::from_rows(SegmentRows::from_table(&table(start, end)).unwrap()).unwrap();
        assert_eq!(v.ends(1), [1, 2]);
        assert_eq!(v.segment_at(7, 1).unwrap(), 1);
        assert_eq!(v.notes(), []);
    }
}

#[test]
fn missing_columns_and_negative_ids_are_named() {
    let mut without = table("start_node", "end_node");
    without.columns.remove("start_x");
    let error = SegmentRows::from_table(&without).unwrap_err();
    assert!(error.to_string().contains("start_x"), "{error}");

    let mut negative = table("start_node", "end_node");
    negative.columns.insert("end_node".to_owned(), Column::Integer(vec![1, -2]));
    assert!(matches!(
        SegmentRows::from_table(&negative),
        Err(VasculatureError::BadInteger { row: 1, column: "end_node", value: -2, .. })
    ));
}

fn write(directory: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = directory.path().join(name);
    std::fs::File::create(&path).unwrap().write_all(text.as_bytes()).unwrap();
    path
}

#[test]
fn csv_files_are_read_in_any_order_of_columns() {
    let directory = tempfile::tempdir().unwrap();
    let nodes = write(&directory, "nodes.csv", "diameter,x,y,z,extra\n4,0,0,0,a\n8, 10,0,0,b\n");
    let segments =
        write(&directory, "segments.csv", "start_node,end_node,type,section_id,segment_id,endfeet_id\n0,1,3,5,6,2\n");
    let v = Vasculature::from_csv(&nodes, &segments).unwrap();
    assert_eq!((v.lengths_um(), v.rest_radii_um()), (&[10.0][..], &[3.0][..]));
    assert_eq!((v.segments().types[0], v.segments().endfeet[0]), (3, Some(2)));
    assert_eq!(v.segment_at(5, 6).unwrap(), 0);
}

#[test]
fn mistakes_in_csv_files_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let nodes = write(&directory, "nodes.csv", "x,y,z,diameter\n0,0,0,4\n10,0,0,wide\n");
    let segments = write(&directory, "segments.csv", "start_node,end_node,type,section_id\n0,1,0,0\n");
    let error = Vasculature::from_csv(&nodes, &segments).unwrap_err();
    assert!(
        matches!(&error, VasculatureError::Csv(CsvError::BadNumber { row: 1, column: "diameter", text, .. }) if text == "wide")
    );
    let nodes = write(&directory, "nodes.csv", "x,y,z,diameter\n0,0,0,4\n10,0,0,5\n");
    let error = Vasculature::from_csv(&nodes, &segments).unwrap_err();
    assert!(matches!(&error, VasculatureError::Csv(CsvError::MissingColumn { column: "segment_id", .. })), "{error}");
    let error = Vasculature::from_csv(&directory.path().join("none.csv"), &segments).unwrap_err();
    assert!(matches!(error, VasculatureError::Csv(CsvError::Read { .. })), "{error}");
}

#[test]
fn unknown_addresses_and_lengths_are_refused() {
    let v = chain(3);
    assert!(matches!(v.segments_within(9, 0, 1.0), Err(VasculatureError::UnknownAddress { in_section: 0, .. })));
    assert!(matches!(v.segments_within(1, 4, 1.0), Err(VasculatureError::UnknownAddress { in_section: 1, .. })));
    assert!(matches!(v.segments_within(0, 0, -1.0), Err(VasculatureError::BadLength { .. })));
    let all: Vec<usize> = v.segments_within(1, 0, 10.5).unwrap().iter().map(|reached| reached.segment).collect();
    assert_eq!(all, [1, 0]);
    assert_eq!(v.segments_within(1, 0, 10.0).unwrap().len(), 1);
}

fn star() -> Vasculature {
    // Ends 1 to 5 around node 0, at heights 0, 10, 20, 30, 40.
    let mut table = nodes(&[
        [0.0, 20.0, 5.0],
        [9.0, 0.0, 0.0],
        [8.0, 10.0, 0.0],
        [7.0, 20.0, 0.0],
        [6.0, 30.0, 0.0],
        [5.0, 40.0, 0.0],
    ]);
    table.diameters_um = vec![9.0, 4.0, 8.0, 5.0, 5.0, 5.0];
    Vasculature::new(table, SegmentTable::from_ends((1..6).map(|node| (0, node)))).unwrap()
}

#[test]
fn entries_are_the_widest_ends_near_the_top() {
    let v = star();
    let rule = |count, depth_ratio| EntryRule { count, depth_ratio, axis: Axis::Y };
    assert_eq!(rule(1, 1.0).select(&v).unwrap(), [2]);
    assert_eq!(rule(3, 1.0).select(&v).unwrap(), [4, 5, 2]);
    // Of equal diameters the larger id.
    assert_eq!(rule(1, 0.5).select(&v).unwrap(), [5]);
    assert_eq!(rule(2, 0.5).select(&v).unwrap(), [4, 5]);
    // Fewer than wanted.
    assert_eq!(rule(4, 0.0).select(&v).unwrap(), [5]);
    assert_eq!(rule(0, 0.5).select(&v), Err(EntryError::NoneWanted));
    let top_is_no_end = EntryRule { count: 1, depth_ratio: 0.0, axis: Axis::Z };
    assert_eq!(
        top_is_no_end.select(&v),
        Err(EntryError::NoCandidate { axis: Axis::Z, threshold_um: 5.0, boundary_nodes: 5 })
    );
}

#[test]
fn what_enters_leaves_by_cross_section() {
    let v = star();
    let boundary = Boundary::flows_by_area(&v, &[2], &[91.0]).unwrap();
    // Areas 16 : 25 : 25 : 25.
    for (found, expected) in boundary.inflows_um3_per_s.iter().zip([0.0, -16.0, 91.0, -25.0, -25.0, -25.0]) {
        assert!((found - expected).abs() < 1e-13, "{found} for {expected}");
    }
}

#[test]
fn impossible_boundaries_are_errors_of_their_own() {
    let v = star();
    let flows = |entries: &[usize]| Boundary::flows_by_area(&v, entries, &vec![1.0; entries.len()]);
    assert_eq!(flows(&[1, 2, 3, 4, 5]), Err(BoundaryError::NoOutlet { entries: 5 }));
    assert_eq!(flows(&[0]), Err(BoundaryError::UnknownEntry { node: 0 }));
    assert_eq!(flows(&[77]), Err(BoundaryError::UnknownEntry { node: 77 }));
    assert_eq!(flows(&[1, 1]), Err(BoundaryError::RepeatedEntry { node: 1 }));
    assert_eq!(Boundary::flows_by_area(&v, &[1, 2], &[1.0]), Err(BoundaryError::WrongLength { entries: 2, flows: 1 }));
    assert!(matches!(Boundary::flows_by_area(&v, &[1], &[f64::NAN]), Err(BoundaryError::BadFlow { node: 1, .. })));
    let ring = Vasculature::new(
        nodes(&[[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
        SegmentTable::from_ends([(0, 1), (1, 2), (2, 0)]),
    )
    .unwrap();
    assert_eq!(Boundary::flows_by_area(&ring, &[0], &[1.0]), Err(BoundaryError::NoBoundaryNode));
}

#[test]
fn sections_that_begin_nowhere_are_refused() {
    let points = vec![[0.0, 0.0, 0.0, 4.0], [10.0, 0.0, 0.0, 4.0], [10.0004, 0.0, 0.0, 9.0], [20.0, 0.0, 0.0, 4.0]];
    let sections = |structure: &[(u64, i32)]| {
        Vasculature::from_sections(&SectionTables { points: points.clone(), structure: structure.to_vec() })
    };
    // The third point is the second one to a thousandth of a um.
    let v = sections(&[(0, 1), (2, 2)]).unwrap();
    assert_eq!((v.node_count(), v.ends(1), v.nodes().diameters_um[1]), (3, [1, 2], 4.0));
    assert_eq!((v.segments().types.as_slice(), v.segment_at(1, 0).unwrap()), (&[1, 2][..], 1));
    let [note] = v.notes() else { panic!("{:?}", v.notes()) };
    assert_eq!(*note, Note::InconsistentDiameters { nodes: 1, example: 1, range_um: [4.0, 9.0], taken_um: 4.0 });
    for place in 0..4 {
        let mut bad = points.clone();
        bad[2][place] = f64::NAN;
        let tables = SectionTables { points: bad, structure: vec![(0, 1), (2, 2)] };
        assert!(matches!(Vasculature::from_sections(&tables), Err(VasculatureError::Defects { .. })), "{place}");
    }
    for structure in [&[(0, 1), (9, 1)][..], &[(3, 1), (0, 1)]] {
        assert!(matches!(sections(structure), Err(VasculatureError::BadOffset { points: 4, .. })));
    }
}

#[test]
fn a_report_counts_components_ends_and_shapes() {
    let mut table = line(6);
    table.diameters_um = vec![6.0, 6.0, 14.0, 6.0, 6.0, 30.0];
    let v = Vasculature::new(table, SegmentTable::from_ends([(0, 1), (1, 2), (1, 3), (4, 5)])).unwrap();
    let report = v.report();
    assert_eq!((report.nodes, report.segments, report.branching_nodes), (6, 4, 1));
    assert_eq!(
        report.components,
        [
            ComponentReport { first_node: 0, nodes: 4, segments: 3, ends: 3 },
            ComponentReport { first_node: 4, nodes: 2, segments: 1, ends: 2 }
        ]
    );
    assert_eq!((report.tapered_segments, report.stubby_segments), (2, 0));
    assert_eq!((report.lengths_um, report.diameters_um), ([10.0, 12.5, 20.0], [6.0, 10.0, 18.0]));
    let text = report.to_string();
    assert!(text.contains("component of node 4: 2 nodes, 1 segments, 2 ends"), "{text}");
    assert!(text.contains("2 segment(s) are more than twice as wide"), "{text}");
    assert!(text.contains("note: 2 components"), "{text}");
}

#[test]
fn petgraph_sees_the_same_graph() {
    let v = star();
    let graph = petgraph::graph::UnGraph::<(), ()>::from_edges(
        (0..v.segment_count()).map(|segment| v.ends(segment)).map(|[a, b]| (a as u32, b as u32)),
    );
    assert_eq!(petgraph::algo::connected_components(&graph), v.components().count());
    #[cfg(feature = "petgraph")]
    assert!(petgraph::algo::is_isomorphic(&v.to_petgraph().map(|_, _| (), |_, _| ()), &graph));
}

#[test]
fn vtk_files_hold_lines_and_values() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("vessels.vtp");
    let v = Vasculature::new(nodes(&[[0.0; 3], [10.0, 0.0, 0.0]]), SegmentTable::from_ends([(0, 1)])).unwrap();
    vtp::write(&path, &v, &[("pressure_kpa", &[1.0, 2.0])], &[("flow_um3_per_s", &[2.5])]).unwrap();
    let file = std::fs::read(&path).unwrap();
    let start = file.windows(2).position(|window| window == b"\n_").unwrap() + 2;
    let head = std::str::from_utf8(&file[..start]).unwrap();
    assert!(head.contains("type=\"PolyData\"") && head.contains("NumberOfLines=\"1\""), "{head}");
    let words = |name: &str| -> Vec<u64> {
        let line = head.lines().find(|line| line.contains(&format!("Name=\"{name}\""))).unwrap();
        let offset: usize = line.split("offset=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        let word = |place: usize| u64::from_le_bytes(file[place..place + 8].try_into().unwrap());
        let first = start + offset;
        (1..=word(first) as usize / 8).map(|position| word(first + 8 * position)).collect()
    };
    assert_eq!(words("flow_um3_per_s"), [2.5f64.to_bits()]);
    assert_eq!(words("pressure_kpa"), [1.0, 2.0].map(f64::to_bits));
    assert_eq!(words("positions_um"), [0.0, 0.0, 0.0, 10.0, 0.0, 0.0].map(f64::to_bits));
    assert_eq!((words("connectivity"), words("offsets")), (vec![0, 1], vec![2]));

    let short = vtp::write(&path, &v, &[("pressure_kpa", &[1.0])], &[]).unwrap_err();
    assert!(short.to_string().ends_with("vessels.vtp: 'pressure_kpa' has 1 values for 2 points"), "{short}");
    let nowhere = directory.path().join("none").join("vessels.vtp");
    assert_eq!(vtp::write(&nowhere, &v, &[], &[]).unwrap_err().path, nowhere);
}
