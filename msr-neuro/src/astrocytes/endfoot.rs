//! From an astrocyte's calcium to the radius of the vessel under its endfoot.
//!
//! 1. Calcium above a threshold makes epoxyeicosatrienoic acids (EETs): Farr & David 2011 (J. Theor. Biol. 286:13), as in
//!    Dormanns et al. 2015 (J. Theor. Biol. 364:49).
//! 2. EETs open potassium channels of the smooth muscle, which hyperpolarises. **Minimal**: by a fixed voltage per
//!    concentration at once, see [`HYPERPOLARISATION_MV_PER_UM`].
//! 3. Calcium enters the muscle through L-type channels and follows their current: Bennett, Farnell & Gibson 2008
//!    (J. Theor. Biol. 250:172).
//! 4. Calcium phosphorylates myosin, which attaches to actin: the four states of Hai & Murphy 1988 (Am. J. Physiol.
//!    254:C99) with the rates of Dormanns et al. 2015.
//! 5. The wall is elastic and viscous (Kelvin-Voigt) under the pressure of the blood; attached bridges make it stiffer and
//!    narrower: Koenigsberger et al. 2006 (Biophys. J. 91:3858), Dormanns et al. 2015.
//!
//! The wall has no size of its own: its radius is in units of the passive radius, and a vessel has the radius of the
//! circuit's file at rest.

use serde::{Deserialize, Serialize};

use super::runge_kutta;

/// State of the muscle under one endfoot. Its myosin is free, free and phosphorylated, attached and phosphorylated, or
/// attached; the first is what is left of 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Endfoot {
    /// EETs (uM); myosin phosphorylated, attached and phosphorylated, attached; radius over passive radius.
    state: [f64; 5],
}

/// Calcium above which EETs are made, in uM.
const EET_THRESHOLD_UM: f64 = 0.1;
/// EETs made for each uM of calcium above the threshold.
const EET_PRODUCTION_PER_S: f64 = 72.0;
/// Decay of EETs.
const EET_DECAY_PER_S: f64 = 7.2;

/// Voltage of the muscle at rest, in mV (Bennett et al. 2008).
const REST_MV: f64 = -30.0;
/// Voltage by which 1 uM of EETs hyperpolarises the muscle. No paper gives it: it is such that 60 s of sustained synaptic
/// activity (30 % of all vesicles 10 times a second) widen a vessel by 15 %, as activity of 60 s does an arteriole (Farr &
/// David 2011).
pub const HYPERPOLARISATION_MV_PER_UM: f64 = 0.775;

/// L-type channels: voltage at which half are open, and steepness, in mV.
const L_TYPE_HALF_MV: f64 = 6.2;
const L_TYPE_STEEPNESS_MV: f64 = 9.5;
/// Their current: reversal (mV) and rectification (1/mV).
const L_TYPE_REVERSAL_MV: f64 = 1.44;
const L_TYPE_RECTIFICATION_PER_MV: f64 = 0.075;
/// Calcium of the muscle without current, and at rest, in uM.
const MUSCLE_LEAST_CALCIUM_UM: f64 = 0.05;
const MUSCLE_REST_CALCIUM_UM: f64 = 0.3;

/// Phosphorylation of free and of attached myosin (K1 and K6), for each uM^3 of calcium.
const PHOSPHORYLATION_PER_UM3_S: f64 = 17.0;
/// Dephosphorylation of free and of attached myosin (K2 and K5).
const DEPHOSPHORYLATION_PER_S: f64 = 0.5;
/// Attachment of phosphorylated myosin (K3), its detachment (K4), detachment of the other (K7).
const ATTACHMENT_PER_S: f64 = 0.4;
const DETACHMENT_PER_S: f64 = 0.1;
const LATCH_DETACHMENT_PER_S: f64 = 0.1;

/// Pressure across the wall, in Pa.
const PRESSURE_PA: f64 = 4000.0;
/// Thickness of the wall over the radius.
const THICKNESS_RATIO: f64 = 0.1;
/// Young's modulus of the relaxed and of the fully contracted wall, in Pa.
const PASSIVE_MODULUS_PA: f64 = 66e3;
const ACTIVE_MODULUS_PA: f64 = 233e3;
/// Radius without stress of the fully contracted wall over that of the relaxed wall.
const CONTRACTED_RATIO: f64 = 0.6;
/// Viscosity of the wall.
const WALL_VISCOSITY_PA_S: f64 = 1e4;

