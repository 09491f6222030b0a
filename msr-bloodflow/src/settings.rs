//! Settings of the blood flow simulator.

mod error;
mod note;

use msr_config::multiscale::{Bloodflow, HeldAtEnds, InputV, Kept, PressureSolver};
use rayon::iter::{IndexedParallelIterator, ParallelIterator};
use rayon::slice::ParallelSliceMut;
use serde::{Deserialize, Serialize};

pub use self::error::SettingsError;
pub use self::note::SettingsNote;
use crate::boundary::Inflow;
use crate::endfeet::Keep;
use crate::entry::{Axis, EntryRule};
use crate::flow::Method;
use crate::phase_separation::FixedPoint;
use crate::transport::{Glucose, Oxygen};
use crate::vasculature::Vasculature;
use crate::vasodilation::DilationSettings;
use crate::vessel;
use crate::viscosity::{Viscosity, ViscosityError};

/// Mandatory keys of the section that flows do not depend on.
const UNUSED: [&str; 4] = ["min_subgraph_size", "max_capillaries_diameter", "edge_scale", "node_scale"];
/// Keys that do nothing where the pressure at the entries is given.
const WITHOUT_ENTRY_PRESSURE: [&str; 3] = ["input_v", "input_v_is", "held"];
/// Keys that do nothing where a file gives the boundary.
const WITH_BOUNDARY: [&str; 7] =
    ["max_nb_inputs", "depth_ratio", "vasc_axis", "input_v", "input_v_is", "held", "entry_pressure"];

/// What is kept at the ends of the vasculature while radii change.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// The flows through them, as AstroVascPy does: dilation redistributes flow, its sum cannot change.
    #[default]
    Flows,
    /// The pressures that the given flows cause at rest: dilation changes the total flow.
    Pressures,
    /// One pressure at all entries, in kPa, and `base_pressure` at all other ends: `input_v` has no effect.
    EntryPressure(f64),
}

/// Discharge haematocrit of blood where none is given.
const USUAL_HEMATOCRIT: f64 = 0.45;

/// Everything that determines the flow in a vasculature.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Viscosity of plasma in g/um/s, which is kPa s (`blood_viscosity`; 1.2e-6 is 1.2 cP).
    pub plasma_viscosity_kpa_s: f64,
    /// Which nodes blood enters through (`max_nb_inputs`, `depth_ratio`, `vasc_axis`).
    pub entry: EntryRule,
    /// Speed of the blood at the entries in um/s (`input_v`), or what `inflow` makes of it.
    pub input_v: f64,
    /// How `input_v` is read.
    pub inflow: Inflow,
    /// Lowest pressure at an end of the vasculature in kPa (`base_pressure`). Flows do not depend on it.
    pub base_pressure_kpa: f64,
    /// Law for the viscosity of blood relative to plasma.
    pub viscosity: Viscosity,
    /// What is kept at the ends while radii change.
    pub held: Held,
    /// Discharge haematocrit of the blood that enters (0 to 1).
    pub discharge_hematocrit: f64,
    /// How red cells divide where vessels do, where that is to be found; else all blood has the same haematocrit.
    pub phase_separation: Option<FixedPoint>,
    /// What is kept where several radii are set for one segment.
    pub repeated_radii: Keep,
    /// How pressures are found.
    pub method: Method,
    /// Oxygen in the blood.
    pub oxygen: Oxygen,
    /// Glucose in the blood.
    pub glucose: Glucose,
    /// Spontaneous dilation of the vessels under endfeet, where there is any.
    pub vasodilation: Option<DilationSettings>,
    /// Seed of what is random.
    pub seed: u64,
    notes: Vec<SettingsNote>,
}

