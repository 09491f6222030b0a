//! What becomes of the axon of the file.

use serde::{Deserialize, Serialize};

use super::frusta::Frusta;
use super::{DiscretisationError, PIECE_UM, Piece, SegmentRule};
use crate::morphology::{Attachment, Morphology, Point, Section, SectionKind, distance};

/// Treatment of the axon. All replacements are two cylinders of 30 um at the end of the soma, some with a myelinated axon
/// behind them. SONATA ids of the other sections stay as if the axon of the file were still there; the cylinders have ids 1
/// and 2, so that an id is used twice where the file's axon has fewer than two sections (as in NEURON), and the myelin has
/// the one behind the last section of the file.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AxonRule {
    /// The axon of the file is simulated.
    Keep,
    /// The e-models of Markram et al. 2015: one segment each. The first is as thick as the axon's first section, the second
    /// as the first section of the axon whose middle is more than 60 um from the beginning of the soma (else as the first);
    /// 1 um each without an axon.
    #[default]
    InitialSegment,
    /// The e-models of the somatosensory cortex and the thalamus: five segments each, as thick as the ten first segments of
    /// the file's axon when its sections, one after the other, are cut into `1 + 2 floor(L / 12 um)`.
    Sampled {
        /// Whether 1000 um of myelin follow, in five segments as thick as the last.
        myelin: bool,
    },
    /// The e-models of 2021, with one scale of the initial segment for all cells of an e-model (their node parameter `AIS_scaler` is not
    /// read): five segments each, segment `i` of `strength exp(-6 i /
    /// taper) + terminal scaler` um, and 1000 um of myelin as thick as the last.
    Tapered {
        /// What the first segment has more than the last ones, in um.
        strength_um: f64,
        /// Length over which that falls to 1/e, in um.
        taper_um: f64,
        /// Diameter far away, in um.
        terminal_um: f64,
        /// Factor of the diameter far away.
        scaler: f64,
    },
}

/// Length of each cylinder.
const CYLINDER_UM: f64 = 30.0;
/// Number of cylinders.
const CYLINDERS: usize = 2;
/// Path from the beginning of the soma beyond which a section lends its diameter to the second cylinder.
const SECOND_DIAMETER_BEYOND_UM: f64 = 60.0;
/// Diameter of both cylinders where the file has no axon.
const NO_AXON_DIAMETER_UM: f64 = 1.0;
/// Segments of a cylinder that is as thick as the axon was.
const CYLINDER_SEGMENTS: usize = 5;
/// Segments of both.
pub(super) const SAMPLES: usize = CYLINDERS * CYLINDER_SEGMENTS;
/// Twice the length that the segments of the file's axon have at most.
const SAMPLED_PIECE_UM: f64 = 12.0;
/// Length of a segment of a cylinder.
const SAMPLE_UM: f64 = CYLINDER_UM / CYLINDER_SEGMENTS as f64;
/// Length of the myelin.
const MYELIN_UM: f64 = 1000.0;
/// Segments of the myelin.
const MYELIN_SEGMENTS: usize = 5;

impl AxonRule {
    pub(super) fn apply(self, morphology: &Morphology) -> Result<Vec<Piece>, DiscretisationError> {
        let piece = |(index, section): (usize, &Section)| Piece {
            kind: section.kind,
            id: index as u32,
            parent: section.parent,
            points: section.points.clone(),
            cylinders: None,
        };
        let sections = morphology.sections.iter().enumerate();
        let Some(stub) = self.stub(morphology)? else { return Ok(sections.map(piece).collect()) };
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
        stub.attach(morphology, &mut pieces);
        Ok(pieces)
    }

    /// What replaces the axon, if it is replaced.
    fn stub(self, morphology: &Morphology) -> Result<Option<Stub>, DiscretisationError> {
        let stub = match self {
            Self::Keep => return Ok(None),
            Self::InitialSegment => {
                let [first, second] = first_and_distant_diameter(morphology);
                Stub { cylinders: [vec![first], vec![second]], myelin_um: None }
            }
            Self::Sampled { myelin } => Stub::tapering(first_diameters(morphology)?, myelin),
            Self::Tapered { strength_um, taper_um, terminal_um, scaler } => {
                let diameters = std::array::from_fn(|segment| {
                    strength_um * (-(segment as f64) * SAMPLE_UM / taper_um).exp() + terminal_um * scaler
                });
                Stub::tapering(diameters, true)
            }
        };
        let bad = |diameter: &f64| !(*diameter > 0.0 && diameter.is_finite());
        match stub.cylinders.iter().flatten().enumerate().find(|(_, diameter)| bad(diameter)) {
            None => Ok(Some(stub)),
            Some((segment, &diameter_um)) => Err(DiscretisationError::AxonDiameter { segment, diameter_um }),
        }
    }
}

/// Where the axon of a morphology begins, and where it leads: a unit vector.
pub(crate) struct Course {
    pub start: [f64; 3],
    direction: [f64; 3],
}

impl Course {
    /// Without an axon it begins in the middle of the soma and leads down.
    pub fn of_axon(morphology: &Morphology) -> Self {
        let soma = &morphology.sections[0];
        let axon = morphology.sections.iter().find(|section| section.kind == SectionKind::Axon);
        let Some(axon) = axon else {
            let start = Frusta::new(&soma.points).position(soma.length_um() / 2.0);
            return Self { start, direction: DOWN };
        };
        let (start, far) = (axon.points[0].position, axon.points[axon.points.len() - 1].position);
        let length = distance(far, start);
        let along = std::array::from_fn(|axis| (far[axis] - start[axis]) / length);
        Self { start, direction: if length > 0.0 { along } else { DOWN } }
    }

