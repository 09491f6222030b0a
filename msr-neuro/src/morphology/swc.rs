//! SWC files: one sample a line, `id type x y z radius parent` (Cannon et al. 1998, J. Neurosci. Methods 84:49).
//!
//! Conventions of NEURON's and MorphIO's readers: a neurite of two or more samples on a soma begins at its own first
//! sample, one of a single sample begins at the centre of the soma; a branch begins with a copy of the sample that it
//! leaves from; a section ends where the tree branches or the type changes.

use std::collections::HashMap;
use std::path::Path;

use super::error::LARGEST_DIAMETER_UM;
use super::{
    Attachment, LARGEST_COORDINATE_UM, Morphology, MorphologyError, Point, Section, SectionKind, in_sonata_order, soma,
};

/// Reads an SWC file.
///
/// # Errors
/// [`MorphologyError`] with file and line.
pub fn read_swc(path: &Path) -> Result<Morphology, MorphologyError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| MorphologyError::Unreadable { path: path.to_owned(), source })?;
    parse_swc(&text, &path.display().to_string())
}

/// Reads SWC text; `file` is the name used in messages. Blank lines and `#` comments are skipped, parents may come
/// after their children.
///
/// # Errors
/// [`MorphologyError`] with file and line.
pub fn parse_swc(text: &str, file: &str) -> Result<Morphology, MorphologyError> {
    let samples = samples(text, file)?;
    let tree = Tree::new(&samples, file)?;
    let soma_points = tree.soma(file)?;
    let mut sections = tree.neurites(soma::centroid(&soma_points.iter().map(|p| p.position).collect::<Vec<_>>()));
    sections.insert(0, Section { kind: SectionKind::Soma, parent: None, points: soma_points });
    Morphology::new(in_sonata_order(sections))
}

struct Sample {
    line: usize,
    id: i64,
    kind: SectionKind,
    point: Point,
    parent: i64,
}

fn samples(text: &str, file: &str) -> Result<Vec<Sample>, MorphologyError> {
    let mut samples = Vec::new();
    for (index, content) in text.lines().enumerate() {
        let line = index + 1;
        let content = content.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        let broken = || MorphologyError::SwcLine { file: file.to_owned(), line, text: content.to_owned() };
        let numbers: Vec<f64> =
            content.split_whitespace().map(str::parse).collect::<Result<_, _>>().map_err(|_| broken())?;
        let &[id, kind, x, y, z, radius, parent] = numbers.as_slice() else { return Err(broken()) };
        if [id, kind, parent].iter().any(|number| number.fract() != 0.0) {
            return Err(broken());
        }
        let kind = match kind as i64 {
            1 => SectionKind::Soma,
            2 => SectionKind::Axon,
            3 => SectionKind::Dend,
            4 => SectionKind::Apic,
            found => return Err(MorphologyError::SwcType { file: file.to_owned(), line, found }),
        };
        let id = id as i64;
        if !radius.is_finite() || radius < 0.0 || (radius == 0.0 && kind != SectionKind::Soma) {
            return Err(MorphologyError::SwcRadius { file: file.to_owned(), line, id, radius });
        }
        if 2.0 * radius > LARGEST_DIAMETER_UM {
            return Err(MorphologyError::SwcThick { file: file.to_owned(), line, id, diameter_um: 2.0 * radius });
        }
        if let Some(&value) = [x, y, z].iter().find(|value| !value.is_finite() || value.abs() > LARGEST_COORDINATE_UM) {
            return Err(MorphologyError::SwcCoordinate { file: file.to_owned(), line, id, value });
        }
        let point = Point::single([x, y, z], 2.0 * radius);
        samples.push(Sample { line, id, kind, point, parent: parent as i64 });
    }
    Ok(samples)
}

/// Samples with their children, in the order of the file.
struct Tree<'a> {
    samples: &'a [Sample],
    children: Vec<Vec<usize>>,
    root: usize,
}

impl<'a> Tree<'a> {
    fn new(samples: &'a [Sample], file: &str) -> Result<Self, MorphologyError> {
        let mut position = HashMap::new();
        for (index, sample) in samples.iter().enumerate() {
            if let Some(first) = position.insert(sample.id, index) {
                let first: &Sample = &samples[first];
                let (line, id) = (sample.line, sample.id);
                return Err(MorphologyError::SwcDuplicate { file: file.to_owned(), line, id, first: first.line });
            }
        }
        let mut children = vec![Vec::new(); samples.len()];
        let mut root = None;
        for (index, sample) in samples.iter().enumerate() {
            if sample.parent < 0 {
                if sample.kind == SectionKind::Soma && root.is_none() {
                    root = Some(index);
                }
                continue;
            }
            let parent = *position.get(&sample.parent).ok_or_else(|| MorphologyError::SwcParent {
                file: file.to_owned(),
                line: sample.line,
                id: sample.id,
                parent: sample.parent,
            })?;
            children[parent].push(index);
        }
        let root = root.ok_or_else(|| MorphologyError::SwcNoSoma { file: file.to_owned() })?;
        let tree = Self { samples, children, root };
        tree.check_connected(file)?;
        Ok(tree)
    }

