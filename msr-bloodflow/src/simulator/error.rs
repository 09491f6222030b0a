//! Why blood flow cannot be simulated.

use crate::boundary::BoundaryError;
use crate::entry::EntryError;
use crate::flow::FlowError;
use crate::flow_order::CirculatingFlow;
use crate::ornstein_uhlenbeck::CalibrationError;
use crate::phase_separation::PhaseSeparationError;
use crate::settings::SettingsError;
use crate::viscosity::ViscosityError;

/// Why blood flow cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum BloodflowError {
    /// The settings are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// There are no boundary flows.
    #[error(transparent)]
    Boundary(#[from] BoundaryError),
    /// The viscosity law does not hold for a vessel.
    #[error(transparent)]
    Viscosity(#[from] ViscosityError),
    /// The flow cannot be computed.
    #[error(transparent)]
    Flow(#[from] FlowError),
    /// Flow and haematocrit cannot be found together.
    #[error(transparent)]
    PhaseSeparation(#[from] PhaseSeparationError),
    /// The flow is not one that pressures drive.
    #[error(transparent)]
    Circulating(#[from] CirculatingFlow),
    /// The dilation of vessels cannot be calibrated.
    #[error("bloodflow.vasodilation: {0}")]
    Vasodilation(#[from] CalibrationError),
    /// No time step.
    #[error("bloodflow.ndts must be at least 1")]
    ZeroStep,
}
