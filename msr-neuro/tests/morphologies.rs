//! Morphology files and their segments: conventions, mistakes, and the figures of NEURON's readers.

use std::path::PathBuf;

use crate::fuzzing::{MEMORY, Reader, input, small_tables};
use msr_config::circuit::Components;
use msr_neuro::discretisation::{AxonRule, Discretisation, DiscretisationError, PIECE_UM, SegmentRule};
use msr_neuro::morphology::{
    Attachment, Collection, H5Tables, Morphology, MorphologyError, SectionKind, parse_asc, parse_swc, read, read_swc,
};

const THREE_POINT_SOMA: &str = include_str!("morphology_files/cell.swc");
const CELL_ASC: &str = include_str!("morphology_files/cell.asc");
const STACK_ASC: &str = include_str!("morphology_files/stack.asc");

/// Number of sections, length, area, segments and volume of a kind.
type Totals = (usize, f64, f64, usize, f64);

fn totals(morphology: &Morphology, kind: SectionKind) -> Totals {
    let cell = Discretisation::new(morphology, AxonRule::Keep, PIECE_UM).unwrap();
    let sections: Vec<_> = cell.sections.iter().filter(|section| section.kind == kind).collect();
    let segments: Vec<_> = sections.iter().flat_map(|section| &cell.segments[section.segments.clone()]).collect();
    (
        sections.len(),
        sections.iter().map(|section| section.length_um).sum(),
        segments.iter().map(|segment| segment.area_um2).sum(),
        segments.len(),
        segments.iter().map(|segment| segment.volume_um3).sum(),
    )
}

fn assert_totals(morphology: &Morphology, kind: SectionKind, expected: Totals) {
    let found = totals(morphology, kind);
    assert_eq!((found.0, found.3), (expected.0, expected.3), "{kind:?}");
    for (found, expected) in [(found.1, expected.1), (found.2, expected.2), (found.4, expected.4)] {
        assert!((found / expected - 1.0).abs() < 1e-9, "{kind:?}: {found} {expected}");
    }
}

#[test]
fn totals_of_a_small_cell_are_right() {
    let morphology = parse_swc(THREE_POINT_SOMA, "three.swc").unwrap();
    assert_totals(&morphology, SectionKind::Soma, (1, 10.0, 314.1592653589793, 1, 785.3981633974482));
    assert_totals(&morphology, SectionKind::Axon, (1, 30.0, 94.24777960769379, 1, 23.561944901923447));
    assert_totals(&morphology, SectionKind::Dend, (4, 154.7463837598151, 723.2273099779126, 10, 296.5481448727407));
    assert_totals(&morphology, SectionKind::Apic, (2, 50.6449510224598, 162.8367055302611, 2, 44.16510608216246));
}

#[test]
fn totals_of_reconstructed_cells_are_neurons() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared"))
        .join("circuits/allen_5_cells_iclamp/shared_components/morphologies");
    if !folder.exists() {
        println!("skipped: no shared reference data");
        return;
    }
    let pvalb = read_swc(&folder.join("Pvalb_469628681_m.swc")).unwrap();
    assert_totals(&pvalb, SectionKind::Soma, (1, 10.394399642944336, 339.4288039010434, 1, 882.0396595185072));
    assert_totals(&pvalb, SectionKind::Axon, (1, 6.4829276106223475, 15.362198297054833, 1, 3.0253117429831424));
    assert_totals(&pvalb, SectionKind::Dend, (40, 1498.4905735677635, 2287.770924746619, 88, 299.4341439112196));
    let rorb = read_swc(&folder.join("Rorb_325404214_m.swc")).unwrap();
    assert_totals(&rorb, SectionKind::Axon, (1, 19.0225091247603, 17.560861495369586, 1, 1.3207014929036676));
    assert_totals(&rorb, SectionKind::Dend, (37, 1220.5592047687308, 1854.8931014999569, 67, 249.81682420143483));
    assert_totals(&rorb, SectionKind::Apic, (25, 1385.4493367299033, 2528.7324419160855, 71, 404.9265306310471));
}