    fn check_connected(&self, file: &str) -> Result<(), MorphologyError> {
        let mut reached = vec![false; self.samples.len()];
        let mut open = vec![self.root];
        while let Some(at) = open.pop() {
            reached[at] = true;
            open.extend(&self.children[at]);
        }
        match reached.iter().position(|reached| !reached) {
            None => Ok(()),
            Some(lost) => Err(MorphologyError::SwcUnconnected {
                file: file.to_owned(),
                line: self.samples[lost].line,
                id: self.samples[lost].id,
            }),
        }
    }

    fn is_soma(&self, sample: usize) -> bool {
        self.samples[sample].kind == SectionKind::Soma
    }

    /// Points of the soma section: sphere of one or three samples, chain of discs, or contour (all radii 0).
    fn soma(&self, file: &str) -> Result<Vec<Point>, MorphologyError> {
        let mut chain = vec![self.root];
        let radius_error = |sample: &Sample| MorphologyError::SwcRadius {
            file: file.to_owned(),
            line: sample.line,
            id: sample.id,
            radius: sample.point.diameter_um / 2.0,
        };
        let root = &self.samples[self.root];
        loop {
            let at = chain[chain.len() - 1];
            let next: Vec<usize> = self.children[at].iter().copied().filter(|&child| self.is_soma(child)).collect();
            match next.as_slice() {
                [] => break,
                [one] => chain.push(*one),
                [a, b]
                    if chain.len() == 1
                        && [a, b].iter().all(|&&end| !self.children[end].iter().any(|&c| self.is_soma(c))) =>
                {
                    break;
                }
                _ => {
                    return Err(MorphologyError::SwcBranchedSoma {
                        file: file.to_owned(),
                        line: self.samples[at].line,
                    });
                }
            }
        }
        if chain.len() == 1 {
            if root.point.diameter_um == 0.0 {
                return Err(radius_error(root));
            }
            return Ok(soma::from_sphere(root.point.position, root.point.diameter_um / 2.0));
        }
        let points: Vec<Point> = chain.iter().map(|&sample| self.samples[sample].point).collect();
        match points.iter().position(|point| point.diameter_um == 0.0) {
            None => Ok(points),
            Some(_) if points.iter().all(|point| point.diameter_um == 0.0) => {
                soma::from_contour(&points.iter().map(|point| point.position).collect::<Vec<_>>())
                    .ok_or_else(|| radius_error(root))
            }
            Some(flat) => Err(radius_error(&self.samples[chain[flat]])),
        }
    }

    /// All sections but the soma, depth first in the order of the file. Parents count the soma as section 0.
    fn neurites(&self, soma_centre: [f64; 3]) -> Vec<Section> {
        let mut sections: Vec<Section> = Vec::new();
        // First sample of a section yet to come, and its parent section; the last is taken first.
        let mut open: Vec<(usize, usize, Option<Point>)> = Vec::new();
        let mut roots = Vec::new();
        let mut soma = vec![self.root];
        while let Some(at) = soma.pop() {
            for &child in &self.children[at] {
                if self.is_soma(child) { soma.push(child) } else { roots.push(child) }
            }
        }
        roots.sort_unstable();
        open.extend(roots.iter().rev().map(|&root| (root, 0, None)));
        while let Some((first, parent, start)) = open.pop() {
            let kind = self.samples[first].kind;
            let mut points: Vec<Point> = start.into_iter().collect();
            points.push(self.samples[first].point);
            let mut at = first;
            while let [only] = self.children[at].as_slice() {
                if self.samples[*only].kind != kind {
                    break;
                }
                at = *only;
                points.push(self.samples[at].point);
            }
            if points.len() == 1 {
                points.insert(0, Point { position: soma_centre, diameter_um: points[0].diameter_um });
            }
            let attachment = if parent == 0 { Attachment::Middle } else { Attachment::End };
            sections.push(Section { kind, parent: Some((parent, attachment)), points });
            let this = sections.len();
            let end = self.samples[at].point;
            open.extend(self.children[at].iter().rev().map(|&child| (child, this, Some(end))));
        }
        sections
    }
}
