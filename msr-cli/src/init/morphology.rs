//! Branched morphologies and their SWC text.

use std::fmt::Write as _;

use super::geometry::{self, Vector};

/// What a neurite is; the values are those of SWC. In glial morphologies 2 is a perivascular process and 3 any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Neurite {
    Axon = 2,
    Basal = 3,
    Apical = 4,
}

impl Neurite {
    /// The value of SONATA's `afferent_section_type`: 0 soma, 1 axon, 2 basal dendrite, 3 apical dendrite.
    pub fn sonata_type(self) -> u32 {
        self as u32 - 1
    }
}

/// A sample of the neurite's centre line, relative to the centre of the soma.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    pub position_um: Vector,
    pub diameter_um: f64,
}

/// An unbranched piece. It begins with its parent's last point, or on the soma.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub neurite: Neurite,
    /// Index in [`Morphology::sections`], `None` on the soma.
    pub parent: Option<usize>,
    pub points: Vec<Point>,
}

impl Section {
    pub fn length_um(&self) -> f64 {
        self.points.windows(2).map(|pair| geometry::distance(pair[0].position_um, pair[1].position_um)).sum()
    }
}

/// A cell: a spherical soma at the origin and its sections, in the order axon, basal, apical, each depth first. This is
/// the order in which NEURON and MorphIO number the sections of the SWC file, so that section `i` here has the id `i + 1` in
/// SONATA (0 is the soma).
#[derive(Debug, Clone, PartialEq)]
pub struct Morphology {
    pub name: String,
    pub soma_diameter_um: f64,
    pub sections: Vec<Section>,
}

impl Morphology {
    pub fn new(name: &str, soma_diameter_um: f64) -> Self {
        Self { name: name.to_owned(), soma_diameter_um, sections: Vec::new() }
    }

    /// Adds a section and returns its index.
    pub fn push(&mut self, neurite: Neurite, parent: Option<usize>, points: Vec<Point>) -> usize {
        self.sections.push(Section { neurite, parent, points });
        self.sections.len() - 1
    }

    /// Brings the sections into the promised order.
    pub fn arranged(self) -> Self {
        let mut children = vec![Vec::new(); self.sections.len()];
        let mut roots = Vec::new();
        for (index, section) in self.sections.iter().enumerate() {
            match section.parent {
                Some(parent) => children[parent].push(index),
                None => roots.push(index),
            }
        }
        roots.sort_by_key(|&root| (self.sections[root].neurite, root));
        let mut new_index = vec![0; self.sections.len()];
        let mut arranged = Vec::with_capacity(self.sections.len());
        let mut stack: Vec<usize> = roots.into_iter().rev().collect();
        while let Some(old) = stack.pop() {
            new_index[old] = arranged.len();
            let mut section = self.sections[old].clone();
            section.parent = section.parent.map(|parent| new_index[parent]);
            arranged.push(section);
            stack.extend(children[old].iter().rev());
        }
        Self { sections: arranged, ..self }
    }

    /// The morphology turned about the y axis.
    pub fn turned_about_y(mut self, angle_rad: f64) -> Self {
        for point in self.sections.iter_mut().flat_map(|section| &mut section.points) {
            point.position_um = geometry::turned_about_y(point.position_um, angle_rad);
        }
        self
    }

    pub fn soma_radius_um(&self) -> f64 {
        0.5 * self.soma_diameter_um
    }

    /// Distance along the neurites from the soma's surface to the beginning of each section.
    pub fn path_distances_um(&self) -> Vec<f64> {
        let mut distances: Vec<f64> = Vec::with_capacity(self.sections.len());
        for section in &self.sections {
            distances.push(section.parent.map_or(0.0, |parent| distances[parent] + self.sections[parent].length_um()));
        }
        distances
    }

    /// The SWC file: a one-point soma, then the sections.
    pub fn to_swc(&self, comment: &str) -> String {
        let mut text = format!("# {comment}\n# index type x y z radius parent (um)\n");
        let mut line = |index: usize, kind: u32, point: &Point, parent: i64| {
            let [x, y, z] = point.position_um;
            let radius = 0.5 * point.diameter_um;
            writeln!(text, "{index} {kind} {x:.3} {y:.3} {z:.3} {radius:.4} {parent}").expect("a String takes all");
        };
        line(1, 1, &Point { position_um: [0.0; 3], diameter_um: self.soma_diameter_um }, -1);
        let mut next = 2;
        let mut last_of_section = Vec::with_capacity(self.sections.len());
        for section in &self.sections {
            let (mut parent, skipped) = match section.parent {
                Some(parent) => (last_of_section[parent], 1),
                None => (1, 0),
            };
            for point in &section.points[skipped..] {
                line(next, section.neurite as u32, point, parent);
                parent = next as i64;
                next += 1;
            }
            last_of_section.push(parent);
        }
        text
    }
}
