//! What is imposed on a cell from outside: currents, conductances, voltages, electric fields.

mod clamp;
mod field;
mod noise;
mod samples;
mod waveform;

pub use clamp::{Clamp, ClampCourse};
pub use field::{Field, FieldCourse};
pub use noise::{OrnsteinUhlenbeck, ShotNoise, normal_noise, skip_noise};
pub use samples::{Samples, needed_samples, sample_count};
pub use waveform::{PulseTrain, Ramp, Sine, Waveform};

use crate::cable::NANOAMPERE_PER_DENSITY;
use crate::ions::Membrane;

/// A current into one segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Stimulus {
    /// Node of the cable.
    pub node: u32,
    /// What it injects.
    pub waveform: Waveform,
}

/// Whether a stimulus stands for an electrode or for a current of the membrane: the cell does the same, but only the latter
/// counts as membrane current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// An electrode.
    Electrode,
    /// The membrane.
    Membrane,
}

/// All that is imposed on a cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stimuli {
    currents: Vec<(Origin, Stimulus)>,
    clamps: Vec<(Origin, Clamp)>,
    fields: Vec<Field>,
}

impl Stimuli {
    pub fn add_current(&mut self, origin: Origin, stimulus: Stimulus) {
        self.currents.push((origin, stimulus));
    }

    pub fn add_clamp(&mut self, origin: Origin, clamp: Clamp) {
        self.clamps.push((origin, clamp));
    }

    pub fn add_field(&mut self, field: Field) {
        self.fields.push(field);
    }

    /// Sets the currents into all nodes (nA) to those of a time.
    pub fn inject(&self, time_ms: f64, injected_na: &mut [f64]) {
        if self.fields.is_empty() {
            self.currents.iter().for_each(|(_, stimulus)| injected_na[stimulus.node as usize] = 0.0);
        } else {
            injected_na.fill(0.0);
            self.add_fields(time_ms, injected_na);
        }
        for (_, stimulus) in &self.currents {
            injected_na[stimulus.node as usize] += stimulus.waveform.current_na(time_ms);
        }
    }

    /// Adds current and conductance of clamps, of one origin or of all, to those of the membrane.
    pub fn clamp(&self, origin: Option<Origin>, time_ms: f64, membrane: &mut Membrane, areas_um2: &[f64]) {
        let is_meant = |known: Origin| origin.is_none_or(|origin| origin == known);
        for (_, node, conductance_us, target_mv) in self.clamps_at(time_ms).filter(|clamp| is_meant(clamp.0)) {
            let density = conductance_us / (NANOAMPERE_PER_DENSITY * areas_um2[node]);
            membrane.current[node] += density * (membrane.v[node] - target_mv);
            membrane.conductance[node] += density;
        }
    }

    /// Origin, node, conductance (uS) and voltage (mV) of the clamps that are on.
    pub fn clamps_at(&self, time_ms: f64) -> impl Iterator<Item = (Origin, usize, f64, f64)> {
        self.clamps.iter().filter_map(move |(origin, clamp)| {
            let (conductance_us, target_mv) = clamp.course.at(time_ms)?;
            Some((*origin, clamp.node as usize, conductance_us, target_mv))
        })
    }

    /// Adds the currents into nodes (nA) of electrodes or of the membrane that are no clamps.
    pub fn add_currents(&self, origin: Origin, time_ms: f64, sums_na: &mut [f64]) {
        for (_, stimulus) in self.currents.iter().filter(|(known, _)| *known == origin) {
            sums_na[stimulus.node as usize] += stimulus.waveform.current_na(time_ms);
        }
    }

    /// Adds the currents into all nodes (nA) that fields drive along the cable.
    pub fn add_fields(&self, time_ms: f64, sums_na: &mut [f64]) {
        self.fields.iter().for_each(|field| field.add(time_ms, sums_na));
    }

    /// Adds the currents into nodes (nA) of clamps at the voltages of the moment, by node.
    pub fn add_clamp_currents(&self, origin: Origin, time_ms: f64, v_mv: impl Fn(usize) -> f64, sums_na: &mut [f64]) {
        for (_, clamp) in self.clamps.iter().filter(|(known, _)| *known == origin) {
            let node = clamp.node as usize;
            sums_na[node] -= clamp.course.outward_na(time_ms, v_mv(node));
        }
    }
}