#[test]
fn sections_stand_in_sonata_order_with_their_parents() {
    let morphology = parse_swc(THREE_POINT_SOMA, "three.swc").unwrap();
    let parents: Vec<_> = morphology.sections.iter().map(|section| section.parent).collect();
    let (soma, end) = (Some((0, Attachment::Middle)), |section| Some((section, Attachment::End)));
    // soma, axon, dend[0], its two branches, the basal branch of the apical dendrite, apic[0], its branch.
    assert_eq!(parents, [None, soma, soma, end(2), end(2), end(6), soma, end(6)]);
    // The axon of one sample begins at the centre of the soma, a branch with the sample that it leaves from.
    assert_eq!(morphology.sections[1].points[0].position, [0.0; 3]);
    assert_eq!(morphology.sections[5].points[0].position, [40.0, 40.0, 3.0]);
    assert_eq!(morphology.sections[5].points[0].diameter_um, f64::from(1.2_f32));
}

#[test]
fn parents_may_come_after_their_children() {
    let text = "3 3 30 0 0 1 2\n2 3 10 0 0 1 1\n1 1 0 0 0 5 -1\n";
    let morphology = parse_swc(text, "late.swc").unwrap();
    assert_eq!(morphology.sections.len(), 2);
    assert!((morphology.sections[1].length_um() - 20.0).abs() < 1e-12);
}

#[test]
fn a_soma_of_zero_radii_is_a_contour() {
    let mut text = String::new();
    for index in 0..36 {
        let angle = f64::from(index).to_radians() * 10.0;
        let (x, y) = (8.0 * angle.cos(), 6.0 * angle.sin());
        text += &format!("{} 1 {x} {y} 0 0 {}\n", index + 1, if index == 0 { -1 } else { index });
    }
    text += "37 3 0 7 0 1 1\n38 3 0 30 0 1 37\n";
    let morphology = parse_swc(&text, "contour.swc").unwrap();
    let soma = &morphology.sections[0];
    let widest = soma.points.iter().map(|point| point.diameter_um).fold(0.0, f64::max);
    assert!((soma.length_um() - 16.0).abs() < 1.0 && (widest - 12.0).abs() < 0.2, "{} {widest}", soma.length_um());
    assert!((morphology.sections[1].length_um() - 23.0).abs() < 1e-12);
}