    /// The ends of a section of this length and these diameters that leads on from a point.
    pub fn straight(&self, start: [f64; 3], length_um: f64, diameters: &[f64]) -> Vec<Point> {
        let end = std::array::from_fn(|axis| start[axis] + length_um * self.direction[axis]);
        vec![
            Point { position: start, diameter_um: diameters[0] },
            Point { position: end, diameter_um: diameters[diameters.len() - 1] },
        ]
    }
}

/// Along y, away from the surface of the cortex.
const DOWN: [f64; 3] = [0.0, -1.0, 0.0];

/// Diameters of the segments of what replaces an axon, in um.
struct Stub {
    cylinders: [Vec<f64>; CYLINDERS],
    myelin_um: Option<f64>,
}

impl Stub {
    fn tapering(diameters: [f64; SAMPLES], myelin: bool) -> Self {
        let (first, second) = diameters.split_at(CYLINDER_SEGMENTS);
        Self { cylinders: [first.to_vec(), second.to_vec()], myelin_um: myelin.then_some(diameters[SAMPLES - 1]) }
    }

    /// Lays the sections from the beginning of the file's axon (or the middle of the soma) the way that axon goes.
    fn attach(self, morphology: &Morphology, pieces: &mut Vec<Piece>) {
        let course = Course::of_axon(morphology);
        let mut start = course.start;
        let mut parent = 0;
        let mut lay = |kind, id, length_um: f64, diameters: Vec<f64>| {
            let points = course.straight(start, length_um, &diameters);
            start = points[1].position;
            pieces.push(Piece {
                kind,
                id,
                parent: Some((parent, Attachment::End)),
                points,
                cylinders: Some(diameters),
            });
            parent = pieces.len() - 1;
        };
        for (index, diameters) in self.cylinders.into_iter().enumerate() {
            lay(SectionKind::Axon, 1 + index as u32, CYLINDER_UM, diameters);
        }
        if let Some(diameter) = self.myelin_um {
            let id = morphology.sections.len() as u32;
            lay(SectionKind::Myelin, id, MYELIN_UM, vec![diameter; MYELIN_SEGMENTS]);
        }
    }
}

/// Whether each section is axon or springs from it.
fn axonal_descent(morphology: &Morphology) -> Vec<bool> {
    let mut axonal = vec![false; morphology.sections.len()];
    for section in morphology.parents_first() {
        let of = &morphology.sections[section];
        axonal[section] = of.kind == SectionKind::Axon || of.parent.is_some_and(|(parent, _)| axonal[parent]);
    }
    axonal
}

fn axon(morphology: &Morphology) -> impl Iterator<Item = &Section> {
    morphology.sections.iter().filter(|section| section.kind == SectionKind::Axon)
}

/// Diameters of the segments of a section.
fn diameters(section: &Section, rule: SegmentRule) -> impl Iterator<Item = f64> {
    let frusta = Frusta::new(&section.points);
    let length = frusta.length_um();
    let count = rule.count(&section.points, length);
    let step = length / count as f64;
    (0..count).map(move |segment| frusta.mean_diameter_um(segment as f64 * step, (segment + 1) as f64 * step))
}

/// Diameters of the ten first segments of the axon.
fn first_diameters(morphology: &Morphology) -> Result<[f64; SAMPLES], DiscretisationError> {
    let all = axon(morphology).flat_map(|section| diameters(section, SegmentRule::PieceUm(SAMPLED_PIECE_UM)));
    let found: Vec<f64> = all.take(SAMPLES).collect();
    found.as_slice().try_into().map_err(|_| DiscretisationError::AxonTooShort {
        sections: axon(morphology).count(),
        length_um: axon(morphology).map(Section::length_um).fold(0.0, |sum, length| sum + length),
        found: found.len(),
    })
}

/// Diameters of the axon's first section and of its first section far from the soma.
fn first_and_distant_diameter(morphology: &Morphology) -> [f64; CYLINDERS] {
    // NEURON's `diam` of a section is that of its middle segment.
    let middle_diameter = |section: &Section| {
        let all: Vec<f64> = diameters(section, SegmentRule::PieceUm(PIECE_UM)).collect();
        all[all.len() / 2]
    };
    let Some(first) = axon(morphology).next().map(middle_diameter) else { return [NO_AXON_DIAMETER_UM; CYLINDERS] };
    // Path from the beginning of the soma to the beginning of each section.
    let lengths: Vec<f64> = morphology.sections.iter().map(Section::length_um).collect();
    let mut starts = vec![0.0; lengths.len()];
    for section in morphology.parents_first() {
        if let Some((parent, attachment)) = morphology.sections[section].parent {
            starts[section] = starts[parent] + lengths[parent] * attachment.fraction();
        }
    }
    let is_distant = |section: &usize| {
        morphology.sections[*section].kind == SectionKind::Axon
            && starts[*section] + lengths[*section] / 2.0 > SECOND_DIAMETER_BEYOND_UM
    };
    let distant = (0..lengths.len()).find(is_distant);
    [first, distant.map_or(first, |section| middle_diameter(&morphology.sections[section]))]
}
