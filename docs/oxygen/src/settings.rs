//! The section `multiscale_run.oxygen`.

use serde::Deserialize;

// ANCHOR: settings
/// What a configuration says. The defaults are for cortex at rest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Own step, in base steps of `run.dt`.
    pub ndts: u64,
    /// Edge of a voxel, in um.
    pub voxel_um: f64,
    /// Diffusion coefficient of oxygen in tissue, in um2/ms (Krogh 1919, J. Physiol. 52:391: about 1.5e-9 m2/s).
    #[serde(default = "diffusion")]
    pub diffusion_um2_per_ms: f64,
    /// Free oxygen in capillary blood, in mM: 45 mmHg, at 1.3e-3 mM a mmHg.
    #[serde(default = "blood_oxygen", rename = "blood_oxygen_mM")]
    pub blood_oxygen_mm: f64,
    /// Radius of capillaries, in um.
    #[serde(default = "capillary_radius")]
    pub capillary_radius_um: f64,
    /// Oxygen that tissue uses whatever neurons do, in mM/s.
    #[serde(default, rename = "basal_consumption_mM_per_s")]
    pub basal_consumption_mm_per_s: f64,
}
// ANCHOR_END: settings

fn diffusion() -> f64 {
    1.5
}

fn blood_oxygen() -> f64 {
    0.0585
}

fn capillary_radius() -> f64 {
    3.0
}

/// A setting that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// A length, coefficient or step that is not positive.
    #[error("{key} = {value} must be a positive number")]
    NotPositive {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
    },
    /// A concentration or rate that is negative.
    #[error("{key} = {value} must be a number of at least 0")]
    Negative {
        /// The key.
        key: &'static str,
        /// Its value.
        value: f64,
    },
}

impl Settings {
    /// Refuses what cannot be.
    ///
    /// # Errors
    /// [`SettingsError`] for the first setting.
    pub fn check(&self) -> Result<(), SettingsError> {
        let positive = [
            ("ndts", self.ndts as f64),
            ("voxel_um", self.voxel_um),
            ("diffusion_um2_per_ms", self.diffusion_um2_per_ms),
            ("capillary_radius_um", self.capillary_radius_um),
        ];
        let at_least_zero = [
            ("blood_oxygen_mM", self.blood_oxygen_mm),
            ("basal_consumption_mM_per_s", self.basal_consumption_mm_per_s),
        ];
        for (key, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(SettingsError::NotPositive { key, value });
            }
        }
        for (key, value) in at_least_zero {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(SettingsError::Negative { key, value });
            }
        }
        Ok(())
    }
}