#[test]
fn mistakes_are_told_with_file_and_line() {
    let cases = [
        ("1 1 0 0 0 5\n", "bad.swc:1: expected 'id type x y z radius parent', found '1 1 0 0 0 5'"),
        ("# x\n1 1 0 0 zero 5 -1\n", "bad.swc:2: expected"),
        ("1 1 0 0 0 5 -1\n1 3 9 0 0 1 1\n", "bad.swc:2: sample 1 was already given on line 1"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 7\n", "bad.swc:2: sample 2 names the parent 7"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 1 3\n3 3 8 0 0 1 2\n", "bad.swc:2: sample 2 is not connected with the soma"),
        ("1 1 0 0 0 5 -1\n2 7 9 0 0 1 1\n", "bad.swc:2: sample type 7 is not supported"),
        ("1 1 0 0 0 5 -1\n2 3 9 0 0 0 1\n", "bad.swc:2: radius 0 of sample 2 must be positive"),
        (
            "1 1 0 0 0 5 -1\n2 3 1e30 0 0 1 1\n",
            "bad.swc:2: coordinate 1000000000000000000000000000000 of sample 2 must be",
        ),
        (
            "1 1 0 NaN 0 5 -1\n",
            "bad.swc:1: coordinate NaN of sample 1 must be a number between -1000000 and 1000000 um",
        ),
        ("1 1 0 0 0 6000 -1\n", "bad.swc:1: diameter 12000 um of sample 1 is more than 10000 um"),
        ("1 1 0 0 0 5 -1\n2 3 -9e5 0 0 1 1\n3 3 9e5 0 0 1 2\n", "section 1 is 1800000 um long"),
        ("1 1 0 0 0 0 -1\n", "bad.swc:1: radius 0 of sample 1 must be positive"),
        ("1 3 0 0 0 1 -1\n", "bad.swc: has no soma"),
        ("1 1 0 0 0 5 -1\n2 1 5 0 0 5 1\n3 1 9 0 0 5 2\n4 1 9 3 0 5 2\n", "bad.swc:2: the soma branches here"),
    ];
    for (text, message) in cases {
        let error = parse_swc(text, "bad.swc").unwrap_err().to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
}

#[test]
fn the_initial_segment_replaces_the_axon_and_keeps_the_ids() {
    let text = format!("{THREE_POINT_SOMA}13 2 0 -100 0 0.3 8\n14 2 5 -120 0 0.2 13\n15 2 -5 -120 0 0.2 13\n");
    let morphology = parse_swc(&text, "axon.swc").unwrap();
    assert_eq!(morphology.count(SectionKind::Axon), 3);
    let cell = Discretisation::new(&morphology, AxonRule::InitialSegment, PIECE_UM).unwrap();
    let ids: Vec<u32> = cell.sections.iter().map(|section| section.id).collect();
    assert_eq!(ids, [0, 4, 5, 6, 7, 8, 9, 1, 2]);
    let axon = &cell.sections[7..];
    assert!(axon.iter().all(|section| section.segments.len() == 1 && (section.length_um - 30.0).abs() < 1e-12));
    assert_eq!(axon[0].parent, Some((0, Attachment::End)));
    assert_eq!(axon[1].parent, Some((7, Attachment::End)));
    // Along the file's axon, straight down.
    let [begin, end] = cell.segments[axon[1].segments.start].ends_um;
    assert!((begin[1] + 60.0).abs() < 1e-9 && (end[1] + 90.0).abs() < 1e-9, "{begin:?} {end:?}");
    // axon[0] tapers from 1 to 0.6 um; its middle of three segments is 0.8 um thick.
    assert!((cell.segments[axon[0].segments.start].diameter_um - 0.8).abs() < 0.02);
    // axon[1] is the first with its middle beyond 60 um: 0.6 to 0.4 um.
    let expected = f64::from(0.6_f32 + 0.4_f32) / 2.0;
    assert!((cell.segments[axon[1].segments.start].diameter_um - expected).abs() < 1e-7);
    assert_eq!(cell.segment_at(3, 0.5), None, "a section that was cut off");
}

/// NEURON's figures for each segment of a file.
fn assert_segments_are_neurons(file: &str, text: &str, rule: (&str, AxonRule)) {
    let morphology = if file.ends_with(".swc") { parse_swc(text, file) } else { parse_asc(text, file) }.unwrap();
    let cell = Discretisation::new(&morphology, rule.1, PIECE_UM).unwrap();
    let is_replaced = |kind| matches!(kind, SectionKind::Axon | SectionKind::Myelin);
    let sections = cell.sections.iter().filter(|section| rule.1 == AxonRule::Keep || is_replaced(section.kind));
    // At 100 Ohm cm, 1/um is a megohm.
    let mut found = Vec::new();
    for section in sections {
        let mut passed = 0.0;
        for segment in &cell.segments[section.segments.clone()] {
            let ri = passed + segment.resistance_before;
            passed = segment.resistance_after;
            found.push((section.kind, [segment.area_um2, segment.diameter_um, segment.volume_um3, ri]));
        }
        found.push((section.kind, [0.0, 0.0, 0.0, passed]));
    }
    let lines =
        include_str!("morphology_files/neuron.tsv").lines().skip(3).map(|line| line.split('\t').collect::<Vec<_>>());
    let expected: Vec<Vec<&str>> = lines.filter(|line| line[..2] == [file, rule.0]).collect();
    assert!(!expected.is_empty());
    assert_eq!(found.len(), expected.len(), "{file} {}", rule.0);
    for ((kind, found), expected) in found.iter().zip(&expected) {
        assert_eq!(kind.name(), expected[2], "{file} {}", rule.0);
        for (found, expected) in found.iter().zip(&expected[4..]) {
            let expected: f64 = expected.parse().unwrap();
            assert!((found - expected).abs() <= 1e-9 * expected, "{file} {}: {found} {expected}", rule.0);
        }
    }
}

#[test]
fn segments_are_neurons() {
    let keep = ("keep", AxonRule::Keep);
    assert_segments_are_neurons("cell.swc", THREE_POINT_SOMA, keep);
    assert_segments_are_neurons("cell.asc", CELL_ASC, keep);
    assert_segments_are_neurons("stack.asc", STACK_ASC, keep);
}

#[test]
fn replaced_axons_are_neurons() {
    assert_segments_are_neurons("cell.asc", CELL_ASC, ("initial_segment", AxonRule::InitialSegment));
    assert_segments_are_neurons("cell.asc", CELL_ASC, ("sampled", AxonRule::Sampled { myelin: true }));
}

#[test]
fn a_tapered_axon_has_its_diameters_and_ids() {
    let morphology = parse_asc(CELL_ASC, "cell.asc").unwrap();
    let rule = AxonRule::Tapered { strength_um: 2.0, taper_um: 20.0, terminal_um: 0.5, scaler: 1.5 };
    let cell = Discretisation::new(&morphology, rule, PIECE_UM).unwrap();
    let last: Vec<_> = cell.sections[cell.sections.len() - 3..].iter().collect();
    assert_eq!(
        last.iter().map(|section| (section.kind.name(), section.id)).collect::<Vec<_>>(),
        [("axon", 1), ("axon", 2), ("myelin", morphology.sections.len() as u32),]
    );
    assert_eq!(last.iter().map(|section| section.segments.len()).collect::<Vec<_>>(), [5, 5, 5]);
    assert_eq!(last.iter().map(|section| section.length_um.round()).collect::<Vec<_>>(), [30.0, 30.0, 1000.0]);
    // strength exp(-60 i / 10 / taper) + terminal scaler
    let diameter = |segment: i32| 2.0 * (-6.0 * f64::from(segment) / 20.0).exp() + 0.75;
    let first = last[0].segments.start;
    for index in 0..10 {
        let found = cell.segments[first + index as usize].diameter_um;
        assert!((found / diameter(index) - 1.0).abs() < 1e-12, "{index}: {found}");
    }
    assert!((cell.segments[first + 12].diameter_um / diameter(9) - 1.0).abs() < 1e-12);
    // 60 um of axon and half of the myelin from the end of the soma.
    let middle = cell.segments[last[2].segments.start + 2].distance_um;
    assert!((middle - (morphology.sections[0].length_um() / 2.0 + 560.0)).abs() < 1e-9, "{middle}");

    let short = parse_swc(THREE_POINT_SOMA, "three.swc").unwrap();
    let error = Discretisation::new(&short, AxonRule::Sampled { myelin: false }, PIECE_UM).unwrap_err();
    assert_eq!(error, DiscretisationError::AxonTooShort { sections: 1, length_um: 30.0, found: 5 });
    let thin = AxonRule::Tapered { strength_um: -2.0, taper_um: 20.0, terminal_um: 0.5, scaler: 1.0 };
    let error = Discretisation::new(&short, thin, PIECE_UM).unwrap_err();
    assert_eq!(error, DiscretisationError::AxonDiameter { segment: 0, diameter_um: -1.5 });
    let error = Discretisation::new(&short, AxonRule::Keep, 1e-6).unwrap_err();
    assert!(matches!(error, DiscretisationError::TooManySegments { .. }), "{error}");
    let error = Discretisation::new(&short, AxonRule::Keep, -40.0).unwrap_err();
    assert_eq!(error, DiscretisationError::Rule { name: "piece_um", value: -40.0 });
    let fixed = Discretisation::new(&short, AxonRule::Keep, SegmentRule::Count(2)).unwrap();
    assert_eq!(fixed.segments.len(), 2 * short.sections.len());
}

/// What neurites need to be read: a soma.
const SOMA_ASC: &str = "(\"CellBody\" (5 0 0) (0 4 0) (-5 0 0) (0 -4 0))\n";

#[test]
fn asc_trees_keep_their_order_and_what_is_no_neurite_is_skipped() {
    let text = format!(
        "{SOMA_ASC}((Dendrite) (6 0 0 1) (Dot (1 2 3 4)) (20 0 0 1) ((30 5 0 1) | (30 -5 0 1) ((40 -9 0 1)) | (30 0 5 1)))
        (Text (Color Red) (1 1 1 1) \"not ( a point\") (\"Contour\" (9 9 9) (8 8 8))
        ((Axon) (0 -5 0 1) (0 -50 0 1)) ; ) a comment
        ((Dendrite) \"named\" (-6 0 0 1) (-60 0 0 1) \"to the left\")
        ((Color Red) (2 2 2 1) \"a text\")"
    );
    let cell = parse_asc(&text, "order.asc").unwrap();
    let (soma, end) = (Some((0, Attachment::Middle)), |section| Some((section, Attachment::End)));
    let parents: Vec<_> = cell.sections.iter().map(|section| section.parent).collect();
    // soma, axon, then the first dendrite: trunk, its first branch, the second and what it carries, the third; the other one.
    assert_eq!(parents, [None, soma, soma, end(2), end(2), end(4), end(2), soma]);
    assert_eq!(cell.sections[4].points.len(), 2);
    assert_eq!(cell.sections[6].points[1].position, [30.0, 0.0, 5.0]);
    // The marker is no point.
    assert_eq!(cell.sections[2].points.len(), 2);
}

#[test]
fn an_asc_soma_of_one_point_is_a_sphere() {
    let cell = parse_asc("(\"CellBody\" (1 2 3 10))((Dendrite) (6 0 0 1) (20 0 0 1))", "point.asc").unwrap();
    assert_eq!(cell.sections[0].length_um(), 10.0);
    assert_eq!(cell.sections[0].points[1].position, [1.0, 2.0, 3.0]);
}

#[test]
fn mistakes_of_asc_files_are_told_with_file_and_line() {
    let cases = [
        (String::new(), "bad.asc: has no soma"),
        ("(\"CellBody\"\n (1 2 3)".to_owned(), "bad.asc:1: what is opened here is not closed"),
        ("\n(\"CellBody\" (1 2 3 1) (4 5 6 1))".to_owned(), "bad.asc:2: the contour of the soma has 2 points"),
        ("(\"Soma\" (0 0 0) (1 1 0) (2 2 0))".to_owned(), "bad.asc:1: the contour of the soma lies on a line"),
        (
            format!("{SOMA_ASC}(\"Soma\" (95 0 0) (90 4 0) (85 0 0))"),
            "bad.asc:2: a second soma, beside the one on line 1",
        ),
        (format!("{SOMA_ASC})"), "bad.asc:2: expected '(' of a contour, tree or property, found ')'"),
        (format!("{SOMA_ASC}\n((Color Red)\n(1 2 3 4) (9 2 3 4))"), "bad.asc:3: this tree needs one of the properties"),
        (format!("{SOMA_ASC}((Axon)\n(1 2 3))"), "bad.asc:3: expected a point '(x y z diameter)', found ')'"),
        (
            format!("{SOMA_ASC}\n(Axon\n(1 2 3 4) (9 2 3 4))"),
            "bad.asc:3: this list holds points of a neurite but is no tree",
        ),
        (format!("{SOMA_ASC}((Axon) (1 2 3 4) (9 2 3 4)\n(Axon (9 2 3 4) (20 0 0 1)))"), "bad.asc:3: this list holds"),
        (
            format!("{SOMA_ASC}\n\n(\"a tree\" (Color Red)\n((Dendrite) (1 2 3 4) (9 2 3 4)))"),
            "bad.asc:5: this list holds",
        ),
        (format!("{SOMA_ASC}(Section ((Apical) (1 2 3 4) (9 2 3 4)))"), "bad.asc:2: this list holds"),
        (format!("{SOMA_ASC}((Axon)\n(1 2 3 0))"), "bad.asc:3: diameter 0 must be positive"),
        (format!("{SOMA_ASC}((Axon)\n(1 2 1e7 1))"), "bad.asc:3: coordinate 10000000 must be a number between"),
        (
            format!("{SOMA_ASC}((Axon) (1 2 3 1)\n(2 2 3 1)\n(\n|(9 9 9 1)))"),
            "bad.asc:5: expected a point '(x y z diameter)' in each",
        ),
        (
            format!("{SOMA_ASC}((Axon) (1 2 3 1)\n((2 2 3 1))\n(9 9 9 1))"),
            "bad.asc:4: expected '|' or ')' behind the branches",
        ),
        (
            format!("{SOMA_ASC}((Axon) (1 2 3 1)\n| (9 9 9 1))"),
            "bad.asc:3: expected a point, a split or ')', found '|'",
        ),
        (format!("{SOMA_ASC}((Axon) (1 2 3 1) (9 2 3 1)\n((5 5 5 1)"), "bad.asc:3: what is opened here is not closed"),
        (
            format!("{SOMA_ASC}((Axon)\n(1 2 3 1) (1 2 3 1) (1 2 3 1))"),
            "bad.asc:3: the branch that begins here has no length",
        ),
    ];
    for (text, message) in cases {
        let error = parse_asc(&text, "bad.asc").expect_err(message).to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
}

#[test]
fn h5_tables_are_a_morphology() {
    let cell = small_tables().morphology("cell.h5").unwrap();
    let (soma, end) = (Some((0, Attachment::Middle)), |section| Some((section, Attachment::End)));
    assert_eq!(
        cell.sections.iter().map(|section| section.parent).collect::<Vec<_>>(),
        [None, soma, soma, end(2), end(2)]
    );
    assert_eq!(cell.sections[2].length_um(), 55.0);
    // The same contour as ASC gives the same soma.
    assert_eq!(cell.sections[0], parse_asc(SOMA_ASC, "soma.asc").unwrap().sections[0]);
}

#[test]
fn mistakes_of_h5_tables_are_told_with_table_and_row() {
    type Change = fn(&mut H5Tables);
    let cases: [(Change, &str); 10] = [
        (|cell| cell.structure.clear(), "bad.h5: has no soma"),
        (|cell| cell.structure[2][1] = 7, "bad.h5: row 2 of structure: type 7 is not supported; types are 1 soma"),
        (|cell| cell.structure[2][1] = 1, "bad.h5: row 2 of structure: only the first section is a soma"),
        (|cell| cell.structure[3][2] = 4, "bad.h5: row 3 of structure: the parent 4 is no earlier row"),
        (
            |cell| cell.structure[3][0] = 99,
            "bad.h5: row 2 of structure: the section begins at point 6 and ends at point 99",
        ),
        (|cell| cell.structure[1][0] = 2, "bad.h5: row 0 of structure: the soma has 2 points"),
        (|cell| cell.structure[2][0] = 7, "bad.h5: row 2 of structure: the section has 1 points"),
        (|cell| cell.points[9][3] = 0.0, "bad.h5: row 3 of structure: diameter 0 must be positive"),
        (|cell| cell.points[9][1] = f64::NAN, "bad.h5: row 9 of points: coordinate NaN must be a number"),
        (|cell| cell.points[9] = cell.points[8], "bad.h5: row 3 of structure: the section has no length"),
    ];
    for (change, message) in cases {
        let mut tables = small_tables();
        change(&mut tables);
        let error = tables.morphology("bad.h5").expect_err(message).to_string();
        assert!(error.contains(message), "{error}\nexpected: {message}");
    }
}

#[cfg(feature = "hdf5")]
#[test]
fn h5_files_and_containers_are_read_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (one, all) = (folder.path().join("cell.h5"), folder.path().join("merged.h5"));
    let mut other = small_tables();
    other.points[9][0] = 130.0;
    crate::fuzzing::write_h5(&one, &[("", &small_tables())]);
    crate::fuzzing::write_h5(&all, &[("cell", &small_tables()), ("other", &other)]);
    let expected = small_tables().morphology("cell.h5").unwrap();
    assert_eq!(read(&one).unwrap(), expected);
    let paths = Components { h5v1_dir: Some(all.clone()), ..Components::default() };
    let container = Collection::of(&paths).unwrap();
    assert_eq!(container.read("cell").unwrap(), expected);
    assert_eq!(container.read("other.h5").unwrap(), other.morphology("other").unwrap());
    let error = container.read("third").unwrap_err().to_string();
    assert!(error.ends_with("merged.h5: has no morphology 'third'; it has cell, other"), "{error}");
    // What the container does not have is looked for elsewhere.
    let swc = folder.path().join("swc");
    std::fs::create_dir(&swc).unwrap();
    std::fs::write(swc.join("third.swc"), THREE_POINT_SOMA).unwrap();
    let paths = Components { h5v1_dir: Some(all.clone()), morphologies_dir: Some(swc), ..Components::default() };
    let both = Collection::of(&paths).unwrap();
    assert_eq!(both.read("third").unwrap().sections.len(), 8);
    assert_eq!(both.files_of("third"), [all.clone(), folder.path().join("swc/third.swc")]);
    let error = both.read("fourth").unwrap_err().to_string();
    assert!(error.contains("fourth.swc") && error.contains("merged.h5"), "{error}");
    let error = read(&all).unwrap_err().to_string();
    assert!(error.ends_with("merged.h5: the file has no data set 'points'; it has cell, other"), "{error}");
    std::fs::write(&one, "no HDF5").unwrap();
    let error = read(&one).unwrap_err();
    assert!(matches!(error, MorphologyError::H5Unreadable { .. }), "{error}");
}

#[cfg(not(feature = "hdf5"))]
#[test]
fn h5_files_are_refused_without_hdf5() {
    let error = read("cell.h5".as_ref()).unwrap_err();
    assert!(matches!(error, MorphologyError::WithoutHdf5 { .. }), "{error}");
}

#[test]
fn neurites_with_a_name_are_neurites() {
    let soma = "(\"CellBody\" (Color Red) (CellBody) (5 0 0 1) (0 5 0 1) (-5 0 0 1) (0 -5 0 1))\n";
    let tree = "(Color Red) (Axon) (0 -5 0 2) (0 -50 0 2) ((0 -60 0 1) (0 -90 0 1) | (9 -60 0 1) (9 -90 0 1)))\n";
    let named = parse_asc(&format!("{soma}(\"Tree 1\" {tree}"), "named.asc").unwrap();
    assert_eq!(named.count(SectionKind::Axon), 3);
    assert_eq!(named.sections.len(), parse_asc(&format!("{soma}({tree}"), "plain.asc").unwrap().sections.len());
}

#[test]
fn a_collection_takes_the_first_place_that_has_a_morphology() {
    let folder = tempfile::tempdir().unwrap();
    let [asc, swc] = ["asc", "swc"].map(|name| folder.path().join(name));
    for directory in [&asc, &swc] {
        std::fs::create_dir(directory).unwrap();
    }
    std::fs::write(swc.join("a.swc"), THREE_POINT_SOMA).unwrap();
    std::fs::write(swc.join("b.swc"), THREE_POINT_SOMA).unwrap();
    std::fs::write(swc.join("c.asc"), STACK_ASC).unwrap();
    std::fs::write(asc.join("a.asc"), CELL_ASC).unwrap();
    let paths = Components {
        morphologies_dir: Some(swc.clone()),
        neurolucida_asc_dir: Some(asc.clone()),
        ..Components::default()
    };
    let collection = Collection::of(&paths).unwrap();
    let sections = |name: &str| collection.read(name).unwrap().sections.len();
    assert_eq!([sections("a"), sections("b"), sections("b.swc"), sections("c")], [12, 8, 8, 2]);
    assert_eq!(collection.files_of("a"), [asc.join("a.asc")]);
    assert_eq!(collection.files_of("b.swc"), [swc.join("b.swc")]);
    assert!(collection.files_of("d").is_empty());
    let error = collection.read("d").unwrap_err().to_string();
    let expected = format!("morphology 'd' is not there; looked for {}", asc.join("d.asc").display());
    assert!(error.starts_with(&expected) && error.contains("d.swc"), "{error}");
    assert_eq!(Collection::of(&Components::default()), None);
    let error = read("cell.obj".as_ref()).unwrap_err().to_string();
    assert_eq!(error, "cell.obj: morphologies are read from .swc, .asc and .h5 files");
}

#[test]
fn neurodamus_circuits_cells_are_neurons() {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/circuits"));
    if !folder.exists() {
        println!("skipped: no shared reference data");
        return;
    }
    // NEURON 9.0.2: sections, segments, area of soma and whole cell.
    let big = read(&folder.join("ringtest/morphologies/asc/cell_big.asc")).unwrap();
    let cell = Discretisation::new(&big, AxonRule::Keep, PIECE_UM).unwrap();
    assert_eq!((cell.sections.len(), cell.segments.len()), (11, 23));
    let l4 = read(&folder.join("v5_mini5/sub_mini5/morphologies/sm080908a4.asc")).unwrap();
    let cell = Discretisation::new(&l4, AxonRule::Keep, PIECE_UM).unwrap();
    assert_eq!((cell.sections.len(), cell.segments.len()), (133, 363));
    let area: f64 = cell.segments.iter().map(|segment| segment.area_um2).sum();
    assert!((cell.segments[0].area_um2 / SOMA_OF_SM080908A4 - 1.0).abs() < 1e-9, "{}", cell.segments[0].area_um2);
    assert!((area / AREA_OF_SM080908A4 - 1.0).abs() < 1e-9, "{area}");
}

const SOMA_OF_SM080908A4: f64 = 561.2162405589019;
const AREA_OF_SM080908A4: f64 = 6667.692527449199;

#[test]
fn broken_files_are_read_or_refused_in_bounded_memory() {
    // The library that reads H5 files stops the process at some broken ones where it is built for debugging.
    let readers = [
        (Reader::Nmodl, 400),
        (Reader::Hoc, 400),
        (Reader::NeuroMl, 400),
        (Reader::Swc, 3000),
        (Reader::Asc, 3000),
        (Reader::H5Tables, 3000),
    ];
    for (reader, count) in readers {
        let corpus = reader.corpus(&[]);
        let mut accepted = 0;
        for number in 0..count {
            let text = input(reader, &corpus, 1, number);
            let mut is_accepted = false;
            let counted = allocation_counter::measure(|| is_accepted = reader.accepts(&text));
            assert!(counted.bytes_max < MEMORY, "{} input {number}: {} bytes", reader.name(), counted.bytes_max);
            accepted += u64::from(is_accepted);
        }
        assert!(accepted > 0 && accepted < count, "{}: {accepted} of {count} accepted", reader.name());
    }
}

#[test]
fn an_h5_file_that_cannot_be_read_hides_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let [h5, swc] = ["h5", "swc"].map(|name| folder.path().join(name));
    for directory in [&h5, &swc] {
        std::fs::create_dir(directory).unwrap();
    }
    for name in ["both", "alone"] {
        std::fs::write(h5.join(format!("{name}.h5")), "no HDF5").unwrap();
    }
    std::fs::write(swc.join("both.swc"), THREE_POINT_SOMA).unwrap();
    let paths = Components { h5v1_dir: Some(h5), morphologies_dir: Some(swc), ..Default::default() };
    let collection = Collection::of(&paths).unwrap();
    let alone = collection.read("alone").unwrap_err().to_string();
    if cfg!(feature = "hdf5") {
        // What can be read must be right.
        assert!(collection.read("both").is_err(), "a broken file");
        assert!(alone.contains("alone.h5"), "{alone}");
    } else {
        assert!(collection.read("both").is_ok(), "the SWC file is there");
        assert!(alone.contains("alone.h5: H5 morphologies are read where msr-neuro is built with"), "{alone}");
    }
}
