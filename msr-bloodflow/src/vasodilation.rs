//! Spontaneous dilation of the vessels under endfeet: each segment's radius is its radius at rest plus an
//! Ornstein-Uhlenbeck process at or above 0. A radius that is set from outside takes the place of that at rest: the process
//! goes on above it, in proportion.

use msr_config::multiscale::{self, DilationFloor, DilationOfClass};
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

impl DilationSettings {
    /// The default with what the section `vasodilation` says otherwise.
    pub fn from_config(config: &multiscale::Vasodilation) -> Self {
        let standard = Self::default();
        Self {
            capillary_radius_um: config.capillary_radius_um.unwrap_or(standard.capillary_radius_um),
            capillaries: standard.capillaries.with(&config.capillaries),
            arteries: standard.arteries.with(&config.arteries),
            floor: match config.floor {
                DilationFloor::Reflect => Floor::Reflect,
                DilationFloor::Clamp => Floor::Clamp,
            },
        }
    }
}

impl DilationClass {
    fn with(self, config: &DilationOfClass) -> Self {
        Self {
            max_relative_radius: config.max_relative_radius.unwrap_or(self.max_relative_radius),
            time_to_max_s: config.time_to_max_s.unwrap_or(self.time_to_max_s),
            spread: config.spread.unwrap_or(self.spread),
        }
    }
}

/// Separates these streams from those of other simulators with the same seed.
const DILATION_SEED: u64 = 0x6469_6c61_7469_6f6e;

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
    seed: u64,
    state: DilationState,
}

/// All of a dilation that changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DilationState {
    /// Steps made.
    step: u64,
    /// The process of each segment that dilates.
    dilations_um: Vec<f64>,
    /// Radius that each of them has while its process is at 0: at rest, or as it was set last.
    undilated_um: Vec<f64>,
}

impl DilationState {
    /// Number of segments that dilate.
    pub fn segment_count(&self) -> usize {
        self.dilations_um.len()
    }
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
        let undilated_um = segments.iter().map(|dilated| vasculature.rest_radii_um()[dilated.segment]).collect();
        let state = DilationState { step: 0, dilations_um: vec![0.0; segments.len()], undilated_um };
        Ok(Self { segments, seed, state })
    }

    /// One time step. Without noise (`noisy` false) the vessels relax towards rest.
    pub fn advance(&mut self, noisy: bool) {
        for (dilated, dilation_um) in self.segments.iter().zip(&mut self.state.dilations_um) {
            let noise = if noisy {
                Stream::new(self.seed ^ DILATION_SEED, dilated.endfoot, self.state.step).normal()
            } else {
                0.0
            };
            *dilation_um = dilated.recurrence.next_um(*dilation_um, dilated.recurrence.deviation_um * noise);
        }
        self.state.step += 1;
    }

    /// All of it that changes.
    pub fn state(&self) -> &DilationState {
        &self.state
    }

    /// Goes back to a state, which must be one of the same segments.
    ///
    /// # Panics
    /// Where the number of segments is another.
    pub fn restore(&mut self, state: DilationState) {
        assert_eq!(state.segment_count(), self.state.segment_count(), "the state is of other segments");
        self.state = state;
    }

    /// Takes radii that were set from outside, one a segment, in um, where `is_set`: they are what the vessels have without
    /// their dilation, which goes on above them.
    pub fn take_radii(&mut self, radii_um: &[f64], is_set: impl Fn(usize) -> bool) {
        let undilated_um = self.state.undilated_um.iter_mut();
        for (dilated, undilated_um) in self.segments.iter().zip(undilated_um).filter(|(it, _)| is_set(it.segment)) {
            *undilated_um = radii_um[dilated.segment];
        }
    }

    /// A segment that dilates and its present radius, in um.
    fn radius(&self, vasculature: &Vasculature, place: usize) -> (usize, f64) {
        let segment = self.segments[place].segment;
        let (undilated_um, dilation_um) = (self.state.undilated_um[place], self.state.dilations_um[place]);
        (segment, undilated_um + dilation_um * (undilated_um / vasculature.rest_radii_um()[segment]))
    }

    /// Writes the present radii, in um, to the segments that dilate; others are left as they are.
    pub fn write_radii(&self, vasculature: &Vasculature, radii_um: &mut [f64]) {
        for place in 0..self.segments.len() {
            let (segment, radius_um) = self.radius(vasculature, place);
            radii_um[segment] = radius_um;
        }
    }
}
