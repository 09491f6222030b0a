//! The cell that a template works on: sections with their segments, as NEURON has them.

use crate::discretisation::{Frusta, length_constants};
use crate::mechanisms::{Mechanism, Registry};
use crate::morphology::{Morphology, Point, SectionKind};

/// NEURON's defaults of a section.
const LENGTH_UM: f64 = 100.0;
const DIAMETER_UM: f64 = 500.0;
pub(crate) const AXIAL_RESISTIVITY_OHM_CM: f64 = 35.4;
const CAPACITANCE_UF_PER_CM2: f64 = 1.0;
/// NEURON allows no more segments in a section.
const MOST_SEGMENTS: f64 = 32_767.0;

/// Sections that a template may make for a cell, with those that it deletes again: so that time and memory are bounded.
pub const MOST_SECTIONS: usize = 50_000;

/// Number of a section.
pub type SectionId = usize;

/// A section.
#[derive(Debug, Clone)]
pub struct Section {
    /// Number of the template's instance that it belongs to.
    pub owner: usize,
    /// Name of the group that it is one of (`axon`).
    pub group: String,
    /// Position in the group.
    pub index: usize,
    /// Whether it has not been deleted.
    pub exists: bool,
    /// Its position in the morphology, where it comes from there.
    pub of_file: Option<usize>,
    /// Its 3-D points; none where it was created by statements.
    pub points: Vec<Point>,
    /// The section that it begins on, and where on it.
    pub parent: Option<(SectionId, f64)>,
    pub length_um: f64,
    pub axial_resistivity_ohm_cm: f64,
    pub segments: Vec<SegmentState>,
    /// Numbers of its mechanisms.
    pub carries: Vec<usize>,
}

/// What may differ between segments.
#[derive(Debug, Clone)]
pub struct SegmentState {
    pub diameter_um: f64,
    pub capacitance_uf_per_cm2: f64,
    /// Templates keep numbers in it.
    pub v_mv: f64,
    /// Parameters that were set: mechanism, column, value.
    pub parameters: Vec<(usize, usize, f64)>,
    /// Reversal potentials that were set: number of the ion, value.
    pub reversals: Vec<(usize, f64)>,
}

impl Default for SegmentState {
    fn default() -> Self {
        Self {
            diameter_um: DIAMETER_UM,
            capacitance_uf_per_cm2: CAPACITANCE_UF_PER_CM2,
            v_mv: 0.0,
            parameters: Vec::new(),
            reversals: Vec::new(),
        }
    }
}

/// All sections, and where distances are measured from.
pub struct Sections {
    pub list: Vec<Section>,
    /// Mechanisms that were inserted somewhere.
    pub mechanisms: Vec<Box<dyn Mechanism>>,
    /// Ions by name, as numbers of reversal potentials count them.
    pub ions: Vec<String>,
    origin: Option<(SectionId, f64)>,
}

impl Sections {
    pub fn new() -> Self {
        Self {
            list: Vec::new(),
            mechanisms: Vec::new(),
            ions: ["na", "k", "ca"].map(str::to_owned).to_vec(),
            origin: None,
        }
    }

    /// A section as `create` makes it.
    pub fn create(&mut self, owner: usize, group: &str, index: usize) -> SectionId {
        self.list.push(Section {
            owner,
            group: group.to_owned(),
            index,
            exists: true,
            of_file: None,
            points: Vec::new(),
            parent: None,
            length_um: LENGTH_UM,
            axial_resistivity_ohm_cm: AXIAL_RESISTIVITY_OHM_CM,
            segments: vec![SegmentState::default()],
            carries: Vec::new(),
        });
        self.list.len() - 1
    }

    /// All sections of a morphology, in its order.
    pub fn instantiate(&mut self, owner: usize, morphology: &Morphology) -> Vec<SectionId> {
        let first = self.list.len();
        let mut counts = [0; SectionKind::ALL.len()];
        for (of_file, section) in morphology.sections.iter().enumerate() {
            let count = &mut counts[section.kind as usize];
            let id = self.create(owner, section.kind.name(), *count);
            *count += 1;
            let made = &mut self.list[id];
            made.of_file = Some(of_file);
            made.points.clone_from(&section.points);
            made.length_um = section.length_um();
            made.parent = section.parent.map(|(parent, attachment)| (first + parent, attachment.fraction()));
            made.measure();
        }
        (first..self.list.len()).collect()
    }

    /// Whether so many more sections can be made.
    pub fn check_room(&self, more: usize) -> Result<(), String> {
        let all = self.list.len().saturating_add(more);
        if all > MOST_SECTIONS {
            return Err(format!(
                "the cell would have had {all} sections, deleted ones among them; at most {MOST_SECTIONS} are possible"
            ));
        }
        Ok(())
    }

    /// Takes sections away; what springs from them has no parent then.
    pub fn delete(&mut self, ids: &[SectionId]) {
        for &id in ids {
            self.list[id].exists = false;
        }
        for number in 0..self.list.len() {
            if self.list[number].parent.is_some_and(|(parent, _)| !self.list[parent].exists) {
                self.list[number].parent = None;
            }
        }
    }

    /// Number of a mechanism, which is made where it is new.
    pub fn mechanism(&mut self, name: &str, registry: &Registry, celsius: f64) -> Result<usize, String> {
        if let Some(known) = self.mechanisms.iter().position(|known| known.name() == name) {
            return Ok(known);
        }
        self.mechanisms.push(registry.build(name, celsius).map_err(|error| error.to_string())?);
        Ok(self.mechanisms.len() - 1)
    }