impl Settings {
    /// Settings from the `bloodflow` section. Where it does not say otherwise, flows are held, the viscosity is
    /// AstroVascPy's, and `input_v` is a speed. The seed is 0: the section has none.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn from_config(config: &Bloodflow) -> Result<Self, SettingsError> {
        let number = config.vasc_axis as u64;
        let mut notes = vec![SettingsNote::Unused { keys: &UNUSED }];
        if !(0.0..=1.0).contains(&config.depth_ratio) {
            notes.push(SettingsNote::DepthRatioClamped { given: config.depth_ratio });
        }
        let hematocrit = config.discharge_hematocrit.unwrap_or(USUAL_HEMATOCRIT);
        let held = match config.entry_pressure {
            Some(pressure_kpa) => Held::EntryPressure(pressure_kpa),
            None => match config.held {
                HeldAtEnds::Flows => Held::Flows,
                HeldAtEnds::Pressures => Held::Pressures,
            },
        };
        if config.boundary.is_some() {
            notes.push(SettingsNote::Governs { key: "boundary", keys: &WITH_BOUNDARY });
        } else if config.entry_pressure.is_some() {
            notes.push(SettingsNote::Governs { key: "entry_pressure", keys: &WITHOUT_ENTRY_PRESSURE });
        } else if config.input_v_um_per_s == 0.0 {
            notes.push(SettingsNote::NoInflow);
        }
        let settings = Self {
            plasma_viscosity_kpa_s: config.blood_viscosity,
            entry: EntryRule {
                count: usize::try_from(config.max_nb_inputs).unwrap_or(usize::MAX),
                depth_ratio: config.depth_ratio,
                axis: Axis::from_number(number).ok_or(SettingsError::BadAxis { found: number })?,
            },
            input_v: config.input_v_um_per_s,
            inflow: match config.input_v_is {
                InputV::Speed => Inflow::Speed,
                InputV::SpeedReadAsFlow => Inflow::SpeedReadAsFlow,
            },
            base_pressure_kpa: config.base_pressure,
            viscosity: match &config.viscosity {
                Some(name) => Viscosity::from_name(name, hematocrit)?,
                None => Viscosity::default(),
            },
            held,
            discharge_hematocrit: hematocrit,
            phase_separation: config.phase_separation.then(FixedPoint::default),
            repeated_radii: match config.repeated_radii_keep {
                Kept::Volume => Keep::Volume,
                Kept::Resistance => Keep::Resistance,
            },
            method: match config.solver {
                PressureSolver::Automatic => Method::default(),
                PressureSolver::Direct => Method::DirectUpTo(usize::MAX),
                PressureSolver::Iterative => Method::Iterative,
            },
            oxygen: Oxygen::from_config(&config.oxygen),
            glucose: Glucose::from_config(&config.glucose),
            vasodilation: config.vasodilation.as_ref().map(DilationSettings::from_config),
            seed: 0,
            notes,
        };
        settings.check()?;
        Ok(settings)
    }

    /// Settings by code, with everything else as in [`Settings::from_config`]: viscosity of plasma in kPa s, rule for
    /// the entries, speed at the entries in um/s.
    pub fn new(plasma_viscosity_kpa_s: f64, entry: EntryRule, input_speed_um_per_s: f64) -> Self {
        Self {
            plasma_viscosity_kpa_s,
            entry,
            input_v: input_speed_um_per_s,
            inflow: Inflow::Speed,
            base_pressure_kpa: 0.0,
            viscosity: Viscosity::default(),
            held: Held::default(),
            discharge_hematocrit: USUAL_HEMATOCRIT,
            phase_separation: None,
            repeated_radii: Keep::default(),
            method: Method::default(),
            oxygen: Oxygen::default(),
            glucose: Glucose::default(),
            vasodilation: None,
            seed: 0,
            notes: Vec::new(),
        }
    }

    /// The same settings with another seed.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// What does not act as its author may expect.
    pub fn notes(&self) -> &[SettingsNote] {
        &self.notes
    }

    /// Checks the ranges of all values.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn check(&self) -> Result<(), SettingsError> {
        let found = self.plasma_viscosity_kpa_s;
        if !(found > 0.0 && found < 1.0) {
            return Err(SettingsError::BadViscosity { found });
        }
        if self.entry.count == 0 {
            return Err(SettingsError::NoInputs);
        }
        let numbers = [
            ("depth_ratio", self.entry.depth_ratio),
            ("input_v", self.input_v),
            ("base_pressure", self.base_pressure_kpa),
        ];
        if let Some(&(key, found)) = numbers.iter().find(|(_, value)| !value.is_finite()) {
            return Err(SettingsError::NotFinite { key, found });
        }
        let found = self.discharge_hematocrit;
        if !(found > 0.0 && found < 1.0) {
            return Err(SettingsError::BadHematocrit { found });
        }
        if self.phase_separation.is_some() && !self.viscosity.depends_on_hematocrit() {
            return Err(SettingsError::PhaseSeparationWithoutHematocrit);
        }
        if let Held::EntryPressure(found) = self.held {
            if !found.is_finite() {
                return Err(SettingsError::NotFinite { key: "entry_pressure", found });
            }
            if found <= self.base_pressure_kpa {
                return Err(SettingsError::EntryNotAboveBase { entry_kpa: found, base_kpa: self.base_pressure_kpa });
            }
        }
        self.viscosity.check()?;
        self.oxygen.check()?;
        self.glucose.check()?;
        Ok(())
    }

    /// Viscosity of blood in a vessel of this radius, in kPa s.
    ///
    /// # Errors
    /// [`ViscosityError::TooNarrow`].
    pub fn viscosity_kpa_s(&self, radius_um: f64) -> Result<f64, ViscosityError> {
        Ok(self.plasma_viscosity_kpa_s * self.viscosity.relative(radius_um)?)
    }

    /// Writes the conductance of every segment with these radii (um), in um3/(s kPa).
    ///
    /// # Errors
    /// [`ViscosityError::TooNarrow`].
    pub fn write_conductances(
        &self,
        vasculature: &Vasculature,
        radii_um: &[f64],
        conductances: &mut [f64],
    ) -> Result<(), ViscosityError> {
        each_segment(conductances, |segment| {
            let viscosity_kpa_s = self.viscosity_kpa_s(radii_um[segment])?;
            Ok(vessel::conductance(viscosity_kpa_s, vasculature.lengths_um()[segment], radii_um[segment]))
        })
    }

    /// As [`Settings::write_conductances`], with the haematocrit of each segment where the law depends on it.
    ///
    /// # Errors
    /// [`ViscosityError::TooNarrow`].
    pub fn write_conductances_with(
        &self,
        vasculature: &Vasculature,
        radii_um: &[f64],
        hematocrits: &[f64],
        conductances: &mut [f64],
    ) -> Result<(), ViscosityError> {
        each_segment(conductances, |segment| {
            let relative = self.viscosity.at_hematocrit(hematocrits[segment]).relative(radii_um[segment])?;
            let viscosity_kpa_s = self.plasma_viscosity_kpa_s * relative;
            Ok(vessel::conductance(viscosity_kpa_s, vasculature.lengths_um()[segment], radii_um[segment]))
        })
    }
}

/// Segments that one thread writes at a time.
pub(crate) const SEGMENTS_AT_ONCE: usize = 4096;

/// Writes a value of every segment, on as many threads as there are; of several errors gives that of the first segment.
fn each_segment(
    values: &mut [f64],
    value: impl Fn(usize) -> Result<f64, ViscosityError> + Sync,
) -> Result<(), ViscosityError> {
    let parts = values.par_chunks_mut(SEGMENTS_AT_ONCE).enumerate();
    let write = |(part, values): (usize, &mut [f64])| {
        let segments = part * SEGMENTS_AT_ONCE..;
        values.iter_mut().zip(segments).try_for_each(|(target, segment)| value(segment).map(|value| *target = value))
    };
    parts.map(write).reduce(|| Ok(()), Result::and)
}
