//! Astrocytes as neurodamus builds them: cells with morphology that run the mechanism files of its NGV circuits.
//!
//! Each section is one segment, with the cable of a new section in NEURON (35.4 ohm cm, 1 uF/cm2) and `cadifus`. An endfoot is a
//! cylinder at the end of a section, with `cadifus` and `vascouplingB`, whose `Rad` is the radius of the vessel and whose `R0pas`
//! is that of the circuit. A synapse that the astrocyte covers reaches `GlutReceive` in the section of its edge, one in each such
//! section, to whose `glut` the pointer `glu2` of `cadifus` there leads, and `GlutReceiveSoma` in the soma.
//!
//! It does so [`LISTENING_MS`] after the beginning of a step that sees `Ustate` of the synapse above 0 where the step before did
//! not (neurodamus' threshold detector); where the synapse has no `Ustate`, after that of the step that follows a release.

use rayon::prelude::*;

use super::PlacedEndfoot;
use crate::cell::{BuildError, Cell, CellBuilder, CellState, ConnectionId, Holder, PointId, Quantity, Receiver};
use crate::diffusion::Diffusivities;
use crate::discretisation::{Cylinder, Discretisation, DiscretisationError};
use crate::emodel::Conditions;
use crate::hoc::{AXIAL_RESISTIVITY_OHM_CM, default_concentrations};
use crate::mechanisms::Registry;
use crate::morphology::Morphology;
use crate::synapses::Signal;

/// Calcium of the cytosol: in every section.
pub const CALCIUM: &str = "cadifus";
/// The vessel under an endfoot.
pub const VESSEL: &str = "vascouplingB";
/// What hears the synapses on a section.
pub const RECEIVER: &str = "GlutReceive";
/// What hears all synapses, in the soma.
pub const SOMATIC_RECEIVER: &str = "GlutReceiveSoma";

/// From a synapse to the astrocyte.
pub const LISTENING_MS: f64 = 0.05;

const GLUTAMATE_POINTER: &str = "glu2";
const GLUTAMATE: &str = "glut";
const PASSIVE_RADIUS: &str = "R0pas";
const RADIUS: &str = "Rad";
const CYTOSOLIC: &str = "cai";

/// Events carry this: neurodamus gives its connections no weight.
const WEIGHT: f64 = 0.0;
const UM_PER_MM: f64 = 1000.0;

/// Voltage of the soma's end from which an astrocyte counts as spiking: that of a NetCon to which nobody says another (neurodamus gives
/// `run.spike_threshold` to those of neurons alone).
const SPIKE_THRESHOLD_MV: f64 = 10.0;

/// Number of these mechanisms.
pub const MECHANISMS: usize = 4;

/// Which of the mechanisms of such astrocytes are missing among these.
pub fn missing(registry: &Registry) -> Vec<&'static str> {
    let (of_segments, points) = (registry.names(), registry.point_names());
    let has = |list: &[String], name: &str| list.iter().any(|known| known == name);
    let all = [(&of_segments, CALCIUM), (&of_segments, VESSEL), (&points, RECEIVER), (&points, SOMATIC_RECEIVER)];
    all.into_iter().filter(|(list, name)| !has(list, name)).map(|(_, name)| name).collect()
}

/// An endfoot on an astrocyte's cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foot {
    /// SONATA id of the section that it begins at the end of.
    pub section: u32,
    /// Length, in um.
    pub length_um: f64,
    /// Diameter, in um.
    pub diameter_um: f64,
    /// Radius of its vessel in the circuit, in um.
    pub radius_um: f64,
}

