//! Cells of cylinders for the tests.

use msr_neuro::cable::CableParameters;
use msr_neuro::cell::CellBuilder;
use msr_neuro::discretisation::{AxonRule, Discretisation};
use msr_neuro::mechanisms::Registry;
use msr_neuro::morphology::{Attachment, Morphology, Point, Section, SectionKind};

/// A cylinder along x from `start_um`.
pub fn cylinder(
    kind: SectionKind,
    parent: Option<(usize, Attachment)>,
    start_um: f64,
    length_um: f64,
    diameter_um: f64,
) -> Section {
    let point = |x: f64| Point { position: [x, 0.0, 0.0], diameter_um };
    Section { kind, parent, points: vec![point(start_um), point(start_um + length_um)] }
}

/// A builder for these sections with pieces of `piece_um`, the same cable everywhere.
pub fn builder<'a>(
    registry: &'a Registry,
    sections: Vec<Section>,
    piece_um: f64,
    cable: CableParameters,
) -> CellBuilder<'a> {
    let morphology = Morphology::new(sections).unwrap();
    let cell = Discretisation::new(&morphology, AxonRule::Keep, piece_um).unwrap();
    let segments = cell.segments.len();
    let mut builder = CellBuilder::new(cell, registry);
    for segment in 0..segments {
        *builder.cable_mut(segment) = cable;
    }
    builder
}
