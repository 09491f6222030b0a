//! SWC files: conventions, mistakes, and totals of NEURON's reader.

use std::path::PathBuf;

use msr_neuro::discretisation::{AxonRule, Discretisation, PIECE_UM};
use msr_neuro::morphology::{Attachment, Morphology, SectionKind, parse_swc, read_swc};

const THREE_POINT_SOMA: &str = "
# a comment
1 1 0 0 0 5 -1
2 1 0 -5 0 5 1
3 1 0 5 0 5 1
4 3 0 6 0 1 1
5 3 0 50 0 1 4
6 3 10 90 0 0.5 5
7 3 -10 90 0 0.4 5
8 2 0 -30 0 .5 1
9 4 20 20 3 .6 1
10 4 40 40 3 .6 9
11 3 60 60 3 .2 10
12 4 60 50 3 .2 10
";

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
    // NEURON keeps 3-D points in single precision.
    for (found, expected) in [(found.1, expected.1), (found.2, expected.2), (found.4, expected.4)] {
        assert!((found / expected - 1.0).abs() < 1e-5, "{kind:?}: {found} {expected}");
    }
}

#[test]
fn totals_of_a_small_cell_are_neurons() {
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
    assert_eq!(morphology.sections[5].points[0].diameter_um, 1.2);
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
    assert!((cell.segments[axon[1].segments.start].diameter_um - 0.5).abs() < 1e-9);
    assert_eq!(cell.segment_at(3, 0.5), None, "a section that was cut off");
}