/// Why an astrocyte cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum AstrocyteError {
    /// A section that it does not have.
    #[error("section {section} does not exist; its morphology has {sections} (the soma is 0)")]
    UnknownSection {
        /// The SONATA section id.
        section: u32,
        /// Number of sections.
        sections: usize,
    },
    /// Its shape cannot be cut.
    #[error(transparent)]
    Discretisation(#[from] DiscretisationError),
    /// Its mechanisms do not make a cell.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// One astrocyte's cell.
pub struct AstrocyteCell {
    cell: Cell,
    /// What each covered synapse reaches.
    receivers: Vec<[ConnectionId; 2]>,
}

impl AstrocyteCell {
    /// Of a morphology, with the mechanisms of `registry`; `synapses` are the sections on which it covers each, in the order of
    /// [`Astrocyte::synapses`](super::Astrocyte::synapses). Spikes are passages of 10 mV at the end of the soma, whatever
    /// [`Conditions::spike_threshold_mv`] is.
    ///
    /// # Errors
    /// [`AstrocyteError`]
    pub fn new(
        morphology: &Morphology,
        registry: &Registry,
        conditions: &Conditions,
        synapses: &[u32],
        feet: &[Foot],
    ) -> Result<Self, AstrocyteError> {
        let sections = morphology.sections.len();
        let known = |section: u32| {
            let unknown = AstrocyteError::UnknownSection { section, sections };
            Some(section as usize).filter(|&section| section < sections).ok_or(unknown)
        };
        let mut cylinders = Vec::with_capacity(feet.len());
        for foot in feet {
            let parent = known(foot.section)?;
            cylinders.push(Cylinder { parent, length_um: foot.length_um, diameter_um: foot.diameter_um });
        }
        // One segment a section: segments have the numbers of sections.
        let shape = Discretisation::of_whole_sections(morphology, &cylinders)?;
        let segments = shape.segments.len();
        let mut builder = CellBuilder::new(shape, registry);
        builder.integrate_by(conditions.integration);
        builder.celsius = conditions.celsius;
        builder.dt_ms = conditions.dt_ms;
        builder.v_init_mv = conditions.v_init_mv;
        builder.threshold_mv = SPIKE_THRESHOLD_MV;
        builder.concentrations = default_concentrations();
        builder.diffusivities = Diffusivities::NONE;
        builder.holds_concentrations = true;
        builder.allows_negative_conductances = true;
        for segment in 0..segments {
            builder.cable_mut(segment).axial_resistivity_ohm_cm = AXIAL_RESISTIVITY_OHM_CM;
        }
        builder.insert(CALCIUM, 0..segments)?;
        builder.insert(VESSEL, sections..segments)?;
        builder.set(VESSEL, PASSIVE_RADIUS, (sections..).zip(feet.iter().map(|foot| foot.radius_um)))?;
        let somatic = builder.place(SOMATIC_RECEIVER, 0, &[])?;
        let mut heard: Vec<Option<PointId>> = vec![None; segments];
        let mut receivers = Vec::with_capacity(synapses.len());
        for &section in synapses {
            let segment = known(section)?;
            let point = match heard[segment] {
                Some(point) => point,
                None => *heard[segment].insert(builder.place(RECEIVER, segment, &[])?),
            };
            receivers.push([builder.connect(point, WEIGHT)?, builder.connect(somatic, WEIGHT)?]);
        }
        for (segment, point) in heard.iter().enumerate() {
            // A pointer to itself stays 0, as one that leads nowhere.
            let itself = Quantity::Mechanism(CALCIUM, GLUTAMATE_POINTER, segment);
            let to = point.map_or(itself, |point| Quantity::Point(point, GLUTAMATE));
            builder.point_to(Holder::Mechanism(CALCIUM, segment), GLUTAMATE_POINTER, to)?;
        }
        let mut cell = builder.build()?;
        cell.detect_spikes_at_end_of(0);
        Ok(Self { cell, receivers })
    }
}

/// The cells of the astrocytes of one population.
pub struct AstrocyteCells {
    cells: Vec<Cell>,
    receivers: Vec<Vec<[ConnectionId; 2]>>,
    /// Steps of the spikes of each that were not taken yet.
    spikes: Vec<Vec<u64>>,
    /// Astrocyte and node of each endfoot.
    feet: Vec<(usize, u32)>,
    dt_ms: f64,
}

impl AstrocyteCells {
    /// From the cell of each astrocyte and all endfeet, of which those of one astrocyte are in the order in which it has them.
    pub fn new(cells: Vec<AstrocyteCell>, endfeet: &[PlacedEndfoot], dt_ms: f64) -> Self {
        let (cells, receivers): (Vec<Cell>, _) = cells.into_iter().map(|of| (of.cell, of.receivers)).unzip();
        let mut next: Vec<std::slice::Iter<'_, u32>> = cells.iter().map(|cell| feet_of(cell).iter()).collect();
        let foot = |placed: &PlacedEndfoot| {
            let node = next[placed.astrocyte].next().expect("each endfoot has a segment");
            (placed.astrocyte, *node)
        };
        let feet = endfeet.iter().map(foot).collect();
        Self { spikes: vec![Vec::new(); cells.len()], cells, receivers, feet, dt_ms }
    }

    /// The cells, in the order of the astrocytes.
    pub fn list(&self) -> &[Cell] {
        &self.cells
    }

    pub(super) fn assign(&mut self, states: &[CellState]) {
        for (cell, state) in self.cells.iter_mut().zip(states) {
            cell.state_mut().assign(state);
        }
        self.spikes.iter_mut().for_each(Vec::clear);
    }

    /// A covered synapse released in a step.
    pub(super) fn receive(&mut self, step: u64, astrocyte: usize, covered: usize) {
        let time_ms = (step + 1) as f64 * self.dt_ms + LISTENING_MS;
        for connection in self.receivers[astrocyte][covered] {
            self.cells[astrocyte].reach(Receiver::Point(connection), time_ms, Signal::Spike);
        }
    }

    pub(super) fn advance(&mut self, until: u64) {
        self.cells.par_iter_mut().zip(&mut self.spikes).for_each(|(cell, spikes)| cell.advance(until, spikes));
    }

    /// Positions of the astrocytes that have spiked, and the steps at whose ends they did; they are forgotten.
    pub(super) fn take_spikes(&mut self) -> impl Iterator<Item = (usize, u64)> {
        self.spikes
            .iter_mut()
            .enumerate()
            .flat_map(|(astrocyte, steps)| steps.drain(..).map(move |step| (astrocyte, step)))
    }

    /// Astrocyte and node of the segment that each endfoot is.
    pub(crate) fn feet(&self) -> &[(usize, u32)] {
        &self.feet
    }

    pub(super) fn calcium_um(&self) -> impl Iterator<Item = f64> {
        self.cells.iter().map(|cell| {
            let soma = cell.node(0);
            let own = cell.mechanism_values(CALCIUM, CYTOSOLIC);
            let own = own.and_then(|(nodes, values)| Some(values[nodes.binary_search(&(soma as u32)).ok()?]));
            own.unwrap_or(cell.state().membrane.cai[soma]) * UM_PER_MM
        })
    }

    pub(super) fn endfoot_radii_um(&self) -> impl Iterator<Item = f64> {
        self.feet.iter().map(|&(astrocyte, node)| {
            let values = self.cells[astrocyte].mechanism_values(VESSEL, RADIUS);
            values.and_then(|(nodes, values)| Some(values[nodes.binary_search(&node).ok()?])).unwrap_or(f64::NAN)
        })
    }
}

/// Nodes of the endfeet of a cell, in their order.
fn feet_of(cell: &Cell) -> &[u32] {
    cell.mechanism_values(VESSEL, RADIUS).map_or(&[], |(nodes, _)| nodes)
}
