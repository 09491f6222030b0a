//! Spontaneous dilation of the vessels under endfeet: each segment's radius is its radius at rest plus an
//! Ornstein-Uhlenbeck process at or above 0.

use msr_coupling::random::Stream;
use serde::{Deserialize, Serialize};

use crate::ornstein_uhlenbeck::{CalibrationError, Floor, OrnsteinUhlenbeck, Recurrence};
use crate::vasculature::Vasculature;

/// How far and how fast one class of vessels dilates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DilationClass {
    /// Largest radius relative to rest.
    pub max_relative_radius: f64,
    /// Mean time from rest to that radius, in s.
    pub time_to_max_s: f64,
    /// Largest dilation in standard deviations of the free stationary process.
    pub spread: f64,
}

/// Settings of spontaneous dilation; the defaults are those of AstroVascPy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DilationSettings {
    /// Segments up to this radius at rest are capillaries, in um.
    pub capillary_radius_um: f64,
    /// Capillaries.
    pub capillaries: DilationClass,
    /// Wider vessels.
    pub arteries: DilationClass,
    /// What happens at rest.
    pub floor: Floor,
}

impl Default for DilationSettings {
    fn default() -> Self {
        Self {
            capillary_radius_um: 3.0,
            capillaries: DilationClass { max_relative_radius: 1.38, time_to_max_s: 2.7, spread: 2.8 },
            arteries: DilationClass { max_relative_radius: 1.23, time_to_max_s: 3.3, spread: 2.8 },
            floor: Floor::Reflect,
        }
    }
}

#[derive(Debug, Clone)]
struct DilatedSegment {
    segment: usize,
    endfoot: u32,
    recurrence: Recurrence,
}

/// Dilation of all segments that have an endfoot. Segments of one endfoot share their noise.
#[derive(Debug, Clone)]
pub struct Vasodilation {
    segments: Vec<DilatedSegment>,
    dilations_um: Vec<f64>,
    seed: u64,
    step: u64,
}

impl Vasodilation {
    /// Starts at rest. `dt_s` is the time step in s; `seed` names the random streams.
    ///
    /// # Errors
    /// [`CalibrationError`].
    pub fn new(
        vasculature: &Vasculature,
        settings: &DilationSettings,
        dt_s: f64,
        seed: u64,
    ) -> Result<Self, CalibrationError> {
        let mut segments = Vec::new();
        for (segment, endfoot) in vasculature.segments().endfeet.iter().enumerate() {
            let Some(endfoot) = *endfoot else { continue };
            let rest_um = vasculature.rest_radii_um()[segment];
            let is_capillary = rest_um <= settings.capillary_radius_um;
            let class = if is_capillary { settings.capillaries } else { settings.arteries };
            let x_max_um = rest_um * (class.max_relative_radius - 1.0);
            let process = OrnsteinUhlenbeck::calibrate(class.time_to_max_s, x_max_um, class.spread, settings.floor)?;
            segments.push(DilatedSegment { segment, endfoot, recurrence: process.discretise(dt_s) });
        }
        Ok(Self { dilations_um: vec![0.0; segments.len()], segments, seed, step: 0 })
    }

    /// One time step. Without noise (`noisy` false) the vessels relax towards rest.
    pub fn advance(&mut self, noisy: bool) {
        for (dilated, dilation_um) in self.segments.iter().zip(&mut self.dilations_um) {
            let noise = if noisy { Stream::new(self.seed, dilated.endfoot, self.step).normal() } else { 0.0 };
            *dilation_um = dilated.recurrence.next_um(*dilation_um, dilated.recurrence.deviation_um * noise);
        }
        self.step += 1;
    }

    /// Writes the present radii, in um, to the segments that dilate; others are left as they are.
    pub fn write_radii(&self, vasculature: &Vasculature, radii_um: &mut [f64]) {
        for (dilated, dilation_um) in self.segments.iter().zip(&self.dilations_um) {
            radii_um[dilated.segment] = vasculature.rest_radii_um()[dilated.segment] + dilation_um;
        }
    }
}