impl Endfoot {
    /// The steady state under an astrocyte with this calcium.
    pub fn rest(calcium_um: f64) -> Self {
        let eet_um = EET_PRODUCTION_PER_S * (calcium_um - EET_THRESHOLD_UM).max(0.0) / EET_DECAY_PER_S;
        let phosphorylation = phosphorylation_per_s(eet_um);
        let phosphorylated = phosphorylation / (phosphorylation + DEPHOSPHORYLATION_PER_S);
        let latch = DEPHOSPHORYLATION_PER_S / (phosphorylation + LATCH_DETACHMENT_PER_S);
        let attached = ATTACHMENT_PER_S * phosphorylated
            / (ATTACHMENT_PER_S + DETACHMENT_PER_S + DEPHOSPHORYLATION_PER_S - latch * phosphorylation);
        let latched = latch * attached;
        let radius = equilibrium_radius(attached + latched);
        Self { state: [eet_um, phosphorylated - attached, attached, latched, radius] }
    }

    /// EETs, in uM.
    pub fn eet_um(&self) -> f64 {
        self.state[0]
    }

    /// Part of the myosin that is attached to actin.
    pub fn attached(&self) -> f64 {
        self.state[2] + self.state[3]
    }

    /// Radius of the vessel over its radius without pressure and muscle.
    pub fn radius(&self) -> f64 {
        self.state[4]
    }

    /// Advances by `dt_s`, at most a few ms, under an astrocyte with this calcium.
    pub fn advance(&mut self, calcium_um: f64, dt_s: f64) {
        let production = EET_PRODUCTION_PER_S * (calcium_um - EET_THRESHOLD_UM).max(0.0);
        self.state = runge_kutta::step(self.state, dt_s, |_, &[eet_um, phosphorylated, attached, latched, radius]| {
            let phosphorylation = phosphorylation_per_s(eet_um);
            let free = 1.0 - phosphorylated - attached - latched;
            [
                production - EET_DECAY_PER_S * eet_um,
                phosphorylation * free + DETACHMENT_PER_S * attached
                    - (DEPHOSPHORYLATION_PER_S + ATTACHMENT_PER_S) * phosphorylated,
                ATTACHMENT_PER_S * phosphorylated + phosphorylation * latched
                    - (DETACHMENT_PER_S + DEPHOSPHORYLATION_PER_S) * attached,
                DEPHOSPHORYLATION_PER_S * attached - (LATCH_DETACHMENT_PER_S + phosphorylation) * latched,
                wall_slope(attached + latched, radius),
            ]
        });
    }
}

/// Rate at which myosin is phosphorylated.
fn phosphorylation_per_s(eet_um: f64) -> f64 {
    PHOSPHORYLATION_PER_UM3_S * muscle_calcium_um(REST_MV - HYPERPOLARISATION_MV_PER_UM * eet_um).powi(3)
}

fn muscle_calcium_um(voltage_mv: f64) -> f64 {
    let relative = l_type_current(voltage_mv) / l_type_current(REST_MV);
    MUSCLE_LEAST_CALCIUM_UM + (MUSCLE_REST_CALCIUM_UM - MUSCLE_LEAST_CALCIUM_UM) * relative
}

/// Current of one channel times its open probability, in units of the conductance.
fn l_type_current(voltage_mv: f64) -> f64 {
    let open = 1.0 / (1.0 + ((L_TYPE_HALF_MV - voltage_mv) / L_TYPE_STEEPNESS_MV).exp());
    let driving_mv = voltage_mv - L_TYPE_REVERSAL_MV;
    open * driving_mv / (1.0 - (L_TYPE_RECTIFICATION_PER_MV * driving_mv).exp())
}

/// Modulus (Pa) and radius without stress of a wall with this part of its bridges attached.
fn elasticity(attached: f64) -> (f64, f64) {
    let modulus_pa = PASSIVE_MODULUS_PA + attached * (ACTIVE_MODULUS_PA - PASSIVE_MODULUS_PA);
    (modulus_pa, 1.0 + attached * (CONTRACTED_RATIO - 1.0))
}

/// Change of the radius in 1/s: Laplace's law against the stress of the stretched wall.
fn wall_slope(attached: f64, radius: f64) -> f64 {
    let (modulus_pa, unstressed) = elasticity(attached);
    (PRESSURE_PA / THICKNESS_RATIO - modulus_pa * (radius - unstressed) / unstressed) / WALL_VISCOSITY_PA_S
}

/// Where pressure and stress are equal.
fn equilibrium_radius(attached: f64) -> f64 {
    let (modulus_pa, unstressed) = elasticity(attached);
    unstressed * (1.0 + PRESSURE_PA / (THICKNESS_RATIO * modulus_pa))
}
