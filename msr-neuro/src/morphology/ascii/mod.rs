//! Neurolucida's ASC files: nested lists of points `(x y z diameter)`, with contours, trees, and much that is no neurite.
//!
//! Conventions of NEURON's Import3d (which neurodamus reads these files with): a soma is a contour called `CellBody`,
//! `Cell Body` or `Soma` (or with the property `(CellBody)`), or several that lie above one another; a tree with the
//! property `(Axon)`, `(Dendrite)` or `(Apical)` is a neurite and begins with its own first point at the middle of the
//! soma; a branch begins with the last point of its parent, as thick as its own first point, unless that is at the same
//! place; a section of a single place is left out, and its branches begin where it did. Markers, spines, texts, other
//! contours and properties are skipped, sets are read as if their content stood outside.

mod drawing;
mod tokens;

use std::path::Path;

use super::{Attachment, Morphology, MorphologyError, Point, Section, SectionKind, in_sonata_order, soma};
use drawing::{Branch, Contour, Drawing};

/// Contours of fewer points enclose nothing.
const LEAST_CONTOUR_POINTS: usize = 3;

/// Reads a Neurolucida file; letters that are not UTF-8 (in names and comments) are replaced.
///
/// # Errors
/// [`MorphologyError`] with file and line.
pub fn read_asc(path: &Path) -> Result<Morphology, MorphologyError> {
    let bytes = std::fs::read(path).map_err(|source| MorphologyError::Unreadable { path: path.to_owned(), source })?;
    parse_asc(&String::from_utf8_lossy(&bytes), &path.display().to_string())
}

/// Reads Neurolucida text; `file` is the name used in messages.
///
/// # Errors
/// [`MorphologyError`] with file and line.
pub fn parse_asc(text: &str, file: &str) -> Result<Morphology, MorphologyError> {
    let drawing = Drawing::parse(text, file)?;
    let soma = Section { kind: SectionKind::Soma, parent: None, points: soma(&drawing.contours, file)? };
    let mut sections = vec![soma];
    sections.extend(neurites(&drawing.branches, file)?);
    Morphology::new(in_sonata_order(sections))
}

/// Points of the soma section: a sphere of one point with a diameter, a contour, or a stack of contours.
fn soma(contours: &[Contour], file: &str) -> Result<Vec<Point>, MorphologyError> {
    let file = || file.to_owned();
    let positions = |contour: &Contour| contour.points.iter().map(|point| point.position).collect::<Vec<_>>();
    let whole: Vec<&Contour> = contours.iter().filter(|contour| contour.points.len() >= LEAST_CONTOUR_POINTS).collect();
    let first = contours.first().ok_or_else(|| MorphologyError::AscNoSoma { file: file() })?;
    let flat = |line| MorphologyError::AscFlatContour { file: file(), line };
    match whole.as_slice() {
        [] => match first.points.as_slice() {
            [centre] if centre.diameter_um > 0.0 => Ok(soma::from_sphere(centre.position, centre.diameter_um / 2.0)),
            points => Err(MorphologyError::AscShortContour { file: file(), line: first.line, found: points.len() }),
        },
        [one] => soma::from_contour(&positions(one)).ok_or_else(|| flat(one.line)),
        stack => {
            for pair in stack.windows(2) {
                if !overlap(pair[0], pair[1]) {
                    let (line, first) = (pair[1].line, pair[0].line);
                    return Err(MorphologyError::AscSeveralSomas { file: file(), line, first });
                }
            }
            soma::from_stack(&stack.iter().map(|contour| positions(contour)).collect::<Vec<_>>())
                .ok_or_else(|| flat(stack[0].line))
        }
    }
}

/// Whether the rectangles around two contours in the xy plane have a point in common.
fn overlap(a: &Contour, b: &Contour) -> bool {
    let range = |contour: &Contour, axis: usize| {
        let along = contour.points.iter().map(|point| point.position[axis]);
        along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
    };
    (0..2).all(|axis| {
        let ((a_low, a_high), (b_low, b_high)) = (range(a, axis), range(b, axis));
        a_low <= b_high && b_low <= a_high
    })
}

/// Sections of the branches, in their order; parents count the soma as section 0.
fn neurites(branches: &[Branch], file: &str) -> Result<Vec<Section>, MorphologyError> {
    let mut sections: Vec<Section> = Vec::with_capacity(branches.len());
    // Where what begins at the end of each branch is attached.
    let mut ends: Vec<(usize, Attachment)> = Vec::with_capacity(branches.len());
    for branch in branches {
        let start = branch.parent.map_or((0, Attachment::Middle), |parent| ends[parent]);
        let last_of_parent = branch.parent.and_then(|parent| branches[parent].points.last());
        let copied = last_of_parent.filter(|last| last.position != branch.points[0].position);
        let copied = copied.map(|last| Point { diameter_um: branch.points[0].diameter_um, ..*last });
        let points: Vec<Point> = copied.iter().chain(&branch.points).copied().collect();
        let is_place = |points: &[Point]| points.iter().all(|point| point.position == points[0].position);
        if is_place(&points) {
            if points.len() > 2 {
                return Err(MorphologyError::AscNoLength { file: file.to_owned(), line: branch.line });
            }
            ends.push(start);
            continue;
        }
        let points = points.iter().map(|point| Point::single(point.position, point.diameter_um)).collect();
        sections.push(Section { kind: branch.kind, parent: Some(start), points });
        ends.push((sections.len(), Attachment::End));
    }
    Ok(sections)
}
