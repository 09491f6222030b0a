//! Settings that cannot be used.

use crate::viscosity::ViscosityError;

/// Settings that cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// No usable viscosity.
    #[error(
        "bloodflow.blood_viscosity {found} must be above 0 and below 1 g/um/s; plasma has 1.2e-6 (multiply cP by 1e-6)"
    )]
    BadViscosity {
        /// What was given, in g/um/s.
        found: f64,
    },
    /// No such axis.
    #[error("bloodflow.vasc_axis {found} must be 0, 1 or 2 (x, y or z)")]
    BadAxis {
        /// What was given.
        found: u64,
    },
    /// No entry.
    #[error("bloodflow.max_nb_inputs must be at least 1")]
    NoInputs,
    /// A value that is no finite number.
    #[error("bloodflow.{key} must be a finite number; found {found}")]
    NotFinite {
        /// The key.
        key: &'static str,
        /// What was given.
        found: f64,
    },
    /// A haematocrit that cannot be one.
    #[error("bloodflow.discharge_hematocrit must lie above 0 and below 1 (0.45 is usual); found {found}")]
    BadHematocrit {
        /// What was given.
        found: f64,
    },
    /// Cells that part from plasma without an effect on viscosity.
    #[error(
        "bloodflow.phase_separation needs a viscosity that depends on haematocrit: set bloodflow.viscosity to \
         pries_in_vitro or pries_in_vivo"
    )]
    PhaseSeparationWithoutHematocrit,
    /// Blood that would not enter.
    #[error(
        "bloodflow.entry_pressure {entry_kpa} kPa must be above bloodflow.base_pressure {base_kpa} kPa, else no blood enters"
    )]
    EntryNotAboveBase {
        /// `entry_pressure`, in kPa.
        entry_kpa: f64,
        /// `base_pressure`, in kPa.
        base_kpa: f64,
    },
    /// A property of oxygen or glucose that cannot be one.
    #[error("bloodflow.{solute}.{key} must be {domain}; found {found}")]
    BadSolute {
        /// `oxygen` or `glucose`.
        solute: &'static str,
        /// The key.
        key: &'static str,
        /// What it must be.
        domain: &'static str,
        /// What was given.
        found: f64,
    },
    /// The viscosity law cannot be used.
    #[error("bloodflow viscosity: {0}")]
    Law(#[from] ViscosityError),
}