    /// Measures distances from a place from now on.
    pub fn measure_from(&mut self, section: SectionId, at: f64) {
        self.origin = Some((section, self.list[section].node_um(at)));
    }

    /// Path from the origin to a place, between the middles of segments (and ends of sections), in um.
    pub fn distance_um(&self, section: SectionId, at: f64) -> Option<f64> {
        let (origin, origin_um) = self.origin?;
        let there = self.path(section, self.list[section].node_um(at));
        let back = self.path(origin, origin_um);
        // The last section from the root that both ways lead through.
        let shared = there.iter().rev().zip(back.iter().rev()).take_while(|(a, b)| a.0 == b.0).count();
        if shared == 0 {
            return None;
        }
        let [a, b] = [&there, &back].map(|path| path[path.len() - shared].1);
        let beyond = |path: &[(SectionId, f64)]| path[..path.len() - shared].iter().map(|step| step.1).sum::<f64>();
        Some((a - b).abs() + beyond(&there) + beyond(&back))
    }

    /// Sections from a place to the root, with the place on each.
    fn path(&self, section: SectionId, at_um: f64) -> Vec<(SectionId, f64)> {
        let mut path = vec![(section, at_um)];
        let mut section = section;
        while let Some((parent, at)) = self.list[section].parent {
            path.push((parent, self.list[parent].node_um(at)));
            section = parent;
            if path.len() > self.list.len() {
                break;
            }
        }
        path
    }
}

impl Section {
    /// Its name within the template's instance.
    pub fn name(&self) -> String {
        format!("{}[{}]", self.group, self.index)
    }

    pub fn kind(&self) -> Option<SectionKind> {
        SectionKind::ALL.into_iter().find(|kind| kind.name() == self.group)
    }

    /// The segment at a fraction of the length.
    pub fn segment(&self, at: f64) -> usize {
        let count = self.segments.len();
        ((at * count as f64) as usize).min(count - 1)
    }

    /// Place of the node for a fraction of the length: the middle of the segment, or an end.
    fn node_um(&self, at: f64) -> f64 {
        if at <= 0.0 {
            return 0.0;
        }
        if at >= 1.0 {
            return self.length_um;
        }
        self.length_um * (self.segment(at) as f64 + 0.5) / self.segments.len() as f64
    }

    /// Cuts it into so many segments: each takes over from the one that was at its middle.
    pub fn cut(&mut self, nseg: f64) -> Result<(), String> {
        if !(1.0..=MOST_SEGMENTS).contains(&nseg) {
            return Err(format!("nseg = {nseg} must be between 1 and {MOST_SEGMENTS}"));
        }
        let count = nseg as usize;
        if count != self.segments.len() {
            let middle = |segment: usize| (segment as f64 + 0.5) / count as f64;
            self.segments = (0..count).map(|segment| self.segments[self.segment(middle(segment))].clone()).collect();
            self.measure();
        }
        Ok(())
    }

    /// Whether its 3-D points give its shape: one alone has no length.
    pub fn is_drawn(&self) -> bool {
        self.points.len() > 1
    }

    /// Diameters of its segments from its points.
    fn measure(&mut self) {
        if !self.is_drawn() {
            return;
        }
        let frusta = Frusta::new(&self.points);
        let step = frusta.length_um() / self.segments.len() as f64;
        for (number, segment) in self.segments.iter_mut().enumerate() {
            segment.diameter_um = frusta.mean_diameter_um(number as f64 * step, (number + 1) as f64 * step);
        }
    }

    /// Adds a 3-D point.
    pub fn add_point(&mut self, position: [f64; 3], diameter_um: f64) {
        let point = |number: f64| f64::from(number as f32);
        self.points.push(Point { position: position.map(point), diameter_um: point(diameter_um) });
        if self.is_drawn() {
            self.length_um = self.points.windows(2).map(|pair| pair[0].distance_um(&pair[1])).sum();
            self.measure();
        }
    }

    /// Length constant at a frequency, of the section's points or of its middle: NEURON's `lambda_f`.
    pub fn length_constant_um(&self, frequency_hz: f64) -> f64 {
        let middle = &self.segments[self.segments.len() / 2];
        let straight =
            [0.0, self.length_um].map(|x| Point { position: [x, 0.0, 0.0], diameter_um: middle.diameter_um });
        let points = if self.is_drawn() { &self.points } else { &straight[..] };
        let constants =
            length_constants(points, frequency_hz, self.axial_resistivity_ohm_cm, middle.capacitance_uf_per_cm2);
        self.length_um / constants
    }

    /// Membrane of the segment at a place, in um2.
    pub fn area_um2(&self, at: f64) -> f64 {
        if at <= 0.0 || at >= 1.0 {
            return 0.0;
        }
        let (segment, step) = (self.segment(at), self.length_um / self.segments.len() as f64);
        if !self.is_drawn() {
            return std::f64::consts::PI * self.segments[segment].diameter_um * step;
        }
        Frusta::new(&self.points).between(segment as f64 * step, (segment + 1) as f64 * step).area_um2
    }
}

impl SegmentState {
    pub fn set(&mut self, mechanism: usize, column: usize, value: f64) {
        match self.parameters.iter_mut().find(|known| (known.0, known.1) == (mechanism, column)) {
            Some(known) => known.2 = value,
            None => self.parameters.push((mechanism, column, value)),
        }
    }

    pub fn get(&self, mechanism: usize, column: usize) -> Option<f64> {
        self.parameters.iter().find(|known| (known.0, known.1) == (mechanism, column)).map(|known| known.2)
    }

    pub fn set_reversal(&mut self, ion: usize, value: f64) {
        self.reversals.retain(|known| known.0 != ion);
        self.reversals.push((ion, value));
    }
}
