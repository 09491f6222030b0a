//! What becomes of the axon of the file.

use serde::{Deserialize, Serialize};

use super::{Piece, frusta::Frusta};
use crate::morphology::{Attachment, Morphology, Point, Section, SectionKind, distance};

/// Treatment of the axon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AxonRule {
    /// The axon of the file is simulated.
    Keep,
    /// The axon is cut off and replaced by an initial segment of two cylinders of 30 um, one segment each, at the end of
    /// the soma. The first is as thick as the axon's first section, the second as the first section of the axon whose
    /// middle is more than 60 um from the beginning of the soma (else as the first); 1 um each without an axon. SONATA
    /// ids of the other sections stay as if the axon were still there; the cylinders have ids 1 and 2, so that an id is used
    /// twice where the file's axon has fewer than two sections (as in NEURON's v5 e-models).
    #[default]
    InitialSegment,
}

/// Length of each cylinder of the initial segment.
const CYLINDER_UM: f64 = 30.0;
/// Number of cylinders.
const CYLINDERS: usize = 2;
/// Path from the beginning of the soma beyond which a section lends its diameter to the second cylinder.
const SECOND_DIAMETER_BEYOND_UM: f64 = 60.0;
/// Diameter of both cylinders where the file has no axon.
const NO_AXON_DIAMETER_UM: f64 = 1.0;

impl AxonRule {
    pub(super) fn apply(self, morphology: &Morphology) -> Vec<Piece> {
        let piece = |(index, section): (usize, &Section)| Piece {
            kind: section.kind,
            id: index as u32,
            parent: section.parent,
            points: section.points.clone(),
            from_file: true,
        };
        let sections = morphology.sections.iter().enumerate();
        if self == Self::Keep {
            return sections.map(piece).collect();
        }
        // A dendrite that springs from the axon is cut off with it.
        let axonal = axonal_descent(morphology);
        let mut place = vec![None; morphology.sections.len()];
        let mut pieces: Vec<Piece> = Vec::new();
        for (index, section) in sections.filter(|(index, _)| !axonal[*index]) {
            place[index] = Some(pieces.len());
            pieces.push(piece((index, section)));
        }
        for piece in &mut pieces {
            piece.parent = piece.parent.and_then(|(parent, at)| place[parent].map(|parent| (parent, at)));
        }
        pieces.extend(initial_segment(morphology, pieces.len()));
        pieces
    }
}

fn axonal_descent(morphology: &Morphology) -> Vec<bool> {
    let is_axonal = |mut at: usize| loop {
        if morphology.sections[at].kind == SectionKind::Axon {
            return true;
        }
        match morphology.sections[at].parent {
            Some((parent, _)) => at = parent,
            None => return false,
        }
    };
    (0..morphology.sections.len()).map(is_axonal).collect()
}

/// The cylinders, laid from the beginning of the file's axon (or the middle of the soma) the way that axon goes.
fn initial_segment(morphology: &Morphology, first: usize) -> Vec<Piece> {
    let soma = &morphology.sections[0];
    let centre = Frusta::new(&soma.points).position(soma.length_um() / 2.0);
    let axon = morphology.sections.iter().position(|section| section.kind == SectionKind::Axon);
    let start = axon.map_or(centre, |axon| morphology.sections[axon].points[0].position);
    let direction = axon
        .map(|axon| &morphology.sections[axon].points)
        .and_then(|points| {
            let far = points[points.len() - 1].position;
            let length = distance(far, start);
            (length > 0.0).then(|| std::array::from_fn(|axis| (far[axis] - start[axis]) / length))
        })
        .unwrap_or([0.0, -1.0, 0.0]);
    let at = |path: f64| std::array::from_fn(|axis| start[axis] + path * direction[axis]);
    let diameters = diameters(morphology, axon);
    (0..CYLINDERS)
        .map(|index| {
            let point = |path: f64| Point { position: at(path), diameter_um: diameters[index] };
            Piece {
                kind: SectionKind::Axon,
                id: 1 + index as u32,
                parent: Some(if index == 0 { (0, Attachment::End) } else { (first + index - 1, Attachment::End) }),
                points: vec![point(index as f64 * CYLINDER_UM), point((index + 1) as f64 * CYLINDER_UM)],
                from_file: false,
            }
        })
        .collect()
}

fn diameters(morphology: &Morphology, axon: Option<usize>) -> [f64; CYLINDERS] {
    let Some(axon) = axon else { return [NO_AXON_DIAMETER_UM; CYLINDERS] };
    // NEURON's `diam` of a section is that of its middle segment.
    let middle_diameter = |section: &Section| {
        let frusta = Frusta::new(&section.points);
        let length = frusta.length_um();
        let segments = (1 + 2 * (length / super::PIECE_UM) as usize) as f64;
        let half = 0.5 * length / segments;
        frusta.mean_diameter_um(0.5 * length - half, 0.5 * length + half)
    };
    let first = middle_diameter(&morphology.sections[axon]);
    let middle_path = |section: &Section| {
        let mut path = section.length_um() / 2.0;
        let mut at = section;
        while let Some((parent, attachment)) = at.parent {
            at = &morphology.sections[parent];
            path += at.length_um() * if attachment == Attachment::End { 1.0 } else { 0.5 };
        }
        path
    };
    let second = morphology
        .sections
        .iter()
        .filter(|section| section.kind == SectionKind::Axon)
        .find(|section| middle_path(section) > SECOND_DIAMETER_BEYOND_UM)
        .map_or(first, middle_diameter);
    [first, second]
}
